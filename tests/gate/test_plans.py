"""What the engine means to try on hidden rows, read from its own plans: nothing that the reader computes.

Many shapes of questions, each with conditions and values of many kinds, are compiled as at the gate. In the plan that the engine
made of one, on the way from a table's rows up to where hidden students are left out, only columns may be compared with fixed
values. No error is needed for this to see a leak, so it also tells when another version of the engine takes more to be safe.
"""

import json
import random
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.gate.test_attacks import DAY, HIDINGS, Store, decided
from throughway.core.refusals import Refused
from throughway.gate import compiler as compiling
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine

OF_ALL = 1_000  # questions, dealt out to the ways of hiding

# Each function that a reader may use on single rows, of texts, days and numbers.
NUMBERS = (
    *(f"{name}({{d}})" for name in ("YEAR", "MONTH", "DAY", "QUARTER", "WEEK", "DAYOFWEEK", "ISODOW", "DAYOFYEAR", "WEEKOFYEAR")),
    *(f"EXTRACT({part} FROM {{d}})" for part in ("week", "epoch", "julian", "decade", "hour")),
    *(f"DATE_DIFF('{part}', {{d}}, {day})" for part in ("day", "month", "microsecond") for day in ("CURRENT_DATE", "{m}")),
    "LENGTH({t})", "STRLEN({t})", "STRPOS({t}, 'a')", "CAST({t} AS INTEGER)", "{d} - DATE '2026-01-01'",
    *(f"{name}(LENGTH({{t}}))" for name in ("ABS", "CEIL", "FLOOR", "ROUND", "SIGN", "SQRT", "EXP", "LN", "LOG", "TRUNC")),
    "POW(LENGTH({t}), 99)", "LENGTH({t}) * 9223372036854775807", "1 / LENGTH({t})", "7 // LENGTH({t})", "7 % LENGTH({t})", "-LENGTH({t})",
)  # fmt: skip
TEXTS = (
    *(f"{name}({{t}})" for name in ("UPPER", "LOWER", "TRIM", "REVERSE")),
    "{t} || 'x'", "SUBSTRING({t}, 2, 3)", "LEFT({t}, -1)", "RIGHT({t}, 2)", "CONCAT({t}, {d})", "CONCAT_WS('-', {t}, 'x')",
    "REPLACE({t}, 'a', 'b')", "SPLIT_PART({t}, 'a', -1)", "CAST({d} AS VARCHAR)", "STRFTIME({d}, '%Y')", "STRFTIME({d}, '%j')",
    "DAYNAME({d})", "MONTHNAME({d})", "NULLIF({t}, 'x')", "IFNULL({t}, 'x')", "LEAST({t}, 'x')",
)  # fmt: skip
DAYS = (
    "LAST_DAY({d})", "DATE_TRUNC('month', {d})", "DATE_TRUNC('hour', {d})", "{d} + INTERVAL 1 DAY", "{d} - INTERVAL 9999 YEAR",
    "DATE_ADD({d}, INTERVAL 1 MONTH)", "DATE_SUB({d}, INTERVAL 1 YEAR)", "COALESCE({d}, {m})", "CAST({t} AS DATE)",
    "GREATEST({d}, {m})", "LEAST({d}, {m})", "NULLIF({d}, {m})", "CASE WHEN {t} = 'x' THEN {d} ELSE {m} END",
)  # fmt: skip
CONDITIONS = (
    "{number} > 2", "{number} IN (1, {number})", "{number} BETWEEN {number} AND 7", "{text} = 'Ada'", "{text} LIKE 'a!%' ESCAPE '!'",
    "{day} > DATE '2026-01-01'", "{day} IS DISTINCT FROM {day}", "{d} = {m}", "{d} > CURRENT_DATE + INTERVAL 5 HOUR", "{t} = 5",
    "{d} <> CURRENT_DATE - INTERVAL 3 MONTH", "{day} IS NOT NULL", "NOT {number} = 2", "({number} = 2 OR {t} = 'Ada')",
    "COALESCE({number} = 2 AND {text} = 'x')", "CASE WHEN {t} = 'Zed' THEN LN(-1) > 0 ELSE TRUE END", "({number} = 2) = ({t} = 'x')",
    "STARTS_WITH({text}, {t})", "ENDS_WITH({t}, {text})", "CONTAINS({text}, 'a')", "PREFIX({t}, {text})", "SUFFIX({text}, 'a')",
    "REGEXP_MATCHES({text}, {t})", "REGEXP_FULL_MATCH({t}, 'A.*')", "{t} ILIKE {text}", "ISNAN({number})", "{t}", "({number}, {t}) = (2, 'x')", "{d} LIKE '2026%'",
)  # fmt: skip
PLAIN = (
    "a.attendance_status = 'Ada'",
    "a.attendance_event_date > DATE '2026-08-05'",
    "a.organization_id LIKE 'A%'",
    "a.person_id = 11",
)
SHAPES = (
    "SELECT count(*) FROM {A} WHERE {c} AND {plain}",
    "SELECT count(*) FROM {A} WHERE {c} OR {plain}",
    "SELECT count(*) FROM {A} JOIN {P} ON a.person_id = p.person_id AND {c} WHERE {plain}",
    "SELECT count(*) FROM {A} LEFT JOIN {P} ON a.person_id = p.person_id AND {c}",
    "SELECT count(*) FROM {A} RIGHT JOIN {P} ON {number} = p.birthdate WHERE {plain}",
    "SELECT count(*) FROM {P} SEMI JOIN {A} ON a.person_id = p.person_id AND {c}",
    "SELECT count(*) FROM {P} ANTI JOIN {A} ON a.person_id = p.person_id AND {c}",
    "SELECT count(*) FROM {A} JOIN {P} USING (person_id) WHERE {c}",
    "SELECT count(*) FROM {A}, {P} WHERE {number} = p.birthdate AND p.birthdate = 2012",
    "SELECT count(*) FROM {A}, {B}, {P} WHERE {day} = b.attendance_event_date AND b.attendance_event_date = DATE '2026-08-05' AND p.person_id = b.person_id",
    "SELECT count(*) FROM {A}, {P} WHERE ({c} AND p.birthdate = 2012) OR ({c} AND p.birthdate = 2013)",
    "SELECT x.n FROM (SELECT {number} AS n, a.attendance_status AS s FROM {A}) AS x WHERE x.n = 3 AND x.s = 'Ada'",
    "SELECT x.b FROM (SELECT {c} AS b FROM {A}) AS x WHERE x.b",
    "SELECT p.first_name FROM {P} JOIN (SELECT {number} AS n FROM {A}) AS x ON x.n = p.birthdate WHERE p.birthdate = 2012",
    "WITH x AS (SELECT {number} AS n, a.person_id AS i FROM {A}) SELECT count(*) FROM x JOIN x AS y ON x.i = y.i WHERE x.n = 3",
    "WITH x AS MATERIALIZED (SELECT {day} AS d FROM {A}) SELECT count(*) FROM x WHERE x.d > DATE '2026-08-05'",
    "SELECT x.n FROM (SELECT {number} AS n FROM {A} UNION ALL SELECT p.birthdate FROM {P}) AS x WHERE x.n = 2012",
    "SELECT {text} FROM {A} WHERE {plain} EXCEPT SELECT p.first_name FROM {P} WHERE p.birthdate = 2012",
    "SELECT a.attendance_status, count(*) FROM {A} GROUP BY 1 HAVING LENGTH(a.attendance_status) > 2 AND count(*) > 1",
    "SELECT x.g FROM (SELECT {number} AS g, count(*) AS n FROM {A} GROUP BY 1) AS x WHERE x.g = 3",
    "SELECT {text} AS g, count(*) FROM {A} GROUP BY GROUPING SETS ((g), ()) HAVING g = 'Ada'",
    "SELECT count(*) FILTER (WHERE {c}), max({day}), sum({number}) FROM {A} WHERE {plain}",
    "SELECT a.person_id FROM {A} ORDER BY {day} LIMIT 1",
    "SELECT DISTINCT ON ({text}) a.person_id FROM {A} WHERE {plain} ORDER BY {text}",
    "SELECT x.t FROM (SELECT DISTINCT {text} AS t FROM {A}) AS x WHERE x.t = 'Ada'",
    "SELECT x.s FROM (SELECT a.attendance_status AS s, row_number() OVER (PARTITION BY a.attendance_status ORDER BY {day}) AS n FROM {A}) AS x WHERE x.s = 'Ada' AND x.n = 1",
    "SELECT count(*) OVER (PARTITION BY {number} ORDER BY {day}) AS n FROM {A} QUALIFY n > 1 AND {c}",
    "SELECT a.person_id FROM {A} WHERE EXISTS (SELECT 1 FROM {P} WHERE p.person_id = a.person_id AND {c})",
    "SELECT p.person_id FROM {P} WHERE NOT EXISTS (SELECT 1 FROM {A} WHERE p.person_id = a.person_id AND {c})",
    "SELECT a.person_id FROM {A} WHERE {number} IN (SELECT p.birthdate FROM {P}) AND {plain}",
    "SELECT a.person_id FROM {A} WHERE {text} NOT IN (SELECT p.first_name FROM {P} WHERE p.birthdate = 2012)",
    "SELECT a.person_id FROM {A} WHERE {number} > ANY (SELECT p.birthdate FROM {P})",
    "SELECT a.person_id FROM {A} WHERE {number} > (SELECT max(p.birthdate) FROM {P} WHERE p.person_id = a.person_id)",
    "SELECT p.person_id, (SELECT max({day}) FROM {A} WHERE a.person_id = p.person_id AND {c}) AS d FROM {P}",
    "SELECT count(*) FROM {A} WHERE (SELECT {c}) AND {plain}",
    "SELECT count(*) FROM (SELECT a.attendance_event_date AS d FROM {A} ORDER BY {text} LIMIT 5) AS x WHERE x.d > DATE '2026-08-05'",
    "SELECT {number} AS n FROM {A} WHERE n = 3",
    "SELECT CASE WHEN {c} THEN {day} END AS d, count(*) FROM {A} WHERE {plain} GROUP BY 1",
)  # fmt: skip
TABLES = {"A": "attendance_day AS a", "B": "attendance_day AS b", "P": "person AS p"}

# Words that may stand in a plan below the join that leaves out who is hidden: columns, and how they are compared.
NAMES = {name for t in ("person", "attendance_day", "school_enrollment") for name in schemas.schema(t).names}
COMPARING = {"is", "not", "null", "or", "and", "in", "distinct", "from", "date", "timestamp", "between", "optional", "dynamic",
             "filter", "true", "false", "prefix", "bloom"}  # fmt: skip
OWN = '"year"(birthdate)'  # the gate's own, by the agreement
LEFT_OUT = {"SEMI", "ANTI", "RIGHT_SEMI", "RIGHT_ANTI", "MARK"}
TOLD_BY = re.compile(r"(person_)?record (=|IS NOT DISTINCT FROM) (person_)?record")
Node = dict[str, Any]


def questions(count: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)

    def one_of(forms: tuple[str, ...]) -> str:
        form = chance.choice(forms)
        columns = {"t": "a.attendance_status", "d": "a.attendance_event_date", "m": "a.recorded_at"}
        values = {
            name: chance.choice(of).format(**columns)
            for name, of in (("number", NUMBERS), ("text", TEXTS), ("day", DAYS))
        }
        return form.format(**columns, **values)

    for n in range(count):
        parts = {name: one_of(("{" + name + "}",)) for name in ("number", "text", "day")}
        yield SHAPES[n % len(SHAPES)].format(
            **TABLES, **parts, c=one_of(CONDITIONS), plain=chance.choice(PLAIN)
        )


def ways_up(node: Node, above: tuple[Node, ...] = ()) -> Iterator[tuple[Node, ...]]:
    """From each source of rows to the top."""
    way = (node, *above)
    if not node["children"]:
        yield way
    for child in node["children"]:
        yield from ways_up(child, way)


def leaves_out(node: Node) -> bool:
    """Whether it is the join of the gate's own that leaves out whom the reader may not see."""
    said = node["extra_info"]
    conditions = said.get("Conditions", "")
    first = conditions if isinstance(conditions, str) else conditions[0]
    return said.get("Join Type") in LEFT_OUT and TOLD_BY.fullmatch(first) is not None


def tried(plan: list[Node]) -> list[str]:
    """What of the plan is computed of rows before hidden ones are left out."""
    found = []
    for way in (way for root in plan for way in ways_up(root)):
        if way[0]["name"] != "READ_PARQUET":
            continue
        height = next((n for n, node in enumerate(way) if leaves_out(node)), len(way))
        for node in way[:height]:
            for name in (
                "Filters",
                "Expression",
                "Conditions",
                "Projections",
                "Order By",
                "Groups",
                "Aggregates",
            ):
                said = node["extra_info"].get(name, [])
                found += [text for text in ([said] if isinstance(said, str) else said) if computes(text)]
    return found


def computes(text: str) -> bool:
    bare = re.sub(r"'(?:[^']|'')*'(::\w+)?|#\d+", " ", text.replace(OWN, " "))
    words = {word.lower() for word in re.findall(r"[a-z_]\w*", bare, re.IGNORECASE)}
    return (
        not words <= NAMES | COMPARING | {"person_id", "record"} or re.search(r"[-+*/%|]", bare) is not None
    )


def planned(store: Store, sql: str) -> list[Node]:
    try:
        query = compiling.compile_query(
            sql,
            store._decision.grants,
            linked=store._decision.linked,
            on=DAY,
            most=1000,
            without=store.people.without,
        )
        answer = store._engine.run(f"EXPLAIN (FORMAT JSON) {query.sql}")
    except Refused:  # of a purpose that shows no such table, or values that cannot be compared
        return []
    plan: list[Node] = json.loads(answer["explain_value"][0].as_py())
    return plan


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Store]]:
    with ExitStack() as stack:
        yield [
            Store(decided(hiding), hiding.reader, place, stack.enter_context(DuckDBEngine(threads=1)), tmp_path_factory.mktemp("store"))
            for name, hiding in HIDINGS.items() if name != "opted out"  # which shows no days
            for place in (0, 1)
        ]  # fmt: skip


def test_nothing_that_a_reader_computes_is_tried_on_hidden_rows(stores: list[Store]) -> None:
    read = 0
    for n, sql in enumerate(questions(OF_ALL, seed=1)):
        plan = planned(stores[n % len(stores)], sql)
        read += any(leaves_out(node) for root in plan for way in ways_up(root) for node in way)
        assert not tried(plan), sql
    assert read > OF_ALL * 2 // 3


def test_a_plan_shows_what_is_tried_when_nothing_is_held_back(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same walk, without what holds back: it sees the leaks."""
    for part in ("defer_conditions", "recompute_columns"):
        monkeypatch.setattr(compiling, part, lambda *_: None)
    seen = [
        sql for n, sql in enumerate(questions(OF_ALL, seed=1)) if tried(planned(stores[n % len(stores)], sql))
    ]
    assert len(seen) > 50, len(seen)
