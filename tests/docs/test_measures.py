"""What the manual says of what is counted: the tests that come with the program, and what a community may decide."""

import json
import re
from dataclasses import fields
from pathlib import Path

from throughway.measures.policy import POLICY, decided
from throughway.measures.proficiency import COLUMNS, parsed, shipped

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "measures.md").read_text(encoding="utf-8")


def test_the_example_is_a_table_that_can_be_read() -> None:
    example = re.search(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    assert example
    assert example[1].startswith(",".join(COLUMNS))
    assert {level.test for level in parsed(example[1])} == {
        "oak state test", "oak readiness check", "orc-k", "autumn practice test",
    }  # fmt: skip


def test_every_included_test_is_on_the_page() -> None:
    told = PAGE.lower().replace("assessment(s)", "assessment, smarter balanced summative assessments")
    told = told.replace("level 1 to level 3", "level 1, level 2, level 3")
    for level in shipped():
        (row,) = [
            row for row in told.splitlines() if row.startswith("| ") and f"{level.test}" in row.split("|")[1]
        ]
        column = row.split("|")[2 if level.reached else 3]
        assert (level.label or f"{level.cut:.0f}") in column, level


def test_every_setting_is_on_the_page() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| .+ \| `(.+)` \|$", PAGE, re.MULTILINE))
    values = {name: json.loads(value) for name, value in told.items()}
    assert decided(values) == POLICY
    others = {f.name for f in fields(POLICY)} - values.keys() - {"levels"}
    assert all(isinstance(day, int) for name in others for day in getattr(POLICY, name))  # days of a year
