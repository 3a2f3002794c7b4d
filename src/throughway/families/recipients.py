"""Who received a part of a student's record, by the ledger."""

from collections.abc import Iterable, Mapping
from typing import Any

from throughway.consent.amendments import covers

RECEIVED = frozenset({"released", "passed_on"})


def recipients(entries: Iterable[Mapping[str, Any]], partner: str, element: str) -> list[str]:
    """The partners to which the entries gave the element of the partner's record, but for the partner itself. An entry that
    names no element (what an authority passed on) may have given any."""
    found: set[str] = set()
    for entry in entries:
        if entry["outcome"] not in RECEIVED or partner not in entry["disclosers"]:
            continue
        if entry["elements"] and not covers(element, entry["elements"]):
            continue
        own = entry["actor"]["partner"]
        found |= {r for r in (*entry["recipients"], own) if r}
    return sorted(found - {partner})
