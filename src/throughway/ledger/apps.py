from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "throughway.ledger"
    # The app label of communities created before the ledger had its own package: tables and migrations use it.
    label = "gate"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from throughway.ledger.triggers import after_migrate

        post_migrate.connect(after_migrate, sender=self, weak=False)
        post_migrate.connect(_seal_what_came_before_macs, sender=self, weak=False)


def _seal_what_came_before_macs(**_: Any) -> None:
    from throughway.ledger.sealing import seal_what_came_before_macs

    seal_what_came_before_macs()
