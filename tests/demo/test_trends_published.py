"""Riverbend's trends and experiences equal a count from `truth/` and the feeds, made here in plain Python, within what is withheld."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.test_published import Outcomes, Recount, entering, tally
from tests.demo.test_reach_recounted import labels
from tests.demo.truth import LOST, NOT_SEEN, REACHED, Truth, day, read
from throughway.demo import population
from throughway.insight.trends.choices import TREND_OUTCOMES
from throughway.publication.shown_figures import count_between

IDS = {measure.name: measure.id for measure in TREND_OUTCOMES}


@pytest.fixture(scope="module")
def counted(riverbend: Riverbend) -> dict[str, Any]:
    found: dict[str, Any] = riverbend.town.module("tests.demo.counting_trends", riverbend.who("data_steward"))
    return found


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


DUE = {"reading": (0, 6, 30), "math": (0, 6, 30), "graduation": (0, 8, 31), "enrollment": (1, 10, 31)}
TOOK_PART = "took part in "


def took_part_by(truth: Truth, program: str, until: date) -> set[str]:
    """Everybody with a first day in a program up to a day."""
    found = {
        row["person"]
        for row in truth.places
        if row["program"] == program and row["standing"] == "took part" and day(row["first_day"]) <= until
    }
    if program == "bright-futures/reading-circle":  # a roster of its own
        for row in read(truth.folder / "feeds" / "bright-futures" / "reading-circle.csv"):
            month, of_month, year = map(int, row["Since"].split("/"))
            if date(year, month, of_month) <= until:
                found.add(truth.records["bright-futures", row["Participant ID"]])
    return found


def test_each_class_of_a_school_and_of_a_program_equals_the_truth(
    counted: dict[str, Any], truth: Truth
) -> None:
    adults, wrong, seen = Adults(truth), [], Counter[str]()
    programs = labels(truth.folder) | {
        "Reading Circle, Bright Futures After School": "bright-futures/reading-circle"
    }
    for report in ("school-trends", "program-trends"):
        for cell in (c for table in counted[report]["true"] for c in table["cells"]):
            at = cell["at"]
            kind = next((k for k in at if k == "school" or k.startswith(TOOK_PART)), None)
            if cell["statistic"] != "students" or kind is None:
                continue
            id, year = IDS[at["milestone"]], int(at["class"])
            found = outcomes(truth, adults, id, year)
            if kind == "school":
                group = Recount(truth, {id: year}).groups(id, "school")
                mine = {p for p in found if group(p) == at["school"]}
            else:
                years, month, of_month = DUE[id]
                came = took_part_by(
                    truth, programs[kind.removeprefix(TOOK_PART)], date(year + years, month, of_month)
                )
                mine = found.keys() & came if at[kind] == "Took part" else found.keys() - came
            told = tally(outcome for p, outcome in found.items() if p in mine)[at.get("outcome")]
            if told != cell["count"]:
                wrong.append((at, cell["count"], told))
            seen[report] += told
    assert wrong == []
    assert min(seen["school-trends"], seen["program-trends"]) > 50


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
    if at["share"] == "consented":
        could = [*answered, {"answer": "none"}]
        return could, [*could, {"answer": "no consent"}]
    return (
        (answered[:1], answered)
        if at["share"] == "favorable"
        else (answered, [*answered, {"answer": "none"}])
    )


CLIMATE = {"C1": "Safety", "C2": "Belonging", "C3": "Reading at home", "C4": "Plans for college or a career"}
PARTICIPANTS = {"S1": "Belonging", "S2": "Experience of a service", "S3": "Experience of a service"}
SCALE = {"Never": 1, "Rarely": 2, "Sometimes": 3, "Often": 4, "Always": 5}


KINDS = {
    "favorable": lambda n: n >= 4,
    "other": lambda n: 0 < n < 4,
    "none": lambda n: n == 0,
    None: lambda n: True,
}  # by the average of a student's answers; 0 without one


def pupils(truth: Truth, year: int, on: date) -> dict[str, str]:
    """The school of everybody whom the school survey of that day asked."""
    return {
        s["person"]: s["school"]
        for s in truth.stays
        if s["district"] == "riverbend-schools" and int(s["school_year"]) == year and 4 <= int(s["grade"]) <= 12
        and day(s["first_day"]) <= on and (not s["last_day"] or day(s["last_day"]) >= on)
    }  # fmt: skip


def american(text: str) -> date:
    month, of_month, year = map(int, text.split("/"))
    return date(year, month, of_month)


def test_comments_by_theme_equal_the_truth(counted: dict[str, Any], truth: Truth) -> None:
    """Of the school survey's open question, all of whose comments the evaluator read: who wrote, from the file of comments; who was asked,
    from the stays on the first day of the survey's own file; the themes, from the list from which the comments were made."""
    feed = truth.folder / "feeds" / "riverbend-schools"
    first: dict[int, date] = {}
    for row in read(feed / "survey.csv"):
        on = american(row["Recorded"])
        first[on.year] = min(on, first.get(on.year, on))
    themes = {
        (row["person"], int(row["school_year"])): {*row["themes"].split(";")} - {""}
        for row in read(truth.folder / "truth" / "comments.csv") if row["survey"] == "climate"
    }  # fmt: skip
    written: dict[int, set[str]] = {}
    for row in read(feed / "comments.csv"):
        year = american(row["Submitted"]).year
        person = truth.records["riverbend-schools", row["Student ID"]]
        if person in pupils(truth, year, first[year]):
            written.setdefault(year, set()).add(person)
    seen = Counter[str]()
    for cell in (c for t in counted["experiences"]["true"] for c in t["cells"]):
        at = cell["at"]
        if "question" not in at:
            continue
        assert (at["survey"], at["question"]) == ("Student climate", "C5")
        who = written[int(at["school year"])]
        if "theme" in at:
            speaks = sum(at["theme"] in themes[p, int(at["school year"])] for p in who)
            told = speaks if at["speaks of it"] == "yes" else len(who) - speaks
            seen[at["theme"]] += told
        else:
            told = {"written": len(who), "read": len(who), "not read": 0}[at["comments"]]
        assert cell["count"] == told, at
    assert seen.keys() == {theme for each in themes.values() for theme in each}
    assert min(seen.values()) > 0


def test_no_word_of_a_comment_is_published(riverbend: Riverbend) -> None:
    [id] = [r["id"] for r in riverbend.town.ask("publish", "list")["releases"] if r["title"] == "Experiences"]
    told = json.dumps(riverbend.town.ask("publish", "show", id), ensure_ascii=False)
    assert "Being known and greeted" in told
    assert not any(words in told for words in population.words("comments.csv")["words"])


def test_answers_equal_the_feed(counted: dict[str, Any], truth: Truth) -> None:
    """The school survey, in all and school by school: who was asked, from the stays; who answered and how, from the file of the survey."""
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
    asked = {year: pupils(truth, year, on) for year, on in first.items()}
    seen, of_schools = Counter[str](), 0
    for cell in (c for t in counted["experiences"]["true"] for c in t["cells"]):
        at = cell["at"]
        if cell["statistic"] != "students" or at["survey"] != "Student climate" or "question" in at:
            continue
        year = int(at["school year"])
        answers, holds = given[year][at["construct"]], KINDS[at.get("answer")]
        mine = [p for p, school in asked[year].items() if at.get("school") in (None, school)]
        assert cell["count"] == sum(holds(answers.get(p, 0)) for p in mine), at
        seen[at["construct"]] += cell["count"]
        of_schools += cell["count"] if "school" in at else 0
    assert seen.keys() == {*CLIMATE.values()}
    assert min(*seen.values(), of_schools) > 100


def test_answers_of_participants_equal_the_feed(counted: dict[str, Any], truth: Truth) -> None:
    """Of the surveys of programs: who was asked, from the places; the average of the answers to one subject, from the file."""
    given: dict[tuple[str, int, str, str], list[int]] = {}
    first: dict[tuple[str, int], date] = {}
    for row in read(truth.folder / "feeds" / "bright-futures" / "survey.csv"):
        month, of_month, year = map(int, row["Submitted"].split("/"))
        if not any(row[code] in SCALE for code in PARTICIPANTS):
            continue
        key = row["Program"], year
        first[key] = min(date(year, month, of_month), first.get(key, date.max))
        person = truth.records["bright-futures", row["Participant ID"]]
        for code, construct in PARTICIPANTS.items():
            if row[code] in SCALE:
                given.setdefault((*key, construct, person), []).append(SCALE[row[code]])
    seen = 0
    for cell in (c for t in counted["experiences"]["true"] for c in t["cells"]):
        at = cell["at"]
        if (
            cell["statistic"] != "students"
            or not at["survey"].startswith("Participants, ")
            or "question" in at
        ):
            continue
        program, year = at["survey"].removeprefix("Participants, "), int(at["school year"])
        id, begins = f"bright-futures/{program.lower().replace(' ', '-')}", date(year - 1, 7, 1)
        asked = {
            row["person"]
            for row in truth.places
            if row["program"] == id and row["standing"] == "took part" and day(row["first_day"]) <= first[program, year]
            and (not row["last_day"] or day(row["last_day"]) >= begins)
        }  # fmt: skip
        answers = ([*given.get((program, year, at["construct"], p), ())] for p in asked)
        assert cell["count"] == sum(
            KINDS[at.get("answer")](sum(each) / len(each) if each else 0) for each in answers
        ), at
        seen += cell["count"]
    assert seen > 100


def test_answers_on_a_protected_topic_equal_the_papers_and_the_feed(
    counted: dict[str, Any], truth: Truth
) -> None:
    """Of those who were asked, by the stays: whose last paper before the answers is a yes that still stands today, from the file of the
    families' decisions; what these answered, from the file of the survey."""
    papers: dict[str, list[Mapping[str, str]]] = {}
    for row in read(truth.folder / "consents" / "feelings.csv"):
        papers.setdefault(truth.records[row["partner"], row["record_key"]], []).append(row)

    def stands(person: str, on: date) -> bool:
        signed = [row for row in papers.get(person, ()) if day(row["signed_on"]) <= on]
        last = max(signed, key=lambda row: (row["signed_on"], row["decision"] != "yes"), default=None)
        return (
            last is not None
            and last["decision"] == "yes"
            and (not last["expires"] or day(last["expires"]) >= on)
        )

    given = {}
    for row in read(truth.folder / "feeds" / "riverbend-schools" / "feelings.csv"):
        given[truth.records["riverbend-schools", row["Student ID"]]] = (
            american(row["Recorded"]),
            SCALE[row["W1"]],
        )
    counts_today = {p for p in papers if stands(p, date.today())}
    heard = {p: each for p, each in given.items() if p in counts_today and stands(p, each[0])}
    first = min(on for on, _ in heard.values())
    there = {
        s["person"]
        for s in truth.stays
        if s["district"] == "riverbend-schools" and int(s["school_year"]) == first.year and 6 <= int(s["grade"]) <= 10
        and day(s["first_day"]) <= first and (not s["last_day"] or day(s["last_day"]) >= first)
    }  # fmt: skip
    consented = {p for p in there & counts_today if any(stands(p, on) for on, _ in heard.values())}
    answered = consented & heard.keys()
    favorable = {p for p in answered if heard[p][1] >= 4}
    expected = {
        None: there, "favorable": favorable, "other": answered - favorable, "none": consented - answered, "no consent": there - consented,
    }  # fmt: skip
    cells = [c for t in counted["experiences"]["true"] for c in t["cells"] if c["at"]["survey"] == "Feelings"]
    told = {c["at"].get("answer"): c["count"] for c in cells if c["statistic"] == "students"}
    assert told == {kind: len(who) for kind, who in expected.items()}
    assert min(told.values()) > 0
    assert given.keys() - counts_today  # some answered whose families had not consented
