"""Why nobody can tell whether a row is in scope, and what would let them: the cells that the agreements ask for."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.clause_rendering import condition_words
from throughway.agreements.labels import listed
from throughway.agreements.population_condition import columns_of, parse_condition
from throughway.agreements.row_filter import SAYING, is_single
from throughway.core.prose import counted
from throughway.intake.contract import TableNeed
from throughway.vocabulary import TABLES

CURE = "fill it in the source, or map it in the crosswalk, and load the file again"


@dataclass(frozen=True)
class RequiredCell:
    """A cell that the agreements ask for. `element`: of the row itself, where `own`; else of what its student's rows of
    another table say."""

    element: str
    own: bool
    problem: str
    cure: str


def asked_of(need: TableNeed) -> tuple[RequiredCell, ...]:
    """What must be filled to tell whether rows of the table are in scope, that of the rows themselves first."""
    return tuple(sorted(dict.fromkeys(_asked(need)), key=lambda asked: not asked.own))


def after_unjudged(table: str, rows: int, on: str, unjudged: int) -> tuple[str, str]:
    """What is said, with its cure, of `rows` of a table whose students have no stored row of `on`, the table by which agreements
    admit them, where `unjudged` rows of that one could not be judged when they came. Nothing of these is stored, not even the
    keys of their students, so they cannot be told from students who are out of scope."""
    said = (
        f"counted as out of scope: {counted(rows, 'row')} of {table} whose students have no stored {on}; the last load that brought"
        f" {on} had {counted(unjudged, 'row')} that could not be judged, and nobody can tell whether these are the same students"
    )
    return said, f"load {on} again with the cells that were empty, and then this file"


def _asked(need: TableNeed) -> Iterator[RequiredCell]:
    table = TABLES[need.table]
    populations: dict[tuple[str, str], dict[str, None]] = {}  # table and condition -> agreements
    for judge in need.judges:
        for entry in (entry for tier in judge.grant.population for entry in tier) if judge.grant else ():
            if entry.on in SAYING:
                continue
            populations.setdefault((entry.on, entry.where), {})[judge.agreement] = None
    for (on, where), agreements in populations.items():
        words = f"{listed(agreements)} admit{'s' if len(agreements) == 1 else ''} students of whom {condition_words(where)}"
        for element in columns_of(parse_condition(where, on)):
            if on == need.table:
                yield RequiredCell(
                    element, True, f"empty, so nobody can tell whether the row is in scope: {words}", CURE
                )
            else:
                said = f"{on}.{element} of the student is empty, so nobody can tell whether the row is in scope: {words}"
                yield RequiredCell(element, False, said, f"load {on} with it first")
    if table.starts and is_single(table):
        for element in table.starts:
            yield RequiredCell(element, True, "empty, so nobody can tell whether the day is in scope", CURE)
