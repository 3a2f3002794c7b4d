"""How large a query may be: what a person writes is answered, what would be planned for minutes is refused at once."""

import sys

import pytest

from tests.gate import making
from tests.gate.test_compiler import planning
from throughway.core.refusals import Refused
from throughway.gate.compiler import compile_query
from throughway.gate.query_size import COLUMNS, LEVELS, READS, TERMS
from throughway.gate.sql_grammar import parsed


def chain(parts: int, of: str = "SELECT * FROM {}", first: str = "SELECT person_id FROM person") -> str:
    made = [f"a0 AS ({first})", *(f"a{n} AS ({of.format(f'a{n - 1}')})" for n in range(1, parts))]
    return f"WITH {', '.join(made)} SELECT count(*) FROM a{parts - 1}"


def several(piece: str, count: int, between: str = ", ") -> str:
    return between.join(piece.replace("#", str(n)) for n in range(count))


GROUPED = (
    "SELECT person_id, max(n) AS n FROM {} GROUP BY 1",
    "SELECT person_id, count(*) AS n FROM person GROUP BY 1",
)
DOUBLED = "SELECT x.person_id FROM {0} x JOIN {0} y USING (person_id)"
LATER = (
    "SELECT person_id AS x0"
    + "".join(f", x{n - 1} + x{n - 1} AS x{n}" for n in range(1, 60))
    + " FROM person"
)
TOO_LARGE = {
    "150 parts upon each other": chain(150),
    "grouped parts upon each other": chain(40, *GROUPED),
    "parts that are each used twice": chain(20, DOUBLED),
    "150 parts beside each other": f"WITH {several('a# AS (SELECT * FROM person)', 150)} SELECT 1 AS n FROM a0",
    "queries within queries": f"SELECT * FROM {'(SELECT * FROM ' * 50}person{')' * 50}",
    "10,000 columns": f"SELECT {several('1', 9_900, ',')} FROM person",
    "every column many times": f"SELECT {several('*', 400, ',')} FROM person",
    "names within names": LATER,
    "a long sum": f"SELECT {several('1', 9_000, '+')}",
    "a long choice": f"SELECT person_id FROM person WHERE {several('person_id=#', 900, ' OR ')}",
    "many joins": f"SELECT 1 AS n FROM person{several(' JOIN person b# USING (person_id)', 300, '')}",
    "many unions": several("SELECT person_id FROM person", 400, " UNION ALL "),
    "many subqueries": f"SELECT {several('(SELECT max(person_id) FROM person)', 300)}",
    "many ways of grouping": f"SELECT count(*) AS n FROM person GROUP BY CUBE({several('person_id + #', 20)})",
    "a long text": f"SELECT '{'a' * 30_000}'",
    "brackets": f"SELECT {'(' * 9_000}1{')' * 9_000}",
}  # fmt: skip
ANSWERED = {
    "ten parts upon each other": chain(10, *GROUPED),
    "as many levels as may be": chain(LEVELS - 1),
    "as many reads as may be": several("SELECT person_id FROM person", READS, " UNION ALL "),
    "as many columns as may be": f"SELECT {several('person_id AS c#', COLUMNS)} FROM person",
    "as many terms as may be": f"SELECT {several('person_id', TERMS - 5, ' + ')} AS n FROM person",
    "a list of 2,000 persons": f"SELECT count(*) AS n FROM person WHERE person_id IN ({several('#', 2_000, ',')})",
    "a name that it gives itself": "SELECT person_id + 1 AS x, x + 1 AS y, x + y AS z FROM person",
    "a case for each of 300": f"SELECT CASE {several('WHEN person_id = # THEN #', 300, ' ')} END AS n FROM person",
}  # fmt: skip


@pytest.mark.parametrize("what", TOO_LARGE)
def test_what_is_too_large_is_refused_at_once(what: str) -> None:
    sql, calls = TOO_LARGE[what], 0

    def count_call(*_event: object) -> None:
        nonlocal calls
        calls += 1

    earlier = sys.getprofile()
    sys.setprofile(count_call)  # work is counted, not timed: a busy machine changes nothing
    try:
        with pytest.raises(
            Refused, match=r"simplify|select fewer|name the columns|WITH part for them|fewer|syntax"
        ) as refused:
            parsed(sql)
    finally:
        sys.setprofile(earlier)
    assert refused.value.code == "sql"
    assert calls < 500 * len(sql)  # most take some 100 for each character; planning takes many times that


@pytest.mark.parametrize("what", ANSWERED)
def test_what_people_write_is_answered(what: str) -> None:
    assert compile_query(ANSWERED[what], planning(), linked=(), on=making.DAY).sql


def test_a_part_counts_wherever_it_is_used() -> None:
    parsed(chain(6, DOUBLED))
    with pytest.raises(Refused, match="counting WITH parts wherever they are used"):
        parsed(chain(7, DOUBLED))
