"""Writes the SQL of a question from choices: whom to count, what to measure, filters and groups.

The text is the same that one could write oneself, and is published in the same way. Each group has one value for each student, so that
the groups add up: the newest row's, or "More than one" where rows without a day differ.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from throughway.core.prose import day as in_words
from throughway.core.prose import listed, school_year
from throughway.core.refusals import Refused
from throughway.insight.questions.question_rules import ABOUT_FILES, IDENTIFYING, PERSON, TOLD_TO_ONE
from throughway.measures.policy import POLICY
from throughway.measures.sql import day, text, texts
from throughway.vocabulary import COMMON, TABLES, Element, codes_of, no_code
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.school_calendar import year_end, year_start

Columns = Mapping[str, frozenset[str]]  # table → the columns that the purpose shows
NUMBERS = frozenset({"BIGINT", "DOUBLE"})
MORE_THAN_ONE = "More than one"
NAMED = {  # a column of numbers or keys → the table that has its name, the key there, the name, and what a group of it is called
    "organization_id": ("organization", "organization_id", "organization_name", "organization"),
    "program_identifier": ("program", "program_identifier", "program_name", "program"),
}
PROGRAM = "program_participation"
# What a title says of students with a row of the table, and of a group.
WHOM = {"school_enrollment": "enrolled in a school", PROGRAM: "in a program"}
IN_TITLE = {"school_enrollment.entry_grade_level": "grade"}
SCHOOL = ("school_enrollment", "organization_id")
MARKS = ("attendance_day", ("attendance_event_date", "attendance_status"))


class MeasureChoice(StrEnum):
    """What a question measures."""

    STUDENTS = "students"
    SHARE = "share"
    MISSED = "missed"
    SUM = "sum"
    MEAN = "mean"


class Operator(StrEnum):
    """How a column is compared with a value."""

    IS = "is"
    IS_NOT = "is not"
    AT_LEAST = "at least"
    AT_MOST = "at most"


SIGNS = {Operator.IS: "=", Operator.IS_NOT: "<>", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<="}


@dataclass(frozen=True)
class ColumnCondition:
    """`column`: `table.column`."""

    column: str
    operator: Operator
    value: str


@dataclass(frozen=True)
class FigureChoices:
    """What somebody chose. `table`: whose students are counted; `times`: only those with at least so many rows of it, or days where a row has
    one; `also`: only those with a row of this table too; `days` and `year`: of the measure `missed`."""

    table: str
    measure: MeasureChoice
    condition: ColumnCondition | None = None
    amount: str = ""
    days: int = 18
    year: int = 0
    filters: tuple[ColumnCondition, ...] = ()
    groups: tuple[str, ...] = ()
    title: str = ""
    also: str = ""
    times: int = 0


def usable(columns: Columns) -> Columns:
    """The columns of tables of students that a question may use."""
    return {
        table: frozenset(names - IDENTIFYING - ABOUT_FILES - TOLD_TO_ONE - {PERSON, "source_system", "valid_from", "valid_to", "birthdate"})
        for table, names in columns.items()
        if TABLES[table].of_person and PERSON in names
    }  # fmt: skip


def groupable(columns: Columns) -> list[str]:
    """The columns by which students can be grouped, as `table.column`: codes, yes or no, and what has a name."""
    return [
        f"{table}.{name}"
        for table, names in usable(columns).items()
        for name in sorted(names)
        if _named(name, columns)
        or _element(table, name).type in ("code", "boolean")
        or name in ("school_year", "cohort_year", *NAMED)
    ]


def numeric(columns: Columns, table: str) -> list[str]:
    """The amounts of a table, as `table.column`."""
    return [
        f"{table}.{n}"
        for n in sorted(usable(columns).get(table, ()))
        if _element(table, n).stored_as in NUMBERS
    ]


def comparable(columns: Columns, table: str) -> list[str]:
    """The columns of a table that a filter or a condition can compare, as `table.column`."""
    return [f"{table}.{name}" for name in sorted(usable(columns).get(table, ()))]


def shows_absence(columns: Columns) -> bool:
    """Whether the purpose shows who was absent on which day."""
    table, names = MARKS
    return {*names, PERSON} <= columns.get(table, frozenset())


def column_words(path: str) -> str:
    """`school_enrollment.organization_id` as "organization (enrollment)"."""
    return f"{_words(path)} ({table_words(path.partition('.')[0])})"


def _words(path: str) -> str:
    table, _, name = path.partition(".")
    if (table, name) == SCHOOL:
        return "school"
    return NAMED[name][3] if name in NAMED else element_words(name)


def written(chosen: FigureChoices, columns: Columns, runs: str = "") -> str:
    """The question in SQL; Refused (choice) in one sentence where a choice does not fit. `runs`: whose programs it counts, in words."""
    if chosen.table not in usable(columns):
        raise _refused("Choose whose students are counted.")
    where = [_condition(each, columns, chosen.table) for each in chosen.filters]
    if chosen.also:
        also = _checked(chosen.also, list(usable(columns)), "records that they also have")
        where.append(f"person_id IN (SELECT person_id FROM {also})")
    amount = (
        _checked(chosen.amount, numeric(columns, chosen.table), "an amount")
        if chosen.measure in ("sum", "mean")
        else ""
    )
    some = f"sum({amount.partition('.')[2]}) AS amount" if amount else ""
    often = _often(chosen, columns)
    kept = ", ".join(filter(None, ("person_id", some)))
    grouped = f"SELECT {kept} FROM {chosen.table}{_where(where)} GROUP BY person_id{often}"
    alone = f"SELECT DISTINCT person_id FROM {chosen.table}{_where(where)}"
    parts = {"students": grouped if some or often else alone}
    joins: list[str] = []
    listed_: list[str] = []
    for n, path in enumerate(dict.fromkeys(chosen.groups), 1):
        name = _alias(_checked(path, groupable(columns), "a group"), listed_)
        parts[f"by_{n}"] = group_sql(path, columns, where if path.startswith(f"{chosen.table}.") else [])
        joins.append(f"LEFT JOIN by_{n} ON by_{n}.person_id = students.person_id")
        listed_.append(f"by_{n}.value AS {name}")
    figures = ["count(DISTINCT students.person_id) AS students"]
    more, figure, joined = _measured(chosen, columns)
    parts |= more
    ctes = ",\n".join(f"{name} AS (\n  {sql}\n)" for name, sql in parts.items())
    chosen_columns = ",\n  ".join([*listed_, *figures, *figure])
    ended = "\nGROUP BY ALL" if listed_ else ""
    lines = "".join(f"\n{join}" for join in (*joins, *joined))
    title = " ".join(chosen.title.split()) or title_of(chosen, columns, runs)
    return f"-- {title}\nWITH {ctes}\nSELECT {chosen_columns}\nFROM students{lines}{ended}\n"


def _often(chosen: FigureChoices, columns: Columns) -> str:
    """The condition on how many rows, or different days, a student has."""
    if chosen.times <= 1:
        return ""
    return f" HAVING count({counted_by(chosen.table, columns)}) >= {chosen.times}"


def counted_by(table: str, columns: Columns) -> str:
    """What `times` counts in the table, in SQL: its days where the purpose shows them, otherwise its rows."""
    day_column = TABLES[table].day
    return f"DISTINCT {day_column}" if day_column in columns[table] else "*"


def _refused(message: str) -> Refused:
    return Refused(message, code="choice")


def _checked(path: str, among: Sequence[str], what: str) -> str:
    if path not in among:
        raise _refused(f"Choose {what} from the list: the purpose shows no other.")
    return path


def _element(table: str, name: str) -> Element:
    known = TABLES[table]
    return COMMON.get(name) or known.derived.get(name) or known.elements[name]


def _named(name: str, columns: Columns) -> bool:
    found = NAMED.get(name)
    return found is not None and {found[1], found[2]} <= columns.get(found[0], frozenset())


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _condition(each: ColumnCondition, columns: Columns, table: str) -> str:
    """One comparison as SQL, of a column of this table. What has a name is compared by its name."""
    _checked(each.column, comparable(columns, table), "a column")
    name, value = each.column.partition(".")[2], " ".join(each.value.split())
    if not value:
        raise _refused(f"Give a value for {element_words(name)}.")
    if _named(name, columns):
        other, key, called, _ = NAMED[name]
        negated = {Operator.IS: "", Operator.IS_NOT: "NOT "}.get(each.operator)
        if negated is None:
            raise _refused(f"The name of {element_words(name)} can only be, or not be, a value.")
        return f"{name} {negated}IN (SELECT {key} FROM {other} WHERE {called} = {text(value)})"
    return f"{name} {SIGNS[each.operator]} {_literal(_element(table, name), value)}"


def _literal(element: Element, value: str) -> str:
    """The value as SQL; Refused where the column has no such values."""
    words = element_words(element.name)
    if element.stored_as == "DATE":
        if (found := _day(value)) is None:
            raise _refused(f"Write the day of {words} as September 1, 2026.")
        return day(found)
    if element.stored_as == "BOOLEAN":
        if value.lower() not in ("yes", "no", "true", "false"):
            raise _refused(f"The value of {words} is yes or no.")
        return "TRUE" if value.lower() in ("yes", "true") else "FALSE"
    if element.stored_as in NUMBERS:
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", value):
            raise _refused(f"The value of {words} is a number, such as 10.")
        return value
    codes = codes_of(element)
    if codes and value not in codes:
        named = [code for code, said in codes.items() if said.lower() == value.lower()]
        if not named:
            raise _refused(f"No record can have this value: {no_code(element, value)}.")
        value = named[0]
    return text(value)


def _day(value: str) -> date | None:
    for written in ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y"):
        with suppress(ValueError):
            return datetime.strptime(" ".join(value.split()), written).date()
    return None


def group_sql(path: str, columns: Columns, where: Sequence[str]) -> str:
    """One value for each student."""
    table, _, name = path.partition(".")
    source, value = table, name
    conditions = [re.sub(rf"^{table}\.", "", each) for each in where]
    if _named(name, columns):
        other, key, called, _ = NAMED[name]
        inner = f"SELECT * FROM {table}{_where(conditions)}" if conditions else ""
        rows = f"({inner}) AS kept" if inner else f"{table} AS kept"
        source, value, conditions = (
            f"{rows} LEFT JOIN {other} AS named ON named.{key} = kept.{name}",
            f"named.{called}",
            [],
        )
    elif _element(table, name).type == "boolean":
        value = f"CASE WHEN {name} THEN 'Yes' WHEN NOT {name} THEN 'No' END"
    who = "kept.person_id" if " AS kept" in source else "person_id"
    start = next((s for s in TABLES[table].starts if s in columns[table]), "")
    if start:
        newest = f"row_number() OVER (PARTITION BY {who} ORDER BY {start} DESC NULLS LAST, {value}) = 1"
        return f"SELECT {who}, {value} AS value FROM {source}{_where(conditions)}\n  QUALIFY {newest}"
    one = f"CASE WHEN count(DISTINCT {value}) > 1 THEN {text(MORE_THAN_ONE)} ELSE max({value}) END AS value"
    return f"SELECT {who}, {one}\n  FROM {source}{_where(conditions)} GROUP BY {who}"


def _alias(path: str, before: Sequence[str]) -> str:
    table, _, name = path.partition(".")
    found = "school" if (table, name) == SCHOOL else NAMED[name][3] if name in NAMED else name[:40]
    return f"{found}_{len(before) + 1}" if any(each.endswith(f" AS {found}") for each in before) else found


Measured = tuple[dict[str, str], list[str], list[str]]  # WITH parts, figures, joins


def _measured(chosen: FigureChoices, columns: Columns) -> Measured:
    """What the measure adds to the question. A student without a record of it is not recorded, never a no."""
    if chosen.measure is MeasureChoice.STUDENTS:
        return {}, [], []
    if chosen.measure is MeasureChoice.MISSED:
        return _missed(chosen, columns)
    if chosen.measure is MeasureChoice.SHARE:
        return _having(chosen, columns)
    name = chosen.amount.partition(".")[2][:40]
    way = "sum" if chosen.measure is MeasureChoice.SUM else "avg"
    return {}, [f"{way}(students.amount) AS {name}"], []


def _having(chosen: FigureChoices, columns: Columns) -> Measured:
    if chosen.condition is None:
        raise _refused("Say what the share is of: a column, and its value.")
    table, _, name = chosen.condition.column.partition(".")
    condition = _condition(chosen.condition, columns, table)
    words = re.sub(
        r"[^a-z0-9]+", "_", f"{name}_{chosen.condition.operator}_{chosen.condition.value}".lower()
    ).strip("_")[:50]
    parts = {
        "having_it": f"SELECT DISTINCT person_id FROM {table} WHERE {condition}",
        "known": f"SELECT DISTINCT person_id FROM {table} WHERE {name} IS NOT NULL",
    }
    figure = f"avg(CASE WHEN having_it.person_id IS NOT NULL THEN 1 WHEN known.person_id IS NOT NULL THEN 0 END) AS {words}"
    joins = [f"LEFT JOIN {part} ON {part}.person_id = students.person_id" for part in parts]
    return parts, [figure], joins


def _missed(chosen: FigureChoices, columns: Columns) -> Measured:
    """Students who missed at least so many days of a school year; those without any mark in it are not recorded."""
    if not shows_absence(columns):
        raise _refused("The purpose does not show who was absent on which day.")
    if not 1 <= chosen.days <= 366 or not 1990 <= chosen.year <= 2100:
        raise _refused(
            "Give the number of days, and the school year by the year in which it ends, such as 2026."
        )
    daily = " AND coalesce(attendance_event_type, 'DailyAttendance') = 'DailyAttendance'"
    kind = daily if "attendance_event_type" in columns[MARKS[0]] else ""
    days = f"count(DISTINCT CASE WHEN attendance_status IN {texts(POLICY.absent)} THEN attendance_event_date END) AS days"
    between = f"attendance_event_date BETWEEN {day(year_start(chosen.year))} AND {day(year_end(chosen.year))}"
    parts = {
        "missed": f"SELECT person_id, {days}\n  FROM attendance_day WHERE {between}{kind}\n  GROUP BY person_id"
    }
    figure = (
        f"avg(CASE WHEN missed.days >= {chosen.days} THEN 1 ELSE 0 END) AS missed_{chosen.days}_days_or_more"
    )
    return parts, [figure], ["LEFT JOIN missed ON missed.person_id = students.person_id"]


def title_of(chosen: FigureChoices, columns: Columns, runs: str = "") -> str:
    """The question as a title, of 150 letters at most."""
    whom = whom_in_words(chosen, columns, runs)
    what = {
        MeasureChoice.STUDENTS: whom,
        MeasureChoice.MISSED: f"{whom} who missed {chosen.days} school days or more in {school_year(chosen.year)}",
        MeasureChoice.SHARE: f"{whom}: {condition_in_words(chosen.condition)}" if chosen.condition else whom,
        MeasureChoice.SUM: f"{whom}: sum of {element_words(chosen.amount.partition('.')[2])}",
        MeasureChoice.MEAN: f"{whom}: mean of {element_words(chosen.amount.partition('.')[2])}",
    }[chosen.measure]
    only = f", only {listed([condition_in_words(f) for f in chosen.filters])}" if chosen.filters else ""
    by = f", by {listed([group_in_words(g) for g in chosen.groups])}" if chosen.groups else ""
    return f"{what}{only}{by}"[:150]


def whom_in_words(chosen: FigureChoices, columns: Columns, runs: str = "") -> str:
    """Whose students are counted, without the filters."""
    said = WHOM | ({PROGRAM: f"in a program of {runs}"} if runs else {})
    kinds = {
        table: said.get(table) or f"with {table_words(table)}"
        for table in (chosen.table, chosen.also)
        if table
    }
    if chosen.times > 1:
        by_day = counted_by(chosen.table, columns) != "*"
        kinds[chosen.table] += (
            f" on at least {chosen.times} days" if by_day else f" at least {chosen.times} times"
        )
    return f"Students {listed([*kinds.values()])}"


def group_in_words(path: str) -> str:
    return IN_TITLE.get(path) or _words(path)


def condition_in_words(condition: ColumnCondition) -> str:
    table, _, name = condition.column.partition(".")
    found = _day(condition.value) if _element(table, name).stored_as == "DATE" else None
    return f"{_words(condition.column)} {condition.operator} {in_words(found) if found else condition.value}"
