"""Bad input: it is told in sentences without values, blocks nothing up and makes nobody one."""

import datetime
from typing import Any

import pyarrow as pa
import pytest

from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.data_warnings import data_warnings
from throughway.identity.linkage.resolution import resolve
from throughway.identity.linkage.standardization import connection, prepare

FIRSTS = ["Ottilie", "Wendell", "Marisol", "Thaddeus", "Ximena", "Barnaby", "Ignacia"]
LASTS = [
    "Tarrow",
    "Vandermolen",
    "Quillfeather",
    "Brannock",
    "Ashgrove",
    "Montebello",
    "Sorrelwood",
    "Pinehurst",
    "Larkmoor",
]


def tables(number: int, **odd: Any) -> dict[str, pa.Table]:
    """So many different people of one source, with odd values (or columns left out, by None) in all of their records."""
    person, contact, identifier = [], [], []
    for at in range(number):
        row: dict[str, Any] = {
            "person_record": at + 1, "partner": "club", "first_name": FIRSTS[at % 7], "last_or_surname": f"{LASTS[at % 9]}{chr(97 + at // 63 % 26)}",
            "birthdate": str(datetime.date(2008, 1, 1) + datetime.timedelta(days=at * 37 % 3600)), "sex": "FM"[at % 2],
        }  # fmt: skip
        contact.append({"person_record": at + 1, "partner": "club", "telephone_number": odd.get("phone")})
        identifier.append({"person_record": at + 1, "partner": "club", "person_identifier": odd.get("ssn"),
                           "person_identification_system": "SSN"})  # fmt: skip
        given = {name: value(row) if callable(value) else value for name, value in odd.items() if name in row}
        person.append(row | given)
    return {
        "person": pa.Table.from_pylist(person), "person_contact": pa.Table.from_pylist(contact),
        "person_identifier": pa.Table.from_pylist(identifier),
    }  # fmt: skip


ODD = [
    pytest.param({"birthdate": None}, "no birth dates", id="no birth dates"),
    pytest.param({"first_name": None, "last_or_surname": None}, "have no names", id="no names"),
    pytest.param({"birthdate": "1900-01-01"}, "is the same day in 100%", id="placeholder date"),
    pytest.param({"birthdate": "2009-09-09"}, "is the same day in 100%", id="a date of no known kind"),
    pytest.param({"first_name": "Test", "last_or_surname": "Student"}, "have the same name", id="test students"),
    pytest.param({"first_name": "Emmeline", "last_or_surname": "Samplewood"}, "have the same name", id="one name"),
    pytest.param(
        {"first_name": None, "last_or_surname": lambda row: f"{row['first_name']} {row['last_or_surname']}"},
        "whole names in the last name", id="names in one column",
    ),
    pytest.param(
        {"first_name": lambda row: row["person_record"] + 1000, "last_or_surname": lambda row: row["first_name"],
         "birthdate": lambda row: row["last_or_surname"], "sex": lambda row: row["birthdate"]},
        "columns may be shifted", id="shifted by one",
    ),
    pytest.param({"ssn": "999-99-9999"}, "One identification number is shared by 90", id="placeholder number"),
    pytest.param({"phone": "555-010-2000"}, "One telephone number is shared by 90", id="one telephone"),
]  # fmt: skip


@pytest.mark.parametrize(("odd", "said"), ODD)
def test_oddity_is_reported_and_joins_nobody(odd: dict[str, Any], said: str) -> None:
    made = tables(
        90, **{name: str(value) if isinstance(value, int) else value for name, value in odd.items()}
    )
    made["person"] = made["person"].set_column(
        2, "first_name", made["person"]["first_name"].cast(pa.string())
    )
    told = data_warnings(made)
    assert [sentence for sentence in told if said in sentence], told
    assert not any(
        value in sentence
        for sentence in told
        for value in ("1900", "2009-", "999", "555", "Samplewood", "Ottilie")
    )
    assert len(set(resolve(made).person.tolist())) == 90


def test_usual_records_give_no_warning() -> None:
    assert data_warnings(tables(90)) == ()


def test_shared_telephone_makes_few_pairs() -> None:
    with connection() as engine:
        count = prepare(engine, tables(3_000, phone="555-010-2000", ssn="999-99-9999"))
        assert len(compare(engine, count)) < 100 * count
