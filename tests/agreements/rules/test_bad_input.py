"""Documents that are made to harm, or that contradict themselves: refused at once, or found with path and reason."""

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.agreements.documents import ABSENT, changed, text_of
from tests.agreements.rules.making import BASES, Change, Pair, line, party, purpose
from tests.town import Town
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.legal_review.review import ReviewContext, Severity, review_text
from throughway.core.yaml_text import LARGEST, MOST_BYTES, UnreadableText, text_in, values_of

GOOD = text_of(BASES["consent"])
EXPLODES = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(['*' + p] * 10)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
SECONDS = (
    30.0  # each takes a few hundredths, on a busy machine some more; what grows without end takes minutes
)
BOMBS = {
    "anchors that explode": EXPLODES,
    "an anchor within itself": "a: &x {b: [*x]}",
    "a list without end": "a: [" + "x," * 490_000 + "x]",
    "a section without end": "".join(f"a{n}: 1\n" for n in range(90_000)),
    "a JSON list without end": '{"a":[' + "1," * 490_000 + "1]}",
    "brackets that never close": "[" * 990_000,
    "brackets that close": "[" * 490_000 + "]" * 490_000,
    "sections within sections": "".join(" " * n + "a:\n" for n in range(1300)),
    "JSON within JSON": '{"a":' * 140_000 + "1" + "}" * 140_000,
    "JSON within JSON, not so deep": '{"a":' * 300 + "1" + "}" * 300,
    "ten megabytes": "a: " + "x" * 10_000_000,
    "ten megabytes of JSON": GOOD[:-1] + ', "about": "' + "x" * 10_000_000 + '"}',
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_text_is_refused_quickly(name: str) -> None:
    tracemalloc.start()
    began = time.perf_counter()
    findings = review_text(BOMBS[name], ReviewContext())
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(f.id, f.element) for f in findings] == [("D1", "")]
    assert took < SECONDS
    assert peak < 120_000_000  # bytes


CUT = [
    ("title: One record # of each", True),
    ("title: One record #1", True),
    ("title: 'One record # of each'", False),
    ("title: One record#1", False),
    ("title: One record  # a comment stands apart", False),
    ("title: One # a word or an id alone is whole", False),
    ("# One record # of each\ntitle: One", False),
    ("title: >-\n  One record # of each", False),
]


@pytest.mark.parametrize(("title", "cut"), CUT)
def test_an_unquoted_hash_is_reported_with_its_line(title: str, cut: bool) -> None:
    values = {name: value for name, value in BASES["consent"].items() if name != "title"}
    text = f"{title}\n{as_yaml(values)}"
    found = [f for f in review_text(text, ReviewContext()) if f.element == "title"]
    assert [(f.id, f.severity, "Line 1" in f.message) for f in found] == (
        [("D1", Severity.WARNING, True)] if cut else []
    )


@pytest.mark.parametrize("depth", [3, 30, 100, 400])
def test_depth_within_a_free_section_is_answered(depth: int) -> None:
    nested: Any = "x"
    for _ in range(depth):
        nested = {"a": nested}
    findings = review_text(
        text_of(changed(BASES["consent"], ("purposes.0.basis_details", nested))), ReviewContext()
    )
    assert {f.id for f in findings} >= ({"D3"} if depth < 35 else {"D1"})


def test_no_more_of_a_file_is_read_than_a_document_may_have(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)  # ten gigabytes, of which the disk holds none
    began = time.perf_counter()
    with pytest.raises(UnreadableText, match="longer"):
        text_in(path)
    assert time.perf_counter() - began < SECONDS
    assert MOST_BYTES > LARGEST


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_bytes("\ufefftitle: Grün\r\n".encode())
    assert values_of(text_in(path)) == {"title": "Grün"}
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableText, match="UTF-8"):
        text_in(path)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(tmp_path_factory.mktemp("bombs") / "community")
    town.found()
    return town


@pytest.mark.parametrize("name", ["anchors that explode", "ten megabytes"])
def test_the_command_refuses_it_too(name: str, town: Town, tmp_path: Path) -> None:
    document = tmp_path / "bomb.yaml"
    document.write_text(BOMBS[name], encoding="utf-8")
    began = time.perf_counter()
    done = town.run("agreement", "review", document)
    assert time.perf_counter() - began < 30  # of which the command takes a few to start
    assert done.returncode == 1, done.stderr
    assert '"D1"' in done.stdout


# What contradicts itself: (what is changed, the finding's id, its place)
CONTRADICTIONS: list[tuple[str, list[Change], str, str]] = [
    ("a partner twice", [("parties.2", party("bright-futures", "recipient"))], "D5", "parties[2].partner"),
    ("no discloser", [("parties.0.roles", ["recipient"])], "D6", "parties"),
    ("no recipient", [("parties.1.roles", ["discloser"]), ("purposes.0.recipients", ABSENT)], "D6", "parties"),
    ("no party at all", [("parties", [])], "D5", "parties"),
    ("a purpose without an entry in the schedule", [("purposes.1", purpose("consent", id="more"))], "D8", "schedule"),
    ("an end before its start", [("terms.expires", "2026-06-30")], "D10", "terms.expires"),
    ("an element not in the vocabulary", [("schedule.0.element", "attendance_day.mood")], "D8", "schedule[0].element"),
    ("a table not in the vocabulary", [("schedule.0.element", "moods.*")], "D8", "schedule[0].element"),
    ("a population that does not parse", [("population", [{"where": "= '06'", "on": "school_enrollment"}])],
     "D9", "population[0].where"),
    ("a population that reaches outside its table",
     [("population", [{"where": "person.birthdate > '2010-01-01'", "on": "school_enrollment"}])], "D9", "population[0].where"),
    ("a population with a subquery",
     [("population", [{"where": "entry_grade_level IN (SELECT 1)", "on": "school_enrollment"}])], "D9", "population[0].where"),
    ("a population of no table", [("population", [{"where": "a = 1", "on": "moods"}])], "D9", "population[0].on"),
    ("a notice for another purpose", [("schedule.0.purposes", ["luck"])], "D8", "schedule[0].purposes"),
    ("an unknown field", [("purposes.0.recipient", "x")], "D3", "purposes[0].recipient"),
    ("an unknown role", [("purposes.0.roles", ["teacher"])], "D4", "purposes[0].roles[0]"),
    ("a missing section", [("clauses", ABSENT)], "D2", "clauses"),
    ("a negative number", [("terms.destruction.within_days", -1)], "D4", "terms.destruction.within_days"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "changes", "rule", "element"), CONTRADICTIONS)
def test_what_contradicts_itself_is_found_with_place_and_reason(
    what: str, changes: list[Change], rule: str, element: str
) -> None:
    context = Pair("", "", "consent", (), "").passing_context
    found = review_text(text_of(changed(BASES["consent"], *changes)), context)
    here = [f for f in found if (f.id, f.element) == (rule, element)]
    assert here, [(f.id, f.element) for f in found]
    assert len(here[0].message) > 30


def test_grants_beyond_the_wider_tier_are_reported() -> None:
    pair = Pair("", "", "license", (), "")
    more = changed(
        pair.passing, ("schedule.1", line("course_grade.course_title")), ("terms.expires", "2035-01-01"),
        ("purposes.0.roles", ["case_worker", "leader"]),
    )  # fmt: skip
    found = [f for f in review_text(text_of(more), pair.passing_context) if f.id == "G14"]
    assert {f.element for f in found} == {"schedule[1].element", "terms.expires", "purposes[0].roles"}
    assert all("by-study" in f.message for f in found)
