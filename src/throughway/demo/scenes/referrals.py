"""Referrals of a case worker to programs of other partners: one for each way that they can stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.referrals.actions import ask, move, send
from throughway.casework.referrals.referral import ReferralDetails
from throughway.casework.referrals.selectors import details_in, own_rows
from throughway.casework.referrals.transitions import MoveAnswer
from throughway.casework.referrals.transitions import ReferralMove as M
from throughway.casework.selectors import reader_of, record_of
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.core.prose import counted
from throughway.demo.partners import BRIGHT, CASE_WORKER, MENTORS, PAGES, Say, email
from throughway.gate.actions import enter
from throughway.partners.actor import Actor
from throughway.partners.selectors import actor
from throughway.supports.actions import give_seat_back
from throughway.supports.selectors import entry, matches_for

TAKES = {partner: email("coordinator", partner) for partner in (PAGES, MENTORS)}
LOOKED_AT = 16  # students, the first of the list
TAKES_PART = "takes part already"
# What the receivers answer, one referral after another; the last is a draft that waits for its sender.
STORIES: tuple[tuple[M, ...] | None, ...] = (
    (),
    (M.ACCEPT, M.TRY),
    (M.WAITLIST,),
    (M.ACCEPT, M.START),
    (M.ASK_BACK,),
    (M.FULL,),
    None,
)


@dataclass(frozen=True)
class SupportOfStudent:
    person: int
    support: int
    receiver: str
    languages: frozenset[str]


def refer_some(today: date, say: Say) -> None:
    """The case worker refers a few students to supports that fit them, and the programs answer."""
    worker, made = actor(CASE_WORKER), 0
    for found, story in zip(_fitting(today), STORIES, strict=False):
        name = details_in(own_rows(worker, "casework", BRIGHT, found.person)).get("student_name", "")
        language = "spa" if "spa" in found.languages else ""
        details = ReferralDetails(
            str(name), f"555-01{20 + made}, ask for the mother", language, bool(language), "after five", "the late bus",
            "Likes to read aloud." if found.receiver == PAGES else "Wants somebody to talk with.",
        )  # fmt: skip
        id = new_entry_id()
        ask(
            person=found.person, purpose="casework", referral=id, based_on=0, support=found.support, details=details, by=worker
        )  # fmt: skip
        if story is not None:
            send(person=found.person, purpose="casework", referral=id, based_on=1, by=worker)
            for at, kind in enumerate(story, start=3):
                _answer(id, kind, at, found, today)
        made += 1
    say(
        f"  {worker.email} refers {counted(made, 'student')} to other partners' programs, which answer some of them"
    )


def _answer(id: str, kind: M, based_on: int, of: SupportOfStudent, today: date) -> None:
    words = "Which afternoons are free?" if kind is M.ASK_BACK else ""
    said = MoveAnswer(words=words, on=today, until=today + timedelta(days=30))
    by = actor(TAKES[of.receiver])
    if kind is M.ACCEPT:
        _make_room(of.support, by)
    move(referral=id, purpose="take-referrals", kind=kind, based_on=based_on, said=said, by=by)


def _make_room(support: int, by: Actor) -> None:
    """Where no seat is free, another student has just given one up."""
    if entry(support).said.seats_open == 0:
        give_seat_back(number=support, by=by)


def _fitting(today: date) -> Iterator[SupportOfStudent]:
    """A student and a support of another partner that fits, one for each student."""
    worker = actor(CASE_WORKER)
    reader = reader_of(worker, today)
    for line in enter(actor=worker, purpose="casework").students()[:LOOKED_AT]:
        record = record_of(worker, reader, line.person)
        if record is None:
            continue
        found = matches_for(record.tables, on=today)
        for match in (*found.fits, *found.not_now):
            if match.entry.partner in TAKES and not any(TAKES_PART in words for words in match.against):
                spoken = frozenset(
                    str(row.get("iso_639_2_language_code"))
                    for row in record.tables.get("person_language", ())
                )
                yield SupportOfStudent(line.person, match.entry.number, match.entry.partner, spoken)
                break
