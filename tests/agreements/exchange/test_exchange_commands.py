"""`agreement show` in other forms, and `agreement import`, as a person types them."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.agreements.documents import STUDY, document_of
from throughway.agreements.document import read_document, version_of
from throughway.cli import main
from throughway.store import Community

pytestmark = pytest.mark.django_db


def run(house: Community, *typed: str) -> Result:
    return CliRunner().invoke(main, ["--community", str(house.root), "agreement", *typed])


def test_export_and_import_round_trip(house: Community, tmp_path: Path) -> None:
    for form in ("odcs", "odrl"):
        shown = run(house, "show", "reading-study", f"--{form}")
        assert shown.exit_code == 0, shown.output
        file = tmp_path / form
        file.write_text(shown.stdout, encoding="utf-8")
        drafted = run(house, "import", str(file), "--format", form)
        assert read_document(drafted.stdout)[0] == document_of(STUDY)
        assert drafted.stderr == ""


def test_show_writes_pdf_and_canonical_text(house: Community, tmp_path: Path) -> None:
    pdf, text = tmp_path / "a.pdf", tmp_path / "a.json"
    assert run(house, "show", "reading-study", "--pdf", str(pdf)).exit_code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    said = run(house, "show", "reading-study", "--canonical", str(text), "--json")
    version = version_of(document_of(STUDY))
    assert json.loads(said.stdout) == {"id": "reading-study", "version": version, "file": str(text)}
    assert hashlib.sha256(text.read_bytes()).hexdigest() == version


def test_schedule_b_import_names_what_it_leaves_out(house: Community, tmp_path: Path) -> None:
    file = tmp_path / "b.md"
    file.write_text(
        "## Demographics\n- [x] Gender\n\n## Transportation\n- [x] Student bus assignment\n", encoding="utf-8"
    )
    said = run(house, "import", str(file), "--format", "ndpa")
    assert said.exit_code == 0
    assert "person.sex" in said.stdout
    assert "Left behind: Transportation, Student bus assignment" in said.stderr
    assert "Missing or wrong: title is missing" in said.stderr
    found = json.loads(run(house, "import", str(file), "--format", "ndpa", "--json").stdout)
    assert (found["complete"], len(found["left"])) == (False, 1)
    shown = run(house, "show", "reading-study", "--schedule-b")
    assert "Standardized test scores,X" in shown.stdout


def test_refusals_of_exchange_commands(house: Community, tmp_path: Path) -> None:
    assert "ask for one at a time" in run(house, "show", "reading-study", "--odcs", "--odrl").stderr
    assert (
        "cannot be written"
        in run(house, "show", "reading-study", "--pdf", str(tmp_path / "no" / "a.pdf")).stderr
    )
    assert "No agreement has the id" in run(house, "show", "nowhere", "--odcs").stderr
    (tmp_path / "x").write_text("words", encoding="utf-8")
    for form in ("odcs", "odrl", "ndpa"):
        said = run(house, "import", str(tmp_path / "x"), "--format", form)
        assert (said.exit_code, said.stdout) == (1, "")
        assert "cannot be read" in said.stderr
