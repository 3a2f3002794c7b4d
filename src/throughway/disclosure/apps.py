from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DisclosureConfig(AppConfig):
    name = "throughway.disclosure"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.disclosure.triggers import RELEASES

        post_migrate.connect(RELEASES.after_migrate, sender=self, weak=False)
