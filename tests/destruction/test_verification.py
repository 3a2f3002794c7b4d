"""What a destruction looks for afterwards is found where it stands, and short numbers not within longer ones."""

import mmap
from pathlib import Path

import pytest

from throughway.destruction.actions.verification import CERTAIN, SHORTEST, _stands, draw_values


@pytest.mark.parametrize(
    ("content", "value", "stands"),
    [
        ("a 1000003 b", "1000003", True),
        ("oak1000003person", "1000003", True),  # columns of a database stand side by side
        ("1000003", "1000003", True),
        ("51000003 and 10000037", "1000003", False),
        ("51000003 and 1000003", "1000003", True),
        ("510000037", "10000037", True),  # long enough to be sure wherever it stands
        ("nothing", "1000003", False),
    ],
)
def test_short_values_count_only_without_neighboring_digits(
    tmp_path: Path, content: str, value: str, stands: bool
) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as bytes_of:
        assert _stands(bytes_of, value.encode()) is stands


def test_drawn_values_are_long_and_distinct() -> None:
    assert draw_values(["12345", "123456", "123456", "S-000017"]) in (
        ("123456", "S-000017"),
        ("S-000017", "123456"),
    )
    assert (SHORTEST, CERTAIN) == (6, 8)
