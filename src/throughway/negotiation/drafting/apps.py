from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DraftingConfig(AppConfig):
    name = "throughway.negotiation.drafting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.negotiation.drafting.triggers import DRAFTS

        post_migrate.connect(DRAFTS.after_migrate, sender=self, weak=False)
