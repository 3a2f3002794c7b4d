"""Requests to amend (34 CFR 99.20 to 99.22): receipt, decision, hearing, statement, and correction by recipients."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from throughway.consent.actions import new_code, record
from throughway.consent.amendment import (
    CITATION,
    HEARING,
    STATEMENT,
    STEPS,
    Amendment,
    AmendmentState,
    covers,
)
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import amendments_of, limited
from throughway.core.refusals import Refused
from throughway.families.actions.requesters import (
    asker,
    check_holds,
    check_not_before,
    check_not_limited,
    check_past,
    check_said,
    own_entry,
    record_step,
    unknown,
)
from throughway.ledger.entry_search import of_records
from throughway.partners.actor import Actor
from throughway.vocabulary import COMMON, TABLES

TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
NOT_YET = {
    "granted": "A request can be decided only while it awaits a decision or after its hearing.",
    "refused": "The request was already decided.",
    "hearing_asked": "A hearing can be requested only once, after the request was refused.",
    "hearing_set": "A hearing can be set only after the family requested one and before it is held.",
    "held": "A hearing can be held only after the family had notice of its date, time and place.",
    "lost": "The written decision can be recorded only after the hearing.",
    "statement": "A statement can be placed only after a hearing that did not lead to an amendment.",
    "corrected": "A correction can be recorded only after the decision to amend.",
    "no_right": "A request can end for want of a right only before it is granted, and once.",
}
RECEIVING_OUTCOMES = frozenset({"released", "passed_on"})


def ask_to_amend(
    *,
    student: str,
    who: str,
    relation: str,
    identified: str,
    received: date,
    element: str,
    which: str,
    why: str,
    by: Actor,
) -> Amendment:
    """Records what is contested, as an element (table.column, or table.*) and, in words, which record of it. Repeating an
    undecided request returns it. A request of an adult whose rights an order took away is recorded too, and can only end as `no_right`."""
    element = element.strip()
    table, _, column = element.partition(".")
    if table not in TABLES or not (column == "*" or column in TABLES[table].elements or column in COMMON):
        raise Refused(
            "That is not an element of the vocabulary; write table.column, such as attendance_day.attendance_status.",
            code="unknown_element",
        )
    check_said(which, "Say which record the family disputes, such as: the mark of 3 March 2026.")
    check_said(why, "Say why the record is inaccurate or misleading or violates the student's privacy.")
    found = asker(
        student=student, who=who, relation=relation, identified=identified, received=received, by=by
    )
    for each in amendments_of(found.partner):
        contested = (each.record, each.holder, each.element, each.which)
        asked = (found.record, found.holder, element, which.strip())
        if each.state is AmendmentState.RECEIVED and contested == asked:
            return each
    code = new_code()
    record(
        about=RightsSubject.AMEND, step="received", partner=found.partner, student=found.record, code=code, day=received, by=by,
        facts={"holder": found.holder, "relation": found.relation, "element": element},
        words={"identified": identified, "which": which, "why": why},
    )  # fmt: skip
    return one(code, by)


def grant(*, code: str, on: date, summary: str = "", reasons: str = "", by: Actor) -> Amendment:
    """The record is to be amended. After a hearing this is the written decision, with its summary and reasons."""
    found = one(code, by)
    words = {}
    if found.state is AmendmentState.HEARD:
        words = _decision(summary, reasons)
    return _step(found, "granted", on, by, words=words)


def refuse(*, code: str, on: date, reason: str, by: Actor) -> Amendment:
    """Refuses the amendment; the family is informed of the reason and of its right to a hearing (99.20(c))."""
    check_said(
        reason,
        "Say why you do not amend the record; the family must receive the reason and its right to a hearing.",
    )
    return _step(one(code, by), "refused", on, by, words={"reason": reason})


def no_right(*, code: str, on: date, by: Actor) -> Amendment:
    """Ends the request because who asked holds no right over the record."""
    return _step(one(code, by), "no_right", on, by)


def ask_hearing(*, code: str, on: date, by: Actor) -> Amendment:
    return _step(one(code, by), "hearing_asked", on, by)


def set_hearing(
    *, code: str, date_: date, time: str, place: str, officer: str, notice: date, by: Actor
) -> Amendment:
    """The family has notice, on the day `notice`, of date, time and place; `officer`: the office that conducts it, which has no
    direct interest in the outcome (99.22(c))."""
    found = one(code, by)
    check_said(place, "Say where the hearing is held.")
    check_said(
        officer, "Name the office that conducts the hearing, which has no direct interest in its outcome."
    )
    if not TIME.fullmatch(time.strip()):
        raise Refused("Write the time of the hearing as 16:30.", code="usage", citations=[HEARING])
    if date_ < notice:
        raise Refused(
            "The hearing is before its notice; the family must receive notice of date, time and place first.",
            code="too_early",
            citations=[HEARING],
        )
    if officer.strip().casefold() == by.email.casefold():
        raise Refused(
            "The person who answers the request cannot conduct its hearing; name an office without a direct interest.",
            code="direct_interest",
            citations=[HEARING],
        )
    return _step(
        found, "hearing_set", notice, by, other=str(date_), facts={"date": str(date_), "time": time.strip()},
        words={"place": place, "officer": officer},
    )  # fmt: skip


def hold_hearing(*, code: str, on: date, by: Actor) -> Amendment:
    return _step(one(code, by), "held", on, by)


def lose(*, code: str, on: date, summary: str, reasons: str, by: Actor) -> Amendment:
    """The written decision not to amend; the family is informed that it may place a statement (99.21(b)(2))."""
    return _step(one(code, by), "lost", on, by, words=_decision(summary, reasons))


def state(*, code: str, on: date, statement: str, by: Actor) -> Amendment:
    """Places the family's statement, which is disclosed with the contested part from now on (99.21(c))."""
    check_said(statement, "Write down the family's statement.")
    found = one(code, by)
    return _step(found, "statement", on, by, facts={"element": found.element}, words={"statement": statement})


@transaction.atomic
def correct(*, code: str, on: date, by: Actor) -> Amendment:
    """The record was corrected, at the source or with the load of that day; whoever received the contested part has the task to
    correct what it holds."""
    found = one(code, by)
    made = _step(found, "corrected", on, by)
    for partner in recipients(of_records([found.record]), found.partner, found.element):
        record_step(RightsSubject.AMEND, "tell", found, by, other=partner, day=on)
    return one(made.code, by)


def confirm(*, code: str, on: date, by: Actor) -> Amendment:
    """A recipient confirms that it corrected its copy; repeating it changes nothing."""
    partner = check_holds(by)
    found = next(iter(amendments_of(code=code.strip().upper())), None)
    mine = next((r for r in found.recipients if r.partner == partner), None) if found else None
    if found is None or mine is None:
        raise unknown("correction")
    if mine.confirmed is None:
        check_past(on, "It cannot be corrected")
        record_step(RightsSubject.AMEND, "confirmed", found, by, other=partner, day=on)
    return next(iter(amendments_of(code=found.code)))


def one(code: str, by: Actor) -> Amendment:
    return own_entry(amendments_of(by.partner), code, by, "request")


def _step(found: Amendment, step: str, on: date, by: Actor, **more: Any) -> Amendment:
    """Records a step and returns the request. Refused where its state does not allow the step."""
    if found.state not in STEPS[step]:
        raise Refused(
            f"{NOT_YET[step]} The request {found.code} is {found.state.replace('_', ' ')}.",
            code=f"is_{found.state}",
            citations=[STATEMENT if step == "statement" else CITATION],
        )
    if step not in ("no_right", "corrected"):
        check_not_limited(limited(found.partner, found.record, found.holder, on))
    check_not_before(on, found.since, "It cannot be done")
    record_step(RightsSubject.AMEND, step, found, by, day=on, **more)
    return one(found.code, by)


def _decision(summary: str, reasons: str) -> dict[str, str]:
    missing = "A decision after a hearing must be in writing; give a summary of the evidence and the reasons."
    return {"summary": check_said(summary, missing), "reasons": check_said(reasons, missing)}


def recipients(entries: Iterable[Mapping[str, Any]], partner: str, element: str) -> list[str]:
    """The partners to which the entries gave the element of the partner's record, but for the partner itself. An entry that
    names no element (what an authority passed on) may have given any."""
    found: set[str] = set()
    for entry in entries:
        if entry["outcome"] not in RECEIVING_OUTCOMES or partner not in entry["disclosers"]:
            continue
        if entry["elements"] and not covers(element, entry["elements"]):
            continue
        own = entry["actor"]["partner"]
        found |= {r for r in (*entry["recipients"], own) if r}
    return sorted(found - {partner})
