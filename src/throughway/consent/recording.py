"""Writes what happened about families' rights, for the rooms above that decide whether it may; and keeps adults' names sealed."""

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, transaction

from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.consent.models import ConsentEvent, RightEvent, RightWords
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.names import SIGNERS, same, signers
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.store import process_locks, schemas
from throughway.store.actions import NewFile, land
from throughway.store.selectors import current_community

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
LENGTH = 8
PATIENCE = 60.0
FORGOTTEN_AT_ONCE = 500  # databases bound the parameters of a statement


def turn() -> AbstractContextManager[object]:
    """One writer after another, so that the last event tells readers of all that came before it."""
    return process_locks.alone(
        current_community().data / "consent.turn",
        patience=PATIENCE,
        busy="Consents are being recorded; try again in a minute.",
    )


def new_code() -> str:
    """A random code of eight letters and digits that people can read aloud."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def record(
    *,
    about: RightsSubject,
    step: str,
    partner: str,
    by: Actor,
    code: str,
    student: int | None = None,
    other: str = "",
    day: date | None = None,
    facts: Mapping[str, Any] | None = None,
    words: Mapping[str, str] | None = None,
) -> None:
    """Writes one event, within the caller's transaction where there is one; refused where it was written already. `student`: a
    record number; `words`: what people wrote, kept apart, since it goes when the student's records are destroyed."""
    try:
        with transaction.atomic():
            event = RightEvent.objects.create(
                code=code, about=about.value, step=step, partner=partner, record=student, other=other,
                day=day or date.today(), facts=dict(facts or {}), at=datetime.now(UTC), by=by.email, role=by.role,
            )  # fmt: skip
            said = {name: text.strip() for name, text in (words or {}).items() if text.strip()}
            if said:
                RightWords.objects.create(event=event, words=said)
    except IntegrityError:
        raise Refused(
            "This step was recorded already, a moment ago; look at the request as it stands now.",
            code="recorded_already",
        ) from None


def person_of_record(*, partner: str, record: int, name: str, by: Actor) -> int:
    """The number, among those of the record, of one who signs or asks: the same name, whatever its case, is the same person.

    A new name rests in the vault, covered by every agreement under which the partner's records are here, and goes with them.
    Refused where there is none. Not to be called inside a transaction.
    """
    said = " ".join(name.split())
    if not said:
        raise Refused("Give the name of who it is about or who asks; it is kept sealed.", code="incomplete")
    with turn():
        known = {h: n for (r, h), n in signers(partner).items() if r == record}
        for number, written in known.items():
            if same(written) == same(said):
                return number
        used = ConsentEvent.objects.filter(partner=partner, record=record).order_by("-holder").first()
        number = max([0, *known, used.holder if used else 0]) + 1
        covering = tuple(
            s.document.id
            for s in agreement_statuses(date.today())
            if s.state not in OVER and partner in s.document.parties_with(PartyRole.DISCLOSER)
        )
        if not covering:
            raise Refused(
                f"No agreement holds records of {partner} here, so nothing is kept of its students; answer from your own files.",
                code="nothing_held",
            )
        table = pa.table(
            {"record": [record], "holder": [number], "signer": [said]}, schema=schemas.schema(SIGNERS)
        )
        file = NewFile(table=SIGNERS, partner=partner, school_year=0, arrow=table, agreements=covering)
        land(batch="consent", files=[file], by=by)
    return number


def forget_words(gone: Gone) -> int:
    """Removes what people wrote about learners who are gone; that it happened stays, under numbers that lead to nobody."""
    count = 0
    for partner, numbers in gone.records.items():
        records = sorted(numbers)
        for at in range(0, len(records), FORGOTTEN_AT_ONCE):
            some = records[at : at + FORGOTTEN_AT_ONCE]
            count += RightWords.objects.filter(event__partner=partner, event__record__in=some).delete()[0]
    return count
