"""Fields that a document must have: those that the law asks for, where a missing one carries the rule's id instead of D2, and
what an author should add where any is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from throughway.agreements.legal_review.findings import ReviewFinding, blocking


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


WHAT_TO_ADD = {
    ("throughway",): "begin the document with `throughway: agreement/1`",
    ("id",): "give the agreement an id, such as riverbend-casework-2026",
    ("tier",): "say which tier this is: mou, dsa or dul",
    ("title",): "say in a few words what the agreement is about",
    ("parties",): "list the partners that agree, each with its roles",
    ("purposes",): "list what the records may be used for, by whom and by what right",
    ("schedule",): "list which elements are shown, under which purposes, and why each is necessary",
    ("terms",): "state effective, expires, minimum_cell, training and destruction",
    ("clauses",): "write the clauses that people sign, such as no_redisclosure and termination",
    ("terms", "effective"): "state the first day, as 2026-07-01",
    ("terms", "expires"): "state the last day, as 2028-06-30",
    ("terms", "minimum_cell"): "state below which number of persons a published count is withheld, such as 10",
    ("terms", "training"): "list the courses that a reader must hold, or write [] for none",
    ("terms", "destruction"): "state within_days and method: by when and how records are destroyed",
    ("destruction", "within_days"): "state within how many days after the end records are destroyed",
    ("destruction", "method"): "state how records are destroyed, such as NIST SP 800-88 purge",
    ("parties", "partner"): "name the partner by its id in the register",
    ("signatory", "title"): "name the office that signs, such as Superintendent",
    ("signatory", "authority"): "name what gives the office its authority, such as a board policy",
    ("purposes", "id"): "give the purpose an id; a reader states it when asking",
    ("purposes", "kind"): "say what kind of purpose it is: casework, linkage, reporting, evaluation, research or operations",
    ("purposes", "interest"): "say the legitimate interest of those who read",
    ("purposes", "basis"): "say by what right the records are disclosed, such as consent or school_official",
    ("purposes", "form"): "say in what form records are shown: identified, pseudonymous or aggregate",
    ("custody", "basis"): "say by what right the steward houses the records, such as school_official",
    ("schedule", "element"): "name the element, as attendance_day.attendance_event_date or attendance_day.*",
    ("schedule", "purposes"): "list the purposes under which the element is shown",
    ("population", "where"): "say which rows bring a student in, such as entry_grade_level IN ('06', '07')",
    ("population", "on"): "name the table whose rows decide, such as school_enrollment",
    ("project", "method"): "say how the project works",
    ("irb", "number"): "give the review board's number, or leave irb out",
    ("irb", "expires"): "give the day on which the approval ends, as 2028-06-30",
}  # fmt: skip


def what_to_add(location: tuple[str | int, ...]) -> str:
    """A few words for the field at this place of the document."""
    names = tuple(step for step in location if isinstance(step, str))
    return WHAT_TO_ADD.get(names[-2:]) or WHAT_TO_ADD.get(names[-1:]) or f"add a value for {names[-1]}"
