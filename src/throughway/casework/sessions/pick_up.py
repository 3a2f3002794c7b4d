"""Who may take a student home after a session: adults whom the records name for it, as far as an agreement shows them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from throughway.casework.student_facts import words
from throughway.consent.limit import GUARDIAN, GUARDIAN_NAMES, RESTRICTIONS
from throughway.core.person_names import comparable_name

TABLE = GUARDIAN
CUSTODY, EMERGENCY = "custodial_parent_or_guardian_indicator", "emergency_contact_indicator"
NAMES = GUARDIAN_NAMES
MORE = ("person_relationship_type", "telephone_number")
ASK = "Ask the office before this student leaves with anybody."
YES = frozenset({"Yes", "yes", "true", "True", True})


@dataclass(frozen=True)
class PickUpAdult:
    """One adult who may come. `why`: what the records say."""

    name: str
    relation: str
    telephone: str
    why: str


@dataclass(frozen=True)
class PickUp:
    """Who may take one student home; without adults, the office must be asked."""

    adults: tuple[PickUpAdult, ...] = ()

    @property
    def ask(self) -> str:
        return "" if self.adults else ASK


def columns_needed(shown: Collection[str]) -> tuple[str, ...]:
    """The columns to read, of those that an agreement shows; none where it does not show limits on contact, since then no adult may
    be named: a court order could be hidden."""
    names = {*NAMES} & {*shown}
    says = {CUSTODY, EMERGENCY} & {*shown}
    if RESTRICTIONS not in shown or not names or not says:
        return ()
    return tuple(c for c in (RESTRICTIONS, *NAMES, CUSTODY, EMERGENCY, *MORE) if c in shown)


def pick_ups(rows: Iterable[Mapping[str, Any]], limited: Collection[int]) -> dict[int, PickUp]:
    """By student, who may come, from rows of `guardian`. `limited`: students for whom an order limits some adult.

    Nobody is named for a student where any limit is recorded, on this adult or on another: whom it concerns is shown at a press alone.
    """
    adults: dict[int, dict[str, PickUpAdult]] = {}
    closed = set(limited)
    for row in rows:
        person = int(row["person_id"])
        if row.get(RESTRICTIONS):
            closed.add(person)
            continue
        why = "custodial parent or guardian" if row.get(CUSTODY) in YES else ""
        why = why or ("emergency contact" if row.get(EMERGENCY) in YES else "")
        name = _name(row)
        if why and name:
            found = PickUpAdult(name, words(str(row.get(MORE[0]) or "")), str(row.get(MORE[1]) or ""), why)
            adults.setdefault(person, {}).setdefault(comparable_name(name), found)
    return {person: PickUp(tuple(found.values())) for person, found in adults.items() if person not in closed}


def barred_by_records(rows: Iterable[Mapping[str, Any]], person: int) -> list[str]:
    """The names of the student's adults for whom the records say a limit on contact."""
    of_person = (row for row in rows if int(row["person_id"]) == person and row.get(RESTRICTIONS))
    return [name for row in of_person if (name := _name(row))]


def _name(row: Mapping[str, Any]) -> str:
    return " ".join(str(row.get(n) or "") for n in NAMES).strip()
