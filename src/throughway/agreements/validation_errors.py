"""What is wrong with the form of a document, as findings in words that its author understands.

D1 unreadable text, D2 a missing field, D3 an unknown field, D4 a wrong value. A missing field that a rule of law asks
for carries that rule's id instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from throughway.agreements.legal_review.findings import ReviewFinding, blocking
from throughway.agreements.required_fields import Demand, demands_on, what_to_add
from throughway.core.model_faults import Location, in_words, known_fields, path_of, stands
from throughway.core.refusals import did_you_mean


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
    """Whether the field stands there with nothing after its colon."""
    for step in location:
        if not stands(values, step):
            return False
        values = values[step]
    return values is None or values == ""


def _missing(location: Location, values: Mapping[str, Any], demands: Sequence[Demand]) -> list[ReviewFinding]:
    path = path_of(location, values)
    asked = [d for d in demands if d.element == path]
    within = [d for d in demands if d.element.startswith(f"{path}.")]
    plain = blocking("D2", path, f"{path} is missing: {what_to_add(location)}.")
    return ([] if asked else [plain]) + [d.finding() for d in (*asked, *within)]


def _unknown(location: Location, values: Mapping[str, Any], model: type[BaseModel]) -> ReviewFinding:
    path = path_of(location, values)
    name = str(location[-1])
    known = known_fields(location[:-1], model)
    cure = did_you_mean(name, known, f"known here: {', '.join(known)}.")
    return blocking("D3", path, f"{path} is no field of an agreement; {cure}")


def _wrong(
    location: Location, values: Mapping[str, Any], error: Mapping[str, Any], demands: Sequence[Demand]
) -> list[ReviewFinding]:
    path = path_of(location, values)
    empty = error["type"] == "string_too_short"
    said = f"is missing: {what_to_add(location)}" if empty else in_words(error, values)
    message = f"{path or 'The document'} {said}"
    message = message if message.endswith("?") else f"{message}."
    asked = [d for d in demands if d.element == path]
    if asked:
        return [blocking(d.id, path, message) for d in asked]
    return [blocking("D4", path, message)]
