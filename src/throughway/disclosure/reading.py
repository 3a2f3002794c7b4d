"""What other rooms ask the registry of releases."""

from throughway.disclosure.models import Release
from throughway.refusals import Refused


def releases() -> list[dict[str, str]]:
    """All releases, newest first: id, title, and when it was published (ISO 8601, UTC)."""
    rows = Release.objects.order_by("-at", "-id").values_list("id", "title", "at")
    return [{"id": id, "title": title, "at": at.isoformat()} for id, title, at in rows]


def release(id: str) -> dict[str, object]:
    """One release as published, with what it rests on; Refused when the registry has none of that id."""
    row = Release.objects.filter(id=id.strip().upper()).first()
    if row is None:
        raise Refused("No release has that id; see `throughway publish list`.", code="unknown_release")
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
