"""Rules over facts: how a line is read, when it is met, and which need counsel's citation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.measures.eligibility import (
    FACTS,
    EligibilityRule,
    FactKind,
    ProtectedClass,
    RuleVerdict,
    check_cited,
    condition,
    judge,
    protected_by,
)

YES, NO, ASK = RuleVerdict.YES, RuleVerdict.NO, RuleVerdict.ASK


@pytest.mark.parametrize(
    ("line", "rule", "words"),
    [
        ("grade is 03 or 4", EligibilityRule("grade", ("03", "04")), "grade: Third grade or Fourth grade"),
        ("grade  is   kindergarten", EligibilityRule("grade", ("KG",)), "grade: Kindergarten"),
        ("days_missed at least 10", EligibilityRule("days_missed", at_least=10), "days of school missed this year: at least 10"),
        ("age at most 15.5", EligibilityRule("age", at_most=15.5), "age: at most 15.5"),
        ("home_language is Spanish", EligibilityRule("home_language", ("spa",)), "language at home: Spanish"),
        ("english_learner is yes", EligibilityRule("english_learner", ("Yes",)), "English learner: yes"),
        ("school is oak/1 or oak/2", EligibilityRule("school", ("oak/1", "oak/2")), "school: oak/1 or oak/2"),
    ],
)  # fmt: skip
def test_a_line_is_read_and_written_the_same(line: str, rule: EligibilityRule, words: str) -> None:
    assert condition(line, where="Rule 1") == rule
    assert condition(str(rule), where="Rule 1") == rule
    assert rule.words == words


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("grad is 03", "did you mean grade?"),
        ("wealth is much", "the facts are grade, age"),
        ("grade 03", "cannot be read; write it as"),
        ("grade is 99", "a value that it does not take"),
        ("grade at least 3", "grade is no number"),
        ("age is 12", "age is a number"),
        ("age at least twelve", "needs a number after at least"),
    ],
)
def test_a_line_that_cannot_be_read_says_what_is_wrong(line: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        condition(line, where="Rule 2")
    assert refused.value.message.startswith("Rule 2")
    assert says in refused.value.message


GRADE, AGE, LANGUAGE = (
    condition(line, where="") for line in ("grade is 03 or 04", "age at least 12", "home_language is spa")
)


@pytest.mark.parametrize(
    ("rule", "facts", "verdict"),
    [
        (GRADE, {}, ASK),
        (GRADE, {"grade": frozenset({"03"})}, YES),
        (GRADE, {"grade": frozenset({"05"})}, NO),
        (GRADE, {"grade": frozenset({"03", "05"})}, ASK),  # partners' records differ
        (GRADE, {"grade": frozenset({"03", "04"})}, YES),
        (AGE, {"age": frozenset({11.0, 12.0})}, ASK),  # only the year of birth is shown
        (AGE, {"age": frozenset({12.0, 13.0})}, YES),
        (AGE, {"age": frozenset({10.0, 11.0})}, NO),
        (LANGUAGE, {"home_language": frozenset({"eng", "spa"})}, YES),
        (LANGUAGE, {"home_language": frozenset({"eng"})}, NO),
        (LANGUAGE, {"home_language": frozenset[str]()}, ASK),
        (condition("income is low", where=""), {"income": frozenset({"low"})}, ASK),
    ],
)
def test_a_rule_on_what_is_not_seen_asks_the_family(
    rule: EligibilityRule, facts: dict[str, frozenset[str]], verdict: RuleVerdict
) -> None:
    assert judge(rule, facts) is verdict


@given(
    st.sampled_from(sorted(FACTS)),
    st.dictionaries(st.sampled_from(sorted(FACTS)), st.frozensets(st.sampled_from(["03", "Yes", "spa"]))),
)
def test_other_facts_make_no_difference(name: str, facts: dict[str, frozenset[str]]) -> None:
    rule = (
        EligibilityRule(name, ("03",))
        if FACTS[name].kind is not FactKind.NUMBER
        else EligibilityRule(name, at_least=3)
    )
    if rule.of.kind is FactKind.NUMBER:
        return
    assert judge(rule, facts) is judge(rule, {name: facts[name]} if name in facts else {})


@pytest.mark.parametrize(
    ("lines", "words", "classes"),
    [
        (["grade is 03"], "Grades 3 and 4", []),
        (["disability is Yes"], "", [ProtectedClass.DISABILITY]),
        (["section_504 is Yes", "sex is Female"], "", [ProtectedClass.SEX, ProtectedClass.DISABILITY]),
        (["race is White"], "", [ProtectedClass.RACE]),
        (["english_learner is Yes"], "", [ProtectedClass.ORIGIN]),
        (["home_language is spa"], "", [ProtectedClass.ORIGIN]),
        (["religion is any"], "", [ProtectedClass.RELIGION]),
        ([], "Girls of grades 4 to 6", [ProtectedClass.SEX]),
        ([], "Boys and girls of grades 4 to 6", []),
        ([], "Children of church members", [ProtectedClass.RELIGION]),
        ([], "Students with an IEP", [ProtectedClass.DISABILITY]),
        ([], "African American boys", [ProtectedClass.RACE, ProtectedClass.SEX]),
        ([], "Third graders who read below grade level", []),
    ],
)  # fmt: skip
def test_protected_classes_need_a_citation_of_law(
    lines: list[str], words: str, classes: list[ProtectedClass]
) -> None:
    rules = [condition(line, where="") for line in lines]
    assert protected_by(rules, words) == classes
    if not classes:
        check_cited(rules, words, "", where="Chess")
        return
    for citation in ("", "our lawyer agrees"):
        with pytest.raises(Refused) as refused:
            check_cited(rules, words, citation, where="Chess")
        assert refused.value.code == "protected_class"
        assert refused.value.citations
        assert "counsel’s citation" in refused.value.message
    check_cited(rules, words, "34 CFR 106.34(b), counsel of Oak Schools", where="Chess")
