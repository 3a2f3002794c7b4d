"""Rules of overlap: what a community may write into its file, and what it may not."""

import pytest

from throughway.core.refusals import Refused
from throughway.measures.overlaps import FILE, parsed, rules_of, shipped
from throughway.store import Community

GOOD = """
throughway: overlaps/1
at_least_days: 10
kinds:
  - {id: food, words: food, of: [food, home_visiting]}
complements:
  - {between: [tutoring, harbor/club], why: the club is where the tutor meets the student}
"""


def test_the_rules_that_come_with_the_program(community: Community) -> None:
    rules = rules_of(community)
    assert rules == shipped()
    assert rules.kind_of("tutoring") == rules.kind_of("after_school")
    assert rules.kind_of("sports").of == ("sports",)
    assert rules.at_least_days == 14


def test_a_community_has_its_own(community: Community) -> None:
    community.overlaps.write_text(GOOD, encoding="utf-8")
    rules = rules_of(community)
    assert rules.kind_of("home_visiting").id == "food"
    [both] = rules.complements
    assert both.joins(("tutoring", "north/t"), ("after_school", "harbor/club"))
    assert both.joins(("after_school", "harbor/club"), ("tutoring", "north/t"))
    assert not both.joins(("tutoring", "north/t"), ("after_school", "harbor/gym"))
    assert rules.digest != shipped().digest


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("overlaps/1", "overlaps/2", "begins with `throughway: overlaps/1`"),
        ("at_least_days: 10", "at_least_days: 0", "needs at_least_days, a number from 1 to 366"),
        ("at_least_days: 10", "at_least_days: ten", "needs at_least_days"),
        ("of: [food, home_visiting]", "of: [foods]", "has a kind 1 of an unknown code; did you mean food"),
        ("of: [food, home_visiting]", "of: []", "has a kind 1 whose of is no list of codes"),
        ("of: [food, home_visiting]", "of: [food, food]", "names an id or a code in two kinds"),
        ("words: food, ", "", "has a kind 1 without id, words and of"),
        ("[tutoring, harbor/club]", "[tutoring]", "has a complement 1 without between"),
        ("[tutoring, harbor/club]", "[tutorin, harbor/club]", "has a complement 1 of an unknown code"),
        (", why: the club is where the tutor meets the student", "", "without between, two codes or programs, and why"),
        ("kinds:", "kinds: 3\nothers:", "has kinds that are no list"),
        ("throughway:", "throughway: [", "is not YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence(before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(Refused) as refused:
        parsed(GOOD.replace(before, after, 1))
    assert refused.value.code == "settings"
    assert refused.value.message.startswith(FILE)
    assert said in refused.value.message
