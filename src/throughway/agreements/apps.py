from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AgreementsConfig(AppConfig):
    name = "throughway.agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.agreements.triggers import AGREEMENTS

        post_migrate.connect(AGREEMENTS.after_migrate, sender=self, weak=False)
