"""Published reports for programs. A report is made on the site or by a command; a token reads what was published."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import path

from throughway.insight.figures import step_to_json, to_json
from throughway.insight.selectors import Report, newest_report, report
from throughway.partners.actor import Actor
from throughway.partners.api_contract import Nothing, ResponseSchema
from throughway.partners.api_endpoints import endpoint
from throughway.publication.selectors import iso


class Pipeline(ResponseSchema):
    """Each figure of `milestones` and `steps` says what is shown, and whether it is withheld."""

    release: str
    title: str
    purpose: str
    as_of: str
    data_through: dict[str, str]
    state: str
    public_on: str
    minimum_cell: int
    agreements: list[str]
    headline: str
    method: dict[str, list[str]]
    milestones: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    notes: list[str]


@endpoint("GET", gives=Pipeline)
def newest(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Shows the figures of the newest pipeline that was published.

    As `throughway report pipeline` gave them when it was made."""
    made = newest_report()
    if made is None:
        raise Http404
    return document_of(made)


@endpoint("GET", gives=Pipeline)
def one(actor: Actor, asked: Nothing, release: str) -> Mapping[str, Any]:
    """Shows the figures of an earlier pipeline, by its release."""
    return document_of(report(release, actor))


def document_of(made: Report) -> dict[str, Any]:
    """A published pipeline as a document for programs."""
    return {
        "release": made.release.id,
        "title": made.release.title,
        "purpose": made.release.purpose,
        "as_of": made.release.on.isoformat(),
        "data_through": made.release.data_through,
        "state": str(made.release.standing.state),
        "public_on": iso(made.release.standing.public_on),
        "minimum_cell": made.release.minimum_cell,
        "agreements": list(made.release.agreements),
        "headline": made.page.headline,
        "method": made.page.method.to_json(),
        "milestones": [to_json(milestone) for milestone in made.page.figures.milestones],
        "steps": [step_to_json(step) for step in made.page.figures.steps],
        "notes": list(made.page.provenance.linkage),
    }


urlpatterns = [
    path("reports/pipeline", newest, name="pipeline"),
    path("reports/pipeline/<str:release>", one, name="pipeline_of"),
]
