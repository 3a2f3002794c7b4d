"""The decision records have one form, can be found, and do not outlive what they rest on."""

import re
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
REWRITING = (ROOT / "docs" / "decisions" / "0007-rewriting-against-leaks.md").read_text(encoding="utf-8")


def test_records_are_numbered_without_a_gap() -> None:
    assert [record.name[:4] for record in RECORDS] == [f"{n:04}" for n in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_each_record_has_context_decision_and_consequences(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(record.name[:4])}. ")
    parts = re.findall(r"^\*\*(Context|Decision|Consequences)\.\*\*", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("page", ["mkdocs.yml", "docs/decisions.md"])
def test_each_record_is_linked(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [record.name for record in RECORDS if f"decisions/{record.name}" not in text] == []


def test_tests_and_modules_named_in_records_exist() -> None:
    named = {
        path
        for record in RECORDS
        for path in re.findall(r"`([a-z_/]+/[a-z_]+\.py)`", record.read_text("utf-8"))
    }
    assert len(named) > 5
    places = (ROOT, ROOT / "src" / "throughway")
    assert sorted(path for path in named if not any((place / path).exists() for place in places)) == []


def test_rewriting_record_names_installed_versions() -> None:
    """An upgrade is a piece of work: the record says which."""
    assert f"**DuckDB {version('duckdb')}**" in REWRITING
    assert f"**sqlglot {version('sqlglot')}**" in REWRITING


def test_rewriting_record_lists_the_optimizers() -> None:
    (listed,) = re.findall(r"`([a-z_]+(?:\s+[a-z_]+){10,})`", REWRITING)
    with duckdb.connect() as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
    assert set(listed.split()) == found
