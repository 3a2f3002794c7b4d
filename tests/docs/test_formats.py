"""Each format's page of the manual leads from a file to an answer: its commands run as written, on a file of that kind."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.intake.test_ceds_staging import export
from tests.site.test_file_to_answer import KINDS, town  # noqa: F401
from throughway.cli.root import main
from throughway.store import Community

PAGES = Path(__file__).resolve().parents[2] / "docs" / "formats"
COMMANDS, QUESTION = (
    re.compile(rf"^```{kind}\n(.*?)^```$", re.MULTILINE | re.DOTALL) for kind in ("sh", "sql")
)
GIVEN = {"PARTNER": "north", "PURPOSE": "counting", "YOU": "evaluator@hub.example"}
SERVICE = {
    "id": "1f5b1f3e-4b6b-4c59-8b0e-3c1d2f9f5a10",
    "name": "Chess Club",
    "status": "active",
    "organization": {"id": "6b3d4f6a-6a0e-4a37-9c3c-0b7d8b3d1f21", "name": "North", "description": "A club"},
}


def carried_out(page: str, community: Community) -> list[Result]:
    """The answers to the commands of a page, run in the current folder."""
    found = COMMANDS.search((PAGES / f"{page}.md").read_text("utf-8"))
    assert found
    return [run(line.removeprefix("throughway "), community) for line in found[1].splitlines()]


def run(line: str, community: Community) -> Result:
    words = [GIVEN.get(word, word) for word in shlex.split(line)]
    into = words.index(">") if ">" in words else len(words)
    done = CliRunner().invoke(main, words[:into], env={"THROUGHWAY_COMMUNITY": str(community.root)})
    assert done.exit_code == 0, f"{line}\n{done.output}"
    if into < len(words):
        (path := Path(words[into + 1])).parent.mkdir(exist_ok=True)
        path.write_text(done.stdout, "utf-8")
    return done


@pytest.mark.parametrize("format", KINDS)
@pytest.mark.usefixtures("town")
def test_from_a_file_to_a_figure(
    format: str, community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, content, table = KINDS[format]
    (tmp_path / name).write_bytes(content())
    page = (PAGES / f"{format}.md").read_text("utf-8")
    question = QUESTION.search(page)
    assert question
    assert table in question[1]
    Path("question.sql").write_text(question[1], "utf-8")
    *_, preview, published = carried_out(format, community)
    assert "Nothing was published" in preview.stdout
    shown = run("publish show " + re.findall(r"publish show (\w+)", published.stdout)[0], community)
    assert "40" in shown.stdout.split()


@pytest.mark.usefixtures("town")
def test_a_directory_of_services(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("directory.json").write_text(json.dumps(SERVICE), "utf-8")
    assert "Chess Club" in carried_out("hsds", community)[-1].stdout


@pytest.mark.usefixtures("town")
def test_scores_of_a_test(
    community: Community, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(samples / "edfi/bundles/MAP_Growth/data/sample_anonymized_file.csv", "map.csv")
    *_, loaded, _ = carried_out("assessments", community)
    assert "assessment_result" in loaded.stdout


@pytest.mark.usefixtures("town")
def test_a_staging_table_of_ceds(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = {
        "FirstName": "Ana",
        "LastOrSurname": "Diaz",
        "Birthdate": "2012-03-14",
        "EnrollmentEntryDate": "2025-08-20",
    }
    Path("enrollment.csv").write_text(export("ceds-k12-enrollment", row), "utf-8")
    inspected, *_, loaded, _ = carried_out("ceds", community)
    assert "(ceds-k12-enrollment)" in inspected.stdout
    assert re.search(r"person +1 +1", loaded.stdout)


def test_every_page_is_in_the_overview() -> None:
    overview = (PAGES.parent / "formats.md").read_text("utf-8")
    assert set(re.findall(r"\(formats/([\w-]+)\.md\)", overview)) == {
        page.stem for page in PAGES.glob("*.md")
    }
