"""How often the estimator of effects is right, over fixed seeds of simulated tables whose truth is known: how often the interval holds
it, how often no effect is called help or harm, how often an effect is found, beside what theory says. Then the training program of
LaLonde (1986) beside the comparison students of the Current Population Survey, whose answer an experiment told.

Then the programs of twenty simulated communities, studied on their records. A row fails where coverage is below 93 % or false verdicts exceed 5 %, beyond the error of so many draws.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import NormalDist

import numpy as np
import pandas as pd

from bench.row import Row
from tests.evidence.riverbend import result
from tests.evidence.worlds import COMPARED, CUT, DRAWN, FOLLOWED, answer, compared, cut, drawn, followed
from throughway.evidence.estimate import NoEstimate

SEEDS = 2000
EFFECT = 0.3
HELPS, HARMS = "helps", "harms"
LACKING = "causaldata is not installed, so the rows of LaLonde are left out; install the group bench-effects of pyproject.toml."


@dataclass(frozen=True)
class DesignWorld:
    """A design, its tables by seed and effect, its study, and the effect that the study should find for an effect of one."""

    name: str
    tables: Callable[[int, float], pd.DataFrame]
    study: Mapping[str, object]
    share: float = 1.0


WORLDS = (
    DesignWorld("matched comparison, 500 students", compared, COMPARED),
    DesignWorld(
        "matched comparison, 500 students in 25 schools",
        lambda seed, effect: compared(seed, effect, clusters=25),
        COMPARED | {"cluster": "school"},
    ),
    DesignWorld("lottery with six draws, 400 students, the offer", drawn, DRAWN, 0.7),
    DesignWorld("the same, those who took it up", drawn, DRAWN | {"estimand": "late", "taken": "t"}),
    DesignWorld(
        "lottery of 30 schools, 400 students, the offer",
        lambda seed, effect: drawn(seed, effect, schools=True),
        {"design": "lottery", "covariates": "b", "cluster": "school"},
        0.7,
    ),
    DesignWorld("cut-off, 1,200 students", cut, CUT),
    DesignWorld("differences over time, 300 students at four times", followed, FOLLOWED),
)


RIVERBENDS, RIVERBEND = range(1, 21), 6_000
# By study: the planted effect (truth/effects.csv), and whether it is above zero, below, or none.
PLANTED = {
    "tutoring": ("+0.20 standard deviations", 1),
    "homework club": ("0", 0),
    "late gym": ("−3 points", -1),
    "mentoring": ("0", 0),
    "mentoring on track": ("0; motivation is in no record", 0),
    "career start": ("about +4 points for those offered a place, by lot", 1),
    "art studio": ("0", 0),
    "chess club": ("0", 0),
    "garden crew": ("0", 0),
}


def power_of(effect: float, se: float) -> float:
    """The chance that a 95 % interval excludes zero, where the true effect is `effect`."""
    normal, ratio = NormalDist(), effect / se
    edge = normal.inv_cdf(0.975)
    return normal.cdf(ratio - edge) + normal.cdf(-ratio - edge)


def measure() -> list[Row]:
    rows = []
    for world in WORLDS:
        rows += _of(world)
    return [*rows, _hidden(), *_riverbends(), *_lalonde()]


def _of(world: DesignWorld) -> list[Row]:
    nothing = [answer(world.tables(seed, 0), **world.study) for seed in range(SEEDS)]
    covered = sum(each["low"] <= 0 <= each["high"] for each in nothing)
    false = sum(each["verdict"] in (HELPS, HARMS) for each in nothing)
    true = EFFECT * world.share
    something = [answer(world.tables(seed, EFFECT), **world.study) for seed in range(SEEDS)]
    held = sum(each["low"] <= true <= each["high"] for each in something)
    found = sum(each["low"] > 0 for each in something)
    helps = sum(each["verdict"] == HELPS for each in something)
    theory = float(np.mean([power_of(true, each["se"]) for each in something]))
    return [
        _row(f"{world.name}: intervals that hold the truth", min(covered, held), 0.93, at_least=True),
        _row(f"{world.name}: no effect called {HELPS} or {HARMS}", false, 0.05, at_least=False),
        Row(
            f"{world.name}: an effect of {true:.2f} told from zero; called {HELPS}",
            f"{found / SEEDS:.0%}; {helps / SEEDS:.0%}",
            f"{theory:.0%} (theory, of being told from zero)",
            f"{found / SEEDS / theory:.2f}",
            "",
            True,
        ),
    ]


def _row(what: str, count: int, bound: float, *, at_least: bool) -> Row:
    share = count / SEEDS
    error = math.sqrt(bound * (1 - bound) / SEEDS)
    kept = share >= bound - 1.96 * error if at_least else share <= bound + 1.96 * error
    told = math.sqrt(share * (1 - share) / SEEDS)
    return Row(what, f"{share:.1%} ± {told:.1%}", "none", "", f"{'≥' if at_least else '≤'} {bound:.0%}", kept)


def _hidden() -> Row:
    """A world in which motivation, which nobody records, is as strong as the baseline, and the program does nothing."""
    told = [answer(compared(seed, 0, hidden=0.5), **COMPARED) for seed in range(SEEDS)]
    false = sum(each["verdict"] in (HELPS, HARMS) for each in told)
    outside = sum(not each["low"] <= 0 <= each["high"] for each in told)
    return Row(
        "matched comparison where hidden motivation is stronger than what is recorded, no effect: called helps or harms",
        f"{false / SEEDS:.0%}",
        f"{outside / SEEDS:.0%} (the interval alone)",
        f"{false / max(outside, 1):.2f}",
        "",
        True,
    )


def _riverbends() -> list[Row]:
    """Riverbend's programs, in communities of fixed seeds: what each registered study says, beside the planted effect."""
    rows = []
    for name, (true, works) in PLANTED.items():
        told = Counter(_word(name, seed) for seed in RIVERBENDS)
        words = ", ".join(f"{many} {word}" for word, many in told.most_common())
        wrong = told[HARMS if works > 0 else HELPS] + (told[HARMS] if works == 0 else 0)
        rows.append(
            Row(
                f"Riverbend of {RIVERBEND:,} students, {name}",
                words,
                f"planted: {true}",
                "",
                "never the wrong word",
                not wrong,
            )
        )
    return rows


def _word(name: str, seed: int) -> str:
    try:
        return result(name, RIVERBEND, seed).verdict.value
    except NoEstimate:
        return "not enough evidence"


def _lalonde() -> list[Row]:
    if find_spec("causaldata") is None:
        print(LACKING)
        return []
    from causaldata import cps_mixtape, nsw_mixtape

    experiment, survey = nsw_mixtape.load_pandas().data, cps_mixtape.load_pandas().data
    offered = experiment["treat"] == 1
    earned = experiment["re78"]
    benchmark = float(earned[offered].mean() - earned[~offered].mean())
    error = math.sqrt(earned[offered].var() / offered.sum() + earned[~offered].var() / (~offered).sum())
    frame = pd.concat([experiment[offered], survey])
    people = ["age", "educ", "black", "hisp", "marr", "nodegree"]
    study = {"design": "matched", "treatment": "treat"}
    found = answer(frame, **study, outcome="re78", covariates=[*people, "re74"], baseline="re75")
    placebo = answer(frame, **study, outcome="re75", covariates=people, baseline="re74")
    return [
        Row(
            "LaLonde: earnings of 1978, trainees beside the survey",
            f"{found['estimate']:,.0f} ± {found['se']:,.0f}, {found['verdict']}",
            f"{benchmark:,.0f} ± {error:,.0f} (experiment)",
            f"{found['estimate'] / benchmark:.2f}",
            "within one standard error of the experiment",
            bool(abs(found["estimate"] - benchmark) <= error),
        ),
        Row(
            "LaLonde: earnings of 1975, before the training (placebo)",
            f"{placebo['estimate']:,.0f} ± {placebo['se']:,.0f}, {placebo['verdict']}",
            "0",
            "",
            f"never {HELPS}",
            placebo["verdict"] != HELPS,
        ),
    ]
