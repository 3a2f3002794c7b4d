"""What other rooms ask the registry of releases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from throughway.disclosure.models import Release
from throughway.disclosure.tables import ProtectedTable
from throughway.refusals import Refused


@dataclass(frozen=True)
class Published:
    """One release as published. `about`: what is needed to draw it, which is no figure."""

    id: str
    title: str
    at: datetime
    partner: str
    purpose: str
    on: date
    agreements: tuple[str, ...]
    minimum_cell: int
    tables: tuple[ProtectedTable, ...]
    about: dict[str, Any]

    @property
    def figures(self) -> int:
        return sum(len(table.cells) for table in self.tables)


def releases() -> list[dict[str, str]]:
    """All releases, newest first: id, title, and when it was published (ISO 8601, UTC)."""
    rows = Release.objects.order_by("-at", "-id").values_list("id", "title", "at")
    return [{"id": id, "title": title, "at": at.isoformat()} for id, title, at in rows]


def registered() -> Sequence[Published]:
    """All releases without their tables, newest first."""
    return [_published(row, tables=False) for row in Release.objects.defer("tables").order_by("-at", "-id")]


def published(id: str) -> Published:
    """One release; Refused when the registry has none of that id."""
    return _published(_row(id))


def newest(report: str) -> str | None:
    """The id of the latest release of one kind of report."""
    ids = Release.objects.filter(about__report=report).order_by("-at", "-id").values_list("id", flat=True)
    return ids.first()


def release(id: str) -> dict[str, object]:
    """One release as JSON, with what it rests on; Refused when the registry has none of that id."""
    row = _row(id)
    return {
        "id": row.id,
        "title": row.title,
        "at": row.at.isoformat(),
        "by": row.by,
        "purpose": row.purpose,
        "as_of": row.on_day.isoformat(),
        "agreements": [id for id, _ in row.agreements],
        "minimum_cell": row.minimum_cell,
        "disclosures": row.disclosures,
        "tables": row.tables,
    }


def _row(id: str) -> Release:
    row = Release.objects.filter(id=id.strip().upper()).first()
    if row is None:
        raise Refused("No release has that id; see `throughway publish list`.", code="unknown_release")
    return row


def _published(row: Release, *, tables: bool = True) -> Published:
    return Published(
        id=row.id, title=row.title, at=row.at, partner=row.partner, purpose=row.purpose, on=row.on_day,
        agreements=tuple(id for id, _ in row.agreements), minimum_cell=row.minimum_cell,
        tables=tuple(map(ProtectedTable.from_json, row.tables)) if tables else (), about=row.about,
    )  # fmt: skip
