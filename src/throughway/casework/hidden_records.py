"""What came in about a student and is not shown, because a cell that an agreement's rule reads is empty: in words, never as not sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from throughway.gate.hidden_rows import HiddenRows, cell_words, rule_words, tables_words

ATTENDANCE = "attendance_day"
MISSING = " Until then this page cannot tell how many days of this year the student missed."


@dataclass(frozen=True)
class HiddenNotice:
    """`title` says whose records are not shown; `why`: which rule hides them and what is empty; `agreement` holds the rule."""

    title: str
    why: str
    agreement: str


def attendance_hidden(hidden: Collection[HiddenRows]) -> tuple[str, str]:
    """The partner whose attendance of this school year is not shown, and which cell is empty; both empty where none is hidden."""
    found = min((each for each in hidden if each.table == ATTENDANCE), default=None)
    return (found.discloser, found.cell) if found else ("", "")


def hidden_notices(hidden: Collection[HiddenRows], names: Mapping[str, str]) -> list[HiddenNotice]:
    """One for each rule of an agreement, with all kinds of records that it hides. `names`: of partners, by id."""
    by_rule: dict[tuple[str, str, str, str], list[str]] = {}
    for each in sorted(hidden):
        rule = (each.discloser, each.agreement, each.rule, each.element)
        by_rule.setdefault(rule, []).append(each.table)
    return [
        HiddenNotice(
            f"{names.get(discloser, discloser)} sent records of this school year that you are not shown",
            f"{tables_words(tables)}: {rule_words(rule)}, and {cell_words(element)} "
            f"of this student is empty. Ask {names.get(discloser, discloser)} to fill it in and send it again."
            f"{MISSING if ATTENDANCE in tables else ''}",
            agreement,
        )
        for (discloser, agreement, rule, element), tables in by_rule.items()
    ]
