"""How often the estimator of effects is right, over draws of simulated tables whose truth is known.

Lotteries and cut-offs: how often the interval holds the truth, and how often a word is false. False is *helps* or *harms* where there is no
effect, *no effect found* where it exceeds the smallest that matters, and the wrong direction. Matched comparisons: how often each word is said
in worlds with a hidden cause and no effect; that is a rate of its own, since no computation sees what is in no record. Then the training program of
LaLonde (1986) beside the comparison students of the Current Population Survey, whose answer an experiment told; and the programs of twenty
simulated communities, studied on their records.

No seed is chosen: the draws follow from a number of the operating system, which the first row prints; `--set ENTROPY=NUMBER` repeats them.
"""

import math
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from statistics import NormalDist

import numpy as np
import pandas as pd

from bench.row import Row
from tests.evidence import riverbend
from tests.evidence.worlds import (
    COMPARED,
    CUT,
    DRAWN,
    NOISY,
    PLAIN,
    answer,
    compared,
    cut,
    drawn,
    lose_the_worst,
    noisy,
    of_schools,
)
from throughway.core.refusals import Refused
from throughway.evidence.effect import judged
from throughway.evidence.estimate import NoEstimate
from throughway.evidence.plain_table import table_of
from throughway.evidence.published_effect import published_effect
from throughway.evidence.study import parsed_study

ENTROPY = 0  # 0: of the operating system
DRAWS, HIDDEN_WORLDS, RIVERBENDS, RIVERBEND = 2_000, 100, 20, 6_000
EFFECT = 0.3
BETTER, WORSE = ("helps", "did better than look-alikes"), ("harms", "did worse than look-alikes")
NOTHING = ("no effect found", "no difference found")
LACKING = "causaldata is not installed, so the rows of LaLonde are left out; install the group bench-effects of pyproject.toml."


@dataclass(frozen=True)
class DesignWorld:
    """A design, its tables by seed and effect, its study, and the effect that the study should find for an effect of one."""

    name: str
    tables: Callable[[int, float], pd.DataFrame]
    study: Mapping[str, object]
    share: float = 1.0


WORLDS = (
    DesignWorld("lottery with six draws, 400 students, the offer", drawn, DRAWN, 0.7),
    DesignWorld("the same, those who took it up", drawn, DRAWN | {"estimand": "late", "taken": "t"}),
    DesignWorld(
        "lottery of 30 schools, 400 students, the offer",
        lambda seed, effect: drawn(seed, effect, schools=True),
        {"design": "lottery", "covariates": "b", "cluster": "school"},
        0.7,
    ),
    DesignWorld("cut-off, 1,200 students", cut, CUT),
)
# What is in no record, and a program without effect.
HIDDEN: tuple[tuple[str, Callable[[int], pd.DataFrame], Mapping[str, object]], ...] = (
    ("nothing hidden", lambda seed: compared(seed, 0), COMPARED),
    ("hidden motivation", lambda seed: compared(seed, 0, hidden=0.5), COMPARED),
    ("hidden motivation, prior-year placebo", lambda seed: compared(seed, 0, hidden=0.5), COMPARED | {"placebo": "earlier"}),
    ("hidden trouble", lambda seed: compared(seed, 0, hidden=0.5, pulls=-1), COMPARED),
    ("hidden trouble, prior-year placebo", lambda seed: compared(seed, 0, hidden=0.5, pulls=-1), COMPARED | {"placebo": "earlier"}),
    ("noisy baseline", lambda seed: noisy(seed, 0), NOISY),
    ("noisy baseline, prior-year placebo", lambda seed: noisy(seed, 0), NOISY | {"placebo": "earlier"}),
    ("noisy baseline, its reliability said", lambda seed: noisy(seed, 0), NOISY | {"baseline_reliability": 0.6}),
    ("the worst third of the participants lost", lambda seed: lose_the_worst(compared(seed, 0)), COMPARED),
    ("help by school, clusters not named", lambda seed: of_schools(seed, 0), NOISY),
    ("help by school, clusters named", lambda seed: of_schools(seed, 0), NOISY | {"cluster": "school"}),
)  # fmt: skip


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
    entropy = ENTROPY or secrets.randbits(32)
    rows = [Row("draws follow from the number", str(entropy), "none", "", "", True)]
    for world in WORLDS:
        rows += _of(world, _seeds(entropy, world.name, DRAWS))
    rows += [_hidden(*world, entropy) for world in HIDDEN]
    return [*rows, *_riverbends(_seeds(entropy, "Riverbend", RIVERBENDS)), *_lalonde()]


def _seeds(entropy: int, name: str, many: int) -> list[int]:
    return [int(each) for each in np.random.SeedSequence([entropy, *name.encode()]).generate_state(many)]


def _of(world: DesignWorld, seeds: list[int]) -> Iterator[Row]:
    nothing = [answer(world.tables(seed, 0), **world.study) for seed in seeds]
    something = [answer(world.tables(seed, EFFECT), **world.study) for seed in seeds]
    true = EFFECT * world.share
    held = sum(each["low"] <= 0 <= each["high"] for each in nothing)
    held += sum(each["low"] <= true <= each["high"] for each in something)
    false = sum(each["verdict"] in BETTER + WORSE for each in nothing)
    missed = sum(each["verdict"] in NOTHING + WORSE for each in something)
    published = sum(_apart_as_published(world.tables(seed, 0), world.study) for seed in seeds)
    found = sum(each["low"] > 0 for each in something)
    helps = sum(each["verdict"] in BETTER for each in something)
    theory = float(np.mean([power_of(true, each["se"]) for each in something]))
    yield _row(f"{world.name}: intervals that hold the truth", held, 2 * len(seeds), 0.93, at_least=True)
    yield _row(
        f"{world.name}: no effect, a causal word by the published interval",
        published,
        len(seeds),
        0.05,
        at_least=False,
    )
    yield replace(
        _row(f"{world.name}: no effect, called {BETTER[0]} or {WORSE[0]} in a table", false, len(seeds), 0.05, at_least=False),
        promised="", kept=True,
    )  # fmt: skip
    yield _row(
        f"{world.name}: an effect of {true:.2f}, a false word", missed, len(seeds), 0.05, at_least=False
    )
    yield Row(
        f"{world.name}: an effect of {true:.2f} told from zero; called {BETTER[0]}",
        f"{found / len(seeds):.0%}; {helps / len(seeds):.0%}",
        f"{theory:.0%} (theory, of being told from zero)",
        f"{found / len(seeds) / theory:.2f}",
        "",
        True,
    )


def _apart_as_published(frame: pd.DataFrame, study: Mapping[str, object]) -> bool:
    """Whether the interval that a registered study would publish, which is rounded outward, lies on one side of zero."""
    parsed = parsed_study(PLAIN | dict(study))
    table = table_of(frame, parsed)
    found = judged(table, parsed).found
    return not found.doubt and published_effect("", found, table.outcome[found.used]).apart


def _row(what: str, count: int, of: int, bound: float, *, at_least: bool) -> Row:
    """Kept where the rate is on the right side of the bound by more than its Monte Carlo error (one standard error)."""
    share = count / of
    error = math.sqrt(share * (1 - share) / of)
    kept = share - error >= bound if at_least else share + error <= bound
    return Row(
        what, f"{share:.1%} ± {error:.1%}", "none", "", f"{'≥' if at_least else '≤'} {bound:.0%}", kept
    )


def _hidden(
    name: str, table: Callable[[int], pd.DataFrame], study: Mapping[str, object], entropy: int
) -> Row:
    told = [answer(table(seed), **study) for seed in _seeds(entropy, name.partition(",")[0], HIDDEN_WORLDS)]
    words = Counter(each["verdict"] for each in told)
    better, worse, none = (sum(words[each] for each in of) for of in (BETTER, WORSE, NOTHING))
    outside = sum(each["estimate"] is not None and not each["low"] <= 0 <= each["high"] for each in told)
    return Row(
        f"matched comparison, {name}, no effect: did better, did worse, no difference, of {HIDDEN_WORLDS}",
        f"{better}, {worse}, {none}",
        f"{outside} (the interval alone leaves zero)",
        "",
        "",
        True,
    )


def _riverbends(seeds: list[int]) -> list[Row]:
    """Riverbend's programs: what each registered study says, beside the planted effect."""
    told: dict[str, Counter[str]] = {name: Counter() for name in PLANTED}
    for seed in seeds:
        for name in PLANTED:
            told[name][_word(name, seed)] += 1
        riverbend.town_of.cache_clear()
        riverbend.access_to.cache_clear()
    rows, false, spoken = [], 0, 0
    for name, (true, works) in PLANTED.items():
        words = told[name]
        wrong_words = {0: BETTER + WORSE, 1: NOTHING + WORSE, -1: NOTHING + BETTER}[works]
        wrong = sum(words[each] for each in wrong_words)
        false, spoken = false + wrong, spoken + sum(words.values()) - words["not enough evidence"]
        rows.append(
            Row(
                f"Riverbend of {RIVERBEND:,} students, {name}",
                ", ".join(f"{many} {word}" for word, many in words.most_common()),
                f"planted: {true}",
                "",
                "",
                True,
            )
        )
    every = len(seeds) * len(PLANTED)
    rows.append(
        Row(f"Riverbend: false words of {every} findings, of which {spoken} say something", f"{false} ({false / every:.1%})", "none", "",
            "≤ 5%", false / every <= 0.05)
    )  # fmt: skip
    return rows


def _word(name: str, seed: int) -> str:
    try:
        return riverbend.result(name, RIVERBEND, seed).verdict.value
    except (NoEstimate, Refused):
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
            f"never {BETTER[0]}",
            placebo["verdict"] not in BETTER,
        ),
    ]
