"""The API's root: the list of endpoints, and its OpenAPI 3.1 description, generated from their URLs, contracts and docstrings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from throughway import __version__
from throughway.partners import Actor, Role
from throughway.partners.api_endpoints import Contract, Nothing, ResponseSchema, endpoint

KINDS = {"int": {"type": "integer"}, "uuid": {"type": "string", "format": "uuid"}, "str": {"type": "string"}}
PART = re.compile(r"<(\w+):(\w+)>")
SCHEMAS = "#/components/schemas/{model}"
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "citations"],
            "properties": {
                "code": {"type": "string", "description": "A stable word for programs."},
                "message": {"type": "string", "description": "One sentence: what is wrong, and what to do."},
                "citations": {"type": "array", "items": {"type": "string"}},
            },
        }
    },
}
FAULTS = {
    "401": "No token was sent, or it is not valid.",
    "403": "The request is not allowed; the citations say which rule or law forbids it. The refusal is recorded.",
    "404": "It does not exist, or you may not see it; the answer is the same for both.",
    "405": "The address does not accept that method.",
    "413": "The body is larger than 1 MB.",
    "415": "The body is not JSON.",
    "422": "The request is malformed or cannot be answered.",
    "429": "Too many requests; see Retry-After.",
    "503": "The site is busy and nothing was lost; try again in a minute.",
}


@dataclass(frozen=True)
class DescribedEndpoint:
    """One endpoint: its name, its address under the root with `{parts}`, the kind of each part, its contract."""

    name: str
    address: str
    parts: dict[str, str]
    contract: Contract


def endpoints() -> list[DescribedEndpoint]:
    """Every endpoint that an address leads to, by address."""
    root = next(
        each
        for each in get_resolver().url_patterns
        if isinstance(each, URLResolver) and each.namespace == "api"
    )
    return sorted(_endpoints_of(root, "/api/"), key=lambda each: each.address)


def _endpoints_of(resolver: URLResolver, prefix: str) -> Iterator[DescribedEndpoint]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _endpoints_of(pattern, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "contract"):
            parts = {name: kind for kind, name in PART.findall(route)}
            yield DescribedEndpoint(
                str(pattern.name), PART.sub(r"{\2}", route), parts, pattern.callback.contract
            )


@cache
def openapi() -> dict[str, Any]:
    found = endpoints()
    models = list(dict.fromkeys(model for e in found for model in (e.contract.takes, e.contract.gives)))
    _check_named_once([model.__name__ for model in models])
    as_sent: list[tuple[type[BaseModel], Literal["validation"]]] = [(m, "validation") for m in models]
    schemas = models_json_schema(as_sent, ref_template=SCHEMAS)[1].get("$defs", {})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Throughway",
            "version": __version__,
            "description": "What the pages and the command line show, for programs, through the same gate. "
            "The API is read-only.",
        },
        "security": [{"token": []}],
        "paths": {each.address: {each.contract.method.lower(): _operation(each)} for each in found},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted((schemas | {"Error": ERROR}).items())),
        },
    }


def _check_named_once(names: list[str]) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two contracts are called {', '.join(sorted(twice))}")


def _operation(each: DescribedEndpoint) -> dict[str, Any]:
    contract = each.contract
    posts = contract.method == "POST"
    faults = {s for s in FAULTS if posts or s not in ("413", "415")} - (
        set() if contract.takes.model_fields else {"422"}
    )
    operation: dict[str, Any] = {
        "operationId": each.name,
        "summary": contract.title,
        "description": " ".join(filter(None, [contract.about, _roles_text(contract)])),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": KINDS[kind]}
            for name, kind in each.parts.items()
        ],
        "responses": {
            "200": {"description": "Done.", "content": _json(SCHEMAS.format(model=contract.gives.__name__))},
            **{
                status: {"description": FAULTS[status], "content": _json(SCHEMAS.format(model="Error"))}
                for status in sorted(faults)
            },
        },
    }
    if posts:
        body = _json(SCHEMAS.format(model=contract.takes.__name__))
        operation["requestBody"] = {"required": True, "content": body}
    else:
        schema = contract.takes.model_json_schema()
        operation["parameters"] += [
            {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": kind}
            for name, kind in schema.get("properties", {}).items()
        ]
    return operation


def _json(reference: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": reference}}}


def _roles_text(contract: Contract) -> str:
    if contract.allowed == frozenset(Role):
        return ""
    return f"Open to {', '.join(role.label.lower() for role in Role if role in contract.allowed)}."


class ApiEntry(ResponseSchema):
    method: str
    address: str
    what: str


class ApiRoot(ResponseSchema):
    """The token's user, and the endpoints that it may use."""

    email: str
    partner: str | None
    role: str
    description: str
    endpoints: list[ApiEntry]


class ApiDescription(ResponseSchema):
    openapi: str
    info: dict[str, Any]
    security: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


@endpoint("GET", gives=ApiRoot)
def root(actor: Actor, parameters: Nothing) -> Mapping[str, Any]:
    """Lists the endpoints that your role may use, and names the token's user."""
    return {
        "email": actor.email,
        "partner": actor.partner,
        "role": actor.role,
        "description": "/api/openapi.json",
        "endpoints": [
            {"method": each.contract.method, "address": each.address, "what": each.contract.title}
            for each in endpoints()
            if actor.role in each.contract.allowed
        ],
    }


@endpoint("GET", gives=ApiDescription)
def description(actor: Actor, parameters: Nothing) -> Mapping[str, Any]:
    """Describes the API for machines (OpenAPI 3.1)."""
    return openapi()
