"""The API's root: what there is, and its description for machines."""

from collections.abc import Mapping
from typing import Any

from throughway.partners import Actor
from throughway.partners.api_contract import Nothing, ResponseSchema
from throughway.partners.api_endpoints import endpoint
from throughway.site.api.describing import endpoints, openapi


class ApiEntry(ResponseSchema):
    method: str
    address: str
    what: str


class ApiRoot(ResponseSchema):
    """Whom the token speaks for, and what may be asked with it."""

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
def root(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists what may be asked in your role, and says whom the token speaks for."""
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
def description(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Describes the API for machines (OpenAPI 3.1)."""
    return openapi()
