"""What is no Ed-Fi is refused for what it is, and a broken line costs that line alone."""

import json

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from throughway.core.refusals import Refused

GOOD = json.dumps({"studentUniqueId": "1", "firstName": "Ann"}) + "\n"
XML = '<InterchangeStudent xmlns="{}"><Student><StudentUniqueId>1</StudentUniqueId><Name><FirstName>Ann</FirstName></Name></Student></InterchangeStudent>'


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(in_effect(["element: person.first_name"]))


@pytest.mark.parametrize(
    "text", ["not json\n", "not\njson\n", GOOD.rstrip("}\n") + "\n", '{\n"a":\n1\n}\n', "1\n"]
)
def test_lines_that_are_no_objects_are_not_json(town: Town, text: str) -> None:
    with pytest.raises(Refused, match=r"students\.jsonl is not JSON: none of its lines is a JSON object"):
        town.load(text, None, format="edfi-jsonl", name="students.jsonl")


@pytest.mark.parametrize("text", ["broken\n" + GOOD, GOOD + "broken\n"])
def test_a_broken_line_is_set_aside_wherever_it_stands(town: Town, text: str) -> None:
    loaded = town.load(text, None, format="edfi-jsonl", name="students.jsonl")
    counts = loaded.tables["person"]
    assert (counts.read, counts.landed, counts.quarantined) == (2, 1, 1)
    assert [row["problem"] for row in quarantine(loaded)] == ["the line is not a JSON object"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"studentUniqueId": "1"}\nbroken\n', "row 2: the line is not a JSON object"),
        ('{"firstName": "Ann"}\n', "row 1: the record's identifier is missing"),
    ],
)
def test_file_without_readable_rows_is_reported(town: Town, text: str, said: str) -> None:
    loaded = town.load(text, None, format="edfi-jsonl", name="students.jsonl")
    assert loaded.nothing is not None
    assert said in loaded.nothing.message
    assert loaded.tables["person"].quarantined == 1


@pytest.mark.parametrize(
    "namespace", ["http://ed-fi.org/5.2.0", "http://ed-fi.org/0200", "https://www.ed-fi.org/6.1.0", ""]
)
def test_a_namespace_of_ed_fi_is_read(town: Town, namespace: str) -> None:
    loaded = town.load(XML.format(namespace), None, format="edfi-xml", name="a.xml")
    assert loaded.tables["person"].landed == 1


@pytest.mark.parametrize(
    "namespace", ["http://example.org/5.2.0", "http://ed-fi.org.example.com/x", "urn:sif"]
)
def test_an_interchange_of_another_standard_is_refused(town: Town, namespace: str) -> None:
    with pytest.raises(Refused, match="its namespace is not one of Ed-Fi's"):
        town.load(XML.format(namespace), None, format="edfi-xml", name="a.xml")
    assert town.rows("person") == []
