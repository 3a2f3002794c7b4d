"""Riverbend's trends and experiences equal a count from `truth/` and the feeds, made here in plain Python, within what is withheld."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.test_published import (
    LOST,
    NOT_SEEN,
    REACHED,
    Outcomes,
    Recount,
    Truth,
    day,
    entering,
    read,
    tally,
)
from throughway.insight.trends.choices import TREND_OUTCOMES
from throughway.publication.shown_figures import count_between

IDS = {measure.name: measure.id for measure in TREND_OUTCOMES}


@pytest.fixture(scope="module")
def counted(riverbend: Riverbend) -> dict[str, Any]:
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting_trends", riverbend.who("data_steward"))
    return found


@pytest.fixture(scope="module")
def truth(riverbend: Riverbend) -> Truth:
    return Truth(riverbend.folder)


class Adults:
    """College careers one person at a time, from the truth as far as anybody reports it."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.terms, self.awards = truth.college("term"), truth.college("credential")
        self.due = Recount(truth, {}).due
        self.falls_until = max(d for days in truth.at_falls.values() for d in days)

    def entered(self, person: str) -> int | None:
        entries = [d for d in self.terms[person] if entering(d) >= self.due.get(person, 0)]
        return entering(min(entries)) if entries else None

    def judged(self, person: str, last_college_day: date, first: date, last: date, held: bool) -> str:
        """`held`: reached it. Otherwise lost where the records extend past the last day."""
        days, awards = self.terms[person], self.awards.get(person, [])
        past = self.truth.was_searched(person, first, last) or any(d > last for d in (*days, *awards))
        past |= last_college_day in self.truth.at_falls.get(person, ()) and self.falls_until >= last
        return REACHED if held else LOST if past else NOT_SEEN

    def persistence(self, year: int) -> Outcomes:
        found = {}
        last = date(year + 1, 10, 31)
        for p, days in self.terms.items():
            if self.entered(p) == year:
                first_entry = min(d for d in days if entering(d) >= self.due.get(p, 0))
                held = any(date(year + 1, 8, 1) <= d <= last for d in days)
                held |= any(date(year, 5, 1) <= d <= last for d in self.awards.get(p, []))
                found[p] = self.judged(p, first_entry, date(year + 1, 8, 15), last, held)
        return found

    def some_college(self, year: int) -> Outcomes:
        first, last = date(year - 1, 7, 1), date(year, 6, 30)
        found = {}
        for p, days in self.terms.items():
            entered = self.entered(p)
            if entered is not None and entered <= year - 2:
                held = any(first <= d <= last for d in days) or any(d <= last for d in self.awards.get(p, []))
                found[p] = self.judged(p, max(d for d in days if d <= last), first, last, held)
        return found

    def back(self, year: int) -> Outcomes:
        first, last = date(year - 1, 7, 1), date(year, 6, 30)
        out = [p for p, outcome in self.some_college(year - 1).items() if outcome == LOST]
        last_day = {p: max(d for d in self.terms[p] if d < first) for p in out}
        return {
            p: self.judged(p, last_day[p], first, last, any(first <= d <= last for d in self.terms[p]))
            for p in out
        }

    def finished(self, year: int) -> Outcomes:
        first, last = date(year - 1, 7, 1), date(year + 3, 8, 31)
        came = [p for p, outcome in self.back(year).items() if outcome == REACHED]
        last_day = {p: max(d for d in self.terms[p] if d < first) for p in came}
        return {
            p: self.judged(
                p, last_day[p], first, last, any(first <= d <= last for d in self.awards.get(p, []))
            )
            for p in came
        }


def outcomes(truth: Truth, adults: Adults, id: str, year: int) -> Outcomes:
    of_adults = {"persistence": adults.persistence, "some-college": adults.some_college, "return": adults.back, "return-credential": adults.finished}  # fmt: skip
    return of_adults[id](year) if id in of_adults else Recount(truth, {id: year}).outcomes(id)


def test_each_class_equals_the_truth(counted: dict[str, Any], truth: Truth) -> None:
    adults, wrong, seen = Adults(truth), [], Counter[str]()
    known: dict[tuple[str, int], Outcomes] = {}
    for table in counted["trends"]["true"]:
        for cell in table["cells"]:
            at = cell["at"]
            if cell["statistic"] != "students":
                continue
            id, year = IDS[at["milestone"]], int(at["class"])
            if (id, year) not in known:
                known[id, year] = outcomes(truth, adults, id, year)
            found = known[id, year]
            if "low income" in at:
                group = Recount(truth, {id: year}).groups(id, "low income")
                found = {p: outcome for p, outcome in found.items() if group(p) == at["low income"]}
            if id == "employment" and ("living-wage", year) not in truth.steps:
                continue  # the truth knows the wages of later classes alone
            if tally(found.values())[at.get("outcome")] != cell["count"]:
                wrong.append((at, cell["count"], tally(found.values())[at.get("outcome")]))
            seen[id] += 1
    assert wrong == []
    assert seen.keys() == {*IDS.values()}


def test_what_is_shown_equals_what_was_counted(counted: dict[str, Any]) -> None:
    found = 0
    for report in ("trends", "experiences"):
        true = {
            _place(c["at"]): c["count"]
            for t in counted[report]["true"]
            for c in t["cells"]
            if c["statistic"] == "students"
        }
        shown = counted[report]["shown"]
        counts = [c for c in shown if c["statistic"] == "students"]
        found += len(counts)
        for cell in counts:
            low, high = count_between(cell["shown"])
            assert low <= true[_place(cell["at"])] <= high
            assert low == high or high - low >= 11
        rates = [c for c in shown if c["statistic"] == "rate" and isinstance(c["shown"], int)]
        for cell in rates:
            of, among = _parts(cell["at"])
            numerator, denominator = (
                sum(true[_place({**_plain(cell["at"]), **each})] for each in parts) for parts in (of, among)
            )
            assert abs(100 * numerator / denominator - cell["shown"]) <= 0.5
    assert found > 20


def _place(at: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(at.items()))


def _plain(at: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in at.items() if k != "share"}


def _parts(at: Mapping[str, str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The counts of a share: its numerator and its denominator."""
    if "milestone" in at:
        seen = [{"outcome": o} for o in (REACHED, LOST)]
        return (seen[:1], seen) if at["share"] == "reached" else (seen, [*seen, {"outcome": NOT_SEEN}])
    answered = [{"answer": a} for a in ("favorable", "other")]
    return (
        (answered[:1], answered)
        if at["share"] == "favorable"
        else (answered, [*answered, {"answer": "none"}])
    )


CLIMATE = {"C1": "Safety", "C2": "Belonging", "C3": "Reading at home", "C4": "Plans for college or a career"}
SCALE = {"Never": 1, "Rarely": 2, "Sometimes": 3, "Often": 4, "Always": 5}


def test_answers_equal_the_feed(counted: dict[str, Any], truth: Truth) -> None:
    """The school survey: who was asked, from the stays; who answered and how, from the file of the survey."""
    rows = read(truth.folder / "feeds" / "riverbend-schools" / "survey.csv")
    given: dict[int, dict[str, dict[str, int]]] = {}
    first: dict[int, date] = {}
    for row in rows:
        month, of_month, year = map(int, row["Recorded"].split("/"))
        on = date(year, month, of_month)
        first[year] = min(on, first.get(year, on))
        person = truth.records["riverbend-schools", row["Student ID"]]
        for code, construct in CLIMATE.items():
            if row[code] in SCALE:
                given.setdefault(year, {}).setdefault(construct, {})[person] = SCALE[row[code]]
    asked = {
        year: {
            s["person"]
            for s in truth.stays
            if s["district"] == "riverbend-schools" and int(s["school_year"]) == year and 4 <= int(s["grade"]) <= 12
            and day(s["first_day"]) <= on and (not s["last_day"] or day(s["last_day"]) >= on)
        }
        for year, on in first.items()
    }  # fmt: skip
    kinds = {
        "favorable": lambda n: n >= 4,
        "other": lambda n: 0 < n < 4,
        "none": lambda n: n == 0,
        None: lambda n: True,
    }
    seen = Counter[str]()
    for cell in (c for t in counted["experiences"]["true"] for c in t["cells"]):
        at = cell["at"]
        if cell["statistic"] != "students" or at["survey"] != "Student climate" or "school" in at:
            continue
        year = int(at["school year"])
        answers = given[year][at["construct"]]
        holds = kinds[at.get("answer")]
        assert cell["count"] == sum(holds(answers.get(p, 0)) for p in asked[year]), at
        seen[at["construct"]] += cell["count"]
    assert seen.keys() == {*CLIMATE.values()}
    assert min(seen.values()) > 100
