"""Somebody who knows who everybody is, by public lists and by an extract of another agreement, tries to find them in this one.

He succeeds no more often than by guessing among those who are alike in what the agreement gives.
"""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.extracts import making as made
from tests.gate import making
from throughway.extracts import actions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

NORTH = range(made.FIRST, made.FIRST + made.STUDENTS)
ALIKE = 4  # groups of students who are alike in what the study gives: day of attendance, which tells the sex and the program
BY_LUCK = 8  # of 40 guesses one is right by luck; more than eight are once in a million tries
BY_LUCK_ALIKE = 16  # among ten who are alike, four of 40; more than sixteen are as rare

Rows = list[dict[str, Any]]
Guess = dict[str, int]  # code → record number


@pytest.fixture
def extracts(tmp_path: Path) -> tuple[Path, Path]:
    """Of the study under attack, and of another whose readers know who their codes are."""
    made.town("study-a", "study-b")
    by = making.reader(made.EVALUATOR)
    return tuple(  # type: ignore[return-value]
        actions.extract(agreement=id, out=tmp_path / id, by=by).folder for id in ("study-a", "study-b")
    )


def truth(folder: Path, id: str) -> Guess:
    """Which code is whose, by the table of the purpose in the vault."""
    from throughway.agreements.grant_sql import CODES
    from throughway.store.selectors import snapshot

    with snapshot() as stored:
        known = stored.sealed(CODES, f"{id}/{id}").to_pydict()
    person = {2**41 + n if n % 2 else n: n for n in NORTH}
    found = {c: person[p] for p, c in zip(known["person"], known["code"], strict=True) if p in person}
    assert set(found) == {row["person_id"] for row in made.table(folder, "person")}
    return found


def right(guess: Guess, whose: Guess) -> int:
    return sum(whose.get(code) == number for code, number in guess.items())


def born_public(number: int) -> date:
    return made.born(number)


def in_order(rows: Rows) -> list[str]:
    return [row["person_id"] for row in rows]


# ---- the attacks, each a guess of who is who


def by_place(rows: Rows) -> Guess:
    """The first row is the first of the list of names, and so on."""
    return dict(zip(in_order(rows), NORTH, strict=False))


def by_place_backwards(rows: Rows) -> Guess:
    return dict(zip(reversed(in_order(rows)), NORTH, strict=False))


def by_code(rows: Rows) -> Guess:
    """Codes were drawn in the order of the records."""
    return dict(zip(sorted(in_order(rows)), NORTH, strict=False))


ORDERS: tuple[Callable[[Rows], Guess], ...] = (by_place, by_place_backwards, by_code)


def test_the_order_of_rows_and_codes_tells_nobody(extracts: tuple[Path, Path]) -> None:
    whose = truth(extracts[0], "study-a")
    for table in ("person", "attendance_day", "behavior_incident"):
        rows = made.table(extracts[0], table)
        for attack in ORDERS:
            assert right(attack(rows), whose) <= BY_LUCK, (table, attack.__name__)


def test_reidentification_narrows_only_to_alike_students(extracts: tuple[Path, Path]) -> None:
    """By public lists: who was there on which day, of which sex, born in which year; then by the order within the alike."""
    whose = truth(extracts[0], "study-a")
    people = {row["person_id"]: row for row in made.table(extracts[0], "person")}
    for attack in (sorted, lambda codes: sorted(codes, reverse=True), list):
        guess: Guess = {}
        for part in range(ALIKE):
            alike = [n for n in NORTH if n % ALIKE == part]
            seen = date(2026, 9, 1 + part)
            codes = [
                row["person_id"]
                for row in made.table(extracts[0], "attendance_day")
                if row["attendance_event_date"] == seen
            ]
            assert len(codes) == len(alike)
            assert {people[code]["birthdate"] for code in codes} == {born_public(n).year for n in alike}
            guess |= dict(zip(attack(codes), alike, strict=True))
        assert len(guess) == made.STUDENTS
        assert right(guess, whose) <= BY_LUCK_ALIKE


def test_another_agreements_extract_joins_nothing(extracts: tuple[Path, Path]) -> None:
    a, b = extracts
    whose, known = truth(a, "study-a"), truth(b, "study-b")
    for table, columns in {
        "person": ("person_id", "last_or_surname"),
        "attendance_day": ("person_id",),
        "behavior_incident": ("person_id", "incident_identifier"),
        "service_received": ("person_id",),
    }.items():
        here, there = made.table(a, table), made.table(b, table)
        for column in columns:
            ours, theirs = ({row[column] for row in rows} - {None} for rows in (here, there))
            assert ours
            assert not ours & theirs, f"{table}.{column}"
        # The n-th row here is whose the n-th row there is.
        guess = {h["person_id"]: known[t["person_id"]] for h, t in zip(here, there, strict=True)
                 if t["person_id"] in known}  # fmt: skip
        assert right(guess, whose) <= BY_LUCK, table
    assert "batch_id" not in made.table(a, "attendance_day")[0]
    assert "recorded_at" not in made.table(a, "attendance_day")[0]


def derived(text: str) -> Iterable[str]:
    """What somebody may have made of a name or key: digests plain and keyed, whole and cut, in the usual spellings."""
    for name in ("md5", "sha1", "sha256", "blake2b"):
        for made_of in (hashlib.new(name, text.encode()).digest(),
                        hmac.new(b"study-a", text.encode(), name).digest()):  # fmt: skip
            yield from (
                made_of.hex()[:16].upper(),
                b32encode(made_of).decode()[:16],
                b32encode(made_of).decode()[-16:],
            )


def test_no_code_is_derived_and_no_name_or_key_stands_anywhere(extracts: tuple[Path, Path]) -> None:
    folder = extracts[0]
    codes = {
        value for row in made.table(folder, "person") for value in (row["person_id"], row["last_or_surname"])
    }
    for n in NORTH:
        known = (f"First{n}", f"Last{n}", f"First{n} Last{n}", f"key-{n}", f"S{n}", str(n), str(2**41 + n),
                 born_public(n).isoformat(), f"Last{n}{born_public(n).isoformat()}")  # fmt: skip
        assert not codes & {code for text in known for code in derived(text)}
    written = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.csv")))
    for n in NORTH:
        for text in (
            f"First{n}",
            f"Last{n}",
            f"key-{n}",
            f"id-{n}",
            f"inc-{n}",
            f"S{n},",
            str(2**41 + n),
            born_public(n).isoformat(),
        ):
            assert text.encode() not in written
