"""Records an authority's further disclosures, and a discloser's requests for that record, also for a parent, with the authority's
answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from throughway.agreements.selectors import agreement_statuses
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.ledger.actions.student_disclosures import check_keeps_records, numbers_of_key
from throughway.ledger.entry import ANSWERED, PASSED_ON, REQUESTED, Entry
from throughway.ledger.entry_search import of_records, received
from throughway.ledger.models import FurtherEvent, LedgerEntry
from throughway.ledger.recording import append
from throughway.ledger.redisclosure import RULE, WITHIN, RedisclosureLine, Request, authorities, read_further
from throughway.partners.actor import Actor
from throughway.partners.request_cache import cached_per_request
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import NOBODY, Numbers, both, pack, unpack
from throughway.store.selectors import snapshot

PURPOSE = "further_disclosures"
NO_DISCLOSURE = "34 CFR 99.32(b)(2)(iii), about a record that was disclosed before"
COPY = "34 CFR 99.32(b)(2)(iii)"

Same = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class AddedRedisclosures:
    """`new`: further disclosures written; the others were already recorded."""

    new: int
    unchanged: int


def add(*, path: Path, by: Actor) -> AddedRedisclosures:
    """Records what the authority passed on, from a CSV with `further.COLUMNS`. If any line is wrong, nothing is recorded.

    Lines that differ only by student become one entry. Repeating the import changes nothing.
    """
    check_keeps_records(by)
    authority, listed = by.partner or "", read_further(path, date.today())
    held = _held(authority, listed)
    groups: dict[tuple[str, Same], set[int]] = defaultdict(set)
    for each in listed:
        numbers = held[each.discloser] if each.student is None else _student(each, held[each.discloser])
        groups[each.discloser, (str(each.on), each.party, each.interest, each.basis, each.group)].update(
            numbers.tolist()
        )
    with transaction.atomic():
        known = {discloser: _recorded(authority, discloser) for discloser in held}
        new = [
            (of, what, found) for (of, what), found in groups.items() if _mark(what, found) not in known[of]
        ]
        for discloser, what, found in new:
            _pass_on(discloser, what, found, by)
    return AddedRedisclosures(len(new), len(groups) - len(new))


def request(*, authority: str, record_key: str = "", for_parent: bool = False, by: Actor) -> Request:
    """Asks an authority for its record of further disclosures: of one student, named by the discloser's record key, or of all.

    Refused where the authority received nothing for an audit or evaluation, or where the same request is still open.
    """
    check_keeps_records(by)
    discloser, today = by.partner or "", date.today()
    if (authority, discloser) not in authorities(agreement_statuses(today)):
        raise Refused(
            f"{authority} received no records of {discloser} to audit or evaluate, so it keeps no record of passing them on; "
            "see `throughway ledger further list`.",
            code="no_authority", citations=[RULE],
        )  # fmt: skip
    students = (
        np.array(numbers_of_key(record_key, partner=discloser, by=by), dtype=np.int64)
        if record_key
        else received(authority, discloser)
    )
    with transaction.atomic():
        _check_not_waiting(authority, discloser, students, for_parent)
        interest = "To show a parent or student" if for_parent else "To complete the record of disclosures"
        sentence = f"{discloser} asks {authority} for its record of further disclosures; it is due on {today + WITHIN}."
        id = append(_entry(REQUESTED, by, discloser, authority, today, students, sentence, interest))
        _event(REQUESTED, id, authority, discloser, by, due=today + WITHIN, for_parent=for_parent)
    return Request(id, authority, discloser, today, today + WITHIN, for_parent)


def answer(*, id: str, by: Actor) -> tuple[Request, int]:
    """Records the authority's statement that its record is complete up to today, and gives the discloser the record with the number of
    further disclosures of the requested students. Repeating it changes nothing. Refused for a request to another authority."""
    check_keeps_records(by)
    asked = {r.id: r for r in requests(by.partner) if r.authority == by.partner}.get(id.strip().lower())
    if asked is None:
        raise Refused(
            f"No request of that id was made to {by.partner}; see `throughway ledger further list`.",
            code="unknown_request",
        )
    students = unpack(bytes(LedgerEntry.objects.values_list("students", flat=True).get(id=asked.id)))
    passed = [
        e
        for e in of_records(students.tolist())
        if e["outcome"] == PASSED_ON
        and e["actor"]["partner"] == asked.authority
        and asked.discloser in e["disclosers"]
    ]
    today = date.today()
    if asked.answered is None:
        number = counted(len(passed), "further disclosure") if passed else "no further disclosure"
        sentence = f"{asked.authority} answers the request of {asked.on}: its record holds {number} of these students."
        with transaction.atomic():
            entry = _entry(
                ANSWERED,
                by,
                asked.discloser,
                asked.discloser,
                today,
                students,
                sentence,
                "To give the copy asked for",
            )
            _event(ANSWERED, append(entry), asked.authority, asked.discloser, by, request=asked.id)
    answered = asked.answered or today
    return Request(
        asked.id, asked.authority, asked.discloser, asked.on, asked.due, asked.for_parent, answered
    ), len(passed)


def requests(partner: str | None = None) -> list[Request]:
    """Every request that the partner made or received (None: all requests), by due date."""
    return [r for r in _requests() if partner is None or partner in (r.authority, r.discloser)]


@cached_per_request
def _requests() -> Sequence[Request]:
    events = list(FurtherEvent.objects.filter(kind__in=(REQUESTED, ANSWERED)).order_by("id"))
    answered = {event.request: event.on_day for event in events if event.kind == ANSWERED}
    asked = [
        Request(e.entry, e.authority, e.discloser, e.on_day, e.due, e.for_parent, answered.get(e.entry))
        for e in events
        if e.kind == REQUESTED and e.due is not None
    ]
    return sorted(asked, key=lambda request: (request.due, request.id))


def waiting(partner: str | None = None) -> list[Request]:
    return [request for request in requests(partner) if request.answered is None]


def overdue(today: date) -> Sequence[str]:
    """One sentence for each request that is past its due date without an answer."""
    return [
        f"{r.authority} owes {r.discloser} its record of further disclosures{' for a parent' if r.for_parent else ''}: asked "
        f"for on {r.on}, due on {r.due} (34 CFR 99.32(b)(2)(iii)). Answer it: throughway ledger further answer {r.id}"
        for r in waiting()
        if r.overdue(today)
    ]


def _held(authority: str, listed: list[RedisclosureLine]) -> dict[str, Numbers]:
    """By discloser, the records that the authority received."""
    known, held = authorities(agreement_statuses(date.today())), dict[str, Numbers]()
    for each in listed:
        if (authority, each.discloser) not in known:
            raise each.line.wrong(
                f"names a partner that gave {authority} no records to audit or evaluate (discloser)",
                code="no_authority", citations=[RULE],
            )  # fmt: skip
        if each.discloser not in held:
            held[each.discloser] = received(authority, each.discloser)
    return held


def _student(listed: RedisclosureLine, held: Numbers) -> Numbers:
    with snapshot() as stored:
        numbers = np.unique(np.array(links_of(stored).records_of((listed.student or 0,)), dtype=np.int64))
    found = both(numbers, held)
    if not len(found):
        raise listed.line.wrong(
            f"names a student, and no record of {listed.discloser} about that student was released to you (student)",
            code="unknown_person",
        )
    return found


def _recorded(authority: str, discloser: str) -> set[tuple[Same, str]]:
    """Further disclosures recorded earlier, so that they are not recorded twice."""
    events = FurtherEvent.objects.filter(kind=PASSED_ON, authority=authority, discloser=discloser)
    rows = LedgerEntry.objects.filter(id__in=events.values("entry"))
    found = rows.values_list("on_day", "recipients", "interest", "basis", "reasons", "students_sha256")
    return {
        ((str(on), party, interest, basis, group), "" if group else students)
        for on, (party,), interest, basis, reasons, students in found
        for group in [reasons[0]["group"] if reasons else ""]
    }


def _mark(what: Same, numbers: set[int]) -> tuple[Same, str]:
    return what, "" if what[-1] else sha256(pack(numbers)).hexdigest()


def _pass_on(discloser: str, what: Same, numbers: set[int], by: Actor) -> None:
    on, party, interest, basis, group = what
    kept = {"sentence": f"Kept by group: {group}.", "citation": "34 CFR 99.32(b)(2)(ii)", "group": group}
    id = append(
        Entry(
            outcome=PASSED_ON, actor=by, purpose=PURPOSE, interest=interest, basis=basis, on=date.fromisoformat(on),
            disclosers=(discloser,), recipients=(party,), students=np.array(sorted(numbers), dtype=np.int64),
            reasons=(kept,) if group else (),
        )
    )  # fmt: skip
    _event(PASSED_ON, id, by.partner or "", discloser, by, on=date.fromisoformat(on))


def _check_not_waiting(authority: str, discloser: str, students: Numbers, for_parent: bool) -> None:
    waits = {
        r.id: r
        for r in waiting(discloser)
        if (r.authority, r.discloser, r.for_parent) == (authority, discloser, for_parent)
    }
    digest = sha256(pack(students)).hexdigest()
    for id in LedgerEntry.objects.filter(id__in=list(waits), students_sha256=digest).values_list(
        "id", flat=True
    ):
        raise Refused(
            f"{authority} was already asked this on {waits[id].on}; its answer is due on {waits[id].due}.",
            code="asked_already", citations=[COPY],
        )  # fmt: skip


def _entry(
    outcome: str,
    by: Actor,
    discloser: str,
    to: str,
    on: date,
    students: Numbers,
    sentence: str,
    interest: str,
) -> Entry:
    return Entry(
        outcome=outcome, actor=by, purpose=PURPOSE, interest=interest, on=on, disclosers=(discloser,), recipients=(to,),
        students=students if len(students) else NOBODY, exempt=NO_DISCLOSURE,
        reasons=({"sentence": sentence, "citation": COPY},),
    )  # fmt: skip


def _event(
    kind: str, id: str, authority: str, discloser: str, by: Actor, on: date | None = None, **more: Any
) -> None:
    FurtherEvent.objects.create(
        kind=kind, entry=id, authority=authority, discloser=discloser, on_day=on or date.today(), at=datetime.now(UTC),
        by=by.email, **more,
    )  # fmt: skip


def listed(*, by: Actor) -> Mapping[str, Any]:
    """What the reader may see (the operator: everything): who may pass records on, what was passed on, and the requests with their due
    dates. Students are counted, never named."""
    if not by.is_operator:
        check_keeps_records(by)
    today, own = date.today(), by.partner
    pairs = authorities(agreement_statuses(today))
    events = FurtherEvent.objects.filter(kind=PASSED_ON).order_by("on_day", "id")
    mine = [e.entry for e in events if own is None or own in (e.authority, e.discloser)]
    rows = LedgerEntry.objects.defer("students").in_bulk(mine)
    counts = LedgerEntry.objects.in_bulk([r.id for r in requests(own)])
    return {
        "authorities": [
            {"authority": authority, "discloser": discloser, "agreements": agreements}
            for (authority, discloser), agreements in sorted(pairs.items())
            if own is None or own in (authority, discloser)
        ],
        "further": [_row_json(rows[id]) for id in mine],
        "requests": [
            {
                "id": r.id, "authority": r.authority, "discloser": r.discloser, "on": r.on, "due": r.due,
                "for_parent": r.for_parent, "students": counts[r.id].students_count, "answered": r.answered,
                "overdue": r.overdue(today),
            }
            for r in requests(own)
        ],
    }  # fmt: skip


def _row_json(row: LedgerEntry) -> Mapping[str, Any]:
    return {
        "id": row.id, "authority": row.actor_partner, "discloser": row.disclosers[0], "party": row.recipients[0],
        "interest": row.interest, "basis": row.basis, "on": row.on_day, "students": row.students_count,
        "group": row.reasons[0]["group"] if row.reasons else "",
    }  # fmt: skip
