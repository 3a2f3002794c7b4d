"""Who is in the group of a program on one day, as a question to the gate: those who take part by their enrollment in the program."""

from collections.abc import Iterable
from datetime import date

from sqlglot import exp

from throughway.agreements.grant import NONE as WHOLE
from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

PART = "program_participation"
# A stay is judged by all of these; where one is not shown, who takes part is not known.
NEEDED = (
    "program_identifier",
    "program_participation_start_date",
    "program_participation_exit_date",
    "program_participation_status",
)
# Where attendance in a program comes by a feed: tables of days, with the column that names the program.
FEEDS = (("attendance_day", "program_id"), ("service_received", "program_identifier"))
DAYS = FEEDS[0]  # of these, the one whose rows are each of one day
TAKES_PART = tuple(s for s, m in MEANINGS.items() if m.with_first_day is ParticipationStatus.TOOK_PART)
GOES_ON = tuple(s for s, m in MEANINGS.items() if m.goes_on)


def question(program: str, on: date, grants: Iterable[Grant]) -> str:
    """SQL for the ids of the students of the program's group on that day. Refused (not_granted) where the grants do not show whom a
    program serves."""
    shown = [grant.columns for grant in grants if grant.table == PART]
    if not any(all(name in columns and columns[name] == WHOLE for name in NEEDED) for columns in shown):
        raise Refused(
            "The agreement does not show who takes part in a program on a day; it must list program_participation.*, or its program, first "
            "day, last day and status, in its schedule.",
            code="not_granted",
            citations=["34 CFR 99.30(a)"],
        )
    day = f"DATE {literal(on.isoformat())}"
    named, first, last, status = NEEDED
    standing = f"COALESCE({status}, '')"
    return (
        f"SELECT DISTINCT person_id FROM {PART} WHERE {named} = {literal(program)} AND {first} <= {day}"
        f" AND {standing} IN ({_texts(TAKES_PART)})"
        f" AND (({last} IS NOT NULL AND {last} >= {day}) OR ({last} IS NULL AND {standing} IN ({_texts(GOES_ON)})))"
    )


def literal(text: str) -> str:
    """The text as a literal of SQL."""
    return exp.Literal.string(text).sql(dialect="duckdb")


def _texts(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)
