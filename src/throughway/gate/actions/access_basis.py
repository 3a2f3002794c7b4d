"""Why a reader may open one student: agreements, role, reach, assignment, consents and training."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.enums import ANY, Basis, Reach
from throughway.agreements.grant import Grant
from throughway.consent.selectors import consents, in_force, last_day
from throughway.partners.actor import Actor
from throughway.partners.selectors import assigned_to
from throughway.training.selectors import of


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
    """`held`: the grants that show something of the student, each with the records that it shows; `numbers`: all records of
    the student."""
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
    """The consents that hold the grants open, and the day on which the first of the rights would lack one."""
    said = consents(records=numbers, disclosers={grant.discloser for grant, _ in held})
    standing = in_force(said, on)
    used: dict[tuple[str, str, str], list[tuple[str, date]]] = {}
    for grant, records in held:
        for choice in grant.choices:
            if choice.basis is not Basis.CONSENT:
                continue
            for c in said:
                about = (c.agreement, c.partner) == (
                    choice.agreement,
                    grant.discloser,
                ) and c.record in records
                if (
                    c.id in standing
                    and about
                    and (choice.purpose == ANY or c.purpose in (ANY, choice.purpose))
                ):
                    used.setdefault((choice.agreement, choice.purpose, c.partner), []).append(
                        (c.id, last_day(c))
                    )
    ends = [max(day for _, day in of_one) for of_one in used.values()]
    until = min(ends, default=date.max)
    ids = sorted({id for of_one in used.values() for id, _ in of_one})
    return tuple(ids), None if until == date.max else until
