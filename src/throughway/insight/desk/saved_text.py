"""What the text of a question that is saved may not hold: who a student is.

What people type about a student is student data. A question that is asked leaves only a digest; one that is saved stays as text, in no
vault and under no agreement, so it may not single out a student.
"""

import sqlglot
from sqlglot import exp

from throughway.core.refusals import Refused
from throughway.gate.sql_grammar import parsed
from throughway.insight.questions.question_rules import IDENTIFYING, PERSON

SINGLES_OUT = IDENTIFYING | {PERSON}
SAME = exp.EQ | exp.NEQ | exp.In | exp.NullSafeEQ | exp.NullSafeNEQ
CONDITIONS = (
    exp.Predicate | exp.In | exp.Case | exp.Between | exp.RegexpLike | exp.RegexpFullMatch | exp.StartsWith
)


def check_can_save(sql: str) -> None:
    """Refused where the SQL is not a query that the gate takes, or compares what identifies a student with a value."""
    query = parsed(sql)
    if any(token.comments for token in sqlglot.tokenize(sql, dialect="duckdb")):
        raise _refused(
            "A question that is saved has no comments, where a name could stay; say in the title what it asks"
        )
    names = _also_called(query, set(SINGLES_OUT))
    births = _also_called(query, {"birthdate"})
    for condition in query.find_all(*CONDITIONS.__args__):
        columns = {column.name.lower() for column in condition.find_all(exp.Column)}
        has_value = condition.find(exp.Literal) is not None
        if has_value and (columns & names or (isinstance(condition, SAME) and columns & births)):
            raise _refused(
                "The question compares what identifies a student with a value, so it can be asked here but not saved; leave the value out"
            )


def _also_called(query: exp.Query, names: set[str]) -> set[str]:
    """These columns, with every other name that the query gives them."""
    while True:
        more = {
            each.alias.lower()
            for each in query.find_all(exp.Alias)
            if any(column.name.lower() in names for column in each.this.find_all(exp.Column))
        } - names
        if not more:
            return names
        names |= more


def _refused(message: str) -> Refused:
    return Refused(f"{message}.", code="saved")
