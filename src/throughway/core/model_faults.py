"""Explains pydantic's validation errors in words that the author of a document understands."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from throughway.core.refusals import did_you_mean

Location = tuple[str | int, ...]


def path_of(location: Location, values: Any) -> str:
    """`purposes[0].kind`; a section written without a list is named without a number."""
    path = ""
    current = values
    for step in location:
        if isinstance(step, int):
            if not isinstance(current, list | tuple):
                continue  # one section or text in place of a list
            path += f"[{step}]"
            current = current[step] if step < len(current) else None
        else:
            path += f".{step}" if path else step
            current = current.get(step) if isinstance(current, Mapping) else None
    return path


def in_words(error: Mapping[str, Any], values: Any) -> str:
    """The end of a sentence that begins with the field: `must be a whole number`."""
    context = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return "is missing"
        case "enum" | "literal_error":
            return _one_of(str(context.get("expected", "")), _value_at(values, error["loc"]))
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
        case "string_too_short" | "too_short":
            return "is empty"
        case "string_type" | "string_sub_type" | "string_unicode":
            return "must be a text"
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "float_parsing" | "float_type" | "finite_number":
            return "must be a number"
        case "bool_parsing" | "bool_type":
            return "must be true or false"
        case "tuple_type" | "list_type":
            return "must be a list"
        case "model_type" | "dict_type" | "mapping_type" | "model_attributes_type":
            return "must be a section of named fields"
    return "has a value that cannot be read"


def known_fields(location: Location, model: type[BaseModel]) -> list[str]:
    """The names of the fields that the section at that place may have."""
    named = False  # whether the step is the name that an entry of a mapping has
    for step in location:
        if isinstance(step, int) or named:
            named = False
            continue
        field = next((f for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        found = model_in(field.annotation) if field else None
        if field is None or found is None:
            return []
        model, named = found, get_origin(field.annotation) is Mapping
    return [field.alias or name for name, field in model.model_fields.items()]


def model_in(annotation: object) -> type[BaseModel] | None:
    """The section's model within `X`, `X | None`, `tuple[X, ...]`, `Mapping[str, X]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := model_in(argument))), None)


def stands(values: Any, step: str | int) -> bool:
    """Whether the list or section contains this item or field."""
    if isinstance(step, int):
        return isinstance(values, list) and step < len(values)
    return isinstance(values, Mapping) and step in values


def _one_of(expected: str, value: object) -> str:
    choices = [c.strip(" '") for c in expected.replace(" or ", ", ").split(",")]
    near = did_you_mean(value, choices)
    message = f"must be {'one of ' if len(choices) > 1 else ''}{', '.join(choices)}"
    return message + (f"; {near}" if near else "")


def _value_at(values: Any, location: Location) -> object:
    for step in location:
        if stands(values, step):
            values = values[step]
    return values
