"""Access over tables in memory, with the columns of the vocabulary; and a small way to fill them."""

from datetime import date

import duckdb
import pyarrow as pa

from throughway.insight.milestone_queries import MilestoneQueries
from throughway.measures.policy import POLICY
from throughway.measures.sql import VisibleData
from throughway.partners import OPERATOR
from throughway.vocabulary import TABLES


class FakeAccess:
    """Answers `figures` from an in-memory DuckDB, where all columns of all tables are there."""

    form, purpose = "aggregate", "report"
    minimum_cell = 10
    review_days = 0
    publication_rule = None
    needs_approval = False
    agreements = ("riverbend-2026",)
    actor = OPERATOR

    def __init__(self):
        self.asked, self.waiting = [], {}
        self.base = duckdb.connect(config={"threads": 1})
        self.base.execute("SET TimeZone = 'UTC'")
        for name, table in TABLES.items():
            columns = dict(table.landed) | ({"person_id": "BIGINT"} if table.of_person else {})
            columns |= {name: derived.stored_as for name, derived in table.derived.items()}
            columns |= {"partner": "VARCHAR"} if name == "survey_response" else {}
            listed = ", ".join(f'"{column}" {type}' for column, type in columns.items())
            self.base.execute(f"CREATE TABLE {name} ({listed})")

    def joining(self, tables):
        """Of tables in memory nothing is linked."""
        return

    def last_days(self, table):
        """By the partner in the id of the organization; of tables without one nothing is known."""
        starts, of_columns = TABLES[table].starts, dict(TABLES[table].landed)
        if not starts or "organization_id" not in of_columns:
            return {}
        self._fill()
        begins = f"COALESCE({', '.join(starts)})"
        rows = self.base.execute(
            f"SELECT split_part(organization_id, '/', 1), MAX({begins}) FROM {table} WHERE organization_id <> '' AND {begins} <= ? GROUP BY 1", [self.on]
        )  # fmt: skip
        return dict(rows.fetchall())

    def put(self, table, *rows):
        self.waiting.setdefault(table, []).extend(rows)

    def _fill(self):
        for table, rows in self.waiting.items():
            schema = self.base.execute(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
            self.base.register("rows", pa.Table.from_pylist(rows, schema))
            self.base.execute(f"INSERT INTO {table} SELECT * FROM rows")
        self.waiting.clear()

    def figures(self, sql, *, numbered=False, failing_is_empty=False):
        self._fill()
        self.asked.append(sql)
        return self.base.execute(sql).to_arrow_table(), f"entry-{len(self.asked)}"


def everything(*partners, without=()):
    """A sight of all tables and columns of these partners, less some tables or columns (`table` or `table.column`)."""
    tables = {}
    for name, table in TABLES.items():
        if name in without:
            continue
        columns = frozenset(
            c for c in (*table.elements, "valid_from", "valid_to") if f"{name}.{c}" not in without
        )
        tables[name] = dict.fromkeys(partners, columns)
    return VisibleData(tables)


def measured(access, measure, *, on=date(2026, 11, 1), visible=None, policy=POLICY):
    """What one measure finds."""
    visible = visible or everything("north", "south")
    found = list(MilestoneQueries(access, visible, policy, on).milestones([measure]))
    return found[0] if found else None


def outcomes(found):
    """{outcome or cause: students}."""
    told = {}
    for count in found.counts:
        name = str(count.cause or count.outcome)
        told[name] = told.get(name, 0) + count.students
    return told
