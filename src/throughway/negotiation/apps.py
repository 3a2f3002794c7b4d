from django.apps import AppConfig
from django.db.models.signals import post_migrate


class NegotiationConfig(AppConfig):
    name = "throughway.negotiation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.agreements.apps import checks_before_agree
        from throughway.negotiation.triggers import NEGOTIATION

        post_migrate.connect(NEGOTIATION.after_migrate, sender=self, weak=False)

        def holds(id: str) -> str | None:
            # Imported here, because most commands do not need it.
            from throughway.negotiation.selectors import holds_agreeing

            return holds_agreeing(id)

        checks_before_agree.append(holds)
