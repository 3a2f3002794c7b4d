"""Pairs that a name settles: when it may, who is asked first, and that it is judged anew in every run."""

import random
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.fictional_community import BOYS, GIRLS, HEADS, TAILS
from tests.identity.incremental_community import Community as Town
from tests.identity.incremental_community import differ
from throughway.identity.linkage.names_alone import FIRST_SAMPLE, NamesAlone, NameSample, name_pairs
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.resolution import Resolved, resolve

TWO = ("club", "north")
OPEN = {TWO: NameSample(same=FIRST_SAMPLE)}
BORN = date(2012, 3, 4)
SCHOOL = "255100041"


def student(record: int, partner: str, first: str | None, last: str | None, **more: Any) -> dict[str, Any]:
    """A student of one school, or of none (`school=None`), whose birth date only a district knows."""
    return {
        "person_record": record, "partner": partner, "first_name": first, "last_or_surname": last, "middle_name": None,
        "sex": None, "birthdate": BORN if partner != "club" else None, "school": SCHOOL, "year": "2026", "program": None, **more,
    }  # fmt: skip


def tables(students: Iterable[dict[str, Any]]) -> dict[str, pa.Table]:
    students = list(students)
    person = [
        {n: v for n, v in s.items() if n not in ("school", "year", "program", "grade")} for s in students
    ]
    schools = [
        {
            "person_record": s["person_record"], "partner": s["partner"], "organization_id": s["school"] and f"{s['partner']}/{s['school']}",
            "school_year": s["year"], "enrollment_entry_date": None, "entry_grade_level": s.get("grade"),
        }
        for s in students
    ]  # fmt: skip
    programs = [
        {"person_record": s["person_record"], "partner": s["partner"], "program_identifier": s["program"]}
        for s in students
    ]
    return {
        "person": pa.Table.from_pylist(person),
        "school_enrollment": pa.Table.from_pylist(schools),
        "program_participation": pa.Table.from_pylist(programs, pa.schema([("person_record", pa.int64()), ("partner", pa.string()), ("program_identifier", pa.string())])),
    }  # fmt: skip


def held(students: Iterable[dict[str, Any]]) -> dict[str, np.ndarray]:
    found: dict[str, list[int]] = {}
    for each in students:
        found.setdefault(each["partner"], []).append(each["person_record"])
    return {partner: np.array(sorted(numbers)) for partner, numbers in found.items()}


def ruled(*students: dict[str, Any], also: Iterable[int] = ()) -> list[tuple[int, int]]:
    """The rule's pairs of these students, by record number; `also`: students of the club whom linkage does not see."""
    all_held = held(students)
    all_held["club"] = np.union1d(all_held.get("club", np.empty(0, np.int64)), np.array([*also], np.int64))
    rows = rows_of(tables(students))
    found = name_pairs(rows, NamesAlone(all_held, OPEN))
    numbers = rows["person_record"].to_pylist()
    return [(numbers[left], numbers[right]) for left, right, *_ in found]


ANA, CLUB_ANA = student(1, "north", "Ana", "Tarrow"), student(2, "club", "ANA", "Tárrow")
OTHERS = [student(3, "north", "Joseph", "Felwick"), student(4, "club", "Miles", "Balado")]


def test_one_name_on_both_sides_and_one_school() -> None:
    assert ruled(ANA, CLUB_ANA, *OTHERS) == [(1, 2)]


PROGRAM = {"school": None, "program": "Reading Buddies"}
NOT_SETTLED = [
    pytest.param([ANA, CLUB_ANA, student(5, "north", "Ana", "Tarrow", birthdate=date(2009, 1, 1))], id="a namesake in the district"),
    pytest.param([ANA, CLUB_ANA, student(5, "club", "Ana", "Tarrow", school="another school")], id="a namesake in the club"),
    pytest.param([ANA, CLUB_ANA, student(5, "north", "Ana Sofia", "Tarrow")], id="another whose first name has it as a part"),
    pytest.param([student(1, "north", "William", "Tarrow"), student(2, "club", "William", "Tarrow"), student(5, "north", "Bill", "Tarrow")], id="another who may be called so"),
    pytest.param([ANA, CLUB_ANA | {"school": "255100042"}], id="another school"),
    pytest.param([ANA, CLUB_ANA | {"year": "2025"}], id="another year"),
    pytest.param([ANA, CLUB_ANA | {"school": None}], id="no school on one side"),
    pytest.param([ANA | {"school": None}, CLUB_ANA | {"school": None}], id="no school at all"),
    pytest.param([ANA, CLUB_ANA | {"birthdate": date(2012, 3, 4)}], id="a club that has birth dates"),
    pytest.param([ANA, CLUB_ANA, student(5, "club", "Rosa", "Balado", birthdate=BORN)], id="a club that has one birth date"),
    pytest.param([ANA, CLUB_ANA, student(5, "north", None, "Balado")], id="a student without a first name"),
    pytest.param([ANA, CLUB_ANA, student(5, "club", "Unknown", "Unknown")], id="a student whose name nobody wrote down"),
    pytest.param([ANA | {"sex": "Female"}, CLUB_ANA | {"sex": "Male"}], id="another sex"),
    pytest.param([ANA | {"middle_name": "Rosa"}, CLUB_ANA | {"middle_name": "Ines"}], id="another middle name"),
    pytest.param([ANA | {"grade": "05"}, CLUB_ANA | {"grade": "09"}], id="grades years apart"),
    pytest.param([ANA, CLUB_ANA | {"first_name": "Anna"}], id="nearly one name"),
    pytest.param([ANA | PROGRAM, CLUB_ANA | {**PROGRAM, "program": "Chess Evenings"}], id="another program"),
    pytest.param([ANA | {**PROGRAM, "program": "RB"}, CLUB_ANA | {**PROGRAM, "program": "RB"}], id="a code that each has its own"),
]  # fmt: skip


@pytest.mark.parametrize("students", NOT_SETTLED)
def test_a_name_settles_nothing(students: list[dict[str, Any]]) -> None:
    assert ruled(*students, *OTHERS) == []


def test_one_program_is_as_good_as_one_school() -> None:
    assert ruled(ANA | PROGRAM, CLUB_ANA | {**PROGRAM, "program": "club/reading  buddies"}, *OTHERS) == [
        (1, 2)
    ]


def test_a_hidden_student_may_have_the_name() -> None:
    """One student of the club is stored, and linkage does not see him: nobody can say that a name stands once there."""
    assert ruled(ANA, CLUB_ANA, *OTHERS, also=[9]) == []


def test_the_sample_comes_first_and_may_stop_the_rule() -> None:
    asking = [NameSample(), NameSample(same=FIRST_SAMPLE - 1), NameSample(same=FIRST_SAMPLE, different=1),
              NameSample(same=99, different=1, unclear=0)]  # fmt: skip
    assert [sample.open for sample in asking] == [False, False, False, True]
    assert [sample.stopped for sample in asking] == [False, False, True, False]
    assert NameSample(same=FIRST_SAMPLE, unclear=3).open
    assert not NameSample(same=FIRST_SAMPLE, unclear=4).open
    assert [NameSample().lacking(n) for n in (3, 12, 80, 1_000)] == [3, 12, 12, 50]
    assert NameSample(same=10, unclear=1, waiting=frozenset({(1, 2)})).lacking(80) == 1


# ---- a town ----


def town(
    seed: int, *, club: int = 90, school: int = 400, families: int = 40
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """A club of names and schools beside a district's students, and who is who. Names are common ones, as where many families come from one
    place, and few full names are of two children. Some of the club go to no school of the district, and some names are misspelled."""
    r = random.Random(seed)
    surnames = r.sample([head + tail for head in HEADS for tail in TAILS], families)
    names: dict[tuple[str, str], None] = {}
    while len(names) < school + 12:
        names[r.choice(GIRLS + BOYS), r.choices(surnames, [1 / (n + 8) for n in range(families)])[0]] = None
    children = [(*name, date(r.randint(2008, 2016), r.randint(1, 12), 9), r.randint(0, 3)) for name in names]
    for at in r.sample(range(school), 4):  # namesakes, of another age
        children[at] = (*children[(at + 1) % school][:2], *children[at][2:])
    here = [*r.sample(range(school), club - 12), *range(school, school + 12)]
    students, truth = [], {}
    for record, n in [*enumerate(range(school), 1000), *enumerate(here, 5000)]:
        first, last, born, where = children[n]
        partner = "north" if record < 5000 else "club"
        if partner == "club" and r.random() < 0.04:
            first = first[:-1] + r.choice("aeiou")
        born_if_known = {"birthdate": born} if partner == "north" else {}
        students.append(
            student(record, partner, first.title(), last.title(), school=f"25510004{where}", **born_if_known)
        )
        truth[record] = n
    return students, truth


def decided(made: list[dict[str, Any]], sample: NameSample) -> Resolved:
    return resolve(tables(made), names=NamesAlone(held(made), {TWO: sample}), salt=5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_a_club_of_ninety_beside_four_hundred_twenty_decisions_are_left(seed: int) -> None:
    made, truth = town(seed)
    plain = resolve(tables(made), salt=5)
    assert len(plain.review) > 70  # what a person would see without the rule
    first = decided(made, NameSample())
    [*pairs] = [(one, other) for one, other, _ in first.by_name]
    asked = random.Random(seed).sample(pairs, FIRST_SAMPLE)
    assert len({*first.review, *asked}) <= 20
    assert first.person.tolist() == plain.person.tolist()  # nothing is joined before it is measured
    then = decided(made, NameSample(same=FIRST_SAMPLE))
    assert len({*then.review}) + FIRST_SAMPLE <= 20
    persons = persons_of(then)
    joined = [pair for pair in pairs if persons[pair[0]] == persons[pair[1]]]
    assert len(joined) == len(pairs) > 60
    assert all(truth[one] == truth[other] for one, other in joined)


def persons_of(found: Resolved) -> dict[int, int]:
    return dict(zip(found.record.tolist(), found.person.tolist(), strict=True))


def in_doubt(made: list[dict[str, Any]]) -> tuple[int, int]:
    """A pair of the rule that the evidence alone leaves apart."""
    first = decided(made, NameSample())
    now = persons_of(first)
    return next((one, other) for one, other, _ in first.by_name if now[one] != now[other])


def test_what_waits_stays_as_it_is_and_is_asked() -> None:
    made, _ = town(1, families=12)
    one, other = in_doubt(made)
    then = decided(made, NameSample(same=FIRST_SAMPLE, waiting=frozenset({(one, other)})))
    assert (one, other) in then.review
    assert persons_of(then)[one] != persons_of(then)[other]


def test_a_rule_that_was_wrong_leaves_all_to_people() -> None:
    made, _ = town(1)
    plain, stopped = resolve(tables(made), salt=5), decided(made, NameSample(same=20, different=1))
    assert (stopped.review, stopped.by_name) == (plain.review, ())


def test_people_part_for_good_and_part_the_rule() -> None:
    """A pair that people parted stays apart, and is more than the rule may err in."""
    made, _ = town(1, families=12)
    one, other = in_doubt(made)
    names = NamesAlone(held(made), OPEN)
    then = resolve(tables(made), names=names, apart=[{one: 0, other: 1}], salt=5)
    assert persons_of(then)[one] != persons_of(then)[other]
    assert then.by_name == ()


def test_each_run_judges_anew() -> None:
    """A namesake parts what a name had joined, and his leaving joins it again; so does a student whom linkage may not see."""
    made, _ = town(1, families=12)
    one, other = in_doubt(made)
    named = next(s for s in made if s["person_record"] == one)
    namesake = named | {"person_record": 9_001, "birthdate": date(2005, 2, 3), "school": "255100077"}
    hidden = student(9_002, "club", "Opal", "Quinwick")
    runs = Town(tables([*made, namesake, hidden]), {s["person_record"] for s in made}, samples=OPEN)
    runs.whole()
    assert other in runs.persons[one]
    for came, went, unseen, joined in (
        ([9_001], [], set(), False), ([], [9_001], set(), True), ([], [], {9_002}, False), ([], [], set(), True)
    ):  # fmt: skip
        runs.hidden = unseen
        runs.run(came, went)
        assert (other in runs.persons[one]) == joined
        assert differ(runs.persons, runs.with_the_same_weights()) == 0


def test_a_second_number_of_one_system_stays_another_student() -> None:
    """People found that another number of the club's own system is the district's student: the name joins no second one to him."""
    made, _ = town(1, families=12)
    one, other = in_doubt(made)
    twice = next(s["person_record"] for s in made if s["partner"] == "club" and s["person_record"] != other)
    both = [
        s | {"source_system": "csv", "own_number": "true" if s["partner"] == "club" else "false"}
        for s in made
    ]
    found = resolve(tables(both), names=NamesAlone(held(made), OPEN), together=[[one, twice]], salt=5)
    now = persons_of(found)
    assert now[one] == now[twice] != now[other]
