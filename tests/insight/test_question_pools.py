"""Small groups of a question that are shown together: how they are written, counted, and refused."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.insight.test_question_tables import counts, row, tables
from throughway.core.refusals import Refused
from throughway.insight.questions.pools import Pool, with_pools
from throughway.insight.questions.question import question
from throughway.publication.certificate import certificate_of
from throughway.publication.joint_release import CountedTables
from throughway.publication.tables import of_a_pool, place
from throughway.publication.verify_release import verify

SQL = """-- Late students, by school
SELECT school, count(DISTINCT person_id) AS n, avg(CASE WHEN late THEN 1 ELSE 0 END) AS is_late FROM facts GROUP BY ALL
"""
POOLED = with_pools(SQL, [Pool("school", ("A", "B"))])
letters = st.sampled_from("ABCD")


@settings(max_examples=40)
@given(st.lists(st.tuples(letters, st.booleans()), min_size=15, max_size=60))
def test_a_pool_counts_its_groups_as_one(students):
    """The same as asking of schools that were called so from the beginning."""
    assume({"A", "B", "C"} <= {school for school, _ in students})
    rows = [row(n, school, late=late) for n, (school, late) in enumerate(students)]
    renamed = [r | {"school": "A and B together" if r["school"] in "AB" else r["school"]} for r in rows]
    found, other, alone = tables(POOLED, rows), tables(SQL, renamed), tables(SQL, rows)
    persons = {at: c.persons.tolist() for at, c in counts(found).items()}
    assert {at: each for at, each in persons.items() if not of_a_pool(at)} == {
        at: c.persons.tolist() for at, c in counts(other).items()
    }
    assert {single(at): each for at, each in persons.items() if of_a_pool(at)} == {
        at: c.persons.tolist() for at, c in counts(alone).items() if dict(at).get("school") in ("A", "B")
    }
    rates = [
        {c.place: (c.numerator, c.denominator) for t in each.tables for c in t.cells if c.of}
        for each in (found, other)
    ]
    assert rates[0] == rates[1]
    assert "Of school, A and B are shown together as one group." in found.notes


def single(at):
    """Where a question without the pool has the figure."""
    found = dict(at)
    found["school"] = found.pop("school alone")
    return place(found)


def test_each_group_of_a_pool_is_withheld_and_certified():
    """Of 12 and 30 students 4 and 12 are late: a reader of the pool learns of neither group more than of any withheld figure."""
    rows = [row(n, school, late=n % 3 == 0) for n, school in enumerate("A" * 12 + "B" * 36 + "C" * 90)]
    found = CountedTables(tables(POOLED, rows).tables, 10)
    safe = found.protected()
    shown = {place(c.at): c.shown for t in safe for c in t.cells if c.statistic == "students"}
    pooled = {"school": "A and B together"}
    assert [shown[place(pooled | more)] for more in ({}, {"is_late": "Yes"}, {"is_late": "No"})] == [
        48,
        16,
        32,
    ]
    alone = {at: each for at, each in shown.items() if of_a_pool(at)}
    assert len(alone) == 6
    assert not any(isinstance(each, int) for each in alone.values())
    release = {
        "id": "A2",
        "title": "t",
        "minimum_cell": 10,
        "tables": [t.to_json() for t in safe],
        "beside": ["A2"],
        **found.known,
    }
    release["certificate"] = certificate_of([release])
    assert verify([release])["problems"] == []
    assert len(release["certificate"]["figures"]) == 6


def test_groups_of_which_a_student_can_be_in_several_are_not_pooled():
    rows = [row(n, school) for n in range(20) for school in "ABC"]
    with pytest.raises(Refused, match="can be in several groups of school"):
        tables(POOLED, rows)


def test_a_pool_is_part_of_the_text_and_no_title():
    assert POOLED.splitlines()[:2] == ["-- Late students, by school", "-- pool school: A; B"]
    assert question(POOLED).title == "Late students, by school"
    assert question(POOLED).sha256 != question(SQL).sha256
    assert (
        question(with_pools(SQL.partition("\n")[2], [Pool("school", ("A", "B"))])).title
        == "N and is late, by school"
    )
    assert with_pools(POOLED, ()) == SQL
    assert with_pools(POOLED, [Pool("school", ("A", "B"))]) == POOLED


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (("Elm", "Oak"), "Elm and Oak together"),
        (("2024", "2025"), "2024 and 2025 together"),
        (("2024", "2025", "2026"), "2024 to 2026 together"),
        (("2023", "2025", "2026"), "2023, 2025 and 2026 together"),
        (
            tuple(f"School of a long name {n}" for n in range(5)),
            "School of a long name 0 and 4 others together",
        ),
    ],
)
def test_a_pool_is_named_after_its_groups(labels, name):
    assert Pool("school", labels).name == name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-- pool district: A; B", "by which the question does not group"),
        ("-- pool school: A", "two groups or more"),
        ("-- pool school: A; A", "two groups or more"),
        ("-- pool school:", "two groups or more"),
        ("-- pool school: A; B\n-- pool school: B; C", "Two pools of school name one group"),
        ("-- pool school: A; Elsewhere", "nobody in the answer is in"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused_in_a_sentence(line, said):
    rows = [row(n, school) for n, school in enumerate("ABC" * 8)]
    with pytest.raises(Refused, match=said) as refused:
        tables(f"{line}\n{SQL}", rows)
    assert refused.value.message.endswith(".")
    assert "Elsewhere" not in refused.value.message


def test_single_students_are_refused_although_they_are_pooled():
    """The names of the groups would be shown with the pool."""
    rows = [row(n, f"S{n}") for n in range(30)]
    line = f"-- pool school: {'; '.join(f'S{n}' for n in range(29))}"
    with pytest.raises(Refused, match="nearly one value for each student"):
        tables(f"{line}\n{SQL}", rows)


def test_the_place_of_a_pool_is_that_of_its_first_group():
    rows = [row(n, grade=grade) for n, grade in enumerate([1, 2, 3, 10] * 10)]
    found = tables(
        "-- pool grade: 2; 3\nSELECT grade, count(DISTINCT person_id) AS n FROM facts GROUP BY grade", rows
    )
    assert [c.at.get("grade") for c in found.tables[0].cells] == [None, "1", "2 and 3 together", "10"]
    assert counts(found)[place({"grade": "2 and 3 together"})].count == 20
