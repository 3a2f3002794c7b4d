"""What is wrong with the form of a document, as findings in words that its author understands.

D1 unreadable text, D2 a missing field, D3 an unknown field, D4 a wrong value. A missing field that a rule of law asks
for carries that rule's id instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from throughway.agreements.findings import ReviewFinding, blocking
from throughway.agreements.required_fields import Demand, demands_on, what_to_add
from throughway.core.refusals import did_you_mean

Location = tuple[str | int, ...]


def unreadable(message: str) -> ReviewFinding:
    return blocking("D1", "", message)


def path_of(location: Location, values: Mapping[str, Any]) -> str:
    """`purposes[0].kind`; a section written without a list is named without a number."""
    path = ""
    current: Any = values
    for step in location:
        if isinstance(step, int):
            if not isinstance(current, list | tuple):
                continue  # one section or text where a list may stand
            path += f"[{step}]"
            current = current[step] if step < len(current) else None
        else:
            path += f".{step}" if path else step
            current = current.get(step) if isinstance(current, Mapping) else None
    return path


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
        if not _stands(values, step):
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
    known = _fields_at(location[:-1], model)
    cure = did_you_mean(name, known, f"known here: {', '.join(known)}.")
    return blocking("D3", path, f"{path} is no field of an agreement; {cure}")


def _wrong(
    location: Location, values: Mapping[str, Any], error: Mapping[str, Any], demands: Sequence[Demand]
) -> list[ReviewFinding]:
    path = path_of(location, values)
    message = f"{path or 'The document'} {_in_words(error, values, location)}"
    message = message if message.endswith("?") else f"{message}."
    asked = [d for d in demands if d.element == path]
    if asked:
        return [blocking(d.id, path, message) for d in asked]
    return [blocking("D4", path, message)]


def _in_words(error: Mapping[str, Any], values: Mapping[str, Any], location: Location) -> str:
    context = error.get("ctx") or {}
    match error["type"]:
        case "enum" | "literal_error":
            return _one_of(str(context.get("expected", "")), _value_at(values, location))
        case "value_error":
            return str(context.get("error", "has a wrong value"))
        case "string_pattern_mismatch":
            return "must be an id: small letters, digits, hyphens and underscores, at most 100"
        case "greater_than_equal":
            return f"must be {context.get('ge')} or more"
        case "less_than_equal":
            return f"must be {context.get('le')} or less"
        case "string_too_long":
            return f"is longer than {context.get('max_length')} characters"
        case "string_too_short":
            return f"is missing: {what_to_add(location)}"
        case "string_type" | "string_sub_type" | "string_unicode":
            return "must be a text"
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "float_parsing" | "float_type" | "finite_number":
            return "must be a number"
        case "tuple_type" | "list_type":
            return "must be a list"
        case "model_type" | "dict_type" | "mapping_type" | "model_attributes_type":
            return "must be a section of named fields"
    return "has a value that cannot be read"


def _one_of(expected: str, value: object) -> str:
    choices = [c.strip(" '") for c in expected.replace(" or ", ", ").split(",")]
    if len(choices) == 1:
        return f"must be {choices[0]}"
    near = did_you_mean(value, choices)
    return f"must be one of {', '.join(choices)}" + (f"; {near}" if near else "")


def _value_at(values: Any, location: Location) -> object:
    for step in location:
        if _stands(values, step):
            values = values[step]
    return values


def _stands(values: Any, step: str | int) -> bool:
    """Whether the list or section has this item or field."""
    if isinstance(step, int):
        return isinstance(values, list) and step < len(values)
    return isinstance(values, Mapping) and step in values


def _fields_at(location: Location, model: type[BaseModel]) -> list[str]:
    for step in location:
        if isinstance(step, str):
            field = next((f for n, f in model.model_fields.items() if step in (n, f.alias)), None)
            found = model_in(field.annotation) if field else None
            if found is None:
                return []
            model = found
    return [field.alias or name for name, field in model.model_fields.items()]


def model_in(annotation: object) -> type[BaseModel] | None:
    """The section's model within `X`, `X | None`, `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := model_in(argument))), None)
