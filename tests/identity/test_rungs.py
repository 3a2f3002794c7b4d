"""On which rung two records stand, and what may be joined without a person's look: a table of truths."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.test_recognising import HOME, named, records
from throughway.identity.linkage.comparing import compare_these
from throughway.identity.linkage.evidence import COMPARISONS, FIRST, Rungs, column, never_alone
from throughway.identity.linkage.preparing import connection, prepare


def rungs_of(
    one: dict[str, Any], other: dict[str, Any], *more: dict[str, Any]
) -> tuple[dict[str, str], Rungs]:
    """The rung of each ladder that can be climbed, by name; and the row of numbers. `more` are others of the community."""
    with connection() as engine:
        prepare(engine, records(one, other, *more))
        rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
        assert isinstance(rows, pa.Table)
        rungs = compare_these(engine, rows, np.array([0]), np.array([1])).rungs
    told = {
        c.name: c.levels[len(c.levels) - 1 - at].name
        for c, at in zip(COMPARISONS, rungs[0].tolist(), strict=True)
        if at >= 0
    }
    return told, rungs


FIRSTS = [
    ("Zachary", "Zakhari", "misspelled"),  # sounds alike
    ("Alexandria", "Aleecsandrya", "misspelled"),
    ("Ottilie", "Ott1lie", "misspelled"),  # a digit for a letter
    ("Molly", "Mo11y", "same"),
    ("Harold", "Hanord", "alike"),  # two letters wrong
    ("Kim", "Kan", "different"),  # one sound alone says nothing
    ("Jacob", "Emily", "another name"),
]


@pytest.mark.parametrize(("one", "other", "rung"), FIRSTS)
def test_first_names(one: str, other: str, rung: str) -> None:
    told, _ = rungs_of(named(one, "Tarrow"), named(other, "Tarrow"))
    assert told["first"] == rung


SURNAMES = [
    ("Kidder", "Kitter", "close"),  # sounds alike
    ("Wimer", "Winer", "close"),  # one letter of five
    ("Washington", "Sashiggton", "close"),  # two letters of ten
    ("Wu", "Wv", "other"),
    ("Tarrow", "Vandermolen", "other"),
]


@pytest.mark.parametrize(("one", "other", "rung"), SURNAMES)
def test_surnames(one: str, other: str, rung: str) -> None:
    told, _ = rungs_of(named("Ottilie", one), named("Ottilie", other))
    assert told["family"] == rung


MIDDLES = [("Viola", "V", "rare initial"), ("Marie", "M", "initial"), ("Viola", "Viola", "same"), ("V", "K", "different")]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "rung"), MIDDLES)
def test_middle_names(one: str, other: str, rung: str) -> None:
    told, _ = rungs_of(
        named("Ottilie", "Tarrow", middle_name=one), named("Ottilie", "Tarrow", middle_name=other)
    )
    assert told["middle"] == rung


SWAPPED = {"birthdate": datetime.date(2012, 4, 3)}
WOMAN, MAN = {"sex": "Female"}, {"sex": "Male"}
MIDDLE = {"middle_name": "Viola"}
ALONE = [
    # Harold and Hanord are no two usual names: with one birth date and middle name, the sex may be mistaken.
    pytest.param(named("Harold", "Tarrow", **MIDDLE, **MAN), named("Hanord", "Tarrow", **MIDDLE, **WOMAN), False, id="sex mistaken"),
    pytest.param(named("Harold", "Tarrow", **MAN), named("Hanord", "Tarrow", **WOMAN), True, id="no middle name"),
    pytest.param(named("Harold", "Vandermolen", **MIDDLE, **MAN), named("Hanord", "Tarrow", **MIDDLE, **WOMAN), True, id="other surname"),
    pytest.param(named("Harold", "Tarrow", **MIDDLE, **MAN), named("Hanord", None, **MIDDLE, **MAN), False, id="surname unknown"),
    pytest.param(named("Alejandra", "Tarrow", **WOMAN), named("Alexandra", "Tarrow", **WOMAN, **SWAPPED), False, id="day and month swapped"),
    pytest.param(
        named("Alejandra", "Tarrow", **WOMAN), named("Alexandra", "Tarrow", **WOMAN, birthdate=datetime.date(2014, 3, 4)), True, id="sisters of nearly one name"
    ),
    pytest.param(named("Alejandra", "Tarrow", **WOMAN), named("Alexandra", "Tarrow"), True, id="sex unknown"),
    pytest.param(named("Jacob", "Tarrow", **HOME, **MAN), named("Ethan", "Tarrow", **HOME, **MAN), True, id="twins"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "never"), ALONE)
def test_what_is_never_joined_alone(one: dict[str, Any], other: dict[str, Any], never: bool) -> None:
    told, rungs = rungs_of(one, other)
    assert never_alone(rungs).tolist() == [never], told
    assert rungs[0, column(FIRST)] >= 0
