"""Whatever the file: the counts add up, twice changes nothing, the order of rows does not matter, no value is repeated."""

import csv
import io
import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import ATTENDANCE, STUDENTS, in_effect
from throughway.core.refusals import Refused

SETTINGS = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SECRET = "Xyzzy"  # stands in every cell, so that a message or a list that repeats a cell is found out
numbers = itertools.count()

keys = st.sampled_from(["", "k1", "k2", "k3", " k1 ", "NULL"])
days = st.sampled_from(["9/4/2024", "2024-09-05", "2023-01-09", "13/45/2024", "", SECRET])
marks = st.sampled_from(["P", "A", "Q" + SECRET, "", "N/A"])
tidy_rows = st.lists(st.tuples(keys, days, marks), max_size=12)
junk = st.text(alphabet=st.sampled_from("ab,\"\n\r\\ \t'é|"), max_size=30)


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(in_effect(["element: attendance_day.*", "element: person.*"]))


def written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([["Student ID", "Day", "Status"], *rows])
    return text.getvalue()


@SETTINGS
@given(rows=tidy_rows)
def test_counts_add_up_and_a_repeated_load_changes_nothing(
    town: Town, rows: list[tuple[str, str, str]]
) -> None:
    prefix = f"s{next(numbers)}-"
    unique = [(key.replace("k", prefix), day, mark) for key, day, mark in rows]
    first = town.load(written(unique), ATTENDANCE).tables["attendance_day"]
    assert first.read == len([row for row in unique if any(cell.strip() for cell in row)])
    again = town.load(written(unique), ATTENDANCE).tables["attendance_day"]
    assert again.landed == 0
    assert again.unchanged + again.quarantined == first.landed + first.unchanged + first.quarantined


@SETTINGS
@given(
    rows=st.lists(st.tuples(keys, days, marks), max_size=12, unique_by=lambda r: (r[0].strip(), r[1])),
    seed=st.integers(),
)
def test_the_order_of_rows_does_not_matter(town: Town, rows: list[tuple[str, str, str]], seed: int) -> None:
    prefix = f"o{next(numbers)}-"
    unique = [(key.replace("k", prefix), day, mark) for key, day, mark in rows]
    shuffled = random.Random(seed).sample(unique, len(unique))
    first = town.load(written(unique), ATTENDANCE).tables["attendance_day"]
    again = town.load(written(shuffled), ATTENDANCE).tables["attendance_day"]
    assert (again.landed, again.unchanged) == (0, first.landed)


@SETTINGS
@given(
    body=st.lists(
        st.one_of(junk, st.just(f"k1,{SECRET},{SECRET},x,y"), st.just(f'"{SECRET}'), st.just("k2,A,B,,")),
        max_size=15,
    )
)
def test_any_text_is_read_or_refused_without_values(town: Town, body: list[str]) -> None:
    text = "Student ID,First,Last,DOB,Gender\n" + "\n".join(body)
    try:
        loaded = town.load(text.encode("utf-8", "surrogatepass"), STUDENTS)
    except Refused as refusal:
        assert SECRET not in refusal.message  # noqa: PT017
        return
    counts = loaded.tables["person"]
    assert counts.read == counts.landed + counts.unchanged + counts.quarantined + counts.out_of_scope
    assert SECRET not in loaded.quarantine.read_text(encoding="utf-8")
    assert all(row["problem"] and row["cure"] for row in quarantine(loaded))


@SETTINGS
@given(content=st.binary(max_size=200), format=st.sampled_from(["csv", "xlsx"]))
def test_any_bytes_are_read_or_refused(town: Town, content: bytes, format: str) -> None:
    try:
        town.load(content, STUDENTS, format=format)
    except Refused as refusal:
        assert refusal.message.endswith(".")  # noqa: PT017
