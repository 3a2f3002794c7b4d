"""The estimator on tables whose true effect is known, and on tables that can answer nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tests.evidence.worlds import (
    COMPARED,
    CUT,
    DRAWN,
    FOLLOWED,
    NOISY,
    answer,
    compared,
    cut,
    drawn,
    followed,
    lose_the_worst,
    noisy,
)
from throughway.cli import main
from throughway.core.refusals import Refused

SHAPE = {"estimate", "se", "low", "high", "standardized", "verdict", "causal", "n", "balance", "design", "ceiling", "sensitivity", "notes"}  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "study"),
    [
        (compared(1, 0.5), COMPARED),
        (compared(1, 0.5, clusters=25), COMPARED | {"cluster": "school"}),
        (compared(2, 0.5), COMPARED | {"estimand": "ate"}),
        (drawn(1, 0.5), DRAWN | {"estimand": "late", "taken": "t"}),
        (drawn(1, 0.5 / 0.7), DRAWN),
        (drawn(1, 0.8 / 0.7, schools=True), {"design": "lottery", "covariates": "b", "cluster": "school"}),
        (cut(1, 0.5), CUT),
        (cut(1, 0.5, sharp=0.9), CUT | {"estimand": "late"}),
        (followed(1, 0.5), FOLLOWED),
    ],
)
def test_a_large_effect_is_found_and_its_absence_is_not(frame: pd.DataFrame, study: dict) -> None:
    found = answer(frame, **study)
    assert set(found) == SHAPE
    assert json.loads(json.dumps(found)) == found
    cause = study.get("design", "matched") in ("lottery", "cutoff")
    better, worse = (
        ("helps", "harms") if cause else ("did better than look-alikes", "did worse than look-alikes")
    )
    assert (found["verdict"], found["causal"]) == (better, cause), found["notes"]
    truth = 0.8 if study.get("design") == "lottery" and "cluster" in study else 0.5
    assert found["low"] < truth < found["high"]
    assert answer(frame.assign(y=-frame["y"]), **study)["verdict"] == worse
    assert answer(frame, **study | {"better": "lower"})["verdict"] == worse


@pytest.mark.parametrize(
    ("frame", "study", "word"),
    [
        (compared(5, 0, n=4000), COMPARED, "no difference found"),
        (drawn(1, 0, n=4000), DRAWN, "no effect found"),
        (cut(1, 0, n=6000), CUT | {"smallest_effect": {"value": 0.3}}, "no effect found"),
        (followed(2, 0, n=4000), FOLLOWED, "no difference found"),
    ],
)
def test_a_precise_nothing_is_told_from_too_little(frame: pd.DataFrame, study: dict, word: str) -> None:
    assert answer(frame, **study)["verdict"] == word


def test_a_hidden_cause_is_held_against_the_baseline_and_the_floor() -> None:
    """Those who are motivated take part, and motivation is in no record: what is printed says how strong it would have to be."""
    found = answer(compared(3, 0, n=1500, hidden=0.5), design="matched", covariates=["b"], baseline="b")
    assert found["low"] > 0
    assert found["sensitivity"]["as_strong_as"] == "b"
    assert found["sensitivity"]["estimate"] < found["estimate"]


def test_what_nobody_recorded_is_never_called_help() -> None:
    """The trap of mentoring: those who are motivated take part, and motivation is in no record. The difference is there, and its cause is
    not known; no claim of tier 1 stands on it."""
    found = answer(compared(3, 0, n=1500, hidden=0.7), design="matched", covariates=["b"], baseline="b")
    assert found["low"] > 0
    assert (found["verdict"], found["causal"]) == ("did better than look-alikes", False)
    assert "The cause is not shown" in " ".join(found["notes"])
    assert "tier 2 (" in found["ceiling"]


def test_a_claim_stands_only_under_a_positive_word() -> None:
    assert answer(drawn(1, 0.9), **DRAWN)["ceiling"].startswith("could support an ESSA claim of tier 1")
    assert answer(drawn(1, -0.9), **DRAWN)["ceiling"] is None
    assert answer(drawn(1, 0), **DRAWN)["ceiling"] is None
    assert answer(drawn(1, 1.2, n=200), **DRAWN)["ceiling"] is None  # fewer than 350 students


def test_a_lottery_that_lost_many_takes_the_words_of_a_comparison() -> None:
    """More of those without a place have no outcome than the boundary allows; before, the groups were alike."""
    frame = drawn(1, 0.9)
    rest = frame.index[frame["d"] == 0]
    frame.loc[np.random.default_rng(1).choice(rest, len(rest) // 4, replace=False), "y"] = np.nan
    found = answer(frame, **DRAWN | {"baseline": "b"})
    assert (found["verdict"], found["causal"]) == ("did better than look-alikes", False)


def test_the_naive_average_would_have_said_harm() -> None:
    frame = compared(4, 0.3, n=1500)
    naive = frame.groupby("d")["y"].mean()
    assert naive[1] - naive[0] < 0.05
    found = answer(frame, **COMPARED)
    assert 0 < found["low"] < 0.3 < found["high"]
    assert found["verdict"] == "did better than look-alikes"


def test_groups_that_drifted_apart_before_carry_no_verdict() -> None:
    frame = followed(1, 0.5, n=600, times=5, drift=0.4)
    found = answer(frame, **FOLLOWED)
    assert found["verdict"] == "not enough evidence"
    assert "drifting apart before" in " ".join(found["notes"])


def test_a_lottery_that_lost_many_needs_a_baseline() -> None:
    frame = drawn(1, 0.9, lost=0.1)
    frame.loc[(frame["d"] == 0) & (frame["b"] > 0.3), "y"] = np.nan
    assert answer(frame, **DRAWN)["verdict"] == "not enough evidence"
    assert "a baseline is needed" in " ".join(answer(frame, **DRAWN)["notes"])
    apart = answer(frame, **DRAWN, baseline="b")
    assert "standard deviations apart before" in " ".join(apart["notes"])
    assert answer(drawn(1, 0.9), **DRAWN)["verdict"] == "helps"


def test_a_comparison_without_a_baseline_carries_no_verdict() -> None:
    found = answer(compared(1, 0.8), design="matched", covariates=["x", "g", "b"])
    assert found["estimate"] is not None
    assert found["verdict"] == "not enough evidence"
    assert "needs a baseline" in " ".join(found["notes"])


def test_the_noise_of_a_baseline_decides_no_word() -> None:
    study = NOISY
    plain = answer(noisy(1, 0), **study)
    assert plain["high"] < 0  # as if the program harmed
    assert "How reliably the baseline was measured is not said" in " ".join(plain["notes"])
    known = answer(noisy(1, 0), **study, baseline_reliability=0.6)
    assert known["estimate"] == plain["estimate"]
    without = known["sensitivity"]["without_noise"]
    assert without["low"] < 0 < without["high"]
    assert known["verdict"] == "not enough evidence"
    assert "the noise of the baseline decides it" in " ".join(known["notes"])
    true = answer(noisy(1, -1.0), **study, baseline_reliability=0.6)["sensitivity"]["without_noise"]
    assert true["low"] < -1.0 < true["high"]
    with pytest.raises(Refused, match="the study names none"):
        answer(noisy(1, 0), design="matched", covariates=["x"], baseline_reliability=0.6)


def test_losses_of_one_side_carry_no_verdict() -> None:
    """A comparison has none, a cut-off and a lottery are none of chance any more; losses alike on both sides are no fault."""
    lost = lose_the_worst(compared(1, 0, n=1500))
    found = answer(lost, **COMPARED)
    assert found["verdict"] == "not enough evidence"
    assert "more of one side than of the other have no outcome" in " ".join(found["notes"])
    alike = compared(1, 0.5).assign(y=lambda f: f["y"].where(f.index % 4 > 0))
    assert "have no outcome, beyond" not in " ".join(answer(alike, **COMPARED)["notes"])
    for frame, study in ((drawn(1, 0.9), DRAWN | {"baseline": "b"}), (cut(1, 0.9), CUT)):
        assert "(tier 1 asks" in answer(frame, **study)["ceiling"]
        lost = answer(lose_the_worst(frame), **study)
        assert not lost["causal"]
        assert lost["ceiling"] is None or "(tier 2 asks" in lost["ceiling"]
    gone = followed(1, 0.5)
    weak = (gone["unit"] % 2 == 0) & gone.groupby("unit")["d"].transform("max").eq(1) & (gone["year"] == 2023)
    assert "have no outcome, beyond" in " ".join(
        answer(gone.assign(y=gone["y"].mask(weak)), **FOLLOWED)["notes"]
    )


def test_bunching_at_the_cut_is_seen() -> None:
    frame = cut(1, 0.6)
    moved = (frame["score"] > 0) & (frame["score"] < 0.06)
    frame.loc[moved, "score"] *= -1
    frame["d"] = (frame["score"] < 0).astype(int)
    found = answer(frame, **CUT)
    assert found["verdict"] == "not enough evidence"
    assert "bunch" in " ".join(found["notes"])


def two_years(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["year"] >= 2021]


NOTHING = [
    ("three participants", compared(1, 0).groupby("d").head(3), COMPARED, "fewer than 20"),
    ("an outcome nobody has", compared(1, 0).assign(y=np.nan), COMPARED, "fewer than 20"),
    ("a constant outcome", compared(1, 0).assign(y=3.0), COMPARED, "same for every student"),
    ("a constant outcome of a lottery", drawn(1, 0).assign(y=3.0), DRAWN, "same for every student"),
    ("an outcome of four", compared(1, 0).assign(y=[1] * 4 + [0] * 496), COMPARED, "Fewer than 5 students differ"),
    ("perfect separation", compared(1, 0).assign(b=lambda f: f["d"] * 9 + f["b"]), COMPARED, "do not overlap"),
    ("separation by a group", compared(1, 0).assign(g=lambda f: f["d"].map({0: "out", 1: "in"})), COMPARED, "do not overlap"),
    ("a draw that all won", drawn(1, 0).assign(d=1), {"design": "lottery"}, "fewer than 20"),
    ("draws without losers", drawn(1, 0).assign(draw=lambda f: f["d"]), DRAWN, "In no draw"),
    ("nine schools", drawn(1, 0).assign(school=lambda f: f["school"] % 9), DRAWN | {"cluster": "school"}, "needs at least 10"),
    ("nine schools over time", followed(1, 0).assign(school=lambda f: f["unit"] % 9), FOLLOWED | {"cluster": "school"}, "needs at least 10"),
    ("a cut-off that decides nothing", cut(1, 0, sharp=0.5), CUT, "did not decide"),
    ("a cut-off beyond all", cut(1, 0), CUT | {"cut": 50}, "fewer than 20"),
    ("a score of two values", cut(1, 0).assign(score=lambda f: np.sign(f["score"])), CUT, "Too few different values"),
    ("treatment at all times", followed(1, 0).assign(d=1), FOLLOWED, "No participant has a time before"),
    ("treatment that ends", followed(1, 0).assign(d=lambda f: (f["year"] == 2021).astype(int)), FOLLOWED, "leave the program again"),
    ("one time", followed(1, 0).query("year == 2023"), FOLLOWED, "fewer than two times"),
    ("two rows for one time", pd.concat([followed(1, 0)] * 2), FOLLOWED, "two rows for one time"),
    ("no row", compared(1, 0).head(0), COMPARED, "no row"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "study", "words"), [case[1:] for case in NOTHING], ids=[case[0] for case in NOTHING])  # fmt: skip
def test_where_nothing_can_be_told_a_sentence_says_so(frame: pd.DataFrame, study: dict, words: str) -> None:
    found = answer(frame, **study)
    assert found["estimate"] is None
    assert found["verdict"] == "not enough evidence"
    assert len(found["notes"]) == 1
    assert words in found["notes"][0]


def test_the_same_table_in_another_order_says_the_same_of_a_lottery() -> None:
    frame = drawn(1, 0.5)
    one, other = answer(frame, **DRAWN), answer(frame.sample(frac=1, random_state=1), **DRAWN)
    assert one["estimate"] == pytest.approx(other["estimate"], abs=1e-9)


def test_a_yes_or_no_outcome_has_an_index() -> None:
    frame = drawn(1, 1.0, n=1000)
    frame["y"] = frame["y"].map(lambda y: None if np.isnan(y) else "yes" if y > 0.5 else "no")
    found = answer(frame, **DRAWN)
    assert 0 < found["estimate"] < 1
    assert found["standardized"] > found["estimate"]


def test_the_command_reads_a_file_and_says_it_in_words(tmp_path) -> None:  # type: ignore[no-untyped-def]
    data, study = tmp_path / "data.csv", tmp_path / "study.yaml"
    drawn(1, 0.5 / 0.7).to_csv(data, index=False)
    study.write_text(
        "treatment: d\noutcome: y\nbetter: higher\nsmallest_effect: {value: 0.1, scale: sd}\ndesign: lottery\nstrata: draw\ncovariates: b\n"
    )
    run = CliRunner()
    said = run.invoke(main, ["effect", str(data), "--study", str(study)])
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Verdict: helps.\nEstimate +0.")
    read = json.loads(run.invoke(main, ["effect", str(data), "--study", str(study), "--json"]).output)
    assert read == answer(pd.read_csv(data), **DRAWN)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("outcome: z", "has no column z, which the study names as outcome"),
        ("outcome: dd", "did you mean d?"),
        ("outcome: draw_word", "holds texts that are no figures"),
        ("treatment: draw", "something other than 1 and 0"),
        ("treatmnt: d", "treatmnt is not a field of a study; did you mean treatment?"),
        ("design: lotery", "did you mean lottery?"),
        ("design: cutoff", "the design cutoff needs running"),
        ("estimand: att", "the design lottery estimates itt or late, not att"),
        ("estimand: late", "needs taken"),
        ("covariates: y", "a covariate is the treatment or the outcome itself"),
        ("smallest_effect: {value: 0}", "smallest_effect.value"),
        ("covariates: key", "more than 50 different texts"),
    ],
)
def test_a_wrong_study_is_refused_in_a_sentence(tmp_path, changed: str, words: str) -> None:  # type: ignore[no-untyped-def]
    data, study = tmp_path / "data.csv", tmp_path / "study.yaml"
    frame = drawn(1, 0.5)
    frame.assign(draw_word="secret-7", key=[f"secret-{n}" for n in range(len(frame))]).to_csv(
        data, index=False
    )
    fields = {
        "treatment": "d",
        "outcome": "y",
        "better": "higher",
        "smallest_effect": "{value: 0.1}",
        "design": "lottery",
    }
    name, _, value = changed.partition(": ")
    if name == "treatmnt":
        del fields["treatment"]
    fields = {name: value} | fields | {name: value}
    study.write_text("".join(f"{field}: {words}\n" for field, words in fields.items()))
    done = CliRunner().invoke(main, ["effect", str(data), "--study", str(study), "--json"])
    assert done.exit_code == 1, done.output
    message = json.loads(done.output)["error"]["message"]
    assert words in message
    assert "secret" not in message
    assert message.endswith((".", "?"))


def test_a_file_that_is_no_table_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    study = tmp_path / "study.yaml"
    study.write_text(
        "treatment: d\noutcome: y\nbetter: higher\nsmallest_effect: {value: 1}\ndesign: lottery\n"
    )
    for name, content in {"none.csv": None, "empty.csv": b"", "broken.csv": b'd,y\n"1,2\n3', "coded.csv": b"d,y\n\xff\xfe,1\n", "twice.csv": b"d,d,y\n1,1,1\n"}.items():  # fmt: skip
        if content is not None:
            (tmp_path / name).write_bytes(content)
        done = CliRunner().invoke(main, ["effect", str(tmp_path / name), "--study", str(study), "--json"])
        assert done.exit_code == 1, (name, done.output)
        assert json.loads(done.output)["error"]["message"].startswith(name), name


def with_placebo(frame: pd.DataFrame, seed: int, hidden: float) -> pd.DataFrame:
    """`earlier`: what was measured before, of which motivation that nobody records is a part."""
    r = np.random.default_rng(seed + 50_000)
    return frame.assign(earlier=0.4 * frame["b"] + hidden * frame["d"] + r.normal(size=len(frame)))


def test_a_placebo_that_moves_caps_the_verdict() -> None:
    frame = compared(1, 0.5)
    still = answer(with_placebo(frame, 1, 0), **COMPARED | {"placebo": "earlier"})
    (placebo,) = still["placebo"]
    assert (still["verdict"], placebo["moved"]) == ("did better than look-alikes", False)
    assert placebo["low"] < 0 < placebo["high"]
    moved = answer(with_placebo(frame, 1, 0.6), **COMPARED | {"placebo": "earlier"})
    assert moved["placebo"][0]["moved"]
    assert moved["verdict"] == "not enough evidence"
    assert "because the placebo earlier moved" in " ".join(moved["notes"])
    assert moved["estimate"] == still["estimate"] == answer(frame, **COMPARED)["estimate"]


@pytest.mark.parametrize(
    ("frame", "study"),
    [
        (drawn(1, 0.9).assign(p=np.random.default_rng(3).normal(size=400)), DRAWN),
        (cut(1, 0.5).assign(p=np.random.default_rng(3).normal(size=1200)), CUT),
        (followed(1, 0.5).assign(p=np.random.default_rng(3).normal(size=1200)), FOLLOWED),
    ],
)
def test_every_design_has_placebos(frame: pd.DataFrame, study: dict) -> None:
    found = answer(frame, **study | {"placebo": ["p"]})
    assert found["verdict"] in ("helps", "did better than look-alikes")
    assert found["placebo"][0]["low"] < 0 < found["placebo"][0]["high"]


def test_placebos_are_rarely_moved_by_chance() -> None:
    """Of three in a lottery one moves in about five of a hundred studies."""
    moved = 0
    for seed in range(200):
        frame, r = drawn(seed, 0), np.random.default_rng(seed)
        frame = frame.assign(**{name: r.normal(size=len(frame)) for name in "pqr"})
        moved += any(
            each["moved"] for each in answer(frame, **DRAWN | {"placebo": ["p", "q", "r"]})["placebo"]
        )
    assert 2 <= moved <= 20  # 10 expected; 20 or more by chance in two of a thousand


def test_a_placebo_that_cannot_answer_says_so_and_caps_nothing() -> None:
    found = answer(compared(1, 0.5).assign(p=1.0), **COMPARED | {"placebo": "p"})
    assert found["verdict"] == "did better than look-alikes"
    assert found["placebo"] == [{"outcome": "p", "estimate": None, "low": None, "high": None, "moved": False}]
    assert "The placebo p has no estimate" in " ".join(found["notes"])
    with pytest.raises(Refused, match="a placebo is used in the study itself"):
        answer(compared(1, 0.5), **COMPARED | {"placebo": "x"})
