"""The API's endpoints for loads: counts of rows and names of columns, never a value."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.urls import path

from throughway.intake.load_history import Batch
from throughway.intake.load_report import Counts
from throughway.intake.permissions import sees_all_loads, sees_loads_of
from throughway.intake.selectors import batch_of, batches, documents_in_effect
from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Nothing, ResponseSchema, endpoint


class Load(ResponseSchema):
    """One load. `refused_columns`: columns that no agreement covers; they were not stored. `refusal`: why nothing was
    loaded, if nothing was."""

    batch: str
    partner: str
    format: str
    at: str
    tables: dict[str, Counts]
    cells_emptied: int
    refused_columns: list[str]
    refusal: str


class Loads(ResponseSchema):
    loads: list[Load]


@endpoint("GET", gives=Loads)
def listed(actor: Actor, asked: Nothing) -> Mapping[str, Any]:
    """Lists the loads of your partner, newest first; the steward's data stewards see those of every partner.

    The counts are those that `throughway load` reported."""
    found = batches(None if sees_all_loads(actor, documents_in_effect()) else [actor.partner or ""])
    return {"loads": [document_of(batch) for batch in found]}


@endpoint("GET", gives=Load)
def shown(actor: Actor, asked: Nothing, batch: str) -> Mapping[str, Any]:
    """Shows one load."""
    found = batch_of(batch)
    if found is None or not sees_loads_of(actor, found.partner, documents_in_effect()):
        raise Http404
    return document_of(found)


def document_of(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "partner": batch.partner,
        "format": batch.format,
        "at": batch.at.isoformat(),
        "tables": {table: asdict(counts) for table, counts in batch.counts.items()},
        "cells_emptied": batch.cells_emptied,
        "refused_columns": list(batch.refused_columns),
        "refusal": batch.refusal,
    }


urlpatterns = [path("loads", listed, name="loads"), path("loads/<str:batch>", shown, name="load")]
