"""Two numbers of one system are two students: never one person without a person's ruling or the system's own word."""

import datetime
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from tests.identity.test_linkage_examples import BORN, HOME, named, persons, records
from throughway.identity.linkage.resolution import Resolved, resolve

NUMBERED = {"partner": "school", "source_system": "csv", "own_number": "true"}
NAMES = [
    ("Maya", "Mara"), ("Jayden", "Kayden"), ("Daniel", "Daniela"), ("Ana", "Ava"), ("Jon", "John"), ("Sara", "Sarah"), ("Lena", "Lana"),
    ("Ottilie", "Otilie"), ("Rael", "Rafael"), ("Tomas", "Thomas"), ("Emily", "Emilya"), ("Brisa", "Briza"),
]  # fmt: skip


def twins(couples: int, seed: int, **more: Any) -> list[dict[str, Any]]:
    """Twins whose names differ in a letter or two, without sex or address: some usual names, and some that nobody else has."""
    r = random.Random(seed)
    rows = []
    for at in range(couples):
        if r.random() < 0.4:
            first, second = r.choice(NAMES)
        else:
            first = "".join(
                r.choice(part) for part in ("bdfglmnrst", "aeiou", "dlmnrst", "aeiou", "dlmnrst", "aei")
            ).title()
            place = r.randrange(1, len(first))
            second = (
                first[:place] + r.choice([c for c in "aeioulmnrst" if c != first[place]]) + first[place + 1 :]
            )
        last = "".join(
            r.choice(part) for part in ("BCDFGHKLMPRSTVW", "aeiou", "dlmnrst", "aeiou", "ndlr", "aeo")
        ) + ("son" if at % 3 else "ez")
        born = datetime.date(2008, 1, 1) + datetime.timedelta(days=r.randrange(3_000))
        rows += [named(name, last, birthdate=born, **more) for name in (first, second)]
    return rows


def couples_joined(made: Resolved, couples: int) -> int:
    person = dict(zip(made.record.tolist(), made.person.tolist(), strict=True))
    return sum(person[2 * at + 1] == person[2 * at + 2] for at in range(couples))


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_thousand_twins_none_is_joined(seed: int) -> None:
    made = resolve(records(*twins(1_000, seed, **NUMBERED)))
    assert couples_joined(made, 1_000) == 0
    assert len(set(made.person.tolist())) == 2_000
    assert {(2 * at + 1, 2 * at + 2) for at in range(1_000)} & set(made.review)  # pairs, and no more


def test_twins_without_numbers_are_pairs_unless_their_names_are_one_name() -> None:
    rows = [
        row
        for row in twins(400, 3, partner="school")
        if row["first_name"] not in ("Jon", "John", "Sara", "Sarah", "Tomas", "Thomas")
    ]
    assert couples_joined(resolve(records(*rows)), len(rows) // 2) == 0


def test_twins_are_not_joined_through_another_source() -> None:
    """The club has one of each couple; the school's twins stay two, and the club's child is the one of that very name."""
    school = twins(300, 4, **NUMBERED)
    club = [{**row, "partner": "club"} for row in school[::2]]
    made = resolve(records(*school, *club))
    person = dict(zip(made.record.tolist(), made.person.tolist(), strict=True))
    assert couples_joined(made, 300) == 0
    assert all(person[600 + at + 1] != person[2 * at + 2] for at in range(300))
    assert sum(person[600 + at + 1] == person[2 * at + 1] for at in range(300)) >= 297


OTTILIE = named("Ottilie", "Tarrow", sex="Female", **HOME)
TWICE = [{**OTTILIE, **NUMBERED}, {**OTTILIE, **NUMBERED}]


def test_one_student_under_two_numbers_is_a_pair_and_whoever_matches_both_is_one_of_them() -> None:
    made = resolve(records(*TWICE, {**OTTILIE, "partner": "club"}))
    assert persons(made) == [{1, 3}, {2}]
    assert made.review == ((1, 2),)


@pytest.mark.parametrize(
    ("changes", "joined"),
    [
        ({}, False),
        ({"own_number": "false"}, True),  # the key is made of names
        ({"own_number": None}, True),
        ({"source_system": "OneRoster 1.1"}, True),  # another system has another number
        ({"source_system": "xlsx"}, False),  # the same office saved a workbook
        ({"source_system": None}, True),
    ],
)
def test_what_is_a_number_of_one_system(changes: Mapping[str, Any], joined: bool) -> None:
    made = resolve(records(TWICE[0], {**TWICE[1], **changes}))
    assert persons(made) == ([{1, 2}] if joined else [{1}, {2}])


def test_versions_of_one_system_are_one_system() -> None:
    made = resolve(
        records(
            {**TWICE[0], "source_system": "OneRoster 1.1"}, {**TWICE[1], "source_system": "OneRoster 1.2"}
        )
    )
    assert persons(made) == [{1}, {2}]


def test_a_ruling_of_people_joins_two_numbers() -> None:
    assert persons(resolve(records(*TWICE), together=[[1, 2]])) == [{1, 2}]


def test_rulings_about_two_numbers_and_a_third_source_join_all_three() -> None:
    rows = records(*TWICE, {**OTTILIE, "partner": "club"})
    assert persons(resolve(rows, together=[[1, 3], [2, 3]])) == [{1, 2, 3}]
    assert persons(resolve(rows, together=[[2, 3]])) == [{1}, {2, 3}]


@pytest.mark.parametrize(
    ("numbers", "joined"), [(("u-77", "u-77"), True), (("u-77", "u-78"), False), (("u-77", None), False)]
)
def test_the_system_itself_may_say_that_two_numbers_are_one_student(
    numbers: Sequence[str | None], joined: bool
) -> None:
    tables = records(*TWICE)
    tables["person_identifier"] = pa.Table.from_pylist([
        {"person_record": record, "partner": "school", "person_identifier": number, "person_identification_system": "MasterUser"}
        for record, number in enumerate(numbers, 1)
        if number
    ])  # fmt: skip
    assert persons(resolve(tables)) == ([{1, 2}] if joined else [{1}, {2}])


def entries(students: int, each: int) -> list[dict[str, Any]]:
    rows = twins(students, 6, **{**NUMBERED, "partner": "club"})[::2]
    return [row for row in rows for _ in range(each)]


def test_numbers_of_a_list_of_entries_are_no_students() -> None:
    made = resolve(records(*entries(40, 3)))
    assert made.learned.lists == ("club csv",)
    assert len(set(made.person.tolist())) == 40


def test_a_few_doubles_make_no_list() -> None:
    few = entries(4, 2)
    assert len(set(resolve(records(*few)).person.tolist())) == 8  # fewer than ten
    some = [*entries(12, 2), *twins(150, 8, **{**NUMBERED, "partner": "club"})]
    made = resolve(records(*some))  # 24 of 324
    assert made.learned.lists == ()
    assert len(set(made.person.tolist())) == 324


def test_twins_make_no_list() -> None:
    made = resolve(records(*twins(60, 9, **NUMBERED)))
    assert made.learned.lists == ()


def test_another_birth_date_is_as_before() -> None:
    other = {**OTTILIE, **NUMBERED, "birthdate": BORN.replace(year=2009)}
    assert persons(resolve(records(TWICE[0], other))) == [{1}, {2}]
