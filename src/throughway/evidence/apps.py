from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EvidenceConfig(AppConfig):
    name = "throughway.evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.evidence.triggers import STUDIES

        post_migrate.connect(STUDIES.after_migrate, sender=self, weak=False)
