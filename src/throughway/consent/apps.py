from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "throughway.consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.forgetting import Gone, holds

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.consent.actions import forget

            return forget(gone)

        holds("consent", "what families decided, by record number", forget)
