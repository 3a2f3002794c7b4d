"""The pages of a negotiation: the text with the proposals at each place, one proposal, and all texts."""

import re
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from throughway.agreements.agreement_list import may_see
from throughway.agreements.diff.change_text import Wording
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_fields import FIELDS, field_at
from throughway.agreements.document_forms import DocumentChoices, FieldQuestion
from throughway.agreements.document_paths import (
    ListEntry,
    NoSuchPath,
    Path,
    at,
    entries_at,
    is_list,
    path_text,
    pattern,
    read_path,
)
from throughway.agreements.document_sections import Clauses
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.selectors import KeptText, context, kept_texts, lifecycle_of, past_acts, wider
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status_text import Tag
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.negotiation import actions
from throughway.negotiation.change_impact import Consequences, consequences, lines
from throughway.negotiation.document_outline import (
    ADDS,
    DETAILS,
    OutlineElement,
    element,
    fields_of,
    sections,
)
from throughway.negotiation.forms import CommentForm, ProposalForm, RefusalForm, WhyForm
from throughway.negotiation.models import PartyComment
from throughway.negotiation.permissions import can_negotiate
from throughway.negotiation.proposal_presenter import (
    ProposalEventLine,
    ProposalForReader,
    answers,
    present_proposal,
    who,
)
from throughway.negotiation.proposals import FIXED, TOO_WIDE, Proposal, Status, change_of, changed, overtaken
from throughway.negotiation.selectors import comments, proposals
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners


class NegotiationContext:
    """What the pages of one negotiation need, for one reader; Http404 for a reader who may not see the agreement."""

    def __init__(self, request: ActingRequest, id: str) -> None:
        self.actor, self.id = request.actor, id
        self.register = partners()
        try:
            life = lifecycle_of(id)
        except Refused:
            raise Http404 from None
        self.found = life.prepared
        if not any(may_see(self.actor, s.document, self.register) for s in (self.found, life.current)):
            raise Http404
        self.names = {p: facts.name for p, facts in self.register.items()}
        self.document = self.found.signed_text
        self.parties = self.found.document.partners
        self.values = document_values(self.document)
        self.text = Wording(self.values, self.names)
        self.is_open = self.found.state is AgreementState.NEGOTIATION
        self.may_act = self.is_open and can_negotiate(self.actor, self.found.document)

    @cached_property
    def proposals(self) -> list[ProposalForReader]:
        return [self.present(one) for one in proposals(self.id)]

    @cached_property
    def open(self) -> list[ProposalForReader]:
        return [
            one
            for one in self.proposals
            if one.state and one.proposal.status is Status.OPEN and one.tag.kind != "past"
        ]

    @cached_property
    def ended(self) -> list[ProposalForReader]:
        return [one for one in reversed(self.proposals) if one not in self.open]

    @cached_property
    def comments(self) -> list[PartyComment]:
        return comments(self.id)

    def present(self, one: Proposal) -> ProposalForReader:
        why = "" if one.status is not Status.OPEN else overtaken(one, self.document)
        if not why and one.status is Status.OPEN and not self.is_open:
            why = "The text is no longer in negotiation."
        return present_proposal(one, self.values, self.names, self.parties, self.actor, self.may_act, why)

    def comment_lines(self, of: list[PartyComment]) -> list[ProposalEventLine]:
        return [ProposalEventLine(day(c.day), who(c.partner, c.role, self.names), "", c.text) for c in of]

    def consequences(self, after: AgreementDocument) -> Consequences:
        above = wider(self.found, date.today())
        against = context(apart_from=self.id, sees=lambda d: may_see(self.actor, d, self.register))
        return consequences(self.document, after, self.names, above, against)

    def page(self) -> dict[str, object]:
        return {
            "id": self.id,
            "document": self.document,
            "version": self.found.version,
            "may_act": self.may_act,
        }


def within(path: str, of: str) -> bool:
    return path == of or path.startswith((f"{of}.", f"{of}["))


def href_to(id: str, path: str) -> str:
    return f"{reverse('negotiation:propose', args=[id])}?{urlencode({'at': path})}"


@screen()
def one(request: ActingRequest, id: str) -> HttpResponse:
    negotiation = NegotiationContext(request, id)
    waiting = [found for found in negotiation.open if found.waits_for_reader]
    context: dict[str, Any] = negotiation.page() | {
        "tag": Tag("wait", "in negotiation")
        if negotiation.is_open
        else Tag("past", negotiation.found.state.replace("_", " ")),
        "is_open": negotiation.is_open,
        "reason": negotiation.found.reason,
        "waiting": waiting,
        "open": negotiation.open,
        "ended": negotiation.ended,
        "waits_for": _waits_for(negotiation),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "elements": [_at(negotiation, found) for found in section.elements],
                "adds": [{"href": href_to(id, root), "words": words} for root, words in section.adds],
            }
            for section in sections(negotiation.values, negotiation.text)
        ],
        "comments": negotiation.comment_lines(
            [c for c in negotiation.comments if not c.path and c.proposal is None]
        ),
        "form": CommentForm() if negotiation.may_act else None,
    }
    return render(request, "negotiation/one.html", context)


def _waits_for(negotiation: NegotiationContext) -> str:
    """Whom the open proposals wait for, in a sentence."""
    parties = dict.fromkeys(
        p for one in negotiation.open for p in one.proposal.waits_for(negotiation.parties)
    )
    if not parties:
        return ""
    wait = "waits" if len(negotiation.open) == 1 else "wait"
    return f"{counted(len(negotiation.open), 'open proposal')} {wait} for {listed(partner_labels(parties, negotiation.names))}."


def _at(negotiation: NegotiationContext, found: OutlineElement) -> dict[str, object]:
    """An element with its proposals and comments, and the address where one proposes or comments."""
    comments = [c for c in negotiation.comments if c.proposal is None and within(c.path, found.path)]
    return {
        "element": found,
        "proposals": [one for one in negotiation.open if within(one.path, found.path)],
        "comments": negotiation.comment_lines(comments),
        "href": href_to(negotiation.id, found.path),
    }


@screen()
def propose(request: ActingRequest, id: str) -> HttpResponse:
    """One place of the text: its value, and the form to propose another value, none, or one more entry."""
    negotiation = NegotiationContext(request, id)
    text, place = place_in(negotiation, request.GET.get("at", ""))
    taking_away = "remove" in request.GET
    whole = isinstance(place[-1], ListEntry)
    found = None if is_list(place) else element(place, negotiation.values, negotiation.text)
    form = _form(negotiation, place, taking_away, request.POST or None) if negotiation.may_act else None
    page = negotiation.page() | {
        "at": text,
        "title": ADDS[text] if is_list(place) else negotiation.text.label(place),
        "element": found,
        "fields": _fields(id, found) if whole and found and not taking_away else [],
        "removing": taking_away,
        "remove_href": f"{href_to(id, text)}&remove=1" if whole and not taking_away else "",
        "proposals": [one for one in negotiation.open if within(one.path, text)],
        "comments": negotiation.comment_lines(
            [c for c in negotiation.comments if c.proposal is None and within(c.path, text)]
        ),
        "form": form,
        "comment_form": CommentForm() if negotiation.may_act and not is_list(place) else None,
    }
    if request.method != "POST":
        return render(request, "negotiation/propose.html", page)
    if form is None:
        raise Http404
    if not form.is_valid():
        return render(request, "negotiation/propose.html", page)
    value = form.proposed() if isinstance(form, ProposalForm) else None
    try:
        if "confirm" in request.POST:
            made = actions.propose(
                id=id, version=str(request.POST.get("version", "")), path=text, value=value,
                why=str(form.cleaned_data["why"]), by=negotiation.actor,
            )  # fmt: skip
            messages.success(request, "Proposed. The other parties see it now.")
            return redirect("negotiation:proposal", id=id, number=made.number)
        _, after = change_of(negotiation.document, text, value)
        page |= {"effects": negotiation.consequences(after)}
    except Refused as refused:
        form.add_error(None, refused.message)
    return render(request, "negotiation/propose.html", page)


def place_in(negotiation: NegotiationContext, text: str) -> tuple[str, Path]:
    """A place that can be proposed at; an address that does not exist for any other."""
    try:
        place = read_path(text, negotiation.values)
        if is_list(place):
            entries_at(negotiation.values, place)
        elif isinstance(place[-1], ListEntry) or any(isinstance(step, ListEntry) for step in place):
            last = max(n for n, step in enumerate(place) if isinstance(step, ListEntry))
            at(negotiation.values, place[: last + 1])
    except NoSuchPath:
        raise Http404 from None
    text = path_text(place)
    if text in (*FIXED, *TOO_WIDE) or not _is_known(place):
        raise Http404
    return text, place


def _is_known(place: Path) -> bool:
    """Whether it is a place of the format, and not a name that somebody made up."""
    if is_list(place) or isinstance(place[-1], ListEntry) or pattern(place) in FIELDS:
        return True
    if place[0] == "clauses":
        return len(place) == 2 and place[1] in Clauses.model_fields
    return len(place) > 3 and place[0] in DETAILS and place[2] == "basis_details"


def _form(
    negotiation: NegotiationContext, place: Path, taking_away: bool, data: Any
) -> WhyForm | ProposalForm | None:
    """None for a whole entry: one chooses a field of it first."""
    if taking_away:
        return WhyForm(data) if isinstance(place[-1], ListEntry) else None
    if isinstance(place[-1], ListEntry):
        return None
    document = DocumentChoices(negotiation.values, negotiation.names)
    if is_list(place):
        fields = [
            FieldQuestion("-".join(("value", *path)), path, field, not field.optional)
            for path, field in fields_of(place, {})
        ]
        return ProposalForm(fields, {}, document, data)
    try:
        value = at(negotiation.values, place)
    except NoSuchPath:
        value = None
    field = field_at(place)
    field = replace(field, kind=element(place, negotiation.values, negotiation.text).places[0].kind)
    line = at(negotiation.values, place[:2]) if place[0] == "schedule" else {}
    fields = [FieldQuestion("value", (), field, not field.optional, str(line.get("element", "")))]
    return ProposalForm(fields, value, document, data)


def _fields(id: str, found: OutlineElement) -> list[dict[str, object]]:
    return [{"place": place, "href": href_to(id, place.path)} for place in found.places]


NUMBER = re.compile(r"[0-9]{1,18}")  # of a proposal


@screen()
def one_proposal(request: ActingRequest, id: str, number: int) -> HttpResponse:
    negotiation = NegotiationContext(request, id)
    found = next((one for one in negotiation.proposals if one.number == number), None)
    if found is None:
        raise Http404
    refusal = RefusalForm(request.POST if request.POST.get("do") == "refuse" else None)
    page = negotiation.page() | {
        "found": found,
        "effects": negotiation.consequences(changed(negotiation.document, found.proposal))
        if found in negotiation.open
        else None,
        "answers": answers(found.proposal, negotiation.names),
        "comments": negotiation.comment_lines([c for c in negotiation.comments if c.proposal == number]),
        "refusal": refusal if found.waits_for_reader else None,
        "comment_form": CommentForm() if negotiation.may_act else None,
        "place_href": href_to(id, found.path) if _is_there(negotiation, found.path) else "",
    }
    if request.method == "POST":
        if not negotiation.may_act:
            raise Http404
        if request.POST.get("do") != "refuse" or refusal.is_valid():
            messages.success(request, _answered(request, number, refusal))
            return redirect("negotiation:proposal", id=id, number=number)
    return render(request, "negotiation/proposal.html", page)


def _is_there(negotiation: NegotiationContext, path: str) -> bool:
    try:
        place_in(negotiation, path)
    except Http404:
        return False
    return True


def _answered(request: ActingRequest, number: int, refusal: RefusalForm) -> str:
    by, do = request.actor, request.POST.get("do")
    if do == "accept":
        done = actions.accept(proposal=number, by=by)
        taken = done.status is Status.TAKEN
        return "Accepted by all: it is in the text now." if taken else "Accepted for your partner."
    if do == "refuse":
        actions.refuse(proposal=number, why=str(refusal.cleaned_data["why"]), by=by)
        return "Refused. The partner that proposed it can read why."
    if do == "withdraw":
        actions.withdraw(proposal=number, by=by)
        return "Withdrawn."
    raise Http404


@screen()
def comment(request: ActingRequest, id: str) -> HttpResponse:
    """Keeps a comment and goes back to where it was written."""
    negotiation = NegotiationContext(request, id)
    if request.method != "POST" or not negotiation.may_act:
        raise Http404
    form = CommentForm(request.POST)
    path, about = str(request.POST.get("at", "")), str(request.POST.get("proposal", ""))
    number = int(about) if NUMBER.fullmatch(about) else None
    if form.is_valid():
        actions.comment(
            id=id, text=str(form.cleaned_data["comment"]), path=path, by=negotiation.actor,
            proposal=number,
        )  # fmt: skip
        messages.success(request, "Your comment is posted. Every party can read it.")
    else:
        messages.error(request, " ".join(map(str, form.errors["comment"])))
    if number is not None:
        return redirect("negotiation:proposal", id=id, number=number)
    return redirect(href_to(id, path)) if path else redirect("negotiation:one", id=id)


@screen()
def versions(request: ActingRequest, id: str) -> HttpResponse:
    """All texts, and the changes between any two of them."""
    negotiation = NegotiationContext(request, id)
    texts = kept_texts(id)
    old, new = _chosen(request.GET.get("from"), texts, -2), _chosen(request.GET.get("to"), texts, -1)
    taken = {
        p.end.version: p
        for p in (s.proposal for s in negotiation.proposals)
        if p.status is Status.TAKEN and p.end
    }
    words = {one.number: one for one in negotiation.proposals}
    added = {
        deed.version: deed
        for deed in past_acts(id)
        if deed.act in (AgreementAct.ADD, AgreementAct.AMEND, AgreementAct.RENEW)
    }
    page = negotiation.page() | {
        "texts": [
            _row(text, negotiation, added.get(text.version), taken.get(text.version), words)
            for text in reversed(texts)
        ],
        "numbers": [text.number for text in texts],
        "old": old,
        "new": new,
        "changes": _between(negotiation, old, new) if old.number != new.number else None,
        "raw": lines(_written(old), _written(new)) if old.number != new.number else (),
    }
    return render(request, "negotiation/versions.html", page)


def _chosen(number: str | None, texts: list[KeptText], otherwise: int) -> KeptText:
    if number is None:
        return texts[max(otherwise, -len(texts))]
    found = next((text for text in texts if str(text.number) == number), None)
    if found is None:
        raise Http404
    return found


def _between(negotiation: NegotiationContext, old: KeptText, new: KeptText) -> Consequences:
    above = wider(negotiation.found, date.today())
    return consequences(old.document, new.document, negotiation.names, above)


def _written(text: KeptText) -> str:
    """The text in one canonical form, so that only real changes differ."""
    return as_yaml(document_values(text.document))


def _row(
    text: KeptText,
    negotiation: NegotiationContext,
    added: LifecycleEvent | None,
    taken: Proposal | None,
    words: dict[int, ProposalForReader],
) -> dict[str, object]:
    of = taken or added
    return {
        "number": text.number,
        "day": day(added.day if added else text.day),
        "by": who(of.partner, of.role, negotiation.names)
        if of and of.partner
        else "the operator of the folder",
        "what": words[taken.number].words if taken else "",
        "why": taken.why if taken else (added.why if added else ""),
        "proposal": taken.number if taken else None,
        "current": text.version == negotiation.found.version,
    }
