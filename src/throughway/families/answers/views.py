"""The screens of families' answers: a case worker's page for one student, the officer's list of signed forms to compare, and what families
decided."""

from base64 import b64encode
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from throughway.agreements.document import version_of
from throughway.agreements.selectors import agreement_statuses
from throughway.consent.actions import decide
from throughway.consent.actions import withdraw as withdraw_consent
from throughway.consent.actions.papers import PICTURE
from throughway.consent.answer_history import TAGS
from throughway.consent.contested_parts import contested_in_words
from throughway.consent.selectors.decisions import consents as recorded
from throughway.consent.selectors.decisions import discloser_of, in_force, lapsing
from throughway.consent.selectors.rights import may_be_limited, signed_forms_of, translations_of
from throughway.consent.sent_form import FormState
from throughway.families import selectors
from throughway.families.actions import answers
from throughway.families.actions.asking import WORKERS
from throughway.families.actions.requesters import check_may
from throughway.families.actions.translations import approve_words, translated_document
from throughway.families.answers.consent_form import consent_form
from throughway.families.answers.forms import (
    CodeForm,
    CompareForm,
    ReturnForm,
    SaidForm,
    SendForm,
    SignedForm,
    TakeBackForm,
    WordsForm,
)
from throughway.families.forms import FamilyDecisionForm, StudentNumberForm
from throughway.partners.actor import OFFICERS
from throughway.partners.open_step import due_tag
from throughway.partners.page_access import ActingRequest, again_for, done, refusal_at, screen
from throughway.partners.selectors import partner_names

workers = screen(*WORKERS, person=True)
officers = screen(*OFFICERS, person=True)
ENDING = 45  # days within which a consent ends soon
MOST_ENDING = 50  # of them shown
FORMS: dict[str, Callable[..., forms.Form]] = {"send": SendForm, "signed": SignedForm, "said": SaidForm}


@workers
def answer(request: ActingRequest, person: int) -> HttpResponse:
    """What one student's family is asked and has answered, and the three ways to go on: give a form, record one that came back signed, record
    what the family said without one."""
    page = selectors.answers_about(person, request.actor)
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    shown = {name: _form(request, name, page, sent) for name in FORMS}
    form = shown.get(sent)
    if form is not None and form.is_valid():
        with refusal_at(form):
            return _record(request, person, sent, form.cleaned_data)
    return render(
        request,
        "families/answer.html",
        {"page": page, "forms": shown, "open": sent, "asks": [(each, [(id, words, TakeBackForm(auto_id=f"{id}_%s")) for id, words in each.consents]) for each in page.asks],
         "statements": contested_in_words(page.statements)},
        status=422 if form is not None else 200,
    )  # fmt: skip


def _form(request: ActingRequest, name: str, page: selectors.AnswerPage, sent: str) -> forms.Form:
    given: tuple[Any, ...] = (request.POST, request.FILES) if sent == name else ()
    asks: dict[str, Any] = {"asks": page.choices, "again": page.ended} if name != "signed" else {}
    return FORMS[name](*given, auto_id=f"{name}_%s", **asks)


def _record(request: ActingRequest, person: int, act: str, values: dict[str, Any]) -> HttpResponse:
    of: dict[str, Any] = {"person": person, "by": request.actor}
    if act == "send":
        form = answers.send_form(**values, **of)
        said = f"The form {form.printed_code} is ready. Print it below; this page shows that it was sent."
    elif act == "signed":
        paper = values.pop("paper").read()
        form = answers.record_signed(paper=paper, **values, **of)
        name = partner_names().get(form.partner, form.partner)
        said = f"The signed form is kept sealed. {name} compares it with its record; the yes counts from then on."
    else:
        answers.record_said(**values, **of)
        said = "The no is recorded. It counts from now on, if this person holds the right."
    return done(request, said, "families:answer", person)


@workers
def take_back(request: ActingRequest, person: int, id: str) -> HttpResponse:
    """Withdraws a consent that the family takes back, and returns to the student's family; to the list where the withdrawal closed the
    student to this reader."""
    form = TakeBackForm(request.POST or None)
    if not form.is_valid():
        return redirect("families:answer", person)
    partner = answers.take_back(
        person=person, consent=id.upper(), how=form.cleaned_data["how"], by=request.actor
    )
    whose = partner_names().get(partner, partner)
    said = f"The family’s yes about records of {whose} is taken back ({id.upper()}). What it opened is closed now."
    if answers.is_open(person=person, by=request.actor):
        return done(request, said, "families:answer", person)
    # No name in a message, which is kept until the next page: the student is no longer shown to this reader.
    return done(request, f"{said} With it the student left your list.", "casework:students")


@workers
def find_form(request: ActingRequest) -> HttpResponse:
    """From the code on a paper to the page of the student for whom it was sent."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        with refusal_at(form):
            return redirect(
                "families:answer", answers.find_form(code=form.cleaned_data["code"], by=request.actor)
            )
    return render(request, "families/find_form.html", {"form": form}, status=422 if form.errors else 200)


@screen(*WORKERS, *OFFICERS)
def print_form(request: ActingRequest, code: str) -> HttpResponse:
    """The form as PDF. It says nothing about the student."""
    form = answers.form_to_print(code=code, by=request.actor)
    document = next(s.document for s in agreement_statuses(date.today()) if s.document.id == form.agreement)
    form.check_version(version_of(document))
    words = (
        next(iter(translations_of(form.partner, code=form.translation)), None) if form.translation else None
    )
    response = HttpResponse(
        consent_form(form, document, partner_names(), words), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{form.printed_code}-{form.language}.pdf"'
    return response


@screen(*OFFICERS)
def form_words(request: ActingRequest, agreement: str, language: str) -> HttpResponse:
    """The words of consent forms in the families' language, each beside the signed text. It names no student."""
    translated_document(agreement, language, request.actor)
    found = next(
        each
        for each in selectors.form_words_of(request.actor.partner or "", date.today())
        if (each.document.id, each.language) == (agreement, language)
    )
    begun = found.approved or found.earlier
    form = WordsForm(
        request.POST or None,
        parts=found.parts,
        language=language,
        initial=dict(begun.words) if begun else None,
    )
    if form.is_valid():
        with refusal_at(form):
            approve_words(
                agreement=agreement, language=language, words=form.cleaned_data,
                version=request.POST.get("version", ""), by=request.actor,
            )  # fmt: skip
            return done(
                request,
                f"Approved. Forms in {found.name} are printed with these words from now on.",
                "families:consents",
            )
    return render(
        request,
        "families/form_words.html",
        {"found": found, "form": form},
        status=422 if form.errors else 200,
    )


@officers
def signed_forms(request: ActingRequest) -> HttpResponse:
    """The forms that came back signed about records of this partner, the one due first at the top."""
    waiting = signed_forms_of(request.actor.partner or "")
    names = partner_names()
    rows = [
        {"form": f, "code": f.printed_code, "sender": names.get(f.sender, f.sender), "due": due_tag(f.due or f.since, date.today())}
        for f in waiting
    ]  # fmt: skip
    return render(request, "families/signed_forms.html", {"rows": rows})


@officers
def signed_form(request: ActingRequest, code: str) -> HttpResponse:
    """One signed form beside its picture, to be confirmed or sent back. The ledger records that the picture was shown."""
    form = answers.own_form(code=code, by=request.actor)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    compare = CompareForm(request.POST if act == "confirm" else None)
    back = ReturnForm(request.POST if act == "return" else None)
    if compare.is_valid():
        with refusal_at(compare):
            confirmed = answers.confirm(code=form.code, **compare.cleaned_data, by=request.actor)
            return done(request, _confirmed_words(confirmed.consent, form.partner), "families:signed_forms")
    elif back.is_valid():
        with refusal_at(back):
            answers.return_form(code=form.code, **back.cleaned_data, by=request.actor)
            return done(
                request,
                "The form is sent back to who sent it, and its paper is destroyed.",
                "families:signed_forms",
            )
    form = answers.own_form(code=code, by=request.actor)
    waits = form.state is FormState.SIGNED
    paper = answers.look_at_paper(code=form.code, by=request.actor) if form.state in KEPT else None
    if paper is not None and not compare.is_bound:
        compare = CompareForm(
            initial={"signer": paper.signer, "relation": form.relation, "signed_on": form.signed_on}
        )
    names = partner_names()
    picture = paper is not None and paper.kind == PICTURE
    return render(
        request,
        "families/signed_form.html",
        {"form": form, "code": form.printed_code, "waits": waits, "compare": compare, "back": back, "paper": paper,
         "near": paper is not None and waits and may_be_limited(paper.signer, form.record, date.today()),
         "picture": b64encode(paper.content).decode() if picture and paper else "", "tag": TAGS[form.state],
         "sender": names.get(form.sender, form.sender), "about": selectors.form_words(form)},
        status=422 if compare.errors or back.errors else 200,
    )  # fmt: skip


KEPT = (FormState.SIGNED, FormState.CONFIRMED)  # states in which a paper is kept


def _confirmed_words(consent: str, partner: str) -> str:
    """A consent that is recorded may still not count: the other parent refused, or it has ended."""
    known = recorded(partner=partner)
    record = next(c.record for c in known if c.id == consent)
    if consent in in_force([c for c in known if c.record == record], date.today()):
        return f"The consent {consent} is recorded. It counts from now on."
    return f"The consent {consent} is recorded, but it does not count: somebody else who holds the right refused, or took it back later."


@officers
def paper_file(request: ActingRequest, code: str) -> HttpResponse:
    """The paper of a form as a file, after an entry in the ledger."""
    paper = answers.look_at_paper(code=code, by=request.actor)
    ending = "jpg" if paper.kind == PICTURE else "pdf"
    response = HttpResponse(paper.content, content_type=paper.kind)
    response["Content-Disposition"] = f'attachment; filename="{answers.plain_code(code)}.{ending}"'
    return response


@officers
def consents(request: ActingRequest) -> HttpResponse:
    """What families decided about one student's records, found by the partner's own number, which is sent in the request's body; and
    the consents that end soon."""
    today, own = date.today(), request.actor.partner or ""
    form = StudentNumberForm(request.POST or None)
    found = None
    if form.is_valid():
        with refusal_at(form):
            found = selectors.decisions_about(form.cleaned_data["student"], request.actor, today)
    ending, choices = lapsing(own, ENDING), selectors.choices(own, today)
    words = {choice.value: choice.words for choice in choices}
    return render(
        request,
        "families/consents.html",
        {"form": form, "found": found, "all_ending": len(ending), "days": ENDING,
         "ending": [(each, words.get(f"{each.agreement} {each.purpose}", each.agreement)) for each in ending[:MOST_ENDING]],
         "choices": choices, "words": selectors.form_words_of(own, today),
         "signed": len(signed_forms_of(own))},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def new_consent(request: ActingRequest) -> HttpResponse:
    """Records one decision about records of the reader's own partner."""
    own = request.actor.partner or ""
    known = [(choice.value, choice.words) for choice in selectors.choices(own, date.today())]
    form = FamilyDecisionForm(request.POST or None, choices=known)
    if form.is_valid():
        with refusal_at(form):
            recorded = decide(cells=form.cells(own), by=request.actor)
            said = (
                "Recorded. It counts from now on."
                if recorded.new
                else "This was recorded already; nothing was changed."
            )
            if recorded.unchecked:
                said += " The records here do not say whether the signer held the right that day; it rests on the signer’s word."
            return done(request, said, "families:consents")
    return render(
        request, "families/new.html",
        {"form": form, "title": "A family’s decision", "back": ("families:consents", "What families decided"), "headline": "Record what a family decided", "button": "Record the decision",
         "lead": "A yes is signed and dated (34 CFR 99.30). A no, and a yes that is taken back, count however the family says it."},
        status=400 if form.errors else 200,
    )  # fmt: skip


@officers
def withdraw(request: ActingRequest, id: str) -> HttpResponseBase:
    """The family takes back a consent, from today on."""
    if request.method != "POST":
        return redirect("families:consents")
    own = check_may(request.actor)
    return again_for(_withdraw, request, discloser_of(id) or own, id)


def _withdraw(request: ActingRequest, id: str) -> HttpResponse:
    withdrawn = withdraw_consent(id=id, by=request.actor)
    return done(
        request,
        f"The consent {withdrawn.withdraws} is taken back. What it opened is closed now.",
        "families:consents",
    )
