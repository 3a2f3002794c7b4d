"""The lines of an entry: the database makes the very bytes that were hashed, whatever the entry says."""

from dataclasses import replace
from datetime import UTC
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.test_ledger import READER, entry, forge, know, leaf_hashes
from throughway.ledger import entry_search, recording
from throughway.ledger.known_words import only_known
from throughway.ledger.leaf_encoding import COLUMNS, LATER, as_json, columns_sql, content, one_line
from throughway.ledger.models import LedgerEntry
from throughway.partners.actor import Actor
from throughway.store.record_numbers import pack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]

# No lone surrogate: neither database can keep one.
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
NAMED = st.dictionaries(TEXT.filter(bool), TEXT, max_size=4)


def several(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of).map(tuple)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    purpose=TEXT, interest=TEXT, basis=TEXT, exempt=TEXT, threat=TEXT, email=TEXT, way=st.sampled_from(["", "page"]), agreements=several(st.tuples(TEXT, TEXT)),
    disclosers=several(TEXT), onward=several(TEXT), reasons=several(TEXT | NAMED), students=st.sets(st.integers(0, 2**53)),
    rows=st.none() | st.integers(0, 2**40),
)  # fmt: skip
def test_the_database_makes_the_lines_that_were_written(email: str, **fields: object) -> None:
    said = replace(
        entry(), **(fields | {"students": list(fields["students"]), "actor": Actor(email, None, "operator")})
    )  # type: ignore[call-overload, type-var]
    id = recording.append(said)
    written = recording._values(only_known(said), *_packed(said))
    with connection.cursor() as cursor:
        columns = columns_sql(connection.vendor, "e")
        cursor.execute(f"SELECT {columns}, e.at FROM gate_ledgerentry e WHERE e.id = %s", [id])
        lines, students, digest, many, _ = cursor.fetchone()
    # The id and the moment are drawn anew at each writing.
    shown = bytes(lines).decode().split("\n")
    assert len(shown) == many
    assert shown[2:] == content({**written, "id": id}).decode().split("\n")[2:]
    assert sha256(bytes(students)).hexdigest().encode() == bytes(digest)
    assert [entry for entry in entry_search.of_records(said.students) if entry["id"] == id] or not len(
        said.students
    )


def _packed(said: recording.Entry) -> tuple[object, bytes]:
    students = np.unique(np.asarray(said.students, dtype=np.int64))
    return students, pack(students)


def test_every_column_has_its_line() -> None:
    assert {*COLUMNS, *LATER, "students", "mac"} == {
        field.column for field in LedgerEntry._meta.concrete_fields
    }


def test_an_entry_of_before_keeps_its_leaf() -> None:
    """What columns that came later do not say has no line, so that leaves of any time stay what they were."""
    know()
    id = recording.append(entry(way="", question=""))
    forge("UPDATE gate_ledgerentry SET sql_sha256 = %s WHERE id = %s", "ab" * 32, id)
    row = LedgerEntry.objects.get(id=id)
    students = np.array([5, 7, 900_000_000_000])
    lines = [
        id, row.at.astimezone(UTC).isoformat(" ", "microseconds")[:26], "released", "worker@harbor.example", "harbor", "case_worker",
        "casework", "plans support for the student", "consent", "2026-03-02", f'[["harbor-2026", "{"ab" * 32}"]]',
        '["north-district"]', '["harbor"]', "[]", '["person.first_name", "attendance_day.attendance_event_date"]', "ab" * 32, "3",
        sha256(pack(students)).hexdigest(), "3", "5", "900000000000", "", "[]",
    ]  # fmt: skip
    assert leaf_hashes(id) == {id: sha256(b"\x00" + "\n".join(lines).encode()).hexdigest()}


@pytest.mark.parametrize(
    ("said", "forged"),
    [
        ({"threat": "a flood"}, "threat = threat || NEWLINE || 'way=page', way = ''"),
        (
            {"threat": "x"},
            "threat = threat || NEWLINE || 'way=page' || NEWLINE || 'question=' || question, way = '', question = ''",
        ),
    ],
)
def test_a_line_moved_into_another_column_is_found(said: dict[str, object], forged: str) -> None:
    id = recording.append(entry(**said))
    [leaf] = leaf_hashes(id).values()
    newline = "chr(10)" if connection.vendor == "postgresql" else "char(10)"
    forge(f"UPDATE gate_ledgerentry SET {forged.replace('NEWLINE', newline)} WHERE id = %s", id)
    assert leaf
    assert leaf_hashes(id) == {id: ""}


def test_no_value_can_pass_for_two_lines() -> None:
    id = recording.append(entry(interest="casework\nMatch each student"))
    assert LedgerEntry.objects.get(id=id).interest == "casework\\u000aMatch each student"
    assert one_line("a\x00b\x7f\r") == "a\\u0000b\\u007f\\u000d"


def test_names_are_ordered_as_postgresql_orders_them() -> None:
    assert as_json({"bb": 1, "a": 2, "ñ": 3, "ab": [{"zz": 1, "y": 2}]}) == (
        '{"a": 2, "ab": [{"y": 2, "zz": 1}], "bb": 1, "ñ": 3}'
    )


def test_the_moment_is_the_one_that_was_written() -> None:
    know()
    id = recording.append(entry())
    assert LedgerEntry.objects.get(id=id).at.tzinfo is not None
    assert READER.email in entry_search.of_records([5])[0]["actor"]["email"]
