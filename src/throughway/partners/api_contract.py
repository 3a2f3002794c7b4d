"""The contract of an API endpoint: method, parameters and response. The API's description is generated from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from throughway.core.refusals import Refused
from throughway.partners.roles import Role

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("a day is written 2026-09-01")


def _flag(value: object) -> object:
    """Reads true and false from the text of a query string."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _writable(value: str) -> str:
    """Refuses the null character, which databases cannot store."""
    if "\0" in value:
        raise ValueError("a text holds no null character")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, AfterValidator(_writable)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class RequestSchema(BaseModel):
    """The parameters of an endpoint; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(RequestSchema):
    """Nothing."""


class ResponseSchema(BaseModel):
    """The response of an endpoint, for its description only: the document is the same as on the command line."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Contract:
    """`title`: what it does, in a few words; `about`: the rest. `allowed`: the roles that may use it."""

    method: Literal["GET", "POST"]
    title: str
    about: str
    takes: type[RequestSchema]
    gives: type[ResponseSchema]
    allowed: frozenset[Role]


def from_text(takes: type[RequestSchema], text: bytes) -> RequestSchema:
    """The parameters in a request's body. The refusal repeats nothing that was sent."""
    try:
        return takes.model_validate_json(text or b"{}")
    except ValidationError as error:
        raise _refused(takes, error) from None


def from_parts(takes: type[RequestSchema], parts: Mapping[str, list[str]]) -> RequestSchema:
    """The parameters in a query string."""
    twice = sorted(name for name in takes.model_fields if len(parts.get(name, ())) > 1)
    if twice:
        raise _bad(f"{twice[0]} is given more than once; give it once.")
    try:
        return takes.model_validate({name: values[0] for name, values in parts.items()})
    except ValidationError as error:
        raise _refused(takes, error) from None


def _refused(takes: type[RequestSchema], error: ValidationError) -> Refused:
    first: Mapping[str, Any] = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = ", ".join(takes.model_fields) or "nothing"
    name = ".".join(str(part) for part in first["loc"] if part in takes.model_fields)
    match first["type"]:
        case "json_invalid":
            return _bad("The body is no JSON in UTF-8; send one object.", "not_json")
        case "model_type":
            return _bad(f"The body is no JSON object; send one with {known}.", "not_json")
        case "missing":
            return _bad(f"{name} is missing; this takes {known}.")
        case "extra_forbidden":
            return _bad(f"Something was sent that this does not take; it takes {known}.")
        case "value_error":
            said = str(first["msg"]).removeprefix("Value error, ")
            return _bad(f"{name} cannot be read: {said}.")
    return _bad(f"{name} is of the wrong kind; see /api/openapi.json for what it is.")


def _bad(message: str, code: str = "bad_request") -> Refused:
    return Refused(message, code=code)
