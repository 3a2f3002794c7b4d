"""A school with agreements in effect, whose files are loaded."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from throughway.agreements.status import AgreementStatus
from throughway.intake import actions, selectors
from throughway.intake.load_report import Loaded
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner
from throughway.store import Community
from throughway.store.selectors import snapshot
from throughway.vocabulary import TABLES


class Town:
    """Loads texts as files, and says what the store then holds."""

    def __init__(
        self, community: Community, folder: Path, agree: Callable[[Sequence[AgreementStatus]], None]
    ) -> None:
        self.community = community
        self.folder = folder
        self._agree = agree

    def agree(self, *standings: AgreementStatus) -> None:
        self._agree(standings)

    def load(
        self,
        text: str | bytes | Path,
        crosswalk: str | None,
        *,
        partner: str = "school",
        format: str = "csv",
        name: str = "export.csv",
        school_year: int | None = None,
        right: str = "",
    ) -> Loaded:
        path = text if isinstance(text, Path) else self.folder / name
        if not isinstance(text, Path):
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        mapped = None
        if crosswalk is not None:
            mapped = self.folder / "crosswalk.yaml"
            mapped.write_text(crosswalk, encoding="utf-8")
        return actions.load(
            path=path,
            partner=partner,
            format=format,
            crosswalk=mapped,
            school_year=school_year,
            by=OPERATOR,
            right=right,
        )

    def rows(self, table: str, partner: str = "school") -> list[dict[str, object]]:
        """What the store holds of a table, filled values alone."""
        with snapshot() as seen:
            sealed = [f for f in seen.stored(table, partner) if f.sealed]
            parts = [pq.read_table(path) for path in seen.files(table, partner)]
            held = (
                seen.sealed(table, partner) if sealed else pa.concat_tables(parts) if parts else pa.table({})
            )
            texts = (
                {}
                if table not in TABLES or not TABLES[table].free_text
                else {row["record"]: row for row in seen.text(table, partner).to_pylist()}
            )
            rows = [row | texts.get(row.get("record"), {}) for row in held.to_pylist()]
            return [{k: v for k, v in row.items() if v is not None} for row in rows]

    def keys(self, partner: str = "school") -> dict[str, int]:
        return {str(row["key"]): int(str(row["record"])) for row in self.rows("record_key", partner)}


def quarantine(loaded: Loaded) -> list[dict[str, str]]:
    with loaded.quarantine.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def town(db: None, community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    for id, kind in (("school", "lea"), ("club", "cbo"), ("backbone", "backbone")):
        add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)
    return Town(
        community,
        tmp_path,
        lambda standings: monkeypatch.setattr(selectors, "agreement_statuses", lambda on: list(standings)),
    )
