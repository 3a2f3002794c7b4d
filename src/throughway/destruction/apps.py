from django.apps import AppConfig


class DestructionConfig(AppConfig):
    name = "throughway.destruction"

    def ready(self) -> None:
        from throughway.core.personal_data import Subject, WaitingReason, makes_wait

        def reasons(subject: Subject) -> list[WaitingReason]:
            from throughway.destruction.actions.holds import reasons_to_wait

            return reasons_to_wait(subject)

        makes_wait("destruction", reasons)
