"""What a referral tells the receiver, and a referral as its events show it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.casework.referrals.transitions import (
    LONGEST,
    MOVE_WORDS,
    OUTCOMES,
    REASONS,
    STATES,
    ReferralMove,
    ReferralSide,
    ReferralState,
)
from throughway.core.refusals import Refused
from throughway.supports.student import parsed_day

TABLE = "referral_event"
LINE = 200  # characters of one line
LATE = 30  # days without an answer after which leaders see that referrals wait


@dataclass(frozen=True)
class ReferralDetails:
    """What the sender tells the receiver, by column of `referral_event`, in the order of the form."""

    student_name: str
    contact_phone: str = ""
    contact_language: str = ""
    interpreter_needed: bool | None = None
    best_time: str = ""
    way_there: str = ""
    event_text: str = ""

    def values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in DETAIL_WORDS}

    @property
    def filled(self) -> frozenset[str]:
        """The columns that have a value."""
        return frozenset(name for name, value in self.values().items() if value not in ("", None))

    def check(self, shared: Collection[str]) -> None:
        """Refused (usage) where the receiver could not call the family, or something is too long. `shared`: what may be shared."""
        if not self.student_name.strip():
            raise Refused("Write the name of the student, as the family gives it.", code="usage")
        if "contact_phone" in shared and not self.contact_phone.strip():
            raise Refused("Write the telephone at which the family wants to be called.", code="usage")
        for name, value in self.values().items():
            most = LONGEST if name == "event_text" else LINE
            if isinstance(value, str) and len(value) > most:
                raise Refused(f"{DETAIL_WORDS[name]}: write at most {most:,} characters.", code="usage")


def details_of(row: Mapping[str, object]) -> ReferralDetails:
    """What a row of `referral_event` tells."""
    needed = row.get("interpreter_needed")
    texts = {name: str(row.get(name) or "") for name in DETAIL_WORDS if name != "interpreter_needed"}
    return ReferralDetails(**texts, interpreter_needed=bool(needed) if needed is not None else None)


DETAIL_WORDS: Mapping[str, str] = {
    "student_name": "Name of the student",
    "contact_phone": "Telephone, and whom to ask for",
    "contact_language": "Language",
    "interpreter_needed": "Interpreter",
    "best_time": "Best hour to call",
    "way_there": "The way there and home",
    "event_text": "Words to the program",
}


@dataclass(frozen=True)
class ShownEvent:
    """One event as the gate showed it. `words`: empty where the purpose does not show them."""

    number: int
    on: date
    kind: str
    reason: str
    words: str
    author: str
    partner: str
    due: date | None

    @property
    def title(self) -> str:
        return MOVE_WORDS[ReferralMove(self.kind)] if self.kind in set(ReferralMove) else "Changed"

    @property
    def reason_words(self) -> str:
        return REASONS.get(self.reason) or OUTCOMES.get(self.reason, "")


@dataclass(frozen=True)
class ShownReferral:
    """One referral: where it stands, what was told, and its events, newest first. `person`: the student's id in what the reader sees."""

    id: str
    person: int | None
    support: str
    state: ReferralState
    due: date | None
    sender: str
    receiver: str
    details: Mapping[str, object]
    events: Sequence[ShownEvent]

    @property
    def words(self) -> str:
        return STATES[self.state].words

    @property
    def version(self) -> int:
        return self.events[0].number

    @property
    def is_open(self) -> bool:
        return not STATES[self.state].is_final

    @property
    def told(self) -> list[tuple[str, str]]:
        """Each thing that was told, in words."""
        found = []
        for name, words in DETAIL_WORDS.items():
            value = self.details.get(name)
            if value is True:
                found.append((words, "needed"))
            elif value not in ("", None, False):
                found.append((words, str(value)))
        return found


def referrals_of(rows: Iterable[Mapping[str, Any]], *, names: Mapping[str, str]) -> list[ShownReferral]:
    """The referrals in rows of `referral_event`, the newest event first. `names`: partners by id. A row without its referral or state,
    because the purpose does not show these, is left out."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("entry_id") and row.get("referral_state") in set(ReferralState):
            by_id.setdefault(str(row["entry_id"]), []).append(row)
    found = [
        _referral(id, sorted(of_one, key=lambda row: -int(row.get("version") or 0)), names)
        for id, of_one in by_id.items()
    ]
    return sorted(found, key=lambda each: (each.is_open, each.events[0].on, each.id), reverse=True)


@dataclass(frozen=True)
class ReferralLine:
    """One referral on the student's page: its last event, and `ours` where the reader's side acts next, by `due`."""

    shown: ShownReferral
    support: str
    ours: bool


def referral_lines(
    rows: Iterable[Mapping[str, Any]],
    *,
    names: Mapping[str, str],
    supports: Mapping[str, str],
    reader: str | None,
) -> list[ReferralLine]:
    """The referrals in rows of `referral_event`, open ones first. `supports`: names of the directory's entries by number; `reader`: the
    reader's partner."""
    return [
        ReferralLine(
            each,
            supports.get(each.support, "a support"),
            reader is not None
            and reader == (each.sender if STATES[each.state].owner is ReferralSide.SENDER else each.receiver),
        )
        for each in referrals_of(rows, names=names)
    ]


def _referral(id: str, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> ShownReferral:
    newest = rows[0]
    told = next((row for row in rows if row.get("student_name")), {})
    phone = next((row.get("contact_phone") for row in rows if row.get("contact_phone")), None)
    person = newest.get("person_id")
    receiver = next((str(row["receiving_partner"]) for row in rows if row.get("receiving_partner")), "")
    return ShownReferral(
        id=id,
        person=int(person) if person is not None else None,
        support=str(newest.get("support_id") or ""),
        state=ReferralState(newest["referral_state"]),
        due=parsed_day(newest.get("due_date")),
        sender=str(newest.get("sending_partner") or ""),
        receiver=receiver,
        details={name: told.get(name) for name in DETAIL_WORDS} | {"contact_phone": phone},
        events=[_event(row, names) for row in rows],
    )


def _event(row: Mapping[str, Any], names: Mapping[str, str]) -> ShownEvent:
    partner = str(row.get("author_partner") or "")
    told = bool(row.get("student_name"))  # the words of these stand with what was told
    return ShownEvent(
        number=int(row.get("version") or 0),
        on=parsed_day(row.get("event_date")) or date.min,
        kind=str(row.get("event_kind") or ""),
        reason=str(row.get("event_reason") or ""),
        words="" if told else str(row.get("event_text") or ""),
        author=str(row.get("author") or ""),
        partner=names.get(partner, partner),
        due=parsed_day(row.get("due_date")),
    )
