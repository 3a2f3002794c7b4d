"""Trends: the tables of classes, what is read back from protected ones, intervals, choices of the community; against plain recounts."""

from dataclasses import replace
from datetime import date
from functools import partial
from math import isclose

import numpy as np
import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.insight.figures import Figures, Milestone, heading, partners_not_seen, to_json
from throughway.insight.pipeline_text import class_due
from throughway.insight.reports.page import NOT_TOLD
from throughway.insight.trends.actions import CLASSES, EVERY, PROGRAMS, SCHOOLS
from throughway.insight.trends.chart import chart_label, chart_of, class_words
from throughway.insight.trends.choices import BY_ID, Target, check_baselines, parsed
from throughway.insight.trends.figures import chain, gap_pairs, heading_to_json, trend_series
from throughway.insight.trends.intervals import closed_by_step, decomposed, difference, interval_of, wilson
from throughway.insight.trends.page import linkage_words, page_of, page_of_parts
from throughway.insight.trends.tables import (
    PROGRAM,
    TOOK_PART,
    TrendClass,
    trend_classes,
    trend_tables,
    with_programs,
)
from throughway.measures.measure import MeasuredClass, MilestoneOutcome, OutcomeCount
from throughway.measures.policy import MeasurePolicy
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.joint_release import CountedTables
from throughway.publication.protection import protect
from throughway.site.monthly.headline import of_everybody

ON = date(2026, 11, 25)
OUTCOMES = ("reached", "lost", "not seen")
LEARNER, OTHER = "English learners", "Not English learners"


def counted(outcome, persons, **groups):
    numbers = np.array(sorted(persons), np.int64)
    return OutcomeCount(MilestoneOutcome(outcome), None, {k.replace("_", " "): v for k, v in groups.items()}, numbers.size, persons=numbers)  # fmt: skip


def measured(id, year, *counts, why=None):
    return MeasuredClass(BY_ID[id], year, ON, tuple(counts), why_unseen=why)


def classes(*found, together=None):
    return trend_classes(found, together or {})


def cells_of(tables):
    return {(c.statistic, frozenset(c.at.items())): c for t in tables for c in t.cells}


MEMBERS = st.dictionaries(
    st.integers(1, 60), st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(("Elm", "Oak"))), min_size=1
)


@given(years=st.lists(MEMBERS, min_size=1, max_size=4), many=st.sampled_from((1, 2)))
def test_tables_count_each_class_by_outcome_and_group(years, many):
    """Against a plain count of the students one by one; of classes together each student once, in the last."""
    start = 2020
    found = [
        measured("reading", start + n, *(counted(o, [p], school=s) for p, (o, s) in members.items()))
        for n, members in enumerate(years)
    ]
    counted_as = classes(*found, together={"reading": many})
    tables, relations = trend_tables(counted_as, ["school"], {each.key for each in counted_as})
    cells = cells_of(tables)
    blocks = {}
    for n, members in enumerate(years):
        blocks.setdefault((start + n) // many, []).append((start + n, members))
    expected = {}
    for block in blocks.values():
        if len(block) < many:
            continue
        label = str(block[0][0]) if many == 1 else f"{block[0][0]} to {block[-1][0]} together"
        last = {p: told for _, members in block for p, told in members.items()}
        at = {("milestone", BY_ID["reading"].name), ("class", label)}
        schools = {s for _, s in last.values()}
        for outcome in (*OUTCOMES, None):
            of = {("outcome", outcome)} if outcome else set()
            expected[frozenset(at | of)] = sum(outcome in (None, o) for o, _ in last.values())
            for school in schools if outcome and len(schools) > 1 else ():
                expected[frozenset(at | of | {("school", school)})] = sum(
                    told == (outcome, school) for told in last.values()
                )
    alone = {place for _, place in cells if any(d == "class alone" for d, _ in place)}
    assert {p: c.count for (s, p), c in cells.items() if s == "students" and p not in alone} == expected
    assert bool(alone) == (many > 1 and bool(expected))
    assert relations == ()
    for (statistic, _), cell in cells.items():
        if statistic == "rate":
            of, among = ([cells["students", p].count for p in places] for places in (cell.of, cell.among))
            assert (cell.numerator, cell.denominator) == (sum(of), sum(among))


def test_protection_takes_the_tables_and_withholds_single_classes():
    """The sums hold, and a class that is counted with others shows no figure of its own."""
    found = [
        measured("completion", 2019, counted("reached", range(1, 31)), counted("lost", range(31, 61))),
        measured("completion", 2020, counted("reached", range(101, 131)), counted("lost", range(131, 171))),
        measured("persistence", 2019, counted("reached", range(1, 41)), counted("lost", range(41, 61))),
    ]  # fmt: skip
    tables, relations = trend_tables(classes(*found, together={"completion": 2}), [], ())
    assert (
        relations == ()
    )  # 2019 alone is no class of completion here: its block, 2018 and 2019, is not complete
    found.append(
        measured("completion", 2018, counted("reached", range(201, 231)), counted("lost", range(231, 251)))
    )
    found.sort(key=lambda m: m.class_year)
    tables, _ = trend_tables(classes(*found, together={"completion": 2}), [], ())
    protected = CountedTables(tables, 10).protected()
    shown = {
        frozenset(c.at.items()): c.shown for t in protected for c in t.cells if c.statistic == "students"
    }
    alone = [v for place, v in shown.items() if any(d == "class alone" for d, _ in place)]
    assert alone
    assert not any(isinstance(v, int) for v in alone)
    together = {
        ("milestone", BY_ID["completion"].name),
        ("class", "2018 to 2019 together"),
        ("outcome", "reached"),
    }
    assert shown[frozenset(together)] == 60


def test_those_who_reach_one_outcome_are_the_class_of_the_next():
    grads, entered = range(1, 31), counted("reached", range(1, 21), low_income="Yes")
    found = classes(
        measured("graduation", 2024, counted("reached", range(1, 21), low_income="Yes"), counted("reached", range(21, 31), low_income="No"), counted("lost", range(31, 51), low_income="No")),
        measured("enrollment", 2024, entered, counted("lost", range(21, 31), low_income="No")),
        measured("enrollment", 2023, counted("reached", grads)),
        measured("some-college", 2024, counted("lost", range(1, 15)), counted("reached", range(15, 31))),
        measured("return", 2025, counted("lost", range(1, 11)), counted("reached", range(11, 15))),
    )  # fmt: skip
    tables, relations = trend_tables(found, ["low income"], {("graduation", "2024"), ("enrollment", "2024")})
    cells = {frozenset(c.at.items()): c.count for t in tables for c in t.cells if c.statistic == "students"}
    assert len(relations) == 4
    for relation in relations:
        assert cells[frozenset(relation.total.items())] == sum(
            cells[frozenset(p.items())] for p in relation.parts
        )
    protect(tables, minimum_cell=10, relations=relations)


def test_programs_divide_a_class_by_who_had_begun_in_time():
    [one] = classes(
        measured("reading", 2026, counted("reached", range(1, 11)), counted("lost", range(11, 21)))
    )
    took_part = {
        "Club": [
            (date(2025, 9, 1).toordinal(), np.array([1, 2, 11])),
            (date(2026, 9, 1).toordinal(), np.array([3])),
        ]
    }
    [found] = with_programs([one], took_part, {("reading", 2026): date(2026, 7, 1).toordinal()})
    there = {int(p) for c in found.counts if c.groups[f"{PROGRAM}Club"] == TOOK_PART for p in c.persons}
    assert there == {1, 2, 11}
    assert sorted(p for c in found.counts for p in c.persons.tolist()) == list(range(1, 21))


def test_an_empty_group_keeps_its_line():
    """That nobody of a class took part, or is a learner, is a figure to be withheld like a small one."""
    some = [
        counted("reached", range(1, 30), english_learner=LEARNER),
        counted("reached", range(30, 60), english_learner=OTHER),
    ]
    found = classes(
        measured("reading", 2025, *some),
        measured("reading", 2026, counted("lost", range(60, 99), english_learner=OTHER)),
    )
    found = with_programs(found, {"Club": []}, {("reading", 2025): 0, ("reading", 2026): 0})
    tables, relations = trend_tables(
        found, ["english learner", f"{PROGRAM}Club"], {("reading", "2025"), ("reading", "2026")}
    )
    protected_ = CountedTables(tables, 10, relations).protected()
    shown = {
        frozenset(c.at.items()): c.shown for t in protected_ for c in t.cells if c.statistic == "students"
    }
    empty = [
        v
        for place, v in shown.items()
        if {("class", "2026"), ("english learner", LEARNER)} <= place
        or (f"{PROGRAM}Club", TOOK_PART) in place
    ]
    assert len(empty) == 9
    assert 0 not in empty


# Intervals


@given(st.integers(0, 400), st.integers(0, 400))
def test_wilson_contains_the_share_and_solves_its_equation(reached, lost):
    """The ends are where the share lies Z standard errors away (Wilson 1927)."""
    found, n = wilson(reached, reached + lost), reached + lost
    if not n:
        assert (found.low, found.high) == (0, 100)
        return
    p = reached / n
    assert found.low <= 100 * p + 1e-9
    assert 100 * p - 1e-9 <= found.high
    for end in (found.low / 100, found.high / 100):
        if 0 < end < 1:
            assert isclose((p - end) ** 2, 1.959964**2 * end * (1 - end) / n, rel_tol=1e-6, abs_tol=1e-12)


def test_missed_links_widen_the_upper_end_alone():
    plain, widened = interval_of(30, 30), interval_of(30, 30, recall=0.9)
    assert widened.low == plain.low
    assert widened.high == wilson(33, 60).high > plain.high
    assert interval_of(30, 30, recall=0.4).high == wilson(60, 60).high  # never more than all


def test_interval_of_ranges_spans_both_ends_and_of_a_withheld_count_is_none():
    assert interval_of("20–30", 40) == type(wilson(1, 1))(wilson(20, 60).low, wilson(30, 70).high)
    assert interval_of(None, 40) is None
    assert interval_of(20, None) is None
    assert interval_of("≥95%", 40) is None


COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(any)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=4))
def test_decomposition_adds_up_to_the_change(groups):
    before, after = ({str(n): pair[i] for n, pair in enumerate(groups)} for i in (0, 1))
    found = decomposed(before, after)
    share = [
        100 * sum(r for r, _ in each.values()) / sum(map(sum, each.values())) for each in (before, after)
    ]
    assert isclose(found.composition + found.rate, share[1] - share[0], abs_tol=1e-9)


def test_decomposition_of_moved_sizes_is_composition_alone():
    found = decomposed({"a": (10, 10), "b": (9, 1)}, {"a": (20, 20), "b": (9, 1)})
    assert isclose(found.rate, 0, abs_tol=1e-9)
    assert found.composition < 0
    assert decomposed({"a": (1, 1)}, {"b": (1, 1)}) is None
    assert decomposed({"a": (0, 0)}, {"a": (1, 1)}) is None


def test_a_chain_with_one_unlike_step_closes_there():
    assert closed_by_step([0.9, 0.5], [0.9, 0.7]) == pytest.approx([0, 100])
    assert closed_by_step([0.9, 0.5], [0.9, 0.5]) is None


def test_difference_has_the_interval_of_newcombe():
    """56 of 70 and 48 of 80: 0.2000, 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    gap, interval = difference((56, 14), (48, 32))
    assert (gap, interval.low, interval.high) == pytest.approx((20, 5.24, 33.39), abs=0.01)


# What is read back


def protected(*cells):
    made = [
        ProtectedCell({"milestone": BY_ID[id].name, "class": label, **more}, statistic, shown)
        for id, label, more, statistic, shown in cells
    ]
    return [ProtectedTable("t", ("milestone",), tuple(made))]


def point(id, label, reached, lost, unseen=0, **group):
    group = {k.replace("_", " "): v for k, v in group.items()}
    share = (
        round(100 * reached / (reached + lost))
        if isinstance(reached, int) and isinstance(lost, int)
        else None
    )
    yield id, label, {**group, "outcome": "reached"}, "students", reached
    yield id, label, {**group, "outcome": "lost"}, "students", lost
    yield id, label, {**group, "outcome": "not seen"}, "students", unseen
    yield id, label, {**group, "share": "reached"}, "rate", share
    if not group:
        yield id, label, {"share": "seen"}, "rate", 100


def series(*cells, kinds=("english learner",), targets=(), recall=None, ids=None):
    tables = protected(*(c for each in cells for c in each))
    ids = ids or dict.fromkeys(c[0] for each in [list(e) for e in cells] for c in each)
    headings = [heading_to_json(id, "what it counts", "when", "") for id in (ids or BY_ID)]
    return trend_series(headings, tables, kinds, targets, recall)


def test_a_rise_beyond_chance_a_target_and_a_gap_are_told():
    cells = [
        *point("graduation", "2022", 120, 80), *point("graduation", "2026", 150, 50),
        *point("graduation", "2026", 20, 30, english_learner=LEARNER), *point("graduation", "2026", 130, 20, english_learner=OTHER),
        *point("graduation", "2022", 15, 35, english_learner=LEARNER), *point("graduation", "2022", 105, 45, english_learner=OTHER),
        *point("enrollment", "2024", None, None),
    ]  # fmt: skip
    target = Target("graduation", 2022, 85, 2030, "Strategic plan, page 8")
    found = series(cells, targets=[target], ids=("graduation", "enrollment"))
    page = page_of(found, None)
    assert page.headline == "“Graduate from high school” rose"
    assert any(
        "was 10 points short in 2025-26 of the target of 85% by 2029-30 (Strategic plan, page 8)" in s
        for s in page.talk
    )
    assert any("English learners, 47 points below the others" in s for s in page.talk)
    words = " ".join(next(s for s in page.sections if s.id == "graduation").words)
    assert "from 60% in 2021-22 to 75% in 2025-26, +15 points" in words
    assert "does not say what caused it" in words
    assert [what for what, _ in page.absent] == [BY_ID["enrollment"].name]
    gaps = next(s for s in page.sections if s.id == "gaps")
    assert [row.name for row in gaps.rows] == [
        f"{BY_ID['graduation'].name}, 2021-22: {LEARNER}",
        f"{BY_ID['graduation'].name}, 2025-26: {LEARNER}",
    ]


def test_no_distance_to_a_target_where_a_partner_s_class_is_not_seen():
    """Harbor's 75 % is no share of all: of North's 100 nobody is known to be seen."""
    target = Target("graduation", 2022, 85, 2030, "Strategic plan, page 8")

    def said(unseen_there):
        cells = [*point("graduation", "2022", 120, 80), *point("graduation", "2026", 150, 50, 100)]
        partners = [Figures("Harbor", 200, 150, 50, 0, 25), Figures("North", 100, *unseen_there, None)]
        unseen = {2026: names} if (names := partners_not_seen(partners)) else {}
        found = [
            replace(each, unseen=unseen) for each in series(cells, targets=[target], ids=("graduation",))
        ]
        page = page_of(found, None)
        return found[0].of_all("2026"), " ".join([*page.talk, *(w for s in page.sections for w in s.words)])

    known, words = said((60, 40, 0))
    assert known
    assert "10 points short" in words
    known, words = said(("0–12", "0–12", "76–100"))
    assert known is None
    assert "short" not in words
    assert (
        "most students of North are not seen, so its share is no share of all and has no distance to the target"
        in words
    )


def test_nothing_is_said_of_a_withheld_baseline():
    cells = [
        *point("graduation", "2022", None, 80),
        *point("graduation", "2024", 60, 40),
        *point("graduation", "2026", 150, 50),
    ]
    found = series(cells, targets=[Target("graduation", 2022, 85, 2030, "Plan")])
    assert found[0].change is None
    assert any("baseline of the target" in w for s in page_of(found, None).sections for w in s.words)


def test_linked_outcomes_say_how_many_links_are_missed():
    found = series([*point("enrollment", "2024", 30, 30)], recall=0.9)
    assert found[0].points[0].interval.high == wilson(33, 60).high
    assert "at least 90%" in linkage_words(found, 0.9)
    assert "is not known" in linkage_words(series([*point("enrollment", "2024", 30, 30)]), None)
    own = series([*point("reading", "2024", 30, 30)], recall=0.9)
    assert own[0].points[0].interval == wilson(30, 60)
    assert "own districts" in linkage_words(own, 0.9)


def test_chain_needs_every_step():
    steps = [*point("graduation", "2024", 40, 10, english_learner=LEARNER), *point("graduation", "2024", 45, 5, english_learner=OTHER)]  # fmt: skip
    assert chain(series(steps), "english learner", LEARNER, OTHER) is None
    for id in ("enrollment", "completion"):
        steps += [
            *point(id, "2024", 25, 25, english_learner=LEARNER),
            *point(id, "2024", 25, 25, english_learner=OTHER),
        ]
    found = chain(series(steps), "english learner", LEARNER, OTHER)
    assert [round(percent) for _, percent in found] == [100, 0, 0]
    assert list(gap_pairs(series(steps)[0])) == [("english learner", LEARNER, OTHER)]


def test_a_school_has_its_own_section_with_all_students_beside():
    cells = [
        *point("reading", "2026", 60, 60),
        *point("reading", "2026", 20, 40, school="Elm"),
        *point("reading", "2026", 40, 20, school="Oak"),
        *point("reading", "2026", None, None, school="Not recorded"),
    ]
    page = page_of_parts(series(cells, kinds=("school",)), "school")
    assert [(s.title, s.rows[0].cells[3], s.rows[0].cells[-1]) for s in page.sections] == [
        ("Elm", 33, 50),
        ("Oak", 67, 50),
    ]


def test_beside_a_school_stands_no_share_of_all_where_a_partner_s_class_is_not_seen():
    """Neither a figure nor "withheld": nothing is hidden, and nothing can be said of all."""
    cells = [*point("graduation", "2026", 60, 60, 30), *point("graduation", "2026", 20, 40, school="Elm")]
    [found] = series(cells, kinds=("school",), ids=("graduation",))

    def beside(unseen):
        [section] = page_of_parts([replace(found, unseen=unseen)], "school").sections
        return section.rows[0].cells[-1]

    assert [beside(each) for each in ({}, {2026: ("North",)}, {2025: ("North",)})] == [50, NOT_TOLD, 50]


def test_a_school_without_a_figure_is_named_and_not_counted():
    cells = [
        *point("reading", "2026", 60, 60),
        *point("reading", "2026", 20, 40, school="Elm"),
        *point("reading", "2026", "0–15", "0–15", "0–15", school="Oak"),
    ]
    page = page_of_parts(series(cells, kinds=("school",)), "school")
    assert page.headline == "1 of 2 schools has a class that can be shown"
    assert [s.title for s in page.sections] == ["Elm"]
    assert [name for name, _ in page.absent] == ["Oak"]


def empty_series(id):
    heading = heading_to_json(id, "", "", "")
    return trend_series([heading], [], (), (), None)[0]


def test_class_words():
    of = partial(class_words, empty_series("reading"))
    assert of("2024") == "2023-24"
    assert of("2022 to 2024 together") == "2021-22 to 2023-24, together"
    assert (
        class_words(empty_series("completion"), "2024") == "2024-25"
    )  # who entered a college from May 2024 on


@pytest.mark.parametrize("id", BY_ID)
def test_one_class_has_one_year_wherever_it_is_named(id):
    """In the pipeline, its document, the month and trends; of a class that begins after the year by which it is counted, too."""
    measure = BY_ID[id]
    found = heading(measured(id, 2020, counted("reached", {1})), None, MeasurePolicy())
    in_pipeline = class_due(Milestone(found, "milestone", None, None, (), {}))
    [in_month] = of_everybody([Milestone(found, "milestone", Figures("", 100, 60, 40, 0, 40), 100, (), {})])
    document = to_json(Milestone(found, "milestone", None, None, (), {}))
    year = class_words(empty_series(id), "2020")
    assert year == ("2020-21" if id in ("completion", "persistence") else "2019-20")
    assert in_pipeline == f"{measure.group}, {year}"
    assert in_month.label == f"of all students: {measure.name}, {year}"
    assert document["school_year"] == year


def test_a_chart_draws_published_figures_and_leaves_a_withheld_class_open():
    cells = [
        *point("graduation", "2023", 30, 30),
        *point("graduation", "2024", None, 40),
        *point("graduation", "2025", 60, 30),
    ]
    [found] = series(cells, targets=[Target("graduation", 2023, 85, 2030, "Plan")])
    rows = chart_of(found)["data"]["values"]
    assert [row["share"] for row in rows] == [50, None, 67]
    assert "low" not in rows[1]
    assert "2023-24: not shown" in chart_label(found)
    assert "the target, 85%" in chart_label(found)
    assert chart_of(series([*point("graduation", "2023", None, 30)])[0]) is None


def test_a_class_without_a_share_is_drawn_by_its_interval():
    cells = [*point("math", "2025", "0–15", 200), *point("math", "2026", "0–40", 30)]
    [found] = series(cells)
    first, second = chart_of(found)["data"]["values"]
    assert (first["share"], first["low"], first["high"], first["between"]) == (None, 0, 11, "0–11%")
    assert second.keys() == {"class", "share"}  # over 50 points says nothing
    assert "2024-25: 0–11%; 2025-26: not shown" in chart_label(found)
    page = page_of([found], None)
    assert (
        page.headline
        == "“Are on track in grade 8 math”: 0–11% of those seen in 2024-25 reached it; no change can be shown"
    )


def test_without_a_change_the_newest_shares_are_told():
    found = series(
        [
            *point("reading", "2024", 60, 60),
            *point("math", "2026", 20, 60),
            *point("graduation", "2025", 50, 10),
        ]
    )
    page = page_of(found, None)
    assert page.headline.startswith("“Are on track in grade 8 math”: 25% (")
    assert [words.partition("”")[0] for words in page.talk] == [
        "“Graduate from high school",
        "“Read well in grade 3",
    ]


def test_a_section_draws_its_chart_and_keeps_the_table():
    cells = [*point("graduation", "2023", 30, 30), *point("graduation", "2025", 60, 30)]
    section = page_of(series(cells), None).sections[0]
    html = render_to_string("insight/report_section.html", {"section": section})
    assert "tw-chart" in html
    assert "2024-25: 67% (56–76%)" in html
    assert html.count("<tr>") == 3
    assert "<figure" not in html


def test_one_section_alone():
    cells = [*point("reading", "2026", 20, 40, school="Elm"), *point("reading", "2026", 40, 20, school="Oak")]
    page = page_of_parts(series(cells, kinds=("school",)), "school")
    assert [s.title for s in page.only("school-2").sections] == ["Oak"]
    assert page.only("school-9") == page


# Choices

HEAD = "throughway: trends/1\n"


def test_choices_are_read():
    found = parsed(HEAD + """
targets:
  - {outcome: graduation, baseline: 2022, target: 85, by: 2030, source: "Plan, page 8"}
together: {completion: 3}
surveys:
  - {survey: Student climate, favorable: 4, partner: riverbend-schools, grades: ["04", 5]}
  - {survey: [Participants, Art], favorable: 4, program: bright-futures/art}
  - {survey: Participants, favorable: 4, program: bright-futures/club}
""")  # fmt: skip
    assert found.targets == (Target("graduation", 2022, 85, 2030, "Plan, page 8"),)
    assert (found.classes_together("completion"), found.classes_together("reading")) == (3, 1)
    assert found.asked("student climate, spring 2024").grades == ("04", "05")
    assert found.asked("Participants, spring 2024, Art Studio").program == "bright-futures/art"
    assert found.asked("Participants, spring 2024").program == "bright-futures/club"
    assert found.asked("Another") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("targets: []", "must begin with"),
        (HEAD + "targets: {a: 1}", "needs a list under targets"),
        (HEAD + "targets: [{outcome: graduaton, baseline: 2022, target: 85, by: 2030, source: x}]", "did you mean graduation?"),
        (HEAD + "targets: [{outcome: xyz, baseline: 2022, target: 85, by: 2030, source: x}]", "is not counted; choose from readiness"),
        (HEAD + "targets: [{outcome: graduation, baseline: 2022, target: 185, by: 2030, source: x}]", "a whole percent from 1 to 99"),
        (HEAD + "targets: [{outcome: graduation, baseline: 2022, target: 85, by: 2020, source: x}]", "due before its baseline"),
        (HEAD + "targets: [{outcome: graduation, baseline: 22, target: 85, by: 2030, source: x}]", "a year of four digits"),
        (HEAD + "targets: [{outcome: graduation, baseline: 2022, target: 85, by: 2030}]", "source of target 1"),
        (HEAD + "targets: [{outcome: graduation, baseline: 2022, target: 85, by: 2030, source: x, goal: 3}]", "not known"),
        (HEAD + "together: {completion: 9}", "from 2 to 5"),
        (HEAD + "together: {return: 2}", "one adult can be in several"),
        (HEAD + "surveys: [{survey: Climate, favorable: 4}]", "neither or both of partner and program"),
        (HEAD + "surveys: [{survey: Climate, favorable: 4, partner: north, grades: [77]}]", "a grade in survey 1 that is no code"),
        (HEAD + "surveys: [{survey: Club, favorable: 4, program: club}]", "as partner/program"),
        (HEAD + "surveys: [{survey: Club, program: a/b}]", "a whole number as favorable"),
        (HEAD + "goals: []", "not known; choose from"),
        (HEAD + "targets: [", "is not YAML"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_refused_in_a_sentence(text, said):
    with pytest.raises(Refused) as refused:
        parsed(text)
    assert said in refused.value.message
    assert refused.value.message.startswith("trends.yaml")


@pytest.mark.parametrize("year", [2010, 2024, 2026])
def test_a_baseline_that_the_report_does_not_count_is_refused(year):
    """Before its classes, between them, or after them: the records can hold a class whose block of classes is not whole."""
    classes = {"graduation": [2022, 2023, 2025]}
    check_baselines([Target("graduation", each, 85, 2030, "x") for each in classes["graduation"]], classes)
    said = rf"class of {year}, and the report counts 2022, 2023 and 2025; name a class that it counts"
    with pytest.raises(Refused, match=said):
        check_baselines([Target("graduation", year, 85, 2030, "x")], classes)


def test_each_report_counts_outcomes_that_there_are():
    for scope in (EVERY, SCHOOLS, PROGRAMS):
        assert {*scope.outcomes} <= BY_ID.keys()
        assert scope.by_group <= {*scope.outcomes}
    assert CLASSES > 1
    found = classes(*(measured("reading", year) for year in range(2022, 2027)), measured("persistence", 2024))
    assert EVERY.counted_by_group(found) == {("reading", "2022"), ("reading", "2026")}
    assert SCHOOLS.counted_by_group(found) == {("reading", "2025"), ("reading", "2026")}


def test_a_class_that_is_not_decided_is_no_class():
    assert classes(measured("reading", 2026, why="not decided")) == []
    assert isinstance(classes(measured("reading", 2026))[0], TrendClass)
