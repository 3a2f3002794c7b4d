"""Why a reader may open a student: agreements, role, reach, assignment, consents and training; and which consents a family has given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from throughway.agreements.enums import ANY, Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.row_filter import CONSENTED
from throughway.consent.selectors.decisions import consents, in_force, last_day
from throughway.partners.actor import Actor
from throughway.partners.selectors import assigned_to
from throughway.store.actions.links import links_of
from throughway.training.selectors import of

if TYPE_CHECKING:
    from throughway.gate.actions.governed_access import GovernedAccess


@dataclass(frozen=True)
class AccessBasis:
    """`agreements` by id; `role` of the reader; `reaches` as the agreements write them; `assigned_since`: the first day of
    the assignment; `consent`: ids of the consents in force; `consent_until`: the first day on which one of the rights that
    depend on consent ends for want of a consent, None where no consent is asked for or it has no end; `training`: each course
    that is asked for, with its last day."""

    agreements: tuple[str, ...]
    role: str
    reaches: tuple[Reach, ...]
    assigned_since: date | None
    consent: tuple[str, ...]
    consent_until: date | None
    training: tuple[tuple[str, date], ...]


def access_basis(
    held: Sequence[tuple[Grant, Sequence[int]]], numbers: Collection[int], actor: Actor, on: date
) -> AccessBasis:
    """`held`: the grants that show something of the student, each with the record numbers that it shows. `numbers`: all of the
    student's record numbers."""
    grants = [grant for grant, _ in held]
    reaches = tuple(sorted({grant.reach for grant in grants}))
    given, until = _consents(held, numbers, on)
    asked = {course for grant in grants for course in grant.training}
    last = {c.course: c.until for c in of(actor.email) if c.valid(on)}
    return AccessBasis(
        agreements=tuple(sorted({grant.agreement for grant in grants})),
        role=actor.role,
        reaches=reaches,
        assigned_since=_assigned_since(actor, numbers, on) if Reach.CASELOAD in reaches else None,
        consent=given,
        consent_until=until,
        training=tuple(sorted((course, day) for course, day in last.items() if course in asked)),
    )


def _assigned_since(actor: Actor, numbers: Collection[int], on: date) -> date | None:
    days = [a.first for a in assigned_to(actor.email) if a.on(on) and a.record in numbers]
    return min(days, default=None)


def _consents(
    held: Sequence[tuple[Grant, Sequence[int]]], numbers: Collection[int], on: date
) -> tuple[tuple[str, ...], date | None]:
    """The consents that the student's rows depend on, and the first day on which one of the rights would be without a consent."""
    known = consents(records=numbers, disclosers={grant.discloser for grant, _ in held})
    standing = in_force(known, on)
    given = [consent for consent in known if consent.id in standing]
    used: dict[tuple[str, str, str], set[tuple[str, date]]] = {}
    for grant, records in held:
        for choice in (each for each in grant.choices if each.basis is Basis.CONSENT):
            purposes = (ANY, choice.purpose)
            for c in given:
                of_grant = (c.agreement, c.partner) == (
                    choice.agreement,
                    grant.discloser,
                ) and c.record in records
                if of_grant and (choice.purpose == ANY or c.purpose in purposes):
                    right = choice.agreement, choice.purpose, c.partner
                    used.setdefault(right, set()).add((c.id, last_day(c)))
    until = min((max(day for _, day in of_one) for of_one in used.values()), default=date.max)
    ids = sorted({id for of_one in used.values() for id, _ in of_one})
    return tuple(ids), None if until == date.max else until


@dataclass(frozen=True)
class FamilyConsents:
    """One student's person id and record numbers; the choices that the purpose requires (`asked`), and those of them with a consent
    in force (`consented`), each with the discloser whose records it opens."""

    person: int
    records: tuple[int, ...]
    consented: frozenset[tuple[RequiredFamilyChoice, str]]
    asked: frozenset[tuple[RequiredFamilyChoice, str]]


def families(access: "GovernedAccess", ids: Sequence[int]) -> dict[int, FamilyConsents]:
    """The family of each of these students, named by a record number or a person's id."""
    asked = frozenset(
        (choice, grant.discloser)
        for grant in access.grants
        for choice in grant.choices
        if choice.basis is Basis.CONSENT
    )
    with access.one_state() as stored:
        links, people = links_of(stored), access.people(stored)
        open_to = {each: people.records(CONSENTED, each[0].of(each[1])) for each in asked}
        persons = links.persons_of(np.array(ids, dtype=np.int64))
        found = {}
        for id, person in zip(ids, persons.tolist(), strict=True):
            records = links.records_of((person,))
            given = frozenset(each for each, numbers in open_to.items() if np.isin(records, numbers).any())
            found[id] = FamilyConsents(int(person), tuple(int(r) for r in records), given, asked)
    return found
