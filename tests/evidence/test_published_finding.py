"""Effects as published: rounded so that one student's outcome cannot be worked out, all groups of a kind or none, and never for few."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.evidence.estimate import DesignEstimate
from throughway.evidence.published_effect import publishable, published_effect
from throughway.evidence.published_finding import PublishedFinding, _groups, result_of
from throughway.evidence.registered_study import StudyDocument, parsed_document
from throughway.evidence.student_rows import NOT_RECORDED, StudyRows
from throughway.evidence.verdict import Verdict, narrower

DOCUMENT = {
    "throughway": "study/1", "title": "Does it help?", "program": "harbor/club", "purpose": "studies", "outcome": "reading",
    "who": {"grades": ["03"]}, "school_years": [2026], "design": "matched", "covariates": ["sex"], "baseline": "reading_before",
    "smallest_effect": {"value": 0.2},
}  # fmt: skip


def effect(estimate: float, se: float, *, heaviest: float, sd: float = 1.0) -> DesignEstimate:
    return DesignEstimate(estimate, se, 100.0, 50, 50, 0, sd, None, heaviest=heaviest)


def finding_of(document: StudyDocument, rows: StudyRows, minimum_cell: int) -> PublishedFinding:
    return result_of(document, rows, minimum_cell).published()


@given(
    st.floats(-3, 3), st.floats(0.01, 1), st.integers(20, 2000), st.floats(0.05, 20), st.booleans(), st.floats(-1, 1)
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_one_student_stays_open_by_a_standard_deviation(
    estimate: float, se: float, students: int, sd: float, binary: bool, moved: float
) -> None:
    """Whoever knows all other outcomes places the last one no closer than a standard deviation, or a whole answer."""
    outcome = np.array([0.0, 1.0] * 20) if binary else np.linspace(-1, 1, 40)
    found = published_effect("x", effect(estimate, se, heaviest=1 / students, sd=sd), outcome)
    assert found.step / (1 / students) >= (1.0 if binary else sd) * (1 - 1e-9)
    low, high = effect(estimate, se, heaviest=1 / students, sd=sd).interval(0.95)
    assert found.low <= low + 1e-9
    assert found.high >= high - 1e-9
    assert abs(found.estimate - estimate) <= found.step / 2 + 1e-6
    for value in (found.estimate, found.low, found.high):
        assert abs(value / found.step - round(value / found.step)) < 1e-3
    # One student's outcome changes by as much as it leaves open: the published figure is the same, or its neighbor.
    other = published_effect(
        "x", effect(estimate + moved * found.step, se, heaviest=1 / students, sd=sd), outcome
    )
    assert abs(other.estimate - found.estimate) <= found.step * (1 + 1e-6)


@pytest.mark.parametrize(
    ("treated", "others", "shown"),
    [
        ([0, 1] * 20, [0, 1] * 30, True),
        ([0, 1] * 9, [0, 1] * 30, False),  # too few on a side
        ([1] * 38 + [0] * 2, [0, 1] * 30, False),  # nearly all of one side have one outcome
        ([0, 1] * 20, [0] * 55 + [1] * 5, False),
        (list(range(40)), [*range(38), 5_000, 9_000], False),  # one stands out
    ],
)
def test_few_students_alike_students_and_one_who_stands_out(
    treated: list[int], others: list[int], shown: bool
) -> None:
    outcome = np.array([*treated, *others], float)
    side = np.arange(len(outcome)) < len(treated)
    assert publishable(outcome, side, 10) is shown


def rows(small: int) -> StudyRows:
    """300 students, of whom `small` participants are girls."""
    rng = np.random.default_rng(3)
    before = rng.normal(size=300)
    treated = np.arange(300) < 100
    girls = np.where(treated, np.arange(300) < small, np.arange(300) % 2 == 0)
    frame = pd.DataFrame({
        "student": np.arange(300), "in_program": treated.astype(float), "reading_before": before,
        "outcome": before + 0.5 * rng.normal(size=300) + treated, "sex": np.where(girls, "Female", "Male"), "of school": "s", "of school year": 2026,
    })  # fmt: skip
    nobody = np.zeros(0, np.int64)
    return StudyRows(frame, (), {}, nobody, None, [])


def test_the_groups_of_a_kind_are_shown_all_or_none() -> None:
    document = parsed_document(DOCUMENT | {"subgroups": ["sex"]})
    ((_, shown, why, _),) = finding_of(document, rows(50), 10).subgroups
    assert [each.name for each in shown] == ["Female", "Male"]
    assert why == ""
    assert all(each.high - each.low > 0 for each in shown)
    ((_, none, why, _),) = finding_of(document, rows(12), 10).subgroups
    assert (none, why) == (
        (),
        "The study looked, and at least one of these groups carries no estimate, so none is shown.",
    )
    ((_, none, why, _),) = finding_of(document, rows(25), 15).subgroups
    assert (none, why) == (
        (),
        "The study looked, and at least one of these groups is too small, so none is shown.",
    )


def groups(kind: str, names: list[str]) -> dict[str, int]:
    frame = pd.DataFrame({kind: names})
    return {name: int(inside.sum()) for name, inside in _groups(frame, kind).items()}


def test_a_kind_has_two_groups_and_who_has_none_on_record_is_in_neither() -> None:
    assert groups("english_learner", ["Yes"] * 3 + ["No"] * 5 + [NOT_RECORDED] * 2) == {"No": 5, "Yes": 3}
    assert groups("race", ["A"] * 3 + ["B"] * 5 + ["C"] * 2 + [NOT_RECORDED]) == {
        "B": 5,
        "all others together": 5,
    }
    assert groups("grade", ["09"] * 2 + ["KG"] * 2 + ["03"] * 2 + ["06"] * 3) == {
        "grades KG to 03": 4,
        "grades 06 to 09": 5,
    }
    assert groups("sex", ["Male"] * 3 + [NOT_RECORDED]) == {}


def learners(gain: float, unknown: int = 0) -> StudyRows:
    """A lottery of 600, of whom English learners gain one more than others; of `unknown` nobody recorded it."""
    rng = np.random.default_rng(5)
    offered, learner = np.arange(600) % 2 == 0, np.arange(600) % 4 < 2
    said = np.where(np.arange(600) < unknown, NOT_RECORDED, np.where(learner, "Yes", "No"))
    frame = pd.DataFrame({
        "student": np.arange(600), "in_program": offered.astype(float), "took_the_place": offered.astype(float), "draw": "1",
        "outcome": rng.normal(size=600) + gain * (offered & learner), "english_learner": said, "of school": "s", "of school year": 2026,
    })  # fmt: skip
    return StudyRows(frame, (), {}, np.zeros(0, np.int64), None, [])


LOT = DOCUMENT | {"design": "lottery", "covariates": [], "baseline": None, "subgroups": ["english_learner"]}


def test_groups_differ_where_the_interval_of_their_difference_says_so() -> None:
    (told,) = finding_of(parsed_document(LOT), learners(1.0), 10).to_json()["subgroups"]
    assert [each["name"] for each in told["effects"]] == ["No", "Yes"]
    difference = told["difference"]
    assert difference["apart"]
    assert difference["low"] < -1.0 < difference["high"] < 0
    no, yes = told["effects"]
    assert difference["estimate"] == pytest.approx(
        no["estimate"] - yes["estimate"]
    )  # nothing that is not shown already
    (same,) = finding_of(parsed_document(LOT), learners(0.0), 10).to_json()["subgroups"]
    assert not same["difference"]["apart"]


def test_groups_that_are_all_but_a_few_tell_of_nobody() -> None:
    """All students less both groups would be the few whose group nobody recorded."""
    (told,) = finding_of(parsed_document(LOT), learners(1.0, unknown=8), 10).to_json()["subgroups"]
    assert (told["effects"], told["difference"]) == ([], None)
    assert "together they are all students compared but for a few" in told["why"]
    (many,) = finding_of(parsed_document(LOT), learners(1.0, unknown=60), 10).to_json()["subgroups"]
    assert many["difference"]["apart"]


def test_without_an_estimate_there_is_a_word_and_a_reason_without_a_count() -> None:
    few = rows(10)
    few = replace(few, frame=few.frame[few.frame["student"] >= 93])
    found = finding_of(parsed_document(DOCUMENT), few, 10)
    assert (found.verdict, found.effect, found.table(10)) == (Verdict.NOT_ENOUGH_EVIDENCE, None, ())
    assert found.reason.startswith("There are too few students with an outcome in the program")
    assert "7" not in found.reason


def test_one_of_many_findings_does_not_stand() -> None:
    """What would be called a help alone is not, where others on the program in this domain showed nothing."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({
        "student": np.arange(300), "in_program": (np.arange(300) < 150).astype(float), "took_the_place": (np.arange(300) < 150).astype(float),
        "draw": "1", "outcome": rng.normal(size=300), "of school": "s", "of school year": 2026,
    })  # fmt: skip
    frame["outcome"] -= frame.groupby("in_program")["outcome"].transform("mean") - 0.27 * frame["in_program"]
    lot = StudyRows(frame, (), {}, np.zeros(0, np.int64), None, [])
    document = parsed_document(DOCUMENT | {"design": "lottery", "covariates": [], "baseline": None})
    alone = result_of(document, lot, 10).published()
    assert alone.verdict is Verdict.HELPS
    assert alone.p is not None
    assert 0.05 / 30 < alone.p < 0.05
    among = result_of(document, lot, 10, others=[None] * 29).published()
    assert among.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "of 30 findings on this program in this domain one can differ by chance" in among.reason
    assert (among.p, among.effect) == (alone.p, alone.effect)


def drawn(shift: float, *, seed: int = 4) -> StudyRows:
    """300 students by lot; `shift`: by how much those who were offered a place are ahead."""
    rng = np.random.default_rng(seed)
    offered = (np.arange(300) < 150).astype(float)
    frame = pd.DataFrame({
        "student": np.arange(300), "in_program": offered, "took_the_place": offered, "draw": "1", "outcome": rng.normal(size=300),
        "of school": "s", "of school year": 2026,
    })  # fmt: skip
    frame["outcome"] += shift * frame["in_program"]
    return StudyRows(frame, (), {}, np.zeros(0, np.int64), None, [])


LOTTERY = DOCUMENT | {"design": "lottery", "covariates": [], "baseline": None}


def test_the_word_follows_from_what_is_shown_alone() -> None:
    """Whoever knows the published effect knows the word: it tells nothing of where in its step the exact one lies."""
    told: dict[tuple[object, ...], set[Verdict]] = {}
    asked = parsed_document(LOTTERY | {"smallest_effect": {"value": 0.25, "scale": "raw"}})
    for shift in np.arange(-0.6, 0.6, 0.01):
        found = finding_of(asked, drawn(shift), 10)
        assert found.effect is not None
        shown = (found.effect.estimate, found.effect.low, found.effect.high)
        told.setdefault(shown, set()).add(found.verdict)
        assert found.verdict.claims == found.effect.apart
    assert len(told) > 10
    assert {len(words) for words in told.values()} == {1}
    assert set.union(*told.values()) == {
        Verdict.HELPS, Verdict.HARMS, Verdict.NO_EFFECT_FOUND, Verdict.NOT_ENOUGH_EVIDENCE,
    }  # fmt: skip


def test_none_found_follows_from_the_shown_interval_too() -> None:
    """The exact 90% interval is narrower than the one that follows from what is shown; the word knows the latter alone."""
    words = set()
    for hundredths in range(15, 40):
        smallest = hundredths / 100
        asked = parsed_document(LOTTERY | {"smallest_effect": {"value": smallest, "scale": "raw"}})
        found = finding_of(asked, drawn(0), 10)
        assert found.effect is not None
        low, high = narrower(found.effect.estimate, found.effect.low, found.effect.high)
        none = -smallest < low and high < smallest
        assert found.verdict is (Verdict.NO_EFFECT_FOUND if none else Verdict.NOT_ENOUGH_EVIDENCE)
        words.add(found.verdict)
    assert len(words) == 2


def test_a_comparison_never_says_what_the_program_did() -> None:
    found = finding_of(parsed_document(DOCUMENT), rows(50), 10)
    assert found.verdict is Verdict.DID_BETTER
    assert found.to_json()["causal"] is False


def test_where_an_effect_is_withheld_so_is_its_word() -> None:
    small = replace(result_of(parsed_document(LOTTERY), drawn(2), 10))
    assert small.published().verdict is Verdict.HELPS
    assert small.whole is not None
    few = replace(small, whole=replace(small.whole, allowed=False)).published()
    assert (few.verdict, few.p) == (Verdict.NOT_ENOUGH_EVIDENCE, None)
    assert few.reason == "Where an effect is withheld, so is its word."
