"""Whom a partner serves on a day (reach `roster`), in SQL: those with a spell there in a school or a program."""

from datetime import date

from sqlglot import exp

from throughway.agreements.rows import Relation, aliased, column, in_window
from throughway.vocabulary import TABLES

SPELLS = ("school_enrollment", "program_participation")
SPELL = "s"


def served(partner: str, *, relation: Relation, on: date) -> exp.Query:
    """`record` of the partner's own learners who have a spell that covers the day."""
    parts = [_of_table(table, partner, relation, on) for table in SPELLS]
    return exp.union(*parts, distinct=True)


def _of_table(table: str, partner: str, relation: Relation, on: date) -> exp.Select:
    number = column(SPELL, "person_record")
    somebody = exp.Not(this=exp.Is(this=number.copy(), expression=exp.null()))
    return (
        exp.select(exp.alias_(number, "record"))
        .from_(aliased(relation(table, partner), SPELL))
        .where(*in_window(TABLES[table], SPELL, on, on), somebody)
    )
