"""The registry of releases for programs: what was published, for everyone who signs in."""

from collections.abc import Mapping
from typing import Any

from django.urls import path

from throughway.disclosure import reading
from throughway.partners.actor import Actor
from throughway.partners.contract import Given, Nothing
from throughway.partners.endpoints import endpoint


class ReleaseLine(Given):
    id: str
    title: str
    at: str


class ReleaseList(Given):
    releases: list[ReleaseLine]


class Release(Given):
    """`tables`: each with `title`, `by` and `cells`; a cell has `at`, `statistic`, `shown` and `withheld`. `by`: who published
    it, told to the people of the same partner."""

    id: str
    title: str
    at: str
    by: str
    purpose: str
    as_of: str
    agreements: list[str]
    minimum_cell: int
    disclosures: list[str]
    tables: list[dict[str, Any]]


@endpoint("GET", gives=ReleaseList)
def listed(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists what was published, newest first.

    As `throughway publish list`."""
    return {"releases": reading.releases()}


@endpoint("GET", gives=Release)
def shown(actor: Actor, asked: Nothing, release: str) -> Mapping[str, Any]:
    """Shows the figures of one release, as published: small ones withheld.

    As `throughway publish show`."""
    found = reading.release(release)
    return found if reading.published(release).partner == actor.partner else found | {"by": ""}


urlpatterns = [
    path("releases", listed, name="releases"),
    path("releases/<str:release>", shown, name="release"),
]
