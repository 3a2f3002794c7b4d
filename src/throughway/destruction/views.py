"""The screens of destruction: what is due and what waits, an order, a certificate."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from throughway.agreements.labels import day, table_words
from throughway.agreements.permissions import can_order_destruction
from throughway.agreements.selectors import agreement_lifecycles
from throughway.agreements.status import AgreementLifecycle
from throughway.core.personal_data import Subject, reasons_to_wait, resting_on_loads, told
from throughway.core.refusals import Refused
from throughway.destruction import selectors
from throughway.destruction.actions import hand_over, holds, orders
from throughway.destruction.actions.hand_over import folder_of
from throughway.destruction.actions.orders import KINDS, check_may_order
from throughway.destruction.actions.planning import subject_of, subject_of_agreement
from throughway.destruction.actions.rewriting import DestructionPlan
from throughway.destruction.certificate import scanned
from throughway.destruction.forms import HoldForm, LiftHoldForm, OrderForm, UndoForm
from throughway.destruction.models import PART, WAITS, Destruction
from throughway.destruction.terms import ENDED
from throughway.destruction.undo_requests import selectors as undo_requests
from throughway.destruction.undo_requests.actions import order_or_ask
from throughway.destruction.undo_requests.request import decides
from throughway.destruction.undoing import Undoing
from throughway.intake.load_history import Batch
from throughway.partners import Actor, PartnerFacts
from throughway.partners.actor import CUSTODIANS, OFFICERS
from throughway.partners.page_access import ActingRequest, again, refusal_at, screen
from throughway.partners.selectors import partners
from throughway.store.schemas import HISTORY
from throughway.store.selectors import snapshot
from throughway.vocabulary import TABLES

OWN_TABLES = {
    "record_key": "the partner's own student numbers",
    "consent_signer": "names of those who signed consents",
    "person_link": "which records are one person",
    "person_known": "data that linkage keeps between runs",
    "pseudonym": "random codes of students",
    "value_code": "random codes of values",
}
LINKAGE_TABLES = {"person_link", "person_known", "pseudonym", "value_code"}  # rebuilt, or codes alone
FORMS = {"json": "application/json", "pdf": "application/pdf"}
NUMBER = re.compile(r"[0-9]{1,18}")  # of a person
BEGAN = "The load is being taken back. You can leave this page."
STOP_POLLING = 286  # the status at which htmx stops polling


@screen(*CUSTODIANS)
def all_destructions(request: ActingRequest) -> HttpResponse:
    today, own, register = date.today(), request.actor.partner or "", partners()
    every = agreement_lifecycles(today)
    titles = _titles(every)
    awaiting = [each for each in selectors.awaiting(today, every) if own in each.parties]
    held = selectors.holds_known_to(request.actor, on=today)
    holds = {h.subject: h for h in held if h.kind == "agreement"}
    found = [each for each in selectors.listed() if selectors.sees(request.actor, each)]
    return render(
        request,
        "destruction/list.html",
        {
            "awaiting": [
                {
                    "due": each,
                    "ended": day(each.ended),
                    "until": day(each.until),
                    "late": each.until < today,
                    "hold": holds.get(each.agreement),
                }
                for each in awaiting
            ],
            "may_order": request.actor.role in OFFICERS,
            "found": [_line(each, register, titles) for each in found],
            "holds": [
                {
                    "hold": h,
                    "since": day(h.since),
                    "mine": h.partner == own,
                    "by": _name(register, h.partner),
                    "of": _held(h.kind, h.subject, register, titles),
                }
                for h in held
            ],
            "collect": selectors.to_collect(partner=own),
        },
    )


@screen(*OFFICERS)
def order(request: ActingRequest, kind: str, id: str) -> HttpResponseBase:
    """What will be destroyed, what stays and why; ordering requires the passphrase again."""
    if kind == "load":
        return redirect("destruction:undo", id)
    if request.method == "POST":
        return _ordered(request, kind, id)
    return _order_page(request, kind, id, OrderForm(person=kind == "person"))


@again
def _ordered(request: ActingRequest, kind: str, id: str) -> HttpResponse:
    _about(request.actor, kind, id, partners())  # 404 for whoever may not order it
    form = OrderForm(request.POST, person=kind == "person")
    if not form.is_valid():
        return _order_page(request, kind, id, form)
    values = form.cleaned_data
    found = orders.order(
        kind=kind, id=id, why=values["why"], asked_by=values.get("asked_by", ""), by=request.actor
    )
    return redirect("destruction:certificate", id=found)


def _order_page(request: ActingRequest, kind: str, id: str, form: OrderForm) -> HttpResponse:
    register = partners()
    title, subject, ready = _about(request.actor, kind, id, register)
    reasons = reasons_to_wait(subject)
    of = subject.partners if kind == "person" else frozenset()
    part = None if ready else orders.part_of(kind, id, reasons)
    plan = DestructionPlan() if ready else part or orders.preview(kind=kind, id=id, partners=of)
    tables = _tables(plan, register)
    return render(
        request,
        "destruction/order.html",
        {
            "kind": kind,
            "id": id,
            "title": title,
            "not_ready": ready,
            "reasons": told(reasons, request.actor),
            "in_part": part is not None,
            "going": [each for each in tables if each["goes"] or each["values"]],
            "staying": [each for each in tables if not each["goes"] and not each["values"]],
            "rows": sum(plan.rows.values()),
            "values": sum(plan.values.values()),
            "files": len(plan.files),
            "form": form,
        },
        status=400 if form.errors else 200,
    )


def _about(
    actor: Actor, kind: str, id: str, register: Mapping[str, PartnerFacts]
) -> tuple[str, Subject, str]:
    """Title, subject, and why it cannot be ordered yet; 404 where the actor may not order it at all."""
    if kind == "agreement":
        life = next((x for x in agreement_lifecycles(date.today()) if x.current.document.id == id), None)
        if life is None or not can_order_destruction(actor, life.current.signed_text):
            raise Http404
        found = life.current
        not_ready = (
            ""
            if found.state in ENDED
            else f"{found.reason} Its data can be destroyed only after it has ended."
        )
        if found.certificate:
            not_ready = f"The platform has already destroyed the data held under it; see certificate {found.certificate}."
        return found.document.title, subject_of_agreement(life), not_ready
    if kind not in KINDS or (kind == "person" and not NUMBER.fullmatch(id)):
        raise Http404
    try:
        check_may_order(kind, id, actor)
        with snapshot() as stored:
            subject = subject_of(stored, kind, id, actor)
    except Refused:
        raise Http404 from None
    titles = {"consent": "Rows of one student, by a consent that has ended", "person": "One person"}
    return titles.get(kind) or register[id].name, subject, ""


def _tables(plan: DestructionPlan, register: Mapping[str, PartnerFacts]) -> list[dict[str, object]]:
    """By partner and table, what is destroyed, what stays, and by which agreements."""
    return [
        {
            "partner": _name(register, partner) if partner else "all partners",
            "table": _words(table),
            "goes": change.lost,
            "values": sum(change.emptied.values()),
            "stays": change.rows - change.lost,
            "keepers": sorted(plan.keepers.get((partner, table.removesuffix(HISTORY)), ())),
        }
        for (partner, table), change in sorted(plan.tables.items())
        if change.rows
    ]


def _words(table: str) -> str:
    name = table.removesuffix(HISTORY)
    words = OWN_TABLES.get(name) or table_words(name)
    return f"{words}, superseded" if table.endswith(HISTORY) else words


@screen()
def undo(request: ActingRequest, id: str) -> HttpResponseBase:
    """What taking a load back does, and its progress; to order it, or to ask for it, requires the passphrase again."""
    load = _load_of(request.actor, id)
    if request.method == "POST":
        return _undone(request, id)
    found = selectors.order_of_load(id, load.taken_back.get("certificate", ""))
    if found is not None and found.finished_at:
        return redirect("intake:batch", id)
    alone, asks = decides(request.actor, load.partner), orders.must_ask(load, request.actor)
    if found is not None and found.goes_on and (found.stands != WAITS or not (alone or asks)):
        return render(request, "destruction/undo.html", {"load": load, "under_way": found})
    reason = found.why if found and not asks else ""
    return _undo_page(request, load, UndoForm(initial={"reason": reason}), found, asks)


@again
def _undone(request: ActingRequest, id: str) -> HttpResponse:
    load = _load_of(request.actor, id)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _undo_page(request, load, form, None, orders.must_ask(load, request.actor))
    with refusal_at(form, "reason"):
        asked = order_or_ask(
            load=id, reason=form.cleaned_data["reason"], by=request.actor, named=form.cleaned_data["named"].split()
        )  # fmt: skip
        said = f"Asked. One of those who decide has until {day(asked.until)} to agree." if asked else BEGAN
        messages.success(request, said)
    if form.errors:
        return _undo_page(request, load, form, None, orders.must_ask(load, request.actor))
    return redirect("destruction:undo", id)


def _undo_page(
    request: ActingRequest, load: Batch, form: UndoForm, stopped: Destruction | None, asks: bool
) -> HttpResponse:
    asked = undo_requests.undo_asked_of(load.id)
    context: dict[str, object] = {
        "load": load, "form": form, "stopped": stopped and stopped.stopped, "asks": asks, "asked": asked,
        "agrees": asked is not None and request.actor.email in asked.people, "declined": undo_requests.declined(load.id),
        "deciding": sorted(undo_requests.who_may_agree(load.partner, request.actor.email)) if asks else (),
    }  # fmt: skip
    try:
        found, reasons = orders.undoing_of_load(load, request.actor)
    except Refused as refused:
        return render(request, "destruction/undo.html", {**context, "cannot": refused.message})
    context |= undo_effects(load, found, request.actor)
    changed = asked is not None and not asked.is_still(found)
    context |= {
        "reasons": reasons, "named": " ".join(found.ids), "changed": changed, "waiting": asks and asked is not None and not changed,
    }  # fmt: skip
    return render(request, "destruction/undo.html", context, status=400 if form.errors else 200)


def undo_effects(load: Batch, found: Undoing, reader: Actor) -> dict[str, object]:
    """What the page says of taking the load back, for `destruction/undo_effects.html`."""
    return {
        "found": found,
        "with_it": [(each.id, each.source, day(each.at.date())) for each in found.loads if each.id != load.id],
        "tables": [
            (_words(table), found.rows.get(table, 0), found.restored.get(table, 0), found.not_restored.get(table, 0))
            for table in sorted({*found.rows, *found.restored, *found.not_restored} - LINKAGE_TABLES)
        ],
        "rows": sum(rows for table, rows in found.rows.items() if table not in LINKAGE_TABLES),
        "releases": resting_on_loads(found.ids, reader),
    }  # fmt: skip


def _load_of(actor: Actor, id: str) -> Batch:
    """404 for whoever may not take it back."""
    try:
        return orders.check_may_take_back(id, actor)
    except Refused:
        raise Http404 from None


@screen(*CUSTODIANS)
def certificate(request: ActingRequest, id: str) -> HttpResponse:
    """The progress of an order, and its certificate; htmx polls while a worker carries it out."""
    found = _visible(request.actor, id)
    register = partners()
    titles = _titles(agreement_lifecycles(date.today()))
    mine = selectors.to_collect(partner=request.actor.partner or "", destruction=found.id)
    context = {
        "found": found,
        "line": _line(found, register, titles),
        "body": found.body,
        "tables": [
            {**t, "name": _words(t["table"].removesuffix(" (superseded)")), "of": _name(register, t["partner"]) if t["partner"] else "all partners",
             "emptied": sum(t["values"].values())}
            for t in found.body.get("destroyed", {}).get("tables", ())
        ],
        "kept": _kept(found.body.get("kept", ()), register, titles),
        "scan": scanned(found.body["scan"]) if found.body else "",
        "holders": [
            {**h, "name": _name(register, h["partner"])} for h in found.body.get("holders", ())
        ],
        "copies": [{**c, "name": _name(register, c["partner"])} for c in found.body.get("copies", ())],
        "registers": {k: v for k, v in found.body.get("destroyed", {}).get("registers", {}).items() if v},
        "mine": mine[0] if mine else None,
    }  # fmt: skip
    if request.htmx:
        return render(
            request, "destruction/progress.html", context, status=200 if found.goes_on else STOP_POLLING
        )
    return render(request, "destruction/certificate.html", context)


@screen(*CUSTODIANS)
def certificate_file(request: ActingRequest, id: str, form: str) -> HttpResponse:
    found = _visible(request.actor, id)
    path: Path = folder_of(found.id) / f"certificate.{form}"
    if found.finished_at is None or form not in FORMS or not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="certificate-{found.id}.{form}"'
    return response


@screen(*CUSTODIANS, person=True)
def collect(request: ActingRequest, id: str) -> HttpResponseBase:
    """What the discloser receives: available until it confirms the receipt."""
    return _collect(request, id)


@again
def _collect(request: ActingRequest, id: str) -> HttpResponse:
    if request.method == "POST":
        hand_over.collected(id=id, by=request.actor)
        return redirect("destruction:certificate", id=id)
    response = HttpResponse(hand_over.collect(id=id, by=request.actor), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="hand-over-{id}.json"'
    return response


@screen(*CUSTODIANS)
def hold(request: ActingRequest, agreement: str) -> HttpResponse:
    life = next((x for x in agreement_lifecycles(date.today()) if x.current.document.id == agreement), None)
    if life is None or request.actor.partner not in life.current.ever_parties:
        raise Http404
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        holds.hold(
            kind="agreement", subject=agreement, notice=values["notice"], why=values["why"], by=request.actor
        )
        return redirect("destruction:list")
    return render(
        request,
        "destruction/hold.html",
        {"form": form, "title": life.current.document.title},
        status=400 if form.errors else 200,
    )


@screen(*CUSTODIANS)
def lift(request: ActingRequest, code: str) -> HttpResponse:
    found = next((h for h in selectors.holds(on=date.today()) if h.code == code), None)
    if found is None or found.partner != request.actor.partner:
        raise Http404
    form = LiftHoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holds.lift(code=code, why=form.cleaned_data["why"], by=request.actor)
        return redirect("destruction:list")
    return render(
        request,
        "destruction/lift.html",
        {"form": form, "hold": found, "since": day(found.since)},
        status=400 if form.errors else 200,
    )


def _visible(actor: Actor, id: str) -> Destruction:
    found = selectors.one(id)
    if found is None or not selectors.sees(actor, found):
        raise Http404
    return found


def _titles(every: Sequence[AgreementLifecycle]) -> Mapping[str, str]:
    """Agreements by title."""
    return {life.current.document.id: life.current.document.title for life in every}


def _held(kind: str, subject: str, register: Mapping[str, PartnerFacts], titles: Mapping[str, str]) -> str:
    if kind == "agreement":
        return titles.get(subject, subject)
    return f"records of {_name(register, subject)}" if kind == "partner" else "one person's records"


def _kept(
    kept: Sequence[Mapping[str, str]], register: Mapping[str, PartnerFacts], titles: Mapping[str, str]
) -> list[tuple[str, list[str]]]:
    """What was kept, grouped by reason; tables, partners and agreements by their names."""
    names = {id: f"“{title}”" for id, title in titles.items()} | {
        id: facts.name for id, facts in register.items()
    }
    names |= {table: table_words(table) for table in TABLES} | OWN_TABLES
    known = re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])"
    )
    found: dict[str, list[str]] = {}
    for each in kept:
        what, why = (known.sub(lambda at: names[at[1]], each[part]) for part in ("what", "why"))
        found.setdefault(why, []).append(re.sub("^1 rows ", "1 row ", what))
    return list(found.items())


def _line(
    found: Destruction, register: Mapping[str, PartnerFacts], titles: Mapping[str, str]
) -> dict[str, object]:
    return {
        "id": found.id,
        "words": {
            "agreement": titles.get(found.subject, f"Under {found.subject}"),
            PART: f"A part of: {titles.get(found.subject, found.subject)}",
            "partner": f"Records of {_name(register, found.subject)}",
            "person": "One person's records",
            "consent": "Rows that a consent housed",
            "load": "A load that was taken back",
        }[found.kind],
        "when": day(found.at.date()),
        "finished": day(found.finished_at.date()) if found.finished_at else "",
        "stands": found.stands,
        "who": found.role.replace("_", " ")
        + (f" of {_name(register, found.partner)}" if found.partner else ""),
        "rows": sum(found.body["destroyed"]["rows"].values()) if found.body else None,
    }


def _name(register: Mapping[str, PartnerFacts], partner: str) -> str:
    return register[partner].name if partner in register else partner
