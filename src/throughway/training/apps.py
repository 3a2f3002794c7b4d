from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrainingConfig(AppConfig):
    name = "throughway.training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.training.triggers import TRAINING

        post_migrate.connect(TRAINING.after_migrate, sender=self, weak=False)
