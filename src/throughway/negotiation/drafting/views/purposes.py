"""What records are for and by what right: all of it, one purpose, one right of the steward."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse

from throughway.agreements.enums import PartyRole
from throughway.negotiation.drafting.draft import AgreementDraft, DraftSection, EditConflict
from throughway.negotiation.drafting.draft_text import summary
from throughway.negotiation.drafting.forms.purposes import (
    CustodyForm,
    PurposeForm,
    entries,
    replaced,
    with_role,
)
from throughway.negotiation.drafting.views.draft_page import draft_of, findings_of, page, writers, written_by
from throughway.negotiation.drafting.views.sections import save
from throughway.partners.page_access import ActingRequest
from throughway.partners.selectors import partner_names


@writers
def all_purposes(request: ActingRequest, number: int) -> HttpResponse:
    draft, known = draft_of(request, number), partner_names()
    values, findings = draft.values, findings_of(request, draft)
    purposes, custody = entries(values, "purposes"), entries(values, "custody")

    def lines(name: str, rows: list[dict[str, Any]]) -> list[tuple[int, str, list[Any]]]:
        one = len(rows) == 1
        return [
            (
                n,
                summary({name: [row]}, DraftSection.PURPOSES, known)[0],
                [f for f in findings if f.element.startswith((f"{name}[{n}]", f"{name}." if one else "\0"))],
            )
            for n, row in enumerate(rows)
        ]

    return page(
        request,
        "purposes",
        draft,
        DraftSection.PURPOSES,
        purposes=lines("purposes", purposes),
        custody=lines("custody", custody),
        onward=entries(values, "onward"),
        # What is about the section as a whole, such as that nothing stands there.
        findings=[
            f for f in findings if f.element in ("purposes", "custody") or f.element.startswith("onward")
        ],
        has_steward=bool(with_role(values, PartyRole.STEWARD)),
        may_have_purposes=values.get("tier") != "mou" or bool(purposes),
    )


@writers
def one_purpose(request: ActingRequest, number: int, which: str) -> HttpResponse:
    draft = written_by(request, number)
    rows = entries(draft.values, "purposes")
    position = _position(which, rows)
    entry: Mapping[str, Any] = {} if position is None else rows[position]
    form = PurposeForm(request.POST or None, entry=entry, values=draft.values, names=partner_names())
    return _one(request, draft, "purposes", rows, position, form, lambda: form.purpose())


@writers
def one_custody(request: ActingRequest, number: int, which: str) -> HttpResponse:
    draft = written_by(request, number)
    rows = entries(draft.values, "custody")
    position = _position(which, rows)
    entry: Mapping[str, Any] = {} if position is None else rows[position]
    form = CustodyForm(request.POST or None, entry=entry, values=draft.values, names=partner_names())
    return _one(request, draft, "custody", rows, position, form, lambda: form.custody())


def _one(
    request: ActingRequest,
    draft: AgreementDraft,
    field: str,
    rows: list[dict[str, Any]],
    position: int | None,
    form: PurposeForm | CustodyForm,
    entry: Any,
) -> HttpResponse:
    """`ask` shows the questions of another right, and keeps nothing; `remove` takes the entry out."""

    def shown(clash: EditConflict | None = None) -> HttpResponse:
        at = f"{field}[{position}]"
        alone = f"{field}." if len(rows) == 1 else at
        findings = (
            [f for f in findings_of(request, draft) if f.element.startswith((at, alone))]
            if not request.POST
            else []
        )
        return page(
            request, "purpose", draft, DraftSection.PURPOSES, form=form, field=field, is_new=position is None,
            findings=findings, clash=clash,
        )  # fmt: skip

    if request.method == "POST" and "ask" in request.POST:
        form.full_clean()
        form.errors.clear()
        return shown()
    fields: Mapping[str, Any] | None = None
    if request.method == "POST" and "remove" in request.POST and position is not None:
        fields = {field: replaced(rows, position, None)}
    elif request.method == "POST" and form.is_valid():
        fields = {field: replaced(rows, position, entry())}
    if fields is None:
        return shown()
    return save(request, draft, DraftSection.PURPOSES, fields, shown, to="drafting:purposes")


def _position(which: str, rows: list[dict[str, Any]]) -> int | None:
    if which == "new":
        return None
    if which.isdigit() and len(which) < 6 and int(which) < len(rows):
        return int(which)
    raise Http404
