"""Where a row that a reader types about a student belongs, and whether the reader may type it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.agreements.confidential_partners import why_confidential
from throughway.agreements.enums import AuthorCapacity
from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.gate.actions.current_row_scope import allowed, records_among
from throughway.gate.actions.student_record import not_reached
from throughway.gate.decision import NO_REDISCLOSURE, PRIOR_CONSENT, Decision
from throughway.gate.row_scope import RowScope
from throughway.partners.actor import Actor
from throughway.partners.selectors import partners
from throughway.store.links import Links
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import table_words


@dataclass(frozen=True)
class RowPlace:
    """Where a typed row belongs: the record number that it is about, the partner whose record that is, the agreement that houses
    the row, and the author's partner and capacity."""

    agreement: str
    partner: str
    record: int
    author_partner: str
    capacity: AuthorCapacity


@dataclass(frozen=True, eq=False)
class AdmittedRow:
    """`used`: the grant under which it is typed, then those that show the student to the author; `students`: the record numbers that
    these depend on."""

    place: RowPlace
    used: Sequence[Grant]
    students: NDArray[np.int64]


def admitted_row(
    stored: Snapshot,
    decision: Decision,
    actor: Actor,
    table: str,
    person: int,
    links: Links,
    people: RowScope,
) -> AdmittedRow:
    """Refused (confidential_service, not_granted, unknown_student, no_record) where the actor may not type a row of the table about
    the student, named by the id that queries show. Whoever may not open the student now may not type about the student either."""
    partner = actor.partner or ""
    _check_not_confidential(partner)
    typing = sorted(
        (g for g in decision.grants if g.table == table and _begins(g, partner)),
        key=lambda g: (g.agreement, g.entry),
    )
    if not typing:
        raise Refused(
            f"No agreement lets {partner} type {table_words(table)} for this purpose; ask your privacy officer which"
            " agreement should.",
            code="not_granted",
            citations=[PRIOR_CONSENT],
        )
    numbers = [int(n) for n in links.records_of((person,))]
    opened = [
        (grant, shown)
        for grant in decision.grants
        if TABLES[grant.table].of_person and not TABLES[grant.table].typed
        if len(shown := _shown(stored, decision, grant, person, numbers, people))
    ]
    if not opened:
        raise not_reached()
    for grant in typing:
        own = _own(stored, decision, grant.discloser, person, numbers)
        among = allowed(people, [grant], np.array(own, dtype=np.int64))
        if len(among):
            place = RowPlace(
                grant.agreement,
                grant.discloser,
                int(among[0]),
                partner,
                grant.capacity or AuthorCapacity.OWN_PROGRAM,
            )
            every = [among[:1], *(shown for _, shown in opened)]
            return AdmittedRow(place, [grant, *(g for g, _ in opened)], np.unique(np.concatenate(every)))
    raise Refused(
        f"{typing[0].discloser} keeps no record of this student, and a row belongs to a record; ask your data steward to load the"
        " student’s enrollment.",
        code="no_record",
    )


def may_type(decision: Decision, actor: Actor, table: str) -> bool:
    """Whether some agreement lets the actor type rows of the table, and no law forbids it to the actor's partner."""
    partner = actor.partner or ""
    return (
        any(g.table == table and _begins(g, partner) for g in decision.grants)
        and why_confidential(partners()[partner].legal) is None
    )


def _begins(grant: Grant, partner: str) -> bool:
    """Whether the partner's people may type a new entry; a receiver only answers (`sending`)."""
    return partner in grant.authors and grant.capacity is not AuthorCapacity.RECEIVER


def _check_not_confidential(partner: str) -> None:
    """The register may have changed since the agreement was reviewed."""
    why = why_confidential(partners()[partner].legal) if partner else None
    if why is not None:
        raise Refused(
            f"{partner} {why[0]}, so its people type nothing about a client here: that a person is its client is itself protected."
            " Answer a referral under the client’s own authorization.",
            code="confidential_service",
            citations=[why[1]],
        )
    if not partner:
        raise Refused(
            "The operator of the folder types nothing about a student; sign in.",
            code="not_granted",
            citations=[NO_REDISCLOSURE],
        )


def _shown(
    stored: Snapshot, decision: Decision, grant: Grant, person: int, numbers: Sequence[int], people: RowScope
) -> NDArray[np.int64]:
    """The student's records of which the grant may show a row under that id."""
    named = _named(decision, grant.discloser, person, numbers)
    return allowed(people, [grant], records_among(stored, grant.table, grant.discloser, named))


def _named(decision: Decision, discloser: str, person: int, numbers: Sequence[int]) -> list[int]:
    """The records that the purpose shows under that id: those that it may link, otherwise the record of that number."""
    return [n for n in numbers if n == person or discloser in decision.linked]


def _own(
    stored: Snapshot, decision: Decision, partner: str, person: int, numbers: Sequence[int]
) -> list[int]:
    """Those that are the partner's own, in order: a record is known by any of the tables that the purpose shows of the partner."""
    tables = {"person", *(g.table for g in decision.grants if g.discloser == partner)}
    named = _named(decision, partner, person, numbers)
    held = {
        int(n)
        for table in tables
        if TABLES[table].of_person and not TABLES[table].typed
        for n in records_among(stored, table, partner, named)
    }
    return sorted(held)
