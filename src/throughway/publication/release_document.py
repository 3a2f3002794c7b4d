"""A release as a document: what everybody can read of it, and all that its certificate may be made of.

    {"id", "title", "minimum_cell",
     "tables": [{"title", "by", "cells": [{"at", "statistic", "shown", "withheld"}], "rule": "a sentence"}],
     "relations": [{"total": {at}, "parts": [{at}], "exact": true, "statistic": "students"}],
     "rates": [{"at": {at}, "of": [{at}], "among": [{at}]}],
     "public_sizes": [{at}], "beside": [id], "rule": {"name", "source"}, "determination": {"by", "partner", "on", "rule"}, "certificate": {...}}

`rule` of a table: what protects figures that are no counts to be added up, such as sums of hours. `relations`: what a reader knows
besides the sums within the tables. `rates`: the counts of which a rate is made, numerator and denominator. `public_sizes`: the counts
that are sizes of groups, which a reader may know from elsewhere, also where they are withheld. `beside`: earlier releases that count some
of the same students, for whose sake more may be withheld. Releases from before sizes were marked have no `public_sizes`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from throughway.publication.tables import Place, RawTable, Relation

# What the digest covers: what the release says and how it is protected. Its state and its dates may change.
COVERED = ("id", "title", "minimum_cell", "tables", "relations", "rates", "public_sizes", "beside", "rule")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of what the release says, in hexadecimal: keys sorted, no spaces, UTF-8."""
    covered = {name: document[name] for name in COVERED if name in document}
    written = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def release_document(
    *, id: str, title: str, minimum_cell: int, tables: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> dict[str, Any]:
    """The document of a release without its certificate. `about`: what the release stores besides its figures."""
    return {
        "id": id, "title": title, "minimum_cell": minimum_cell, "tables": list(tables),
        "relations": about.get("relations", []), "rates": about.get("rates", []), "beside": about.get("beside", []),
        "rule": about.get("rule"),
        **({"public_sizes": about["public_sizes"]} if "public_sizes" in about else {}),
    }  # fmt: skip


def relations_to_json(relations: Iterable[Relation], statistic: str = "students") -> list[dict[str, Any]]:
    """The relations that were given to `protect`, as a release registers them."""
    return [
        {
            "total": dict(each.total), "parts": [dict(part) for part in each.parts], "exact": each.exact,
            "statistic": statistic,
        }
        for each in relations
    ]  # fmt: skip


def rates_to_json(tables: Iterable[RawTable]) -> list[dict[str, Any]]:
    """The rates whose counts are in the release, as it registers them."""
    return [
        {"at": dict(cell.at), "of": _places(cell.of), "among": _places(cell.among)}
        for table in tables
        for cell in table.cells
        if cell.of
    ]


def public_sizes_to_json(tables: Iterable[RawTable]) -> list[dict[str, str]]:
    """The places of the counts that are sizes of groups, each once."""
    sizes = {cell.place: dict(cell.at) for table in tables for cell in table.cells if cell.public}
    return list(sizes.values())


def _places(places: Sequence[Place]) -> list[dict[str, str]]:
    return [dict(sorted(where)) for where in places]
