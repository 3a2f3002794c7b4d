from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "throughway.identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.forgetting import Gone, forgets

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.identity.actions import forget

            return forget(gone)

        forgets("identity", forget)  # which records were merged, split or left, by number
