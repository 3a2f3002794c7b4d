"""What the text of a question that is saved may not hold: who a student is.

What people type about a student is student data. A question that is asked leaves only a digest; one that is saved stays as text, in no
vault and under no agreement, so it may not single out a student: neither beside a column that identifies, nor by a word anywhere.
"""

from collections.abc import Collection, Iterator
from datetime import date

import sqlglot
from sqlglot import exp

from throughway.core.refusals import Refused
from throughway.gate.sql_grammar import parsed
from throughway.insight.desk.personal_numbers import OLDEST, YOUNGEST, personal_numbers
from throughway.insight.desk.plain_words import strange_parts
from throughway.insight.questions.question_rules import IDENTIFYING, PERSON

NO_NUMBER = (
    f"holds no full day of {YOUNGEST} to {OLDEST} years ago, on which a student could be born, and no telephone number; {{place}}, stands one:"
    " write an age, a year or a school year instead, or leave it out"
)
SINGLES_OUT = IDENTIFYING | {PERSON}
SAME = (exp.EQ, exp.NEQ, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ)
COMPARES = (exp.Predicate, exp.In, exp.Nullif, exp.Case)
# Where an expression begins: by the parent, the argument in which it stands there.
BEGINS = {
    exp.Select: "expressions", exp.Where: "this", exp.Having: "this", exp.Qualify: "this", exp.Join: "on", exp.Group: "expressions",
    exp.Ordered: "this", exp.Count: "this", exp.And: "", exp.Or: "", exp.Xor: "", exp.If: "this",
}  # fmt: skip


def check_title(title: str, names: Collection[str], today: date) -> None:
    """Refused (saved_title) where a word of the title is not plain, or a number could be somebody's. `names`: words of the partners'
    names."""
    if (personal := next(personal_numbers(title, today), None)) is not None:
        raise Refused(
            f"The title {NO_NUMBER.format(place=f'at its character {personal[0] + 1}')}.", code="saved_title"
        )
    if (strange := next(strange_parts(title, names, title=True), None)) is not None:
        raise Refused(
            f"The title may hold only words of the vocabulary and everyday ones, names of partners, and numbers of up to four digits;"
            f" at its character {strange[0] + 1} stands something else. Write it with other words.",
            code="saved_title",
        )


def check_can_save(sql: str, names: Collection[str] = (), *, today: date) -> None:
    """Refused where the SQL is not a query that the gate takes, puts what identifies a student beside a value, or holds a number that
    could be somebody's or a word that is not plain, as a text, a name after AS or anything else. `names`: words of the partners' names."""
    query = parsed(sql)
    if any(token.comments for token in sqlglot.tokenize(sql, dialect="duckdb")):
        raise _refused(
            "A question that is saved has no comments, where a name could stay; say in the title what it asks"
        )
    if any(each.args.get("columns") for each in query.find_all(exp.TableAlias)):
        raise _refused("A question that is saved names each column where it is made, with AS")
    identifying = _also_called(query, set(SINGLES_OUT))
    births = _also_called(query, {"birthdate"})
    values = {
        each.alias.lower()
        for each in query.find_all(exp.Alias)
        if each.find(exp.Literal) and not each.find(exp.Column)
    }
    if values & SINGLES_OUT or any(
        _singles_out(each, identifying, births, values) for each in _expressions(query)
    ):
        raise _refused(
            "The question compares what identifies a student with a value, so it can be asked here but not saved; leave the value out"
        )
    if (personal := next(personal_numbers(sql, today), None)) is not None:
        raise _refused(f"A question that is saved {NO_NUMBER.format(place=_place(sql, personal[0]))}")
    if (strange := next(strange_parts(sql, names, title=False), None)) is not None:
        raise _refused(
            "A question that is saved holds only words of SQL and of the vocabulary, everyday ones, names of partners, days, and numbers"
            f" of up to six digits; {_place(sql, strange[0])}, stands something else, so it can be asked here but not"
            " saved; write another word there, or leave it out"
        )


def _place(sql: str, at: int) -> str:
    before = sql[:at]
    return f"in line {before.count(chr(10)) + 1}, at character {at - before.rfind(chr(10))}"


def _singles_out(expression: exp.Expression, names: set[str], births: set[str], values: set[str]) -> bool:
    """`names`, `births`: columns by what they hold; `values`: columns that hold a value of the text."""
    parts = list(_parts(expression))
    columns = {each.name.lower() for each in parts if isinstance(each, exp.Column)}
    literals = [each for each in parts if isinstance(each, exp.Literal)]
    if not literals and not columns & values:
        return False
    compares = any(isinstance(each, COMPARES) for each in parts) or not isinstance(expression, exp.Condition)
    words = any(each.is_string and any(map(str.isalnum, each.name)) for each in literals)
    same = any(isinstance(each, SAME) for each in parts)
    return bool((columns & names and (words or compares)) or (columns & births and same))


def _expressions(query: exp.Expression) -> Iterator[exp.Expression]:
    """Every expression that stands alone: a column of the answer, a condition between AND and OR, what is counted; and queries that
    compare rows."""
    for node in query.walk():
        begins = BEGINS.get(type(node.parent)) if node.parent else None
        if isinstance(node, exp.Intersect | exp.Except) or (begins is not None and node.arg_key == (begins or node.arg_key)):  # fmt: skip
            yield node


def _parts(node: exp.Expression) -> Iterator[exp.Expression]:
    """What the value of an expression is made of. What is counted, and conditions inside, stand alone."""
    yield node
    if isinstance(node, exp.Count | exp.Connector):
        return
    for each in node.iter_expressions():
        apart = isinstance(node, exp.Select) and each.arg_key != "expressions"
        when = isinstance(node, exp.If) and each.arg_key == "this" and not (node.parent and node.parent.this)
        if not apart and not when:
            yield from _parts(each)


def _also_called(query: exp.Expression, names: set[str]) -> set[str]:
    """These columns, with every other name that the query gives them."""
    while True:
        more = {
            each.alias.lower()
            for each in query.find_all(exp.Alias)
            if any(isinstance(part, exp.Column) and part.name.lower() in names for part in _parts(each.this))
        } - names
        if not more:
            return names
        names |= more


def _refused(message: str) -> Refused:
    return Refused(f"{message}.", code="saved")
