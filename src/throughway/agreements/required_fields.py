"""Fields without which a basis in use is not lawful: a missing one carries the rule's id instead of D2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from throughway.agreements.findings import ReviewFinding, blocking


@dataclass(frozen=True)
class Demand:
    """A rule of law that asks for one field of the document."""

    id: str
    element: str
    message: str

    def finding(self) -> ReviewFinding:
        return blocking(self.id, self.element, self.message)


# By basis: the rules that ask for a field which the form of the document asks for too.
BY_BASIS = {
    "study": (
        Demand("S4", "schedule",
               "A study needs a written list of the information to be disclosed; list it in schedule."),
        Demand("S8", "terms.destruction.within_days",
               "A study must say by when its records are destroyed; state terms.destruction.within_days, the number "
               "of days after the end."),
    ),
    "audit_evaluation": (
        Demand("A2", "schedule",
               "An audit or evaluation needs a written list of the records to be disclosed; list it in schedule."),
        Demand("A6", "terms.destruction.within_days",
               "An audit or evaluation must say by when its records are destroyed; state "
               "terms.destruction.within_days, the number of days after the end."),
    ),
}  # fmt: skip


def bases_in_use(values: Mapping[str, Any]) -> frozenset[str]:
    """Every basis that a purpose or the custody names, in a document that may be wrong elsewhere."""
    sections: list[object] = []
    for name in ("purposes", "custody"):
        found = values.get(name)
        sections += found if isinstance(found, list) else [found]
    return frozenset(
        str(s["basis"]) for s in sections if isinstance(s, Mapping) and isinstance(s.get("basis"), str)
    )


def demands_on(values: Mapping[str, Any]) -> tuple[Demand, ...]:
    """What the bases in use ask of this document; and the interest that each purpose's ledger entries record."""
    of_bases = [d for basis, demands in BY_BASIS.items() if basis in bases_in_use(values) for d in demands]
    purposes = values.get("purposes")
    count = len(purposes) if isinstance(purposes, list) else 0
    return (*of_bases, *(_interest(position) for position in range(count)))


def _interest(position: int) -> Demand:
    return Demand(
        "L2",
        f"purposes[{position}].interest",
        "Every disclosure is recorded with the legitimate interest of those who read; state it in "
        f"purposes[{position}].interest.",
    )
