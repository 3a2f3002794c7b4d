"""What leaders and workers read on their pages, recounted from the partners' files and the truth, in plain Python and DuckDB over the files.

The pages are shown with true counts in place of protected ones (`leaders_pages`), since in so small a town nearly every figure is withheld.
Whose record it is, `truth/persons.csv` says, as perfect linkage would.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest

from tests.demo.conftest import Riverbend, seats_free, summer_is_over
from tests.demo.test_month_recounted import READERS
from tests.demo.test_needs_by_group import NeedsByGroup
from tests.demo.test_needs_recounted import MATH, MISSED, READS, FromFiles
from tests.demo.test_published import (
    BEFORE,
    DISTRICTS,
    LOST,
    NAMES,
    NOT_SEEN,
    REACHED,
    Recount,
    joined,
    tally,
)
from tests.demo.test_reach_recounted import Reached
from tests.demo.test_release_faces import OF_COLLEGE
from tests.demo.test_trends_published import IDS, Adults, outcomes
from tests.demo.truth import Truth, read
from throughway.core.prose import school_year
from throughway.insight.needs.statuses import HELPED_OF, Helped
from throughway.vocabulary.school_calendar import school_year_of, year_start

Page = Mapping[str, Any]
FOLLOWED = ("reading", "math", "graduation", "enrollment", "completion", "employment")
ON_STEPS, RANKED, DUE = (
    "Students on each step: how many start, go on, are lost, join or are not seen",
    "Students lost on each step, of those we can see",
    "Of all students due at a milestone: how many reached it, and the share seen",
)
GROUPED = {
    "family income": "low income", "disability": "disability", "English learner status": "english learner", "race and ethnicity": "race",
    "sex": "sex", "partner": "partner", "school": "school",
}  # fmt: skip
AT_DISTRICTS = ("readiness", "reading", "math", "attendance", "on-track", "graduation")


@pytest.fixture(scope="module")
def pages(riverbend: Riverbend) -> dict[str, Any]:
    leaders = [s["email"] for s in riverbend.document["sign_ins"] if s["role"] == "leader"]
    readers = [*dict.fromkeys([*READERS.values(), *leaders])][:8]
    found: dict[str, Any] = riverbend.town.module(
        "tests.demo.leaders_pages",
        riverbend.who("data_steward"),
        "counselor@riverbend-schools.example",
        *readers,
    )
    return found


@pytest.fixture(scope="module")
def recount(truth: Truth, pages: Mapping[str, Any]) -> Recount:
    return Recount(truth, {each["id"]: each["year"] for each in pages["headings"]})


def percent(part: int, whole: int) -> int:
    """A whole percent, halves up."""
    return (200 * part + whole) // (2 * whole)


def rows(page: Page, caption: str) -> dict[str, list[str]]:
    """The rows of a table by the name at their head."""
    _, *found = page["tables"][caption]
    return {row[0]: row[1:] for row in found}


def on_step(recount: Recount, id: str) -> Mapping[str | None, int]:
    found = recount.followed(*BEFORE[id])[0] if id in BEFORE else recount.outcomes(id)
    return tally(found.values())


def year_of_class(recount: Recount, id: str) -> str:
    return school_year(recount.classes[id] + (id == "completion"))


NAME = {id: name for name, id in NAMES.items()}


# The pipeline: each figure of its page, and every sum


def test_the_steps_of_the_pipeline_their_share_lost_and_every_sum(
    pages: dict[str, Any], recount: Recount
) -> None:
    page = pages["reports"]["pipeline"]
    steps, due = rows(page, ON_STEPS), rows(page, DUE)
    ranked = {row[1]: row[2:] for row in page["tables"][RANKED][1:]}
    sums = Counter[str]()
    losses = []
    for id in FOLLOWED:
        found = on_step(recount, id)
        joins = "" if id in ("completion", "employment") else str(joined(recount, id))
        assert steps[NAME[id]][1:] == [str(found[None]), str(found[REACHED]), str(found[LOST]), joins, str(found[NOT_SEEN])]  # fmt: skip
        seen = found[REACHED] + found[LOST]
        [row] = [cells for name, cells in ranked.items() if name.startswith(f"{LOSES[id]} ")]
        assert row == [str(found[LOST]), str(seen), f"{percent(found[LOST], seen)}%", str(found[NOT_SEEN])], (
            id
        )
        sums.update({"lost": found[LOST], "not seen": found[NOT_SEEN], "join": int(joins or 0)})
        losses.append(found[LOST])
    said = {noun: int(number) for number, noun in page["numbers"]}
    assert said == {
        f"students lost, across {len(FOLLOWED)} steps": sums["lost"],
        "of them in the three largest steps": sum(sorted(losses)[-3:]),
        "join later, without the previous step": sums["join"],
        "we cannot see, so we do not count them as lost": sums["not seen"],
    }
    order = [int(row[2]) for row in page["tables"][RANKED][1:]]
    assert order == sorted(order, reverse=True)
    for id in (id for id in NAMES.values() if id in recount.classes):
        found = tally(recount.outcomes(id).values())
        [row] = [cells for name, cells in due.items() if name.startswith(f"{NAME[id]} ") and name.endswith(year_of_class(recount, id))]  # fmt: skip
        assert row[:2] == [str(found[REACHED]), str(found[LOST])], id
        assert row[2] == f"{percent(found[REACHED] + found[LOST], found[None] or 1)}%"
        assert row[3] == str(found[NOT_SEEN])


LOSES = {
    "reading": "Before grade 3 reading", "math": "Before grade 8 math", "graduation": "Before graduation", "enrollment": "Before college",
    "completion": "Before a credential", "employment": "Before a living wage",
}  # fmt: skip
COLUMNS = {"Before kindergarten": "readiness", "To chronic absence": "attendance", "On the way through grade 9": "on-track"} | {
    words: id for id, words in LOSES.items()
}  # fmt: skip


def test_who_is_lost_by_group_and_how_many_at_everybody_s_rate(
    pages: dict[str, Any], recount: Recount
) -> None:
    page, compared = pages["reports"]["pipeline"], Counter[str]()
    told: dict[str, set[str]] = defaultdict(set)
    for title, table in page["tables"].items():
        named = re.fullmatch(
            r"Students lost, by (.+)\. In parentheses: the number at the rate for everyone", title
        )
        if not named:
            continue
        kind, (head, *lines) = GROUPED[named[1]], table
        for name, *cells in lines:
            for words, cell in zip(head[1:], cells, strict=True):
                id = COLUMNS[words]
                if cell == "none in this class":
                    continue
                told[name].add(cell)
                if kind in ("partner", "school", "english learner") and id not in AT_DISTRICTS:
                    continue
                of = recount.outcomes(id)
                group = recount.groups(id, kind)
                mine = tally(o for p, o in of.items() if called(group(p)) == name)
                whole = tally(of.values())
                among, seen = mine[REACHED] + mine[LOST], whole[REACHED] + whole[LOST]
                expected = (2 * among * whole[LOST] + seen) // (2 * seen)
                assert cell == f"{mine[LOST]} ({expected})", (title, name, words)
                compared[kind] += mine[LOST]
    assert compared.keys() == {*GROUPED.values()}
    assert min(compared.values()) > 5
    panels = [
        int(found[1])
        for each in page["texts"]
        if (found := re.fullmatch(r"(\d+) more lost than at the rate for everyone(?:, .+)?\.", each))
    ]
    sums = {}  # of each panel's own rows, which are cells that were recounted above
    for caption, (_, *lines) in page["tables"].items():
        if caption.endswith(": students lost; in parentheses, the number at the rate for everyone"):
            assert {row[-1] for row in lines if "(" in row[-1]} <= told[caption.partition(": ")[0]], caption
            cells = [re.fullmatch(r"(\d+) \((\d+)\)", row[-1]) for row in lines]
            sums[caption.partition(": ")[0]] = sum(int(cell[1]) - int(cell[2]) for cell in cells if cell)
    assert panels == [*sums.values()]


def called(group: str) -> str:
    return DISTRICTS.get(group, group)


# One share, one denominator and one year on every page


def classes_on_pages(pages: dict[str, Any]) -> Iterator[tuple[str, str, str, int]]:
    """Every share of all students that a page names: page, outcome, school year, percent."""
    for row in pages["reports"]["pipeline"]["tables"][DUE][1:]:
        name = next(each for each in NAMES if row[0].startswith(each))
        reached, lost = int(row[1]), int(row[2])
        if reached + lost:
            yield "pipeline", name, row[0][-7:], percent(reached, reached + lost)
    for name, table in pages["reports"]["trends"]["tables"].items():
        for row in table[1:]:
            if name in NAMES and row[4].endswith("%"):
                yield "trends", name, row[0], int(row[4][:-1])
    for table in pages["reports"]["school-trends"]["tables"].values():
        for row in table[1:]:
            name, _, year = row[0].rpartition(", ")
            if row[6].endswith("%"):
                yield "school-trends", name, year, int(row[6][:-1])
    for reader, page in pages["readers"].items():
        for value, label in page["numbers"]:
            if found := re.fullmatch(r"of all students: (.+), (\d{4}-\d\d)", label):
                yield f"month of {reader}", found[1], found[2], int(value[:-1])
            if found := re.fullmatch(r"(.+), (\d{4}-\d\d); of all students, (\d+)%", label):
                yield f"month of {reader}", found[1], found[2], int(found[3])


def test_a_share_is_the_same_wherever_it_is_shown(pages: dict[str, Any]) -> None:
    """Of one class under one year; the newest class of an outcome has the same year on every page."""
    shares: dict[tuple[str, str], dict[str, int]] = {}
    newest: dict[str, dict[str, str]] = {}
    for page, name, year, share in classes_on_pages(pages):
        shares.setdefault((name, year), {})[page] = share
        if page != "school-trends":  # where a partner is not seen it has no share of all
            newest.setdefault(name, {})[page] = max(year, newest.get(name, {}).get(page, ""))
    assert [each for each in shares.items() if max(each[1].values()) - min(each[1].values()) > 1] == []
    assert [each for each in newest.items() if len({*each[1].values()}) > 1] == []
    assert sum(len(of) > 1 for of in shares.values()) > 7
    assert len(newest["Complete a credential"]) > 1


def test_no_share_of_all_where_a_partner_s_class_is_not_seen(pages: dict[str, Any], recount: Recount) -> None:
    """Lakeside sent no diploma of the newest class: no page says a share of all of it, and none a distance to its target. From July on
    its files reach past the summer of that class, so that nothing of the kind may be said."""
    year = recount.classes["graduation"]
    homes = recount.homes("graduation", year)
    of = {
        district: tally(o for p, o in recount.outcomes("graduation").items() if homes[p][0] == district)
        for district in DISTRICTS
    }
    unseen = [DISTRICTS[d] for d, found in of.items() if found[NOT_SEEN] > found[REACHED] + found[LOST]]
    ended = read(recount.truth.folder / "feeds" / "lakeside-schools" / "enrollment.csv")
    reaches = max(datetime.strptime(row["Exit"], "%m/%d/%Y").date() for row in ended)
    name, when = "Graduate from high school", school_year(year)
    if reaches > date(year, 8, 31):
        assert unseen == []
        trends = " ".join(pages["reports"]["trends"]["texts"])
        assert f"Of the class of {when}, most students of" not in trends
        assert [
            each for each in classes_on_pages(pages) if each[1:3] == (name, when) and each[0] != "pipeline"
        ]
        return
    assert unseen == ["Lakeside Schools"]
    for page, outcome, shown, _ in classes_on_pages(pages):
        assert page in ("pipeline", "trends") or (outcome, shown) != (name, when), page
    trends = " ".join(pages["reports"]["trends"]["texts"])
    assert f"Of the class of {when}, most students of Lakeside Schools are not seen, so its share is no share of all and has no distance to the target." in trends  # fmt: skip
    said = " ".join(text for page in [*pages["readers"].values(), *pages["homes"].values(), *pages["reports"].values()] for lines in [page["texts"], *page["lines"].values()] for text in lines)  # fmt: skip
    assert not re.search(rf"“{name}” was \d+ points? short in {when}", said)


def test_each_class_of_the_trends(pages: dict[str, Any], truth: Truth) -> None:
    """Reached, not reached, not seen and the two shares, class by class."""
    adults, compared = Adults(truth), Counter[str]()
    for name, table in pages["reports"]["trends"]["tables"].items():
        if name not in IDS:
            continue
        for when, reached, lost, not_seen, share, _, seen in table[1:]:
            year = int(when[:4]) + 1 - (name in OF_COLLEGE)
            id = IDS[name]
            if id == "employment" and ("living-wage", year) not in truth.steps:
                continue  # the truth knows the wages of later classes alone
            found = tally(outcomes(truth, adults, id, year).values())
            assert [reached, lost, not_seen] == [str(found[each]) for each in (REACHED, LOST, NOT_SEEN)], (
                name,
                when,
            )
            among = found[REACHED] + found[LOST]
            assert share == (f"{percent(found[REACHED], among)}%" if among else "withheld")
            assert seen == (f"{percent(among, found[None])}%" if found[None] else "withheld")
            compared[name] += 1
    assert compared.keys() == {*IDS}


# Needs


def test_each_need_of_the_page(pages: dict[str, Any], truth: Truth, help_counted: dict[str, Any]) -> None:
    """Of the last whole school year: each need, all together, and of how many the records tell it."""
    of, page = NeedsByGroup(truth, help_counted), pages["reports"]["needs"]
    when = school_year(of.year)
    for title, needs in (
        (f"Help that was asked for, {when}", of.asked),
        (f"Needs that the records show, {when}", of.by_rule),
    ):
        head, *lines = page["tables"][title]
        shown = {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in lines}
        assert shown.keys() == {need for need, standings in needs.items() if standings}
        for need, standings in needs.items():
            if not standings:
                continue
            true = Counter(str(status) for status in standings.values())
            assert shown[need]["Students"] == str(len(standings)), need
            for status, cell in shown[need].items():
                if status == "Students" or cell == "—":
                    continue
                if needs is of.by_rule:
                    folded = Counter(str(HELPED_OF[status]) for status in standings.values())
                    if status == "Served":
                        assert cell == str(folded[str(Helped.SERVED)]), (need, status)
                    continue
                assert cell == str(true[status[0].lower() + status[1:]]), (need, status)
    every = rows(page, f"All needs together, {when}")
    for name, needs in (
        ("Any help that was asked for", of.asked),
        ("Any need that the records show", of.by_rule),
    ):
        found = Counter(of.over_all(needs).values())
        true = [
            sum(found.values()),
            *(found[each] for each in (Helped.SERVED, Helped.NOT_SERVED, Helped.UNKNOWN)),
        ]
        # A dash where no need can be at that status, so that it stands for nobody.
        assert [cell.replace("—", "0") for cell in every[name]] == [str(n) for n in true], name


def test_a_need_by_tests_is_of_an_earlier_year_for_some(pages: dict[str, Any], truth: Truth) -> None:
    """What the page says of the age of a test is so: of those whose newest result tells the need, some took it in an earlier year."""
    files = FromFiles(truth, date.fromisoformat(pages["on"]))
    year = school_year_of(files.on) - 1
    has = files.has(READS, year)
    newest = {p: max(on for who, subject, on, _ in files.tests if who == p and subject == "ELA" and on <= date(year, 6, 30)) for p in has}  # fmt: skip
    older = [p for p, on in newest.items() if school_year_of(on) < year]
    assert 0 < len(older) < len(has)
    assert all((date(year, 6, 30) - on).days <= 800 for on in newest.values())
    assert "the newest result of the 800 days up to the last day counted decides, so for some it is a test of an earlier school year" in " ".join(pages["reports"]["needs"]["texts"])  # fmt: skip


# Whom programs reach, seats, and what they cost


def listed_programs(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of every partner's list of programs, by the program's name in the report."""
    found = duckdb.sql(
        f"SELECT * FROM read_csv('{folder}/feeds/*/programs.csv', skip=2, header=true, all_varchar=true, union_by_name=true)"
    )
    return {str(row[2]): dict(zip(found.columns, map(str, row), strict=True)) for row in found.fetchall()}


def test_reach_seats_and_cost(pages: dict[str, Any], riverbend: Riverbend) -> None:
    on = date.fromisoformat(pages["on"])
    reached, page, lists = (
        Reached(riverbend.folder, on),
        pages["reports"]["reach"],
        listed_programs(riverbend.folder),
    )
    this, whole = school_year_of(on), school_year_of(on) - 1
    compared = Counter[str]()
    for label, cells in rows(page, f"Who took part, and who is eligible: {school_year(whole)}").items():
        id, name = reached.labels[label], label.rpartition(", ")[0]
        took, eligible = len(reached.taking(id, whole)[0]), len(reached.could_come(id, whole))
        seats = lists[name]["Places"] if name in lists else "—"
        assert cells == [
            str(took),
            str(max(eligible - took, 0)),
            str(eligible),
            str(percent(took, eligible)),
            seats,
        ], label
        compared["eligible"] += eligible
    for label, cells in rows(page, f"Applicants and waiting lists: {school_year(this)}").items():
        took, others = reached.taking(reached.labels[label], this)
        assert cells[:2] == [str(len(took)), str(others["waiting"])], label
        compared["waiting"] += others["waiting"]
    for label, cells in rows(page, "Seats, and cost for each student served").items():
        if label.startswith("Reading Circle"):  # a list of its own
            continue
        row, took = lists[label.rpartition(", ")[0]], len(reached.taking(reached.labels[label], this)[0])
        if not took:  # a sentence says why there is no cost
            assert len(cells) == 1, label
            continue
        funding, cost = (float(row[each]) for each in ("Funding This Year ($)", "Cost per Place ($)"))
        assert cells == [
            row["Places"],
            str(took),
            f"${cost:,.0f}",
            f"${funding:,.0f}",
            f"${percent(int(funding), 100 * took):,}",
        ], label
        compared["cost"] += 1
    # In the first weeks of a school year nobody takes part or waits; later few wait on some days.
    waiting = sum(
        row["school_year"] == str(this) and row["standing"] == "waiting" for row in reached.truth.places
    )
    served = [
        id
        for label, id in reached.labels.items()
        if label.rpartition(", ")[0] in lists and reached.taking(id, this)[0]
    ]
    assert compared["eligible"] > 1, compared
    assert compared["cost"] > 1 or len(served) < 2, compared
    assert compared["waiting"] > 1 or waiting < 2, compared


def test_seats_free_in_the_public_directory(
    pages: dict[str, Any], riverbend: Riverbend, placed: Mapping[str, int]
) -> None:
    """As the partners' own lists say, less the seats given since; of a season that has ended none."""
    lists, told = listed_programs(riverbend.folder), 0
    for name, seats in pages["directory"].items():
        if name == "Summer Bridge" and summer_is_over(riverbend.folder):
            assert seats == "The season has ended."
        elif name in lists:
            free = seats_free(lists[name], placed)
            assert seats == (f"Seats free now: {free}" if free else "No seat is free now."), name
            told += free
    assert told > 5
    assert "Summer Bridge" in pages["directory"]


# Months and homes of leaders


def test_the_home_of_each_leader_says_what_the_pipeline_says(pages: dict[str, Any]) -> None:
    pipeline = pages["reports"]["pipeline"]
    assert len(pages["homes"]) > 4
    for page in pages["homes"].values():
        assert pipeline["h1"][0] in page["lines"]
        assert {tuple(each) for each in page["numbers"]} >= {tuple(each) for each in pipeline["numbers"]} or not {tuple(each) for each in page["numbers"]} & {tuple(each) for each in pipeline["numbers"]}  # fmt: skip


# Hidden by an empty cell


def test_how_many_students_an_empty_cell_hides(pages: dict[str, Any], truth: Truth) -> None:
    """Lakeside's records of this school year name no grade: all students of its rosters, from the first day of school on."""
    with (
        ZipFile(truth.folder / "feeds" / "lakeside-schools" / "oneroster.zip") as bundle,
        bundle.open("roles.csv") as file,
    ):
        roles = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    began, today = f"{school_year_of(date.fromisoformat(pages['today'])) - 1}-07-01", pages["today"]
    of_year = {
        row["userSourcedId"]: row["beginDate"]
        for row in roles
        if row["role"] == "student" and row["beginDate"] >= began
    }
    students = sum(day <= today for day in of_year.values())
    assert students or min(of_year.values()) > today
    told = {int(found[1]) for text in pages["steward"]["texts"] if (found := re.match(r"Lakeside Schools: (\d+) students have records of this school year that", text))}  # fmt: skip
    assert told == ({students} if students else set())


# Five students' pages

NEEDS = (READS, MATH, MISSED)


def test_five_students_pages(pages: dict[str, Any], truth: Truth, riverbend: Riverbend) -> None:
    """Name, where, days missed, needs, and supports with their days: of each from the files."""
    on = date.fromisoformat(pages["today"])
    files = FromFiles(truth, on)
    text = (riverbend.folder / "feeds" / "riverbend-schools" / "edfi" / "Student.xml").read_text(
        encoding="utf-8"
    )
    attendance = (
        riverbend.folder / "feeds" / "riverbend-schools" / "edfi" / "StudentAttendance.xml"
    ).read_text(encoding="utf-8")
    names = {
        key: f"{first} {last}"
        for key, first, last in re.findall(
            r"<StudentUniqueId>(.+?)<.*?<FirstName>(.+?)<.*?<LastSurname>(.+?)<", text
        )
    }
    mine = {
        row["record_key"]
        for row in read(riverbend.folder / "caseloads.csv")
        if row["email"].startswith("counselor@riverbend-schools")
    }
    persons = {names[key]: truth.records["riverbend-schools", key] for key in mine}
    assert len(pages["students"]) == 5
    marked = {date.fromisoformat(each) for each in re.findall(r"<EventDate>(.{10})", attendance)}
    last_day = max(marked)
    year = school_year_of(on)
    begins = year_start(year)
    sent = last_day >= begins
    four_weeks = sent and last_day - min(at for at in marked if at >= begins) >= timedelta(27)
    missed_days = supports = 0
    for page in pages["students"]:
        person = persons[page["h1"][0]]
        last = max((s for s in truth.stays if s["person"] == person), key=lambda s: s["first_day"])
        assert f"Grade {int(last['grade'])}, {last['school']}" in page["texts"]
        days: set[date] = set()
        if sent:
            sentence = next(each for each in page["texts"] if "in the four weeks to" in each)
            until = re.search(r"to (\d+ \w+ \d{4})", sentence)
            assert until
            end = datetime.strptime(until[1], "%d %B %Y").date()
            days = {at for who, at in files.absences if who == person and end - timedelta(27) <= at <= end}
            said = re.match(r"Missed (\d+) days?|No absence", sentence)
            assert said
            assert int(said[1] or 0) == len(days), sentence
        else:  # nothing of this school year has come in: the last day of school of the year before
            since = f"{last_day.day} {last_day:%B %Y}"
            assert f"No attendance from Riverbend Schools since {since}." in page["texts"]
            assert not any("in the four weeks to" in each for each in page["texts"])
        # The newest test tells a need before the first day of school too.
        needs = {
            need for need in (READS, MATH) if not any(files.newest_tests(need, year).get(person, [True]))
        }
        needs |= {MISSED} if person in files.has(MISSED, year) else set()
        shown = {each for each in page["texts"] if each in NEEDS}
        assert shown == needs, page["h1"]
        missed_days += len(days)
        supports += len(needs)
    assert missed_days or not four_weeks
    assert supports
