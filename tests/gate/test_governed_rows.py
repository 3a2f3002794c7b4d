"""The gate's rows equal those of a judge that looks at each value: random agreements, readers, days and records."""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gate.making import CLAUSES
from tests.gate.reference import Reader, World, visible
from tests.gate.worlds import (
    DAYS,
    DISCLOSERS,
    ELEMENTS,
    ITEMS,
    NAMING,
    READ,
    READERS,
    RESTRICTED,
    ROLES,
    TODAY,
    TRANSFORMS,
    FromWorld,
    barred,
    completed,
    links,
    on_the_same_terms,
    standings,
    worlds,
)
from throughway.agreements.enums import AccessForm
from throughway.agreements.grant_sql import CODES, VALUE_CODES, coded
from throughway.agreements.row_filter import PERSONAL
from throughway.core.refusals import Refused
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision, decide
from throughway.gate.governed_relations import relation_name, single_relations
from throughway.gate.row_scope import RowScope
from throughway.partners.actor import Actor
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine

# `python -m tests.gate.many 1000` tries at least so many cases of each kind.
TIMES = int(os.environ.get("CASES_TIMES", "1"))


def engine_with(world: World, relations: frozenset[tuple[str, str]], people: RowScope) -> DuckDBEngine:
    engine = DuckDBEngine(threads=1)
    for table, partner in relations:
        if table in PERSONAL:
            numbers = pa.array(people.records(table, partner), pa.int64())
            engine.register(relation_name(table, partner), pa.table({"record": numbers}))
            continue
        if table == "person_link":
            links = pa.table({"record": list(world.links), "person": list(world.links.values())})
            engine.register(relation_name(table, partner), links)
            continue
        if table in (CODES, VALUE_CODES):
            engine.register(relation_name(table, partner), codes(world, table, partner))
            continue
        schema = schemas.schema(table)
        rows = [row for one in single_relations(partner) for row in world.rows[table, one]]
        full = [{name: row.get(name) for name in schema.names} for row in rows]
        engine.register(relation_name(table, partner), pa.Table.from_pylist(full, schema=schema))
    return engine


CODE = "code|"  # begins every code here, and what it stands for ends it; the name of the codes stands between


def codes(world: World, table: str, agreement: str) -> pa.Table:
    """The codes of this name of everybody, or of every value of the columns that may stand under codes."""
    if table == CODES:
        numbers = sorted(
            {r["person_record"] for rows in world.rows.values() for r in rows} | set(world.links.values())
        )
        return pa.table({"person": numbers, "code": [f"{CODE}{agreement}|{n}" for n in numbers]})
    columns = [c for c, ways in TRANSFORMS.items() if "pseudonym" in ways]
    found = sorted(
        {(c, r[c]) for rows in world.rows.values() for r in rows for c in columns if r.get(c) is not None}
    )
    return pa.table({
        "element": pa.array([c for c, _ in found], pa.string()), "value": pa.array([v for _, v in found], pa.string()),
        "code": pa.array([f"{CODE}{agreement}|{v}" for _, v in found], pa.string()),
    })  # fmt: skip


def as_text(values: Mapping[str, Any], columns: list[str]) -> tuple[str, ...]:
    """Values as compared: where grants show several types the gate shows text, so all are compared as text."""
    return tuple("∅" if values.get(c) is None else _text(values[c]) for c in columns)


def _text(value: Any) -> str:
    return str(value).rpartition("|")[2].removesuffix(".0")


def under_codes(answer: Sequence[Mapping[str, Any]], pseudonymous: bool, agreements: Collection[str]) -> None:
    """Under a purpose of form pseudonymous no id is a number, and every code is one of a purpose that gives."""
    told = [str(v) for row in answer for v in row.values() if str(v).startswith(CODE)]
    assert {code.split("|")[1] for code in told} <= set(agreements)
    if pseudonymous:
        assert all(
            v is None or str(v).startswith(CODE) for row in answer for c, v in row.items() if c == "person_id"
        )


cases = {
    "world": worlds(),
    "reader": st.builds(
        Reader, st.sampled_from(READERS), st.sampled_from(("evaluator", "evaluator", *ROLES))
    ),
    "table": st.sampled_from(READ),
    "on": st.sampled_from((TODAY, TODAY, date(2026, 9, 18), date(2026, 9, 1))),
}


@given(**cases)
@settings(max_examples=60 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
def test_rows_equal_those_of_the_judge(world: World, reader: Reader, table: str, on: date) -> None:
    gate_and_judge_agree(world, reader, table, on)


@given(**cases | {"world": worlds(personal=True)})
@settings(max_examples=180 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
def test_training_reach_and_choices_are_those_of_the_judge(
    world: World, reader: Reader, table: str, on: date
) -> None:
    gate_and_judge_agree(world, reader, table, on)


@given(**cases | {"world": st.one_of(worlds(), worlds(personal=True)).map(on_the_same_terms)})
@settings(max_examples=60 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
def test_disclosers_on_the_same_terms_are_those_of_the_judge(
    world: World, reader: Reader, table: str, on: date
) -> None:
    gate_and_judge_agree(world, reader, table, on)


NAME, CODED = ("person.*", "none"), ("person.first_name", "pseudonym")


def pseudonymous(
    name: str, lines: Sequence[tuple[str, str]], *above: str, mou: bool = False
) -> dict[str, Any]:
    roles = {"north": ["discloser"], "harbor": ["discloser", "recipient"]}
    entry = {"id": "p", "kind": "operations", "form": "pseudonymous", "interest": "i", "roles": ["evaluator"],
             "basis": "study", "reach": "all", "basis_details": {}}  # fmt: skip
    return {
        "throughway": "agreement/1", "id": name, "tier": "mou" if mou else "dul" if above else "dsa", "title": "t", "under": [*above],
        "parties": [{"partner": p, "roles": [] if mou else r} for p, r in roles.items()],
        "purposes": [] if mou else [entry | {"from": [source]} for source in DISCLOSERS],
        "schedule": [{"element": e, "purposes": ["p"], "necessity": "x", "transform": t} for e, t in lines],
        "terms": {"effective": date(2026, 1, 1), "expires": date(2027, 1, 1), "minimum_cell": 10, "training": [],
                  "destruction": {"within_days": 60, "method": "purge"}},
        "clauses": CLAUSES,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("above", "shown"),
    [
        ([pseudonymous("a", [NAME])], False),
        ([pseudonymous("a", [NAME]), pseudonymous("b", [NAME])], False),
        ([pseudonymous("a", [NAME], mou=True)], False),
        ([pseudonymous("a", [NAME, CODED])], True),
        ([pseudonymous("a", [NAME]), pseudonymous("b", [NAME, CODED])], True),
    ],
    ids=["a name", "a name, by both of two", "a name, by an MOU", "a code", "a code, by one of two"],
)
def test_a_code_of_a_name_that_the_tier_above_lists_as(above: list[dict[str, Any]], shown: bool) -> None:
    """What an agreement of pseudonymous form withholds, since it lists a name as it is, no agreement under it shows as a code."""
    under = pseudonymous("l", [NAME, CODED], *(each["id"] for each in above))
    learner = {"birthdate": None, "sex": "Female", "batch_id": "b1"}
    people = {"north": [{"first_name": "Ada", "person_record": 11, "record": 1, **learner}],
              "harbor": [{"first_name": "Bo", "person_record": 21, "record": 2, **learner}]}  # fmt: skip
    world = World(
        elements=ELEMENTS, restricted=RESTRICTED, days=DAYS, conditions={}, links={}, items=ITEMS, naming=NAMING,
        documents=[*above, under],
        rows={(table, source): people[source] if table == "person" else [] for table in READ for source in DISCLOSERS},
    )  # fmt: skip
    reader = Reader("harbor", "evaluator")
    gate_and_judge_agree(world, reader, "person", TODAY)
    columns, rows, _ = visible(world, reader, "p", "person", TODAY, TODAY) or (set(), [], set())
    assert {row.get("first_name") for row in rows} == ({"Ada", "Bo"} if shown else {None})
    assert ("first_name" in columns) is shown


def decided(world: World, reader: Reader, on: date) -> tuple[Decision, RowScope]:
    decision = decide(
        then=standings(world, on), now=standings(world, TODAY), completed=completed(world), bars=barred(world),
        actor=Actor("r@x.example", reader.partner, reader.role), purpose="p", on=on, today=TODAY,
    )  # fmt: skip
    registers = FromWorld(world, reader)
    people = RowScope(
        decision.grants,
        registers,
        links(world),
        linked=decision.linked,
        reader=reader.partner,
        days=(on, TODAY),
    )
    return decision, people


def gate_and_judge_agree(world: World, reader: Reader, table: str, on: date) -> None:
    expected = visible(world, reader, "p", table, on, TODAY)
    decision, people = decided(world, reader, on)
    if expected is None:
        if decision.allowed:
            with pytest.raises(Refused):
                compile_query(f"SELECT * FROM {table}", decision.grants, linked=decision.linked, on=on)
        return
    assert decision.allowed, decision.reasons
    columns, rows, records = expected
    compiled = compile_query(
        f"SELECT * FROM {table}",
        decision.grants,
        linked=decision.linked,
        on=on,
        today=TODAY if on < TODAY else None,
        without=people.without,
    )
    assert set(compiled.columns) == columns
    with engine_with(world, compiled.relations, people) as engine:
        answer = engine.run(compiled.sql).to_pylist()
    names = sorted(columns)
    under_codes(
        answer,
        decision.grants[0].form is AccessForm.PSEUDONYMOUS,
        {g.codes for g in decision.grants if g.table == table},
    )
    assert Counter(as_text(r, names) for r in answer) == Counter(as_text(r, names) for r in rows)
    # The students in the ledger: never fewer than those with rows.
    shown = [g for g in decision.grants if g.table == table]
    told = {n for g in shown for n in people.allowed(g, np.array(sorted(records), dtype=np.int64)).tolist()}
    assert told == records


IDS = (2**41, 2**41 + 1, 13, 23, 99)
QUERIES = (
    "SELECT COUNT(*) AS n, COUNT(DISTINCT person_id) AS persons FROM {t}",
    "SELECT T.Person_Id, COUNT(*) AS n FROM {t} AS T GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY n DESC",
    "SELECT * FROM {t} WHERE person_id = {a}",
    "SELECT * FROM {t} WHERE person_id IN ({a}, {b})",
    "SELECT * FROM {t} WHERE person_id = {a} OR person_id = {b}",
    "SELECT * FROM {t} WHERE NOT person_id = {a}",
    "SELECT x.person_id, COUNT(y.person_id) AS n FROM {t} x JOIN {u} y ON x.person_id = y.person_id"
    " WHERE x.person_id = {a} GROUP BY 1",
    "SELECT x.person_id, y.person_id AS other FROM {t} x JOIN {u} y USING (person_id) WHERE y.person_id IN ({a}, {b})",
    "SELECT x.person_id, y.person_id AS other FROM {t} x LEFT JOIN {u} y ON y.person_id = x.person_id WHERE x.person_id = {a}",
    "SELECT x.person_id, y.person_id AS other FROM {t} x LEFT JOIN {u} y ON y.person_id = x.person_id AND x.person_id = {a}",
    "SELECT x.person_id, y.person_id AS other FROM {t} x LEFT JOIN {u} y ON y.person_id = x.person_id AND y.person_id = {a}",
    "SELECT x.person_id, y.person_id AS other FROM {t} x RIGHT JOIN {u} y ON y.person_id = x.person_id AND x.person_id = {a}",
    "SELECT x.person_id, y.person_id AS other FROM {t} x FULL JOIN {u} y ON y.person_id = x.person_id WHERE y.person_id = {a}",
    "SELECT x.person_id, z.person_id AS other FROM {t} x JOIN {u} y ON y.person_id = x.person_id"
    " LEFT JOIN {t} z ON z.person_id = y.person_id AND z.person_id = {b} WHERE x.person_id IN ({a}, {b})",
    "SELECT person_id FROM {t} x WHERE EXISTS (SELECT 1 FROM {u} y WHERE y.person_id = x.person_id AND y.person_id = {a})",
    "SELECT person_id FROM {t} x WHERE NOT EXISTS (SELECT 1 FROM {u} y WHERE y.person_id = x.person_id)",
    "SELECT person_id FROM {t} WHERE person_id NOT IN (SELECT person_id FROM {u} WHERE person_id = {a})",
    "WITH few AS (SELECT person_id FROM {t} WHERE person_id = {a}) SELECT f.person_id, COUNT(*) AS n FROM few f"
    " JOIN {u} y ON y.person_id = f.person_id GROUP BY 1",
    "SELECT person_id FROM (SELECT person_id FROM {t}) AS inside WHERE person_id = {a}",
    "SELECT person_id FROM {t} UNION ALL SELECT person_id FROM {u} WHERE person_id = {a}",
    "SELECT person_id FROM {t} EXCEPT SELECT person_id FROM {u} WHERE person_id = {a}",
    "SELECT person_id, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY person_id) AS place FROM {t} QUALIFY place = 1",
    "SELECT x.person_id FROM {t} x SEMI JOIN {u} y ON x.person_id = y.person_id AND y.person_id = {a}",
    "SELECT x.person_id FROM {t} x ANTI JOIN {u} y ON x.person_id = y.person_id AND x.person_id = {a}",
    "SELECT x.person_id FROM {t} x, {u} y WHERE x.person_id = y.person_id AND {a} = y.person_id",
    "SELECT (SELECT COUNT(*) FROM {u} y WHERE y.person_id = x.person_id) AS n, x.person_id FROM {t} x WHERE x.person_id = {a}",
    "SELECT x.person_id, y.person_id AS other FROM {t} x LEFT JOIN {u} y ON y.person_id = x.person_id"
    " AND LENGTH(CAST(y.person_id AS VARCHAR)) > 2 WHERE NOT (x.person_id = {a} AND LENGTH(CAST(x.person_id AS VARCHAR)) > 1)",
    "SELECT person_id, COUNT(*) AS n FROM {t} GROUP BY 1 HAVING LENGTH(CAST(person_id AS VARCHAR)) > 2 AND COUNT(*) >= 1",
    "SELECT person_id FROM {t} x WHERE CASE WHEN EXISTS (SELECT 1 FROM {u} y WHERE y.person_id = x.person_id) THEN person_id = {a} END",
)  # fmt: skip


@given(
    **cases | {"world": st.one_of(worlds(), worlds(personal=True))},
    other=st.sampled_from(READ),
    query=st.sampled_from(QUERIES),
    ids=st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)),
)
@settings(max_examples=40 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
def test_governed_queries_answer_like_plain_ones(
    world: World, reader: Reader, table: str, on: date, other: str, query: str, ids: tuple[int, int]
) -> None:
    decision, people = decided(world, reader, on)
    if not {table, other} <= {g.table for g in decision.grants}:
        return
    under = {name: [g for g in decision.grants if g.table == name and coded(g)] for name in (table, other)}
    if bool(under[table]) != bool(under[other]):
        return  # a code is text and a number is none: to compare them is an error
    today = TODAY if on < TODAY else None
    plain = DuckDBEngine(threads=1)
    for name in {table, other}:
        whole = compile_query(
            f"SELECT * FROM {name}", decision.grants, linked=decision.linked, on=on, today=today,
            without=people.without,
        )  # fmt: skip
        with engine_with(world, whole.relations, people) as engine:
            plain.register(name, engine.run(whole.sql))
    a, b = (f"'{CODE}{under[table][0].codes}|{n}'" if under[table] else n for n in ids)
    sql = query.format(t=table, u=other, a=a, b=b)

    def records_of(persons: Sequence[int]) -> list[int]:
        numbers = {r["person_record"] for rows in world.rows.values() for r in rows}
        return [n for n in numbers if n in persons or world.links.get(n) in persons]

    compiled = compile_query(
        sql, decision.grants, linked=decision.linked, on=on, today=today, records_of=records_of,
        without=people.without,
    )  # fmt: skip
    with plain, engine_with(world, compiled.relations, people) as engine:
        answer, expected = engine.run(compiled.sql), plain.run(sql)
    assert [c.lower() for c in compiled.columns] == [c.lower() for c in expected.column_names]
    rows = [
        Counter(map(str, zip(*(c.to_pylist() for c in t.columns), strict=True))) for t in (answer, expected)
    ]
    assert rows[0] == rows[1]
