"""On which rung two records stand, and what may be joined without a person's look: a table of truths."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.test_linkage_examples import HOME, MOVED, ROSA, named, records
from throughway.identity.linkage.candidate_pairs import compare_these
from throughway.identity.linkage.comparisons import COMPARISONS, FIRST, Rungs, column, never_alone
from throughway.identity.linkage.standardization import connection, prepare


def rungs_of(
    one: dict[str, Any], other: dict[str, Any], *more: dict[str, Any]
) -> tuple[dict[str, str], Rungs]:
    """The rung of each ladder that can be climbed, by name; and the row of numbers. `more` are others of the community."""
    with connection() as engine:
        prepare(engine, records(one, other, *more))
        rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
        assert isinstance(rows, pa.Table)
        rungs = compare_these(rows, np.array([0]), np.array([1])).rungs
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


def adult(first: str | None = None, last: str | None = None, **more: str) -> dict[str, Any]:
    return {"guardians": [named(first, last, **more)]}


EMAIL, PHONE = {"electronic_mail_address": "rosa@example.org"}, {"telephone_number": "(555) 010-7311"}
GUARDIANS = [
    pytest.param(ROSA, ROSA, "same, one home", id="one guardian"),
    pytest.param(adult("Rosa", "de Tarrow"), adult("ROSA María", "Tarrow"), "same, one home", id="spelled otherwise"),
    pytest.param(adult("Rosa", "Tarrow"), {"guardians": [named("Ira", "Felwick"), named("Rosa", "Tarrow")]}, "same, one home", id="one of two"),
    pytest.param({**HOME, **ROSA}, {**MOVED, **ROSA}, "same, one home", id="moved"),
    pytest.param({**HOME, **ROSA}, MOVED, "same, moved", id="moved, one guardian not known"),
    pytest.param({**HOME, **ROSA}, {**HOME, **adult("Ira", "Tarrow")}, "same, one home", id="mother and father"),
    pytest.param(ROSA, adult("Ira", "Tarrow"), "same", id="another guardian says nothing"),
    pytest.param(ROSA, {}, "same", id="not granted by one"),
    pytest.param(adult("Rosa"), adult("Rosa"), "same", id="no surname"),
    pytest.param(adult(None, "Tarrow"), adult(None, "Tarrow"), "same", id="no first name"),
    pytest.param(adult("R.", "Tarrow"), adult("R.", "Tarrow"), "same", id="an initial"),
    pytest.param(adult("Mother", "Tarrow"), adult("Mother", "Tarrow"), "same", id="a word that is no name"),
    pytest.param(adult("Ottilie", "Tarrow"), adult("Ottilie", "Tarrow"), "same", id="the student's own name"),
    pytest.param(adult(**EMAIL), adult(**EMAIL), "same, one home", id="e-mail"),
    pytest.param(adult(**PHONE), {"phone": "555 010 7311"}, "same, one home", id="the home's telephone is the guardian's"),
    pytest.param(adult(**PHONE), {"phone": "555 010 2000"}, "same, moved", id="another telephone"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "rung"), GUARDIANS)
def test_guardians_are_of_the_home(one: dict[str, Any], other: dict[str, Any], rung: str) -> None:
    told, _ = rungs_of(named("Ottilie", "Tarrow", **one), named("Ottilie", "Tarrow", **other))
    assert told["family"] == rung
    assert "email" not in told


def test_guardian_of_another_surname_shares_the_home() -> None:
    told, _ = rungs_of(named("Ottilie", "Tarrow", **ROSA), named("Ottilie", "Vandermolen", **ROSA))
    assert told["family"] == "other, one home"


def test_guardian_email_is_not_the_students() -> None:
    both = {"email": "Rosa@example.org ", **adult(**EMAIL)}
    told, _ = rungs_of(named("Ottilie", "Tarrow", **both), named("Ottilie", "Tarrow", **both))
    assert (told["family"], "email" in told) == ("same, one home", False)
    own = {"email": "ottilie@example.org", **adult(**EMAIL)}
    told, _ = rungs_of(named("Ottilie", "Tarrow", **own), named("Ottilie", "Tarrow", **own))
    assert told["email"] == "same"


@pytest.mark.parametrize(("records_of_one", "rung"), [(24, "same, one home"), (25, "same")])
@pytest.mark.parametrize("whose", [ROSA, adult(**EMAIL), adult(**PHONE)])
def test_guardian_of_many_is_no_evidence(whose: dict[str, Any], records_of_one: int, rung: str) -> None:
    others = [named("Jacob", "Vandermolen", **whose)] * (records_of_one - 2)
    told, _ = rungs_of(named("Ottilie", "Tarrow", **whose), named("Ottilie", "Tarrow", **whose), *others)
    assert told["family"] == rung


MIDDLES = [("Viola", "V", "rare initial"), ("Marie", "M", "initial"), ("Viola", "Viola", "same"), ("V", "K", "different")]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "rung"), MIDDLES)
def test_middle_names(one: str, other: str, rung: str) -> None:
    told, _ = rungs_of(
        named("Ottilie", "Tarrow", middle_name=one), named("Ottilie", "Tarrow", middle_name=other)
    )
    assert told["middle"] == rung


ANOTHER = {"birthdate": datetime.date(1988, 11, 27)}
MATES = [
    pytest.param(named("Ira", "Tarrow", **HOME), "of a housemate", id="of one source"),
    pytest.param(named("Ottilie", "Tarrow", **HOME), "different", id="the same record again"),
    pytest.param(named("Ira", "Tarrow", **MOVED), "different", id="of another home"),
    pytest.param(named("Ira", "Tarrow", partner="club", **HOME), "different", id="of another source"),
    pytest.param(named("Ira", "Tarrow", **HOME, **ANOTHER), "different", id="another birth date"),
]


@pytest.mark.parametrize(("mate", "rung"), MATES)
def test_housemate_birth_date_may_be_written_by_mistake(mate: dict[str, Any], rung: str) -> None:
    told, _ = rungs_of(
        named("Ottilie", "Tarrow", **HOME), named("Ottilie", "Tarrow", **MOVED, **ANOTHER), mate
    )
    assert told["birth"] == rung


def test_shared_home_and_birth_date_do_not_join_other_names() -> None:
    one = named("Jacob", "Tarrow", **HOME, middle_name="V")
    other = named("Emily", "Tarrow", **HOME, middle_name="V")
    told, rungs = rungs_of(one, other)
    assert (told["first"], never_alone(rungs).tolist()) == ("another name", [False])
    told, rungs = rungs_of(one, other, named("Emily", "Tarrow", **HOME))
    assert (told["first"], told["birth"]) == ("another of one home", "same")
    assert never_alone(rungs).tolist() == [True]


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
