"""What all typed tables share: rows read together are those read table by table, and a question about a few students opens no other's text."""

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.casework.test_contact_notes import note
from tests.casework.test_needs import need
from tests.casework.test_tasks import opened, set_state, task
from tests.casework.town import PERSON, WORKER
from tests.gate import making
from throughway.casework.student_tasks.task import TaskState
from throughway.casework.typed_entries.selectors import ENTRY_TABLES, EntryTable
from throughway.gate.actions import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


def test_rows_read_together_are_the_rows_of_each_table(tmp_path: Path) -> None:
    opened(tmp_path)
    note()
    set_state(task(), 1, TaskState.DROPPED, "Moved\naway")
    need(text="")
    for table, entries in ENTRY_TABLES.items():
        together = {key: list(rows()) for key, rows in entries.together([11, 21]).items() if key[0] == table}
        one_by_one = {
            (table, partner): rows
            for partner in ("north", "harbor")
            if (rows := list(entries.rows(partner, [11, 21])))
        }
        assert together == one_by_one
    assert {len(entries.rows("harbor", [21])) for entries in ENTRY_TABLES.values()} >= {1, 2}
    assert not any(entries.together([12]) for entries in ENTRY_TABLES.values())


def test_a_question_about_some_students_opens_only_their_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path)
    task()
    asked: list[Collection[int] | None] = []
    monkeypatch.setattr(EntryTable, "together", lambda self, records: asked.append(records) or {})
    monkeypatch.setattr(EntryTable, "rows", lambda self, partner, records: asked.append(records) or [])
    access = enter(actor=making.reader(WORKER), purpose="casework")
    access.query(f"SELECT task_text FROM task WHERE person_id IN ({PERSON}, 7)")
    assert asked
    assert all(records is not None and {*records} <= {7, 11, 21, PERSON} for records in asked)
    # One place that is free reads everybody, and so does a condition that binds nobody.
    for free in (
        f"SELECT task_text FROM task WHERE person_id = {PERSON} UNION ALL SELECT task_text FROM task",
        f"SELECT task_text FROM task WHERE person_id = {PERSON} OR version = 1",
    ):
        asked.clear()
        access.query(free)
        assert None in asked
