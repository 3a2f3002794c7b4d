"""The forms of a draft's sections, each on a page of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from throughway.agreements.enums import PartyRole
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.starter_texts import as_yaml
from throughway.core.refusals import Refused
from throughway.core.yaml_text import UnreadableText, values_of
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import AgreementDraft, DraftSection, EditConflict, section_of
from throughway.negotiation.drafting.forms.clauses import ClausesForm
from throughway.negotiation.drafting.forms.parties import PartiesForm
from throughway.negotiation.drafting.forms.purposes import entries, replaced
from throughway.negotiation.drafting.forms.row_sections import LicenseProjectForm, OnwardForm, ServiceForm
from throughway.negotiation.drafting.forms.students import RecordsForm, StudentsForm
from throughway.negotiation.drafting.forms.terms import TermsForm
from throughway.negotiation.drafting.forms.title_and_tier import NameForm
from throughway.negotiation.drafting.questions import student_words, words_of
from throughway.negotiation.drafting.views.draft_page import (
    findings_of,
    number_in,
    page,
    revision_of,
    writers,
    written_by,
)
from throughway.negotiation.drafting.views.drafts import wider_than
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names

Fields = Mapping[str, Any]


@writers
def one_section(request: ActingRequest, number: int, section: str) -> HttpResponse:
    if section not in _PAGES:
        raise Http404
    return _PAGES[section](request, written_by(request, number))


def save(
    request: ActingRequest,
    draft: AgreementDraft,
    section: DraftSection,
    fields: Fields,
    again: Callable[[EditConflict], HttpResponse],
    to: str = "",
) -> HttpResponse:
    """Keeps the section and goes on; after a clash shows the form again with what was typed."""
    try:
        actions.change(
            number=draft.number,
            revision=revision_of(request, draft),
            section=section,
            fields=fields,
            by=request.actor,
        )
    except EditConflict as clash:
        return again(clash)
    messages.success(request, "Saved.")
    return redirect(to, draft.number) if to else redirect("drafting:one", draft.number)


def found_in(
    request: ActingRequest, draft: AgreementDraft, *sections: DraftSection, root: str = ""
) -> list[ReviewFinding]:
    """What review found in these sections, gravest first; with `root`, under that field alone."""
    return [
        f for f in findings_of(request, draft)
        if section_of(f.element) in sections and (not root or f.element.startswith(root))
    ]  # fmt: skip


def _name(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    wider = wider_than(request, str(draft.values.get("tier")))
    form = NameForm(
        request.POST or None,
        initial=NameForm.initial_of(draft.values),
        wider=[(id, document.title) for id, document in wider.items() if id != draft.id],
        fixed=bool(draft.amends),
    )
    return _form(request, draft, DraftSection.NAME, form, lambda: form.fields_of(draft.values))


def _parties(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    form = PartiesForm(request.POST or None, values=draft.values, names=partner_names())
    to = "drafting:one" if "more" not in request.POST or not request.POST["more"] else "parties"
    return _form(request, draft, DraftSection.PARTIES, form, form.fields_of, template="parties", to=to)


def _terms(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    form = TermsForm(request.POST or None, values=draft.values)
    return _form(request, draft, DraftSection.TERMS, form, form.fields_of)


def _project(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    form = LicenseProjectForm(request.POST or None, values=draft.values)
    return _form(request, draft, DraftSection.PROJECT, form, form.fields_of)


def _clauses(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    form = ClausesForm(request.POST or None, values=draft.values, template=words_of(draft.template))
    return _form(request, draft, DraftSection.CLAUSES, form, form.fields_of, template="clauses")


def _form(
    request: ActingRequest,
    draft: AgreementDraft,
    section: DraftSection,
    form: Any,
    fields: Callable[[], Fields],
    template: str = "section",
    to: str = "",
) -> HttpResponse:
    """One form that is the whole section."""

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        findings = found_in(request, draft, section) if request.method == "GET" else []
        return page(request, template, draft, section, form=form, findings=findings, clash=clash)

    if request.method == "POST" and "restore" not in request.POST and form.is_valid():
        response = save(request, draft, section, fields(), shown)
        if to == "parties" and response.status_code == 302:
            return redirect("drafting:section", draft.number, "parties")
        return response
    return shown()


def _services(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    known = partner_names()
    parties = [(id, known.get(id, id)) for id in draft.parties]
    rows = entries(draft.values, "services")
    forms = [
        ServiceForm(request.POST or None, initial=row, parties=parties, prefix=f"row{n}")
        for n, row in enumerate([*rows, {}])
    ]
    return _rows(request, draft, DraftSection.SERVICES, forms, "services", "One more program")


def _onward(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    rows = entries(draft.values, "onward")
    forms = [
        OnwardForm(request.POST or None, initial=row, prefix=f"row{n}") for n, row in enumerate([*rows, {}])
    ]
    return _rows(request, draft, DraftSection.PURPOSES, forms, "onward", "One more who may receive it next")


def _rows(
    request: ActingRequest,
    draft: AgreementDraft,
    section: DraftSection,
    forms: list[Any],
    field: str,
    more: str,
) -> HttpResponse:
    """A list of rows, and an empty one below it."""

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        findings = found_in(request, draft, section, root=field) if request.method == "GET" else []
        return page(
            request,
            "rows",
            draft,
            section,
            forms=forms,
            field=field,
            more=more,
            findings=findings,
            clash=clash,
        )

    valid = [form.is_valid() for form in forms] if request.method == "POST" else [False]
    if all(valid):
        rows = [row for form in forms if (row := form.row()) is not None]
        response = save(request, draft, section, {field: rows}, shown)
        if "another" in request.POST and response.status_code == 302:
            return redirect("drafting:section", draft.number, field)
        return response
    return shown()


def _students(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    """Groups are added and taken out; the days are saved beside them. The button says which of the three it was."""
    known, values = partner_names(), draft.values
    groups = entries(values, "population")
    adding = request.POST if "add" in request.POST else None
    dating = request.POST if "days" in request.POST else None
    form = StudentsForm(adding, values=values, names=known)
    records = RecordsForm(dating, values=values)

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        return page(
            request, "students", draft, DraftSection.STUDENTS, form=form, records=records, clash=clash,
            groups=[(n, student_words(entry), [known.get(p, p) for p in entry.get("from") or ()]) for n, entry in enumerate(groups)],
            has_givers=any(PartyRole.DISCLOSER in (p.get("roles") or ()) for p in values.get("parties") or ()),
            findings=found_in(request, draft, DraftSection.STUDENTS) if request.method == "GET" else [],
        )  # fmt: skip

    fields: Fields | None = None
    taken = number_in(request.POST.get("remove", ""))
    if adding is not None and form.is_valid():
        fields = {"population": [*groups, form.entry()]}
    elif dating is not None and records.is_valid():
        fields = {"records": records.records()}
    elif taken is not None and taken < len(groups):
        fields = {"population": replaced(groups, taken, None)}
    if fields is None:
        return shown()
    response = save(request, draft, DraftSection.STUDENTS, fields, shown)
    return redirect("drafting:section", draft.number, "students") if response.status_code == 302 else response


def _text(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    """The whole text as YAML, pasted back."""
    text = request.POST.get("text", "")

    def shown(problem: str = "", clash: EditConflict | None = None) -> HttpResponse:
        return page(
            request, "text", draft, DraftSection.TEXT, clash=clash, problem=problem,
            text=text if request.method == "POST" else as_yaml(draft.values),
        )  # fmt: skip

    if request.method != "POST":
        return shown()
    try:
        values = values_of(text)
    except UnreadableText as problem:
        return shown(str(problem))
    if not isinstance(values, dict):
        return shown("The text must be a section of named fields, from throughway to clauses.")
    try:
        return save(request, draft, DraftSection.TEXT, values, lambda clash: shown(clash=clash))
    except Refused as refused:
        return shown(refused.message)


_PAGES: Mapping[str, Callable[[ActingRequest, AgreementDraft], HttpResponse]] = {
    "name": _name,
    "parties": _parties,
    "students": _students,
    "terms": _terms,
    "clauses": _clauses,
    "services": _services,
    "onward": _onward,
    "project": _project,
    "text": _text,
}
