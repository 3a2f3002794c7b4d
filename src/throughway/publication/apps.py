from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PublicationConfig(AppConfig):
    name = "throughway.publication"
    label = "disclosure"  # of the tables and migrations of communities made before the room was renamed
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.publication.triggers import RELEASES

        post_migrate.connect(RELEASES.after_migrate, sender=self, weak=False)
