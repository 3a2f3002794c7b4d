"""The tables of a question hold what its own SQL answers, group by group, and each figure knows its students."""

import math
from itertools import combinations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.insight.questions.question import question
from throughway.insight.questions.tables import NOT_RECORDED, question_tables
from throughway.publication.protection import protect
from throughway.publication.tables import place

FACTS = pa.schema([("person_id", pa.int64()), ("school", pa.string()), ("grade", pa.int64()), ("late", pa.bool_()), ("hours", pa.float64())])  # fmt: skip
FIGURES = """count(DISTINCT person_id) AS n, count(DISTINCT person_id) FILTER (WHERE late) AS late_ones,
    sum(hours) AS all_hours"""


def ask(sql, rows):
    """The rows as a table `facts`, and what DuckDB answers."""
    base = duckdb.connect(config={"threads": 1})
    base.register("facts", pa.Table.from_pylist(rows, FACTS))
    return base.execute(sql).to_arrow_table()


def tables(sql, rows):
    asked = question(sql)
    return question_tables(asked, ask(asked.by_student, rows))


def counts(found):
    return {c.place: c for t in found.tables for c in t.cells if c.statistic == "students"}


def row(person, school="A", grade=1, late=None, hours=None):
    return {"person_id": person, "school": school, "grade": grade, "late": late, "hours": hours}


rows_of_students = st.lists(
    st.builds(
        row,
        st.integers(1, 40),
        st.sampled_from(["A", "B", None]),
        st.integers(1, 2),
        st.sampled_from([True, False, None]),
        st.sampled_from([None, 0.0, 2.5, 7.0, 30.0]),
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=40)
@given(rows_of_students)
def test_every_cell_is_what_sql_counts(rows):
    if len({r["person_id"] for r in rows}) < 9:
        return
    found = tables(f"SELECT school, grade, {FIGURES} FROM facts GROUP BY ALL", rows)
    cells = counts(found)
    shared = [d for d in ("school", "grade") if ask(f"SELECT 1 FROM facts GROUP BY person_id HAVING count(DISTINCT coalesce({d}::text, '')) > 1", rows).num_rows]  # fmt: skip
    for size in range(3):
        for some in combinations(("school", "grade"), size):
            listed = "".join(f"{d}, " for d in some)
            by = f"GROUP BY {', '.join(some)}" if some else ""
            for each in ask(f"SELECT {listed} {FIGURES} FROM facts {by}", rows).to_pylist():
                at = {d: NOT_RECORDED if each[d] is None else str(each[d]) for d in some}
                if not set(shared) <= set(some):
                    assert place(at) not in cells
                    continue
                assert cells[place(at)].count == each["n"] == len(cells[place(at)].persons)
                assert cells[place(at | {"late_ones": "Yes"})].count == each["late_ones"]
                amount = next((a for a in found.amounts if a.at == at), None)
                if amount is not None:
                    assert math.isclose(sum(amount.values), each["all_hours"] or 0)
    for cell in cells.values():
        wanted = {
            r["person_id"] for r in rows
            if all(cell.at.get(d, str(r[d] if r[d] is not None else NOT_RECORDED)) == str(r[d] if r[d] is not None else NOT_RECORDED) for d in ("school", "grade"))
        }  # fmt: skip
        assert cell.count == len(cell.persons)
        assert set(cell.persons.tolist()) <= wanted
        if set(cell.at) <= {"school", "grade"}:
            assert set(cell.persons.tolist()) == wanted
    protect(found.tables, minimum_cell=3)  # ValueError where a total were not the sum of its parts


def test_parts_make_up_totals_with_nobody_too():
    rows = [row(n, "A" if n < 20 else "B", 1 if n < 20 else 2, late=n % 2 == 0) for n in range(30)]
    cells = counts(tables("SELECT school, grade, count_if(late) AS late FROM facts GROUP BY ALL", rows))
    assert cells[place({"school": "A", "grade": "2"})].count == 0
    assert (
        cells[place({})].count
        == cells[place({"late": "Yes"})].count + cells[place({"late": "No"})].count
        == 30
    )


def test_unknown_answers_are_not_recorded_and_in_no_share():
    rows = [row(n, late=[True, False, None][n % 3]) for n in range(30)]
    found = tables(
        "SELECT school, avg(CASE WHEN late THEN 1 ELSE 0 END) AS late FROM facts GROUP BY school", rows
    )
    (rate,) = [c for t in found.tables for c in t.cells if c.statistic == "rate" and c.at == {"school": "A"}]
    assert (rate.numerator, rate.denominator) == (10, 20)
    assert counts(found)[place({"school": "A", "late": NOT_RECORDED})].count == 10
    assert any("for whom the records say it" in note for note in found.notes)


def test_no_total_over_groups_that_share_students():
    rows = [row(n, "A", n % 2) for n in range(20)] + [row(n, "B", n % 2) for n in range(15, 40)]
    found = tables("SELECT school, grade, count(DISTINCT person_id) AS n FROM facts GROUP BY ALL", rows)
    assert all("school" in c.at for t in found.tables for c in t.cells)
    assert counts(found)[place({"school": "A"})].count == 20
    assert any("do not add up" in note for note in found.notes)


def test_an_amount_of_zeros_and_ones_is_a_count():
    rows = [row(n, hours=float(n % 2)) for n in range(30)]
    found = tables("SELECT school, sum(hours) AS x FROM facts GROUP BY 1", rows)
    assert not found.amounts
    assert counts(found)[place({"x": "Yes"})].count == 15


@pytest.mark.parametrize(
    ("sql", "rows", "words"),
    [
        ("SELECT school, count(*) AS n FROM facts GROUP BY 1", [row(1)] * 2 + [row(n) for n in range(9)], "several rows"),
        ("SELECT school, avg(hours) AS n FROM facts GROUP BY 1", [row(1)] * 2 + [row(n) for n in range(9)], "several rows"),
        ("SELECT DATE '2015-01-01' + grade::int AS born, count(*) AS n FROM facts GROUP BY 1", [row(n) for n in range(9)], "a day"),
        ("SELECT (DATE '2015-01-01' + grade::int)::text AS born, count(*) AS n FROM facts GROUP BY 1", [row(n) for n in range(9)], "a day"),
        ("SELECT hours, count(*) AS n FROM facts GROUP BY 1", [row(n, hours=float(n)) for n in range(30)], "nearly one value"),
        ("SELECT count(*) AS n FROM facts WHERE late", [row(1)], "No student"),
        ("SELECT repeat_ AS a, count(*) AS n FROM (SELECT *, concat(school, school, school, school) AS repeat_ FROM facts) AS f GROUP BY 1",
         [row(n, "A" * 30) for n in range(30)], "80 characters"),
        ("SELECT sum(hours) AS a, sum(hours * 2) AS c, sum(hours * 3) AS d, sum(hours * 4) AS e FROM facts",
         [row(n, hours=n + 0.5) for n in range(30)], "more than 3 amounts"),
        ("SELECT grade, hours AS h, school, count(*) AS n FROM facts GROUP BY ALL",
         [row(n, str(n % 40), n // 40 % 40, hours=float(n % 17)) for n in range(1600)], "more than 5,000 figures"),
    ],
)  # fmt: skip
def test_what_would_point_to_one_student_is_refused(sql, rows, words):
    with pytest.raises(Refused) as refused:
        tables(sql, rows)
    assert words in refused.value.message


def test_the_sizes_of_groups_are_named_where_something_is_asked_of_them():
    rows = [row(n, school, late=n % 2 == 0, hours=n) for n, school in enumerate("AB" * 20)]
    for figure, named in (
        (", avg(CASE WHEN late THEN 1 ELSE 0 END) AS late_ones", True),
        (", sum(hours) AS h", True),
        ("", False),
    ):
        found = tables(
            f"SELECT school, count(DISTINCT person_id) AS n{figure} FROM facts GROUP BY school", rows
        )
        public = {at for at, c in counts(found).items() if c.public}
        assert public == ({place({}), place({"school": "A"}), place({"school": "B"})} if named else set())
