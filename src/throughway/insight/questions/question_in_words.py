"""Says a question in SQL back in words: whom it counts, what it measures, in which groups.

Only a statement that the page could have written is said back. The choices that would write it are read off its parts and written again;
where that is not the same statement, but for blanks, comments and the case of keywords, nothing is said.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from throughway.core.prose import listed, school_year
from throughway.core.refusals import Refused
from throughway.gate.sql_grammar import parsed
from throughway.insight.questions.builder import (
    NAMED,
    ColumnCondition,
    Columns,
    FigureChoices,
    MeasureChoice,
    Operator,
    condition_in_words,
    counted_by,
    group_in_words,
    group_sql,
    groupable,
    usable,
    whom_in_words,
    written,
)
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import element_words, table_words

OPERATORS: Mapping[type[exp.Expression], Operator] = {
    exp.EQ: Operator.IS, exp.NEQ: Operator.IS_NOT, exp.GTE: Operator.AT_LEAST, exp.LTE: Operator.AT_MOST,
}  # fmt: skip


class NotOfThePage(Exception):
    """The statement has a part that the page never writes."""


def in_words(sql: str, columns: Columns, runs: str = "") -> list[str]:
    """The question in sentences; none where it cannot be said back. `columns`: those that the purpose shows; `runs`: whose programs it
    counts, in words."""
    chosen = choices_of(sql, columns)
    return [*_sentences(chosen, columns, runs)] if chosen else []


def choices_of(sql: str, columns: Columns) -> FigureChoices | None:
    """The choices of the page that write this statement; None where none do."""
    asked = parsed(sql)
    try:
        found = _choices(asked, columns)
        again = parsed(written(found, columns))
    except (NotOfThePage, Refused):
        return None
    return found if again == asked else None


def _choices(asked: exp.Expression, columns: Columns) -> FigureChoices:
    if not isinstance(asked, exp.Select):
        raise NotOfThePage
    parts = {part.alias: part.this for part in asked.ctes}
    students = _select(parts.get("students"))
    table = _table(students)
    if table not in usable(columns):
        raise NotOfThePage
    compared = [*_conjuncts(students)]
    also = [c for c in compared if isinstance(c, exp.In) and c.this.name == "person_id"]
    filters = tuple(_condition(c, table) for c in compared if c not in also)
    groups = tuple(
        _group(parts[name], columns, students, table, also)
        for name in sorted(parts)
        if name.startswith("by_")
    )
    amount = next(
        (
            f"{table}.{e.this.this.name}"
            for e in students.expressions
            if isinstance(e, exp.Alias) and isinstance(e.this, exp.Sum)
        ),
        "",
    )
    having = students.args.get("having")
    shared = _select(parts["having_it"]) if "having_it" in parts else None
    days, year = _missed(asked, parts) if "missed" in parts else (0, 0)
    return FigureChoices(
        table=table,
        measure=_measure(asked, parts, amount),
        condition=_condition(next(_conjuncts(shared)), _table(shared)) if shared else None,
        amount=amount,
        days=days,
        year=year,
        filters=filters,
        groups=groups,
        also=_table(_select(also[0].args["query"].this)) if also else "",
        times=_number(having.this.expression) if having else 0,
    )  # fmt: skip


def _measure(asked: exp.Select, parts: Mapping[str, exp.Expression], amount: str) -> MeasureChoice:
    if "missed" in parts:
        return MeasureChoice.MISSED
    if "having_it" in parts:
        return MeasureChoice.SHARE
    if not amount:
        return MeasureChoice.STUDENTS
    return MeasureChoice.SUM if asked.expressions[-1].find(exp.Sum) else MeasureChoice.MEAN


def _select(part: exp.Expression | None) -> exp.Select:
    if not isinstance(part, exp.Select):
        raise NotOfThePage
    return part


def _table(select: exp.Select) -> str:
    source = select.find(exp.From)
    if source is None or not isinstance(source.this, exp.Table):
        raise NotOfThePage
    return source.this.name


def _conjuncts(select: exp.Select) -> Iterator[exp.Expression]:
    where = select.args.get("where")
    if where is not None:
        rest = where.this
        last: list[exp.Expression] = []
        while isinstance(rest, exp.And):
            last.append(rest.expression)
            rest = rest.this
        yield from (rest, *reversed(last))


def _condition(compared: exp.Expression, table: str) -> ColumnCondition:
    """One comparison as it was chosen: with a name, where it chooses by the name of what a key means."""
    operator = Operator.IS_NOT if isinstance(compared, exp.Not) else Operator.IS
    inside = compared.this if isinstance(compared, exp.Not) else compared
    if isinstance(inside, exp.In) and inside.args.get("query") is not None:
        named = next(_conjuncts(_select(inside.args["query"].this)), None)
        if named is None or inside.this.name not in NAMED:
            raise NotOfThePage
        return ColumnCondition(f"{table}.{inside.this.name}", operator, _value(named.expression))
    if type(compared) not in OPERATORS or not isinstance(compared.this, exp.Column):
        raise NotOfThePage
    return ColumnCondition(
        f"{table}.{compared.this.name}", OPERATORS[type(compared)], _value(compared.expression)
    )


def _value(node: exp.Expression) -> str:
    if isinstance(node, exp.Cast):
        node = node.this
    if isinstance(node, exp.Boolean):
        return "yes" if node.this else "no"
    if isinstance(node, exp.Neg):
        return f"-{_value(node.this)}"
    if not isinstance(node, exp.Literal):
        raise NotOfThePage
    return str(node.this)


def _number(node: exp.Expression) -> int:
    try:
        return int(_value(node))
    except ValueError:
        raise NotOfThePage from None


def _group(
    part: exp.Expression, columns: Columns, students: exp.Select, table: str, also: list[exp.In]
) -> str:
    """The column by which the page would have written this group."""
    read = {each.name for each in part.find_all(exp.Table)}
    where = [each.sql(dialect="duckdb") for each in _conjuncts(students)]
    for path in groupable(columns):
        if path.partition(".")[0] in read:
            own = where if path.startswith(f"{table}.") else []
            if parsed(group_sql(path, columns, own)) == part:
                return path
    raise NotOfThePage


def _missed(asked: exp.Select, parts: Mapping[str, exp.Expression]) -> tuple[int, int]:
    least, between = asked.expressions[-1].find(exp.GTE), parts["missed"].find(exp.Between)
    if least is None or between is None:
        raise NotOfThePage
    return _number(least.expression), _number(exp.Literal.number(_value(between.args["high"])[:4]))


def _sentences(chosen: FigureChoices, columns: Columns, runs: str) -> Iterator[str]:
    conditions = listed([condition_in_words(each) for each in chosen.filters])
    whom = whom_in_words(chosen, columns, runs)
    yield f"It counts {whom[:1].lower()}{whom[1:]}{f', only where {conditions}' if conditions else ''}, each student once."
    if chosen.also:
        yield f"Students with no record of {table_words(chosen.also)} are left out."
    if chosen.times > 1:
        what = "different days" if counted_by(chosen.table, columns) != "*" else "such records"
        yield f"Students with fewer than {chosen.times} {what} are left out."
    match chosen.measure:
        case MeasureChoice.STUDENTS:
            yield "It gives their number."
        case MeasureChoice.MISSED:
            yield (
                f"It gives how many of them missed at least {chosen.days} school days in {school_year(chosen.year)}, and their share of those with "
                "any mark of attendance in that year."
            )
        case MeasureChoice.SHARE if chosen.condition is not None:
            yield (
                f"It gives how many of them have a record that says {condition_in_words(chosen.condition)}, and their share of those with any record "
                "about it."
            )
        case _:
            kind = "sum" if chosen.measure is MeasureChoice.SUM else "mean for each student"
            yield f"It gives the {kind} of {element_words(chosen.amount.partition('.')[2])}."
    for path in dict.fromkeys(chosen.groups):
        table = path.partition(".")[0]
        dated = any(start in columns[table] for start in TABLES[table].starts)
        how = (
            "the newest record of a student counts"
            if dated
            else "a student with several values is under “More than one”"
        )
        yield f"It does so for each {group_in_words(path)}: {how}, and students without one are a group of their own."
