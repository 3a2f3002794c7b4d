"""The effects that a study's page and its JSON tell, held against the certified table of its release.

The digest of a release covers its tables. What its page says of a study's effects is stored beside them, and must say the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FIGURES = {"estimate": "estimate", "low": "interval from", "high": "interval to"}


def told_otherwise(finding: Mapping[str, Any] | None, tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each effect of which the finding tells another figure than the tables show. It repeats neither figure."""
    shown: dict[tuple[str, str], Any] = {
        (cell["at"]["subgroup"], cell["at"]["figure"]): cell["shown"]
        for table in tables
        for cell in table["cells"]
        if cell["statistic"] == "effect"
    }
    return [
        f"The finding tells another figure than the release shows for {name}, {figure}."
        for name, effect in (_effects(finding) if finding else ())
        for told, figure in FIGURES.items()
        if not _same(effect[told], shown.get((name, figure)))
    ]


def _effects(finding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if finding.get("effect"):
        yield finding["effect"]["name"], finding["effect"]
    for kind in finding.get("subgroups", ()):
        for effect in kind["effects"]:
            yield f"{kind['by']}: {effect['name']}", effect


def _same(told: float | None, shown: Any) -> bool:
    """Whether a table shows this figure with as many digits as it has room for."""
    if told is None or shown is None:
        return told is None and shown is None
    decimals = len(str(shown).partition(".")[2])
    return bool(abs(float(shown) - told) <= 0.5 * 10**-decimals + 1e-9)
