"""Every write to the registry of releases."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.disclosure.models import Release
from throughway.disclosure.tables import ProtectedTable
from throughway.gate.recording import Entry, append
from throughway.partners import Actor

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
LENGTH = 8
# Protected figures tell of no student, so the entry names none; the entries of what was read name them all.
WITHOUT_PERSONS = "34 CFR 99.31(b)(1), no personally identifiable information"


@transaction.atomic
def publish(
    *,
    title: str,
    tables: Sequence[ProtectedTable],
    purpose: str,
    on: date,
    agreements: Sequence[tuple[str, str]],
    minimum_cell: int,
    disclosures: Sequence[str],
    by: Actor,
    about: Mapping[str, object] | None = None,
) -> str:
    """Registers protected tables as one release and returns its id, such as "7F3KQ2MD".

    Takes nothing but ProtectedTables (TypeError): what is not protected cannot be registered. `agreements` are ids with
    versions, `disclosures` the ledger's entries for what was read; the ledger gets one more, for the publication. `about`: what
    is needed to draw the figures and is none itself.
    """
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be published")
    release = Release.objects.create(
        id="".join(secrets.choice(LETTERS) for _ in range(LENGTH)),
        title=title,
        at=datetime.now(UTC),
        by=by.email,
        partner=by.partner or "",
        purpose=purpose,
        on_day=on,
        agreements=[list(agreement) for agreement in agreements],
        minimum_cell=minimum_cell,
        disclosures=list(disclosures),
        tables=[table.to_json() for table in tables],
        about=dict(about or {}),
    )
    append(
        Entry(
            outcome="published",
            actor=by,
            purpose=purpose,
            on=on,
            agreements=tuple(agreements),
            rows=sum(len(table.cells) for table in tables),
            exempt=WITHOUT_PERSONS,
            reasons=(f"Release {release.id}, from the figures of entries {', '.join(disclosures)}.",),
        )
    )
    return release.id
