from collections.abc import Callable

from django.apps import AppConfig
from django.db.models.signals import post_migrate

# Other rooms' checks before a text counts as settled: each gets the agreement's id and returns the sentence that says why it
# must wait, or None.
checks_before_agree: list[Callable[[str], str | None]] = []


class AgreementsConfig(AppConfig):
    name = "throughway.agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.agreements.triggers import AGREEMENTS

        post_migrate.connect(AGREEMENTS.after_migrate, sender=self, weak=False)
