"""Small runs and a full run find the same persons, whatever came in between.

By hand, larger: python -m tests.identity.test_incremental_equals_full PERSONS DAYS A_DAY SEEDS
"""

import random
import sys

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import Community as Made
from tests.identity.fictional_community import community
from tests.identity.incremental_community import Community, differ
from tests.identity.test_linkage_examples import BORN, named, records
from throughway.identity.linkage.candidate_pairs import compare_these
from throughway.identity.linkage.comparisons import BIRTH, on
from throughway.identity.linkage.names_alone import FIRST_SAMPLE, NameSample

ENOUGH = 5_000  # persons


def numbered(made: Made, seed: int) -> None:
    """Most records have a number of their source's own, and some of these have one by which the source knows a student of two numbers."""
    r = random.Random(seed)
    rows = made.tables["person"].to_pylist()
    rows = [
        row
        | {"source_system": r.choice(("csv", "OneRoster 1.2")), "own_number": str(r.random() < 0.8).lower()}
        for row in rows
    ]
    made.tables["person"] = pa.Table.from_pylist(rows)
    known = made.tables["person_identifier"].to_pylist()
    known += [
        dict.fromkeys(known[0]) | {"person_record": row["person_record"], "partner": row["partner"],
         "person_identifier": f"M{made.truth[row['person_record']]:06d}", "person_identification_system": "MasterUser"}
        for row in rows
        if r.random() < 0.2
    ]  # fmt: skip
    made.tables["person_identifier"] = pa.Table.from_pylist(known, made.tables["person_identifier"].schema)


def names_alone(made: Made) -> None:
    """The club has names and programs, and no birth dates; and few families' names are rare."""
    rows = made.tables["person"].to_pylist()
    unknown = {"birthdate": None, "middle_name": None}
    rows = [
        row
        | {"last_or_surname": row["last_or_surname"][:2] + "rell"}
        | (unknown if row["partner"] == "club" else {})
        for row in rows
    ]
    made.tables["person"] = pa.Table.from_pylist(rows, made.tables["person"].schema)
    programs = [
        {"person_record": row["person_record"], "partner": row["partner"], "program_identifier": f"Tutoring {'ABC'[made.truth[row['person_record']] % 3]}"}
        for row in rows
    ]  # fmt: skip
    made.tables["program_participation"] = pa.Table.from_pylist(programs)


def months(
    persons: int,
    days: int,
    a_day: int,
    seed: int,
    *,
    home: bool = True,
    numbers: bool = False,
    names: bool = False,
) -> Community:
    """A full run, then days on which records come, are corrected, leave and come back, and readers speak of two records."""
    r = random.Random(seed)
    made = community(persons, seed=seed, home=home)
    if numbers:
        numbered(made, seed)
    if names:
        names_alone(made)
    known = sorted(made.truth)
    r.shuffle(known)
    first = max(len(known) - days * a_day, len(known) // 2)
    waiting = known[first:]
    town = Community(made.tables, set(known[:first]))
    if names:
        sample = NameSample(
            same=FIRST_SAMPLE, waiting=frozenset(tuple(sorted(r.sample(known, 2))) for _ in range(9))
        )
        town.samples = {("club", "north"): sample, ("club", "south"): sample}
    town.whole()
    away: list[int] = []
    for _ in range(days):
        came = [waiting.pop() for _ in range(min(r.randint(1, 2 * a_day), len(waiting)))]
        known = sorted(town.seen)
        corrected = r.sample(known, 2)
        for record in corrected:
            other = {row["person_record"]: row for row in town.tables["person"].to_pylist()}[r.choice(known)]
            name = r.choice(("first_name", "last_or_surname", *(() if names else ("birthdate",))))
            town.correct(record, **{name: other[name]})
        went = [n for n in r.sample(known, 3) if n not in corrected]
        came += corrected + away
        stirred = _spoken(town, r, made.truth, {*came, *went})
        town.run(came, went, stirred)
        away = went
    return town


def _spoken(town: Community, r: random.Random, truth: dict[int, int], but: set[int]) -> list[int]:
    """Readers settle one pair that linkage doubts, or two records that it joined, mostly as they are."""
    pairs = [tuple(sorted(pair)) for pair in (town.near.review if town.near else ())]
    spoken = {(each.one, each.other) for each in town.settled}
    pairs = [pair for pair in pairs if pair not in spoken and not {*pair} & but]
    if not pairs:
        return []
    one, other = r.choice(pairs)
    town.say(one, other, same=(truth[one] == truth[other]) != (r.random() < 0.1))
    return [one, other]


@pytest.mark.parametrize(
    ("seed", "home", "numbers", "names"),
    [(102, True, False, False), (4, False, False, False), (103, True, True, False), (105, False, False, True), (106, True, True, True)],
)  # fmt: skip
def test_many_days_give_what_a_full_run_gives(seed: int, home: bool, numbers: bool, names: bool) -> None:
    town = months(260, days=9, a_day=9, seed=seed, home=home, numbers=numbers, names=names)
    assert bool(town.near and town.near.by_name) == names
    assert differ(town.persons, town.with_the_same_weights()) == 0
    # So few records teach a full run other weights each time; what that turns is measured by hand, on more.
    assert differ(town.persons, town.afresh()) <= 0.03 * len(town.links)


def test_daily_changes_add_up_to_a_full_run() -> None:
    """A record that came twice counts once."""
    made = community(130, seed=5)
    numbers = sorted(made.truth)[:180]
    town = Community(made.tables, set(numbers[:150]))
    town.whole()
    for at in (150, 160, 170):
        assert not town.state.outgrown_by(np.array(numbers[at : at + 10]))
        town.run([*numbers[at : at + 10], numbers[150]])
    assert not town.state.outgrown_by(np.array(numbers[150:170]))
    assert town.state.outgrown_by(np.array(numbers[:1]))


def test_incremental_run_differs_for_at_most_one_in_a_thousand() -> None:
    """A fifth of what was learned from comes in small runs, and all is learned anew."""
    made = community(ENOUGH, seed=12)
    numbers = sorted(made.truth)  # in no order of persons
    first = len(numbers) * 84 // 100
    town = Community(made.tables, set(numbers[:first]))
    town.whole()
    for at in range(first, len(numbers), 250):
        town.run(numbers[at : at + 250])
    assert differ(town.persons, town.afresh()) <= 0.001 * len(town.links)


def test_housemate_birth_date_follows_records_that_come_and_go() -> None:
    home, later = (
        {"street": "12 Acorn Street", "partner": "school"},
        {"birthdate": BORN.replace(year=1988, month=11, day=27)},
    )
    rows = [named("Jacob", "Tarrow", **home), named("Emily", "Tarrow", **home, **later),
            named("Jacob", "Tarrow", street="970 Granary Lane", partner="club", **later), named("Ira", "Tarrow", **home)]  # fmt: skip
    town = Community(records(*rows), {1, 2, 3})
    town.whole()
    assert told(town) == {"different"}
    town.run([4])
    assert told(town) == {"of a housemate"}
    assert differ(town.persons, town.with_the_same_weights()) == 0
    town.correct(4, birthdate=BORN.replace(year=1980))
    town.run([4])
    assert told(town) == {"different"}
    town.correct(4, birthdate=BORN)
    town.run([4])
    town.run([], [4])
    assert told(town) == {"different"}


def told(town: Community) -> set[str]:
    """On which rung the birth dates of records 1 and 3 stand, by what is known of them."""
    known = town.state.known
    rows = known.take(known.places_of(np.array([1, 3])), known.rows.column_names)
    rungs = compare_these(rows, np.array([0]), np.array([1])).rungs
    return {level.name for level in BIRTH.levels if on(rungs, BIRTH, level.name)[0]}


if __name__ == "__main__":
    persons, days, a_day, seeds = map(int, sys.argv[1:])
    for seed in range(100, 100 + seeds):
        town = months(persons, days, a_day, seed, home=seed % 2 == 0)
        same, fresh = differ(town.persons, town.with_the_same_weights()), differ(town.persons, town.afresh())
        sys.stdout.write(f"{seed}: {len(town.links)} records, {len(town.settled)} rulings; {same} other than with the same weights, "
                         f"{fresh} than afresh\n")  # fmt: skip
        sys.stdout.flush()
