"""How pages and files write the year in the place of a figure: 2025-26, for what is registered by its ending year as 2026."""

from collections.abc import Callable, Mapping

from throughway.core.prose import school_year
from throughway.insight.commitments.figures import YEAR_BEFORE
from throughway.insight.pipeline_tables import MILESTONE
from throughway.insight.trends.choices import TREND_OUTCOMES
from throughway.insight.trends.tables import CLASS
from throughway.publication.tables import ALONE

NAMED_YEAR: Mapping[str, Callable[[int], int]] = {each.name: each.named_year for each in TREND_OUTCOMES}


def is_school_year(dimension: str) -> bool:
    """Whether a dimension of a report's tables has ending years of school years."""
    return dimension.startswith("school year") or dimension == YEAR_BEFORE


def value_words(at: Mapping[str, str], dimension: str) -> str:
    """The value of a place; a class by the school year that names it."""
    value = at[dimension]
    if dimension in (CLASS, f"{CLASS}{ALONE}"):
        return years_in_words(value, NAMED_YEAR.get(at.get(MILESTONE, ""), int))
    return years_in_words(value, int) if is_school_year(dimension) else value


def years_in_words(label: str, named_year: Callable[[int], int]) -> str:
    """`2024` as 2023-24; several together by their first and last; what holds no year as it is."""
    years = [school_year(named_year(int(word))) for word in label.split() if word.isdigit()]
    if not years:
        return label
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}, together"
