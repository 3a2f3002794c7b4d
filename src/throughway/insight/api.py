"""The API's endpoints for published reports. The site or a command makes a report; a token only reads published ones."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import path

from throughway.insight.actions import registration
from throughway.insight.pipeline_page import page_to_json
from throughway.insight.selectors import Report, newest_report, report
from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Nothing, ResponseSchema, endpoint


class Pipeline(ResponseSchema):
    """Each figure in `milestones` and `steps` has the value shown, or says that it is withheld."""

    release: str
    title: str
    purpose: str
    as_of: str
    data_through: dict[str, str]
    state: str
    public_on: str
    minimum_cell: int
    rule: dict[str, str] | None
    two_people: bool
    agreements: list[str]
    headline: str
    method: dict[str, list[str]]
    milestones: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    notes: list[str]


@endpoint("GET", gives=Pipeline)
def newest(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Shows the figures of the newest pipeline that was published.

    Same as the output of `throughway report pipeline` that made it."""
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
    document = registration(made.release) | page_to_json(made.page)
    return {name: document[name] for name in Pipeline.model_fields}


urlpatterns = [
    path("reports/pipeline", newest, name="pipeline"),
    path("reports/pipeline/<str:release>", one, name="pipeline_of"),
]
