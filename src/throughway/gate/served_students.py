"""Whom a partner serves on a day (reach `roster`), in SQL: those with a spell in a school there, or who take part in a program.

Who applied, waits, declined or withdrew before a first day is not served.
"""

from datetime import date

from sqlglot import exp

from throughway.agreements.row_filter import Relation, aliased, column, in_window
from throughway.vocabulary import TABLES
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

SPELLS = ("school_enrollment", "program_participation")
SPELL = "s"


def served(partner: str, *, relation: Relation, on: date) -> exp.Query:
    """`record` of the partner's own learners who have a spell that covers the day."""
    parts = [_of_table(table, partner, relation, on) for table in SPELLS]
    return exp.union(*parts, distinct=True)


def _of_table(table: str, partner: str, relation: Relation, on: date) -> exp.Select:
    number = column(SPELL, "person_record")
    somebody = exp.Not(this=exp.Is(this=number.copy(), expression=exp.null()))
    spells = (
        exp.select(exp.alias_(number, "record"))
        .from_(aliased(relation(table, partner), SPELL))
        .where(*in_window(TABLES[table], SPELL, on, on), somebody)
    )
    return spells.where(*_takes_part()) if table == "program_participation" else spells


def _takes_part() -> list[exp.Expression]:
    """There is a first day, the status means taking part, and a stay without a last day still goes on."""
    status = exp.func("COALESCE", column(SPELL, "program_participation_status"), exp.Literal.string(""))
    part = [s for s, meaning in MEANINGS.items() if meaning.with_first_day is ParticipationStatus.TOOK_PART]
    going = [s for s, meaning in MEANINGS.items() if meaning.goes_on]
    first, last = (column(SPELL, f"program_participation_{which}_date") for which in ("start", "exit"))
    return [
        first.is_(exp.null()).not_(),
        status.isin(*part),
        exp.paren(exp.or_(last.is_(exp.null()).not_(), status.copy().isin(*going))),
    ]
