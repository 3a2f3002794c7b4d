"""The shape of pasted values: sections are sections and lists are lists, so that forms and summaries can show them.

Whether a value is right is for the review to say; here `roles: discloser` becomes a list of one, and `terms: soon` is refused.
"""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from throughway.agreements.document import AgreementDocument
from throughway.core.refusals import Refused


def shaped(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with a list of one in place of a single text where the format has a list; Refused where a section or list is something else."""
    return _section(values, AgreementDocument, "")


def _section(values: Mapping[str, Any], model: type[BaseModel], path: str) -> dict[str, Any]:
    # Pydantic stores validators apart from a field's annotation, so the annotation gives the type.
    fields = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    shaped = {}
    for name, value in values.items():
        if value == "closed" and (path, name) == ("", "joinder"):
            continue  # as it is anyway
        shaped[name] = (
            _value(value, fields[name], f"{path}.{name}" if path else name) if name in fields else value
        )
    return shaped


def _value(value: Any, annotation: Any, path: str) -> Any:
    if value is None:
        return None
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not isinstance(value, Mapping):
            raise _refused(path, "a section of named fields")
        return _section(value, annotation, path)
    if get_origin(annotation) is tuple:
        rows = value if isinstance(value, list) else [value]
        return [_value(row, get_args(annotation)[0], f"{path}[{n}]") for n, row in enumerate(rows)]
    if get_origin(annotation) is Mapping or getattr(annotation, "__origin__", None) is Mapping:
        if not isinstance(value, Mapping):
            raise _refused(path, "a section of named fields")
        return dict(value)
    if isinstance(value, list | Mapping):
        raise _refused(path, "one value")
    return value


def _bare(annotation: Any) -> Any:
    """`X` of `Annotated[X, …]` and of `X | None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def _refused(path: str, what: str) -> Refused:
    return Refused(f"{path} must be {what}; mend it and save again.", code="misshapen")
