from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "throughway.site"
    label = "site"

    def ready(self) -> None:
        from collections.abc import Sequence
        from datetime import date

        from throughway.intake.not_shown import NotShown, register_not_shown
        from throughway.site import event_log  # noqa: F401  listens to sign-ins

        def not_shown(partner: str, on: date) -> Sequence[NotShown]:
            from throughway.agreements.selectors import agreement_statuses
            from throughway.gate.actions.data_freshness import out_of_sight

            return out_of_sight(agreement_statuses(on), [partner], (), on)[0]

        register_not_shown(not_shown)
