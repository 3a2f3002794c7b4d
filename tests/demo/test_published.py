"""The demo's published figures equal a count from `truth/`, made here in plain Python, within what is withheld.

What the truth cannot say is taken from the feeds as their partners wrote them: whom the clearinghouse found, and how many minutes of
help there were. `counting.py` tells the counts before they were protected: all of them are compared with the recount, and the
published figures against them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import openpyxl
import pytest

from tests.demo.conftest import Riverbend
from tests.demo.truth import DISTRICTS, LOST, NOT_SEEN, REACHED, Row, Truth, day, read
from throughway.publication.shown_figures import count_between

NAMES = {
    "Are ready for kindergarten": "readiness", "Read well in grade 3": "reading", "Are on track in grade 8 math": "math",
    "Attend school regularly": "attendance", "Are on track in grade 9": "on-track", "Graduate from high school": "graduation",
    "Enroll in college": "enrollment", "Complete a credential": "completion", "Earn a living wage": "employment",
}  # fmt: skip
GRADES = {"readiness": 0, "reading": 3, "math": 8, "graduation": 12}
RACES = {
    "White": "White", "BlackorAfricanAmerican": "Black or African American", "Asian": "Asian",
    "AmericanIndianorAlaskaNative": "American Indian or Alaska Native",
}  # fmt: skip
MOVES = {"readiness": 1, "math": 5}  # school years in which changes of school count; four for all others
DOCUMENTED = ("left", "moved")  # exits with papers
Outcomes = Mapping[str, str]  # person → outcome


@dataclass(frozen=True)
class Recount:
    """One class at each milestone: what became of each student."""

    truth: Truth
    classes: Mapping[str, int]

    def outcomes(self, id: str) -> Outcomes:
        if id in ("graduation", "enrollment", "completion", "employment"):
            found: Outcomes = getattr(self, id)()
            return found
        told = self.truth.in_step(id, self.classes[id])
        members = self.in_grade(id, self.classes[id]) if id in ("readiness", "reading", "math") else told
        return {person: told.get(person, NOT_SEEN) for person in members}

    def graduation(self) -> Outcomes:
        """A district's class is decided once its files reach past the summer. Lakeside's tell the grade of ended stays alone."""
        year = self.classes["graduation"]
        over, homes = date(year, 8, 31).isoformat(), self.homes("graduation", year)
        decided = {
            s["district"]
            for s in self.truth.stays
            if int(s["grade"]) >= 9
            and (s["last_day"] or s["district"] == "riverbend-schools")
            and (s["last_day"] > over or int(s["school_year"]) > year)
        }
        told = self.truth.in_step("graduation", year)
        return {p: outcome if homes[p][0] in decided else NOT_SEEN for p, outcome in told.items()}

    def in_grade(self, id: str, year: int) -> set[str]:
        stays = self.truth.stays
        return {s["person"] for s in stays if int(s["school_year"]) == year and int(s["grade"]) == GRADES[id]}

    def enrollment(self) -> Outcomes:
        """The community decided: whom the clearinghouse searched for when sixteen months were over, and did not find, is lost."""
        year = self.classes["enrollment"]
        first, last = date(year, 5, 1), date(year + 1, 10, 31)
        terms, found = self.truth.college("term"), {}
        graduates = [p for p, outcome in self.truth.in_step("graduation", year).items() if outcome == REACHED]
        for person in graduates:
            days = terms.get(person, [])
            over = self.truth.was_searched(person, date(year, 8, 15), last) or any(d > last for d in days)
            found[person] = REACHED if any(first <= d <= last for d in days) else LOST if over else NOT_SEEN
        return found

    def completion(self) -> Outcomes:
        """Who first entered a college in the year that begins in May, and not while in high school."""
        year = self.classes["completion"]
        first, last = date(year, 5, 1), date(year + 6, 8, 31)
        terms, awards, found = self.truth.college("term"), self.truth.college("credential"), {}
        going_on = max(d for days in self.truth.at_falls.values() for d in days) >= last
        for person, days in terms.items():
            entries = [d for d in days if entering(d) >= self.due.get(person, 0)]
            if not entries or entering(min(entries)) != year:
                continue
            over = self.truth.was_searched(person, date(year, 8, 15), last)
            over |= min(entries) in self.truth.at_falls.get(person, ()) and going_on
            over |= any(d > last for d in awards.get(person, []))
            held = any(first <= d <= last for d in awards.get(person, []))
            found[person] = REACHED if held else LOST if over else NOT_SEEN
        return found

    def employment(self) -> Outcomes:
        """Who holds a first credential of that year; the truth knows the wages."""
        year = self.classes["employment"]
        told = self.truth.in_step("living-wage", year)
        firsts = {person: min(days) for person, days in self.truth.college("credential").items()}
        return {p: told.get(p, NOT_SEEN) for p, d in firsts.items() if d.year + (d.month > 8) == year}

    @cached_property
    def due(self) -> dict[str, int]:
        """The year in which each student of a high school is due to graduate, by the year and grade in which he or she began it."""
        found: dict[str, int] = {}
        for s in self.truth.stays:
            if int(s["grade"]) >= 9:
                year = int(s["school_year"]) + 12 - int(s["grade"])
                found[s["person"]] = min(found.get(s["person"], year), year)
        return found

    def groups(self, id: str, kind: str) -> Callable[[str], str]:
        """The group of a person of one kind at a milestone, as the report calls it."""
        klass, people = self.classes[id], self.truth.people
        if kind == "sex":
            return lambda p: (
                "Not recorded" if p in self.truth.unsaid else {"F": "Female", "M": "Male"}[people[p]["sex"]]
            )
        if kind == "race":
            return lambda p: (
                "Hispanic or Latino" if people[p]["hispanic"] == "yes" else RACES[people[p]["race"]]
            )
        if kind == "low income":
            poor = {p for p, row in people.items() if row["low_income"] == "yes"}
            return lambda p: "Families with low income" if p in poor else "No low income on record"
        if kind == "disability":
            return lambda p: (
                "Students with disabilities" if people[p]["disability"] else "No disability on record"
            )
        if kind == "foster care":
            until = date(klass, 6, 30)
            fostered = {
                p for p, row in people.items() if row["foster_from"] and day(row["foster_from"]) <= until
            }
            return lambda p: (
                "Students who were in foster care" if p in fostered else "No foster care on record"
            )
        if kind == "school mover":
            moved = self.movers(klass - MOVES.get(id, 4) + 1, klass)
            return lambda p: "Students who changed schools" if p in moved else "Did not change schools"
        if kind == "english learner":
            learners = {r["person"] for r in self.truth.steps[id, klass] if r["english_learner"] == "yes"}
            return lambda p: "English learners" if p in learners else "Not English learners"
        where = self.homes(id, klass)
        return lambda p: where[p][kind == "school"]

    def movers(self, first: int, last: int) -> set[str]:
        """Who was in two schools in one of these years."""
        schools: dict[tuple[str, str], set[str]] = {}
        for s in self.truth.stays:
            if first <= int(s["school_year"]) <= last:
                schools.setdefault((s["person"], s["school_year"]), set()).add(s["school"])
        return {person for (person, _), which in schools.items() if len(which) > 1}

    def followed(self, before: str, later: str) -> tuple[Outcomes, int]:
        """Those who had reached the milestone before, at the later one; and how many reach this without that."""
        year = self.classes[later]
        since = year - GRADES[later] + GRADES[before]
        begun = {p for p, outcome in self.truth.in_step(before, since).items() if outcome == REACHED}
        there = self.outcomes(later)
        enrolled = {
            s["person"]
            for s in self.truth.stays
            if int(s["school_year"]) == year and s["exit"] not in DOCUMENTED
        }
        found = {p: there.get(p) or (LOST if p in enrolled else NOT_SEEN) for p in begun}
        return found, sum(outcome == REACHED for p, outcome in there.items() if p not in begun)

    def homes(self, id: str, year: int) -> dict[str, tuple[str, str]]:
        """District and school of each student's last stay of the year, in the grade of the milestone; of high school for graduates."""
        found: dict[str, tuple[str, str]] = {}
        for s in sorted(self.truth.stays, key=lambda s: s["first_day"]):
            grade, of_year = int(s["grade"]), int(s["school_year"]) == year
            if (id == "graduation" and grade >= 9) or (of_year and (id not in GRADES or grade == GRADES[id])):
                found[s["person"]] = (s["district"], s["school"])
        return found


def entering(on: date) -> int:
    return on.year if (on.month, on.day) >= (5, 1) else on.year - 1


# Services

HOURS = {
    "page-by-page/tutoring": 1.0,
    "bright-futures/homework-club": 6.0,
    "bright-futures/career-start": 4.0,
}
WEEKLY = {"bright-futures/homework-club": "homework-club", "bright-futures/career-start": "career-start"}
STANDINGS = ("took part", "waiting", "applied", "declined")


def in_program(
    truth: Truth, program: str, year: int, on: date
) -> tuple[dict[str, list[tuple[date, date]]], Counter[str]]:
    """Who took part in a year, with their stays up to the day; and how many of all others stand where."""
    first, last = date(year - 1, 7, 1), min(date(year, 6, 30), on)
    stays: dict[str, list[tuple[date, date]]] = {}
    others: dict[str, set[str]] = {}
    for row in truth.places:
        if row["program"] != program:
            continue
        if row["standing"] == "took part":
            start, end = day(row["first_day"]), day(row["last_day"]) if row["last_day"] else last
            if start <= last and end >= first:
                stays.setdefault(row["person"], []).append((start, end))
        elif int(row["school_year"]) == year:
            others.setdefault(row["person"], set()).add(row["standing"])
    foremost = (min(found, key=STANDINGS.index) for person, found in others.items() if person not in stays)
    return stays, Counter(foremost)


def help_given(truth: Truth, program: str) -> Iterator[tuple[str, date, float]]:
    """Person, day and hours of all help that the partner recorded."""
    partner = program.partition("/")[0]
    if program in WEEKLY:
        for path in sorted((truth.folder / "feeds" / partner / "weekly").glob(f"{WEEKLY[program]}-*.xlsx")):
            rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2, values_only=True)
            for key, _, _, _, ending, hours, minutes in rows:
                month, of_month, year = map(int, str(ending).split("/"))
                hours_of_row = float(hours or 0) + float(minutes or 0) / 60
                yield truth.records[partner, str(key)], date(2000 + year, month, of_month), hours_of_row
        return
    sessions: dict[str, Row] = {}
    for name in ("sessions.csv", "sessions-corrected.csv"):  # the later file puts some durations right
        sessions |= {row["Session No"]: row for row in read(truth.folder / "feeds" / partner / name)}
    for row in sessions.values():
        month, of_month, year = map(int, row["Date"].split("/"))
        yield (
            truth.records[partner, row["Reader No"]],
            date(2000 + year, month, of_month),
            float(row["Minutes"]) / 60,
        )


def monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def bands(
    truth: Truth, program: str, year: int, on: date, stays: Mapping[str, list[tuple[date, date]]]
) -> Counter[str]:
    """How far the hours of those who took part came, over the weeks in which the program served anybody while they were in it."""
    first, last = date(year - 1, 7, 1), min(date(year, 6, 30), on)
    given = [g for g in help_given(truth, program) if first <= g[1] <= last]
    weeks = {monday(on) for _, on, _ in given}
    had: Counter[str] = Counter()
    for person, _, hours in given:
        had[person] += hours  # type: ignore[assignment]
    found: Counter[str] = Counter()
    for person, spells in stays.items():
        open_weeks = {w for w in weeks for start, end in spells if monday(start) <= w <= end}
        share = had[person] / (len(open_weeks) * HOURS[program]) if open_weeks else 0
        found[
            "all promised hours" if share >= 1 else "half of them or more" if share >= 0.5
            else "less than half" if share > 0 else "no hours recorded"
        ] += 1  # fmt: skip
    return found


@pytest.fixture(scope="module")
def counted(riverbend: Riverbend) -> dict[str, Any]:
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting", riverbend.who("data_steward"))
    return found


@pytest.fixture(scope="module")
def recount(truth: Truth, counted: dict[str, Any]) -> Recount:
    return Recount(truth, counted["classes"])


@pytest.fixture(scope="module")
def published(riverbend: Riverbend) -> list[dict[str, Any]]:
    """The cells that the pipeline shows."""
    return cells_shown(riverbend, "Where students are lost on the way")


def cells_shown(riverbend: Riverbend, title: str) -> list[dict[str, Any]]:
    """The cells that the release with this title shows, each with the title of its table; none where there is no such release."""
    listed = riverbend.town.ask("publish", "list")["releases"]
    tables = [t for r in listed if r["title"] == title for t in riverbend.town.ask("publish", "show", r["id"])["tables"]]  # fmt: skip
    return [c | {"title": t["title"]} for t in tables for c in t["cells"] if not c["withheld"]]


def shown_beside_true(
    riverbend: Riverbend, title: str, counted: Iterable[Mapping[str, Any]]
) -> list[tuple[dict[str, str], int, int, int]]:
    """Each count that the release with this title shows and that was counted: its place, the least and the most that it says, and the true
    count."""
    true = {frozenset(c["at"].items()): c["count"] for table in counted for c in table["cells"] if c.get("statistic", "students") == "students"}  # fmt: skip
    return [
        (cell["at"], *count_between(cell["shown"]), true[frozenset(cell["at"].items())])
        for cell in cells_shown(riverbend, title)
        if cell["statistic"] == "students" and frozenset(cell["at"].items()) in true
    ]


def tally(outcomes: Iterable[str]) -> dict[str | None, int]:
    found: dict[str | None, int] = dict.fromkeys((REACHED, LOST, NOT_SEEN), 0)
    for outcome in outcomes:
        found[outcome] += 1
    return found | {None: sum(found.values())}


def recounted(recount: Recount, at: Mapping[str, str]) -> int | None:
    """The recount of one figure of the pipeline; None of those that `AT_DISTRICTS` leaves out."""
    if "join" in at:
        return joined(recount, NAMES[at["join"]])
    if "step" in at:
        found, _ = recount.followed(*BEFORE[NAMES[at["step"]]])
        return tally(found.values())[at.get("outcome")]
    id = NAMES[at["milestone"]]
    outcomes = recount.outcomes(id)
    kinds = at.keys() - {"milestone", "outcome"}
    for kind in kinds:
        if kind in ("partner", "school", "english learner") and id not in AT_DISTRICTS:
            return None
        group = recount.groups(id, kind)
        outcomes = {p: outcome for p, outcome in outcomes.items() if group(p) == at[kind]}
    return tally(outcomes.values())[at.get("outcome")]


BEFORE = {
    "reading": ("readiness", "reading"),
    "math": ("reading", "math"),
    "graduation": ("math", "graduation"),
}
AT_DISTRICTS = ("readiness", "reading", "math", "attendance", "on-track", "graduation")


def joined(recount: Recount, id: str) -> int:
    if id in BEFORE:
        return recount.followed(*BEFORE[id])[1]
    year = recount.classes["enrollment"]
    terms = recount.truth.college("term")
    first, last = date(year, 5, 1), date(year + 1, 10, 31)
    without = [p for p, outcome in recount.truth.in_step("graduation", year).items() if outcome == LOST]
    return sum(any(first <= d <= last for d in terms.get(p, ())) for p in without)


def test_pipeline_counts_equal_the_truth(counted: dict[str, Any], recount: Recount) -> None:
    wrong, seen = [], Counter[str]()
    for table in counted["pipeline"]:
        for cell in table["cells"]:
            if cell["statistic"] != "students" or "cause" in cell["at"]:
                continue
            found = recounted(recount, cell["at"])
            if found is not None:
                seen[table["title"]] += 1
                if found != cell["count"]:
                    wrong.append((cell["at"], cell["count"], found))
    assert wrong == []
    assert {title.removeprefix("Students at each milestone by ") for title in seen} >= {
        "Students at each milestone", "Students who had reached the milestone before",
        "Students who reach a milestone without the one before", "sex", "race and ethnicity", "family income", "disability",
        "English learner status", "changes of school", "partner", "school",
    }  # fmt: skip


def test_early_search_does_not_lose_graduates(truth: Truth, recount: Recount) -> None:
    """Of every class with graduates, since of a small one nobody may be lost: who is lost was searched when sixteen months were over, or
    is known to have entered later. The class of the report is one whose months are over."""
    lost, terms = 0, truth.college("term")
    for year in sorted(klass for step, klass in truth.steps if step == "graduation"):
        last = date(year + 1, 10, 31)
        outcomes = Recount(truth, {**recount.classes, "enrollment": year}).outcomes("enrollment")
        for person in (p for p, outcome in outcomes.items() if outcome == LOST):
            later = any(d > last for d in terms.get(person, ()))
            assert later or truth.was_searched(person, date(year, 8, 15), last), (year, person)
            lost += 1
    assert lost
    assert truth.report_day >= date(recount.classes["enrollment"] + 1, 10, 31)


def test_service_counts_equal_the_truth(counted: dict[str, Any], truth: Truth) -> None:
    on = day(counted["on"])
    assert counted["services"].keys() == {*HOURS, "long-walk-mentors/mentoring"}
    told: Counter[str] = Counter()
    for program, years in counted["services"].items():
        for each in years:
            stays, others = in_program(truth, program, each["year"], on)
            assert each["students"] == len(stays), (program, each["year"])
            assert {s: n for s, n in each["others"].items() if n} == dict(others), (program, each["year"])
            if program in HOURS:
                hours = bands(truth, program, each["year"], on, stays)
                assert {b: n for b, n in each["bands"].items() if n} == dict(hours), (program, each["year"])
            told.update({"took part": len(stays)} | others)
    assert all(told[standing] for standing in ("took part", "waiting", "applied", "declined"))


HALVES = {
    "half of them or more": ("all promised hours", "half of them or more"),
    "less than half, or none recorded": ("less than half", "no hours recorded"),
}


def test_each_figure_of_the_services_equals_the_truth(counted: dict[str, Any], truth: Truth) -> None:
    """Every cell as it goes into protection: who took part, by hours and in halves, and who did not."""
    on, seen = day(counted["on"]), Counter[str]()
    for cell in (c for table in counted["service_tables"] for c in table["cells"]):
        at = cell["at"]
        year = at.get("school year") or at["school year of the seat or application"]
        if not year.isdigit():
            continue
        stays, others = in_program(truth, at["program"], int(year), on)
        if "standing" in at:
            true, what = others[at["standing"]], "standing"
        elif "hours a week" in at or "half of the promised hours" in at:
            hours = bands(truth, at["program"], int(year), on, stays)
            band, half = at.get("hours a week", ""), at.get("half of the promised hours", "")
            true, what = sum(hours[each] for each in HALVES.get(half, (band,))), "half" if half else "band"
        else:
            true, what = len(stays), "all"
        assert cell["count"] == true, at
        seen[what] += true
    assert min(seen[what] for what in ("standing", "band", "half", "all")) > 20


def test_published_figures_equal_the_counts(published: list[dict[str, Any]], counted: dict[str, Any]) -> None:
    true = {
        _place(c["at"]): c["count"]
        for t in counted["pipeline"]
        for c in t["cells"]
        if c["statistic"] == "students"
    }
    shown = [c for c in published if c["statistic"] == "students" and c["title"].startswith("Students")]
    assert len(shown) > 20
    counts = [(c["at"], *count_between(c["shown"]), true[_place(c["at"])]) for c in shown]
    assert [each for each in counts if not each[1] <= each[3] <= each[2]] == []
    assert all(high == low or high - low >= 11 for _, low, high, _ in counts)


def test_published_shares_equal_the_truth(published: list[dict[str, Any]], recount: Recount) -> None:
    for cell in published:
        at = {k: v for k, v in cell["at"].items() if k != "share"}
        if cell["statistic"] != "rate" or not isinstance(cell["shown"], int):
            continue
        of = {k: _partner(v) if k == "partner" else v for k, v in at.items()}
        reached, lost, unseen = (recounted(recount, of | {"outcome": o}) for o in (REACHED, LOST, NOT_SEEN))
        if reached is None or lost is None or unseen is None:
            continue
        seen = reached + lost
        share = lost / seen if cell["at"]["share"] == "lost" else seen / (seen + unseen)
        assert abs(100 * share - cell["shown"]) <= 0.5


def _partner(name: str) -> str:
    return next((id for id, called in DISTRICTS.items() if called == name), name)


def _place(at: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, _partner(v) if k == "partner" else v) for k, v in at.items()))
