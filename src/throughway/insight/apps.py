from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "throughway.insight"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.core.personal_data import Gone, forgets

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.insight.comments.actions import forget_codings

            return forget_codings(gone)

        forgets("insight", forget)
