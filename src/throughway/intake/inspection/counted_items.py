"""Columns that are counted: the questions of a survey, the items of a test, the periods of a day."""

import re
from collections.abc import Sequence

from throughway.intake.inspection.column_profile import ColumnProfile
from throughway.intake.inspection.element_fit import ANSWER, SCORE, SURE, ElementCandidate
from throughway.intake.inspection.headings import HeadingMatch

# `SED 1: Self-Identity`, `Q3. I feel safe`, `Item_12`, `PHQ9_4`
BATTERY = re.compile(
    r"(?i)\W*(?P<of>(?:[a-z][a-z&/ -]{0,12}?)?|[a-z]{2,5}-?\d{1,2}_)[ _-]?\d{1,3}[a-z]?(?:_\d{1,2})?(?:\s*[:.)]\s*\S.*)?"
)
PERIODS = frozenset({"p", "per", "pd", "prd", "period", "hr", "hour", "blk", "block"})
ASKS = frozenset({"", "q", "question", "item", "pregunta", "p", "preg", "sq", "quest", "ques"})


def of_a_battery(
    column: ColumnProfile, candidates: list[ElementCandidate], columns: Sequence[ColumnProfile]
) -> list[ElementCandidate]:
    """One of four items or more that are counted: an answer of a survey, or a score. Not where the heading is a name that is known."""
    found = BATTERY.fullmatch(column.name)
    if (
        found
        and found["of"].strip().lower() in PERIODS
        and column.distinct <= 12
        and column.share(r"[A-Za-z-]{1,3}|[A-Z][a-z]+( [A-Za-z]+)?") > 0.9
    ):
        match = HeadingMatch("attendance_day.attendance_status", 0.75, "period")
        return [ElementCandidate(match, 1.0, "each cell is what happened in a period", told=True)]
    if (
        found is None
        or re.fullmatch(r"[\d\W]*", column.name)
        or any(c.match.score >= SURE and c.fit > 0.9 for c in candidates)
    ):
        return candidates
    asks = found["of"].strip().lower() in ASKS
    alike = [
        other
        for c in columns
        if (other := BATTERY.fullmatch(c.name))
        and (":" in c.name or other["of"].lower() == found["of"].lower())
    ]
    few = column.distinct <= 12 and column.share(r".{1,40}") == 1
    if len(alike) < 4 or not (few or asks):
        return candidates
    scored = not asks and column.share(r"\d{1,2}(\.\d+)?") > 0.9
    match = HeadingMatch(SCORE if scored else ANSWER, 0.75, found["of"].strip() or "question")
    return [ElementCandidate(match, 1.0, f"one of {len(alike)} items that are counted", told=True)]
