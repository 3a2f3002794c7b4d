"""Data requests: the list, asking step by step, and one request with where it stands and what holds it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from throughway.agreements.agreement_list import count_blocking, may_see
from throughway.agreements.finding_sentences import in_plain_words
from throughway.agreements.labels import FORM_WORDS, RIGHTS, element_words, partner_labels, table_words
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import reviewed
from throughway.agreements.starter_texts import as_yaml
from throughway.core.refusals import Refused
from throughway.governance import actions, selectors
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
from throughway.governance.views.request_steps import STEPS, RequestOptions, said_of, wanted_of
from throughway.partners import PartnerKind
from throughway.partners.page_access import ActingRequest, screen

LAST = "look"


@screen()
def requests(request: ActingRequest) -> HttpResponse:
    """Those that the reader may see: what waits for the reader's organization first, then the other open ones."""
    seeing = GovernanceContext(request.actor)
    lines = [(each, _turn(seeing, each)) for each in seeing.requests()]
    mine = [(r, h) for r, h in lines if request.actor.partner in h.waits_for and r.state not in ENDED]
    context = {
        "waiting": mine,
        "open": [line for line in lines if line[0].state not in ENDED and line not in mine],
        "ended": [line for line in lines if line[0].state in ENDED],
        "names": seeing.names,
        "may_ask": request.actor.role in ASKERS,
    }
    return render(request, "governance/requests.html", context)


@screen(*ASKERS)
def new_request(request: ActingRequest) -> HttpResponse:
    return _ask(request, GovernanceContext(request.actor), None)


@screen(*ASKERS)
def change_request(request: ActingRequest, number: int) -> HttpResponse:
    seeing = GovernanceContext(request.actor)
    found = seeing.request(number)
    if found.partner != request.actor.partner or not may(found.state, RequestAct.CHANGE):
        raise Http404
    return _ask(request, seeing, found)


def _ask(request: ActingRequest, seeing: GovernanceContext, changed: DataRequest | None) -> HttpResponse:
    """Shows the first step that is not answered well, or the one that is gone back to; after all, what it would become."""
    known = RequestOptions({id: s.document for id, s in seeing.agreements.items()}, seeing.names)
    said = request.POST if request.method == "POST" else said_of(changed.wanted) if changed else QueryDict()
    posted = said.get("step", "") if request.method == "POST" else ""
    names = list(STEPS)
    reached = names[: names.index(posted) + 1] if posted in names else names if posted == LAST else []
    built = {name: STEPS[name][1](said, said, known) for name in reached}
    wrong = next((name for name, form in built.items() if not form.is_valid()), None)
    back = said.get("back", "")
    if wrong is not None or len(reached) < len(names) or back in names:
        step = wrong or (back if back in names else names[len(reached)])
        form = (
            built[step]
            if step == wrong
            else STEPS[step][1](said if _has(said, step, known) else None, said, known)
        )
        return _step(request, step, form, said, changed)
    wanted = wanted_of(built, said, known)
    if said.get("ask"):
        try:
            if changed:
                made = actions.change_request(number=changed.number, wanted=wanted, by=request.actor)
            else:
                made = actions.request_data(wanted=wanted, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, "Asked. The backbone looks whether it is complete.")
            return redirect("governance:request", made.number)
    context = {
        **_told(seeing, wanted, request.actor.partner or ""),
        "findings": findings(seeing, 0, request.actor.partner or "", wanted, wanted.of),
        "hidden": _hidden(said, ()),
        "changed": changed,
        "steps": [(name, title) for name, (title, _) in STEPS.items()],
    }
    context["blocking"] = count_blocking(context["findings"])
    return render(request, "governance/request_review.html", context)


def _has(said: QueryDict, step: str, known: RequestOptions) -> bool:
    """Whether anything of the step was answered before, so that it is shown again."""
    return any(name in said for name in STEPS[step][1](None, said, known).fields)


def _step(
    request: ActingRequest, step: str, form: Any, said: QueryDict, changed: DataRequest | None
) -> HttpResponse:
    names = list(STEPS)
    place = names.index(step)
    context = {
        "form": form,
        "step": step,
        "title": STEPS[step][0],
        "place": place + 1,
        "of": len(names),
        "before": names[place - 1] if place else "",
        "hidden": _hidden(said, form.fields),
        "changed": changed,
    }
    return render(request, "governance/ask.html", context)


def _hidden(said: QueryDict, shown: Any) -> list[tuple[str, str]]:
    """What other steps answered, to come along."""
    apart = {"csrfmiddlewaretoken", "step", "back", "ask", *shown}
    return [(name, str(value)) for name, values in said.lists() if name not in apart for value in values]


def findings(seeing: GovernanceContext, number: int, reader: str, wanted: RequestedData, giving: tuple[str, ...]) -> list[ReviewFinding]:  # fmt: skip
    """The review of the license that it would become, gravest first."""
    above = [seeing.agreements[id].document for id in wanted.under if id in seeing.agreements]
    values = license_of(number, reader, wanted, giving, above, seeing.today)
    found = reviewed(as_yaml(values), lambda document: may_see(seeing.actor, document, seeing.partners))
    return in_plain_words(found, values, seeing.names)


def _told(seeing: GovernanceContext, wanted: RequestedData, partner: str) -> dict[str, Any]:
    """What is asked, in words."""
    tables = list(dict.fromkeys(element.partition(".")[0] for element in wanted.elements))
    return {
        "wanted": wanted,
        "asks_for": seeing.names.get(partner, partner),
        "of": partner_labels(wanted.of, seeing.names),
        "form_words": FORM_WORDS[wanted.form],
        "right": RIGHTS[wanted.basis],
        "details": [(key.replace("_", " "), seeing.names.get(words, words.replace("_", " "))) for key, words in wanted.details.items()],
        "under": [(id, seeing.agreements[id].document.title) for id in wanted.under if id in seeing.agreements],
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
    """Where it stands, what holds it, what the review says, what each discloser answered; the one next step."""
    seeing = GovernanceContext(request.actor)
    found = seeing.request(number)
    # Against agreements that the reader does not see, a review would find what is not so.
    sees_all = set(found.wanted.under) <= seeing.agreements.keys()
    giving = found.giving or found.wanted.of
    review = findings(seeing, number, found.partner, found.wanted, giving) if sees_all else []
    forms_of = _forms(seeing, found, review, request.POST or None)
    if request.method == "POST":
        name = request.POST.get("act", "")
        if name not in forms_of:
            raise Http404
        form = forms_of[name]
        if form is None or form.is_valid():
            try:
                ACTS[name](number, form.cleaned_data if form else {}, request)
            except Refused as refused:
                messages.error(request, refused.message)
            else:
                messages.success(request, DONE[name])
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
    names = seeing.names
    context = {
        **_told(seeing, found.wanted, found.partner),
        "request_": found,
        "steps": progress(found, acts, seeing.today),
        "turn": _turn(seeing, found),
        "is_late": found.due is not None and seeing.today > found.due,
        "sees_all": sees_all,
        "findings": review if found.state not in ENDED else [],
        "blocking": count_blocking(review),
        "answers": [(names.get(p, p), next((a for a in found.answers if a.partner == p), None)) for p in found.wanted.of],
        "forms": {name: _unbound(name, form, request) for name, form in forms_of.items()},
        "stay_out": [names.get(p, p) for p in abstained if p in found.wanted.of],
        "motion": motion,
        "sees_motion": motion is not None and motion.body in seeing.bodies,
        "may_change": found.partner == request.actor.partner
        and request.actor.role in ASKERS
        and may(found.state, RequestAct.CHANGE),
        "license": found.license if found.license in seeing.agreements else "",
    }  # fmt: skip
    return render(request, "governance/request.html", context)


def _unbound(name: str, form: Any, request: ActingRequest) -> Any:
    """Only the form that was sent says what is wrong with it."""
    return form or True if request.POST.get("act") == name or form is None else form


def _forms(
    seeing: GovernanceContext, found: DataRequest, review: list[ReviewFinding], data: QueryDict | None
) -> dict[str, Any]:
    """By act, its form (None: a button alone): what the reader may do with the request as it stands."""
    state, actor = found.state, seeing.actor

    def of(name: str, make: Callable[..., Any], **said: Any) -> Any:
        return make(data if data and data.get("act") == name else None, prefix=name, **said)

    forms_of: dict[str, Any] = {}
    if may(state, RequestAct.ANSWER) and actor.partner in found.wanted.of and actor.role in ANSWERERS:
        forms_of["answer"] = of("answer", DiscloserAnswerForm)
    if seeing.runs_desk:
        if may(state, RequestAct.ACCEPT):
            forms_of["accept"] = None
        if may(state, RequestAct.FORWARD):
            forms_of["forward"] = None
        if may(state, RequestAct.PUT) and not found.unanswered and found.giving:
            bodies = [b for b in seeing.bodies.values() if MotionKind.GRANT in b.decides and not b.partner]
            forms_of["put"] = of("put", PutForm, bodies=bodies)
        if may(state, RequestAct.RETURN):
            forms_of["return"] = of("return", MissingForm)
        if may(state, RequestAct.REFUSE) and state is not RequestState.TO_VOTE:
            rules = {f.citation: f"{f.citation}: {f.message}" for f in review if f.blocks and f.citation}
            forms_of["refuse"] = of("refuse", RefuseRequestForm, rules=rules.items())
    if found.partner == actor.partner and actor.role in ASKERS and may(state, RequestAct.WITHDRAW):
        forms_of["withdraw"] = None
    return forms_of


Act = Callable[[int, dict[str, Any], ActingRequest], object]
ACTS: Mapping[str, Act] = {
    "answer": lambda n, said, r: actions.answer_request(number=n, by=r.actor, **said),
    "accept": lambda n, said, r: actions.accept_request(number=n, by=r.actor),
    "forward": lambda n, said, r: actions.forward_request(number=n, by=r.actor),
    "put": lambda n, said, r: actions.put_to_vote(number=n, by=r.actor, **said),
    "return": lambda n, said, r: actions.return_request(number=n, by=r.actor, **said),
    "refuse": lambda n, said, r: actions.refuse_request(number=n, by=r.actor, **said),
    "withdraw": lambda n, said, r: actions.withdraw_request(number=n, by=r.actor),
}
DONE: Mapping[str, str] = {
    "answer": "Your answer is on record. You can change it until the vote.",
    "accept": "Taken as complete. Send it to those whose records it asks for.",
    "forward": "Sent. Each of them answers for its own records.",
    "put": "It is before the body now.",
    "return": "Given back to those who asked.",
    "refuse": "Refused, with its reason. The log has it.",
    "withdraw": "Taken back.",
}


def _turn(seeing: GovernanceContext, found: DataRequest) -> Turn:
    backbone = [p.id for p in seeing.partners.values() if p.kind is PartnerKind.BACKBONE]
    return turn(
        found.state, backbone=backbone, asker=found.partner, missing=found.missing, unanswered=found.unanswered,
        names=seeing.names,
    )  # fmt: skip
