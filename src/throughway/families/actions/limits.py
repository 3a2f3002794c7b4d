"""Limits on an adult by a court or a binding document (34 CFR 99.4), and the windows of directory opt-outs (99.37)."""

from collections.abc import Collection
from datetime import date

from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_statuses
from throughway.consent.actions import new_code, person_of_record, record, turn
from throughway.consent.limit import CITATION, LimitKind, RightsLimit
from throughway.consent.notice import WINDOW_CITATION as OF_WINDOWS
from throughway.consent.notice import ConsentNotice, Window
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import limits_of, notices_of, windows_of
from throughway.core.refusals import Refused
from throughway.families.actions.requesters import (
    check_may,
    check_not_before,
    check_past,
    check_said,
    own_entry,
    record_step,
    unknown,
)
from throughway.gate.actions.limited_adults import look_at_adults
from throughway.ledger.actions.student_disclosures import numbers_of_key
from throughway.partners.actor import Actor


def limit(*, student: str, who: str, kind: str, reference: str, since: date, by: Actor) -> RightsLimit:
    """Records a limit by an order; repeating it returns the existing one. From that day on the adult's consents and refusals no
    longer count (`rights`), or what is shown leaves out where the student is (`contact`)."""
    partner = check_may(by)
    if kind not in list(LimitKind):
        raise Refused(
            f"A limit is of kind {' or '.join(LimitKind)}; choose one.", code="usage", citations=[CITATION]
        )
    check_said(
        reference,
        "Give the reference of the order or document; without evidence of one, both parents have full rights.",
    )
    check_past(since, "A limit cannot begin")
    (number,) = numbers_of_key(student, partner=partner, by=by)
    holder = person_of_record(partner=partner, record=number, name=who, by=by)
    for each in limits_of(partner, number):
        same = (each.holder, each.kind, each.reference) == (holder, kind, reference.strip())
        if same and each.lifted is None:
            return each
    code = new_code()
    with turn():  # consents are read by the last event of either
        record(
            about=RightsSubject.LIMIT, step="add", partner=partner, student=number, code=code, day=since, by=by,
            facts={"holder": holder, "kind": kind}, words={"reference": reference},
        )  # fmt: skip
    return next(each for each in limits_of(partner, number) if each.code == code)


def lift(*, code: str, why: str, on: date, by: Actor) -> RightsLimit:
    """Lifts a limit from a day on; repeating it changes nothing."""
    found = one(code, by)
    if found.lifted is not None:
        return found
    check_said(why, "Say what lifts the limit, such as a later court order.")
    check_not_before(on, found.since, "A limit cannot be lifted")
    with turn():
        facts = {"holder": found.holder}
        record_step(RightsSubject.LIMIT, "lift", found, by, day=on, facts=facts, words={"why": why})
    return one(found.code, by)


def name_of(*, code: str, by: Actor) -> str:
    """The name of the adult whom a limit of the partner's own is about; empty once it was destroyed. The ledger records the look."""
    found = one(code, by)
    named = look_at_adults([found], records=[found.record], by=by)
    return named[0][1] if named else ""


def record_notice(*, agreement: str, version: str, languages: Collection[str], by: Actor) -> ConsentNotice:
    """Records in which languages the partner gives families a version of its notice under an agreement; languages are added to
    those recorded before. From then on a consent under it must name one of these."""
    partner = check_may(by)
    known = {s.document.id: s.document for s in agreement_statuses(date.today())}.get(agreement)
    if known is None or partner not in known.parties_with(PartyRole.DISCLOSER):
        raise Refused(
            "Name an agreement under which your partner gives records; see `throughway agreement list`.",
            code="unknown_agreement",
        )
    check_said(version, "Give the version of the notice, written as consents will write it.")
    codes = sorted({each.strip().casefold() for each in languages if each.strip()})
    if not codes:
        raise Refused("Give the languages of the notice, such as en and es.", code="incomplete")
    record(
        about=RightsSubject.NOTICE, step="notice", partner=partner, code=new_code(), other=agreement, by=by,
        facts={"version": version.strip(), "languages": codes},
    )  # fmt: skip
    return next(n for n in notices_of(partner) if (n.agreement, n.version) == (agreement, version.strip()))


def one(code: str, by: Actor) -> RightsLimit:
    return own_entry(limits_of(by.partner), code, by, "limit")


def open_window(*, year: int, notice: str, opens: date, closes: date, by: Actor) -> Window:
    """Sets the days of a school year in which families opt out of the directory, and the notice; a later call replaces it."""
    partner = check_may(by)
    check_said(
        notice, "Give the version of the directory notice that announces the opt-out window to families."
    )
    if closes < opens:
        raise Refused(
            "The window closes before it opens; give its first and last day.",
            code="too_early",
            citations=[OF_WINDOWS],
        )
    made = Window(partner, year, notice.strip(), opens, closes)
    if made not in windows_of(partner):
        record(
            about=RightsSubject.WINDOW, step="window", partner=partner, code=new_code(), day=opens, by=by,
            facts={"year": year, "notice": made.notice, "closes": str(closes)},
        )  # fmt: skip
    return made


def close_window(*, year: int, on: date, by: Actor) -> Window:
    """Ends a window before the day in its notice; nothing changes once it is over. Later opt-outs are valid, and are reported
    as late."""
    partner = check_may(by)
    found = next((w for w in windows_of(partner) if w.year == year), None)
    if found is None:
        raise unknown("window")
    if found.closes <= on:
        return found
    check_past(on, "A window cannot be closed")
    return open_window(year=year, notice=found.notice, opens=min(found.opens, on), closes=on, by=by)
