"""The API's endpoint for the register of partners."""

from collections.abc import Mapping
from typing import Any

from django.urls import path

from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Nothing, ResponseSchema, endpoint
from throughway.partners.selectors import partners


class PartnerEntry(ResponseSchema):
    """`legal`: its legal statuses, including those that its kind implies."""

    id: str
    name: str
    kind: str
    legal: list[str]


class PartnerList(ResponseSchema):
    partners: list[PartnerEntry]


@endpoint("GET", gives=PartnerList)
def listed(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists the partners of the community.

    Same as `throughway partner list`."""
    return all_partners()


def all_partners() -> dict[str, Any]:
    return {
        "partners": [
            {"id": p.id, "name": p.name, "kind": str(p.kind), "legal": sorted(p.legal)}
            for p in partners().values()
        ]
    }


urlpatterns = [path("partners", listed, name="partners")]
