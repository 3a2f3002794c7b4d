from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "throughway.identity"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.core.personal_data import Gone, forgets
        from throughway.gate.linkage_recall import Recall, register_recall
        from throughway.intake.models import LANDED, TAKEN_BACK, Upload
        from throughway.partners import Actor

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.identity.actions.person_history import forget

            return forget(gone)

        def recall() -> Recall | None:
            from throughway.identity.review.selectors import recall

            return recall()

        def link_what_landed(sender: Upload, **_: object) -> None:
            from throughway.identity.actions.asked_linkage import begin_after_load

            begin_after_load(sender.by)

        def link_without_it(sender: str, by: Actor, **_: object) -> None:
            from throughway.identity.actions.asked_linkage import begin_after_undo

            begin_after_undo(by)

        TAKEN_BACK.connect(link_without_it, weak=False)
        LANDED.connect(link_what_landed, weak=False)
        register_recall(recall)
        forgets("identity", forget)  # the history of persons names records by number
