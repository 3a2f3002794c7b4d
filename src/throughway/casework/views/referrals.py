"""Referrals in the browser: to refer a student to a support, to check and send, to answer, and to see what became of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements.selectors import agreement_statuses
from throughway.casework.models import Referral
from throughway.casework.program_entry.selectors import entry_of_referral
from throughway.casework.referrals import actions
from throughway.casework.referrals.forms import AnswerForm, ReferForm
from throughway.casework.referrals.referral import DETAIL_WORDS, LATE, TABLE, referrals_of
from throughway.casework.referrals.selectors import (
    OpenedReferral,
    details_in,
    open_referral,
    opened_referrals,
    own_rows,
    unanswered,
)
from throughway.casework.referrals.transitions import (
    STATES,
    ReferralMove,
    ReferralSide,
    ReferralState,
    transition,
)
from throughway.casework.selectors import CaseworkReader, reader_of, record_of, typing_purpose
from throughway.casework.student_facts import places_of
from throughway.casework.student_summary import identify_student
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.casework.views.students import WORKERS
from throughway.casework.views.supports import recommended, refers_to
from throughway.core.refusals import Refused
from throughway.gate.actions import ReceivingBasis, enter
from throughway.partners.actor import Role
from throughway.partners.open_step import due_tag
from throughway.partners.page_access import ActingRequest, done, screen
from throughway.partners.request_cache import own_request_cache
from throughway.supports.entry import SupportEntry, language_words
from throughway.supports.selectors import entry as support_entry

ELSEWHERE = frozenset({ReferralState.FULL, ReferralState.DECLINED, ReferralState.WAITLISTED, ReferralState.NOT_STARTED})  # fmt: skip
DRAFTS = frozenset({ReferralState.ASKED, ReferralState.CHECKED})
NEXT_MATCHES = 2
CLOSED = "You can no longer open this student’s page. Nothing was sent."


@screen(*WORKERS, person=True)
def refer(request: ActingRequest, person: int, support: int) -> HttpResponse:
    """The form: what the family asked for, and exactly what the other partner will read. A refused form comes back with its text."""
    # A referral is in no register, and the gate decides without the cache before it is kept.
    with own_request_cache():
        return _refer(request, person, support)


def _refer(request: ActingRequest, person: int, support: int) -> HttpResponse:
    today = date.today()
    reader = reader_of(request.actor, today)
    entry = support_entry(support)
    sent = request.POST if request.method == "POST" else None
    try:
        actions.check_may_refer(entry, request.actor.partner or "", today)
        purpose = typing_purpose(request.actor, reader, TABLE)
        place, basis = enter(actor=request.actor, purpose=purpose).receiving_basis(TABLE, person, entry.partner)  # fmt: skip
    except Refused as refused:
        opens = record_of(request.actor, reader, person) is not None
        if sent is not None:
            return _kept(request, refused.message if opens else CLOSED)
        if not opens:
            raise Http404 from None
        raise
    shared = basis.elements
    if sent is not None:
        # Nobody's record is read for what is sent: whether the reader may still open the student is decided when it is saved.
        form = ReferForm(sent, shared=shared)
        if form.is_valid():
            try:
                actions.ask(
                    person=person, purpose=purpose, referral=form.cleaned_data["referral"], based_on=form.cleaned_data["based_on"],
                    support=support, details=form.details(), by=request.actor,
                )  # fmt: skip
                return redirect("casework:referral", form.cleaned_data["referral"])
            except Refused as refused:
                form.add_error(None, refused.message)
    other = open_referral(place.partner, place.record, support)
    rows: Mapping[str, list[Any]] = own_rows(request.actor, purpose, place.partner, person)
    shown, who = rows, identify_student(rows, places_of(rows), reader.names, today)
    if not who.name:  # which only another partner's record tells
        record = record_of(request.actor, reader, person)
        if record is None:
            return _kept(request, CLOSED)
        shown = {name: list(of_table) for name, of_table in record.tables.items()}
        who = identify_student(shown, places_of(shown), reader.names, today)
    if sent is None:
        initial: Mapping[str, object] = {"referral": new_entry_id(), "based_on": 0, **details_in(rows)}
        if other is not None:
            draft = _draft(shown, reader, other)
            if draft is None:
                return redirect("casework:referral", other.pk)
            initial = draft
        form = ReferForm(initial=dict(initial), shared=shared, languages=_languages(shown, entry))
    context = {
        "form": form,
        "entry": entry,
        "person": person,
        "who": who,
        "agreements": _agreements(basis, today),
        "by_consent": basis.by_consent,
        "left_out": [words for name, words in DETAIL_WORDS.items() if name not in shared],
    }
    return render(request, "casework/refer.html", context, status=422 if form.errors else 200)


def _draft(
    rows: Mapping[str, list[Any]], reader: CaseworkReader, other: Referral
) -> dict[str, object] | None:
    """The form as the reader's team left it; None where the referral is sent, or where the rows do not show it."""
    shown = referrals_of(rows.get(TABLE, ()), names=reader.names)
    draft = next((each for each in shown if each.id == other.pk and each.state in DRAFTS), None)
    if draft is None:
        return None
    return {**draft.details, "referral": other.pk, "based_on": draft.version}


@screen(*WORKERS, person=True)
def referrals(request: ActingRequest) -> HttpResponse:
    """The open referrals of the reader's partner: those that wait for the reader, then those that wait for the other partner."""
    today = date.today()
    reader = reader_of(request.actor, today)
    found = [_line(each, today) for each in opened_referrals(request.actor, reader.purposes)]
    context = {
        "mine": [line for line in found if line["opened"].waits_for_reader],
        "theirs": [line for line in found if not line["opened"].waits_for_reader],
        "closed": reader.closed,
    }
    return render(request, "casework/referrals.html", context)


@screen(*WORKERS, person=True)
def referral(request: ActingRequest, referral: str) -> HttpResponse:
    """One referral: what was told, where it stands, what may be done now, and what happened. Who may not read it finds no such page."""
    today = date.today()
    reader = reader_of(request.actor, today)
    opened = next(iter(opened_referrals(request.actor, reader.purposes, only=referral)), None)
    if opened is None:
        if request.method == "POST":
            return _kept(request, "You can no longer open this referral. Nothing was saved.")
        raise Http404
    answer = _answered(request, opened, reader) if request.method == "POST" else None
    return answer if isinstance(answer, HttpResponse) else _page(request, opened, reader, today, answer)


@screen(Role.LEADER)
def unanswered_referrals(request: ActingRequest) -> HttpResponse:
    """How many referrals wait for an answer for thirty days or more, by partner."""
    return render(request, "casework/unanswered.html", {"found": unanswered(date.today()), "days": LATE})


def _answered(
    request: ActingRequest, opened: OpenedReferral, reader: CaseworkReader
) -> AnswerForm | HttpResponse:
    """Makes the move and goes on; the form where it is refused, with the text and the reason."""
    kind = request.POST.get("kind", "")
    if kind == ReferralMove.SEND:
        return _sent(request, opened)
    found = transition(opened.shown.state, ReferralMove(kind), opened.side) if kind in set(ReferralMove) else None  # fmt: skip
    form = AnswerForm(found, request.POST)
    if not form.is_valid():
        return form
    try:
        actions.move(
            referral=opened.shown.id, purpose=opened.purpose, kind=ReferralMove(form.cleaned_data["kind"]), person=opened.shown.person,
            based_on=form.cleaned_data["based_on"], said=form.said(), by=request.actor,
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.message)
        return form
    if opened.side is ReferralSide.SENDER and opened.shown.person is not None:
        return done(
            request, "Saved. The other organization sees it.", "casework:student", opened.shown.person
        )
    if (
        found is not None and found.move is ReferralMove.ACCEPT
    ):  # the next step is on its page: to enter the student
        return done(request, "Accepted. The sender sees it.", "casework:referral", opened.shown.id)
    return done(request, "Saved. The sender sees your answer.", "casework:referrals")


def _sent(request: ActingRequest, opened: OpenedReferral) -> AnswerForm | HttpResponse:
    form = AnswerForm(None, {"kind": ReferralMove.WITHDRAW, "based_on": request.POST.get("based_on")})
    if not form.is_valid() or opened.shown.person is None:
        return form
    try:
        actions.send(
            person=opened.shown.person, purpose=opened.purpose, referral=opened.shown.id, based_on=form.cleaned_data["based_on"], by=request.actor
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.message)
        return form
    return done(request, "Sent. You see each answer on the student’s page.", "casework:student", opened.shown.person)  # fmt: skip


def _page(
    request: ActingRequest, opened: OpenedReferral, reader: CaseworkReader, today: date, bound: AnswerForm | None
) -> HttpResponse:  # fmt: skip
    shown = opened.shown
    is_draft = shown.state in DRAFTS
    basis, why_not = _may_be_sent(request, opened, today) if is_draft else (None, "")
    forms = [
        bound
        if bound is not None and bound.transition is each
        else AnswerForm(each, initial={"kind": each.move.value, "based_on": shown.version, "on": today})
        for each in opened.moves
        if each.move not in (ReferralMove.ASK, ReferralMove.CHECK, ReferralMove.SEND)
        and not (each.move is ReferralMove.ACCEPT and _is_full(opened))
    ]
    errors = list(bound.non_field_errors()) if bound is not None else []
    if bound is not None and bound.errors and not errors:
        errors = ["Look at the form again: something is missing or cannot be read."]
    to_fill = [form for form in forms if form.asks]
    one_tap = [form for form in forms if not form.asks]
    last = forms[-1] if forms and forms[-1].transition and forms[-1].transition.move is ReferralMove.WITHDRAW else None  # fmt: skip
    context = {
        "opened": opened,
        "shown": shown,
        "told": _told(opened),
        "tag": due_tag(shown.due, today) if shown.due else None,
        "is_draft": is_draft,
        "agreements": _agreements(basis, today) if basis else [],
        "by_consent": basis is not None and basis.by_consent,
        "why_not": why_not,
        "one_tap": [form for form in one_tap if form is not last],
        "with_fields": to_fill,
        "withdraw": last,
        "errors": errors,
        "open": bound.transition.move if bound is not None and bound.transition else _only_answer(opened, to_fill, last),
        "sender": reader.names.get(shown.sender, shown.sender),
        "receiver": opened.entry.partner_name if opened.entry else reader.names.get(shown.receiver, shown.receiver),
        "is_sender": opened.side is ReferralSide.SENDER,
        "is_protected": opened.side is ReferralSide.PROTECTED_RECEIVER,
        "protected_answer": shown.state is ReferralState.ANSWERED,
        "own_record": _own_record(request, opened, reader),
        "is_full": _is_full(opened),
        **_elsewhere(request, opened, reader, today),
    }  # fmt: skip
    return render(request, "casework/referral.html", context, status=422 if bound is not None else 200)


def _is_full(opened: OpenedReferral) -> bool:
    """Whether the receiver could accept, but the directory says that no seat is free, so that accepting would be refused."""
    may = any(each.move is ReferralMove.ACCEPT for each in opened.moves)
    return may and opened.entry is not None and opened.entry.free_seats(date.today()) == 0


def _only_answer(opened: OpenedReferral, to_fill: Sequence[AnswerForm], last: AnswerForm | None) -> str:
    """The move whose form stands open: where the reader acts next, and can do nothing else but withdraw."""
    others = [each for each in opened.moves if last is None or each is not last.transition]
    if not opened.waits_for_reader or len(others) != 1 or len(to_fill) != 1 or to_fill[0].transition is None:
        return ""
    return to_fill[0].transition.move


def _may_be_sent(
    request: ActingRequest, opened: OpenedReferral, today: date
) -> tuple[ReceivingBasis | None, str]:
    """What lets the receiver read it, or why it cannot be sent today."""
    entry, person = opened.entry, opened.shown.person
    if entry is None or person is None:
        return None, "The directory has this support no more; withdraw the referral."
    try:
        actions.check_may_refer(entry, request.actor.partner or "", today)
        access = enter(actor=request.actor, purpose=opened.purpose)
        return access.receiving_basis(TABLE, person, entry.partner)[1], ""
    except Refused as refused:
        return None, refused.message


def _own_record(
    request: ActingRequest, opened: OpenedReferral, reader: CaseworkReader
) -> dict[str, object] | None:
    """For the receiver: the stay that was entered in its own records, or that one may be; None where neither is so."""
    if opened.side is not ReferralSide.RECEIVER:
        return None
    entry = entry_of_referral(opened.shown.id, request.actor.partner or "")
    if entry is None and not STATES[opened.shown.state].holds_seat:
        return None
    return {"entry": entry, "marks": bool(reader.group_purposes)}


def _elsewhere(
    request: ActingRequest, opened: OpenedReferral, reader: CaseworkReader, today: date
) -> dict[str, Any]:
    """For the sender of a referral that found no seat: the next supports that fit. They may be asked side by side."""
    person = opened.shown.person
    if opened.side is not ReferralSide.SENDER or opened.shown.state not in ELSEWHERE or person is None:
        return {}
    record = record_of(request.actor, reader, person)
    if record is None:
        return {}
    refers = refers_to(record, today)
    fits = recommended(record, reader, today).fits
    others = [each for each in fits if str(each.entry.number) != opened.shown.support]
    mine = [each for each in others if each.entry.partner in refers["receivers"]]
    return {**refers, "elsewhere": mine[:NEXT_MATCHES]}


def _line(opened: OpenedReferral, today: date) -> dict[str, Any]:
    shown = opened.shown
    quick = [
        AnswerForm(each, initial={"kind": each.move.value, "based_on": shown.version})
        for each in opened.moves
        if not each.asks and each.move in (ReferralMove.ACCEPT, ReferralMove.FULL, ReferralMove.GO_ON, ReferralMove.CANNOT_SAY)
        and not (each.move is ReferralMove.ACCEPT and _is_full(opened))
    ]  # fmt: skip
    return {
        "opened": opened,
        "shown": shown,
        "told": _told(opened),
        "tag": due_tag(shown.due, today) if shown.due else None,
        "quick": quick if opened.waits_for_reader else [],
        "other": opened.entry.partner_name if opened.entry else "",
        "is_sender": opened.side is ReferralSide.SENDER,
    }


def _told(opened: OpenedReferral) -> list[tuple[str, str]]:
    """What was told, without the name, which is the heading."""
    language = DETAIL_WORDS["contact_language"]
    return [
        (words, language_words(value) if words == language else value)
        for words, value in opened.shown.told
        if words != DETAIL_WORDS["student_name"]
    ]


def _languages(rows: Mapping[str, list[Any]], entry: SupportEntry) -> list[str]:
    """The languages that the student's rows name, then those of the program's people."""
    own = [row.get("iso_639_2_language_code") for row in rows.get("person_language", ())]
    return [*map(str, filter(None, own)), *entry.said.languages]


def _agreements(basis: ReceivingBasis, today: date) -> list[tuple[str, str]]:
    """Id and title of each agreement under which the receiver reads it."""
    titles = {each.document.id: each.document.title for each in agreement_statuses(today)}
    return [(id, titles.get(id, id)) for id in dict.fromkeys(grant.agreement for grant in basis.grants)]


def _kept(request: ActingRequest, why: str) -> HttpResponse:
    """What was typed about a student who is no longer open, and nothing about the student."""
    typed = [request.POST.get(name, "") for name in (*DETAIL_WORDS, "words")]
    context = {"text": "\n".join(text for text in typed if text), "why": [why]}
    return render(request, "casework/kept_text.html", context, status=403)
