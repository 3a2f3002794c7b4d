"""Every write to the registry of releases."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.disclosure.models import Release
from throughway.disclosure.tables import ProtectedTable
from throughway.partners import Actor

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
LENGTH = 8


@transaction.atomic
def publish(
    *,
    title: str,
    tables: Sequence[ProtectedTable],
    purpose: str,
    on: date,
    agreements: Sequence[str],
    minimum_cell: int,
    disclosures: Sequence[str],
    by: Actor,
) -> str:
    """Registers protected tables as one release and returns its id, such as "7F3KQ2MD".

    Takes nothing but ProtectedTables (TypeError): what is not protected cannot be registered.
    """
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be published")
    return Release.objects.create(
        id="".join(secrets.choice(LETTERS) for _ in range(LENGTH)),
        title=title,
        at=datetime.now(UTC),
        by=by.email,
        partner=by.partner or "",
        purpose=purpose,
        on_day=on,
        agreements=list(agreements),
        minimum_cell=minimum_cell,
        disclosures=list(disclosures),
        tables=[table.to_json() for table in tables],
    ).id
