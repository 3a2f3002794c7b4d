from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.apps import AppConfig

# Other packages' records of what a partner handed to another: each takes whose it is, who acts and a day, and names the agreement in effect
# by which, or is empty.
handed_over: list[Callable[[str, str, date], str]] = []
# Other packages' records of what a partner has signed: each takes the partner's id and says whether it has, ever and in whatever way.
signed_by: list[Callable[[str], bool]] = []


class PartnersConfig(AppConfig):
    name = "throughway.partners"

    def ready(self) -> None:
        from collections.abc import Mapping

        from django.db.models.signals import post_migrate

        from throughway.core.personal_data import Gone, forgets, uses_numbers
        from throughway.partners.triggers import after_migrate

        post_migrate.connect(after_migrate)  # of each room

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.partners.assigning import forget_assignments

            return forget_assignments(gone)

        forgets("partners", forget)  # assignments of students to those who work with them, by record number

        def used(partner: str) -> Sequence[Any]:
            from throughway.partners.selectors import records_assigned

            return [records_assigned(partner)]

        uses_numbers("partners", used)
