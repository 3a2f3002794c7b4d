"""Simulated tables whose true effect is known, one for each design."""

import numpy as np
import pandas as pd

from throughway.evidence.effect import effect_of
from throughway.evidence.plain_table import table_of
from throughway.evidence.study import parsed_study

# A study of `y` by `d`, of which a higher one is better.
PLAIN = {"treatment": "d", "outcome": "y", "better": "higher", "smallest_effect": {"value": 0.1}}


def answer(frame: pd.DataFrame, **study: object) -> dict:
    """The document for such a study."""
    parsed = parsed_study(PLAIN | study)
    return effect_of(table_of(frame, parsed), parsed)


def compared(
    seed: int, effect: float, *, n: int = 500, hidden: float = 0, clusters: int = 0, pulls: int = 1
) -> pd.DataFrame:
    """Students who are weaker before are likelier to take part; `hidden` motivation drives both, and nobody records it. `pulls`: −1 where it
    is trouble, which drives students to take part and their outcomes down. `earlier`: the outcome of a year before."""
    r = np.random.default_rng(seed)
    before, other, group, motivation = (
        r.normal(size=n),
        r.normal(size=n),
        r.choice(list("abc"), n),
        r.normal(size=n),
    )
    school = r.integers(0, max(clusters, 1), n)
    at_school = (r.normal(size=max(clusters, 1)) * 0.3)[school] * bool(clusters)
    part = r.uniform(size=n) < 1 / (1 + np.exp(0.8 + 0.6 * before - 0.4 * other - hidden * motivation))
    usual = 0.7 * before + 0.1 * before**2 + 0.3 * other + 0.2 * (group == "a") + at_school
    usual = usual + pulls * hidden * motivation
    y = usual + effect * part + r.normal(size=n) * 0.6
    return pd.DataFrame(
        {
            "d": part.astype(int), "y": y, "b": before, "x": other, "g": group, "school": school,
            "earlier": usual + r.normal(size=n) * 0.6,
        }
    )  # fmt: skip


def noisy(seed: int, effect: float, *, n: int = 1500) -> pd.DataFrame:
    """Students who can do less are likelier to take part; the baseline measures what they can do with a reliability of .6."""
    r = np.random.default_rng(seed)
    able, other = r.normal(size=(2, n))
    part = r.uniform(size=n) < 1 / (1 + np.exp(0.8 + able))
    usual = able + 0.3 * other
    y = usual + effect * part + r.normal(size=n) * 0.5
    before = able + r.normal(size=n) * (2 / 3) ** 0.5
    earlier = usual + r.normal(size=n) * 0.5
    return pd.DataFrame({"d": part.astype(int), "y": y, "b": before, "x": other, "earlier": earlier})


NOISY = {"design": "matched", "covariates": ["x"], "baseline": "b"}


def lose_the_worst(frame: pd.DataFrame, share: float = 1 / 3) -> pd.DataFrame:
    """Of the participants the weakest have no outcome."""
    treated = frame["d"] == 1
    return frame.assign(y=frame["y"].where(~treated | (frame["y"] > frame.loc[treated, "y"].quantile(share))))


def of_schools(seed: int, effect: float, *, schools: int = 12, n: int = 600) -> pd.DataFrame:
    """Half of the schools have the program, for most of their students; what a school has in common is in no column but its name."""
    r = np.random.default_rng(seed)
    school, has = r.integers(0, schools, n), r.permutation(schools) < schools / 2
    before = r.normal(size=n)
    part = has[school] & (r.uniform(size=n) < 0.8)
    y = 0.7 * before + effect * part + (r.normal(size=schools) * 0.35)[school] + r.normal(size=n) * 0.6
    return pd.DataFrame({"d": part.astype(int), "y": y, "b": before, "x": r.normal(size=n), "school": school})


COMPARED = {"design": "matched", "covariates": ["x", "g"], "baseline": "b"}


def drawn(
    seed: int, effect: float, *, n: int = 400, schools: bool = False, lost: float = 0.08
) -> pd.DataFrame:
    """Six draws with unequal chances; seven of ten take the offer up. `schools`: whole schools are drawn."""
    r = np.random.default_rng(seed)
    draw, school = r.integers(0, 6, n), r.integers(0, 30, n)
    offer = (
        (r.permutation(30) < 15)[school] if schools else r.uniform(size=n) < np.linspace(0.2, 0.8, 6)[draw]
    )
    before = r.normal(size=n)
    took = offer & (r.uniform(size=n) < 0.7)
    y = before * 0.7 + draw * 0.3 * (not schools) + effect * took + r.normal(size=n) * 0.7
    y = y + (r.normal(size=30) * 0.3)[school] * schools
    y[r.uniform(size=n) < lost] = np.nan
    return pd.DataFrame(
        {"d": offer.astype(int), "t": took.astype(int), "y": y, "b": before, "draw": draw, "school": school}
    )


DRAWN = {"design": "lottery", "covariates": "b", "strata": "draw"}


def cut(seed: int, effect: float, *, n: int = 1200, sharp: float = 1) -> pd.DataFrame:
    """Students with a score below zero are eligible; `sharp`: the share for whom that decides."""
    r = np.random.default_rng(seed)
    score = r.normal(size=n)
    part = (score < 0) ^ (r.uniform(size=n) > sharp)
    y = 0.5 * score + 0.1 * score**3 + effect * part + r.normal(size=n) * 0.5
    return pd.DataFrame({"d": part.astype(int), "y": y, "score": score})


CUT = {"design": "cutoff", "running": "score", "cut": 0}


def followed(seed: int, effect: float, *, n: int = 300, times: int = 4, drift: float = 0) -> pd.DataFrame:
    """Students who start at the third or fourth time or never, and who were behind before; `drift`: those who start move apart."""
    r = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n), times), np.tile(np.arange(times), n)
    start = np.repeat(r.choice([99, 2, 3], n), times)
    y = r.normal(size=n)[unit] - 0.2 * (start < 99) + 0.1 * time + drift * time * (start < 99)
    y = y + effect * (time >= start) + r.normal(size=n * times) * 0.6
    return pd.DataFrame({"d": (time >= start).astype(int), "y": y, "unit": unit, "year": 2020 + time})


FOLLOWED = {"design": "differences", "panel_unit": "unit", "time": "year"}
