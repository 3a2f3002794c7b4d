"""Which entries may tell of a student: none is ever passed over, and few others are opened."""

import numpy as np
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.test_ledger import entry
from throughway.ledger import entry_search, recording
from throughway.ledger.bloom_filter import EVERYTHING, LARGEST, passes_sql, sieve_of
from throughway.ledger.models import LedgerSieve

NUMBERS = st.integers(-(2**63), 2**63 - 1)


def passes(words: tuple[int, ...], number: int) -> bool:
    asked = sieve_of(np.array([number], dtype=np.int64))
    return all(word & bits == bits for word, bits in zip(words, asked, strict=True))


@settings(max_examples=200, deadline=None)
@given(st.sets(NUMBERS, max_size=60))
def test_every_number_of_a_set_passes(numbers: set[int]) -> None:
    words = sieve_of(np.array(sorted(numbers), dtype=np.int64))
    assert all(passes(words, number) for number in numbers)
    assert all(-(2**63) <= word < 2**63 for word in words)


def test_few_others_pass_and_a_large_set_lets_all_pass() -> None:
    random = np.random.default_rng(3)
    of_fifty = [sieve_of(random.integers(1, 2**52, 50)) for _ in range(200)]
    wrongly = sum(passes(words, int(n)) for words in of_fifty for n in random.integers(1, 2**52, 50))
    assert wrongly < 0.025 * 200 * 50
    following = sieve_of(np.arange(1000, 1050))
    assert sum(passes(following, n) for n in range(1050, 2050)) < 50
    assert sieve_of(np.arange(LARGEST + 1)) == EVERYTHING
    assert sieve_of(np.array([], dtype=np.int64)) == (0,) * 8


@pytest.mark.django_db
def test_the_database_lets_pass_what_the_words_do() -> None:
    random = np.random.default_rng(5)
    numbers = [*random.integers(1, 2**52, 400).tolist(), *range(1, 200)]
    for n in numbers[::3]:
        words = dict(zip([f"w{i}" for i in range(8)], sieve_of(np.array([n, n + 1])), strict=True))
        LedgerSieve.objects.create(entry=str(n), low=n, high=n + 1, **words)
    rows = {int(s.entry): tuple(getattr(s, f"w{i}") for i in range(8)) for s in LedgerSieve.objects.all()}
    for n in numbers:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT s.entry FROM gate_ledgersieve s WHERE {passes_sql([n], 's')}")
            found = {int(id) for (id,) in cursor.fetchall()}
        assert found == {
            first for first, words in rows.items() if first <= n <= first + 1 and passes(words, n)
        }
        assert {first for first in rows if n in (first, first + 1)} <= found


@pytest.mark.django_db
@pytest.mark.usefixtures("community")
def test_entries_of_any_size_are_found_by_student() -> None:
    random = np.random.default_rng(7)
    sets = [
        random.choice(3_000, size, replace=False) + 1
        for size in (1, 2, 50, LARGEST, LARGEST + 1, 2_000)
        for _ in range(4)
    ]
    ids = {recording.append(entry(students=each)): set(each.tolist()) for each in sets}
    for number in range(1, 3_001, 13):
        found = {told["id"] for told in entry_search.of_records([number])}
        assert found == {id for id, each in ids.items() if number in each}, number
    for many in (range(1, 90), range(1, 400)):
        found = {told["id"] for told in entry_search.of_records(many)}
        assert found == {id for id, each in ids.items() if not each.isdisjoint(many)}
