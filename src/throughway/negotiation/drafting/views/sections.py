"""The forms of a draft's sections, and its purposes and rights of the steward, each on a page of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from throughway.agreements.document_forms import DocumentChoices
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.enums import PartyRole
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.core.refusals import Refused
from throughway.core.yaml_text import UnreadableText, values_of
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import (
    AgreementDraft,
    DraftSection,
    EditConflict,
    Values,
    entries,
    section_of,
)
from throughway.negotiation.drafting.draft_text import custody_line, purpose_line, student_words
from throughway.negotiation.drafting.forms import (
    ClausesForm,
    NameForm,
    PartiesForm,
    ProjectForm,
    RecordsForm,
    RowForm,
    StudentsForm,
    TermsForm,
    template_clauses,
)
from throughway.negotiation.drafting.purpose_forms import BasisForm, CustodyForm, PurposeForm
from throughway.negotiation.drafting.views.draft_page import (
    choices_in,
    draft_of,
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

MORE = {
    "services": "One more program",
    "onward": "Another who may receive it next",
    "writes": "One more kind of row",
}


@writers
def one_section(request: ActingRequest, number: int, section: str) -> HttpResponse:
    if section not in _PAGES:
        raise Http404
    return _PAGES[section](request, written_by(request, number))


def save(
    request: ActingRequest,
    draft: AgreementDraft,
    section: DraftSection,
    fields: Values,
    again: Callable[[EditConflict], HttpResponse],
    *to: object,
) -> HttpResponse:
    """Stores the section and goes on to the page `to`, mostly the draft; on an edit conflict the form is shown again with what
    was typed."""
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
    name, *arguments = to or ("one",)
    return redirect(f"drafting:{name}", draft.number, *arguments)


def found_in(
    request: ActingRequest, draft: AgreementDraft, section: DraftSection, *roots: str
) -> list[ReviewFinding]:
    """The review's findings in the section, most severe first; with `roots`, only those under these paths. None after a POST."""
    if request.method == "POST":
        return []
    return [
        f for f in findings_of(request, draft)
        if section_of(f.element) is section and (not roots or f.element.startswith(roots))
    ]  # fmt: skip


def _name(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    wider = wider_than(request, str(draft.values.get("tier")))
    titles = {id: document.title for id, document in wider.items() if id != draft.id}
    document = DocumentChoices(draft.values, {}, titles)
    form = NameForm(request.POST or None, document=document, fixed=bool(draft.amends))
    return _form(request, draft, DraftSection.NAME, form)


def _parties(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    form = PartiesForm(request.POST or None, document=choices_in(draft))
    to = ("section", "parties") if request.POST.get("more") else ()
    return _form(request, draft, DraftSection.PARTIES, form, *to, template="parties")


def _terms(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    return _form(
        request, draft, DraftSection.TERMS, TermsForm(request.POST or None, document=choices_in(draft))
    )


def _project(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    return _form(
        request, draft, DraftSection.PROJECT, ProjectForm(request.POST or None, document=choices_in(draft))
    )


def _clauses(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    template = template_clauses(draft.template)
    form = ClausesForm(request.POST or None, document=choices_in(draft), template=template)
    return _form(request, draft, DraftSection.CLAUSES, form, template="clauses")


def _form(
    request: ActingRequest,
    draft: AgreementDraft,
    section: DraftSection,
    form: Any,
    *to: object,
    template: str = "section",
) -> HttpResponse:
    """One form that is the whole section."""

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        findings = found_in(request, draft, section)
        return page(request, template, draft, section, form=form, findings=findings, clash=clash)

    if request.method == "POST" and "restore" not in request.POST and form.is_valid():
        return save(request, draft, section, form.fields_of(), shown, *to)
    return shown()


def _services(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    return _rows(request, draft, DraftSection.SERVICES, "services")


def _onward(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    return _rows(request, draft, DraftSection.PURPOSES, "onward")


def _writes(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    return _rows(request, draft, DraftSection.SCHEDULE, "writes")


def _rows(request: ActingRequest, draft: AgreementDraft, section: DraftSection, field: str) -> HttpResponse:
    """A list of rows, and an empty one below it."""
    document = choices_in(draft)
    forms = [
        RowForm(request.POST or None, section=field, row=row, document=document, prefix=f"row{n}")
        for n, row in enumerate([*entries(draft.values, field), {}])
    ]

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        findings = found_in(request, draft, section, field)
        return page(
            request, "rows", draft, section, forms=forms, field=field, more=MORE[field], findings=findings, clash=clash
        )  # fmt: skip

    valid = [form.is_valid() for form in forms]  # each shows its own error
    if all(valid):
        rows = [row for form in forms if (row := form.row()) is not None]
        to = ("section", field) if "another" in request.POST else ()
        return save(request, draft, section, {field: rows}, shown, *to)
    return shown()


def _students(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    """Groups are added and removed, and the days are saved; the button that was pressed says which."""
    document, groups = choices_in(draft), entries(draft.values, "population")
    adding = request.POST if "add" in request.POST else None
    dating = request.POST if "days" in request.POST else None
    form, records = StudentsForm(adding, document=document), RecordsForm(dating, document=document)

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        return page(
            request, "students", draft, DraftSection.STUDENTS, form=form, records=records, clash=clash,
            groups=[
                (n, student_words(entry), [document.names.get(p, p) for p in entry.get("from") or ()])
                for n, entry in enumerate(groups)
            ],
            findings=found_in(request, draft, DraftSection.STUDENTS),
        )  # fmt: skip

    fields: Values | None = None
    taken = number_in(request.POST.get("remove", ""))
    if adding is not None and form.is_valid():
        fields = {"population": [*groups, form.entry()]}
    elif dating is not None and records.is_valid():
        fields = records.fields_of()
    elif taken is not None and taken < len(groups):
        fields = {"population": [group for n, group in enumerate(groups) if n != taken]}
    if fields is None:
        return shown()
    return save(request, draft, DraftSection.STUDENTS, fields, shown, "section", "students")


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
        values = values_of(text, merge_keys=False)
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
    "writes": _writes,
    "project": _project,
    "text": _text,
}


@writers
def all_purposes(request: ActingRequest, number: int) -> HttpResponse:
    """The purposes of the records, and their bases."""
    draft, names = draft_of(request, number), partner_names()
    values, findings = draft.values, findings_of(request, draft)

    def lines(name: str) -> list[tuple[int, str, list[ReviewFinding]]]:
        rows = entries(values, name)
        return [
            (
                n,
                purpose_line(row, names) if name == "purposes" else custody_line(row),
                [f for f in findings if f.element.startswith(_paths_of(name, n, rows))],
            )
            for n, row in enumerate(rows)
        ]

    purposes = lines("purposes")
    return page(
        request,
        "purposes",
        draft,
        DraftSection.PURPOSES,
        purposes=purposes,
        custody=lines("custody"),
        onward=entries(values, "onward"),
        # Findings on the section as a whole, such as that it is empty.
        findings=[
            f for f in findings if f.element in ("purposes", "custody") or f.element.startswith("onward")
        ],
        has_steward=bool(DocumentChoices(values, names).parties(PartyRole.STEWARD)),
        may_have_purposes=values.get("tier") != "mou" or bool(purposes),
    )


def _paths_of(field: str, position: int | None, rows: list[Any]) -> tuple[str, ...]:
    """How the paths of an entry begin; that of an only one may be written without its number."""
    return (f"{field}[{position}]", *([f"{field}."] if len(rows) == 1 else []))


@writers
def one_purpose(request: ActingRequest, number: int, which: str) -> HttpResponse:
    return _entry(request, number, "purposes", which, PurposeForm)


@writers
def one_custody(request: ActingRequest, number: int, which: str) -> HttpResponse:
    return _entry(request, number, "custody", which, CustodyForm)


def _entry(
    request: ActingRequest, number: int, field: str, which: str, kind: type[BasisForm]
) -> HttpResponse:
    """One entry. `ask` shows the questions of another right, and stores nothing; `remove` takes the entry out."""
    draft = written_by(request, number)
    rows = entries(draft.values, field)
    position = None if which == "new" else number_in(which)
    if which != "new" and (position is None or position >= len(rows)):
        raise Http404
    entry = {} if position is None else rows[position]
    form = kind(request.POST or None, entry=entry, document=choices_in(draft))

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        findings = found_in(request, draft, DraftSection.PURPOSES, *_paths_of(field, position, rows))
        return page(
            request, "purpose", draft, DraftSection.PURPOSES, form=form, field=field, is_new=position is None,
            findings=findings, clash=clash,
        )  # fmt: skip

    if "ask" in request.POST:
        form.full_clean()
        form.errors.clear()
        return shown()
    if "remove" in request.POST and position is not None:
        del rows[position]
    elif request.method == "POST" and form.is_valid():
        end = len(rows) if position is None else position
        rows[end : end + 1] = [form.entry()]
    else:
        return shown()
    return save(request, draft, DraftSection.PURPOSES, {field: rows}, shown, "purposes")
