"""A question about students in SQL, and the query that answers it student by student.

A question is one SELECT: columns that group, and figures that count students. It is rewritten into a query with one row for each
student and group, which never leaves the process: each published figure then knows whom it counts. What cannot be counted by student
is refused in a sentence.

    SELECT school, count(DISTINCT person_id) AS students, avg(CASE WHEN missed >= 18 THEN 1 ELSE 0 END) AS chronically_absent
    FROM … GROUP BY school

becomes `SELECT person_id, group_1, …, flag_1, … FROM (…) GROUP BY person_id, group_1`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp, parse_one

from throughway.gate.sql_grammar import NAME, parsed
from throughway.insight.questions.pools import Pool, pools_of, with_pools
from throughway.insight.questions.question_rules import (
    PERSON,
    check_everywhere,
    check_outer,
    is_person,
    refused,
)
from throughway.vocabulary import TABLES

MEASURE = "measure"  # the dimension that tells several shares, sums or means apart
MOST_GROUPS = 3
MOST_MEASURES = 4
LONGEST_TITLE = 150
TITLE = re.compile(r"\s*--[ \t]*(\S[^\n]*)")
YES_OR_NO = (exp.Predicate, exp.And, exp.Or, exp.Not, exp.Boolean)


class Kind(StrEnum):
    """What a figure of a question is."""

    STUDENTS = "students"
    SHARE = "share"  # students for whom a condition is true
    SUM = "sum"
    MEAN = "mean"


@dataclass(frozen=True)
class AskedFigure:
    """One figure of a question. `expression`: the condition of a share, or the amount of a sum or mean, as SQL for one row.

    `once`: the figure is right only if each student has one row in a group.
    """

    name: str
    kind: Kind
    expression: str = ""
    once: bool = False


@dataclass(frozen=True)
class Question:
    """A question that can be counted by student. `by_student`: the query with one row for each student and group. `pools`: groups that are
    shown together."""

    sql: str
    title: str
    groups: tuple[str, ...]
    figures: tuple[AskedFigure, ...]
    by_student: str
    reads: frozenset[str]
    pools: tuple[Pool, ...] = ()

    @property
    def shares(self) -> tuple[AskedFigure, ...]:
        return tuple(f for f in self.figures if f.kind is Kind.SHARE)

    @property
    def amounts(self) -> tuple[AskedFigure, ...]:
        return tuple(f for f in self.figures if f.kind in (Kind.SUM, Kind.MEAN))

    @property
    def sha256(self) -> str:
        """The hash of the text as it was asked."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def question(sql: str, title: str = "") -> Question:
    """The question in this SQL; Refused (question) in one sentence where it cannot be counted by student.

    `title`: else the comment in the first line, else made of the names of its figures and groups.
    """
    asked = parsed(sql)
    if not isinstance(asked, exp.Select):
        raise refused("A question is one SELECT, not a UNION or a query in brackets.")
    check_outer(asked)
    check_everywhere(asked)
    groups, measures = _columns(asked)
    person = _person(asked, measures)
    figures = tuple(_figure(name, node, person) for name, node in measures)
    names = [name for name, _ in groups]
    return Question(
        sql=sql.strip(),
        title=_title(sql, title, names, figures),
        groups=tuple(names),
        figures=figures,
        by_student=_by_student(asked, person, [node for _, node in groups], figures),
        reads=frozenset(t.name.lower() for t in asked.find_all(exp.Table)) & TABLES.keys(),
        pools=pools_of(sql, names),
    )


Named = tuple[str, exp.Expression]


def _columns(asked: exp.Select) -> tuple[list[Named], list[Named]]:
    """The groups and the figures, each by its name in lower case; Refused where the two do not fit together."""
    groups: list[Named] = []
    measures: list[Named] = []
    for select in asked.expressions:
        name, node = select.alias_or_name.lower(), select.unalias()
        measured = _own_aggregate(node)
        if not isinstance(select, exp.Alias | exp.Column):
            if isinstance(node, exp.Count):
                name = "students"
            else:
                raise refused("Give each group and figure a name with AS, such as AS school.")
        if not NAME.fullmatch(name) or name == PERSON:
            raise refused("Names of groups and figures are letters, digits and underscores.")
        (measures if measured else groups).append((name, node))
    names = [name for name, _ in (*groups, *measures)]
    if MEASURE in names:
        raise refused(f"Choose another name than {MEASURE}, which the figures' tables use.")
    if len(set(names)) < len(names):
        raise refused("Two columns of the question have the same name; give each its own with AS.")
    if not measures:
        raise refused(
            "The question counts nobody; add a figure such as count(DISTINCT person_id) AS students."
        )
    if len(groups) > MOST_GROUPS:
        raise refused(
            f"A question can have {MOST_GROUPS} groups at most; with more, nearly every figure would be withheld."
        )
    if len(measures) > MOST_MEASURES:
        raise refused(
            f"A question can have {MOST_MEASURES} figures at most; ask the others in a question of their own."
        )
    _check_grouped(asked, groups)
    for name, node in groups:
        if node.find(exp.Query):
            raise refused(f"The group {name} contains a query; put it into a WITH part.")
        if not node.find(exp.Column):
            raise refused(f"The group {name} is the same for everybody; leave it out.")
        if any(column.name.lower() == PERSON for column in node.find_all(exp.Column)):
            raise refused("A group by person_id would be about one student.")
    return groups, measures


def _own_aggregate(node: exp.Expression) -> bool:
    """Whether the column computes a figure over rows of the question itself, not of a query within it."""
    return any(
        found.find_ancestor(exp.Query) is node.find_ancestor(exp.Query)
        for found in node.find_all(exp.AggFunc)
    )


def _check_grouped(asked: exp.Select, groups: Sequence[Named]) -> None:
    """GROUP BY names exactly the columns that are not figures."""
    group = asked.args.get("group")
    if group is None:
        if groups:
            raise refused(f"Name {groups[0][0]} in GROUP BY, or write GROUP BY ALL.")
        return
    if any(group.args.get(part) for part in ("grouping_sets", "cube", "rollup")):
        raise refused("Every total is shown without ROLLUP or CUBE; write a plain GROUP BY.")
    if group.args.get("all"):
        return
    selected = [select.unalias() for select in asked.expressions]
    by_name = dict(groups)
    found = []
    for each in group.expressions:
        if isinstance(each, exp.Literal) and not each.is_string:
            place = int(each.name) if each.name.isdigit() else 0
            if not 1 <= place <= len(selected):
                raise refused("GROUP BY names a column by a number that the question does not have.")
            each = selected[place - 1]
        elif (
            isinstance(each, exp.Column)
            and not each.table
            and each.name.lower() in by_name
            and each not in selected
        ):
            each = by_name[each.name.lower()]
        if each not in [node for _, node in groups]:
            raise refused(
                "Each column of GROUP BY must also be in SELECT, so that every figure says whom it counts."
            )
        found.append(each)
    missing = [name for name, node in groups if node not in found]
    if missing:
        raise refused(f"Name {missing[0]} in GROUP BY, or write GROUP BY ALL.")


def _person(asked: exp.Select, measures: Sequence[Named]) -> exp.Column:
    """The column that says who a row is about."""
    counted = {
        column.sql().lower(): column
        for _, node in measures
        for distinct in node.find_all(exp.Distinct)
        for column in distinct.find_all(exp.Column)
        if is_person(column)
    }
    if len(counted) > 1:
        raise refused("The figures count students by different tables' person_id; count by one of them.")
    if counted:
        return next(iter(counted.values()))
    first = asked.args["from_"].this
    joined = asked.args.get("joins") or []
    found = exp.column(PERSON)
    if joined and first.alias_or_name:
        found = exp.column(PERSON, table=first.alias_or_name)
    if (
        isinstance(first, exp.Table)
        and first.name.lower() in TABLES
        and not TABLES[first.name.lower()].of_person
    ):
        raise refused(
            "The first table has no students; begin FROM with a table that has person_id, or count(DISTINCT person_id)."
        )
    return found


def _figure(name: str, node: exp.Expression, person: exp.Column) -> AskedFigure:
    core, scaled = _unscaled(node)
    if _counts_students(core) and not scaled:
        return AskedFigure(name, Kind.STUDENTS, once=not _distinct(core))
    if isinstance(core, exp.Div):
        return _quotient(name, core)
    if (share := _counted_condition(core)) is not None and not scaled:
        condition, once = share
        return AskedFigure(name, Kind.SHARE, condition.sql("duckdb"), once)
    where = core.expression.this if isinstance(core, exp.Filter) else None
    amount = core if where is None else core.this
    if isinstance(amount, exp.Avg | exp.Sum) and not amount.find(exp.Distinct):
        inner = amount.this
        answered = _condition(inner)
        if answered is not None:
            if where is not None:
                raise refused(
                    f"Put the filter of {name} into WHERE, so that it says which students the share is of."
                )
            return AskedFigure(name, Kind.SHARE, answered.sql("duckdb"), once=True)
        if scaled:
            raise refused(
                f"Put the factor of {name} inside, as in sum(100 * x), so that the figure is what its name says."
            )
        text = inner.sql("duckdb")
        if where is not None:
            text = f"CASE WHEN {where.sql('duckdb')} THEN {text} END"
        kind = Kind.MEAN if isinstance(amount, exp.Avg) else Kind.SUM
        return AskedFigure(name, kind, text, once=kind is Kind.MEAN)
    raise refused(
        f"The figure {name} cannot be protected; use count(DISTINCT person_id), a share such as avg(CASE WHEN … THEN 1 ELSE 0 END), "
        "sum or avg."
    )


def _unscaled(node: exp.Expression) -> tuple[exp.Expression, bool]:
    """The figure without rounding, casts and a factor of 1 or 100, and whether it had such a factor."""
    scaled = False
    while True:
        if isinstance(node, exp.Paren | exp.Round | exp.Cast | exp.TryCast):
            node = node.this
        elif isinstance(node, exp.Mul) and _digit(node.expression):
            node, scaled = node.this, True
        elif isinstance(node, exp.Mul) and _digit(node.this):
            node, scaled = node.expression, True
        else:
            return node, scaled


def _distinct(node: exp.Expression) -> bool:
    return isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct)


def _counts_students(node: exp.Expression) -> bool:
    """Whether it is count(*), or count(DISTINCT person_id); Refused where it counts something else."""
    if not isinstance(node, exp.Count):
        return False
    of = node.this
    if of is None or isinstance(of, exp.Star) or is_person(of):
        return True
    if isinstance(of, exp.Distinct) and len(of.expressions) == 1:
        if is_person(of.expressions[0]):
            return True
        if isinstance(of.expressions[0], exp.Case):
            return False
    raise refused(
        "A figure counts students: write count(DISTINCT person_id), with a condition in FILTER (WHERE …)."
    )


def _counted_condition(node: exp.Expression) -> tuple[exp.Expression, bool] | None:
    """The condition of a count of some students, and whether each must have one row; None for anything else."""
    if isinstance(node, exp.Filter) and isinstance(node.this, exp.Count) and _counts_students(node.this):
        return node.expression.this, not _distinct(node.this)
    if isinstance(node, exp.CountIf):
        return node.this, True
    if _distinct(node):
        case = node.this.expressions[0]
        whole = (
            isinstance(case, exp.Case)
            and case.this is None
            and len(case.args["ifs"]) == 1
            and not case.args.get("default")
        )
        if whole and is_person(case.args["ifs"][0].args["true"]):
            return case.args["ifs"][0].this, False
        raise refused("Write a count of some students as count(DISTINCT person_id) FILTER (WHERE …).")
    return None


def _quotient(name: str, node: exp.Div) -> AskedFigure:
    above, below = _unscaled(node.this)[0], _unscaled(node.expression)[0]
    if isinstance(below, exp.Nullif):
        below = _unscaled(below.this)[0]
    share = _counted_condition(above)
    if share is None and isinstance(above, exp.Sum) and (condition := _condition(above.this)) is not None:
        share = condition, True
    if share is None or not _counts_students(below):
        raise refused(
            f"The figure {name} is not a share of students; write count(DISTINCT person_id) FILTER (WHERE …) / count(DISTINCT person_id)."
        )
    condition, once = share
    return AskedFigure(name, Kind.SHARE, condition.sql("duckdb"), once or not _distinct(below))


def _condition(node: exp.Expression) -> exp.Expression | None:
    """The condition in an expression that is 1 where it is true and 0 where it is not; None for an amount.

    CASE WHEN c THEN 1 ELSE 0 END gives c itself: where the records do not say whether c holds, the student is not recorded, not a 0.
    """
    while isinstance(node, exp.Paren | exp.Cast | exp.TryCast):
        node = node.this
    if isinstance(node, YES_OR_NO):
        return node
    if not isinstance(node, exp.Case) or node.this is not None:
        return None
    ifs, default = node.args["ifs"], node.args.get("default")
    values = [_digit(each.args["true"]) for each in ifs]
    last = 0 if default is None or isinstance(default, exp.Null) else _digit(default)
    if None in values or last is None or not any(values):
        return None
    if len(ifs) == 1 and default is not None and not isinstance(default, exp.Null) and last == 0:
        condition: exp.Expression = ifs[0].this
        return condition
    if len(ifs) == 1 and last == 0:
        raise refused(
            "A share needs students for whom the condition is false; write CASE WHEN … THEN 1 ELSE 0 END."
        )
    return exp.EQ(
        this=exp.Paren(this=node.copy()), expression=exp.Literal.number(max(v for v in values if v))
    )


def _digit(node: exp.Expression) -> int | None:
    """0 for zero or false, 1 (or 100) for one or true, None for anything else."""
    if isinstance(node, exp.Boolean):
        return int(bool(node.this))
    if isinstance(node, exp.Literal) and not node.is_string and re.fullmatch(r"(0|1|100)(\.0*)?", node.name):
        return int(float(node.name))
    return None


def _by_student(
    asked: exp.Select, person: exp.Column, groups: Sequence[exp.Expression], figures: Sequence[AskedFigure]
) -> str:
    """The query with one row for each student and group, as SQL.

    For a share: whether the condition is true in any row (`_any`) and in every row (`_every`) in which the records say so. For an
    amount: its sum over the student's rows, and in how many it is recorded (`_rows`).
    """
    rows = asked.copy()
    for part in ("group", "order"):
        rows.set(part, None)
    columns = [exp.alias_(person.copy(), PERSON)]
    columns += [exp.alias_(node.copy(), f"group_{n}") for n, node in enumerate(groups, 1)]
    columns += [
        exp.alias_(exp.paren(parse_one(f.expression, dialect="duckdb")), f"value_{n}")
        for n, f in enumerate(figures, 1)
        if f.expression
    ]
    rows.set("expressions", columns)
    text = rows.sql("duckdb", comments=False)
    listed = ", ".join([PERSON, *(f"group_{n}" for n in range(1, len(groups) + 1))])
    figured = []
    for n, f in enumerate(figures, 1):
        value = f"value_{n}"
        if f.kind is Kind.SHARE:
            figured += [
                f"MAX(CASE WHEN {value} THEN 1 WHEN NOT {value} THEN 0 END) AS any_{n}",
                f"MIN(CASE WHEN {value} THEN 1 WHEN NOT {value} THEN 0 END) AS every_{n}",
                f"COUNT({value}) AS rows_{n}",
            ]
        elif f.expression:
            figured += [f"SUM({value}) AS amount_{n}", f"COUNT({value}) AS rows_{n}"]
    chosen = ", ".join([listed, "COUNT(*) AS student_rows", *figured])
    return f"SELECT {chosen} FROM ({text}) AS counted WHERE {PERSON} IS NOT NULL GROUP BY {listed}"


def _title(sql: str, title: str, groups: Sequence[str], figures: Sequence[AskedFigure]) -> str:
    found = " ".join(title.split())
    if not found and (comment := TITLE.match(with_pools(sql, ()))):
        found = " ".join(comment[1].split())
    if not found:
        figured = " and ".join(_words(f.name) for f in figures)
        found = figured[:1].upper() + figured[1:]
        if groups:
            found += ", by " + " and ".join(_words(name) for name in groups)
    if len(found) > LONGEST_TITLE:
        raise refused(f"Shorten the title to {LONGEST_TITLE} characters.")
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")
