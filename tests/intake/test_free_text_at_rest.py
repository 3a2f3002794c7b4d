"""A name written in any free text of the vocabulary rests nowhere in clear: not in bytes, compressed pages or the database."""

import errno
import tarfile
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.intake.conftest import Town
from tests.intake.papers import in_effect
from tests.intake.test_names_at_rest import tables_with
from tests.town import town_of
from throughway.gate.actions.backups import back_up
from throughway.intake.models import IntakeBatch
from throughway.intake.selectors import covering_text
from throughway.partners import OPERATOR
from throughway.store import Community, durable_files, schemas
from throughway.store.actions import text_sealing
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES, Table

PLANTED = "Zebulonia Quux"
NEEDLES = (PLANTED.encode(), PLANTED.encode("utf-16-le"), PLANTED.encode("utf-16-be"))
WITH_TEXT = [table for table in TABLES.values() if table.free_text]


def holders(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if any(needle in content for needle in NEEDLES) or (path.suffix == ".parquet" and _in_columns(path)):
            found.append(str(path.relative_to(folder)))
    return found


def _in_columns(path: Path) -> bool:
    """Compressed pages hide what they hold; so may a file of which a part is overwritten."""
    try:
        rows = pq.read_table(path)
    except pa.ArrowInvalid:
        return True
    texts = [c for c in rows.columns if pa.types.is_string(c.type) or pa.types.is_large_string(c.type)]
    return any(PLANTED in (value or "") for column in texts for value in column.to_pylist())


def load(town: Town, table: Table, text: str = PLANTED) -> None:
    days = [
        name for name in dict.fromkeys((*table.starts, *table.ends)) if table.elements[name].type == "date"
    ]
    person = "    person: [student]\n" if table.of_person else ""
    columns = "\n".join(f"      {name}: {{from: {name}}}" for name in (*days, *table.free_text))
    crosswalk = f"""
throughway: crosswalk/1
source: {{format: csv}}
tables:
  {table.name}:
    key: [key]
{person}    columns:
{columns}
"""
    head = ",".join(["student", "key", *days, *table.free_text])
    row = ",".join(["1", "k1", *("2025-10-01" for _ in days), *(text for _ in table.free_text)])
    town.load(f"{head}\n{row}\n", crosswalk, name=f"{table.name}.csv", school_year=2026)


@pytest.mark.parametrize("table", WITH_TEXT, ids=lambda table: table.name)
def test_free_text_rests_in_the_vault(town: Town, table: Table) -> None:
    elements = [f"element: {table.name}.{name}" for name in table.free_text]
    town.agree(in_effect([f"element: {table.name}.*", *elements]))
    load(town, table)
    load(town, table, f"{PLANTED} again")  # the earlier row is history now
    with snapshot() as stored:
        text = stored.text(table.name, "school")
        assert [text[name].to_pylist() for name in table.free_text] == [[f"{PLANTED} again"]] * len(
            table.free_text
        )
        assert stored.text(f"{table.name}~history", "school").num_rows == 1
    assert holders(town.community.root) == []
    assert list(tables_with((PLANTED.encode(),))) == []


@pytest.mark.django_db(transaction=True)
def test_it_is_in_no_temporary_file_and_in_no_archive_of_data(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, unpacked = tmp_path / "temporary", tmp_path / "unpacked"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    texts = [f"element: {table.name}.{name}" for table in WITH_TEXT for name in table.free_text]
    town.agree(in_effect([f"element: {table.name}.*" for table in WITH_TEXT] + texts))
    for table in WITH_TEXT:
        load(town, table)
    archive = tmp_path / "data.tar.gz"
    assert not back_up(data=archive, keys=tmp_path / "keys.tar.gz", by=OPERATOR).problems
    with tarfile.open(archive) as packed:
        packed.extraction_filter = lambda member, _: (
            member
        )  # its own archive; Python before 3.11.4 has no filters
        packed.extractall(unpacked)
    with snapshot() as stored:
        sealed = [file for table in WITH_TEXT for file in stored.stored(f"{table.name}~text", "school")]
    assert len(sealed) == len(WITH_TEXT)
    archived = {path.name for path in unpacked.rglob("*")}
    assert [file for file in sealed if file.path.name not in archived] == []
    assert [holders(folder) for folder in (unpacked, temporary, town.community.root)] == [[], [], []]


def sealing() -> text_sealing.Sealing:
    return text_sealing.seal_clear_text(covering=covering_text, by=OPERATOR)


def test_every_text_of_a_plain_table_says_whether_it_is_free() -> None:
    """A new element must decide."""
    import csv
    from importlib.resources import files

    lines = files("throughway.vocabulary").joinpath("elements.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        table = TABLES.get(row["table"])
        if table and not table.vaulted and row["type"] == "string":
            assert row["free_text"] in ("yes", "no"), f"{row['table']}.{row['column']}"


def test_text_of_an_earlier_version_is_sealed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named and read until then; afterwards the same is read, and the old bytes are gone."""
    table = TABLES["survey_response"]
    town.agree(in_effect([f"element: {table.name}.*", f"element: {table.name}.response_comment"]))
    with monkeypatch.context() as earlier:
        earlier.setattr(schemas, "free_text", lambda name: ())
        load(town, table)
    assert len(holders(town.community.root)) == 1
    [problem] = text_sealing.unsealed()
    assert "check --repair" in problem
    assert sealing() == text_sealing.Sealing(1)
    assert holders(town.community.root) == []
    assert text_sealing.unsealed() == []
    with snapshot() as stored:
        assert stored.text(table.name, "school")["response_comment"].to_pylist() == [PLANTED]
    load(town, table)  # nothing is new
    with snapshot() as stored:
        assert stored.stored(f"{table.name}~history", "school") == []


SURVEY, REASONS = TABLES["survey_response"], TABLES["attendance_day"]


@pytest.fixture
def before(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A folder of an earlier version: two tables with free text in plain files."""
    names = [f"element: {t.name}.{name}" for t in (SURVEY, REASONS) for name in ("*", *t.free_text)]
    town.agree(in_effect(names))
    with monkeypatch.context() as earlier:
        earlier.setattr(schemas, "free_text", lambda name: ())
        for table in (SURVEY, REASONS):
            load(town, table)
    assert len(holders(town.community.root)) == 2
    return town


class Killed(BaseException):
    """As a process that ends at once: nothing after it runs."""


def test_a_killed_sealing_is_named_and_goes_on(before: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the landing and the removal the text is in a file that nobody reads any more."""

    def killed(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as at_once:
        at_once.setattr(text_sealing, "remove", killed)
        with pytest.raises(Killed):
            sealing()
    assert len(text_sealing.clear_text()) == 1
    assert len(holders(before.community.root)) == 2
    assert ["superseded" in sentence for sentence in text_sealing.unsealed()] == [False, True]
    assert sealing() == text_sealing.Sealing(1)
    assert (holders(before.community.root), text_sealing.unsealed()) == ([], [])


def test_a_superseded_file_of_which_a_part_is_overwritten_is_named(
    before: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process leaves it that ends while it overwrites the file: no statistics can be read, and pages are still there."""
    path = file_of(SURVEY)
    monkeypatch.setattr(text_sealing, "remove", lambda **_: None)
    with monkeypatch.context() as unswept:
        unswept.setattr(text_sealing, "sweep", lambda **_: None)
        assert sealing().files == 2
    content = path.read_bytes()
    path.write_bytes(content[:-8] + bytes(8))
    assert [sentence for sentence in text_sealing.unsealed() if SURVEY.name in sentence]
    assert sealing() == text_sealing.Sealing(0)
    assert (holders(before.community.root), text_sealing.unsealed()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_at_some_step_of_sealing_leaves_what_the_next_start_finishes(
    community: Community,
) -> None:
    """Killed by the system (killed_sealing.py): nothing after it runs, no `finally` and no rollback."""
    place = town_of(community)
    if place.database:
        pytest.skip("the folder is put back before each kill, with the database in it")
    result = place.module("tests.intake.killed_sealing", "9", "3")
    assert result["killed"] >= 5
    assert result["part_way"] >= 1


def test_what_is_left_is_removed_where_nothing_is_to_be_sealed(
    before: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that reads longer than the sealing waits."""
    monkeypatch.setattr(text_sealing, "PATIENCE", 0.0)
    with snapshot():
        assert sealing().files == 2
    assert len(holders(before.community.root)) == 2
    assert len(text_sealing.unsealed()) == 2
    assert sealing() == text_sealing.Sealing(0)
    assert (holders(before.community.root), text_sealing.unsealed()) == ([], [])


def file_of(table: Table) -> Path:
    with snapshot() as stored:
        [file] = stored.stored(table.name, "school")
    return file.path


def test_a_damaged_file_does_not_hold_up_the_others(before: Town) -> None:
    """Its footer can be read, and so could its rows: what was changed is not sealed as if it were what came."""
    path = file_of(REASONS)
    content = bytearray(path.read_bytes())
    content[20] ^= 0xFF
    path.write_bytes(content)
    done = sealing()
    assert done.files == 1
    [problem] = done.problems
    assert path.name in problem
    assert "changed since it was written" in problem
    assert [file.table for file in text_sealing.clear_text()] == [REASONS.name]


def test_a_full_disk_and_a_file_that_cannot_be_read_are_named(
    before: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = text_sealing.split

    def full(engine: object, table: str, *rest: object) -> object:
        if table == REASONS.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return split(engine, table, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as disk:
        disk.setattr(text_sealing, "split", full)
        done = sealing()
    assert done.files == 1
    assert "still unsealed: The disk is full" in " ".join(done.problems)
    with monkeypatch.context() as rights:
        rights.setattr(durable_files, "digest", lambda path: path.joinpath("no").read_bytes())
        [problem] = sealing().problems
    assert "could not be read or written" in problem
    assert PLANTED not in problem
    assert sealing() == text_sealing.Sealing(1)
    assert holders(before.community.root) == []


def test_what_no_agreement_covers_dies_with_the_partners_keys(before: Town) -> None:
    """Loads that are forgotten, and no agreement that names it: its keys are of those that open the students' keys."""
    before.agree()
    IntakeBatch.objects.all().delete()
    assert sealing() == text_sealing.Sealing(2)
    with snapshot() as stored:
        sealed = stored.stored(f"{SURVEY.name}~text", "school")
    assert Vault(before.community).keyring.openers(sealed[0].id) == ["riverbend"]


def test_what_nothing_covers_is_named_with_what_to_do(before: Town) -> None:
    before.agree()
    keyring = Vault(before.community).keyring
    keyring.bury("ABCD", agreement="riverbend", files=(), on="2026-01-01")
    done = sealing()
    assert done.files == 0
    assert ["throughway destroy --partner school" in problem for problem in done.problems] == [True, True]
