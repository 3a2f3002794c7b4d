"""The drawing: ribbons are as wide as their figures, nothing overlaps, and what is withheld leaves no trace of its size."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.insight.figures import Figures, Milestone, MilestoneHeading
from throughway.insight.pipeline_text import label
from throughway.insight.river_narrow import middle, narrow
from throughway.insight.river_wide import wide

NAMES = ("Read well in grade 3", "Are on track in grade 8 math", "Graduate from high school", "Enroll in college",
         "Complete a credential", "Earn a living wage")  # fmt: skip
LOST = ("before grade 3 reading", "before grade 8 math", "before graduation", "before college", "before a credential",
        "before a living wage")  # fmt: skip
DRAWINGS = (wide, middle, narrow)


def step(place, reached, lost, not_seen, joined, *, joins=True):
    """One step with these figures as published; None is withheld."""
    h = MilestoneHeading(
        id=str(place), name=NAMES[place], short="s", lost=LOST[place], definition="", window="", group="students",
        start="Start", causes=(), sign=False, spring=False, year=2026, unseen=None, begins=2022, after="Ready", joins=joins,
    )  # fmt: skip
    parts = (reached, lost, not_seen)
    started = sum(parts) if None not in parts else None
    seen = reached + lost if None not in parts[:2] else None
    whole = Figures("", started, reached, lost, not_seen, None, seen)
    arrive = reached + joined if None not in (reached, joined) else None
    return Milestone(h, "step", whole, None, (), {}, joined=joined, arrive=arrive)


counts = st.integers(10, 2_000)
shown_steps = st.lists(st.tuples(counts, counts, counts, counts), min_size=1, max_size=6).map(
    lambda rows: [step(i, *row) for i, row in enumerate(rows)]
)
maybe = st.none() | counts
any_steps = st.lists(st.tuples(maybe, maybe, maybe, maybe), min_size=1, max_size=6).map(
    lambda rows: [step(i, *row) for i, row in enumerate(rows)]
)


def points(d):
    """The points of a path, (x, y)."""
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def across(drawing, point):
    return point[1] if drawing.kind.endswith("wide") else point[0]


def along(drawing, point):
    return point[0] if drawing.kind.endswith("wide") else point[1]


def ribbons(drawing, kind):
    return [p for p in drawing.paths if p.kind == kind and not p.hatched]


def width(drawing, path):
    """How wide a ribbon is where it leaves the river: between its first and its last point."""
    first, *_, last = points(path.d)
    return abs(across(drawing, first) - across(drawing, last))


@settings(deadline=None, max_examples=60)
@given(shown_steps)
def test_every_ribbon_is_as_wide_as_its_figure(steps):
    for draw in DRAWINGS:
        drawing = draw(steps, "")
        lost = [
            (width(drawing, p), s.whole.lost) for p, s in zip(ribbons(drawing, "tw-lost"), steps, strict=True)
        ]
        unseen = [
            (width(drawing, p), s.whole.not_seen)
            for p, s in zip(ribbons(drawing, "tw-unseen"), steps, strict=True)
        ]
        water = []
        for p, s in zip(ribbons(drawing, "tw-water"), steps, strict=False):
            corners = points(p.d)
            water.append((abs(across(drawing, corners[0]) - across(drawing, corners[2])), s.whole.reached))
        widest, most = max(lost + unseen + water)
        scale = widest / most
        for wide_as, students in lost + unseen + water:
            assert wide_as == pytest.approx(students * scale, abs=0.05)


@settings(deadline=None, max_examples=60)
@given(shown_steps)
def test_who_joins_comes_in_on_top_of_the_water(steps):
    for draw in DRAWINGS:
        drawing = draw(steps, "")
        water, joins, lost = (ribbons(drawing, f"tw-{kind}") for kind in ("water", "join", "lost"))
        most, scale = max(
            (s.whole.lost, width(drawing, p) / s.whole.lost) for p, s in zip(lost, steps, strict=True)
        )
        for band, join, s in zip(water, joins, steps, strict=False):
            edge = across(drawing, points(band.d)[0])  # the water's side, where those not seen have left
            into = sorted(across(drawing, p) for p in points(join.d))
            assert into[-1] == pytest.approx(edge, abs=0.05)
            corners = [
                across(drawing, p)
                for p in points(join.d)
                if along(drawing, p) == max(along(drawing, q) for q in points(join.d))
            ]
            assert max(corners) - min(corners) == pytest.approx(
                s.joined * scale, abs=0.05 + 0.02 * s.joined / most
            )


@settings(deadline=None, max_examples=60)
@given(any_steps)
def test_everything_lies_within_the_picture_and_all_falls_end_on_one_line(steps):
    for draw in DRAWINGS:
        drawing = draw(steps, "")
        for path in drawing.paths:
            if "h" in path.d:  # a post's ground
                continue
            for x, y in points(path.d.replace("V", " L 0 ")) if "V" not in path.d else []:
                assert -0.5 <= x <= drawing.width + 0.5
                assert -0.5 <= y <= drawing.height + 0.5
        ends = {
            round(max(across(drawing, p) for p in points(path.d)), 1) for path in ribbons(drawing, "tw-lost")
        }
        assert len(ends) <= 1


@settings(deadline=None, max_examples=60)
@given(any_steps)
def test_the_falls_and_their_words_never_touch(steps):
    drawing = wide(steps, "")
    bands = []
    for path in ribbons(drawing, "tw-lost"):
        foot = max(y for _, y in points(path.d))
        xs = [x for x, y in points(path.d) if y == foot]
        bands.append((min(xs), max(xs)))
    for (_, right), (left, _) in itertools.pairwise(bands):
        assert right < left
    feet = sorted({t.y for t in drawing.texts if t.anchor == "middle" and t.y > drawing.height / 2})
    for y in feet:
        row = sorted((t.x, len(t.words)) for t in drawing.texts if t.y == y and t.anchor == "middle")
        for (x, long), (other, wide_as) in itertools.pairwise(row):
            assert other - x >= 7.0 * (long + wide_as) / 2 - 8


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=2, max_size=6), st.data())
def test_what_is_withheld_leaves_no_trace_of_its_size(rows, data):
    """Two truths that differ only in withheld figures make the same three drawings and the same words."""
    place = data.draw(st.integers(0, len(rows) - 1))
    hidden = data.draw(st.sets(st.sampled_from(["lost", "reached", "not_seen", "joined"]), min_size=1))
    told = []
    for more in (0, 7):
        steps = [step(i, *row) for i, row in enumerate(rows)]
        reached, lost, not_seen, joined = (n + more for n in rows[place])
        changed = step(place, reached, lost, not_seen, joined)
        figures = {"reached": reached, "lost": lost, "not_seen": not_seen}
        kept = {
            k: rows[place][("reached", "lost", "not_seen").index(k)] if k not in hidden else None
            for k in figures
        }
        whole = replace(changed.whole, **kept, started=None, seen=None)
        joined_shown = None if "joined" in hidden else rows[place][3]
        steps[place] = replace(changed, whole=whole, joined=joined_shown, arrive=None)
        told.append([*(draw(steps, "") for draw in DRAWINGS), label(steps)])
    assert told[0] == told[1]


def test_a_step_with_a_withheld_loss_is_one_hatched_block_of_fixed_height():
    hidden = step(1, 400, None, 40, 30)
    for draw in DRAWINGS:
        sizes = set()
        for reached in (30, 900):
            drawing = draw(
                [
                    step(0, 500, 100, 50, 20),
                    replace(hidden, whole=replace(hidden.whole, reached=reached)),
                    step(2, 300, 80, 20, 60),
                ],
                "",
            )
            blocks = [p for p in drawing.paths if p.hatched]
            across_block = [across(drawing, p) for p in points(blocks[0].d)]
            sizes.add(round(max(across_block) - min(across_block), 2))
            assert len(blocks) == 2  # the step, and the mark at the foot
        assert sizes == {56.0}


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_three_drawings_carry_the_same_numbers(draw):
    steps = [step(0, 511, 127, 53, 29), step(1, 307, 211, None, 83), step(2, 401, None, None, None)]

    def numbers(drawing):
        words = " ".join(t.words for t in drawing.texts if "tw-t-name" not in t.kind)
        words = re.sub(r"(grade \d|\d{4}–\d\d)", "", words)
        return sorted(re.findall(r"\d[\d,]*", words))

    assert numbers(draw(steps, "")) == numbers(wide(steps, ""))
    assert {"127", "211", "53", "29", "83"} <= set(numbers(draw(steps, "")))


def test_no_steps_no_river():
    for draw in DRAWINGS:
        assert draw([], "nothing").paths is not None
