"""An entry of the directory: the statement of a program by its partner, and until when it stands without being confirmed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from throughway.core.prose import day, listed
from throughway.core.refusals import Refused, did_you_mean
from throughway.measures.eligibility import EligibilityRule, check_cited, condition
from throughway.measures.needs import CATEGORIES
from throughway.vocabulary import CODE_SETS

LANGUAGES = "C000317"
FRESH = timedelta(days=120)  # an entry that nobody confirmed for longer leaves matching
ASK_AGAIN = timedelta(days=30)  # before that day, its partner is asked to confirm it
MAX_LINE = 200
MAX_TEXT = 2000
MAX_RULES = 12
FEW_WAIT = 10  # a smaller number of students who wait is not shown as a number

WEEK: Mapping[str, str] = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
GRADES: Mapping[str, str] = {
    "PK": "prekindergarten",
    "KG": "kindergarten",
    **{f"{grade:02d}": f"grade {grade}" for grade in range(1, 13)},
    "PS": "college",
}
ORDER = {code: place for place, code in enumerate(GRADES)}


ANY_SUBJECT = "any"
SUBJECTS: Mapping[str, str] = {
    "reading": "reading",
    "mathematics": "mathematics",
    "science": "science",
    "social_studies": "history and social studies",
    "languages": "languages",
    ANY_SUBJECT: "every subject",
}


class WayHome(StrEnum):
    """How students get home afterwards; UNKNOWN: the partner has not said."""

    UNKNOWN = ""
    BUS = "bus"
    PICK_UP = "pick_up"
    WALK = "walk"
    ONLINE = "online"


WAY_HOME: Mapping[WayHome, str] = {
    WayHome.UNKNOWN: "not said yet",
    WayHome.BUS: "a bus takes students home",
    WayHome.PICK_UP: "the family picks the student up",
    WayHome.WALK: "students walk home or take the city bus",
    WayHome.ONLINE: "online, from home",
}


@dataclass(frozen=True)
class WeeklySession:
    """One weekly session: the day as `MO` to `SU`, and its hours where they are known."""

    day: str
    opens: time | None = None
    closes: time | None = None

    @property
    def hours(self) -> str:
        return "–".join(f"{at:%H:%M}" for at in (self.opens, self.closes) if at)


@dataclass(frozen=True)
class SupportStatement:
    """What a partner says of one program. `category`: a code of `program_subtype`; `program`: its identifier in the partner's records;
    `subjects`: codes of SUBJECTS, with which it helps; `languages`: codes of ISO 639-2; grades: codes of GRADES; `rules`: all must be met; `first`: who comes first where seats are few;
    `who`: eligibility in words; `citation`: counsel's, where a rule turns on a protected class; `seats_on`: the day of the seats;
    `waiting`: students who wait. None and "": not said."""

    name: str
    category: str = "other"
    description: str = ""
    program: str = ""
    place: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    sessions: tuple[WeeklySession, ...] = ()
    starts: date | None = None
    ends: date | None = None
    languages: tuple[str, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None
    lowest_grade: str = ""
    highest_grade: str = ""
    rules: tuple[EligibilityRule, ...] = ()
    first: tuple[EligibilityRule, ...] = ()
    who: str = ""
    citation: str = ""
    seats_open: int | None = None
    seats_all: int | None = None
    seats_on: date | None = None
    waiting: int | None = None
    way_home: WayHome = WayHome.UNKNOWN
    transport: str = ""
    cost: Decimal | None = None
    cost_words: str = ""
    office: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    public: bool = False
    subjects: tuple[str, ...] = ()

    @property
    def category_words(self) -> str:
        return CODE_SETS[CATEGORIES].get(self.category, "Other")

    @property
    def days(self) -> list[str]:
        """The days of the week, in order, each once."""
        held = {session.day for session in self.sessions}
        return [words for code, words in WEEK.items() if code in held]

    @property
    def days_words(self) -> str:
        """`Tuesdays and Thursdays`, `Mondays to Fridays`, `every day`."""
        names = list(WEEK.values())
        places = [names.index(words) for words in self.days]
        if len(places) == len(names):
            return "every day"
        if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
            return f"{names[places[0]]}s to {names[places[-1]]}s"
        return listed(f"{words}s" for words in self.days)

    @property
    def times(self) -> list[tuple[str, str]]:
        """Each session: its day and its hours."""
        return [(WEEK[session.day], session.hours) for session in self.sessions]

    @property
    def season_words(self) -> str:
        if self.starts and self.ends:
            return f"{day(self.starts)} to {day(self.ends)}"
        return f"since {day(self.starts)}" if self.starts else f"until {day(self.ends)}" if self.ends else ""

    @property
    def languages_words(self) -> str:
        return listed(language_words(code) for code in self.languages)

    @property
    def subjects_words(self) -> str:
        return listed(SUBJECTS[code] for code in self.subjects)

    def helps_with(self, subject: str) -> bool | None:
        """None where it is not said."""
        return bool({subject, ANY_SUBJECT} & set(self.subjects)) if self.subjects else None

    @property
    def grades_words(self) -> str:
        low, high = GRADES.get(self.lowest_grade, ""), GRADES.get(self.highest_grade, "")
        if low and high and low != high:
            if low.startswith("grade") and high.startswith("grade"):
                return f"grades {low.removeprefix('grade ')} to {high.removeprefix('grade ')}"
            return f"{low} to {high}"
        if low and high:
            return low
        return f"{low} and up" if low else f"up to {high}" if high else ""

    @property
    def ages_words(self) -> str:
        low, high = self.minimum_age or None, self.maximum_age
        if low is not None and high is not None:
            return f"{low} to {high}"
        return f"{low} and older" if low is not None else f"up to {high}" if high is not None else ""

    @property
    def seats_words(self) -> str:
        if self.seats_open is None:
            return ""
        free = (
            "no seat free"
            if self.seats_open == 0
            else "one seat free"
            if self.seats_open == 1
            else f"{self.seats_open} seats free"
        )
        return f"{free} of {self.seats_all}" if self.seats_all is not None else free

    @property
    def waiting_words(self) -> str:
        """Whether students wait; a small number is not shown."""
        if self.waiting is None:
            return ""
        if self.waiting == 0:
            return "nobody waits"
        return "a few students wait" if self.waiting < FEW_WAIT else f"{self.waiting} students wait"

    @property
    def cost_shown(self) -> str:
        amount = "" if self.cost is None else "free" if self.cost == 0 else f"${self.cost.normalize():f}"
        return ", ".join(filter(None, (amount, self.cost_words)))

    @property
    def way_home_words(self) -> str:
        words = WAY_HOME[self.way_home] if self.way_home else ""
        return "; ".join(filter(None, (words, self.transport)))

    @property
    def address(self) -> str:
        town = " ".join(filter(None, (self.state, self.postal_code)))
        return ", ".join(filter(None, (self.street, self.city, town)))


@dataclass(frozen=True)
class SupportEntry:
    """One entry as the directory holds it. `key`: its identifier in exchange formats; `confirmed`: the day on which its partner last
    confirmed it; `closed`: since when it is closed; `changed`: the day of its last change."""

    number: int
    key: str
    partner: str
    partner_name: str
    said: SupportStatement
    confirmed: date | None
    closed: date | None
    changed: date

    def has_ended(self, on: date) -> bool:
        """Whether nobody can come any more: it is closed, or its season is over."""
        return self.closed is not None or (self.said.ends is not None and self.said.ends < on)

    def free_seats(self, on: date) -> int | None:
        """The seats that are free today; None where they are not stated. A season that has ended has none."""
        return 0 if self.has_ended(on) else self.said.seats_open

    def is_full(self, on: date) -> bool:
        """Whether it runs or is to come, and no seat is free."""
        return not self.has_ended(on) and self.said.seats_open == 0

    def seats_words(self, on: date) -> str:
        """`2 seats free of 20`; empty where seats are not stated."""
        if self.said.ends is not None and self.said.ends < on:
            return f"no seat, because its season ended on {day(self.said.ends)}"
        return self.said.seats_words

    def is_confirmed(self, on: date) -> bool:
        return self.confirmed is not None and on - self.confirmed <= FRESH

    @property
    def stands_until(self) -> date | None:
        """The last day on which it stands unless it is confirmed again."""
        return self.confirmed + FRESH if self.confirmed else None

    def asks_since(self, on: date) -> date | None:
        """Since when its partner should confirm it; None where nothing is to be done. Once before it would leave matching, and once when
        a new season begins."""
        if self.closed:
            return None
        if self.confirmed is None:
            return self.changed
        begun = self.said.starts
        if begun and self.confirmed < begun <= on:
            return begun
        asks = self.confirmed + FRESH - ASK_AGAIN
        return asks if asks <= on else None


def language_words(code: str) -> str:
    """`Spanish` for `spa`."""
    return CODE_SETS[LANGUAGES].get(code, code).partition(";")[0]


def checked(said: SupportStatement) -> SupportStatement:
    """The same, trimmed. Refused with one sentence that names the entry when something is missing, too long or contradicts itself."""
    texts: dict[str, Any] = {
        field.name: _plain(getattr(said, field.name))
        for field in fields(said)
        if isinstance(getattr(said, field.name), str) and field.name != "way_home"
    }
    said = replace(said, **texts)
    if not said.name:
        raise Refused("A support needs a name, such as Homework Club.", code="missing_name")
    where = _short(said.name)
    for name in (
        "name",
        "program",
        "place",
        "street",
        "city",
        "state",
        "postal_code",
        "transport",
        "cost_words",
        "office",
        "phone",
        "email",
        "website",
    ):
        if len(getattr(said, name)) > MAX_LINE:
            raise Refused(
                f"The {name.replace('_', ' ')} of {where} has more than {MAX_LINE} characters; shorten it.",
                code="too_long",
            )
    if max(len(said.description), len(said.who), len(said.citation)) > MAX_TEXT:
        raise Refused(
            f"A text of {where} has more than {MAX_TEXT:,} characters; shorten it.", code="too_long"
        )
    if len(said.rules) + len(said.first) > MAX_RULES:
        raise Refused(f"{where} has more than {MAX_RULES} rules; put some of them in words.", code="too_long")
    for code, known, what in (
        (said.category, CODE_SETS[CATEGORIES], "category"),
        (said.lowest_grade or "01", GRADES, "grade"),
        (said.highest_grade or "01", GRADES, "grade"),
        *((subject, SUBJECTS, "subject") for subject in said.subjects),
        *((language, CODE_SETS[LANGUAGES], "language") for language in said.languages),
        *((session.day, WEEK, "day of the week") for session in said.sessions),
    ):
        if code not in known:
            raise Refused(
                f"{where} has a {what} that is not known; {did_you_mean(code, known, f'see the list of the {what}.')}",
                code="bad_code",
            )
    _check_ranges(said, where)
    if said.email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", said.email):
        raise Refused(
            f"The e-mail address of {where} is none; write it as office@program.org.", code="bad_email"
        )
    if said.website and not re.fullmatch(r"https?://[^\s\"'<>]+", said.website):
        raise Refused(f"The website of {where} must begin with https://.", code="bad_website")
    check_cited((*said.rules, *said.first), said.who, said.citation, where=where)
    return replace(
        said,
        sessions=tuple(sorted(set(said.sessions), key=_order)),
        languages=tuple(dict.fromkeys(said.languages)),
        subjects=tuple(code for code in SUBJECTS if code in said.subjects),
    )


def _order(session: WeeklySession) -> tuple[object, ...]:
    """By day and hours; an hour that is not known comes before midnight, so that no two sessions share a place."""
    hours = (session.opens, session.closes)
    return list(WEEK).index(session.day), *((hour is not None, hour or time.min) for hour in hours)


def _check_ranges(said: SupportStatement, where: str) -> None:
    for low, high, what in (
        (said.starts, said.ends, "season ends before it begins"),
        (said.minimum_age, said.maximum_age, "oldest age is below the youngest"),
        (ORDER.get(said.lowest_grade), ORDER.get(said.highest_grade), "highest grade is below the lowest"),
        (said.seats_open, said.seats_all, "open seats are more than all seats"),
        *((s.opens, s.closes, f"session of {WEEK[s.day]} ends before it begins") for s in said.sessions),
    ):
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            raise Refused(f"In {where} the {what}; mend one of the two.", code="bad_range")
    for number, most, what in (
        (said.minimum_age, 120, "age"), (said.maximum_age, 120, "age"), (said.seats_open, 100_000, "number of seats"),
        (said.seats_all, 100_000, "number of seats"), (said.waiting, 100_000, "number of those who wait"), (said.cost, 1_000_000, "cost"),
    ):  # fmt: skip
        if number is not None and not 0 <= number <= most:
            raise Refused(f"{where} has a {what} outside 0 to {most:,}; mend it.", code="bad_range")
    if (said.latitude is None) != (said.longitude is None):
        raise Refused(
            f"{where} has one coordinate of two; give latitude and longitude, or neither.", code="bad_place"
        )
    if said.latitude is not None and not (abs(said.latitude) <= 90 and abs(said.longitude or 0) <= 180):
        raise Refused(
            f"The coordinates of {where} are on no map: latitude is -90 to 90, longitude -180 to 180.",
            code="bad_place",
        )


def _plain(text: str) -> str:
    """Without control characters and outer blanks; lines stay."""
    return "\n".join(
        " ".join("".join(c if c.isprintable() else " " for c in line).split())
        for line in text.strip().splitlines()
    )


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}…"


def as_json(said: SupportStatement) -> dict[str, Any]:
    """The statement as plain values; what is not said is left out."""
    found: dict[str, Any] = {}
    for field in fields(said):
        value = getattr(said, field.name)
        if value is None or value is False or value == "" or value == ():
            continue
        if field.name == "sessions":
            value = [[s.day, *(f"{at:%H:%M}" if at else None for at in (s.opens, s.closes))] for s in value]
        elif field.name in ("rules", "first"):
            value = [str(rule) for rule in value]
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Decimal):
            value = str(value)
        found[field.name] = value
    return found


def from_json(values: Mapping[str, Any]) -> SupportStatement:
    """The statement in the plain values that `as_json` makes; fields of a later version are left out."""
    known: dict[str, Any] = {f.name: values[f.name] for f in fields(SupportStatement) if f.name in values}
    for name in ("starts", "ends", "seats_on"):
        if name in known:
            known[name] = date.fromisoformat(known[name])
    for name in ("rules", "first"):
        if name in known:
            known[name] = tuple(condition(line, where="A stored rule") for line in known[name])
    if "sessions" in known:
        known["sessions"] = tuple(
            WeeklySession(code, *(time.fromisoformat(at) if at else None for at in hours))
            for code, *hours in known["sessions"]
        )
    for name in ("languages", "subjects"):
        if name in known:
            known[name] = tuple(known[name])
    if "cost" in known:
        known["cost"] = Decimal(known["cost"])
    if "way_home" in known:
        known["way_home"] = WayHome(known["way_home"])
    return SupportStatement(**known)


def amount(text: str, *, where: str) -> Decimal | None:
    """An amount of dollars, None where there is none. Refused (bad_cost)."""
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip().lstrip("$").replace(",", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Refused(f"{where} has a cost that is no number; write it as 25.00.", code="bad_cost")
    return found


def merged(old: SupportStatement, new: SupportStatement, given: Iterable[str]) -> SupportStatement:
    """The old statement with the `given` fields of the new one: a feed changes what it speaks of, and nothing else."""
    return replace(old, **{name: getattr(new, name) for name in given})
