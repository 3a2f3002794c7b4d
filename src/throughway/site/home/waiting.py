"""What waits for the reader: agreements to sign, cure or renew, and open steps of every room."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.urls import reverse

from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.available_acts import ActContext, acts
from throughway.agreements.labels import day
from throughway.agreements.selectors import pending_amendments, why_not_sign
from throughway.agreements.states import OPEN, AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_text import ENDS_SOON, waiting_on
from throughway.core.prose import counted
from throughway.ledger.actions.redisclosure import waiting as waiting_requests
from throughway.partners.actor import OFFICERS
from throughway.partners.selectors import DORMANT, dormant
from throughway.site.home.page import HomeContext, WaitingItem
from throughway.site.open_steps.selectors import WaitingStep, nudges, open_steps, waiting
from throughway.training.selectors import lapsed

ACT_ITEMS = {
    AgreementAct.SIGN: ("Sign", "Read and sign", "to sign", 1),
    AgreementAct.ACTIVATE: ("Put into effect", "See and put into effect", "signed", 2),
    AgreementAct.RESUME: ("Resume", "See and resume", "suspended", 3),
}
FURTHER = frozenset({"answer further disclosures"})


def agreement_items(context: HomeContext) -> Iterator[WaitingItem]:
    for standing in (*context.standings, *pending_amendments(context.today)):
        if context.actor.partner in standing.document.partners:
            yield from _items_of(standing, context)


def _items_of(standing: AgreementStatus, context: HomeContext) -> Iterator[WaitingItem]:
    document = standing.document
    found = context.findings.get(document.id, ())
    blocking = count_blocking(found)
    is_later = standing.state in OPEN and any(
        s.document.id == document.id and s.state not in OPEN for s in context.standings
    )
    href = reverse("agreements:later" if is_later else "agreements:one", args=[document.id])
    held = waiting_on(standing, blocking, (), context.names, context.today)
    setting = ActContext(cannot_sign=why_not_sign(standing, context.actor))
    act = next(
        (a for a in acts(context.actor, standing, blocking, context.today, setting) if a in ACT_ITEMS), None
    )
    if act is not None:
        verb, button, words, rank = ACT_ITEMS[act]
        if act is AgreementAct.ACTIVATE and (stopped := context.stopped.get(document.id)):
            held = f"It was to take effect by itself, and was stopped. {stopped}"
        yield WaitingItem(
            f"{verb}: {document.title}", held, button, href, "wait", words, rank, covers=frozenset({act.value}), about=document.id
        )  # fmt: skip
    elif standing.state in OPEN and blocking and context.actor.role in OFFICERS:
        yield WaitingItem(
            f"Stopped at review: {document.title}",
            f"{held} Each finding says what is missing and how to fix it.",
            "See what to cure",
            href,
            "stop",
            "stopped",
            4,
            covers=frozenset({"cure"}),
            about=document.id,
        )
    if standing.in_effect and context.actor.role in OFFICERS:
        left = (document.terms.expires - context.today).days
        if left <= ENDS_SOON:
            yield WaitingItem(
                f"Ends soon: {document.title}",
                f"No records are shared under it after {day(document.terms.expires)}. A new text replaces it when every "
                "party has signed it.",
                "Read it", href, "warn", f"{left} days left", 6, covers=frozenset({"renew"}),
                about=document.id,
            )  # fmt: skip


def step_items(context: HomeContext, items: Iterable[WaitingItem]) -> Iterator[WaitingItem]:
    """The open steps of the reader that none of these items of the home stands for."""
    covered = {(kind, item.about) for item in items for kind in item.covers}
    titles = {s.document.id: s.document.title for s in context.all_standings}
    for one in waiting(open_steps(context.today), context.today, nudges()):
        about = one.step.agreement or ""
        if one.step.is_for(context.actor) and (one.step.kind, about) not in covered:
            yield _step_item(one, titles.get(about, ""))


def _step_item(one: WaitingStep, about: str) -> WaitingItem:
    step, (kind, words) = one.step, one.tag
    rank = 0 if one.is_overdue else 2 if one.is_pressing else 5
    title = f"{step.title}: {about}" if about else step.title
    href = one.href or reverse("open_steps:open_steps")
    return WaitingItem(title, one.text, "Open it", href, kind, words, rank, step=True)


def further_disclosures(context: HomeContext) -> Iterator[WaitingItem]:
    """Requests for a record of further disclosures that wait, ours and those made to us (34 CFR 99.32(b)(2)(iii))."""
    own, today = context.actor.partner or "", date.today()
    for request in waiting_requests(own):
        late, owed = request.overdue(today), request.authority == own
        other = context.name(request.discloser if owed else request.authority)
        yield WaitingItem(
            f"{other} asked us who received its records from us" if owed else f"We asked {other} who received our records from it",
            f"Asked on {day(request.on)}{', for a parent' if request.for_parent else ''}; "
            f"the answer {'was' if late else 'is'} due on {day(request.due)}.",
            "See the ledger", reverse("ledger:ledger"), "stop" if late else "wait", "overdue" if late else "waits",
            1 if late else 4 if owed else 8, covers=FURTHER if owed else frozenset(),
        )  # fmt: skip


def people_items(context: HomeContext) -> Iterator[WaitingItem]:
    """People whose required training has lapsed, and accounts that nobody uses, for those who keep them."""
    if people := lapsed(context.actor, context.today):
        yield WaitingItem(
            f"Required training of {counted(len(people), 'person', 'people')} has ended or was never taken",
            "Agreements that ask for it show them nothing until they have taken it.", "See who", reverse("training:people"), "warn",
            "training", 6,
        )  # fmt: skip
    if unused := dormant(context.actor, context.today):
        yield WaitingItem(
            f"Nobody has used {counted(len(unused), 'account')} for {DORMANT.days} days",
            "Close each account whose holder has left; access ends at the next click.", "See the accounts", reverse("partners:people"),
            "warn", "not used", 7,
        )  # fmt: skip
