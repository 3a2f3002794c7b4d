"""Readers' findings on a sample of a real run of linkage, compared with the truth that `link evaluate` uses."""

import numpy as np
import pytest

from tests.identity.fictional_community import community
from throughway.identity.linkage.accuracy import judge
from throughway.identity.linkage.resolution import resolve
from throughway.identity.review.quality_estimate import Estimate
from throughway.identity.review.sampling import DrawnPair, Frame, draw, frame_of, measured
from throughway.identity.review.verdicts import PairVerdict, settle

ERRS, UNSURE = 0.02, 0.02


def read(
    truth: bool, posterior: float, joined: bool, twice: bool, random: np.random.Generator
) -> PairVerdict:
    """What readers settle who follow the truth, err in one of fifty, and cannot tell one of fifty."""
    right, wrong = (
        (PairVerdict.SAME, PairVerdict.DIFFERENT) if truth else (PairVerdict.DIFFERENT, PairVerdict.SAME)
    )
    said: list[PairVerdict] = []
    while True:
        lot = random.random()
        said.append(PairVerdict.CANNOT_TELL if lot < UNSURE else wrong if lot < UNSURE + ERRS else right)
        found = settle(said, posterior=posterior, joined=joined, twice=twice)
        if found.verdict is not None:
            return found.verdict


def told(frame: Frame, truth: dict[int, str], random: np.random.Generator) -> Estimate:
    drawn = draw(frame, random)
    rows = []
    for row, stratum, twice in zip(drawn.rows, drawn.stratum.tolist(), drawn.twice.tolist(), strict=True):
        same = truth[int(frame.one[row])] == truth[int(frame.other[row])]
        verdict = read(same, float(frame.posterior[row]), bool(frame.joined[row]), twice, random)
        settled = None if verdict is PairVerdict.CANNOT_TELL else verdict is PairVerdict.SAME
        rows.append(DrawnPair(int(row), stratum, settled, settled is None))
    return measured(drawn.strata, rows, drawn.left_out).found


@pytest.fixture(scope="module")
def linked() -> tuple[Frame, dict[int, str], float, float]:
    """An invented community of six hundred persons, linked: its pairs, who is who, true precision and recall."""
    made = community(600, seed=5)
    found = resolve(made.tables)
    links = dict(zip(found.record.tolist(), found.person.tolist(), strict=True))
    scored = found.scored
    right = judge(links, made.truth).pairs
    frame = frame_of((scored.one, scored.other, scored.posterior), links)
    return frame, dict(made.truth), right.precision, right.recall  # type: ignore[arg-type]


def test_intervals_hold_the_truth(linked: tuple[Frame, dict[int, str], float, float]) -> None:
    frame, truth, precision, recall = linked
    held = {"precision": 0, "recall": 0}
    for seed in range(40):
        found = told(frame, truth, np.random.default_rng(seed))
        assert found.precision is not None
        assert found.recall is not None
        held["precision"] += found.precision.low <= precision <= found.precision.high
        held["recall"] += found.recall.low <= recall <= found.recall.high
    assert min(held.values()) >= 37, (held, precision, recall)


def test_what_is_never_compared_is_beyond_the_sample(
    linked: tuple[Frame, dict[int, str], float, float],
) -> None:
    """How much the page says it cannot see: true pairs that share too little to be compared, few in a hundred."""
    frame, truth, _, _ = linked
    seen = {tuple(pair) for pair in zip(frame.one.tolist(), frame.other.tolist(), strict=True)}
    by_person: dict[str, list[int]] = {}
    for record, person in sorted(truth.items()):
        by_person.setdefault(person, []).append(record)
    pairs = [(a, b) for held in by_person.values() for i, a in enumerate(held) for b in held[i + 1 :]]
    assert sum(pair not in seen for pair in pairs) / len(pairs) < 0.02
