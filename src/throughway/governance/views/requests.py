"""Data requests: the list, a new one step by step, and one request with its state and open step."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from throughway.agreements.agreement_list import count_blocking, may_see
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.finding_text import in_plain_words
from throughway.agreements.labels import FORM_WORDS, RIGHTS, element_words, partner_labels, table_words
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import reviewed
from throughway.governance import selectors
from throughway.governance.actions import data_requests
from throughway.governance.bodies import MotionKind
from throughway.governance.data_request import (
    ANSWERERS,
    ASKERS,
    ENDED,
    DataRequest,
    RequestAct,
    RequestedData,
    RequestState,
    Turn,
    may,
    progress,
    turn,
)
from throughway.governance.forms import DiscloserAnswerForm, MissingForm, PutForm, RefuseRequestForm
from throughway.governance.license_draft import license_of
from throughway.governance.views.context import GovernanceContext
from throughway.governance.views.request_steps import (
    TITLES,
    RequestOptions,
    answers_of,
    form_of,
    requested_data,
)
from throughway.partners import PartnerKind
from throughway.partners.page_access import ActingRequest, done, refusal_told, screen

LAST = "look"


@screen()
def requests(request: ActingRequest) -> HttpResponse:
    """Requests that the reader may see: those that wait for the reader's organization first, then the other open ones."""
    reader = GovernanceContext(request.actor)
    lines = [(each, _turn(reader, each)) for each in reader.requests()]
    mine = [(r, h) for r, h in lines if request.actor.partner in h.waits_for and r.state not in ENDED]
    context = {
        "waiting": mine,
        "open": [line for line in lines if line[0].state not in ENDED and line not in mine],
        "ended": [line for line in lines if line[0].state in ENDED],
        "may_ask": request.actor.role in ASKERS,
    }
    return render(request, "governance/requests.html", context)


@screen(*ASKERS)
def new_request(request: ActingRequest) -> HttpResponse:
    return _ask(request, GovernanceContext(request.actor), None)


@screen(*ASKERS)
def change_request(request: ActingRequest, number: int) -> HttpResponse:
    reader = GovernanceContext(request.actor)
    found = reader.request(number)
    if found.partner != request.actor.partner or not may(found.state, RequestAct.CHANGE):
        raise Http404
    return _ask(request, reader, found)


def _ask(request: ActingRequest, reader: GovernanceContext, changed: DataRequest | None) -> HttpResponse:
    """Shows the first step without a valid answer, or the one that the user went back to; at the end, the resulting request."""
    known = RequestOptions({id: s.document for id, s in reader.agreements.items()}, reader.names)
    posted = request.method == "POST"
    answers = request.POST if posted else answers_of(changed.wanted) if changed else QueryDict()
    names, here, back = list(TITLES), answers.get("step", "") if posted else "", answers.get("back", "")
    reached = names[: names.index(here) + 1] if here in names else names if here == LAST else []
    built = {name: form_of(name, answers, answers, known) for name in reached}
    wrong = next((name for name, form in built.items() if not form.is_valid()), None)
    if wrong is not None:
        return _step(request, wrong, built[wrong], answers, changed)
    if len(reached) < len(names) or back in names:
        step = back if back in names else names[len(reached)]
        form = form_of(step, None, answers, known)
        if any(name in answers for name in form.fields):  # answered before, so shown again
            form = form_of(step, answers, answers, known)
        return _step(request, step, form, answers, changed)
    wanted = requested_data(built, answers, known)
    if answers.get("ask"):
        with refusal_told(request):
            if changed:
                made = data_requests.change_request(number=changed.number, wanted=wanted, by=request.actor)
            else:
                made = data_requests.request_data(wanted=wanted, by=request.actor)
            return done(
                request,
                "Submitted. The backbone checks whether it is complete.",
                "governance:request",
                made.number,
            )
    partner = request.actor.partner or ""
    found = findings(reader, 0, partner, wanted, wanted.of)
    context = {
        **_in_words(reader, wanted, partner),
        "findings": found,
        "blocking": count_blocking(found),
        "hidden": _hidden(answers, ()),
        "changed": changed,
        "steps": list(TITLES.items()),
    }
    return render(request, "governance/request_review.html", context)


def _step(
    request: ActingRequest, step: str, form: Any, answers: QueryDict, changed: DataRequest | None
) -> HttpResponse:
    names = list(TITLES)
    place = names.index(step)
    context = {
        "form": form,
        "step": step,
        "title": TITLES[step],
        "place": place + 1,
        "of": len(names),
        "before": names[place - 1] if place else "",
        "hidden": _hidden(answers, form.fields),
        "changed": changed,
    }
    return render(request, "governance/ask.html", context)


def _hidden(answers: QueryDict, shown: Any) -> list[tuple[str, str]]:
    """What other steps answered, to come along."""
    apart = {"csrfmiddlewaretoken", "step", "back", "ask", *shown}
    return [(name, str(value)) for name, values in answers.lists() if name not in apart for value in values]


def findings(reader: GovernanceContext, number: int, partner: str, wanted: RequestedData, giving: tuple[str, ...]) -> list[ReviewFinding]:  # fmt: skip
    """The review of the license that it would become, gravest first."""
    above = [reader.agreements[id].document for id in wanted.under if id in reader.agreements]
    values = license_of(number, partner, wanted, giving, above, reader.today)
    found = reviewed(as_yaml(values), lambda document: may_see(reader.actor, document, reader.partners))
    return in_plain_words(found, values, reader.names)


def _in_words(reader: GovernanceContext, wanted: RequestedData, partner: str) -> dict[str, Any]:
    """What is requested, in words."""
    tables = list(dict.fromkeys(element.partition(".")[0] for element in wanted.elements))
    return {
        "wanted": wanted,
        "asks_for": reader.names.get(partner, partner),
        "of": partner_labels(wanted.of, reader.names),
        "form_words": FORM_WORDS[wanted.form],
        "right": RIGHTS[wanted.basis],
        "details": [(key.replace("_", " "), reader.names.get(words, words.replace("_", " "))) for key, words in wanted.details.items()],
        "under": [(id, reader.agreements[id].document.title) for id in wanted.under if id in reader.agreements],
        "kinds": [
            (
                table_words(table),
                ["all that no special law restricts" if e.endswith(".*") else element_words(e.partition(".")[2])
                 for e in wanted.elements if e.partition(".")[0] == table],
                wanted.necessity.get(table, ""),
            )
            for table in tables
        ],
    }  # fmt: skip


@screen()
def one_request(request: ActingRequest, number: int) -> HttpResponse:
    """One request: its state, whom it waits for, the review, each discloser's answer, and the next step."""
    reader = GovernanceContext(request.actor)
    found = reader.request(number)
    # Where the reader cannot see the agreements, a review would report findings that do not apply.
    sees_all = set(found.wanted.under) <= reader.agreements.keys()
    giving = found.giving or found.wanted.of
    review = findings(reader, number, found.partner, found.wanted, giving) if sees_all else []
    forms_of = _forms(reader, found, review, request.POST or None)
    if request.method == "POST":
        name = request.POST.get("act", "")
        if name not in forms_of:
            raise Http404
        form = forms_of[name]
        if form is None or form.is_valid():
            act, words = ACTS[name]
            with refusal_told(request):
                act(number, form.cleaned_data if form else {}, request)
                messages.success(request, words)
            return redirect("governance:request", number)
    is_granted = found.state is RequestState.GRANTED
    abstained = selectors.abstained_from(number) if is_granted else ()
    voted_on = found.state is RequestState.TO_VOTE
    motion = next(iter(selectors.motions(request=number, is_open=True)), None) if voted_on else None
    acts = (
        [e.what for e in selectors.governance_events(f"request:{number}")]
        if found.state in ENDED and not is_granted
        else []
    )
    names = reader.names
    context = {
        **_in_words(reader, found.wanted, found.partner),
        "request_": found,
        "steps": progress(found, acts),
        "turn": _turn(reader, found),
        "is_late": found.due is not None and reader.today > found.due,
        "sees_all": sees_all,
        "findings": review if found.state not in ENDED else [],
        "blocking": count_blocking(review),
        "answers": [(names.get(p, p), next((a for a in found.answers if a.partner == p), None)) for p in found.wanted.of],
        "forms": {name: form or True for name, form in forms_of.items()},
        "stay_out": [names.get(p, p) for p in abstained if p in found.wanted.of],
        "motion": motion,
        "sees_motion": motion is not None and motion.body in reader.bodies,
        "may_change": found.partner == request.actor.partner
        and request.actor.role in ASKERS
        and may(found.state, RequestAct.CHANGE),
        "license": found.license if found.license in reader.agreements else "",
    }  # fmt: skip
    return render(request, "governance/request.html", context)


Act = Callable[[int, dict[str, Any], ActingRequest], object]
# The acts on a request's page, each with the message after it.
ACTS: Mapping[str, tuple[Act, str]] = {
    "answer": (
        lambda n, filled, r: data_requests.answer_request(number=n, by=r.actor, **filled),
        "Your answer is on record. You can change it until the vote.",
    ),
    "accept": (
        lambda n, filled, r: data_requests.accept_request(number=n, by=r.actor),
        "Taken as complete. Send it to those whose records it asks for.",
    ),
    "forward": (
        lambda n, filled, r: data_requests.forward_request(number=n, by=r.actor),
        "Sent. Each of them answers for its own records.",
    ),
    "put": (
        lambda n, filled, r: data_requests.put_to_vote(number=n, by=r.actor, **filled),
        "It is before the body now.",
    ),
    "return": (
        lambda n, filled, r: data_requests.return_request(number=n, by=r.actor, **filled),
        "Returned to the partner that asked.",
    ),
    "refuse": (
        lambda n, filled, r: data_requests.refuse_request(number=n, by=r.actor, **filled),
        "Refused, with its reason. The log records it.",
    ),
    "withdraw": (lambda n, filled, r: data_requests.withdraw_request(number=n, by=r.actor), "Withdrawn."),
}


def _forms(
    reader: GovernanceContext, found: DataRequest, review: list[ReviewFinding], data: QueryDict | None
) -> dict[str, Any]:
    """By act, its form (None: only a button): what the reader may do with the request in its state."""
    state, actor, desk = found.state, reader.actor, reader.runs_desk
    asks = found.partner == actor.partner and actor.role in ASKERS
    answers = actor.partner in found.wanted.of and actor.role in ANSWERERS
    bodies = [
        (b.id, b.name) for b in reader.bodies.values() if MotionKind.GRANT in b.decides and not b.partner
    ]
    rules = {f.citation: f"{f.citation}: {f.message}" for f in review if f.blocks and f.citation}
    table: list[tuple[str, RequestAct, bool, Callable[..., Any] | None]] = [
        ("answer", RequestAct.ANSWER, answers, DiscloserAnswerForm),
        ("accept", RequestAct.ACCEPT, desk, None),
        ("forward", RequestAct.FORWARD, desk, None),
        (
            "put",
            RequestAct.PUT,
            desk and not found.unanswered and bool(found.giving),
            partial(PutForm, choices={"body": bodies}),
        ),
        ("return", RequestAct.RETURN, desk, MissingForm),
        (
            "refuse",
            RequestAct.REFUSE,
            desk and state is not RequestState.TO_VOTE,
            partial(RefuseRequestForm, choices={"citations": list(rules.items())}),
        ),
        ("withdraw", RequestAct.WITHDRAW, asks, None),
    ]
    return {
        name: make and make(data if data and data.get("act") == name else None, prefix=name)
        for name, act, allowed, make in table
        if allowed and may(state, act)
    }


def _turn(reader: GovernanceContext, found: DataRequest) -> Turn:
    backbone = [p.id for p in reader.partners.values() if p.kind is PartnerKind.BACKBONE]
    return turn(
        found.state, backbone=backbone, asker=found.partner, missing=found.missing, unanswered=found.unanswered,
        names=reader.names,
    )  # fmt: skip
