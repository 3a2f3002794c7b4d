"""Reads of destructions and legal holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from throughway.agreements.acts import STEWARDS
from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_lifecycles, past_acts
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementLifecycle
from throughway.destruction.models import DONE, ORDERED, Destruction, HandOver, HoldEvent, subject_text
from throughway.destruction.terms import ENDED
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.store import process_locks
from throughway.store.selectors import current_community

CERTIFIED, UNDER_WAY, STOPPED, WAITS = "certified", "under way", "stopped", "waits"


@dataclass(frozen=True)
class Ordered:
    """One order of destruction. `body`: its certificate's content, empty while it is unfinished. `stands`: certified, under
    way, stopped (`stopped`: why, where its worker recorded it) or waiting to begin."""

    id: str
    kind: str
    subject: str
    by: str
    partner: str
    role: str
    why: str
    at: datetime
    finished: datetime | None
    body: Mapping[str, Any]
    signed: Mapping[str, Any]
    partners: Sequence[str]
    stands: str
    stopped: str

    @property
    def goes_on(self) -> bool:
        return self.stands in (WAITS, UNDER_WAY)

    @property
    def words(self) -> str:
        return subject_text(self.kind, self.subject)

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id, "kind": self.kind, "subject": self.subject, "by": self.by, "at": self.at, "finished": self.finished,
        }  # fmt: skip


@dataclass(frozen=True)
class Due:
    """An agreement that has ended and whose data are not destroyed yet. `until`: the day by which its term asks for it."""

    agreement: str
    title: str
    ended: date
    until: date
    parties: tuple[str, ...]
    stewards: tuple[str, ...]


@dataclass(frozen=True)
class ToCollect:
    """What one discloser receives; `collected`: when it did."""

    destruction: str
    partner: str
    entries: int
    until: date
    collected: datetime | None


@dataclass(frozen=True)
class Hold:
    """`notice`: the reference of the notice; `lifted`: since when it holds no more, and why."""

    code: str
    kind: str
    subject: str
    notice: str
    why: str
    by: str
    partner: str
    since: date
    lifted: date | None = None
    lifted_why: str = ""
    lifted_by: str = ""


def holds(*, on: date | None = None) -> list[Hold]:
    """Every hold; with a day, those that hold on it."""
    return [h for h in _every_hold() if on is None or (h.since <= on and h.lifted is None)]


@cached_per_request
def _every_hold() -> Sequence[Hold]:
    """In the order in which they were recorded."""
    found: dict[str, Hold] = {}
    for e in HoldEvent.objects.order_by("id"):
        if e.what == "add":
            found[e.code] = Hold(e.code, e.kind, e.subject, e.notice, e.why, e.by, e.partner, e.day)
        elif e.code in found:
            found[e.code] = replace(found[e.code], lifted=e.day, lifted_why=e.why, lifted_by=e.by)
    return list(found.values())


def listed() -> list[Ordered]:
    """Every order, newest first."""
    return [_ordered(row) for row in Destruction.objects.order_by("-at", "id")]


def sees(actor: Actor, found: Ordered) -> bool:
    """Visible to the partners whose records it affected, the parties of the agreement, and whoever ordered it."""
    return actor.partner is not None and actor.partner in (*found.partners, found.partner)


def holds_of(partner: str, held: Sequence[Hold], awaiting: Sequence[Due]) -> list[Hold]:
    """The holds that a partner recorded, and those on its records or on its agreements that await destruction."""
    waits = {due.agreement for due in awaiting if partner in due.parties}
    return [h for h in held if h.partner == partner or h.subject == partner or h.subject in waits]


def one(id: str) -> Ordered | None:
    row = Destruction.objects.filter(id=id.upper()).first()
    return _ordered(row) if row is not None else None


def to_collect(*, partner: str | None = None, destruction: str | None = None) -> list[ToCollect]:
    """What disclosers receive of the ledger; of one discloser, of one destruction, or all."""
    found = HandOver.objects.order_by("until", "destruction", "partner")
    if partner is not None:
        found = found.filter(partner=partner)
    if destruction is not None:
        found = found.filter(destruction=destruction)
    return [ToCollect(h.destruction_id, h.partner, h.entries, h.until, h.collected_at) for h in found]


def awaiting(on: date, every: Sequence[AgreementLifecycle] | None = None) -> list[Due]:
    """Agreements that have ended and whose data await destruction, the nearest day first. `every`: all agreements, where the
    caller has them."""
    done = {d.subject for d in Destruction.objects.filter(kind="agreement", step=DONE).only("subject")}
    found = [
        _due(life, on)
        for life in (agreement_lifecycles(on) if every is None else every)
        if life.activated
        and life.current.state in ENDED
        and not life.current.certificate
        and life.current.document.id not in done
    ]
    return sorted(found, key=lambda each: (each.until, each.agreement))


def problems() -> list[str]:
    """Destructions that did not finish, and what to do."""
    return [
        f"The destruction of {subject_text(row.kind, row.subject)} ({row.id}, ordered on {row.at:%Y-%m-%d}) did not finish; order it"
        f" again to continue: throughway destroy --{row.kind} {row.subject} --as {row.by}"
        for row in Destruction.objects.exclude(step=DONE).order_by("at")
    ]


def due(on: date) -> list[str]:
    """What is overdue, one sentence each."""
    late = [each for each in awaiting(on) if each.until < on]
    uncollected = [each for each in to_collect() if each.collected is None and each.until < on]
    return [
        f"{each.partner} did not collect its hand-over of destruction {each.destruction} by {each.until}; the next destruction"
        " removes it."
        for each in uncollected
    ] + [
        f"Data stored under {each.agreement} should have been destroyed by {each.until}: run throughway destroy --agreement"
        f" {each.agreement} as a data steward or privacy officer of a party."
        for each in late
    ]


def open_steps(on: date) -> list[OpenStep]:
    """Destructions that wait for somebody, and what waits to be collected."""
    steps = [
        OpenStep(
            kind="destroy",
            title="Destroy the data stored under it",
            waits_for=partner,
            roles=STEWARDS,
            since=each.ended,
            due=each.until,
            href_name="destruction:order",
            href_args=("agreement", each.agreement),
            agreement=each.agreement,
        )
        for each in awaiting(on)
        for partner in each.stewards
    ]
    steps += [
        OpenStep(
            kind="collect",
            title="Collect who saw your students' records, before it is removed",
            waits_for=each.partner,
            roles=CUSTODIANS,
            since=on,
            due=each.until,
            href_name="destruction:certificate",
            href_args=(each.destruction,),
        )
        for each in to_collect()
        if each.collected is None and each.until >= on
    ]
    return steps


def _due(life: AgreementLifecycle, on: date) -> Due:
    found = life.current
    document = found.document
    ended = ended_on(life, on)
    parties = found.ever_parties
    stewards = found.signed_text.parties_with(PartyRole.STEWARD) or parties
    return Due(
        document.id,
        document.title,
        ended,
        ended + timedelta(days=document.terms.destruction.within_days),
        parties,
        tuple(stewards),
    )


def ended_on(life: AgreementLifecycle, on: date) -> date:
    """The day on which the agreement ended: its last, or that of its termination."""
    found = life.current
    ended = (deed.day for deed in past_acts(found.document.id) if deed.act is AgreementAct.TERMINATE)
    return next(ended, min(found.document.terms.expires, on))


def _ordered(row: Destruction) -> Ordered:
    return Ordered(
        row.id, row.kind, row.subject, row.by, row.partner, row.role, row.why, row.at, row.finished_at,
        row.certificate.get("certificate", {}), row.certificate, tuple(row.work.get("partners", ())), _stands(row),
        row.work.get("stopped", ""),
    )  # fmt: skip


def _stands(row: Destruction) -> str:
    """Whoever carries an order out holds a lock, which ends with the process."""
    if row.step == DONE:
        return CERTIFIED
    if row.work.get("stopped"):
        return STOPPED
    with process_locks.turn(
        current_community().data / "destruction.turn", alone=False, patience=0
    ) as nobody_has_it:
        if not nobody_has_it:
            return UNDER_WAY
    return WAITS if row.step == ORDERED else STOPPED
