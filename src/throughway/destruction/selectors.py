"""Reads of destructions and legal holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from throughway.agreements import late_destruction
from throughway.agreements.acts import STEWARDS
from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_lifecycles, past_acts
from throughway.agreements.status import AgreementLifecycle
from throughway.core.personal_data import HIDDEN_REASON
from throughway.destruction.models import DONE, LANDED, PART, Destruction, HandOver, HoldEvent, subject_text
from throughway.destruction.terms import ENDED
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request

PERSON = "person"  # the kind of a hold


@dataclass(frozen=True)
class Due:
    """An agreement that has ended and whose data are not destroyed yet. `until`: the day by which its terms require it."""

    agreement: str
    title: str
    ended: date
    until: date
    parties: tuple[str, ...]
    stewards: tuple[str, ...]


@dataclass(frozen=True)
class Hold:
    """`notice`: the reference of the notice; `lifted`: the day from which it no longer applies, and why."""

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
    lifted_by: str = ""  # in the command's JSON


def is_under_way() -> bool:
    """Whether records have gone that some register may still name."""
    return Destruction.objects.filter(step=LANDED).exists()


def holds(*, on: date | None = None) -> list[Hold]:
    """Every hold; with a day, those in force on it."""
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


def order_of_load(load: str, begun: str = "") -> Destruction | None:
    """The newest order that takes the load back; `begun`: the one that has taken its rows out of use, perhaps with an earlier load."""
    found = (
        Destruction.objects.filter(id=begun)
        if begun
        else Destruction.objects.filter(kind="load", subject=load)
    )
    return found.order_by("-at").first()


@dataclass(frozen=True)
class LoadsTakenBack:
    """Loads that one order took back, the newest first, and by table how many rows came back and how many did not."""

    loads: list[str]
    restored: dict[str, int]
    not_restored: dict[str, int]


def taken_back(id: str) -> LoadsTakenBack:
    work = Destruction.objects.get(id=id).work
    return LoadsTakenBack(work["loads"], work["restored"], work["not_restored"])


def listed() -> list[Destruction]:
    """Every order, newest first."""
    return list(Destruction.objects.order_by("-at", "id"))


def sees(actor: Actor, found: Destruction) -> bool:
    """Visible to the partners whose records it affected, the parties of the agreement, and whoever ordered it."""
    return actor.partner is not None and actor.partner in (*found.partners, found.partner)


def knows(hold: Hold, reader: Actor) -> bool:
    """Whether the reader may know of the hold: who keeps the registers of the partner that recorded it; of the partner whose records it
    keeps; of a party to the agreement whose data it keeps. The operator knows of those on no one person."""
    if reader.is_operator:
        return hold.kind != PERSON
    if reader.role not in CUSTODIANS:
        return False
    if hold.kind == "agreement" and hold.partner != reader.partner:
        return any(
            life.current.document.id == hold.subject and reader.partner in life.current.ever_parties
            for life in agreement_lifecycles(date.today())
        )
    return reader.partner == hold.partner or (hold.kind == "partner" and hold.subject == reader.partner)


def holds_known_to(reader: Actor, *, on: date | None = None) -> list[Hold]:
    """As `holds`, those that the reader may know of. The operator sees that others are there, and neither about whom nor why."""
    found = [(h, knows(h, reader)) for h in holds(on=on)]
    return [h if known else _hidden(h) for h, known in found if known or reader.is_operator]


def _hidden(hold: Hold) -> Hold:
    return replace(hold, subject="", notice="", why=HIDDEN_REASON, lifted_why="")


def one(id: str) -> Destruction | None:
    return Destruction.objects.filter(id=id.upper()).first()


def to_collect(**only: str) -> list[HandOver]:
    """What disclosers receive of the ledger and have not collected yet; `partner`, `destruction`: only theirs."""
    found = HandOver.objects.order_by("until", "destruction", "partner")
    return list(found.filter(collected_at=None, **only))


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
        f" again to continue: throughway {_again(row)}"
        for row in Destruction.objects.exclude(step=DONE).order_by("at")
    ]


def _again(row: Destruction) -> str:
    if row.kind == "load":
        return f"load --undo {row.subject} --reason AGAIN{'' if row.by == 'operator' else f' --as {row.by}'}"
    return f"destroy --{'agreement' if row.kind == PART else row.kind} {row.subject} --as {row.by}"


def due(on: date) -> list[str]:
    """What is overdue, one sentence each."""
    late = [each for each in awaiting(on) if each.until < on]
    uncollected = [each for each in to_collect() if each.until < on]
    return [
        f"{each.partner} did not collect its hand-over of destruction {each.destruction_id} by {each.until}; the next destruction"
        " removes it."
        for each in uncollected
    ] + [
        f"Data stored under {each.agreement} should have been destroyed by {each.until}: run throughway destroy --agreement"
        f" {each.agreement} as a data steward or privacy officer of a party."
        for each in late
    ]


def open_steps(on: date) -> list[OpenStep]:
    """Destructions that wait for somebody, and hand-overs that wait to be collected."""
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
            title="Collect the list of who saw your students' records, before it is removed",
            waits_for=each.partner,
            roles=CUSTODIANS,
            since=on,
            due=each.until,
            href_name="destruction:certificate",
            href_args=(each.destruction_id,),
        )
        for each in to_collect()
        if each.until >= on
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
    return late_destruction.ended_on(life.current, past_acts(life.current.document.id), on)
