"""Names that people typed: which are one person's, which may be, against a slow and simple reference."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.person_names import are_near, comparable_name, name_words

WORDS = st.lists(
    st.sampled_from(["Guillermo", "Bosqué", "Núñez", "O’Brien", "de", "la", "José", "Łukasz"]),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Guillermo Bosqué", "Bosque, Guillermo"), ("GUILLERMO  BOSQUE", "guillermo bosqué"),
        ("O’Brien, Seán", "Sean O'Brien"), ("Ana-María Núñez", "nunez ana maria"), ("Łukasz Groß", "Lukasz Gross"),
        ("José", "Jose\u0301"), ("李 小龙", "小龙 李"),
    ],
)  # fmt: skip
def test_one_name(one: str, other: str) -> None:
    assert comparable_name(one) == comparable_name(other)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Guillermo Bosque", "G. Bosque", True), ("Guillermo Bosque", "Guillermo Antonio Bosque García", True),
        ("Guillermo Bosque", "Gillermo Bosque", True), ("Guillermo Bosque", "Guillermo Bosuqe", True),
        ("Guillermo Bosque", "Guillermo", True), ("Guillermo Bosque", "Maria Bosque", False),
        ("Guillermo Bosque", "G. B.", False), ("Ana Li", "Eva Li", False), ("Guillermo Bosque", "Pat One", False),
        ("Pat One", "P. One", True),
    ],
)  # fmt: skip
def test_near_names(one: str, other: str, near: bool) -> None:
    assert are_near(one, other) is near
    assert are_near(other, one) is near


@given(WORDS)
def test_order_and_case_and_commas_make_no_other_person(words: list[str]) -> None:
    whole = " ".join(words)
    for order in list(permutations(words))[:6]:
        for written in (" ".join(order).upper(), ", ".join(order), " ".join(order)):
            assert comparable_name(written) == comparable_name(whole)


@given(st.text(max_size=30), st.text(max_size=30))
def test_equal_means_the_same_words(one: str, other: str) -> None:
    if name_words(one) and name_words(other):
        assert (comparable_name(one) == comparable_name(other)) == (
            sorted(name_words(one)) == sorted(name_words(other))
        )
    are_near(one, other)
