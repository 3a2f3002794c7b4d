from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "throughway.governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.governance.triggers import GOVERNANCE

        post_migrate.connect(GOVERNANCE.after_migrate, sender=self, weak=False)
