"""The chart's bars: as wide as their figures, within the chart, and of one width where a figure is withheld."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.insight.figures import Figures, Milestone, MilestoneHeading, PipelineFigures
from throughway.insight.pipeline_chart import WITHHELD, group_bars, step_bars
from throughway.insight.pipeline_text import alternative


def step(place, reached, lost, not_seen, joined, *, joins=True, groups=None):
    """One step with these figures as published; None is withheld."""
    h = MilestoneHeading(
        id=str(place), name=f"Milestone {place}", short="s", lost=f"before {place}", definition="", window="", group="students",
        causes=(), sign=False, spring=False, year=2026, unseen=None, begins=2022, after="Ready", joins=joins,
    )  # fmt: skip
    return Milestone(h, "step", figures("", reached, lost, not_seen), None, (), groups or {}, joined=joined)


def figures(name, reached, lost, not_seen):
    parts = (reached, lost, not_seen)
    started = sum(parts) if all(isinstance(n, int) for n in parts) else None
    return Figures(name, started, reached, lost, not_seen, None)


counts = st.integers(1, 2_000)
maybe = st.none() | counts
shown_steps = st.lists(st.tuples(counts, counts, counts, counts), min_size=1, max_size=6).map(
    lambda rows: [step(i, *row) for i, row in enumerate(rows)]
)
any_steps = st.lists(st.tuples(maybe, maybe, maybe, maybe), min_size=1, max_size=6).map(
    lambda rows: [step(i, *row) for i, row in enumerate(rows)]
)


@settings(deadline=None)
@given(shown_steps)
def test_bars_are_as_wide_as_their_figures(steps):
    widths = []
    for row in step_bars(steps):
        figures = (row.step.joined, row.step.whole.reached, row.step.whole.lost, row.step.whole.not_seen)
        assert [bar.kind for bar in row.bars] == ["tw-join", "tw-water", "tw-lost", "tw-unseen"]
        widths += zip((bar.width for bar in row.bars), figures, strict=True)
    widest, most = max(widths)
    for width, students in widths:
        assert width == pytest.approx(students * widest / most, abs=0.02)


def test_a_range_is_certain_up_to_its_lower_end_and_hatched_to_its_upper_end():
    (row,) = step_bars([step(0, 100, "20–42", "0–22", "10–32")])
    unit = row.bars[2].width / 100
    assert [(bar.kind, round(bar.width / unit)) for bar in row.bars] == [
        ("tw-join", 10), ("tw-withheld", 22), ("tw-water", 100), ("tw-lost", 20), ("tw-withheld", 22), ("tw-withheld", 22),
    ]  # fmt: skip
    join, unsure = row.bars[:2]
    assert join.x + join.width == pytest.approx(row.bars[2].x, abs=0.02)  # at the axis
    assert unsure.x + unsure.width == pytest.approx(join.x, abs=0.02)


@settings(deadline=None)
@given(any_steps)
def test_bars_lie_within_the_chart_and_do_not_overlap(steps):
    for row in step_bars(steps):
        end = 0.0
        for bar in row.bars:
            assert bar.x >= end - 0.02
            end = bar.x + bar.width
        assert end <= 100.02


@settings(deadline=None)
@given(any_steps)
def test_all_steps_share_one_axis(steps):
    water = {row.bars[1].x for row in step_bars(steps)}
    assert len(water) == 1


@settings(deadline=None)
@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=2, max_size=6), st.data())
def test_withheld_figures_leave_no_trace_of_their_size(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    hidden = data.draw(st.sets(st.integers(0, 3), min_size=1))
    row = [None if i in hidden else n for i, n in enumerate(rows[place])]
    steps = [step(i, *(row if i == place else each)) for i, each in enumerate(rows)]
    drawn = step_bars(steps)[place]
    assert [bar.width for bar in drawn.bars if bar.hatched] == [WITHHELD] * len(hidden)
    started = bool(hidden - {3})  # the sum of the others
    assert alternative(steps).count("withheld") == len(hidden) + started


def test_no_bars_without_steps_or_students():
    assert step_bars([]) == ()
    unseen = replace(step(0, 10, 10, 10, 10), whole=None)
    assert step_bars([unseen])[0].bars == ()
    assert [bar.kind for bar in step_bars([step(0, 10, 0, 0, 0)])[0].bars] == ["tw-water"]


def test_group_bars_show_the_losses_beyond_the_share_of_everyone():
    groups = {
        "sex": (figures("Female", 60, 40, 0), figures("Male", 90, 10, 0)),
        "race": (figures("Also female", 60, 40, 0),),
        "school": (figures("Hill", 60, 40, 0),),
    }
    milestone = step(0, 150, 50, 0, 0, groups=groups)
    (chart,) = group_bars(PipelineFigures((milestone,), ()))
    assert chart.group.name == "Also female"  # the same students by another name appear once; no school does
    assert chart.group.excess == 40 - 25
    ((_, _, bars),) = chart.rows
    assert [(bar.kind, bar.x, bar.width) for bar in bars][:2] == [
        ("tw-lost-expected", 0, 62.5),
        ("tw-lost", 62.5, 37.5),
    ]
    assert bars[2].kind == "tw-tick"
