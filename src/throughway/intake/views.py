"""The screens of loads: the list, one load with its quarantine, and an upload in progress."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from throughway.agreements.agreement_list import may_see
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import day, table_words
from throughway.agreements.selectors import agreement_statuses, may_link
from throughway.core.prose import counted, listed, school_year
from throughway.core.refusals import Refused
from throughway.core.spreadsheet import safe
from throughway.intake.actions import register_landed
from throughway.intake.coverage import coverage, overlaps
from throughway.intake.entered_rows import ENTERED
from throughway.intake.feeds.status import notice_of
from throughway.intake.formats import DIRECTORY, FORMATS
from throughway.intake.forms import UploadForm
from throughway.intake.load_history import (
    Batch,
    by_week,
    chart_of,
    explain_refused_columns,
    few_unmapped,
)
from throughway.intake.load_report import ProblemLine, groups, lines, page, together
from throughway.intake.models import Upload, UploadState
from throughway.intake.not_shown import NotShown, not_shown
from throughway.intake.permissions import can_load, may_look, sees_all_loads, sees_loads_of
from throughway.intake.row_keys import one_row_for
from throughway.intake.selectors import (
    batch_of,
    batches,
    documents_in_effect,
    elements_landed,
    elements_needed,
    senders_for,
    sent_together,
    uploads_under_way,
)
from throughway.intake.uploads import actions as uploads
from throughway.intake.uploads.own_names import own_name, remember
from throughway.negotiation.drafting.schedule import by_table, element_list_words
from throughway.partners import Actor, PartnerFacts
from throughway.partners.actor import CUSTODIANS, Role
from throughway.partners.page_access import ActingRequest, again_for, refusal_at, screen
from throughway.partners.permissions import may_keep_systems
from throughway.partners.selectors import held, known, own_kind, partner_names, partners
from throughway.partners.systems.system import SystemEventKind
from throughway.store.selectors import current_community
from throughway.vocabulary import TABLES

A_PAGE = 25  # loads
LINES = 50  # problems
STOP_POLLING = 286  # the status at which htmx stops polling


@screen()
def all_loads(request: ActingRequest) -> HttpResponse:
    register, documents = partners(), documents_in_effect()
    everything = sees_all_loads(request.actor, documents)
    own = None if everything else [request.actor.partner or ""]
    found = batches(own)
    standing = [batch for batch in found if not batch.taken_back]
    weeks = by_week((batch.at.date(), batch.shown) for batch in standing)
    listed = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "intake/loads.html",
        {
            "page": listed,
            "lines": [_line(batch, register) for batch in listed],
            "total": together((batch.shown for batch in standing), sum),
            "refused": sum(bool(batch.refusal) for batch in found),
            "everything": everything,
            "own": _name(register, request.actor.partner or ""),
            "weeks": weeks,
            "chart": chart_of(weeks),
            "under_way": uploads_under_way(own),
            "may_send": bool(senders_for(request.actor, register, documents)),
            "may_compare": request.actor.role in CUSTODIANS,
        },
    )


@screen()
def one_load(request: ActingRequest, id: str) -> HttpResponse:
    register, found = partners(), agreement_statuses(date.today())
    documents = [standing.document for standing in found if standing.in_effect]
    batch = _visible(request.actor, id, documents)
    at_the_time = {agreement for agreement, _ in batch.agreements}
    named = {standing.document.id: standing.document for standing in found}
    path = current_community().quarantine / f"{batch.id}.csv"
    problems = groups(path)
    count = sum(group.count for group in problems)
    listed = Paginator(range(count), LINES).get_page(request.GET.get("page"))
    own = [d for d in documents if not at_the_time or d.id in at_the_time]
    name = _name(register, batch.partner)
    refused = explain_refused_columns(
        batch.refused_columns, batch.partner, name, own, unmapped=batch.unmapped
    )
    # Protected elements first, because readers look for them first.
    shown, more_unmapped = few_unmapped(sorted(refused, key=lambda column: not column.is_protected))
    return render(
        request,
        "intake/load.html",
        {
            **_line(batch, register),
            **_by_kind(batch),
            "refused_columns": shown,
            "more_unmapped": more_unmapped,
            "notice": notice_of(batch, name, problems),
            "row_keys": [(table_words(table), one_row_for(parts)) for table, parts in batch.row_keys.items()],
            "withdrawn": [
                f"{counted(gone, 'row')} of {table_words(table)}" for table, gone in batch.withdrawn.items()
            ],
            "groups": problems[:LINES],
            "problems": count,
            "page": listed,
            "problem_lines": page(path, listed.number, LINES) if count else [],
            "agreements": [
                (named.get(agreement), agreement, version) for agreement, version in batch.agreements
            ],
            "readable": {d.id for d in named.values() if may_see(request.actor, d, register)},
            "recognize": batch.at.date() == date.today() and _compares(request.actor, batch),
            "not_shown": _not_shown(batch),
            "sees_certificates": request.actor.role in CUSTODIANS,
            "may_take_back": _may_take_back(request.actor, batch, documents),
        },
    )


def _may_take_back(actor: Actor, batch: Batch, documents: Sequence[AgreementDocument]) -> bool:
    from_a_file = batch.format not in (DIRECTORY, ENTERED)
    stored = not batch.refusal and not batch.taken_back
    return stored and from_a_file and can_load(actor, batch.partner, documents)


@screen()
def set_aside_file(request: ActingRequest, id: str) -> HttpResponseBase:
    """The quarantine list, for a spreadsheet."""
    batch = _visible(request.actor, id, documents_in_effect())
    response = StreamingHttpResponse(_written(batch), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="set-aside-{batch.id}.csv"'
    return response


class _Echo:
    """A file that returns what is written to it."""

    def write(self, text: str) -> str:
        return text


def _written(batch: Batch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(ProblemLine.__dataclass_fields__)
    for line in lines(current_community().quarantine / f"{batch.id}.csv"):
        yield writer.writerow([safe(cell) for cell in vars(line).values()])


@screen()
def new_upload(request: ActingRequest) -> HttpResponse:
    register, documents = partners(), documents_in_effect()
    senders = senders_for(request.actor, register, documents)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        partners=senders,
        crosswalks=uploads.crosswalks(),
        initial={
            name: request.GET[name]
            for name in ("partner", "crosswalk", "format", "school_year")
            if name in request.GET
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusal_at(form, "file"):
            kept = _keep(form, request.actor)
            return remember(
                redirect("intake:upload", id=kept.id), request, kept.id, form.cleaned_data["file"].name
            )
    gives = {p for document in documents for p in document.parties_with(PartyRole.DISCLOSER)}
    return render(
        request,
        "intake/new.html",
        {
            "form": form,
            "senders": senders,
            "needed": bool(gives & senders.keys()),
            "may_look": may_look(request.actor),
        },
        status=400 if form.errors else 200,
    )


def _keep(form: UploadForm, actor: Actor) -> Upload:
    values = dict(form.cleaned_data)
    file = values.pop("file")
    return uploads.keep(chunks=file.chunks(), name=file.name, size=file.size, by=actor, **values)


# The title and text of an upload's page in each state; for one that was refused, the refusal follows.
UPLOAD_TEXT = {
    UploadState.WAITING: (
        "Waiting its turn",
        "{} is waiting to be loaded. You can leave this page.",
    ),
    UploadState.LOADING: (
        "Checking the file",
        "{} is being checked against your agreements, row by row. Only what an agreement needs is stored.",
    ),
    UploadState.DONE: ("The file is loaded", "{} was loaded, and the uploaded file was deleted."),
    UploadState.REFUSED: ("Nothing from this file was loaded", ""),
    UploadState.BROKEN: (
        "Something went wrong on our side",
        "Nothing was stored. Send the file again; rows that are already stored do not change.",
    ),
}


@screen()
def one_upload(request: ActingRequest, id: str) -> HttpResponse:
    """The progress of an upload; htmx polls for the middle of the page until it is finished."""
    kept = Upload.objects.filter(id=id).first()
    if kept is None or not sees_loads_of(request.actor, kept.partner, documents_in_effect()):
        raise Http404
    batch = batch_of(kept.batch) if kept.batch else None
    headline, sentence = UPLOAD_TEXT[UploadState(kept.state)]
    year = school_year(kept.school_year) if kept.school_year else ""
    context = {
        "kept": kept,
        "headline": headline,
        "name": (name := own_name(request, kept.id) or kept.name),
        "sentence": sentence.format(name) or kept.refusal,
        "beside": sent_together(kept),
        "partner": _name(partners(), kept.partner),
        "total": batch.shown if batch else None,
        "refused_columns": len(batch.columns_refused) if batch else 0,
        **(_by_kind(batch) if batch and len(batch.counts) > 1 else {}),
        "recognize": batch is not None and _compares(request.actor, batch),
        "not_shown": _not_shown(batch) if batch else (),
        "may_look": may_look(request.actor),
        "again": urlencode(
            {"partner": kept.partner, "format": kept.format, "crosswalk": kept.crosswalk, "school_year": year}
        ),
    }
    if request.htmx:
        status = 200 if kept.is_open else STOP_POLLING
        return render(request, "intake/progress.html", context, status=status)
    return render(request, "intake/upload.html", context)


# The outcomes of a row, with their headings in the table of a load; those in OFTEN are always shown.
BECAME = {
    "read": "Read", "landed": "Loaded", "changed": "Of these, changed", "quarantined": "Set aside",
    "out_of_scope": "Out of scope", "cannot_tell": "Not decided", "not_covered": "Not covered", "not_read": "Not read",
    "unchanged": "Already stored",
}  # fmt: skip
OFTEN = ("read", "landed", "quarantined", "unchanged")


def _by_kind(batch: Batch) -> dict[str, object]:
    """The counts of a load by kind of record, and the kinds that are never stored."""
    shown = [name for name in BECAME if name in OFTEN or getattr(batch.total, name)]
    return {
        "headings": [BECAME[name] for name in shown],
        "kinds": [
            (_kind(kind), [(name, getattr(counts, name)) for name in shown])
            for kind, counts in batch.counts.items()
        ],
        "not_covered": [_kind(kind) for kind, counts in batch.counts.items() if counts.not_covered],
        "not_read": [_kind(kind) for kind, counts in batch.counts.items() if counts.not_read],
    }


def _kind(kind: str) -> str:
    """A table in words; a kind of record without a table keeps its source's name."""
    return table_words(kind) if kind in TABLES else kind


def _line(batch: Batch, register: Mapping[str, PartnerFacts]) -> dict[str, object]:
    return {
        "batch": batch,
        "partner": _name(register, batch.partner),
        "format": FORMATS[batch.format].title if batch.format in FORMATS else batch.format,
        "holds": listed(_kind(kind) for kind in [*batch.counts][:3]) if batch.counts else "",
        "when": day(batch.at.date()),
        "undone": day(date.fromisoformat(batch.taken_back["at"][:10])) if batch.taken_back else "",
        "by": "the operator of the folder" if batch.by == "operator" else batch.by,
        "total": batch.shown,
    }


def _compares(actor: Actor, batch: Batch) -> bool:
    """Whether the page of persons, where records are compared, is the reader's next step after this load."""
    reads = actor.role in (Role.DATA_STEWARD, Role.PRIVACY_OFFICER)
    return reads and batch.total.landed > 0 and may_link(actor, date.today())


def _not_shown(batch: Batch) -> Sequence[NotShown]:
    """What agreements do not show of the partner's records because a cell is empty; only beside the partner's newest load."""
    newest = next((b.id for b in batches([batch.partner]) if not b.refusal and not b.taken_back), "")
    return not_shown(batch.partner, date.today()) if batch.id == newest else ()


def _visible(actor: Actor, id: str, documents: list[AgreementDocument]) -> Batch:
    """The load, if the reader may see its partner's loads; otherwise 404."""
    batch = batch_of(id)
    if batch is None or not sees_loads_of(actor, batch.partner, documents):
        raise Http404
    return batch


def _name(register: Mapping[str, PartnerFacts], partner: str) -> str:
    return register[partner].name if partner in register else partner


REGISTERED = {
    None: "Nothing new was loaded, so the register is unchanged.",
    SystemEventKind.ADDED: "The loaded elements are in the register. Now enter the offices that answer for "
    "them.",
    SystemEventKind.CHANGED: "The register again shows what was loaded.",
}


@screen(*CUSTODIANS)
@require_POST
def register_landed_data(request: ActingRequest, partner: str) -> HttpResponseBase:
    known(partner)
    if not may_keep_systems(request.actor, own_kind(request.actor), partner):
        raise Http404
    return again_for(_register_landed, request, partner, partner)


def _register_landed(request: ActingRequest, partner: str) -> HttpResponse:
    try:
        entered = register_landed(partner=partner, by=request.actor)
    except Refused as refused:
        if refused.code != "nothing_landed":
            raise
        messages.warning(request, refused.message)
    else:
        messages.success(request, REGISTERED[entered.what])
    return redirect("partners:systems", partner)


# What is said of a partner, with its heading, what to do, and the field of `PartnerCoverage`.
COVERAGE = (
    (
        "Needed and held, and has not come in",
        "Ask the partner to send it, or map it in the crosswalk.",
        "missing",
    ),
    (
        "Needed, and held by no system in the register",
        "Take it out of the agreement, or find out who could collect it.",
        "not_held",
    ),
    (
        "Stored, and no agreement in effect needs it",
        "What no agreement needs must be destroyed; see what is due.",
        "not_needed",
    ),
    (
        "Came in, and no system in the register holds it",
        "Bring the register up to date; one button enters what was loaded.",
        "not_registered",
    ),
    (
        "Held, and no agreement needs it",
        "That is fine unless a purpose needs it. It may not be loaded.",
        "not_asked",
    ),
)


@screen(*CUSTODIANS)
def gaps_and_overlaps(request: ActingRequest) -> HttpResponse:
    """What agreements need, what systems hold and what has come in, partner by partner; and what several partners hold."""
    needed, came = elements_needed(request.actor, date.today()), elements_landed(request.actor)
    names = partner_names()
    shown = [
        {
            "partner": each.partner, "name": names.get(each.partner, each.partner), "coverage": each,
            "parts": [(title, cure, _by_table(getattr(each, field))) for title, cure, field in COVERAGE if getattr(each, field)],
            "complete": len(each.complete),
        }
        for each in coverage(needed, held(), came)
    ]  # fmt: skip
    shared = [
        (table_words(o.table), [names.get(p, p) for p in o.partners], [names.get(p, p) for p in o.needed])
        for o in overlaps(needed, held(), came)
    ]
    wrong = sum(not one["coverage"].is_whole for one in shown)  # type: ignore[attr-defined]
    return render(request, "intake/gaps.html", {"shown": shown, "shared": shared, "wrong": wrong})


def _by_table(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Each table in words, and its elements in a row of words."""
    return [
        (table_words(table), element_list_words([f"{table}.{name}" for name in found]))
        for table, found in by_table(paths).items()
    ]
