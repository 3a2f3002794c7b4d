from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GateConfig(AppConfig):
    name = "throughway.gate"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.gate.triggers import after_migrate

        post_migrate.connect(after_migrate, sender=self, weak=False)
