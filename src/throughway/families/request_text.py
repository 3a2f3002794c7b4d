"""Families' requests in words: the state of each, and its next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.labels import day
from throughway.consent.amendment import Amendment, AmendmentState
from throughway.consent.contested_parts import element_text
from throughway.consent.incident import Incident, Leaked
from throughway.consent.inspection import Inspection, InspectionOutcome
from throughway.consent.limit import LimitKind, RightsLimit
from throughway.consent.notice import Window
from throughway.core.prose import school_year
from throughway.partners.open_step import due_tag
from throughway.vocabulary.labels import table_words

HOW_WORDS = {
    InspectionOutcome.INSPECTION: "they inspected the record",
    InspectionOutcome.COPY: "they received a copy",
    InspectionOutcome.ARRANGEMENT: "another arrangement was made",
    InspectionOutcome.WITHDRAWN: "they withdrew the request",
    InspectionOutcome.NO_RIGHT: "refused: who asked holds no right",
}
# What somebody without a right is told: the same words whatever the reason, so that they tell nobody of an order.
NO_RIGHT_WORDS = {
    "en": "Our records do not show that you hold the right to see this student’s record (34 CFR 99.10), so we cannot show it to you. If you"
    " have papers that show a right, bring them to our office; we will then look at your request again.",
    "es": "Nuestros documentos no muestran que usted tenga derecho a ver el expediente de este estudiante (34 CFR 99.10), por eso no se lo"
    " podemos mostrar. Si tiene papeles que muestren un derecho, tráigalos a nuestra oficina; entonces revisaremos su solicitud otra vez.",
}
STATE_WORDS = {
    AmendmentState.RECEIVED: "waits for your decision",
    AmendmentState.REFUSED: "refused; the family may ask for a hearing",
    AmendmentState.HEARING_ASKED: "the family requested a hearing",
    AmendmentState.HEARING_SET: "a hearing is set",
    AmendmentState.HEARD: "waits for the written decision",
    AmendmentState.LOST: "the family may place a statement",
    AmendmentState.STATEMENT: "the family’s statement is shown with the record",
    AmendmentState.AMENDING: "waits for the correction",
    AmendmentState.AMENDED: "amended",
    AmendmentState.NO_RIGHT: "refused: no right",
}
AFTER_HEARING = frozenset(
    {AmendmentState.LOST, AmendmentState.STATEMENT, AmendmentState.AMENDING, AmendmentState.AMENDED}
)
TAKES = {
    LimitKind.RIGHTS: "every right over the record",
    LimitKind.CONTACT: "the right to know where the student is",
}
MEANS = {
    LimitKind.RIGHTS: "The adult cannot consent, refuse, inspect or amend. The adult’s earlier decisions no longer count.",
    LimitKind.CONTACT: "A record gathered for this adult leaves out everything that says where the student lives, learns, works or gets help: contacts, guardians, schools, programs, referrals and free text.",
}


@dataclass(frozen=True)
class FamilyRequestStep:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str = ""


@dataclass(frozen=True)
class FamilyRequestRow:
    """A request in the list: its subject, its date, its deadline."""

    title: str
    href_name: str
    code: str
    why: str
    kind: str
    words: str
    due: date | None
    open: bool


@dataclass(frozen=True)
class LimitRow:
    """A limit in the register. `about`: its days, the order, and what lifted it."""

    code: str
    title: str
    tag: tuple[str, str]
    about: str


def of_limit(found: RightsLimit, on: date) -> LimitRow:
    takes, order = TAKES[found.kind], [f"order {found.reference}"] if found.reference else []
    if found.on(on):
        about = [f"since {day(found.since)}", *order]
        return LimitRow(found.code, f"Takes {takes}", ("warn", "in force"), ", ".join(about))
    why = [f"lifted by {found.lifted_why}"] if found.lifted_why else []
    about = [f"{day(found.since)} to {day(found.lifted or on)}", *order, *why]
    return LimitRow(found.code, f"Took {takes}", ("past", "lifted"), ", ".join(about))


def left_out(each: str) -> str:
    """A table, or an element as table.column, that an order kept back."""
    return element_text(each) if "." in each else table_words(each)


def clock(due: date | None, on: date) -> tuple[str, str]:
    """Kind and words of the tag that says how pressing it is."""
    return ("past", "nothing due") if due is None else due_tag(due, on)


def of_inspection(found: Inspection, on: date) -> FamilyRequestRow:
    kind, words = clock(found.due, on) if found.open else ("ok", found.state)
    why = f"Asked by a {found.relation.replace('_', ' ')}, received on {day(found.received)}."
    due = found.due if found.open else None
    return FamilyRequestRow(
        "Inspect a record", "families:inspection", found.code, why, kind, words, due, found.open
    )


def of_amendment(found: Amendment, on: date) -> FamilyRequestRow:
    kind, words = clock(found.due, on) if found.due else ended(found)
    return FamilyRequestRow(f"Amend: {element_text(found.element)}", "families:amendment", found.code,
               f"Received on {day(found.received)}.", kind, words, found.due, found.due is not None)  # fmt: skip


def ended(found: Amendment) -> tuple[str, str]:
    """Kind and words of the tag of a request in which nothing is due."""
    return ("ok" if found.state is AmendmentState.AMENDED else "past"), STATE_WORDS[found.state]


def of_correction(found: Amendment, partner: str, on: date) -> FamilyRequestRow:
    mine = next(r for r in found.recipients if r.partner == partner)
    kind, words = ("ok", "corrected") if mine.confirmed else clock(mine.due, on)
    return FamilyRequestRow(f"Correct your copy: {element_text(found.element)}", "families:correction", found.code,
               f"{found.partner} amended it on {day(found.corrected or found.since)}.", kind, words, mine.due, mine.confirmed is None)  # fmt: skip


def of_incident(found: Incident, on: date) -> FamilyRequestRow:
    waiting = [c.due.date() for c in found.clocks if c.notified is None]
    due = min(waiting, default=None) if found.open else None
    kind, words = clock(due, on) if due else (("wait", "open") if found.open else ("ok", "closed"))
    why = f"Known since {day(found.known.date())}."
    return FamilyRequestRow("Incident", "families:incident", found.code, why, kind, words, due, found.open)


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
    elif on < found.opens:
        kind, words = "wait", f"opens on {day(found.opens)}"
    else:
        kind, words = "past", f"closed on {day(found.closes)}"
    days = f"{day(found.opens)} to {day(found.closes)}"
    return WindowRow(found.year, school_year(found.year), days, found.notice, kind, words, found.on(on))


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


def steps_of_inspection(found: Inspection) -> Sequence[FamilyRequestStep]:
    gathered = day(found.gathered) if found.gathered else ""
    done = found.answered
    return (
        FamilyRequestStep("done", "Received", day(found.received)),
        FamilyRequestStep("done" if found.gathered else ("next" if done else "now"), "Gathered", gathered),
        FamilyRequestStep(
            "done" if done else ("now" if found.gathered else "next"),
            "Answered",
            day(done) if done else f"by {day(found.due)}",
        ),
    )


def steps_of_amendment(found: Amendment) -> Sequence[FamilyRequestStep]:
    state, due = found.state, f"by {day(found.due)}" if found.due else ""
    first = FamilyRequestStep("done", "Received", day(found.received))
    if state is AmendmentState.NO_RIGHT:
        return first, FamilyRequestStep("done", "Refused: no right", day(found.since))
    if not found.reason:
        decided = state is not AmendmentState.RECEIVED
        return (
            first,
            FamilyRequestStep("done" if decided else "now", "Decided", "amend it" if decided else due),
            FamilyRequestStep("done" if state is AmendmentState.AMENDED else ("now" if decided else "next"), "Corrected", day(found.corrected) if found.corrected else (due if decided else "")),
        )  # fmt: skip
    ended = state in AFTER_HEARING
    heard = ended or state is AmendmentState.HEARD
    closed = found.stated or found.corrected
    last = "Corrected" if state in (AmendmentState.AMENDING, AmendmentState.AMENDED) else "Statement"
    return (
        first,
        FamilyRequestStep("done", "Refused", "with the reason"),
        FamilyRequestStep("done" if heard else "now", "Hearing", found.hearing.partition(",")[0] or due),
        FamilyRequestStep("done" if ended else ("now" if heard else "next"), "Written decision", due if state is AmendmentState.HEARD else ""),
        FamilyRequestStep("done" if state in (AmendmentState.STATEMENT, AmendmentState.AMENDED) else ("now" if ended else "next"), last,
             day(closed) if closed else ""),
    )  # fmt: skip
