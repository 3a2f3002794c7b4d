from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "throughway.intake"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.core.personal_data import Gone, forgets

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.intake.uploads.actions import forget

            return forget(gone)

        forgets("intake", forget)  # folders for incoming files and quarantine lists
