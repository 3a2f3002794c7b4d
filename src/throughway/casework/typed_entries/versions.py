"""The entries in rows of a typed table, as the gate showed them: the version that stands, and the earlier ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EntryVersions:
    """One entry: `newest` is the version that stands, `earlier` are those before it, newest first. `own`: typed by the reader's own
    team, which may edit it."""

    id: str
    newest: Mapping[str, Any]
    earlier: Sequence[Mapping[str, Any]]
    own: bool

    @property
    def version(self) -> int:
        return int(self.newest.get("version") or 0)


def entries_of(rows: Iterable[Mapping[str, Any]], *, reader: str | None) -> list[EntryVersions]:
    """The entries, in the order of their first rows. `reader`: the reader's partner."""
    versions: dict[str, list[Mapping[str, Any]]] = {}
    for place, row in enumerate(rows):
        # Where the purpose does not show which entry a row belongs to, each row is shown by itself.
        versions.setdefault(str(row.get("entry_id") or f"#{place}"), []).append(row)
    found = []
    for id, of_one in versions.items():
        newest, *earlier = sorted(of_one, key=lambda row: -int(row.get("version") or 0))
        own = reader is not None and newest.get("author_partner") == reader
        found.append(EntryVersions(id, newest, earlier, own))
    return found
