"""The rules beside the estimators: weights, standards, hidden causes, and the order of verdicts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import root

from throughway.evidence.multiplicity import sentence, stands
from throughway.evidence.plain_table import CovariateColumns
from throughway.evidence.sensitivity import FLOOR, HiddenCause, _bias, as_strong_as, robustness_value
from throughway.evidence.standards import CAUTIOUS, baseline_g, ceiling, cox_d, hedges_g, low_attrition
from throughway.evidence.study import Better, Design
from throughway.evidence.verdict import Verdict, as_of_today, decide, earns_cause, narrower
from throughway.evidence.verdict_words import FOLLOWS, HEADLINES, TAGS, meaning
from throughway.evidence.weighting import NoOverlap, balancing_weights, effective_n


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_weights_equal_a_second_computation(seed: int, columns: int) -> None:
    """The second one solves the equations of balance themselves, by another method."""
    r = np.random.default_rng(seed)
    values = r.normal(size=(80, columns))
    target = values[:40].mean(axis=0) * 0.5 + 0.1
    weights = balancing_weights(values, target)

    def unbalanced(lagrange: np.ndarray) -> np.ndarray:
        tilted = np.exp((values - target) @ lagrange)
        return (values - target).T @ tilted / tilted.sum()

    found = root(unbalanced, np.zeros(columns), method="hybr", tol=1e-12)
    other = np.exp((values - target) @ found.x)
    assert np.allclose(weights, other / other.sum(), atol=1e-6)
    assert weights.sum() == pytest.approx(1)
    assert 1 <= effective_n(weights) <= 80


def test_a_target_outside_of_all_students_has_no_weights() -> None:
    values = np.random.default_rng(1).normal(size=(50, 2))
    with pytest.raises(NoOverlap):
        balancing_weights(values, values.max(axis=0) + 0.1)


def test_the_boundary_of_attrition() -> None:
    assert len(CAUTIOUS) == 58
    assert low_attrition(begun=(1000, 1000), kept=(1000, 1000))
    # Overall 3%: 5.9 points.
    assert low_attrition(begun=(1000, 1000), kept=(1000, 941))
    assert not low_attrition(begun=(1000, 1000), kept=(1000, 940))
    # Overall 19.5%, between two rows of the table: 5.5 points at 19% and 5.4 at 20%, of which the smaller holds.
    assert low_attrition(begun=(1000, 1000), kept=(832, 778))
    assert not low_attrition(begun=(1000, 1000), kept=(833, 777))
    # Overall 10%: 6.3 points.
    assert low_attrition(begun=(1000, 1000), kept=(931, 869))
    assert not low_attrition(begun=(1000, 1000), kept=(932, 868))
    # Overall 57%: none but an equal loss; 58% is always high.
    assert low_attrition(begun=(100, 100), kept=(43, 43))
    assert not low_attrition(begun=(1000, 1000), kept=(431, 429))
    assert not low_attrition(begun=(100, 100), kept=(42, 42))


def test_effects_on_the_scale_of_the_standards() -> None:
    assert hedges_g(2, 10, 52) == pytest.approx(0.2 * (1 - 3 / 199))
    assert cox_d(0.6, 0.5) == pytest.approx(math.log(1.5) / 1.65)
    assert cox_d(0.5, 0.5) == 0
    assert cox_d(1.0, 0.5) == math.inf
    alike = np.arange(20.0)
    assert baseline_g(alike, alike) == 0
    assert baseline_g(alike + alike.std(ddof=1), alike) == pytest.approx(1 - 3 / 151)


def test_the_published_example_of_sensitivity() -> None:
    """Cinelli and Hazlett (2020), the survey in Darfur: estimate .0973, error .0233, 783 degrees of freedom; a hidden cause as strong
    as being a woman leaves .0752."""
    t = 0.09732 / 0.02326
    assert robustness_value(t, 783) == pytest.approx(0.139, abs=5e-4)
    assert robustness_value(t, 783, 0.05) == pytest.approx(0.076, abs=1e-3)
    bias, narrower = _bias(0.00908, 0.1106, 0.02326 * math.sqrt(783), 783)
    assert 0.09732 - bias == pytest.approx(0.0752, abs=5e-4)
    assert 0.02326 * narrower == pytest.approx(0.0219, abs=2e-4)
    assert robustness_value(0, 100) == 0
    assert _bias(0.5, 0.1, 1, 100)[0] == math.inf


def test_a_hidden_twin_of_a_covariate_would_pull_as_said() -> None:
    """Where a covariate is left out that is as strong as a recorded one, the estimate moves by about what the rule says."""
    r = np.random.default_rng(2)
    n = 200_000
    one, twin = r.normal(size=n), r.normal(size=n)
    treated = r.uniform(size=n) < 1 / (1 + np.exp(-0.5 * one - 0.5 * twin))
    y = 0.4 * one + 0.4 * twin + 0.3 * treated + r.normal(size=n)
    short = np.column_stack([np.ones(n), treated, one])
    estimate = float(np.linalg.lstsq(short, y, rcond=None)[0][1])
    found = as_strong_as(
        CovariateColumns(one[:, None], ("one",), ("one",)), treated, y,
        estimate=estimate, se=0.01, df=n - 3.0,
    )  # fmt: skip
    assert found.covariate == "one"
    assert estimate > 0.45
    assert found.estimate == pytest.approx(0.3, abs=0.03)


def hidden_cause(columns: dict[str, np.ndarray], treated: np.ndarray, y: np.ndarray) -> HiddenCause:
    names = tuple(columns)
    values = np.column_stack(list(columns.values())) if columns else np.empty((len(y), 0))
    return as_strong_as(CovariateColumns(values, names, names), treated, y, estimate=1.0, se=0.1, df=500.0)


@pytest.mark.parametrize("seed", range(4))
def test_recording_less_never_passes_more(seed: int) -> None:
    """The floor holds where little is recorded; the baseline counts as any other cause; and a cause that tells of nobody changes nothing."""
    r = np.random.default_rng(seed)
    baseline, other, noise = r.normal(size=(3, 2_000))
    treated = r.uniform(size=2_000) < 1 / (1 + np.exp(0.9 * baseline))
    y = 0.8 * baseline + 0.05 * other + r.normal(size=2_000)
    nothing = hidden_cause({}, treated, y)
    assert nothing.covariate == hidden_cause({"x": noise}, treated, y).covariate == FLOOR
    assert nothing.estimate < 1
    assert hidden_cause({"b": baseline, "x": other}, treated, y).covariate == "b"
    assert hidden_cause({"b": baseline, "x": other}, treated, y).estimate < nothing.estimate


FAR, NEAR, WIDE, BELOW = (0.2, 0.6), (-0.04, 0.05), (-0.3, 0.4), (-0.6, -0.2)


CAUSAL = (Verdict.HELPS, Verdict.HARMS, Verdict.NO_EFFECT_FOUND, Verdict.NOT_ENOUGH_EVIDENCE)
ALIKE = (Verdict.DID_BETTER, Verdict.DID_WORSE, Verdict.NO_DIFFERENCE_FOUND, Verdict.NOT_ENOUGH_EVIDENCE)
POSITIVE, NEGATIVE, NONE, UNKNOWN = range(4)


@pytest.mark.parametrize("cause", [True, False])
@pytest.mark.parametrize(
    ("admissible", "ninety", "ninety_five", "better", "place"),
    [
        (True, FAR, FAR, Better.HIGHER, POSITIVE),
        (True, FAR, FAR, Better.LOWER, NEGATIVE),
        (True, BELOW, BELOW, Better.HIGHER, NEGATIVE),
        (True, BELOW, BELOW, Better.LOWER, POSITIVE),
        (True, WIDE, WIDE, Better.HIGHER, UNKNOWN),
        (True, NEAR, NEAR, Better.HIGHER, NONE),
        # A trifle that differs from zero is a difference: the first rule comes before the second.
        (True, (0.01, 0.05), (0.005, 0.055), Better.HIGHER, POSITIVE),
        *((False, each, each, Better.HIGHER, UNKNOWN) for each in (FAR, NEAR, WIDE, BELOW)),
    ],
)  # fmt: skip
def test_the_order_of_verdicts(admissible, ninety, ninety_five, better, place, cause) -> None:  # type: ignore[no-untyped-def]
    said = decide(
        admissible=admissible,
        cause=cause,
        ninety=ninety,
        ninety_five=ninety_five,
        smallest=0.1,
        better=better,
    )
    assert said is (CAUSAL if cause else ALIKE)[place]


@given(
    st.sampled_from(Design), st.booleans(), st.booleans(), st.floats(-2, 2), st.floats(0.01, 2), st.sampled_from(Better),
    st.none() | st.floats(0.01, 1),
)  # fmt: skip
def test_no_word_of_cause_without_a_lottery_or_a_cut_off(
    design, sound, admissible, estimate, reach, better, smallest
) -> None:  # type: ignore[no-untyped-def]
    low, high = estimate - reach, estimate + reach
    said = decide(
        admissible=admissible, cause=earns_cause(design, sound=sound), ninety=narrower(estimate, low, high), ninety_five=(low, high),
        smallest=smallest, better=better,
    )  # fmt: skip
    if said.causal:
        assert sound
        assert design in (Design.LOTTERY, Design.CUTOFF)
    assert said in CAUSAL + ALIKE
    if smallest is None:
        assert said not in (Verdict.NO_EFFECT_FOUND, Verdict.NO_DIFFERENCE_FOUND)


@given(st.floats(2, 10_000), st.floats(-2, 2), st.floats(0.01, 2))
def test_the_shown_90_interval_is_no_narrower_than_it_is(df: float, estimate: float, se: float) -> None:
    low, high = (estimate + sign * se * stats.t.ppf(0.975, df) for sign in (-1, 1))
    shown = narrower(estimate, low, high)
    assert shown[0] <= estimate - se * stats.t.ppf(0.95, df) + 1e-9
    assert shown[1] >= estimate + se * stats.t.ppf(0.95, df) - 1e-9


@pytest.mark.parametrize(
    ("verdict", "design", "low_attrition", "effect", "word"),
    [
        ("helps", "matched", None, (0.3, 0.1, 0.5), Verdict.DID_BETTER),
        ("harms", "differences", None, (-0.3, -0.5, -0.1), Verdict.DID_WORSE),
        ("no effect found", "matched", None, (0.0, -0.05, 0.05), Verdict.NO_DIFFERENCE_FOUND),
        ("helps", "lottery", True, (0.3, 0.1, 0.5), Verdict.HELPS),
        ("helps", "lottery", False, (0.3, 0.1, 0.5), Verdict.DID_BETTER),
        ("harms", "cutoff", None, (-0.3, -0.5, -0.1), Verdict.HARMS),
        # What was rounded says less than the word did.
        ("helps", "lottery", True, (0.3, -0.1, 0.7), Verdict.NOT_ENOUGH_EVIDENCE),
        ("no effect found", "lottery", True, (0.1, -0.2, 0.4), Verdict.NOT_ENOUGH_EVIDENCE),
        ("helps", "lottery", True, None, Verdict.NOT_ENOUGH_EVIDENCE),
        ("not enough evidence", "lottery", True, (0.3, 0.1, 0.5), Verdict.NOT_ENOUGH_EVIDENCE),
    ],
)  # fmt: skip
def test_a_finding_of_an_earlier_version_has_the_word_that_it_earns(
    verdict, design, low_attrition, effect, word
) -> None:  # type: ignore[no-untyped-def]
    figures = None if effect is None else dict(zip(("estimate", "low", "high"), effect, strict=True))
    old = {
        "verdict": verdict, "design": design, "better": "higher", "effect": figures, "smallest": 0.1, "low_attrition": low_attrition,
        "reason": "As it was.", "tier": 2 if verdict == "helps" else None,
    }  # fmt: skip
    now = as_of_today(old)
    assert (now["verdict"], now["causal"]) == (word, word.causal)
    assert now["tier"] == (2 if word.positive else None)
    assert ("earlier version" in now["reason"]) == (word.value != verdict)
    assert as_of_today(now) is now


@pytest.mark.parametrize(
    ("word", "headline", "follows"),
    [
        (Verdict.HELPS, "The program helps.", "Those who were offered a place did better than they would have without the offer, as far as this study can tell."),
        (Verdict.HARMS, "The program harms.", "Those who were offered a place did worse than they would have without the offer, as far as this study can tell."),
        (Verdict.NO_EFFECT_FOUND, "No effect of the program that matters was found.", "If it has an effect, that is smaller than the smallest that matters."),
        (Verdict.DID_BETTER, "Participants did better than similar students. We do not know whether the program is why.",
         "They may have differed before in what no record holds."),
        (Verdict.DID_WORSE, "Participants did worse than similar students. We do not know whether the program is why.",
         "They may have differed before in what no record holds."),
        (Verdict.NO_DIFFERENCE_FOUND, "Participants did as well as similar students. We do not know whether the program has an effect.",
         "If there is a difference, it is smaller than the smallest that matters; a hidden cause may hide what the program does."),
    ],
)  # fmt: skip
def test_the_six_headlines_and_the_sentence_that_may_follow(
    word: Verdict, headline: str, follows: str
) -> None:
    assert meaning(word)[:2] == (headline, follows)


def test_whoever_reads_the_headline_alone_reads_nothing_false() -> None:
    """Each word of a comparison says in its headline that the cause is not known, and only a causal word is green or red."""
    assert set(HEADLINES) == set(FOLLOWS) == set(TAGS) == set(Verdict)
    for word in Verdict:
        told = " ".join(meaning(word))
        assert told.startswith(HEADLINES[word])
        if word in ALIKE[:3]:
            assert "We do not know whether the program" in HEADLINES[word]
            assert "lottery" in told
        assert (TAGS[word] in ("ok", "stop")) == (word in (Verdict.HELPS, Verdict.HARMS))
        for said in ("helps", "harms", "effect of the program"):
            assert said not in HEADLINES[word] or word.causal


def test_a_claim_says_its_ceiling() -> None:
    of = {"without_reservations": True, "students": 400, "sites": 3}
    assert "tier 1 (" in ceiling(Design.LOTTERY, **of)
    assert "tier 2 (" in ceiling(Design.MATCHED, **of)
    assert "tier 2 (" in ceiling(Design.LOTTERY, **of | {"without_reservations": False})
    assert "tier 3 at best" in ceiling(Design.LOTTERY, **of | {"students": 349})
    assert "tier 3 at best" in ceiling(Design.CUTOFF, **of | {"sites": 1})
    assert "sites that the table does not tell" in ceiling(Design.MATCHED, **of | {"sites": None})
    for design in Design:
        assert ceiling(design, **of).endswith("not reviewed by WWC")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_findings_that_stand_equal_a_second_computation(p: list[float]) -> None:
    """SciPy adjusts each p instead (Benjamini and Hochberg)."""
    adjusted = stats.false_discovery_control(p, method="bh")
    for number, each in enumerate(p):
        if abs(adjusted[number] - 0.05) > 1e-9:
            assert stands(each, p[:number] + p[number + 1 :]) == (adjusted[number] <= 0.05)


def test_a_finding_among_many() -> None:
    assert stands(0.04, [])
    assert not stands(0.04, [None, None])
    assert stands(0.04, [0.001, 0.03])
    assert "only finding" in sentence("reading", 1, True)
    assert "does not stand" in sentence("reading", 3, False)
    assert "stand" not in sentence("reading", 3, None)
