"""Every crosswalk that the manual shows can be read, and the wide sheet becomes the rows that it says."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from throughway.intake.crosswalk import ColumnMap, Crosswalk, Melt, SourceLayout, TableMap
from throughway.intake.feeds.contract import FeedContract, TableExpectation
from throughway.intake.tabular import read_csv
from throughway.vocabulary import TABLES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "crosswalks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WHOLE = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith("throughway:")]
LINES = [text for kind, text in BLOCKS if kind == "yaml" and not text.startswith("throughway:")]


@pytest.mark.parametrize("text", WHOLE)
def test_whole_crosswalks_can_be_read(text: str) -> None:
    assert Crosswalk.read(text).tables


@pytest.mark.parametrize("line", LINES)
def test_each_way_to_fill_an_element_can_be_read(line: str) -> None:
    element = line.partition(":")[0]
    table = next(name for name, found in TABLES.items() if element in found.elements)
    text = f"throughway: crosswalk/1\ntables:\n  {table}:\n    key: [Key]\n    columns:\n      {line}"
    assert element in Crosswalk.read(text).tables[table].columns


@pytest.mark.parametrize(
    "part", [Crosswalk, SourceLayout, TableMap, ColumnMap, Melt, FeedContract, TableExpectation]
)
def test_every_field_is_on_the_page(part: type[ColumnMap]) -> None:
    fields = {field.alias or name for name, field in part.model_fields.items()}
    assert fields - set(re.findall(r"[`{ ]([a-z_]+)[:`]", PAGE)) == set()


def test_days_across_the_page_become_rows(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(next(text for kind, text in BLOCKS if kind == "csv"), encoding="utf-8")
    [text] = [text for text in WHOLE if "melt:" in text and "attendance_day" in text]
    staged = read_csv(wide, into=tmp_path, partner="club", crosswalk=Crosswalk.read(text), school_year=None)
    rows = pq.read_table(staged.tables["attendance_day"]).to_pylist()
    assert sorted((str(r["attendance_event_date"]), r["attendance_status"]) for r in rows) == [
        ("2026-09-08", "Present"),
        ("2026-09-09", "UnexcusedAbsence"),
    ]
