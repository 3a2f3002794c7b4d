"""The page on an agreement's life has the diagram of the table by which the program moves one, and tells of every state."""

import re
from pathlib import Path

from throughway.agreements.approvals import Capacity
from throughway.agreements.states import TRANSITIONS, AgreementState, arrows, mermaid, table

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "life.md").read_text(encoding="utf-8")


def test_diagram_matches_the_table() -> None:
    """Where this fails, put what `mermaid()` and `table()` give into docs/life.md."""
    assert f"```mermaid\n{mermaid()}\n```" in PAGE
    assert table() in PAGE


def test_diagram_has_every_transition() -> None:
    drawn = {(start, act, end) for (start, end), acts in arrows().items() for act in acts}
    assert drawn == {(start, act, end) for (start, act), ends in TRANSITIONS.items() for end in ends}


def test_page_has_every_state_and_capacity() -> None:
    for word in (*AgreementState, *Capacity):
        assert re.search(rf"^\|.*`{word}`", PAGE, re.MULTILINE), word
