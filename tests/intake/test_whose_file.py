"""Whose records a file has by its name: said only where one partner alone can be meant."""

import pytest

from throughway.intake.inspection.whose_file import kept_name, named_in

PARTNERS = {"oak-schools": "Oak Schools", "page-club": "Page Club", "oak-clinic": "The Oak Street Clinic"}


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        ("club members.csv", "page-club"),
        ("PAGE_2026-09.xlsx", "page-club"),
        ("clinic visits.csv", "oak-clinic"),
        ("oak export.csv", ""),  # two partners have the word
        ("page at the clinic.csv", ""),  # words of two partners
        ("students of our schools.csv", ""),  # any partner may call a file so
        ("clubhouse.csv", ""),  # a word, not a part of one
        ("export.csv", ""),
    ],
)
def test_a_word_of_one_partner_alone(name: str, partner: str) -> None:
    assert named_in(name, PARTNERS, {})[0] == partner


def test_an_earlier_file_of_the_same_name_says_more_than_a_word() -> None:
    earlier = {
        kept_name("enrollment 2026-09.csv"): frozenset({"oak-clinic"}),
        "club": frozenset({"oak-schools"}),
    }
    assert named_in("Enrollment_2026-10.xlsx", PARTNERS, earlier)[0] == "oak-clinic"
    assert named_in("club-3.csv", PARTNERS, earlier)[0] == "oak-schools"
    both = {"enrollment": frozenset({"oak-clinic", "oak-schools"})}
    assert named_in("enrollment 2.csv", PARTNERS, both) == ("", "")
    gone = {"enrollment": frozenset({"left-town"})}  # a partner whose files this reader may not load
    assert named_in("enrollment 2.csv", PARTNERS, gone) == ("", "")
