"""What the joins of a question in SQL do without a word: whom they leave out, and which amounts they count several times.

Read from the statement alone, so that whoever asks learns nothing about the records: how many students a join leaves out is never told, as
two questions that differ in one student would tell of that one.
"""

from collections.abc import Iterator

from sqlglot import exp

from throughway.core.prose import listed
from throughway.gate.sql_grammar import parsed
from throughway.vocabulary import TABLES
from throughway.vocabulary.labels import table_words

KEEPS_THE_FIRST = ("LEFT", "FULL")


def join_notes(sql: str) -> list[str]:
    """A sentence for each inner join of sources with students, and for each sum or mean that is taken after a join with several rows for
    a student."""
    asked = parsed(sql)
    single = {cte.alias.lower() for cte in asked.find_all(exp.CTE) if _one_row_for_each(cte.this)}
    students = _with_students(asked)
    notes: list[str] = []
    for select in asked.find_all(exp.Select):
        if select.args.get("joins"):
            notes += _left_out(select, students)
            notes += _several_times(select, students, single)
    return list(dict.fromkeys(notes))


def _left_out(select: exp.Select, students: set[str]) -> Iterator[str]:
    kept, by = [select.args["from_"].this], ""
    for join in select.args["joins"]:
        if join.side not in KEEPS_THE_FIRST:
            kept = [join.this] if join.side == "RIGHT" else [*kept, join.this]
            by = by or ("RIGHT JOIN" if join.side == "RIGHT" else "JOIN")
    needed = list(dict.fromkeys(_words(each) for each in kept if _is_of_students(each, students)))
    if len(needed) > 1 or (needed and by == "RIGHT JOIN"):
        yield (
            f"Only students with a record of {listed(needed)} are counted: a {by} leaves out whoever lacks one, and no figure says how many. "
            "A LEFT JOIN keeps them."
        )


def _several_times(select: exp.Select, students: set[str], single: set[str]) -> Iterator[str]:
    sources = [select.args["from_"].this, *(join.this for join in select.args["joins"])]
    for column in select.expressions:
        for amount in column.find_all(exp.Sum):
            if amount.find_ancestor(exp.Select) is not select or _is_share(amount):
                continue
            own = [s for each in amount.find_all(exp.Column) for s in sources if _has(s, each)]
            many = [
                _words(each) for each in sources
                if own and each not in own and _is_of_students(each, students) and not _is_single(each, single)
            ]  # fmt: skip
            if many:
                yield (
                    f"{column.alias_or_name} is summed after a JOIN: where a student has several records of {listed(list(dict.fromkeys(many)))}, "
                    "the amount counts once for each of them. Sum it in a WITH part, before the JOIN."
                )


def _has(source: exp.Expression, column: exp.Column) -> bool:
    """Whether the column is of this source: as it says itself, or by the names that the source has."""
    if column.table:
        return column.table.lower() == source.alias_or_name.lower()
    if isinstance(source, exp.Subquery):
        return column.name.lower() in (name.lower() for name in source.this.named_selects)
    known = TABLES.get(source.name.lower())
    if known:
        return column.name.lower() in known.elements
    part = next((c for c in source.root().find_all(exp.CTE) if c.alias.lower() == source.name.lower()), None)
    return part is not None and column.name.lower() in (name.lower() for name in part.this.named_selects)


def _with_students(asked: exp.Expression) -> set[str]:
    """Names of the WITH parts that have a person_id, and of the tables that have one."""
    found = {name for name, table in TABLES.items() if table.of_person}
    return found | {
        cte.alias.lower()
        for cte in asked.find_all(exp.CTE)
        if isinstance(cte.this, exp.Query)
        and "person_id" in (name.lower() for name in cte.this.named_selects)
    }


def _is_of_students(source: exp.Expression, students: set[str]) -> bool:
    if isinstance(source, exp.Subquery):
        return "person_id" in (name.lower() for name in source.this.named_selects)
    return isinstance(source, exp.Table) and source.name.lower() in students


def _is_single(source: exp.Expression, single: set[str]) -> bool:
    return (
        _one_row_for_each(source.this) if isinstance(source, exp.Subquery) else source.name.lower() in single
    )


def _one_row_for_each(query: exp.Expression) -> bool:
    """Whether it is grouped by the student alone, takes each student once, or keeps one row of each by QUALIFY."""
    if not isinstance(query, exp.Select):
        return False
    group = query.args.get("group")
    if group is not None:
        keys = [each for each in query.expressions if not each.find(exp.AggFunc)]
        return [each.alias_or_name.lower() for each in keys] == ["person_id"]
    if query.args.get("distinct") is not None:
        return [name.lower() for name in query.named_selects] == ["person_id"]
    return query.args.get("qualify") is not None


def _is_share(amount: exp.Expression) -> bool:
    """`sum(CASE WHEN … THEN 1 ELSE 0 END)`: a share of students, which is counted by student."""
    return isinstance(amount.this, exp.Predicate | exp.And | exp.Or | exp.Not) or (
        isinstance(amount.this, exp.Case)
        and all(
            isinstance(each.args["true"], exp.Literal) and each.args["true"].name in ("0", "1")
            for each in amount.this.args["ifs"]
        )
    )


def _words(source: exp.Expression) -> str:
    name = source.alias_or_name if isinstance(source, exp.Subquery) else source.name
    return table_words(name.lower()) if name.lower() in TABLES else f"“{name}”"
