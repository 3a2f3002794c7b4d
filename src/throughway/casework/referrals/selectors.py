"""Where the events of referrals are, where each referral stands, and what a reader may see of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from throughway.agreements.confidential_partners import why_confidential
from throughway.casework.referrals.models import Referral
from throughway.casework.referrals.referral import LATE, TABLE, ShownReferral, referrals_of
from throughway.casework.referrals.transitions import (
    STATES,
    ReferralSide,
    ReferralState,
    Transition,
    moves_from,
)
from throughway.casework.student_summary import name_parts
from throughway.core.person_names import bound_name
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.partners.actor import Actor, Role
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import partner_names, partners, users
from throughway.supports.entry import SupportEntry
from throughway.supports.selectors import entries, recent_entries

WORKERS = frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER})
STEPS = ("referral_next", "referral_answer")  # the kinds of open steps
FEW = 10  # a smaller number of students is shown as "a few"


@dataclass(frozen=True)
class OpenedReferral:
    """A referral as one reader may see it now. `moves`: what this reader's side may do; `purpose`: under which it is read and answered.
    `entry`: the support, None where the directory has it no more."""

    shown: ShownReferral
    side: ReferralSide
    moves: Sequence[Transition]
    purpose: str
    entry: SupportEntry | None

    @property
    def waits_for_reader(self) -> bool:
        owner = STATES[self.shown.state].owner
        return owner is not None and (owner is ReferralSide.SENDER) == (self.side is ReferralSide.SENDER)


def side_of(referral: Referral, by: Actor) -> ReferralSide | None:
    """The side on which the actor's partner stands; None where on neither. A draft has no receiver yet."""
    if by.partner == referral.sender:
        return ReferralSide.SENDER
    if by.partner != referral.receiver or referral.sent is None:
        return None
    protected = why_confidential(partners()[referral.receiver].legal) is not None
    return ReferralSide.PROTECTED_RECEIVER if protected else ReferralSide.RECEIVER


def opened_referrals(actor: Actor, purposes: Iterable[str], *, only: str = "") -> list[OpenedReferral]:
    """The referrals of the actor's partner, on either side, that the gate shows the actor under these purposes: the one named in `only`, or
    all that are open. What a sender has closed is the receiver's no more. One entry of the ledger for each purpose that shows any."""
    found = {row.pk: row for row in _of_partner(actor.partner or "", only) if side_of(row, actor)}
    opened: dict[str, OpenedReferral] = {}
    names, supports = partner_names(), {each.number: each for each in recent_entries()}
    for purpose in dict.fromkeys(purposes) if found else ():
        rows = [row for row in found.values() if row.pk not in opened]
        try:
            access = enter(actor=actor, purpose=purpose)
            given = {grant.discloser for grant in access.grants if grant.table == TABLE}
            records = sorted({row.record for row in rows if row.partner in given})
            read = access.rows_about(TABLE, records) if records else []
        except Refused:
            continue
        for shown in referrals_of(read, names=names):
            row = found.get(shown.id)
            side = side_of(row, actor) if row else None
            if row is None or side is None or (side is not ReferralSide.SENDER and not row.is_open):
                continue
            moves = moves_from(shown.state, side)
            opened[shown.id] = OpenedReferral(shown, side, moves, purpose, supports.get(row.support))
    return sorted(opened.values(), key=lambda each: (not each.waits_for_reader, each.shown.due or date.max))


def that_wait_for(partner: str) -> QuerySet[Referral]:
    """The open referrals whose next step is the partner's."""
    senders = [state for state, rule in STATES.items() if rule.owner is ReferralSide.SENDER]
    ours = Q(sender=partner, state__in=senders) | Q(~Q(state__in=senders), receiver=partner)
    return Referral.objects.filter(ours, is_open=True)


def own_rows(actor: Actor, purpose: str, partner: str, person: int) -> dict[str, list[dict[str, Any]]]:
    """The student's rows in the sender's own record, by table; empty where the purpose does not show there who it is. Records of other
    partners are not passed on."""
    try:
        own = enter(actor=actor, purpose=purpose).only(partner)
        if not any(grant.table == "person" for grant in own.grants):
            return {}
        tables = own.record_of(person).tables
    except Refused:
        return {}
    return {name: table.to_pylist() for name, table in tables.items()}


def details_in(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """What such rows tell of the student, by column of the form. The name says where the family name begins, as the record has it."""
    found: dict[str, str] = {}
    if rows.get("person"):
        found["student_name"] = bound_name(*name_parts(rows))
    for row in rows.get("person_contact", ()):
        found["contact_phone"] = row.get("telephone_number") or found.get("contact_phone", "")
    for row in rows.get("person_language", ()):
        found["contact_language"] = row.get("iso_639_2_language_code") or ""
    return found


def _of_partner(partner: str, only: str) -> QuerySet[Referral]:
    of = Referral.objects.filter(Q(sender=partner) | Q(receiver=partner, sent__isnull=False))
    return of.filter(pk=only) if only else of.filter(is_open=True)


def open_referral(partner: str, record: int, support: int) -> Referral | None:
    """The open referral of a record to a support."""
    return Referral.objects.filter(partner=partner, record=record, support=support, is_open=True).first()


@dataclass(frozen=True)
class UnansweredReferrals:
    """How many referrals to one partner have waited for an answer for LATE days; a small number is not shown."""

    partner: str
    number: int

    @property
    def words(self) -> str:
        return "a few" if self.number < FEW else f"{self.number:,}"


@cached_per_request
def unanswered(on: date) -> list[UnansweredReferrals]:
    """By receiver, referrals that were sent LATE days ago or earlier and have no answer. Services whose clients the law protects are left
    out: what is sent to them is nobody's business."""
    late = Referral.objects.filter(is_open=True, answered__isnull=True, sent__lte=on - timedelta(days=LATE))
    known = partners()
    counted = Counter(late.values_list("receiver", flat=True))
    return [
        UnansweredReferrals(known[id].name, number)
        for id, number in sorted(counted.items())
        if id in known and why_confidential(known[id].legal) is None
    ]


def open_steps(on: date) -> list[OpenStep]:
    """What waits for each side of each open referral, without a word about the student; and for leaders, that some wait too long."""
    found = []
    active = {(user.email, user.partner) for user in users()}
    supports = {each.number: each.said.name for each in entries()}
    for row in Referral.objects.filter(is_open=True).order_by("due", "id"):
        owner = STATES[ReferralState(row.state)].owner
        name = supports.get(row.support, "a support")
        if owner is ReferralSide.SENDER:
            author = (row.author, row.sender) in active
            found.append(
                OpenStep(
                    "referral_next", f"A referral to {name}: the next step is yours", row.sender, WORKERS, row.since, row.due,
                    "casework:referral", (row.pk,), people=frozenset({row.author}) if author else None,
                )
            )  # fmt: skip
        elif owner is not None:
            found.append(
                OpenStep(
                    "referral_answer", f"A referral to {name} waits for you", row.receiver, WORKERS, row.since, row.due,
                    "casework:referral", (row.pk,),
                )
            )  # fmt: skip
    return found
