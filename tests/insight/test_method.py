"""A report's sentences on its method, compared with the policy that counted it."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from throughway.insight.pipeline_text import Method, method, method_from_json
from throughway.measures.milestones import MILESTONES
from throughway.measures.policy import POLICY

EVERY = [m.id for m in MILESTONES]
DECIDED = replace(POLICY, none_reported_is_lost=True)


def said(policy, milestones=EVERY):
    """All sentences of a report: its method, and how each of its milestones is counted."""
    found = method(policy, milestones)
    listed = [m for m in MILESTONES if m.id in milestones]
    return " ".join(
        (*found.not_seen, *found.limits, *(f"{m.definition(policy)} {m.window(policy)}." for m in listed))
    )


# A value of the policy, what is then said, and what then must not be said.
TABLE = [
    ({}, ["with these exceptions", "A graduate without a record at the clearinghouse is not seen", "the graduate is not seen"],
     ["By decision of the community", "community decided", "never lost", "moved away"]),
    ({"none_reported_is_lost": True},
     ["By decision of the community, a graduate without a record in a clearinghouse search that covers that time",
      "The community decided that a graduate", "the graduate counts as lost by the community’s decision"],
     ["record at the clearinghouse is not seen", "the graduate is not seen"]),
    ({}, ["within 16 months of the diploma", "16 months after the diploma"], []),
    ({"college_until": (2, 6, 30)}, ["within 24 months of the diploma", "24 months after the diploma"], ["16 months"]),
    ({}, ["within 6 years", "150% of the normal time for a four-year degree, and 300% for a two-year degree",
          "past the 6 years", "6 years after entering"], []),
    ({"completion_years": 8}, ["within 8 years", "200% of the normal time for a four-year degree, and 400%", "past the 8 years",
                               "8 years after entering"], ["6 years", "150%"]),
    ({}, ["enrolled at least 10 days who missed less than 10% of them", "missed at least 50% of it"], []),
    ({"days_enrolled": 20, "chronic_share": 0.125, "missed_share_of_day": 0.25},
     ["at least 20 days who missed less than 12.5% of them", "missed at least 25% of it"], ["less than 10%"]),
    ({}, ["at least 5 credits and at most 1 semester F in", "Summer courses count."], []),
    ({"credits": 5.5, "core_failures": 2, "summer_counts": False},
     ["at least 5.5 credits and at most 2 semester Fs in", "Summer courses do not count."], ["Summer courses count."]),
    ({}, ["$10,400 or more, in at least 2 quarters of the year that begins in the October"], []),
    ({"living_wage": 9_800.0, "quarters_worked": 1, "follow_up_from": (7, 1)},
     ["$9,800 or more, in at least 1 quarter of the year that begins in the July"], ["10,400", "October"]),
    ({}, ["its records extend past that summer. Until they do, no student of that class is counted",
          "A district’s class is not decided until its records extend past that summer"], []),
    ({}, ["have not attempted 5 credits, no student of that class is counted at grade 9"], []),
    ({"credits": 6.0}, ["have not attempted 6 credits"], ["attempted 5 credits"]),
    ({}, ["a student who left it without documentation counts as lost"], []),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentences", "never"), TABLE)
def test_each_sentence_is_that_of_the_policy_in_force(changes, sentences, never):
    told = said(replace(POLICY, **changes))
    assert [s for s in sentences if s not in told] == []
    assert [s for s in never if s in told] == []


@pytest.mark.parametrize(
    ("milestone", "word"),
    [
        ("graduation", "documentation"),
        ("enrollment", "clearinghouse"),
        ("completion", "credential"),
        ("employment", "Wage records"),
    ],
)
def test_the_method_leaves_out_missing_milestones(milestone, word):
    without = method(DECIDED, [id for id in EVERY if id != milestone])
    assert word in " ".join((*(found := method(DECIDED, EVERY)).not_seen, *found.limits))
    assert word not in " ".join((*without.not_seen, *without.limits))


def test_without_an_exception_none_is_announced():
    assert method(POLICY, ["reading"]).not_seen == (
        "A student without any record of the milestone is not seen and does not count as lost.",
    )


def test_every_community_setting_is_in_the_method_or_internal():
    """A setting that changes figures and no sentence would be a method that the page keeps to itself."""
    internal = {"smallest_class", "calendar_days", "presence_share", "semester_credits", "failing_below"}
    internal.add("return_years")  # the trends use it, and their own method says it
    for field in fields(POLICY):
        value = getattr(POLICY, field.name)
        if type(value) not in (bool, int, float) or field.name in internal:
            continue
        other = (not value) if type(value) is bool else value * 2
        assert said(replace(POLICY, **{field.name: other})) != said(POLICY), field.name


def test_a_release_keeps_what_was_said_when_it_was_made():
    kept = method(DECIDED, EVERY)
    assert method_from_json(kept.to_json()) == kept
    assert method_from_json(None) == Method()


@pytest.mark.parametrize("page", ["docs/first-hour.md", "docs/screens/pipeline.md", "src/throughway/insight/templates/insight/report.html",
                                  "src/throughway/insight/templates/insight/chart_key.html"])  # fmt: skip
def test_no_page_says_of_itself_what_a_policy_decides(page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8").casefold()
    for words in (
        "moved away",
        "never “lost”",
        "never lost",
        "150%",
        "16 months",
        "six years",
        "no record reaches",
    ):
        assert words not in text
