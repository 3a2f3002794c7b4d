"""Overlaps equal a count day by day from the stays of the truth and the hours in the partners' own files, made here in plain Python."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from tests.demo.test_help_counted import CLUB, TUTORING, cells, year_of
from tests.demo.test_published import help_given
from tests.demo.test_reach_recounted import CIRCLE
from tests.demo.truth import Truth, day, read
from throughway.insight.overlaps.queries import DAYS, HOURS_A_WEEK, SEVERAL

PAIRS = {  # the circle and the club are of one provider, so that those two are none
    f"Homework Club (Elm Street Library Friends) and {(tutors := 'Tutoring (Page by Page Tutoring)')}": (CLUB, TUTORING),
    f"Reading Circle (Elm Street Library Friends) and {tutors}": (CIRCLE, TUTORING),
}  # fmt: skip
FEWEST_DAYS = 14


def days_in(truth: Truth, on: date) -> dict[tuple[str, str], set[date]]:
    """The days of each stay, by program and person."""
    found: dict[tuple[str, str], set[date]] = defaultdict(set)
    stays = [
        (
            row["program"],
            row["person"],
            day(row["first_day"]),
            day(row["last_day"]) if row["last_day"] else on,
        )
        for row in truth.places
        if row["program"] in (CLUB, TUTORING) and row["first_day"]
    ]
    for row in read(truth.folder / "feeds" / "bright-futures" / "reading-circle.csv"):
        first = datetime.strptime(row["Since"], "%m/%d/%Y").date()
        stays.append((CIRCLE, truth.records["bright-futures", row["Participant ID"]], first, on))
    for program, person, first, last in stays:
        found[program, person] |= {first + timedelta(n) for n in range((min(last, on) - first).days + 1)}
    return found


def test_overlaps_by_pair_days_and_hours(help_counted: dict[str, Any], truth: Truth) -> None:
    on = day(help_counted["on"])
    students, of_days, of_hours = (cells([table]) for table in help_counted["overlaps"])
    years = sorted({int(at[0]) for at in students})
    stays, hours = days_in(truth, on), hours_given(truth)
    together: dict[tuple[int, str], dict[str, set[date]]] = defaultdict(dict)
    for year, (pair, (one, other)) in product(years, PAIRS.items()):
        for person in {who for program, who in list(stays) if program == one}:
            both = {d for d in stays[one, person] & stays[other, person] if year_of(d) == year}
            if len(both) >= FEWEST_DAYS:
                together[year, person][pair] = both
    expected: Counter[tuple[str, ...]] = Counter()
    for (year, person), found in together.items():
        expected[str(year),] += 1
        if len(found) > 1:
            expected[str(year), SEVERAL] += 1
            continue
        [(pair, both)] = found.items()
        expected[str(year), pair] += 1
        expected[str(year), pair, DAYS[(len(both) > 30) + (len(both) > 90)]] += 1
        given = [[h for d, h in hours[program, person] if d in both] for program in PAIRS[pair]]
        band = HOURS_A_WEEK[3]
        if all(given):
            weekly = 7 * sum(map(sum, given)) / len(both)
            band = HOURS_A_WEEK[(weekly >= 2) + (weekly > 4)]
        expected[str(year), pair, band] += 1
    counted = students | of_days | of_hours
    assert {at: n for at, n in counted.items() if n} == dict(expected)
    assert len(expected) > 3


def hours_given(truth: Truth) -> dict[tuple[str, str], list[tuple[date, float]]]:
    found: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    for program in (CLUB, TUTORING):
        for person, on, hours in help_given(truth, program):
            found[program, person].append((on, hours))
    return found
