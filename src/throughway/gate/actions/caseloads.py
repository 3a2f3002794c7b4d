"""Imports caseloads. The partner's record keys become record numbers, and only the numbers are stored."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.assigning import assign, end_assignments
from throughway.partners.caseload import Assigned, CaseloadRow, read_caseload
from throughway.partners.permissions import check_can_keep_of, check_can_keep_registers
from throughway.partners.selectors import check_keeps, known, own_kind, partners, users
from throughway.store.actions.record_keys import number_keys, record_numbers
from throughway.store.selectors import snapshot


@dataclass(frozen=True)
class AddedCaseload:
    """`new`: assignments written; `unchanged`: those that existed already; `not_loaded`: students without a record so far."""

    new: int
    unchanged: int
    not_loaded: int


def add_caseload(*, path: Path, by: Actor) -> AddedCaseload:
    """Adds the assignments of a CSV with the columns `email,partner,record_key,from,to`. If any line is wrong, nothing is added.

    A student may be assigned before the partner's file is loaded; the assignment takes effect when it is.
    """
    check_can_keep_registers(by)
    listed = read_caseload(path)
    _check_known(listed)
    for partner in {each.partner for each in listed}:
        check_keeps(by, partner)
    keys: dict[str, set[str]] = defaultdict(set)
    for each in listed:
        keys[each.partner].add(each.key)
    numbers = {partner: _numbers(partner, of_one, listed, by) for partner, of_one in keys.items()}
    assigned = [Assigned(e.email, e.partner, numbers[e.partner][e.key], e.first, e.last) for e in listed]
    new = assign(assigned=assigned, by=by)
    loaded = {partner: _loaded(partner) for partner in keys}
    absent = {a.record for a in assigned if a.record not in loaded[a.partner]}
    return AddedCaseload(new, len(assigned) - new, len(absent))


def assign_students(
    *, email: str, records: Collection[int], first: date, last: date | None = None, by: Actor
) -> int:
    """Assigns students of the caller's own partner, by their record numbers, to a user; returns how many assignments are new. Refused
    where one is no student of that partner, or the user is unknown."""
    partner = by.partner or ""
    check_can_keep_of(by, own_kind(by), partner)
    email = email.strip().lower()
    if email not in {user.email.lower() for user in users()}:
        raise Refused(
            "No open account has that e-mail address; check it, or add the person first.", code="unknown_user"
        )
    if last is not None and last < first:
        raise Refused("The last day is before the first; change one of them.", code="bad_day")
    if not set(records) <= set(record_numbers(partner).values()):
        raise Refused(
            "One of these is no student of your organization; find them again.", code="unknown_student"
        )
    return assign(assigned=[Assigned(email, partner, n, first, last) for n in sorted(records)], by=by)


def end_caseload(*, email: str, partner: str, record_key: str, last: date, by: Actor) -> list[Assigned]:
    """Ends one user's assignments to the student with this record key after the day `last`, and returns the resulting assignments.
    Refused where no assignment continues, or where the caller does not keep that partner's registers."""
    record = number_of(partner=partner, record_key=record_key, by=by)
    return end_assignments(email=email, record=record, last=last, by=by)


def number_of(*, partner: str, record_key: str, by: Actor) -> int:
    """The record number of a partner's record key, for those who keep that partner's registers. Refused where there is none."""
    known(partner)
    check_keeps(by, partner)
    number = record_numbers(partner).get(record_key.strip())
    if number is None:
        raise Refused(f"{partner} has no student of that number here; check the number.", code="unknown_key")
    return number


def _check_known(listed: Sequence[CaseloadRow]) -> None:
    emails, known = {user.email.lower() for user in users()}, partners()
    for each in listed:
        if each.email not in emails:
            raise each.line.wrong(
                "names a user who is not in the register; see `throughway user list`", code="unknown_user"
            )
        if each.partner not in known:
            raise each.line.wrong(
                "names a partner who is not in the register; see `throughway partner list`",
                code="unknown_partner",
            )


def _numbers(partner: str, keys: set[str], listed: Sequence[CaseloadRow], by: Actor) -> dict[str, int]:
    """Record numbers for all keys. New keys are stored in the vault under the agreements by which the partner gives records."""
    known = record_numbers(partner)
    if keys <= known.keys():
        return known
    givers = [
        s.document.id
        for s in agreement_statuses(date.today())
        if s.state not in OVER and partner in s.document.parties_with(PartyRole.DISCLOSER)
    ]
    if not givers:
        line = next(e.line for e in listed if e.partner == partner and e.key not in known)
        raise line.wrong(
            f"names a student of {partner} who is unknown here, and no agreement lets {partner}'s keys be kept; "
            "add the agreement first",
            code="no_agreement",
        )
    return number_keys(partner=partner, keys=keys, agreements=givers, by=by)


def _loaded(partner: str) -> set[int]:
    """The record numbers that have any stored row."""
    with snapshot() as stored:
        tables = {file.table for file in stored.stored(None, partner)} - {"record_key", "consent_signer"}
        held = [stored.records(table, partner) for table in sorted(tables)]
    return set(np.unique(np.concatenate(held)).tolist()) if held else set()
