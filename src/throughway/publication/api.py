"""The registry of releases for programs: what was published, for everyone who signs in."""

from collections.abc import Mapping
from typing import Any

from django.urls import path

from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Nothing, ResponseSchema, endpoint
from throughway.publication import selectors


class ReleaseLine(ResponseSchema):
    id: str
    title: str
    at: str
    state: str
    public_on: str


class ReleaseList(ResponseSchema):
    releases: list[ReleaseLine]


class ReleaseWithTables(ResponseSchema):
    """`state`: waiting, held, public or withdrawn; a withdrawn release has no tables. `tables`: each with `title`, `by` and `cells`; a cell has `at`, `statistic`, `shown` and `withheld`. `by`: who published
    it, for the people of the same partner alone; so in `determination`, which says who determined when and under which rule that nobody can
    be identified. `relations`, `rates`, `beside`, `rule` and `certificate` are what `verify_release.py` verifies."""

    id: str
    title: str
    at: str
    by: str
    purpose: str
    as_of: str
    data_through: dict[str, str]
    agreements: list[str]
    minimum_cell: int
    disclosures: list[str]
    state: str
    public_on: str
    disclosers: list[str]
    missing: list[str]
    needs_approval: bool
    objections: list[dict[str, str]]
    withdrawn: dict[str, str] | None
    notes: list[str]
    tables: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    rates: list[dict[str, Any]]
    beside: list[str]
    rule: dict[str, Any] | None
    determination: dict[str, str] | None
    certificate: dict[str, Any] | None


@endpoint("GET", gives=ReleaseList)
def listed(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists what was published or withdrawn, newest first; what waits for its review, to the partners whose records it counts.

    As `throughway publish list`."""
    return {"releases": selectors.releases(actor)}


@endpoint("GET", gives=ReleaseWithTables)
def shown(actor: Actor, asked: Nothing, release: str) -> Mapping[str, Any]:
    """Shows the figures of one release, as published: small ones withheld.

    As `throughway publish show`."""
    found = selectors.release(release, actor)
    own = selectors.published(release, actor, tables=False).partner == actor.partner
    determined = found["determination"]
    hidden = {"by": "", "determination": {**determined, "by": ""} if isinstance(determined, dict) else None}
    return found if own else found | hidden


urlpatterns = [
    path("releases", listed, name="releases"),
    path("releases/<str:release>", shown, name="release"),
]
