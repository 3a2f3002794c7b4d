from django.apps import AppConfig


class ExtractsConfig(AppConfig):
    name = "throughway.extracts"

    def ready(self) -> None:
        from collections.abc import Sequence

        from throughway.core.personal_data import Copy, Subject, knows_copies

        def copies(subject: Subject) -> Sequence[Copy]:
            from throughway.extracts.selectors import copies

            return copies(subject)

        knows_copies("extracts", copies)
