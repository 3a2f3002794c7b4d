"""One service of HSDS as a statement of the directory.

HSDS 3.0 has no field for grades, seats, rules and the way home. They are attributes with terms of the taxonomy `throughway`, which the
export writes and this reads; other directories keep them as any attribute.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from throughway.core.refusals import Refused
from throughway.measures.eligibility import condition
from throughway.measures.needs import CATEGORIES
from throughway.supports.entry import (
    GRADES,
    LANGUAGES,
    MAX_LINE,
    SUBJECTS,
    WEEK,
    SupportStatement,
    WayHome,
    WeeklySession,
    amount,
)
from throughway.vocabulary import CODE_SETS

TAXONOMY = "throughway"
OPEN = {"active": True, "inactive": False, "defunct": False, "temporarily closed": False}
SEAT_UNITS = re.compile(
    r"(seat|place|slot|spot|student|participant|child|children|person|people|opening)s?", re.I
)
# ISO 639-1 and 639-3 codes whose ISO 639-2 code differs by more than a letter; others are found by name.
CODES = {
    "ar": "ara", "bn": "ben", "de": "ger", "en": "eng", "es": "spa", "fa": "per", "fr": "fre", "ht": "hat", "hi": "hin", "hy": "arm",
    "it": "ita", "ja": "jpn", "km": "khm", "ko": "kor", "lo": "lao", "my": "bur", "ne": "nep", "pa": "pan", "pl": "pol", "ps": "pus",
    "pt": "por", "ro": "rum", "ru": "rus", "so": "som", "sw": "swa", "ti": "tir", "tl": "tgl", "uk": "ukr", "ur": "urd", "vi": "vie",
    "zh": "chi", "zho": "chi", "fra": "fre", "deu": "ger", "fas": "per", "hye": "arm", "mya": "bur", "ron": "rum",
}  # fmt: skip
Problem = Callable[[str, str, str], None]  # column, problem, cure


@dataclass(frozen=True)
class ReadSupport:
    """One service: its key in the file, the statement, the fields that the file speaks of, whether it is open, and the day on which its
    holder assured it."""

    key: uuid.UUID
    said: SupportStatement
    given: frozenset[str]
    open: bool
    assured: date | None


def read_support(service: dict[str, Any], partner: str, today: date, problem: Problem) -> ReadSupport:
    """Refused with a sentence where the service cannot be entered at all; a cell that cannot be read is left out with a problem."""
    reader = _Reader(service, problem)
    name = reader.text("name")
    if not name:
        raise Refused("The service has no name; give it one.", code="missing_name")
    status = reader.text("status")
    if status and status not in OPEN:
        problem("status", "it is none of active, inactive, defunct and temporarily closed", "mend the status")
    values: dict[str, Any] = dict(reader.values())
    values = {field: value for field, value in values.items() if value not in (None, "", ())}
    if values.get("seats_on") is None and {"seats_open", "seats_all"} & values.keys():
        values["seats_on"] = today
    assured = reader.day(service.get("assured_date"), "assured_date")
    if assured and assured > today:
        problem("assured_date", "the day is still to come", "give the day on which it was assured")
        assured = None
    return ReadSupport(
        _key(str(service.get("id") or ""), partner, name),
        SupportStatement(name=name[:MAX_LINE], **values),
        frozenset({"name", *values}),
        OPEN.get(status, True),
        assured,
    )


def _key(id: str, partner: str, name: str) -> uuid.UUID:
    """The id of the file, or one that is always the same for the partner's service."""
    try:
        return uuid.UUID(id)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"throughway/{partner}/{id or name}")


class _Reader:
    """Reads the parts of one service; what cannot be read is a problem."""

    def __init__(self, service: dict[str, Any], problem: Problem) -> None:
        self.service, self.problem = service, problem
        self.at = self._list(service, "service_at_locations")
        locations = [each["location"] for each in self.at if isinstance(each.get("location"), dict)]
        self.location: dict[str, Any] = locations[0] if locations else {}
        organization = service.get("organization")
        self.organization: dict[str, Any] = organization if isinstance(organization, dict) else {}
        self.own = dict(self._attributes())

    def _list(self, of: dict[str, Any], name: str) -> list[dict[str, Any]]:
        found = of.get(name)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def text(self, name: str, of: dict[str, Any] | None = None) -> str:
        value = (self.service if of is None else of).get(name)
        return (
            str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
        )

    def _attributes(self) -> Iterator[tuple[str, list[str]]]:
        found: dict[str, list[str]] = {}
        for each in self._list(self.service, "attributes"):
            term = each.get("taxonomy_term")
            if isinstance(term, dict) and str(term.get("taxonomy", "")).lower() == TAXONOMY:
                found.setdefault(str(term.get("code", "")), []).append(self.text("value", each))
        yield from found.items()

    def values(self) -> Iterator[tuple[str, Any]]:
        yield "description", self.text("description")
        yield "category", self._category()
        yield "program", self._own("program")
        yield from self._place()
        yield from self._times()
        yield "languages", self._languages()
        yield "minimum_age", self.number(self.service.get("minimum_age"), "minimum_age")
        yield "maximum_age", self.number(self.service.get("maximum_age"), "maximum_age")
        for field, code in (("lowest_grade", "grade_from"), ("highest_grade", "grade_to")):
            grade = self._own(code)
            if grade and grade not in GRADES:
                self.problem(code, "it is no grade", "write PK, KG, 01 to 12 or PS")
            else:
                yield field, grade
        subjects = self.own.get("subject", [])
        if any(subject not in SUBJECTS for subject in subjects):
            self.problem(
                "subject", "it is no school subject that is known", f"write one of {', '.join(SUBJECTS)}"
            )
        yield "subjects", tuple(subject for subject in SUBJECTS if subject in subjects)
        for field in ("rules", "first"):
            lines = self.own.get({"rules": "rule", "first": "first"}[field], [])
            yield field, tuple(condition(line, where="A rule of the service") for line in lines)
        yield "who", self.text("eligibility_description")
        yield "citation", self._own("citation")
        yield from self._seats()
        way = self._own("way_home")
        if way and way not in list(WayHome):
            self.problem("way_home", "it is no way home that is known", "write bus, pick_up, walk or online")
        elif way:
            yield "way_home", WayHome(way)
        yield "transport", self.text("transportation", self.location)[:MAX_LINE]
        yield from self._cost()
        yield from self._contact()
        if "public" in self.own:
            yield "public", self._own("public") == "yes"

    def _own(self, code: str) -> str:
        return next(iter(self.own.get(code, [])), "")

    def _category(self) -> str | None:
        """By our own attribute, else by a term whose name or code is a kind of support."""
        codes = CODE_SETS[CATEGORIES]
        by_name = {label.lower(): code for code, label in codes.items()} | {code: code for code in codes}
        if (own := self._own("category")) in codes:
            return own
        for each in self._list(self.service, "attributes"):
            term = each.get("taxonomy_term")
            for word in (self.text("code", term), self.text("name", term)) if isinstance(term, dict) else ():
                if word.lower() in by_name:
                    return by_name[word.lower()]
        return None

    def _place(self) -> Iterator[tuple[str, Any]]:
        location = self.location
        yield "place", self.text("name", location)
        addresses = self._list(location, "addresses")
        address = next(
            (each for each in addresses if each.get("address_type") == "physical"), next(iter(addresses), {})
        )
        lines = (self.text("address_1", address), self.text("address_2", address))
        yield "street", ", ".join(filter(None, lines))
        yield "city", self.text("city", address)
        yield "state", self.text("state_province", address)
        yield "postal_code", self.text("postal_code", address)
        latitude, longitude = (self.decimal(location.get(name), name) for name in ("latitude", "longitude"))
        if latitude is None or longitude is None:
            return
        if abs(latitude) > 90 or abs(longitude) > 180:
            self.problem(
                "latitude",
                "the coordinates are on no map",
                "give latitude -90 to 90 and longitude -180 to 180",
            )
            return
        yield "latitude", latitude
        yield "longitude", longitude

    def _times(self) -> Iterator[tuple[str, Any]]:
        schedules = self._list(self.service, "schedules") or [
            s for at in self.at for s in self._list(at, "schedules")
        ]
        sessions: list[WeeklySession] = []
        firsts: list[date] = []
        lasts: list[date] = []
        for each in schedules:
            first, last = (self.day(each.get(name), name) for name in ("valid_from", "valid_to"))
            if first and last and last < first:
                self.problem("valid_to", "the schedule ends before it begins", "mend one of the two days")
                first = last = None
            firsts += [first] if first else []
            lasts += [last] if last else []
            days = [code.strip().upper() for code in self.text("byday", each).split(",") if code.strip()]
            if not days:
                continue
            if self.text("freq", each).upper() not in ("WEEKLY", "") or not set(days) <= WEEK.keys():
                self.problem(
                    "byday", "only weekly days, such as TU,TH, are read", "say other days in the description"
                )
                continue
            opens, closes = (self.clock(each.get(name), name) for name in ("opens_at", "closes_at"))
            if opens and closes and closes < opens:
                self.problem("closes_at", "it closes before it opens", "mend one of the two times")
                opens = closes = None
            sessions += [WeeklySession(code, opens, closes) for code in days]
        yield "sessions", tuple(sessions)
        yield "starts", min(firsts, default=None)
        yield "ends", max(lasts, default=None)

    def _languages(self) -> tuple[str, ...]:
        codes = CODE_SETS[LANGUAGES]
        by_name = {label.partition(";")[0].lower(): code for code, label in codes.items()}
        found = []
        for each in self._list(self.service, "languages"):
            given, name = self.text("code", each).lower(), self.text("name", each).lower()
            code = CODES.get(given) or (given if given in codes else by_name.get(name))
            if code:
                found.append(code)
            else:
                self.problem(
                    "languages", "neither code nor name is a language that is known", "give its ISO 639 code"
                )
        return tuple(dict.fromkeys(found))

    def _seats(self) -> Iterator[tuple[str, Any]]:
        for field, code in (("seats_open", "seats_open"), ("seats_all", "seats_all"), ("waiting", "waiting")):
            yield field, self.number(self._own(code), code)
        yield "seats_on", self.day(self._own("seats_on"), "seats_on")
        for each in self._list(self.service, "capacities"):
            unit = each.get("unit")
            if not isinstance(unit, dict) or not SEAT_UNITS.fullmatch(self.text("name", unit)):
                self.problem("capacities", "the unit is not seats", "name the unit seat, place or student")
                continue
            free, every = (
                self.number(each.get("available"), "available"),
                self.number(each.get("maximum"), "maximum"),
            )
            if free is not None and every is not None and free > every:
                self.problem(
                    "available", "more seats are available than there are", "mend one of the two numbers"
                )
                continue
            yield "seats_open", free
            yield "seats_all", every
            yield "seats_on", self.day(self.text("updated", each)[:10], "updated")
            return

    def _cost(self) -> Iterator[tuple[str, Any]]:
        options = self._list(self.service, "cost_options")
        words = self.text("fees_description")
        for each in options[:1]:
            currency = self.text("currency", each).lower()
            words = (
                ", ".join(filter(None, (self.text("option", each), self.text("amount_description", each))))
                or words
            )
            if currency not in ("", "usd"):
                self.problem("currency", "the cost is not in dollars", "give it in usd")
            else:
                try:
                    yield "cost", amount(self.text("amount", each), where="The service")
                except Refused:
                    self.problem("amount", "it is no number", "write it as 25.00")
        yield "cost_words", words[:MAX_LINE]

    def _contact(self) -> Iterator[tuple[str, Any]]:
        """The office to ask: never the name of a person, which HSDS gives."""
        contacts = self._list(self.service, "contacts")
        offices = [self.text("department", each) or self.text("title", each) for each in contacts]
        yield "office", next(filter(None, offices), "") or self.text("name", self.organization)
        phones = [
            *self._list(self.service, "phones"), *(phone for at in self.at for phone in self._list(at, "phones")),
            *(phone for each in contacts for phone in self._list(each, "phones")), *self._list(self.location, "phones"),
            *self._list(self.organization, "phones"),
        ]  # fmt: skip
        yield (
            "phone",
            next((self.text("number", each).strip('" ') for each in phones if self.text("number", each)), ""),
        )
        for field, column, values in (
            ("email", "email", (self.text("email"), self.text("email", self.organization))),
            ("website", "url", (self.text("url"), self.text("website", self.organization))),
        ):
            shape = r"[^@\s]+@[^@\s]+\.[^@\s]+" if field == "email" else r"https?://[^\s\"'<>]+"
            good = [value for value in values if re.fullmatch(shape, value) and len(value) <= MAX_LINE]
            if values[0] and values[0] not in good:
                self.problem(
                    column,
                    "it cannot be read",
                    "write it as office@program.org" if field == "email" else "begin it with https://",
                )
            yield field, next(iter(good), "")

    def number(self, value: Any, column: str) -> int | None:
        found = self.decimal(value, column)
        return None if found is None else int(found)

    def decimal(self, value: Any, column: str) -> float | None:
        if value in (None, "") or isinstance(value, bool):
            return None
        try:
            found = float(str(value))
        except ValueError:
            found = float("nan")
        if found != found or abs(found) > 1e9:
            self.problem(column, "it is no number", "write a number, such as 12")
            return None
        return found

    def day(self, value: Any, column: str) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).date()
        except ValueError:
            self.problem(column, "the day cannot be read", "write it as 2026-09-01")
            return None

    def clock(self, value: Any, column: str) -> time | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return time.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            self.problem(column, "the time cannot be read", "write it as 15:30")
            return None
