"""Rules of need: what a community may write into its file, and what it may not."""

import pytest

from throughway.core.refusals import Refused
from throughway.measures.eligibility import FactKind
from throughway.measures.needs import FILE, RankBy, parsed, rules_of, shipped
from throughway.store import Community

GOOD = """
throughway: needs/1
needs:
  - {id: late, words: missed school often, when: [days_missed at least 5, grade is 09], answered_by: [mentoring]}
order: [seats, need]
"""


def test_the_rules_that_come_with_the_program_are_of_records_alone() -> None:
    rules = shipped()
    assert [need.id for need in rules.needs] == ["reading", "mathematics", "attendance", "courses"]
    assert rules.order == tuple(RankBy)
    for need in rules.needs:
        for rule in need.when:
            assert rule.of.protected is None
            assert rule.of.kind is not FactKind.ASKED
            assert not any(path.startswith("survey_response") for path in rule.of.elements)


def test_a_community_has_its_own(community: Community) -> None:
    assert rules_of(community) == shipped()
    community.needs.write_text(GOOD, encoding="utf-8")
    rules = rules_of(community)
    assert rules.order == (RankBy.SEATS, RankBy.NEED)
    five, nine, eight = frozenset({5.0}), frozenset({"09"}), frozenset({"08"})
    assert [n.id for n in rules.found({"days_missed": five, "grade": nine})] == ["late"]
    assert rules.found({"days_missed": five}) == []  # what is not seen finds nothing
    assert rules.found({"days_missed": five, "grade": eight}) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("needs/1", "needs/9"), "begins with"),
        (("needs:", "needs: []\nold:"), "needs a list of needs"),
        (("when: [days_missed at least 5, grade is 09]", "when: [income is low]"), "no record may tell"),
        (("when: [days_missed at least 5, grade is 09]", "when: [religion is any]"), "no record may tell"),
        (("when: [days_missed at least 5, grade is 09]", "when: [sex is Male]"), "chooses students by sex"),
        (
            ("when: [days_missed at least 5, grade is 09]", "when: [english_learner is Yes]"),
            "national origin",
        ),
        (("words: missed school often", "words: boys who miss school"), "chooses students by sex"),
        (("days_missed", "days_mist"), "did you mean days_missed?"),
        (("[mentoring]", "[mentors]"), "did you mean mentoring?"),
        (("[mentoring]", "mentoring"), "no list of lines"),
        (("[seats, need]", "[seats, seats]"), "each once"),
        (("[seats, need]", "[seat]"), "did you mean seats?"),
        (("words: missed school often, ", ""), "without id, words, when and answered_by"),
        (("order:", "order: [seats\nx:"), "is not YAML"),
    ],
)
def test_a_wrong_file_is_one_sentence(change: tuple[str, str], says: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(GOOD.replace(*change))
    assert refused.value.code in ("settings", "bad_rule", "protected_class")
    assert FILE in refused.value.message
    assert says in refused.value.message


def test_counsels_citation_allows_a_rule() -> None:
    cited = GOOD.replace("grade is 09", "english_learner is Yes").replace(
        "id: late,", "id: late, citation: 20 USC 6825,"
    )
    assert str(parsed(cited).needs[0].when[1]) == "english_learner is Yes"


SURVEYS = (
    GOOD
    + """
asked:
  - {id: mentor, words: a mentor, answered_by: [mentoring], survey: {survey: check-in, question: F1, answers: [Yes]}}
surveys:
  - id: check-in
    name: Fall check-in
    partner: north
    notice: Notice 4
    since: 2026-08-15
    consent: true
    questions:
      - {code: F1, words: I would like to meet with a mentor, topic: none}
      - {code: F2, words: How do you feel about your life, topic: mental_or_psychological_problems}
      - {code: F3, words: Do you often feel depressed, topic: none}
"""
)


def test_a_survey_whose_notice_said_so_may_tell_a_need() -> None:
    (mentor,) = parsed(SURVEYS).asked
    assert mentor.survey is not None
    assert (mentor.survey.survey.notice, mentor.survey.words) == ("Notice 4", "Yes")
    assert mentor.survey.said_by(" yes", None)
    assert not mentor.survey.said_by("No", None)
    assert not mentor.survey.said_by(None, 5.0)


@pytest.mark.parametrize(
    ("change", "says", "code"),
    [
        (("question: F1", "question: F2"), "mental or psychological problems", "protected_topic"),
        (("question: F1", "question: F3"), "20 USC 1232h(b) protects", "protected_topic"),  # by its words
        (("question: F1", "question: F9"), "does not list", "settings"),
        (("survey: check-in", "survey: climate"), "not listed under surveys", "settings"),
        (("    notice: Notice 4\n", ""), "does not say by which notice", "settings"),
        (("    since: 2026-08-15\n", ""), "does not say by which notice", "settings"),
        (("consent: true", "consent: maybe"), "consent: true", "settings"),
        (("topic: none}", "topic: weather}"), "unknown topic", "settings"),
        (("answers: [Yes]", "at_least: high"), "which answers count", "settings"),
        (("answers: [Yes]", "answers: [Yes], at_most: 2"), "which answers count", "settings"),
        (("answers: [Yes]", "answers: []"), "which answers count", "settings"),
        (("survey: {survey: check-in, question: F1, answers: [Yes]}", "survey: {construct: belonging, at_most: 2}"), "no survey and question", "settings"),
    ],
)  # fmt: skip
def test_no_other_survey_may_and_no_protected_topic(change: tuple[str, str], says: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(SURVEYS.replace(*change, 1))
    assert says in refused.value.message
    assert refused.value.code == code
    assert FILE in refused.value.message


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("My stepfather hits me", "critical appraisals of"),
        ("My parents fight a lot", "critical appraisals of"),
        ("I have used marijuana", "illegal"),
        ("I talk to a therapist", "mental"),
        ("I think that I am gay", "sex"),
    ],
)
def test_words_that_speak_of_a_protected_topic(words: str, topic: str) -> None:
    with pytest.raises(Refused, match="20 USC 1232h") as refused:
        parsed(SURVEYS.replace("I would like to meet with a mentor", words))
    assert topic in refused.value.message
