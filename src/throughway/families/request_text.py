"""Requests in words: where each stands, what is the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.labels import day
from throughway.consent.amendments import Amendment, State
from throughway.consent.incidents import Incident, Leaked
from throughway.consent.inspections import How, Inspection
from throughway.consent.limits import Limit, LimitKind
from throughway.consent.opt_out_windows import Window
from throughway.vocabulary.words import element_words, table_words

HOW_WORDS = {
    How.INSPECTION: "they looked at it",
    How.COPY: "they were given a copy",
    How.ARRANGEMENT: "another way was arranged",
    How.WITHDRAWN: "they no longer ask",
}
STATE_WORDS = {
    State.RECEIVED: "waits for your decision",
    State.REFUSED: "refused; the family may ask for a hearing",
    State.HEARING_ASKED: "a hearing is asked for",
    State.HEARING_SET: "a hearing is set",
    State.HEARD: "waits for the written decision",
    State.LOST: "the family may place a statement",
    State.STATEMENT: "the statement goes along",
    State.AMENDING: "waits for the correction",
    State.AMENDED: "amended",
}

TAKES = {
    LimitKind.RIGHTS: "every right over the record",
    LimitKind.CONTACT: "knowing where the student is",
}
MEANS = {
    LimitKind.RIGHTS: "The adult neither consents nor refuses, neither inspects nor amends. What the adult said before counts no more.",
    LimitKind.CONTACT: "Whoever gathers the record for this adult is shown it without what says where the student lives, learns, works or is helped: no contacts, guardians, schools, programs, referrals, and no words that people wrote.",
}


@dataclass(frozen=True)
class Step:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str = ""


@dataclass(frozen=True)
class Row:
    """A request in the list: what it is, since when, its clock."""

    title: str
    href_name: str
    code: str
    why: str
    kind: str
    words: str
    due: date | None
    open: bool


def about(element: str) -> str:
    """What is contested, in words."""
    table, _, column = element.partition(".")
    return table_words(table) if column == "*" else f"{element_words(column)}, of {table_words(table)}"


def left_out(each: str) -> str:
    """A table, or an element as table.column, that an order kept back."""
    return about(each) if "." in each else table_words(each)


def of_others(known: Sequence[Limit], found: Inspection, own: Limit | None) -> list[Limit]:
    """The limits on adults of the student that were recorded for somebody else, each once: the same adult may have signed under
    another name."""
    return [
        each for each in known if each != own and (each.record, each.holder) != (found.record, found.holder)
    ]


def clock(due: date | None, on: date) -> tuple[str, str]:
    """Kind and words of the tag that tells how pressing it is."""
    if due is None:
        return "past", "nothing due"
    left = (due - on).days
    if left < 0:
        return "stop", f"{-left} day{'s' if left != -1 else ''} late"
    if left == 0:
        return "warn", "due today"
    return ("warn" if left <= 7 else "wait"), f"{left} day{'s' if left != 1 else ''} left"


def of_inspection(found: Inspection, on: date) -> Row:
    kind, words = clock(found.due, on) if found.open else ("ok", found.state)
    why = f"Asked by a {found.relation.replace('_', ' ')}, received on {day(found.received)}."
    return Row(
        "Inspect a record",
        "families:inspection",
        found.code,
        why,
        kind,
        words,
        found.due if found.open else None,
        found.open,
    )


def of_amendment(found: Amendment, on: date) -> Row:
    kind, words = clock(found.due, on) if found.due else ended(found)
    return Row(f"Amend: {about(found.element)}", "families:amendment", found.code,
               f"Received on {day(found.received)}.", kind, words, found.due, found.due is not None)  # fmt: skip


def ended(found: Amendment) -> tuple[str, str]:
    """Kind and words of the tag of a request in which nothing is due."""
    return ("ok" if found.state is State.AMENDED else "past"), STATE_WORDS[found.state]


def of_correction(found: Amendment, partner: str, on: date) -> Row:
    mine = next(r for r in found.recipients if r.partner == partner)
    kind, words = ("ok", "corrected") if mine.confirmed else clock(mine.due, on)
    return Row(f"Correct what you hold: {about(found.element)}", "families:correction", found.code,
               f"{found.partner} amended it on {day(found.corrected or found.since)}.", kind, words, mine.due, mine.confirmed is None)  # fmt: skip


def of_incident(found: Incident, on: date) -> Row:
    waiting = [c.due.date() for c in found.clocks if c.told is None]
    due = min(waiting, default=None) if found.open else None
    kind, words = clock(due, on) if due else (("wait", "open") if found.open else ("ok", "closed"))
    return Row(
        "Incident",
        "families:incident",
        found.code,
        f"Known since {day(found.known.date())}.",
        kind,
        words,
        due,
        found.open,
    )


@dataclass(frozen=True)
class WindowRow:
    """A window as the page shows it: its school year and days in words, and whether families opt out on that day."""

    year: int
    title: str
    days: str
    notice: str
    kind: str
    words: str
    open: bool


def of_window(found: Window, on: date) -> WindowRow:
    if found.on(on):
        kind, words = "ok", f"open until {day(found.closes)}"
    else:
        kind, words = (
            ("wait", f"opens on {day(found.opens)}")
            if on < found.opens
            else ("past", f"closed on {day(found.closes)}")
        )
    days = f"{day(found.opens)} to {day(found.closes)}"
    return WindowRow(
        found.year, f"{found.year - 1}–{found.year % 100:02d}", days, found.notice, kind, words, found.on(on)
    )


def of_leaked(found: Sequence[Leaked], names: Mapping[str, str]) -> list[tuple[str, Leaked, list[str]]]:
    """Name, figures, and in words the kinds of records, where they are named."""
    return [
        (
            names.get(had.partner, had.partner),
            had,
            sorted({table_words(e.partition(".")[0]) for e in had.elements}),
        )
        for had in found
    ]


def steps_of_inspection(found: Inspection) -> Sequence[Step]:
    gathered = day(found.gathered) if found.gathered else ""
    done = found.answered
    return (
        Step("done", "Received", day(found.received)),
        Step("done" if found.gathered else ("next" if done else "now"), "Gathered", gathered),
        Step(
            "done" if done else ("now" if found.gathered else "next"),
            "Answered",
            day(done) if done else f"by {day(found.due)}",
        ),
    )


def steps_of_amendment(found: Amendment) -> Sequence[Step]:
    state, due = found.state, f"by {day(found.due)}" if found.due else ""
    first = Step("done", "Received", day(found.received))
    if not found.reason:
        decided = state is not State.RECEIVED
        return (
            first,
            Step("done" if decided else "now", "Decided", "amend it" if decided else due),
            Step("done" if state is State.AMENDED else ("now" if decided else "next"), "Corrected", day(found.corrected) if found.corrected else (due if decided else "")),
        )  # fmt: skip
    heard = state in (State.HEARD, State.LOST, State.STATEMENT, State.AMENDING, State.AMENDED)
    ended = state in (State.LOST, State.STATEMENT, State.AMENDING, State.AMENDED)
    closed = found.stated or found.corrected
    last = "Corrected" if state in (State.AMENDING, State.AMENDED) else "Statement"
    return (
        first,
        Step("done", "Refused", "with the reason"),
        Step("done" if heard else "now", "Hearing", found.hearing.partition(",")[0] or due),
        Step("done" if ended else ("now" if heard else "next"), "Written decision", due if state is State.HEARD else ""),
        Step("done" if state in (State.STATEMENT, State.AMENDED) else ("now" if ended else "next"), last,
             day(closed) if closed else ""),
    )  # fmt: skip
