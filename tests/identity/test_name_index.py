"""Finding records by the words of a name."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.identity.close_names import CloseWords
from throughway.identity.name_index import SKIPPED, alike, has_name, name_index, words_of

NAMES = {11: "Ada María Núñez-O'Brien", 12: "Ben de la Cruz", 13: "Adán Cruz Jr", 14: ""}


def rows(names: dict[int, str]) -> pa.Table:
    """Rows as standardization prepares them: the words of names, without single letters and particles."""
    split = {n: [w for w in words_of(name) if len(w) > 1 and w not in SKIPPED] for n, name in names.items()}
    return pa.table({
        "person_record": pa.array(sorted(names), pa.int64()),
        "givens": pa.array([split[n][:1] for n in sorted(names)], pa.list_(pa.string())),
        "surnames": pa.array([split[n][1:] for n in sorted(names)], pa.list_(pa.string())),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", [11, 13]),  # accents do not matter, and the beginning of a word is enough
        ("Adá", [11, 13]),
        ("ada nun", [11]),
        ("nun ada", [11]),  # in any order
        ("obrien", [11]),
        ("o’brien", [11]),
        ("cruz", [12, 13]),
        ("de la cruz", [12, 13]),  # particles are not indexed; the name that is shown decides
        ("ben cruz", [12]),
        ("zoe", []),
        ("run", []),  # not inside a word
        ("de la", []),
        ("ada unknown", [11, 13]),  # nor is what people write for an unknown name
        ("a", []),
        ("", []),
    ],
)
def test_words_begin_words_of_a_name(text: str, found: list[int]) -> None:
    assert name_index(rows(NAMES)).find(words_of(text)).tolist() == found


def test_no_records() -> None:
    assert name_index(rows({})).find(["ada"]).tolist() == []


@pytest.mark.parametrize(
    ("shown", "text", "has"),
    [
        ("Ada One", "ad on", True),
        ("Ada One", "", True),
        ("A…", "ada", False),  # a masked name finds nobody
        ("", "ada", False),
        ("Ben de la Cruz", "de la cruz", True),
        ("Ben Cruz", "de la cruz", False),
    ],
)
def test_the_name_that_is_shown_decides(shown: str, text: str, has: bool) -> None:
    assert has_name(shown, words_of(text)) == has


letters = st.text("abñ ó'-d", max_size=12)


@given(st.dictionaries(st.integers(1, 30), letters, max_size=8), letters)
def test_the_index_finds_what_a_look_at_each_name_finds(names: dict[int, str], text: str) -> None:
    words = [w for w in words_of(text) if len(w) > 1 and w not in SKIPPED]
    indexed = {n: " ".join(w for w in words_of(name) if len(w) > 1) for n, name in names.items()}
    expected = sorted(n for n, name in indexed.items() if words and has_name(name, words))
    found = name_index(rows(names)).find(words_of(text))
    assert found.dtype == np.int64
    assert found.tolist() == expected


STUDENTS = {
    1: "Fernando Bosque González", 2: "Samantha Carlstone", 3: "William Gonzalez", 4: "Maya Whitfield", 5: "Fernanda Ortiz",
    6: "José Núñez", 7: "Ada One",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fernado", [1, 5]),  # a letter that is missing; the nearer name first
        ("Gonzales", [1, 3]),  # a letter that sounds alike
        ("samanta carstone", [2]),
        ("Carstone", [2]),
        ("Nando Gonzales", [1]),  # a short form and a misspelling, each word of its own
        ("gonzales bill", [3]),  # in any order
        ("Pepe Nunez", [6]),
        ("Bosque Gonzalez Fernando", [1]),
        ("zoe", []),
        ("ad", [7]),
        ("x", []),
        ("de la", []),
    ],
)
def test_close_spellings_and_nicknames_are_found_as_linkage_knows_them(text: str, found: list[int]) -> None:
    assert name_index(rows(STUDENTS)).find_alike(words_of(text)).tolist() == found


def test_with_fewer_words_than_were_typed_the_best_come_first() -> None:
    index = name_index(rows(STUDENTS))
    assert index.find_alike(words_of("Nando Bosque López"), least=2).tolist() == [1]
    assert index.find_alike(words_of("Fernando López"), least=1).tolist()[0] == 1


@given(st.dictionaries(st.integers(1, 30), letters, max_size=8), letters)
def test_what_a_beginning_finds_is_found_among_the_alike(names: dict[int, str], text: str) -> None:
    index = name_index(rows(names))
    assert set(index.find(words_of(text)).tolist()) <= set(index.find_alike(words_of(text)).tolist())


@pytest.mark.parametrize(
    ("shown", "typed", "alike_from"),
    [
        ("Fernando Bosque González", "Nando Bosque González", 0.9),
        ("Fernando Bosque González", "Gonzales Bosque, Fernado", 0.9),
        ("Ana López", "Ana López García", 0.9),  # who came gave both surnames, and the record has one
        ("Ada One", "Ben Two", 0.0),
        ("Ada One", "Ada Two", 0.4),
    ],
)
def test_how_alike_two_names_are(shown: str, typed: str, alike_from: float) -> None:
    found = alike(words_of(shown), words_of(typed), CloseWords(words_of(shown)).of(words_of(typed)))
    assert alike_from <= found <= alike_from + 0.11
