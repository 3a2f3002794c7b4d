"""Reads a document with faults as far as possible, so that the law is reviewed on the readable part."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.findings import ReviewFinding

ROUNDS = 12  # each pass repairs one layer: a section first, then what the section lacks

# Substitutes for missing fields, chosen so that no rule reports them.
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
    """The document with wrong fields removed and missing ones substituted; None where that is impossible."""
    draft: Any = deepcopy(dict(values))
    for _ in range(ROUNDS):
        try:
            return AgreementDocument.model_validate(draft)
        except ValidationError as error:
            for fault in reversed(error.errors(include_url=False, include_input=False)):
                _put_right(draft, tuple(fault["loc"]), missing=fault["type"] == "missing")
    return None


def apart_from_faults(found: list[ReviewFinding], faults: list[ReviewFinding]) -> list[ReviewFinding]:
    """The findings of the rules, without those about fields that are already at fault."""
    parties_at_fault = any(fault.element.startswith("parties") for fault in faults)
    return [
        finding
        for finding in found
        if not any(_hides(fault, finding.element) for fault in faults if fault.element)
        and not (parties_at_fault and finding.id == "D6")  # the parties are not known yet
    ]


def _hides(fault: ReviewFinding, element: str) -> bool:
    """Whether the element depends on a field at fault, so that rules cannot judge it.

    Uses a plain prefix: where a purpose's basis is at fault, its basis_details cannot be judged either. A missing section hides
    nothing within it: its contents are missing.
    """
    path = _field(fault.element)
    return element.startswith(path) and not (fault.id == "D2" and element.startswith(f"{path}."))


def _field(path: str) -> str:
    """The list that contains a wrong item, otherwise the path itself."""
    head, bracket, _ = path.rpartition("[")
    return head if bracket and path.endswith("]") and "." in head else path


def _put_right(draft: Any, location: tuple[str | int, ...], *, missing: bool) -> None:
    """Removes the field at this place, or substitutes it when it is missing."""
    container: Any = None
    field: str | int = ""
    value = draft
    for step in location:
        if isinstance(step, int) and not isinstance(value, list):
            continue  # one section or text in place of a list
        container, field, value = value, step, _inside(value, step)
    if isinstance(container, dict) and missing:
        container[field] = deepcopy(STAND_INS.get(str(field), "unnamed"))
    elif isinstance(container, dict):
        container.pop(field, None)
    elif isinstance(container, list) and isinstance(field, int) and field < len(container):
        if isinstance(value, dict) or len(location) > 2:
            del container[field]  # one word of a list of words
        else:
            # A section keeps its position, so that the indexes of later ones do not change.
            container[field] = {}


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
