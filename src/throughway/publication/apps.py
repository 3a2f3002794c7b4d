from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PublicationConfig(AppConfig):
    name = "throughway.publication"
    # The app label of communities created before the package was renamed: tables and migrations use it.
    label = "disclosure"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.core.personal_data import Gone, forgets
        from throughway.publication.triggers import RELEASES

        def forget(gone: Gone) -> dict[str, int]:
            from throughway.publication.actions import forget_members

            return forget_members(gone)

        forgets("publication", forget)
        post_migrate.connect(RELEASES.after_migrate, sender=self, weak=False)
