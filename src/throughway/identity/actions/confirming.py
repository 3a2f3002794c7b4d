"""Links two records that their partners' people know to be one person, at once and for later runs of linkage."""

from datetime import date

import numpy as np
from django.utils import timezone

from throughway.agreements.selectors import linkage_purposes
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import accesses_of, records_by_grant
from throughway.identity.actions.run_record import draw, land_links, links_in_force
from throughway.identity.models import ConfirmedLink, IdentityEvent, Person
from throughway.identity.person_ids import PersonEventKind
from throughway.partners import OPERATOR, Actor


def record_confirmed_link(*, one: int, other: int, reason: str, by: Actor) -> None:
    """Records, within the caller's transaction, that the two records are one person; later runs of linkage obey it."""
    first, second = sorted((one, other))
    ConfirmedLink.objects.get_or_create(
        one=first, other=second, defaults={"reason": reason, "at": timezone.now(), "by": by.email}
    )


def confirm_link(*, one: int, other: int, reason: str, by: Actor) -> bool:
    """Records that the two records are one person, and puts the link in force where linkage purposes in effect show both; returns
    whether it is in force now. Otherwise, and while another linkage runs, later runs obey it. The merge is an event that a data steward
    can undo; then the records stay apart. Must not be called inside a transaction."""
    record_confirmed_link(one=one, other=other, reason=reason, by=by)
    try:
        with gate.linking_turn():
            return _linked_now(one, other, reason, by)
    except Refused:  # another linkage runs, or linkage is not allowed today
        return False


def _linked_now(one: int, other: int, reason: str, by: Actor) -> bool:
    """Adds a record that no linkage has seen yet to the person of the other. What linkage has seen it decides itself, by the ruling."""
    current = links_in_force()
    if one in current and other in current:
        return current[one] == current[other]
    new, known = (one, other) if other in current else (other, one)
    if known not in current or not _both_shown(one, other):
        return False
    person = current[known]
    alone = _unused()
    before = sorted(record for record, of in current.items() if of == person)

    def write() -> None:
        now = timezone.now()
        Person.objects.create(id=alone, first_seen_at=now, retired=True)
        IdentityEvent.objects.create(
            at=now, kind=PersonEventKind.MERGED, persons=[person, alone], reason=reason, by=by.email,
            before={str(person): before, str(alone): [new]}, after={str(person): [*before, new]},
        )  # fmt: skip

    land_links({**current, new: person}, None, (), by=by, within=write)
    return True


def _both_shown(one: int, other: int) -> bool:
    """Whether linkage purposes in effect show both records to linkage."""
    on = date.today()
    if not linkage_purposes(on):
        return False
    shown = records_by_grant(accesses_of(by=OPERATOR, on=on)).values()
    return all(any(bool(np.isin(record, grant.records)) for grant in shown) for record in (one, other))


def _unused() -> int:
    """A person id that was never used."""
    while Person.objects.filter(id=(found := draw())).exists():
        pass
    return found
