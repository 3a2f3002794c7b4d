"""What readers' answers teach: how doubtful pairs are judged, in full runs and in small ones, and never by much or for nothing."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity import fictional_community
from tests.identity.incremental_community import Community, differ
from throughway.identity.incremental.incoming_records import incoming, nearest
from throughway.identity.incremental.linkage_state import pack_state, unpack_state
from throughway.identity.linkage.label_model import FEWEST, FEWEST_OF_EACH, MOST, LabelFit, learn
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.resolution import Resolved

FIRST = 420


@cache
def untaught() -> tuple[fictional_community.Community, list[int], Resolved]:
    """Names, birth dates and sex alone: much is doubtful."""
    made = fictional_community.community(400, seed=31, home=False)
    numbers = sorted(made.truth)
    return made, numbers, Community(made.tables, set(numbers[:FIRST])).whole()


def answers(many: int) -> list[tuple[int, int, bool]]:
    """What readers who know the town say of the pairs that are least certain."""
    made, _, found = untaught()
    order = np.argsort(np.abs(found.scored.posterior - 0.5), kind="stable")[:many]
    pairs = zip(found.scored.one[order].tolist(), found.scored.other[order].tolist(), strict=True)
    return [(one, other, made.truth[one] == made.truth[other]) for one, other in pairs]


def test_incremental_runs_use_the_label_model() -> None:
    made, numbers, before = untaught()
    town = Community(made.tables, set(numbers[:FIRST]))
    after = town.whole(labels=answers(80))
    taught = after.learned.labels
    assert taught.model is not None
    assert str(taught) == "Readers' answers on 80 pairs taught linkage how to judge doubtful pairs."
    assert np.abs(after.scored.weight - before.scored.weight).max() > 0.1
    opened = unpack_state([pack_state(town.state)])
    assert opened is not None
    assert json.dumps(opened.weights.to_json()) == json.dumps(town.state.weights.to_json())
    town.state = opened
    for at in range(FIRST, len(numbers), 50):
        town.run(numbers[at : at + 50])
    assert differ(town.persons, town.with_the_same_weights()) == 0


def test_look_ups_use_the_label_model() -> None:
    """Each record described once more: what it weighs beside others is what it weighed untaught and what the lesson adds, within the
    band that readers have seen."""
    made, numbers, _ = untaught()
    town = Community(made.tables, set(numbers[:FIRST]))
    town.whole(labels=answers(80))
    kept = unpack_state([pack_state(town.state)])
    assert kept is not None
    lesson = kept.weights.label_model
    assert lesson is not None
    untold, moved, beyond = replace(kept.weights, label_model=None), 0, 0
    for number in numbers[FIRST : FIRST + 60]:
        said = rows_of(town.rows([number])).cast(kept.known.rows.schema)
        for name, value in (("person_record", 0), ("source", "")):
            at = said.schema.get_field_index(name)
            said = said.set_column(at, said.schema.field(at), pa.array([value], said.schema.field(at).type))
        batch = incoming(said, kept.salt, kept.rules, np.array([0]))
        before, after = (nearest(kept.known, batch, each, kept.sources) for each in (untold, kept.weights))
        was = dict(zip(before.record.tolist(), before.weight.tolist(), strict=True))
        bits = np.array(
            [weight - was[n] for n, weight in zip(after.record.tolist(), after.weight.tolist(), strict=True)]
        )
        moved += int((np.abs(bits) > 0.1).sum())
        furthest = np.array([was[n] for n in after.record.tolist()]) < lesson.least / np.log(2) - 1e-9
        beyond += int(furthest.sum())
        assert not bits[furthest].any()
        assert np.abs(bits).max(initial=0) <= MOST + 1e-9
    assert moved > 10
    assert beyond > 10


def test_too_few_labels_are_reported() -> None:
    made, numbers, _ = untaught()
    found = Community(made.tables, set(numbers[:FIRST])).whole(labels=answers(FEWEST - 1)).learned.labels
    assert (found.answers, found.model) == (FEWEST - 1, None)
    assert "are too few to learn from" in str(found)
    assert str(LabelFit(0)) == ""  # nobody has answered
    assert "taught nothing new" in str(LabelFit(40, enough=True))


@pytest.mark.parametrize("same", [[True] * 40, [False] * 40, [True] * 40 + [False] * (FEWEST_OF_EACH - 1)])
def test_labels_of_one_kind_teach_nothing(same: list[bool]) -> None:
    known, before = np.ones((len(same), 3)), np.zeros(len(same))
    assert learn(known, before, np.zeros(len(same), np.int64), np.array(same)) is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_labels_without_news_change_little(seed: int) -> None:
    """Answers drawn by the very odds that linkage gave: whatever is learned of them moves few pairs, and none by much."""
    random = np.random.default_rng(seed)
    before = random.normal(0, 2, 2000)
    known = np.column_stack([np.ones(2000), random.normal(0, 0.5, (2000, 8))])
    same = random.random(2000) < 1 / (1 + np.exp(-before))
    kind = np.zeros(2000, np.int64)
    lesson = learn(known[:200], before[:200], kind[:200], same[:200])
    if lesson is None:
        return
    bits = lesson.bits(known, before, kind)
    assert np.abs(bits).max() <= MOST
    right, taught = (before > 0) == same, (before + bits * np.log(2) > 0) == same
    assert taught.mean() > right.mean() - 0.04


def test_label_model_is_limited_to_what_readers_saw() -> None:
    random = np.random.default_rng(3)
    before = random.normal(0, 2, 300)
    known = np.column_stack([np.ones(300), random.normal(0, 1, 300)])
    same = known[:, 1] + random.normal(0, 0.3, 300) > 0
    kind = np.where(np.arange(300) < 9, 1, 0)
    lesson = learn(known, before, kind, same)
    assert lesson is not None
    assert lesson.kinds == (0,)  # nine pairs of the other kind are too few
    beyond = lesson.bits(known, np.full(300, before.max() + 0.1), kind)
    assert not beyond.any()
    assert not lesson.bits(known, before, kind)[:9].any()
    assert lesson.bits(known, before, kind)[9:].any()
