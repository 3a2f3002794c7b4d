from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SupportsConfig(AppConfig):
    name = "throughway.supports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.supports.triggers import SUPPORTS

        post_migrate.connect(SUPPORTS.after_migrate, sender=self, weak=False)
