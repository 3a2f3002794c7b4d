"""One element of a table in SQL: its value out of the cells of a row, and when the cell cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import ColumnMap, TableMap
from throughway.intake.faults import element_of, unreadable
from throughway.intake.raw_cells import Raw, sql_text
from throughway.intake.value_parsing import (
    WORKBOOK,
    constant_sql,
    day_sql,
    kind_of,
    listed,
    readable,
    typed_sql,
)
from throughway.vocabulary import Element, code_set, no_code


@dataclass(frozen=True)
class SourceColumns:
    """How a column of the source is named in SQL: `raw` its trimmed text, `text` the same with missing values NULL."""

    raw: Mapping[str, str]
    nothing: tuple[str, ...]

    def text(self, column: str) -> str:
        raw = self.raw[column]
        if self.nothing == ("",):
            return f"nullif({raw}, '')"
        return f"CASE WHEN {raw} NOT IN {listed(self.nothing)} THEN {raw} END"


@dataclass
class ElementSql:
    """One element's cell in SQL: its canonical text, when it is unreadable, what the source said."""

    value: str
    bad: str = "false"
    source: str = "CAST(NULL AS VARCHAR)"
    has_source: bool = field(default=False)


def reading_of(
    table: str,
    name: str,
    column: ColumnMap,
    cells: SourceColumns,
    raw: Raw,
    mapped: TableMap,
    *,
    time_zone: str | None = None,
) -> ElementSql:
    element = element_of(table, name)
    kind = kind_of(element)
    for said in (column.value, column.otherwise, *(column.map or {}).values()):
        if said is not None and not readable(said, element):
            raise Refused(
                f"The crosswalk gives {element.path} a wrong value: {_why_not(said, element)}.",
                code="crosswalk",
            )
    if column.value is not None:
        return ElementSql(constant_sql(column.value, element))
    if any(source not in cells.raw for source in column.sources):
        return ElementSql(constant_sql(column.otherwise, element))
    if column.sum:
        return _sum(column, cells, kind)
    if column.join:
        parts = ", ".join(cells.text(c) for c in column.join)
        plain = said_sql = f"nullif(concat_ws({sql_text(column.with_)}, {parts}), '')"
    else:
        source = column.from_ or ""
        plain, said_sql = cells.raw[source], cells.text(source)
    if column.map is not None:
        reading = _mapped(column, plain, said_sql, element)
    else:
        melted_day = mapped.melt and mapped.melt.date and column.from_ == mapped.melt.name
        formats = () if melted_day else column.date or ()
        if raw.from_workbook and (formats or element.type == "date") and not melted_day:
            formats = (*formats, *WORKBOOK)
        value = day_sql(said_sql, formats, time_zone) if formats else typed_sql(said_sql, element)
        bad = f"({said_sql}) IS NOT NULL AND ({value}) IS NULL" if value != said_sql else "false"
        reading = ElementSql(f"CAST({value} AS VARCHAR)" if formats and kind == "VARCHAR" else value, bad=bad)
    if element.type == "code":
        reading.source, reading.has_source = said_sql, True
    return reading


def _why_not(said: str, element: Element) -> str:
    if code_set(element):
        return no_code(element, said)
    problem, cure = unreadable(element)
    return f"{said} is {problem}; {cure}"


def _mapped(column: ColumnMap, plain: str, said: str, element: Element) -> ElementSql:
    entries = {k: v for k, v in (column.map or {}).items() if k != "*"}
    any_other = "*" in (column.map or {})
    rest = (column.map or {}).get("*")
    cases = "".join(
        f" WHEN {sql_text(code)} THEN {constant_sql(value, element)}" for code, value in entries.items()
    )
    other = f"CASE WHEN ({said}) IS NOT NULL THEN {constant_sql(rest, element)} END"
    value = f"CASE {plain}{cases} ELSE {other} END" if entries else other
    known = f" AND {plain} NOT IN {listed(tuple(entries))}" if entries else ""
    return ElementSql(value, bad="false" if any_other else f"({said}) IS NOT NULL{known}")


def _sum(column: ColumnMap, cells: SourceColumns, kind: str) -> ElementSql:
    terms, present, bad = [], [], []
    for term in column.sum or ():
        text = cells.text(term.from_)
        number = f"TRY_CAST(({text}) AS DOUBLE)"
        terms.append(f"coalesce({number} * {term.times!r}, 0)")
        present.append(f"({text}) IS NOT NULL")
        bad.append(f"(({text}) IS NOT NULL AND NOT coalesce(isfinite({number}), false))")
    unreadable, anything = " OR ".join(bad), " OR ".join(present)
    total = f"CASE WHEN ({anything}) AND NOT ({unreadable}) THEN {' + '.join(terms)} END"
    return ElementSql(f"CAST({total} AS {kind})", bad=unreadable)
