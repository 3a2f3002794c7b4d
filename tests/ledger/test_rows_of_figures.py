"""How many rows were counted for figures is what a report withholds, so no entry tells it: neither a new one nor one of an earlier version."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from tests.gate import making
from tests.ledger.test_ledger import entry, forge
from tests.site.people import client_of
from throughway.cli import main
from throughway.ledger import entry_search, recording
from throughway.ledger.models import LedgerEntry
from throughway.store import Community

READER, DAY = "evaluator@hub.example", date(2026, 8, 3)
ABSENT, NOBODY = "UnexcusedAbsence", "ExcusedAbsence"


@pytest.fixture
def town(community: Community) -> Community:
    """Thirty students, of whom one was absent on the day."""
    making.register()
    making.in_effect(making.sharing())
    making.people()
    making.land("attendance_day", "north", [
        {"person_record": r, "attendance_event_date": DAY + timedelta(r % 3), "attendance_status": ABSENT if r == 102 else "Present"}
        for r in range(100, 130)
    ])  # fmt: skip
    return community


def command(town: Community, *words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main, ["--community", str(town.root), *words, "--as", READER, "--json"])
    return done.exit_code, json.loads(done.stdout)


def asked(town: Community, status: str) -> LedgerEntry:
    """The entry of a report that was refused, because few or none answer it: one row for each student who does."""
    file = town.root.parent / "question.sql"
    file.write_text(
        "-- Absences\nSELECT count(DISTINCT person_id) AS n FROM attendance_day "
        f"WHERE attendance_event_date = DATE '{DAY}' AND attendance_status = '{status}'"
    )
    before = set(LedgerEntry.objects.values_list("id", flat=True))
    assert command(town, "report", str(file), "--purpose", "counting")[0] == 1
    [found] = LedgerEntry.objects.filter(outcome="released").exclude(id__in=before)
    return found


def entry_page(id: str) -> str:
    return client_of("officer@hub.example").get(f"/ledger/{id}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_entry_of_one_student_and_of_nobody_tell_the_same(town: Community) -> None:
    one, nobody = asked(town, ABSENT), asked(town, NOBODY)
    assert (
        (one.rows, one.students_count)
        == (nobody.rows, nobody.students_count)
        == (None, nobody.students_count)
    )
    for each in (one, nobody):
        assert "Counted for figures, and no row was shown" in entry_page(each.id)


@pytest.mark.django_db(transaction=True)
class TestOfAnEarlierVersion:
    @pytest.fixture
    def old(self, town: Community) -> LedgerEntry:
        """The entry as that version wrote it."""
        found = asked(town, ABSENT)
        forge("UPDATE gate_ledgerentry SET rows = 17 WHERE id = %s", found.id)
        return found

    def test_its_page_tells_no_number(self, old: LedgerEntry) -> None:
        page = entry_page(old.id)
        assert "no row was shown" in page
        assert "17 rows" not in page

    def test_who_saw_a_student_tells_no_number(self, old: LedgerEntry) -> None:
        told = [each for each in entry_search.of_records([102]) if each["id"] == old.id]
        assert [each["rows"] for each in told] == [None]

    def test_its_proof_is_refused(self, old: LedgerEntry, town: Community) -> None:
        code, told = command(town, "ledger", "prove", old.id)
        assert (code, told["error"]["code"]) == (1, "tells_counted_rows")
        entry_of_now = asked(town, NOBODY)
        assert command(town, "ledger", "prove", entry_of_now.id)[0] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("way", "rows"),
    [("page", 3), ("command/extract", 3), ("page/report", None), ("report", None), ("", None)],
)
def test_rows_that_were_shown_are_told(community: Community, way: str, rows: int | None) -> None:
    recording.append(entry(way=way))
    [told] = entry_search.of_records([5])
    assert told["rows"] == rows
