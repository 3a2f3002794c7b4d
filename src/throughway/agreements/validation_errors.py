"""Format errors of a document as findings in words that its author understands.

D1 unreadable text, D2 a missing field, D3 an unknown field, D4 a wrong value. A missing field that a rule of law requires has that
rule's id instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from throughway.agreements.legal_review.findings import ReviewFinding, blocking
from throughway.core.model_faults import Location, in_words, known_fields, path_of, stands
from throughway.core.refusals import did_you_mean


@dataclass(frozen=True)
class Demand:
    """A rule of law that requires one field of the document."""

    id: str
    element: str
    message: str

    def finding(self) -> ReviewFinding:
        return blocking(self.id, self.element, self.message)


# By basis: the rules that require a field which the format requires too.
BY_BASIS = {
    "study": (
        Demand("S4", "schedule",
               "A study needs a written list of the information to be disclosed; list it in schedule."),
        Demand("S8", "terms.destruction.within_days",
               "A study must state when its records are destroyed; state terms.destruction.within_days, the "
               "number "
               "of days after the end."),
    ),
    "audit_evaluation": (
        Demand("A2", "schedule",
               "An audit or evaluation needs a written list of the records to be disclosed; list it in "
               "schedule."),
        Demand("A6", "terms.destruction.within_days",
               "An audit or evaluation must state when its records are destroyed; state "
               "terms.destruction.within_days, the number of days after the end."),
    ),
}  # fmt: skip


def bases_in_use(values: Mapping[str, Any]) -> frozenset[str]:
    """Every basis that a purpose or the custody names, in a document that may be invalid elsewhere."""
    sections: list[object] = []
    for name in ("purposes", "custody"):
        found = values.get(name)
        sections += found if isinstance(found, list) else [found]
    return frozenset(
        str(s["basis"]) for s in sections if isinstance(s, Mapping) and isinstance(s.get("basis"), str)
    )


def demands_on(values: Mapping[str, Any]) -> tuple[Demand, ...]:
    """What the bases in use require of this document; and the interest that each purpose's ledger entries record."""
    of_bases = [d for basis, demands in BY_BASIS.items() if basis in bases_in_use(values) for d in demands]
    purposes = values.get("purposes")
    count = len(purposes) if isinstance(purposes, list) else 0
    return (*of_bases, *(_interest(position) for position in range(count)))


def _interest(position: int) -> Demand:
    return Demand(
        "L2",
        f"purposes[{position}].interest",
        "Every disclosure is recorded with the readers' legitimate interest; state it in "
        f"purposes[{position}].interest.",
    )


WHAT_TO_ADD = {
    ("throughway",): "begin the document with `throughway: agreement/1`",
    ("id",): "give the agreement an id, such as riverbend-casework-2026",
    ("tier",): "say which tier this is: mou, dsa or dul",
    ("title",): "state in a few words what the agreement is about",
    ("parties",): "list the partners that agree, each with its roles",
    ("purposes",): "list what the records may be used for, by whom and by what right",
    ("schedule",): "list which elements are shown, under which purposes, and why each is necessary",
    ("terms",): "state effective, expires, minimum_cell, training and destruction",
    ("clauses",): "write the clauses that people sign, such as no_redisclosure and termination",
    ("terms", "effective"): "state the first day, as 2026-07-01",
    ("terms", "expires"): "state the last day, as 2028-06-30",
    ("terms", "minimum_cell"): "state the smallest count that may be published, such as 10",
    ("terms", "training"): "list the courses that a reader must hold, or write [] for none",
    ("terms", "destruction"): "state within_days and method: by when and how records are destroyed",
    ("destruction", "within_days"): "state within how many days after the end records are destroyed",
    ("destruction", "method"): "state how records are destroyed, such as NIST SP 800-88 purge",
    ("parties", "partner"): "name the partner by its id in the register",
    ("signatory", "title"): "name the office that signs, such as Superintendent",
    ("signatory", "authority"): "name what gives the office its authority, such as a board policy",
    ("purposes", "id"): "give the purpose an id; a reader states it when asking",
    ("purposes", "kind"): "say what kind of purpose it is: casework, linkage, reporting, evaluation, research or operations",
    ("purposes", "interest"): "state the legitimate interest of the readers",
    ("purposes", "basis"): "state the legal basis of the disclosure, such as consent or school_official",
    ("purposes", "form"): "say in what form records are shown: identified, pseudonymous or aggregate",
    ("custody", "basis"): "state the legal basis on which the steward houses the records, such as "
        "school_official",
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


def unreadable(message: str) -> ReviewFinding:
    return blocking("D1", "", message)


def faults_of(
    values: Mapping[str, Any], errors: Iterable[Mapping[str, Any]], model: type[BaseModel]
) -> list[ReviewFinding]:
    """A finding for each error that the model reports, and for the sections that a tier must have."""
    missing: list[Location] = []
    findings: list[ReviewFinding] = []
    demands = demands_on(values)
    for error in errors:
        location: Location = tuple(error["loc"])
        if error["type"] == "missing" or _is_null(values, location):
            missing.append(location)
        elif error["type"] == "extra_forbidden":
            findings.append(_unknown(location, values, model))
        else:
            findings.extend(_wrong(location, values, error, demands))
    if values.get("tier") != "mou":
        missing += [(name,) for name in ("purposes", "schedule") if values.get(name) is None]
    for location in dict.fromkeys(missing):
        findings.extend(_missing(location, values, demands))
    return list(dict.fromkeys(findings))


def _is_null(values: Any, location: Location) -> bool:
    """Whether the field is present without a value."""
    for step in location:
        if not stands(values, step):
            return False
        values = values[step]
    return values is None or values == ""


def _missing(location: Location, values: Mapping[str, Any], demands: Sequence[Demand]) -> list[ReviewFinding]:
    path = path_of(location, values)
    demanded = [d for d in demands if d.element == path]
    within = [d for d in demands if d.element.startswith(f"{path}.")]
    plain = blocking("D2", path, f"{path} is missing: {what_to_add(location)}.")
    return ([] if demanded else [plain]) + [d.finding() for d in (*demanded, *within)]


def _unknown(location: Location, values: Mapping[str, Any], model: type[BaseModel]) -> ReviewFinding:
    path = path_of(location, values)
    name = str(location[-1])
    known = known_fields(location[:-1], model)
    cure = did_you_mean(name, known, f"known here: {', '.join(known)}.")
    return blocking("D3", path, f"{path} is not a field of an agreement; {cure}")


def _wrong(
    location: Location, values: Mapping[str, Any], error: Mapping[str, Any], demands: Sequence[Demand]
) -> list[ReviewFinding]:
    path = path_of(location, values)
    empty = error["type"] == "string_too_short"
    problem = f"is missing: {what_to_add(location)}" if empty else in_words(error, values)
    message = f"{path or 'The document'} {problem}"
    message = message if message.endswith("?") else f"{message}."
    demanded = [d for d in demands if d.element == path]
    if demanded:
        return [blocking(d.id, path, message) for d in demanded]
    return [blocking("D4", path, message)]
