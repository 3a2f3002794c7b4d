"""The schedule: elements chosen from the vocabulary with what each partner holds, and the gaps between the two."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from throughway.agreements.diff.change_text import Wording
from throughway.agreements.document_forms import DocumentChoices
from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import transform_words
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.agreements.lenient_parse import readable_part
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital
from throughway.core.refusals import Refused
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import AgreementDraft, DraftSection, entries, section_of
from throughway.negotiation.drafting.purpose_forms import LineForm, PickForm
from throughway.negotiation.drafting.schedule import (
    Gaps,
    asked,
    by_table,
    element_list_words,
    gaps,
    line_words,
    of_table,
    table,
    tables,
)
from throughway.negotiation.drafting.views.draft_page import (
    choices_in,
    draft_of,
    findings_of,
    number_in,
    page,
    writers,
    written_by,
)
from throughway.partners.page_access import ActingRequest, refusal_at
from throughway.partners.selectors import held, partner_names
from throughway.vocabulary.labels import table_words


@writers
def picker(request: ActingRequest, number: int) -> HttpResponse:
    """Every table; with `?table=` one of them, element by element."""
    draft = draft_of(request, number)
    name = request.GET.get("table")
    return _one_table(request, draft, name) if name else _all_tables(request, draft)


def _all_tables(request: ActingRequest, draft: AgreementDraft) -> HttpResponse:
    known, schedule = partner_names(), entries(draft.values, "schedule")
    found = tables(schedule, held(), _givers(draft), known)
    gap = _gaps(draft)
    return page(
        request,
        "schedule",
        draft,
        DraftSection.SCHEDULE,
        near=[t for t in found if t.holders or t.listed],
        far=[t for t in found if not (t.holders or t.listed)],
        lines=len(schedule),
        writes=_writing_in_words(draft, known),
        findings=_grave(findings_of(request, draft))[:20],
        has_purposes=bool(choices_in(draft).purposes()),
        unheld=len(gap.unheld),
        unasked=sum(map(len, gap.unasked.values())),
        unknown=[known.get(p, p) for p in gap.unknown],
    )


def _writing_in_words(draft: AgreementDraft, names: Mapping[str, str]) -> list[str]:
    """Each entry of what people may type, in words."""
    text = Wording(dict(draft.values), names)
    return [
        f"{capital(table_words(row.get('table') or 'not chosen yet'))}{text.typists(row)}"
        for row in entries(draft.values, "writes")
    ]


def _one_table(request: ActingRequest, draft: AgreementDraft, name: str) -> HttpResponse:
    known, schedule = partner_names(), entries(draft.values, "schedule")
    found = table(name, schedule, held(), _givers(draft), known)
    if found is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        draft = written_by(request, draft.number)
    here = f"{reverse('drafting:schedule', args=[draft.number])}?table={name}"
    if posted is not None and "remove" in posted:
        _remove(request, draft, posted["remove"])
        return redirect(here)
    form = PickForm(posted, table=found, document=choices_in(draft))
    if posted is not None and form.is_valid():
        with refusal_at(form, "chosen"):
            actions.add_lines(number=draft.number, lines=form.lines(), by=request.actor)
            messages.success(request, "Listed.")
            return redirect(here)
    chosen = set(form["chosen"].value() or ())
    findings = findings_of(request, draft)
    return page(
        request,
        "table",
        draft,
        DraftSection.SCHEDULE,
        table=found,
        form=form,
        everything=f"{name}.*",
        chosen=chosen,
        lines=[_line(n, entry, findings, choices_in(draft)) for n, entry in of_table(schedule, name)],
        has_purposes=bool(choices_in(draft).purposes()),
        is_known=any(p in held() for p in _givers(draft)),
    )


@writers
def one_line(request: ActingRequest, number: int, position: int) -> HttpResponse:
    """Edits one line, except its elements."""
    draft = written_by(request, number)
    schedule = entries(draft.values, "schedule")
    if position >= len(schedule):
        raise Http404
    entry = schedule[position]
    form = LineForm(request.POST or None, line=entry, document=choices_in(draft))
    if request.method == "POST" and form.is_valid():
        form.check_fits([str(entry.get("element"))])
    if request.method == "POST" and form.is_valid():
        line = form.line_of(str(entry["element"]))
        actions.replace_line(number=number, old=_typed(request, entry), new=line, by=request.actor)
        messages.success(request, "Saved.")
        name = str(entry["element"]).partition(".")[0]
        return redirect(f"{reverse('drafting:schedule', args=[number])}?table={name}")
    findings = [f for f in findings_of(request, draft) if f.element.startswith(f"schedule[{position}]")]
    return page(
        request, "change_line", draft, DraftSection.SCHEDULE, form=form, words=line_words(entry), findings=findings,
        table=str(entry.get("element")).partition(".")[0], seen=str(entry.get("element")),
    )  # fmt: skip


def _typed(request: ActingRequest, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The line at the position, which must be unchanged since the page was opened."""
    if request.POST.get("seen") != str(entry.get("element")):
        raise Refused(
            "The schedule changed while you were writing, and this is now another line; go back to the "
            "schedule.",
            code="changed",
        )
    return entry


@writers
def asked_and_held(request: ActingRequest, number: int) -> HttpResponse:
    """Requested elements that nobody holds, and held elements that nobody requests."""
    draft, known = draft_of(request, number), partner_names()
    gap = _gaps(draft)
    unheld: dict[str, list[str]] = {}
    for each in gap.unheld:
        unheld.setdefault(each.element.partition(".")[0], []).append(each.element)
    return page(
        request,
        "gaps",
        draft,
        DraftSection.SCHEDULE,
        unheld=[(t, paths) for t, paths in _worded(unheld)],
        lacking=[(known.get(p, p), _worded(_by_table(paths))) for p, paths in gap.lacking.items()],
        unasked=[(known.get(p, p), _worded(_by_table(paths))) for p, paths in gap.unasked.items()],
        unknown=[known.get(p, p) for p in gap.unknown],
        givers=[known.get(p, p) for p in _givers(draft)],
    )


def _grave(findings: Sequence[ReviewFinding]) -> list[ReviewFinding]:
    """The schedule's findings that must be cured or decided; advice is shown at its table."""
    return [
        f
        for f in findings
        if section_of(f.element) is DraftSection.SCHEDULE and f.severity is not Severity.ADVICE
    ]


def _by_table(paths: Sequence[str]) -> dict[str, list[str]]:
    return {t: [f"{t}.{name}" for name in found] for t, found in by_table(paths).items()}


def _worded(found: Mapping[str, Sequence[str]]) -> list[tuple[Any, str]]:
    """Each table, and its elements in a row of words."""
    shown = [(table(name, (), {}, (), {}), paths) for name, paths in found.items()]
    return [(each, element_list_words(paths)) for each, paths in shown if each is not None]


def _gaps(draft: AgreementDraft) -> Gaps:
    document = readable_part(draft.values)
    wanted = asked(document) if document is not None else {}
    return gaps(wanted, held(), _givers(draft))


def _givers(draft: AgreementDraft) -> list[str]:
    return choices_in(draft).parties(PartyRole.DISCLOSER)


def _line(
    position: int,
    entry: Mapping[str, Any],
    findings: Sequence[ReviewFinding],
    document: DocumentChoices,
) -> dict[str, Any]:
    """One line for display."""
    labels = dict(document.purposes())
    return {
        "position": position,
        "words": line_words(entry),
        "purposes": [labels.get(id, id) for id in entry.get("purposes") or ()],
        "partners": [document.names.get(p, p) for p in entry.get("from") or ()],
        "how": _how(entry),
        "element": entry.get("element"),
        "necessity": entry.get("necessity"),
        "findings": [
            f for f in findings if f.element.startswith(f"schedule[{position}].") and f.severity != "advice"
        ],
    }


def _how(entry: Mapping[str, Any]) -> str:
    try:
        return transform_words(Transform.parse(str(entry.get("transform") or "none")))
    except ValueError:
        return "in a way that is not known"


def _remove(request: ActingRequest, draft: AgreementDraft, which: str) -> None:
    """`POSITION:ELEMENT`: removes the line, if it is unchanged since the page was opened."""
    place, _, element = which.partition(":")
    position, schedule = number_in(place), entries(draft.values, "schedule")
    if position is not None and position < len(schedule) and schedule[position].get("element") == element:
        actions.remove_lines(number=draft.number, lines=[schedule[position]], by=request.actor)
        messages.success(request, "Taken out. The history keeps its words.")
    else:
        messages.info(request, "That line was already changed or taken out.")
