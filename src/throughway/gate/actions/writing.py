"""Where a row that a reader types about a student belongs, and whether the reader may type it."""

from collections.abc import Mapping, Sequence
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
from throughway.store.record_numbers import distinct
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import table_words

NO_RECORD = 0  # the number of no record


@dataclass(frozen=True)
class RowPlace:
    """Where a typed row belongs: the record number that it is about (NO_RECORD in a table about nobody whose record is known), the
    partner whose record that is, the agreement that houses the row, and the author's partner and capacity."""

    agreement: str
    partner: str
    record: int
    author_partner: str
    capacity: AuthorCapacity


@dataclass(frozen=True)
class SeveralWritten:
    """The id of the ledger entry, and about how many students nothing was written because the writer may not type about them."""

    entry: str
    refused: int


@dataclass(frozen=True, eq=False)
class AdmittedRow:
    """`used`: the grant under which it is typed, then those that show the student to the author; `students`: the record numbers that
    these depend on."""

    place: RowPlace
    used: Sequence[Grant]
    students: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class AdmittedRows:
    """`places`: by the id that queries show, where the row about each student belongs. `used`: the grants under which the rows are
    typed and those that show the students to the author; `students`: the record numbers that these depend on. `typed_under`: the first
    of these two. `refused`: why nothing may be typed about some of the students, and about how many."""

    places: Mapping[int, RowPlace]
    typed_under: Sequence[Grant]
    used: Sequence[Grant]
    students: NDArray[np.int64]
    refused: Mapping[str, tuple[Refused, int]]


def admitted_rows(
    stored: Snapshot,
    decision: Decision,
    actor: Actor,
    table: str,
    persons: Sequence[int],
    links: Links,
    people: RowScope,
) -> AdmittedRows:
    """About which of these students, named by the ids that queries show, the actor may type a row of the table. Whoever may not open
    a student now may not type about the student either.

    Refused (confidential_service, not_granted) where the actor may type about nobody, and (unknown_student, no_record) where that is
    so of each of them.
    """
    typing = _typing(decision, actor, table)
    numbers = {person: [int(n) for n in links.records_of((person,))] for person in persons}
    every = np.array(sorted({n for of in numbers.values() for n in of}), dtype=np.int64).tolist()
    opening: list[tuple[Grant, frozenset[int]]] = []
    for grant in decision.grants:
        if TABLES[grant.table].of_person and not TABLES[grant.table].typed:
            held = records_among(stored, grant.table, grant.discloser, every)
            opening.append((grant, frozenset(allowed(people, [grant], held).tolist())))
    typeable = [
        (grant, frozenset(allowed(people, [grant], _own(stored, decision, grant.discloser, every)).tolist()))
        for grant in typing
    ]
    places: dict[int, RowPlace] = {}
    used: dict[int, Grant] = {}
    under: dict[int, Grant] = {}
    students: set[int] = set()
    refused: dict[str, tuple[Refused, int]] = {}
    for person, of_person in numbers.items():
        opened = [
            (grant, shown & set(_named(decision, grant.discloser, person, of_person)))
            for grant, shown in opening
        ]
        opened = [(grant, shown) for grant, shown in opened if shown]
        owned = [
            (grant, sorted(shown & set(_named(decision, grant.discloser, person, of_person))))
            for grant, shown in typeable
        ]
        grant, own = next(((g, shown) for g, shown in owned if shown), (typing[0], []))
        if not opened or not own:
            why = no_record(typing[0].discloser) if opened else not_reached()
            refused[why.code] = (why, refused.get(why.code, (why, 0))[1] + 1)
            continue
        places[person] = _place(grant, own[0], actor)
        under[id(grant)] = grant
        used |= {id(g): g for g in (grant, *(g for g, _ in opened))}
        students.update((own[0], *(n for _, shown in opened for n in shown)))
    if not places and refused:
        raise next(iter(refused.values()))[0]
    return AdmittedRows(
        places,
        tuple(under.values()),
        tuple(used.values()),
        np.array(sorted(students), dtype=np.int64),
        refused,
    )


def admitted_row(
    stored: Snapshot,
    decision: Decision,
    actor: Actor,
    table: str,
    person: int,
    links: Links,
    people: RowScope,
) -> AdmittedRow:
    """The same for one student. Refused where nothing may be typed about the student."""
    rows = admitted_rows(stored, decision, actor, table, [person], links, people)
    return AdmittedRow(rows.places[person], rows.used, rows.students)


def admitted_of_nobody_known(decision: Decision, actor: Actor, table: str) -> tuple[RowPlace, Grant]:
    """Where a row of a table about nobody whose record is known belongs, and the grant under which it is typed. Refused
    (confidential_service, not_granted) where the actor may not type it."""
    assert TABLES[table].of_nobody_known
    grant = _typing(decision, actor, table)[0]
    return _place(grant, NO_RECORD, actor), grant


def _typing(decision: Decision, actor: Actor, table: str) -> list[Grant]:
    """The grants under which the actor may type rows of the table, of which there is one."""
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
    return typing


def _place(grant: Grant, record: int, actor: Actor) -> RowPlace:
    capacity = grant.capacity or AuthorCapacity.OWN_PROGRAM
    return RowPlace(grant.agreement, grant.discloser, record, actor.partner or "", capacity)


def no_record(partner: str) -> Refused:
    return Refused(
        f"{partner} keeps no record of this student, and a row belongs to a record; ask your data steward to load the"
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


def _named(decision: Decision, discloser: str, person: int, numbers: Sequence[int]) -> list[int]:
    """The records that the purpose shows under that id: those that it may link, otherwise the record of that number."""
    return [n for n in numbers if n == person or discloser in decision.linked]


def named_records(stored: Snapshot, decision: Decision, persons: Sequence[int], links: Links) -> list[int]:
    """The records that the purpose shows under these ids: the record of that number, and those that it may link to it. A record that
    it may not link would stand beside them under a number of its own, and so tell whose it is."""
    every = links.records_of(links.persons_of(np.array(sorted(persons), dtype=np.int64)).tolist()).tolist()
    linked = [
        records_among(stored, grant.table, grant.discloser, every)
        for grant in decision.grants
        if TABLES[grant.table].of_person
        and not TABLES[grant.table].typed
        and grant.discloser in decision.linked
    ]
    named = distinct(np.concatenate([np.array(sorted(persons), dtype=np.int64), *linked]))
    return [int(number) for number in named]


def _own(stored: Snapshot, decision: Decision, partner: str, numbers: Sequence[int]) -> NDArray[np.int64]:
    """Those that are the partner's own, in order: a record is known by any of the tables that the purpose shows of the partner."""
    tables = {"person", *(g.table for g in decision.grants if g.discloser == partner)}
    held = [
        records_among(stored, table, partner, numbers)
        for table in sorted(tables)
        if TABLES[table].of_person and not TABLES[table].typed
    ]
    return distinct(np.concatenate(held))
