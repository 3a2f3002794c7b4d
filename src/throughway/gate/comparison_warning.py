"""The warning on questions that set students who took part in a program beside others: the difference is not what the program did."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from sqlglot import exp

from throughway.gate.sql_grammar import parsed

PARTICIPATION = frozenset({"program_participation", "service_received", "session_attendance"})
IN_A_PROGRAM = "ProgramAttendance"  # the code of attendance_day that says it
OUTCOMES = frozenset(
    {"attendance_day", "attendance_summary", "course_grade", "assessment_result", "discipline_incident", "credential"}
    | {"postsecondary_enrollment", "employment", "survey_response", "school_enrollment"}
)  # fmt: skip
WARNING = (
    "This sets students who took part in a program beside others. They differed before they started, so the difference is not what the"
    " program did, in either direction; a study tells (Which help works, in the manual)."
)


def comparison_warning(sql: str, *, by_student: bool = False) -> list[str]:
    """The warning in a list, or an empty list. `by_student`: each row is one student whom a report counts, so that it need not count.

    Participation compares where students without it stay in the answer: behind an outer join, within a column, a CASE or a FILTER, in
    one branch of a union. Where it only chooses students (an inner join, WHERE), nobody else is in the answer.
    """
    return list(_warning(sql, by_student))


@lru_cache(maxsize=256)
def _warning(sql: str, by_student: bool) -> tuple[str, ...]:
    written = sql.lower()
    if not any(name.lower() in written for name in (*PARTICIPATION, IN_A_PROGRAM)):
        return ()  # parsing takes longer than much of the rest
    query = parsed(sql)
    tables = {table.name.lower() for table in query.find_all(exp.Table)}
    counts = by_student or any(True for _ in query.find_all(exp.AggFunc))
    if not counts or not tables & OUTCOMES:
        return ()
    return (WARNING,) if any(_keeps_others(node) for node in _participation(query)) else ()


def _participation(query: exp.Expression) -> Iterator[exp.Expression]:
    """Each place that says who took part, also by the name of a CTE that says it."""
    named = set(PARTICIPATION)
    # A CTE may read another one before it.
    for cte in query.find_all(exp.CTE):
        if any(True for _ in _said_in(cte, named)):
            named.add(cte.alias.lower())
    yield from _said_in(query, named)


def _said_in(query: exp.Expression, named: Iterable[str]) -> Iterator[exp.Expression]:
    yield from (table for table in query.find_all(exp.Table) if table.name.lower() in named)
    yield from (word for word in query.find_all(exp.Literal) if word.is_string and word.name == IN_A_PROGRAM)


def _keeps_others(node: exp.Expression) -> bool:
    below = node
    while (above := below.parent) is not None:
        match above:
            case exp.CTE():
                return False  # its name is looked at where it is used
            case exp.Filter():
                return True
            case exp.Join() if below is above.this:
                # RIGHT keeps the others where participation stands on the left, which is rare; it is treated alike.
                if above.side in ("LEFT", "FULL", "RIGHT"):
                    return True
            case exp.SetOperation():
                return True
            case exp.Select() if below.arg_key == "expressions":
                return True
        below = above
    return False
