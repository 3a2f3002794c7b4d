"""Writes events about families' rights, and the names of adults who sign or ask; every other action of the room uses these."""

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
from throughway.consent.selectors.rights import SIGNERS, signers
from throughway.core.person_names import comparable_name
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.store import process_locks, schemas
from throughway.store.actions.landing import NewFile, land
from throughway.store.selectors import current_community

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that can be mistaken for another when read aloud
LENGTH = 8
PATIENCE = 60.0


def turn() -> AbstractContextManager[object]:
    """Serializes writers, so that the newest event identifies all events before it."""
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
    record number; `words`: what people wrote, stored apart and destroyed with the student's records."""
    try:
        with transaction.atomic():
            event = RightEvent.objects.create(
                code=code, about=about.value, step=step, partner=partner, record=student, other=other,
                day=day or date.today(), facts=dict(facts or {}), at=datetime.now(UTC), by=by.email, role=by.role,
            )  # fmt: skip
            texts = {name: text.strip() for name, text in (words or {}).items() if text.strip()}
            if texts:
                RightWords.objects.create(event=event, words=texts)
    except IntegrityError:
        raise Refused(
            "This step was already recorded a moment ago; open the request again to see its current state.",
            code="recorded_already",
        ) from None


def person_of_record(*, partner: str, record: int, name: str, by: Actor) -> int:
    """The number, within the record, of an adult who signs or asks; the same name, however it is typed (`comparable_name`), is the same
    person. A new name is
    stored in the vault, covered by every agreement under which the partner's records are here. Refused where there is none. Not
    to be called inside a transaction.
    """
    plain = " ".join(name.split())
    if not plain:
        raise Refused("Give the name of the adult; it is kept sealed.", code="incomplete")
    with turn():
        known = {h: n for (r, h), n in signers(partner).items() if r == record}
        for number, written in known.items():
            if comparable_name(written) == comparable_name(plain):
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
                f"No agreement covers records of {partner} on this platform, so it holds nothing about its students; answer from your own files.",
                code="nothing_held",
            )
        table = pa.table(
            {"record": [record], "holder": [number], "signer": [plain]}, schema=schemas.schema(SIGNERS)
        )
        file = NewFile(table=SIGNERS, partner=partner, school_year=0, arrow=table, agreements=covering)
        land(batch="consent", files=[file], by=by)
    return number
