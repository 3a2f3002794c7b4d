from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "throughway.ledger"
    # The app label of communities created before the ledger had its own package: tables and migrations use it.
    label = "gate"

    def ready(self) -> None:
        post_migrate.connect(_seal_what_came_before_macs, sender=self, weak=False)


def _seal_what_came_before_macs(**_: Any) -> None:
    from throughway.ledger.sealing import seal_what_came_before_macs

    seal_what_came_before_macs()
