"""Real processes beside each other, on SQLite and on PostgreSQL: of writers of one section at one moment, one is kept and each
other is told what stands there now."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Fresh, Town, at_once

WRITERS = 3
SETTLE = """
from tests.drafting.drafts import begun, line, settle
settle()
print(begun().number)
"""
WRITE = """
import json, sys
from tests.drafting.drafts import line, WRITER
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import EditConflict
from throughway.negotiation.drafting.draft import DraftSection
print("ready", flush=True)
sys.stdin.readline()
try:
    actions.change(number=1, revision=1, section=DraftSection.NAME, by=WRITER,
                   fields={"throughway": "agreement/1", "id": "oak", "tier": "dsa", "title": "Writer N"})
    said = ["kept", "Writer N"]
except EditConflict as clash:
    said = ["told", clash.since[-1].after["title"]]
actions.add_lines(number=1, lines=[line("person.sex", purposes=["purpose-N"], necessity="N")], by=WRITER)
print(json.dumps(said))
"""
STATE = """
import json
from tests.drafting.drafts import line, WRITER
from throughway.negotiation.drafting import selectors as reading
draft = reading.one(1, WRITER)
print(json.dumps([draft.title, draft.revision, sorted(l["necessity"] for l in draft.values["schedule"] if l["element"] == "person.sex")]))
"""


@pytest.fixture
def town(tmp_path: Path, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        town = Town(tmp_path / "town", database)
        town.found()
        yield town


def test_one_edit_is_kept_and_the_others_conflict(town: Town) -> None:
    assert town.said(SETTLE) == "1"
    writers = [town.python(WRITE.replace("Writer N", f"Writer {n}").replace("purpose-N", f"purpose-{n}").replace('"N"', f'"{n}"'))
               for n in range(WRITERS)]  # fmt: skip
    said = [json.loads(told) for told in at_once(*writers)]
    title, revision, lines = json.loads(town.said(STATE))
    assert sorted(outcome for outcome, _ in said) == ["kept", *["told"] * (WRITERS - 1)]
    assert {told for _, told in said} == {title}  # each was shown the one that stands
    assert lines == [str(n) for n in range(WRITERS)]  # no line that was added is lost
    assert revision == 2 + WRITERS
