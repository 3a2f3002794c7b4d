"""The API's endpoint for persons: only counts."""

from collections.abc import Mapping
from typing import Any

from django.urls import path

from throughway.identity.selectors import last_run, tallied
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor, Role
from throughway.partners.api_endpoints import Nothing, ResponseSchema, endpoint


class OfPartner(ResponseSchema):
    partner: str
    records: int
    persons: int


class PersonCounts(ResponseSchema):
    """`linked`: when records were last linked across partners."""

    records: int
    persons: int
    partners: list[OfPartner]
    linked: str | None


@endpoint("GET", gives=PersonCounts, roles=(Role.DATA_STEWARD, Role.PRIVACY_OFFICER))
def counts(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Counts records and the persons whom they belong to: of all partners for the steward's staff, otherwise of your partner.

    The counts are those of `throughway link`."""
    found, run = tallied(), last_run()
    everything = sight(actor).everything
    partners = [
        {"partner": partner, "records": found.records[partner], "persons": found.persons[partner]}
        for partner in found.records
        if everything or partner == actor.partner
    ]
    # There is at most one, where the actor may not see everything.
    own = next(iter(partners), {"records": 0, "persons": 0})
    return {
        "records": found.all_records if everything else own["records"],
        "persons": found.all_persons if everything else own["persons"],
        "partners": partners,
        "linked": run.at.isoformat() if run else None,
    }


urlpatterns = [path("persons", counts, name="persons")]
