"""Days, lists, counts and capitals in sentences, written the same on every page and in every refusal."""

from collections.abc import Iterable, Mapping
from datetime import date


def day(on: date) -> str:
    """30 June 2027."""
    return f"{on.day} {on:%B %Y}"


def listed(words: Iterable[str]) -> str:
    """`a, b and c`; empty for no words."""
    *first, last = (*words,) or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def data_through(days: Mapping[str, str]) -> str:
    """`The data go to 20 November 2026 (Riverbend Schools) and 5 June 2026 (Lakeside Schools).`, the latest day first; empty of
    none. `days`: names of partners, each with its day as 2026-11-20."""
    names: dict[str, list[str]] = {}
    for name, on in sorted(days.items()):
        names.setdefault(on, []).append(name)
    parts = (f"{day(date.fromisoformat(on))} ({listed(names[on])})" for on in sorted(names, reverse=True))
    return f"The data go to {listed(parts)}." if days else ""


def counted(number: int, one: str, many: str = "") -> str:
    """`counted(1, "student")` is 1 student; `counted(1200, "student")` is 1,200 students; `many` where no s makes the plural."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """`percent(0.125)` is 12.5%."""
    return f"{100 * share:g}%"


def capital(text: str) -> str:
    """The text with its first letter large and the others as they are: `grade-12 FAFSA` is Grade-12 FAFSA."""
    return text[:1].upper() + text[1:]


def school_year(ending: int) -> str:
    """`school_year(2025)` is 2024-25."""
    return f"{ending - 1}-{ending % 100:02d}"
