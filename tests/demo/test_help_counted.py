"""What the reports on needs and overlaps count of Riverbend equals a count from the feeds, made here in plain Python.

The feeds name records; `truth/persons.csv` says whose they are, as perfect linkage would.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tests.demo.conftest import Riverbend
from tests.demo.help_found import AT_SITE
from tests.demo.test_published import shown_beside_true
from tests.demo.truth import Truth, day, read
from throughway.insight.needs.statuses import EndReason, NeedStatus
from throughway.insight.needs.tables import ANY_RULE

CLUB, TUTORING = "bright-futures/homework-club", "page-by-page/tutoring"
ASKED = {
    "Food": "Food",
    "Housing": "Housing, rent or utilities",
    "Counseling": "Counseling",
}
SERVICES = {"Food box": "Food", "Rent and utilities": "Housing", "Family counseling": "Counseling"}
OUTCOMES = {
    "Waiting list": NeedStatus.WAITING,
    "Family declined": NeedStatus.DECLINED,
    "Language not offered": NeedStatus.ENDED,
}
READERS = {
    "waiting": NeedStatus.WAITING,
    "referred": NeedStatus.UNANSWERED,
    "declined": NeedStatus.DECLINED,
}
BEST = [
    NeedStatus.SERVED,
    NeedStatus.WAITING,
    NeedStatus.UNANSWERED,
    NeedStatus.ENDED,
    NeedStatus.DECLINED,
    NeedStatus.UNKNOWN,
]


def year_of(on: date) -> int:
    return on.year + (on.month >= 7)


def cells(tables: list[dict[str, Any]]) -> dict[tuple[str, ...], int]:
    return {tuple(c["at"].values()): c["count"] for table in tables for c in table["cells"]}


def referrals(truth: Truth) -> Iterator[tuple[str, int, str, NeedStatus, str]]:
    """Need, school year, person, status, and what the referral says of its end: of each referral to the agency. Who is enrolled and had
    no service waits where services of that kind came in for the year; where none did, nobody can say."""
    folder = truth.folder / "feeds" / "family-services"
    served = defaultdict(set)
    for row in read(folder / "services.csv"):
        try:
            on = datetime.strptime(row["DateProvided"], "%m/%d/%Y").date()
        except ValueError:
            continue  # a day that is none
        if row["ClientID"]:
            served[SERVICES[row["ServiceType"]], year_of(on)].add(
                truth.records["family-services", row["ClientID"]]
            )
    for row in read(folder / "referrals.csv"):
        year = year_of(datetime.strptime(row["ReferredOn"], "%m/%d/%Y").date())
        person = truth.records["family-services", row["ClientID"]]
        if person in served[row["Need"], year] or row["Status"] == "Closed":
            status = NeedStatus.SERVED
        elif row["Outcome"] in OUTCOMES:
            status = OUTCOMES[row["Outcome"]]
        elif row["Status"] == "Sent":
            status = NeedStatus.UNANSWERED
        else:
            status = NeedStatus.WAITING if served[row["Need"], year] else NeedStatus.UNKNOWN
        yield ASKED[row["Need"]], year, person, status, row["Outcome"]


def best(rows: list[tuple[str, NeedStatus]]) -> Counter[NeedStatus]:
    found: dict[str, NeedStatus] = {}
    for person, status in rows:
        found[person] = min(found.get(person, status), status, key=BEST.index)
    return Counter(found.values())


def test_needs_that_were_asked_for(help_counted: dict[str, Any], truth: Truth) -> None:
    this_year = year_of(day(help_counted["on"]))
    of = cells(help_counted["needs"][:1])
    asked = defaultdict(list)
    for need, year, person, status, _ in referrals(truth):
        asked[need, year].append((person, status))
    seen = Counter[NeedStatus]()
    for (need, year), rows in asked.items():
        if year < this_year - 1:
            continue
        expected = best(rows)
        assert of[str(year), need] == sum(expected.values()), (need, year)
        for status in BEST:
            assert of[str(year), need, str(status)] == expected[status], (need, year, status)
        seen += expected
    assert seen[NeedStatus.SERVED]
    assert len(seen) > 2


def test_why_help_ended(help_counted: dict[str, Any], truth: Truth) -> None:
    """Nobody who speaks the language: the agency alone says so."""
    year = year_of(day(help_counted["on"])) - 1
    ended = {
        person
        for _, of, person, status, outcome in referrals(truth)
        if of == year and status is NeedStatus.ENDED
    }
    told = {reason: n for (_, reason), n in cells(help_counted["needs"][1:2]).items()}
    assert told == {str(reason): len(ended) if reason is EndReason.LANGUAGE else 0 for reason in EndReason}


def test_tutoring_that_was_asked_for(help_counted: dict[str, Any], truth: Truth) -> None:
    this_year = year_of(day(help_counted["on"]))
    on = day(help_counted["on"])
    asked = defaultdict(list)
    there = defaultdict(set)
    for row in read(truth.folder / "feeds" / "page-by-page" / "enrollments.csv"):
        person = truth.records["page-by-page", row["Reader No"]]
        first, last = (
            datetime.strptime(row[column], "%m/%d/%y").date() if row[column] not in ("", "-") else None
            for column in ("Started", "Ended")
        )
        if first and (last or row["State"] == "active"):
            for year in range(year_of(first), year_of(last or on) + 1):
                there[year].add(person)
        if row["Sent"] not in ("", "-"):
            sent = datetime.strptime(row["Sent"], "%m/%d/%y").date()
            asked[year_of(sent)].append((person, READERS.get(row["State"], NeedStatus.SERVED)))
    for partner, key, kind, on_site, state in help_counted["site"]:
        if kind == "tutoring":
            person = truth.records[partner, key]
            asked[year_of(day(on_site))].append((person, AT_SITE[state]))
    of = cells(help_counted["needs"][:1])
    compared = 0
    for year in (this_year, this_year - 1):
        rows = [(p, NeedStatus.SERVED if p in there[year] else status) for p, status in asked[year]]
        expected = best(rows)
        for status in BEST if rows else ():
            counted_here = of.get((str(year), "Tutoring", str(status)), 0)
            if status is NeedStatus.UNKNOWN:  # nothing was asked of anybody yet
                counted_here += of.get((str(year), "Tutoring", str(NeedStatus.NEVER)), 0)
            assert counted_here == expected[status], (year, status)
            compared += expected[status]
    assert compared


def test_needs_in_the_records(help_counted: dict[str, Any], truth: Truth) -> None:
    """Students of Riverbend who missed ten days or more are at least those that Riverbend's own marks name."""
    by_status = help_counted["needs"][0]["cells"]
    said = next(t for t in help_counted["needs"] if t["title"].startswith("Of how many"))["cells"]
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for cell in said:
        if "the records say" in cell["at"]:
            parts[cell["at"]["school year"], cell["at"]["need in the records"]].append(cell["count"])
    everybody = [c for c in said if "the records say" not in c["at"]]
    assert len({c["count"] for c in everybody}) == 1  # each need is asked of the same students
    for cell in everybody:
        assert cell["count"] == sum(parts[cell["at"]["school year"], cell["at"]["need in the records"]])
    for cell in said:
        if cell["at"].get("the records say") == "the need":
            at = {"school year": cell["at"]["school year"], "need": cell["at"]["need in the records"]}
            assert cell["count"] == next(c["count"] for c in by_status if c["at"] == at)


def test_every_student_with_a_need_is_at_one_status(help_counted: dict[str, Any]) -> None:
    of = cells(help_counted["needs"][:1])
    for at, whole in of.items():
        if len(at) == 2:
            assert whole == sum(n for other, n in of.items() if len(other) == 3 and other[:2] == at)


def test_the_published_needs_equal_the_counts(riverbend: Riverbend, help_counted: dict[str, Any]) -> None:
    """What the demo published of needs, within what is withheld. A status that only the later count can or cannot tell, since a program
    without records of the year was added, is left out, and so is over all needs in the records who is not served, which it says of others."""
    shown = shown_beside_true(riverbend, "Needs against help", help_counted["needs"])
    assert len(shown) > 20
    shown = [
        each
        for each in shown
        if each[0].get("need") != ANY_RULE or each[0].get("served or not", "served") == "served"
    ]
    assert [each for each in shown if not each[1] <= each[3] <= each[2]] == []
