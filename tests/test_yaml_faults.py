"""Of a YAML text that cannot be read, the line and the likely cause are named, in agreements and crosswalks alike."""

from pathlib import Path

import pytest

from throughway.agreements.document import read_document
from throughway.cli.agreement_acts import document_in
from throughway.core.refusals import Refused
from throughway.core.yaml_text import UnreadableText, unquoted_hash, values_of
from throughway.intake.crosswalk import Crosswalk

FAULTS = [
    ("a: 1\nkey: [Student #, Name]\nb: 2\n", 2, "the # is not in quotes"),
    ("columns:\n  x: {from: Student # }\n  y: {from: B}\n", 2, "the # is not in quotes"),
    ("title: Supports: grades 6 to 8\n", 1, "the text contains a colon and a blank"),
    ("a: {x: y: z}\n", 1, "the text contains a colon and a blank"),
    ("a:\n  b: 1\n\tc: 2\n", 3, "a tab is where YAML"),
    ("a: %m/%d\n", 1, "begins with a sign that YAML keeps for itself"),
    ("a: {*: x}\n", 1, "begins with a sign that YAML keeps for itself"),
    ("a: 1\nb: 'open\nc: 2\n", 2, "a quote is opened there and never closed"),
    ("a: [1, 2\nb: 3\n", 1, "a bracket is opened there and not closed"),
    ("a: 1\nb 2\nc: 3\n", 2, "has no colon after it"),
    ('a: "C:\\Users"\n', 1, "the text in double quotes contains a backslash"),
    ("a:\n  b: 1\n c: 2\n", 3, "mend the indentation"),
]


@pytest.mark.parametrize(("text", "line", "cause"), FAULTS)
def test_the_line_and_the_likely_cause_are_named(text: str, line: int, cause: str) -> None:
    with pytest.raises(UnreadableText) as unreadable:
        values_of(text)
    with pytest.raises(Refused) as refused:
        Crosswalk.read(text)
    for said in (str(unreadable.value), refused.value.message):
        assert f"at line {line}" in said
        assert cause in said


def test_the_file_is_named(tmp_path: Path) -> None:
    for name, read in (("agreement.yaml", document_in), ("lakeside.yaml", Crosswalk.of_file)):
        file = tmp_path / name
        file.write_text("throughway: [Student #, Name]\n", encoding="utf-8")
        with pytest.raises(Refused) as refused:
            read(file)
        assert name in refused.value.message
        assert "line 1" in refused.value.message


def test_a_hash_that_leaves_a_field_empty_is_named_too() -> None:
    _, findings = read_document("throughway: agreement/1\ntitle: #1 supports\n")
    assert any(f.id == "D1" and "Line 2 has an unquoted #" in f.message for f in findings)
    with pytest.raises(Refused, match="Line 7 has an unquoted #"):
        Crosswalk.read(
            "throughway: crosswalk/1\ntables:\n  person:\n    key: [ID]\n    columns:\n      sex:\n        from: #5\n"
        )


# Lines that took minutes, when each character might begin what is looked for.
LONG = ["a b" * 100_000, "a #  b" * 50_000]


@pytest.mark.parametrize(
    "line", [*LONG, "# a comment", "a: b  # a comment", "a: 'Student #'", 'a: "x #1"', "a: b#c"]
)
def test_comments_and_quoted_signs_are_not_suspected(line: str) -> None:
    assert unquoted_hash(line) == ""


def test_a_long_line_of_colons_is_read_once() -> None:
    with pytest.raises(UnreadableText, match="a bracket is opened there"):
        values_of("a: [" + "[: b], " * 15_000 + "}")
