"""A release says how many of its figures are withheld, why, and what can show more, and nothing that tells which are small."""

import re
from datetime import date

import pytest

from tests.publication.test_release_files import HOURS, QUESTION, text_of
from tests.publication.test_screens import TABLE
from tests.site.people import settle, signed_in
from throughway.partners import Role
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.actions import publish
from throughway.publication.report_files import FILES
from throughway.publication.why_withheld import larger_groups, why_withheld

ANY = "More can be shown where more students are counted together, such as several school years."


def table(*values):
    return ProtectedTable(
        "A count", ("school",), tuple(ProtectedCell({}, "students", value) for value in values)
    )


@pytest.mark.parametrize(
    ("tables", "begins"),
    [
        ([table(10, 20)], None),
        ([], None),
        ([table(0, "≥95%", "0–11")], None),
        ([table(None)], "1 of 1 figure is withheld."),
        ([table(10, None)], "1 of 2 figures is withheld."),
        ([table(10, None), table(None, 0)], "2 of 4 figures are withheld."),
        ([table(*[None] * 1200)], "1,200 of 1,200 figures are withheld."),
    ],
)
def test_the_sentence_counts_what_is_withheld(tables, begins):
    said = list(why_withheld(tables, 12))
    assert bool(said) == bool(begins)
    if begins:
        assert said[0].startswith(f"{begins} ")
        assert "fewer than 12 students" in said[0]
        assert said[1:] == [ANY]


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([], ANY),
        (["school"], "Larger groups can show more: show small groups of school together, or count several school years together."),
        (
            ["school", "grade_level"],
            "Larger groups can show more: leave out by school or by grade level, show small groups together, or count several school years together.",
        ),
    ],
)  # fmt: skip
def test_the_advice_rests_on_what_was_asked_alone(groups, said):
    assert larger_groups(groups) == said
    few, many = ([table(*[None] * hidden, *[10] * (40 - hidden))] for hidden in (2, 39))
    assert list(why_withheld(few, 10, groups))[1] == list(why_withheld(many, 10, groups))[1] == said


@pytest.mark.django_db
@pytest.mark.parametrize("about", [{"question": QUESTION | {"groups": ["school"]}}, {}])
def test_page_and_files_say_the_same(community, about):
    people = settle()
    release = publish(
        report="question" if about else "count", review_days=0, title="Hours", tables=[TABLE, HOURS], purpose="report", on=date(2026, 6, 30),
        agreements=[("club-data", "1" * 64)], minimum_cell=10, disclosures=["e"], by=people[Role.EVALUATOR], about=about,
    )  # fmt: skip
    hidden = sum(cell.shown is None for each in (TABLE, HOURS) for cell in each.cells)
    figures = len(TABLE.cells) + len(HOURS.cells)
    said = [
        f"{hidden} of {figures} figures are withheld.",
        "withheld does not mean zero.",
        "small groups of school together" if about else ANY,
    ]
    texts = [text_of(ending, make(release)) for ending, (make, _) in FILES.items()]
    for text in [*texts, signed_in(people[Role.LEADER]).get(f"/releases/{release.id}/").content.decode()]:
        plain = re.sub(r"\s+", " ", text)
        assert [sentence for sentence in said if sentence not in plain] == []
