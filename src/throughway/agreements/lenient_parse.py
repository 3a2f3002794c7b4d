"""A document with faults, read as far as it goes, so that the law is reviewed in what does stand there."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.findings import ReviewFinding

ROUNDS = 12  # each puts right one layer: a section first, then what the section lacks

# What stands in for a missing field, so chosen that no rule finds fault with it.
STAND_INS: Mapping[str, object] = {
    "throughway": "agreement/1",
    "id": "unnamed",
    "tier": "dsa",
    "parties": [],
    "terms": {},
    "clauses": {},
    "effective": "0001-01-01",
    "expires": "9999-12-31",
    "minimum_cell": 10,
    "training": ["unnamed"],
    "destruction": {},
    "within_days": 1,
    "kind": "operations",
    "basis": "consent",
    "form": "identified",
    "purposes": [],
}


def readable_part(values: Mapping[str, Any]) -> AgreementDocument | None:
    """The document with each wrong field left out and each missing one stood in for; None when nothing can be made."""
    draft: Any = deepcopy(dict(values))
    for _ in range(ROUNDS):
        try:
            return AgreementDocument.model_validate(draft)
        except ValidationError as error:
            for fault in reversed(error.errors(include_url=False, include_input=False)):
                _put_right(draft, tuple(fault["loc"]), missing=fault["type"] == "missing")
    return None


def apart_from_faults(found: list[ReviewFinding], faults: list[ReviewFinding]) -> list[ReviewFinding]:
    """What the rules found, without what they say of fields that are at fault already."""
    parties_at_fault = any(fault.element.startswith("parties") for fault in faults)
    return [
        finding
        for finding in found
        if not any(_hides(fault, finding.element) for fault in faults if fault.element)
        and not (parties_at_fault and finding.id == "D6")  # nobody can say yet who is no party
    ]


def _hides(fault: ReviewFinding, element: str) -> bool:
    """Whether the element depends on a field at fault, so that rules cannot judge it.

    A plain prefix: a purpose whose basis is at fault says nothing true of its basis_details either. A missing section
    hides nothing within: what it should hold is missing in truth.
    """
    path = _field(fault.element)
    return element.startswith(path) and not (fault.id == "D2" and element.startswith(f"{path}."))


def _field(path: str) -> str:
    """The list of texts that a wrong item stands in, else the path itself."""
    head, bracket, _ = path.rpartition("[")
    return head if bracket and path.endswith("]") and "." in head else path


def _put_right(draft: Any, location: tuple[str | int, ...], *, missing: bool) -> None:
    """Leaves the field at this place out, or stands in for it when it is missing."""
    container: Any = None
    field: str | int = ""
    value = draft
    for step in location:
        if isinstance(step, int) and not isinstance(value, list):
            continue  # one section or text where a list may stand
        container, field, value = value, step, _inside(value, step)
    if isinstance(container, dict) and missing:
        container[field] = deepcopy(STAND_INS.get(str(field), "unnamed"))
    elif isinstance(container, dict):
        container.pop(field, None)
    elif isinstance(container, list) and isinstance(field, int) and field < len(container):
        if isinstance(value, dict) or len(location) > 2:
            del container[field]  # one word of a list of words
        else:
            container[field] = {}  # a section keeps its place, so that the next one keeps its number


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
