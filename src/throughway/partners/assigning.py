"""Which user works with which student, and is responsible for which school or program: every write to these lists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.caseload import Assigned
from throughway.partners.models import CaseloadEvent, SiteAssignmentEvent, User
from throughway.partners.permissions import check_can_keep_registers
from throughway.partners.selectors import (
    assigned_to,
    assignments,
    assignments_open_to,
    check_acts_for,
    check_keeps,
    colleagues,
    site_assignments_of,
    site_assignments_open_to,
)
from throughway.partners.site_assignment import Site, SiteAssignment

AT_ONCE = 500  # databases bound the parameters of a statement


@transaction.atomic
def assign(*, assigned: Sequence[Assigned], by: Actor) -> int:
    """Writes assignments of students to users; returns how many were new or changed. Repeating one changes nothing. An
    assignment is ended by writing it again with the same first day and a last day. Users and partners must be known.
    """
    check_can_keep_registers(by)
    standing = set(assignments())
    new = [each for each in dict.fromkeys(assigned) if each not in standing]
    now = datetime.now(UTC)
    CaseloadEvent.objects.bulk_create(
        CaseloadEvent(
            email=each.email, partner=each.partner, record=each.record, first=each.first, last=each.last, at=now, by=by.email
        )
        for each in new
    )  # fmt: skip
    return len(new)


@transaction.atomic
def end_assignments(*, email: str, record: int, last: date, to: str = "", by: Actor) -> list[Assigned]:
    """Ends the assignments of one student to one user on the day `last`; later ones are cancelled. `to`: a colleague who takes over
    from the day after. For those who keep the registers of the student's partner or the user's. Returns the assignments as changed.
    Refused where none continues after that day, the actor may see none, or `to` is no colleague who works with students; nothing is
    changed then.
    """
    check_can_keep_registers(by)
    going_on = [
        a
        for a in assignments_open_to(by)
        if (a.email, a.record) == (email.strip().lower(), record) and (a.last is None or a.last > last)
    ]
    if not going_on:
        raise Refused(
            "There is no assignment after that day, so nothing can be ended; check the day and the student.",
            code="not_assigned",
        )
    ended = [replace(a, last=max(last, a.first - timedelta(days=1))) for a in going_on]
    if by.partner != User.objects.get(email=going_on[0].email).partner_id:
        for a in going_on:
            check_acts_for(by, a.partner)
    assign(assigned=ended, by=by)
    if to:
        if to not in colleagues(email):
            raise Refused(
                "Choose a colleague of the same organization who works with students.", code="unknown_user"
            )
        first = last + timedelta(days=1)
        if not any(a.record == record and a.on(first) for a in assigned_to(to)):
            assign(assigned=[Assigned(to, ended[0].partner, record, first)], by=by)
    return ended


@transaction.atomic
def assign_sites(*, assigned: Sequence[SiteAssignment], by: Actor) -> int:
    """Makes users responsible for schools or programs of their own partner; returns how many assignments were new or changed.
    Repeating one changes nothing. One is ended by writing it again with the same first day and a last day. Refused where a user is
    unknown, or the caller does not keep the partner's registers."""
    check_can_keep_registers(by)
    people = dict(User.objects.values_list("email", "partner_id"))
    for each in assigned:
        if people.get(each.email) != each.partner:
            raise Refused(
                "No user of that partner has that e-mail address; see `throughway user list`.",
                code="unknown_user",
            )
        check_keeps(by, each.partner)
    standing = {a for email in {a.email for a in assigned} for a in site_assignments_of(email)}
    new = [each for each in dict.fromkeys(assigned) if each not in standing]
    now = datetime.now(UTC)
    SiteAssignmentEvent.objects.bulk_create(
        SiteAssignmentEvent(
            email=each.email, partner=each.partner, kind=each.site.kind, site=each.site.id, first=each.first, last=each.last,
            at=now, by=by.email,
        )
        for each in new
    )  # fmt: skip
    return len(new)


@transaction.atomic
def end_site(*, email: str, site: Site, last: date, by: Actor) -> list[SiteAssignment]:
    """Ends a user's responsibility for a school or program on the day `last`; a later one is cancelled. Returns the assignments as
    changed. Refused where none continues after that day, or the caller does not keep the registers of the user's partner."""
    going_on = [
        a
        for a in site_assignments_open_to(by)
        if a.email == email.strip().lower()
        and a.site in (site, Site(site.kind, f"{a.partner}/{site.id}"))
        and (a.last is None or a.last > last)
    ]
    if not going_on:
        raise Refused(
            "No such assignment continues after that day, so nothing can be ended; check the day and the site.",
            code="not_assigned",
        )
    ended = [replace(a, last=max(last, a.first - timedelta(days=1))) for a in going_on]
    assign_sites(assigned=ended, by=by)
    return ended


@transaction.atomic
def forget_assignments(gone: Gone) -> Mapping[str, int]:
    """Removes the assignments of students whose data are gone."""
    numbers, count = sorted(gone.numbers), 0
    for at in range(0, len(numbers), AT_ONCE):
        count += CaseloadEvent.objects.filter(record__in=numbers[at : at + AT_ONCE]).delete()[0]
    return {"assignments to case workers": count}
