from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "throughway.site"
    label = "site"

    def ready(self) -> None:
        from throughway.site import event_log  # noqa: F401  listens to sign-ins
