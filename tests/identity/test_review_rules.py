"""Clerical review's rules: who is asked next, in which order, what linkage obeys, what a sample tells."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.identity.test_names_alone import student, tables
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.evidence_text import (
    AGREES,
    DIFFERS,
    ONE_SAYS,
    OTHER_PROGRAMS,
    OTHER_YEARS,
    Evidence,
    comparison_lines,
    evidence,
)
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.review.groups import (
    GroupEstimate,
    Groups,
    by_group,
    groups_of_pair,
    groups_of_record,
    is_double,
    union,
)
from throughway.identity.review.quality_estimate import (
    FEWEST,
    Interval,
    LabeledPair,
    Stratum,
    agreement,
    begins,
    estimate,
    estimate_within_group,
    whisker,
    wilson,
)
from throughway.identity.review.sampling import (
    FLOOR,
    DrawnPair,
    DrawnStratum,
    Frame,
    allocate,
    draw,
    frame_of,
    labeled_pairs,
    measured,
)
from throughway.identity.review.verdicts import (
    PairState,
    PairVerdict,
    QueuedPair,
    Settled,
    Undone,
    order,
    ruled_by,
    rulings_in_force,
    settle,
    teaches,
)

S, D, C = PairVerdict.SAME, PairVerdict.DIFFERENT, PairVerdict.CANNOT_TELL
DAY = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "posterior", "joined", "twice", "state", "verdict"),
    [
        ([], 0.5, False, False, PairState.UNREAD, None),
        ([S], 0.9, True, False, PairState.SETTLED, S),  # plain
        ([D], 0.1, False, False, PairState.SETTLED, D),
        ([S], 0.99, True, False, PairState.SETTLED, S),
        ([S], 0.5, False, False, PairState.SECOND, None),  # even chances
        ([S], 0.3, True, False, PairState.SECOND, None),
        ([S], 0.7, True, False, PairState.SECOND, None),
        ([S], 0.71, True, False, PairState.SETTLED, S),
        ([C], 0.99, True, False, PairState.SECOND, None),  # cannot tell
        ([D], 0.99, True, False, PairState.SECOND, None),  # parts what was joined
        ([D], 0.99, False, False, PairState.SETTLED, D),  # twins whom linkage left apart
        ([S], 0.1, False, False, PairState.SECOND, None),  # joins what was left apart
        ([S], 0.9, False, False, PairState.SECOND, None),
        ([S], 0.1, True, False, PairState.SETTLED, S),
        ([S], 0.99, True, True, PairState.SECOND, None),  # by lot
        ([S, S], 0.5, False, True, PairState.SETTLED, S),
        ([D, D], 0.99, True, False, PairState.SETTLED, D),
        ([C, C], 0.5, False, False, PairState.SETTLED, C),
        ([S, D], 0.5, False, False, PairState.THIRD, None),
        ([S, C], 0.5, False, False, PairState.THIRD, None),
        ([S, D, S], 0.5, False, False, PairState.SETTLED, S),
        ([S, D, D], 0.5, False, False, PairState.SETTLED, D),
        ([S, C, S], 0.5, False, False, PairState.SETTLED, S),
        ([S, D, C], 0.5, False, False, PairState.SETTLED, C),  # all three differ
        ([S, C, D], 0.5, False, False, PairState.SETTLED, C),
    ],
)
def test_next_reader(said, posterior, joined, twice, state, verdict) -> None:
    found = settle(said, posterior=posterior, joined=joined, twice=twice)
    assert (found.state, found.verdict) == (state, verdict)


@given(st.lists(st.sampled_from([S, D, C]), max_size=3), st.floats(0, 1), st.booleans(), st.booleans())
def test_a_pair_is_settled_only_by_what_was_said(said, posterior, joined, twice) -> None:
    found = settle(said, posterior=posterior, joined=joined, twice=twice)
    assert (found.verdict is not None) == (found.state is PairState.SETTLED)
    if found.verdict in (S, D):
        assert found.verdict in said
        against = joined == (found.verdict is D)
        assert said.count(found.verdict) >= (2 if against or twice else 1)  # nobody overturns linkage alone


def test_queue_begins_with_the_most_informative_pair() -> None:
    assert teaches(0.5, 2) == 1.0
    assert teaches(0.5, 8) > teaches(0.5, 4) > teaches(0.8, 4) > teaches(0.999, 4) > 0
    new, known, begun = QueuedPair(1, 1.0, "a"), QueuedPair(2, 1.2, "b"), QueuedPair(3, 0.9, "c", begun=True)
    assert [w.pair for w in order([new, known], {})] == [2, 1]
    assert [w.pair for w in order([new, known], {"b": 3})] == [1, 2]  # its pattern was read before
    assert [w.pair for w in order([new, known, begun], {})] == [
        3,
        2,
        1,
    ]  # one reading more, and there is a ruling
    assert [w.pair for w in order([QueuedPair(9, 1.0, "x"), QueuedPair(4, 1.0, "y")], {})] == [4, 9]


def settled(one: int, other: int, *, same: bool, days: int = 0, by: str = "ann") -> Settled:
    return Settled(one, other, same, DAY + timedelta(days=days), by)


def test_settled_pairs_become_rulings() -> None:
    found = rulings_in_force([settled(1, 2, same=True), settled(3, 4, same=False)], [])
    assert (found.together, found.apart, found.contested) == ([[1, 2]], [{3: 0, 4: 1}], [])


def test_chain_of_joins_never_overrules_a_separation() -> None:
    chain = [settled(1, 2, same=True), settled(2, 3, same=True, days=1), settled(1, 3, same=False, days=2)]
    found = rulings_in_force(chain, [])
    assert found.together == [[1, 2]]  # the earlier join stands
    assert [(s.one, s.other) for s in found.contested] == [(2, 3)]


@pytest.mark.parametrize(
    ("reader", "undoing", "together", "apart"),
    [
        (1, 0, [[1, 2]], []),  # a merge undone, then a reader: the reader stands
        (0, 1, [], [{1: 0, 2: 1}]),  # a reader, then the merge is undone: it does not come back by itself
    ],
)
def test_the_later_of_reader_and_undoing_stands(reader, undoing, together, apart) -> None:
    undone = Undone([[1], [2]], together=False, at=DAY + timedelta(days=undoing))
    found = rulings_in_force([settled(1, 2, same=True, days=reader)], [undone])
    assert (found.together, found.apart) == (together, apart)


def test_a_split_undone_and_a_reader() -> None:
    undone = Undone([[1, 2, 3]], together=True, at=DAY + timedelta(days=1))
    assert rulings_in_force([settled(1, 2, same=False)], [undone]).together == [[1, 2, 3]]
    later = rulings_in_force([settled(1, 2, same=False, days=2)], [undone])
    assert (later.together, later.apart) == ([], [{1: 0, 2: 1}])


def test_reader_rejoins_two_of_an_undone_merge() -> None:
    undone = Undone([[1], [2], [3]], together=False, at=DAY)
    found = rulings_in_force([settled(1, 2, same=True, days=1)], [undone])
    assert found.together == [[1, 2]]
    assert found.apart == [{1: 0, 3: 2}, {2: 1, 3: 2}]


pairs = st.builds(
    Settled,
    st.integers(1, 5),
    st.integers(6, 9),
    st.booleans(),
    st.integers(0, 9).map(lambda d: DAY + timedelta(days=d)),
)


@given(st.lists(pairs, max_size=8))
def test_rulings_never_contradict_each_other(found: list[Settled]) -> None:
    once = list({(s.one, s.other): s for s in found}.values())
    result = rulings_in_force(once, [])
    group = {n: {n} for n in range(10)}
    for side in result.together:
        whole = set().union(*(group[n] for n in side))
        group.update(dict.fromkeys(whole, whole))
    assert all(group[a] is not group[b] for sides in result.apart for a, b in [tuple(sides)])
    assert len(result.contested) + len(result.together) + len(result.apart) == len(once)


def test_a_merge_that_a_reader_settled_names_the_reader() -> None:
    said = [settled(1, 2, same=True, by="ann"), settled(4, 5, same=False, by="ben")]
    assert ruled_by({7: [1], 8: [2]}, {7: [1, 2]}, said) == "ann"
    assert ruled_by({7: [4, 5]}, {7: [4], 8: [5]}, said) == "ben"
    assert ruled_by({7: [1], 8: [3]}, {7: [1, 3]}, said) == ""
    assert ruled_by({7: [1, 2]}, {7: [1, 2]}, said) == ""


def test_wilson_as_in_the_textbook() -> None:
    found = wilson(81, 263)  # Newcombe 1998, table I, method 4: 0.2535 to 0.3682
    assert (round(found.low, 4), round(found.high, 4)) == (0.2535, 0.3682)
    assert wilson(0, 20).low == 0.0
    assert round(wilson(0, 20).high, 4) == 0.2005
    assert wilson(0, 0) == Interval(0.5, 0.0, 1.0)


def test_kappa_as_in_the_textbook() -> None:
    # Fleiss, Cohen and Everitt 1969, table 1: kappa .429, standard error .054.
    table = {("a", "a"): 106, ("a", "b"): 10, ("a", "c"): 4, ("b", "a"): 22, ("b", "b"): 28, ("b", "c"): 10,
             ("c", "a"): 2, ("c", "b"): 12, ("c", "c"): 6}  # fmt: skip
    found = agreement([cell for cell, n in table.items() for _ in range(n)])
    assert found is not None
    assert found.kappa is not None
    assert round(found.kappa.value, 3) == 0.429
    assert round((found.kappa.high - found.kappa.low) / 2 / 1.959964, 3) == 0.054
    assert round(found.raw.value, 2) == 0.70
    assert agreement([]) is None
    alike = agreement([("same", "same")] * 9)
    assert alike is not None
    assert alike.kappa is None


def test_an_estimate_is_withheld_until_enough_is_read() -> None:
    few = estimate([Stratum(True, 100, FEWEST - 1, 20)])
    assert (few.precision, few.recall, few.read) == (None, None, FEWEST - 1)
    half = estimate([Stratum(True, 100, 40, 40), Stratum(False, 50, 0, 0)])
    assert half.precision is not None
    assert half.recall is None  # of what was left apart none is read
    one = estimate([Stratum(True, 100, 40, 40), Stratum(False, 50, 20, 0), Stratum(False, 1, 0, 0)])
    assert one.recall is not None  # a stratum of one pair may be open, and the range says so
    assert one.recall.low < estimate([Stratum(True, 100, 40, 40), Stratum(False, 50, 20, 0)]).recall.low  # type: ignore[union-attr]
    whole = estimate([Stratum(True, 90, 90, 81), Stratum(False, 19, 19, 9)])
    for found in (whole.precision, whole.recall):
        assert found is not None
        assert found.value == pytest.approx(0.9)
        assert found.low < 0.9 < found.high  # readers err, though all were read


def test_strata_represent_the_frame() -> None:
    found = estimate([Stratum(True, 1000, 50, 50), Stratum(True, 100, 50, 40), Stratum(False, 400, 40, 4)])
    assert found.precision is not None
    assert found.recall is not None
    assert found.precision.value == pytest.approx((1000 + 80) / 1100)
    assert found.recall.value == pytest.approx(1080 / (1080 + 40))
    assert found.recall.low < found.recall.value < found.recall.high
    group = estimate_within_group(
        [*[LabeledPair(20.0, True, True)] * 50, *[LabeledPair(10.0, False, True)] * 4]
    )
    assert group.recall is not None
    assert group.recall.value == pytest.approx(1000 / 1040)


def _town(random: np.random.Generator, joined: int = 3000, apart: int = 2500) -> tuple[Frame, np.ndarray]:
    """Pairs with their truth: posteriors that are right on average, save that siblings are thought to be one."""
    posterior = np.concatenate([random.beta(60, 1, joined), random.beta(0.15, 3, apart)])
    is_joined = np.arange(joined + apart) < joined
    truth = random.random(joined + apart) < np.where(is_joined, posterior, posterior * 0.8)
    number = np.arange(joined + apart)
    return Frame(number, number + 10**6, posterior, is_joined), truth


def _read(
    truth: bool, posterior: float, joined: bool, twice: bool, random: np.random.Generator
) -> PairVerdict:
    """What readers settle who follow the truth, err in one of fifty, and cannot tell one of fifty."""
    said: list[PairVerdict] = []
    while True:
        right = S if truth else D
        draw_ = random.random()
        said.append(C if draw_ < 0.02 else right if draw_ < 0.98 else (D if truth else S))
        found = settle(said, posterior=posterior, joined=joined, twice=twice)
        if found.verdict is not None:
            return found.verdict


def test_intervals_hold_the_truth_though_readers_err() -> None:
    random = np.random.default_rng(11)
    held: Counter[str] = Counter()
    widths = []
    for _ in range(200):
        frame, truth = _town(random)
        precision = truth[frame.joined].mean()
        recall = truth[frame.joined].sum() / truth.sum()
        drawn = draw(frame, random)
        said = [
            _read(bool(truth[row]), float(frame.posterior[row]), bool(frame.joined[row]), bool(twice), random)
            for row, twice in zip(drawn.rows, drawn.twice, strict=True)
        ]
        rows = [
            DrawnPair(at, int(stratum), None if v is C else v is S, v is C)
            for at, (stratum, v) in enumerate(zip(drawn.stratum, said, strict=True))
        ]
        found = measured(drawn.strata, rows, drawn.left_out).found
        assert found.precision is not None
        assert found.recall is not None
        held["precision"] += found.precision.low <= precision <= found.precision.high
        held["recall"] += found.recall.low <= recall <= found.recall.high
        widths.append((found.precision.high - found.precision.low, found.recall.high - found.recall.low))
    assert min(held["precision"], held["recall"]) >= 186, held  # 190 of 200 are due
    assert np.mean(widths, axis=0).max() < 0.1  # and they say something


def test_a_sample_has_every_kind_and_no_pair_twice() -> None:
    random = np.random.default_rng(3)
    frame, _ = _town(random)
    drawn = draw(frame, random)
    assert (
        len(set(drawn.rows.tolist()))
        == len(drawn.rows)
        == sum(stratum.drawn for stratum in drawn.strata)
        <= 240
    )
    assert all(stratum.drawn >= min(stratum.pairs, 12) for stratum in drawn.strata)
    assert drawn.left_out == ((frame.posterior < FLOOR) & ~frame.joined).sum()
    assert sum(stratum.pairs for stratum in drawn.strata) + drawn.left_out == len(frame.one)
    for row, stratum in zip(drawn.rows, drawn.stratum, strict=True):
        assert drawn.strata[stratum].joined == frame.joined[row]
        assert drawn.strata[stratum].low <= frame.posterior[row]
    none = np.zeros(0, np.int64)
    assert draw(Frame(none, none, np.zeros(0), np.zeros(0, bool)), random).strata == ()
    assert allocate([5, 1000, 1000], [0.5, 0.5, 0.999], 100) == [5, 77, 17]


def test_frame_has_pairs_joined_through_others() -> None:
    one, other = np.array([1, 2, 4]), np.array([2, 3, 5])
    frame = frame_of((one, other, np.array([0.9, 0.8, 0.1])), {1: 7, 2: 7, 3: 7, 4: 8, 5: 9})
    found = zip(frame.one, frame.other, frame.posterior, frame.joined, strict=True)
    assert [tuple(x) for x in found] == [
        (1, 2, 0.9, True),
        (2, 3, 0.8, True),
        (4, 5, 0.1, False),
        (1, 3, 0.0, True),
    ]


def test_labeled_pair_represents_its_stratum() -> None:
    strata = [DrawnStratum(True, 0.9, 100, 4), DrawnStratum(False, 0.01, 30, 2)]
    drawn = [DrawnPair(1, 0, True), DrawnPair(2, 0, None), DrawnPair(3, 0, False), DrawnPair(4, 1, True)]
    assert [each and each.weight for each in labeled_pairs(strata, drawn)] == [50.0, None, 50.0, 30.0]
    assert DrawnStratum.of_json(strata[0].to_json()) == strata[0]


@pytest.mark.parametrize(
    ("surname", "double"),
    [
        ("Ruiz Ortega", True),
        ("Lee-Young", True),
        ("de la Cruz", False),
        ("O'Brien", False),
        ("Hill Jr.", False),
        ("", False),
    ],
)
def test_double_surnames(surname: str, double: bool) -> None:
    assert is_double(surname) is double


def test_groups_of_a_pair_are_those_of_either_record() -> None:
    words = {"race": {"White": "White", "Asian": "Asian"}}
    one = groups_of_record([{"race": "White"}, {"last_or_surname": "Ruiz Ortega"}], words)
    other = groups_of_record([{"race": "Asian", "hispanic_or_latino_ethnicity": "Yes"}], words)
    assert union(one, other) == {
        "Race": frozenset({"White", "Asian", "Hispanic or Latino"}),
        "Surname": frozenset({"Double surname"}),
    }
    twins = groups_of_pair({"first": "different", "family": "same, one home"}, ["A", "B"])
    assert twins["Home"] == {"One home", "One home, other first name"}
    born = groups_of_pair({"first": "different", "family": "same, one home", "birth": "same"}, ["A"])["Home"]
    assert born - twins["Home"] == {"One home, one birthday, other first name (twins)"}
    assert groups_of_pair({"first": "same", "family": "same, one home", "birth": "same"}, ["A"])["Home"] == {
        "One home"
    }
    assert groups_of_pair({"first": "same", "family": "same, moved"}, ["A"])["Home"] == {
        "Two homes, or unknown"
    }


def _by_race(**counts: int) -> list[GroupEstimate]:
    groups: list[Groups] = [
        {"Race": frozenset({name})} for name, count in counts.items() for _ in range(count)
    ]
    return by_group([LabeledPair(2.0, True, True)] * len(groups), groups, ["Race"], 10)["Race"]


def test_small_groups_are_never_withheld_singly() -> None:
    found = _by_race(a=40, b=20, c=4)
    assert [(g.name, g.labels) for g in found] == [("a", 40), ("b", None), ("c", None)]
    assert found[0].found is not None
    assert found[0].found.precision is not None
    kept = _by_race(a=40, b=20)
    assert [g.labels for g in kept] == [40, 20]
    assert kept[1].found is not None
    assert kept[1].found.precision is None  # told honestly: too few labels


def test_two_records_line_by_line() -> None:
    one = [
        {"first_name": "Ana", "birthdate": "2012-01-02"},
        {"telephone_number": "1"},
        {"telephone_number": "2"},
    ]
    other = [{"first_name": "ana", "birthdate": "2012-02-01", "sex": "F"}, {"telephone_number": "2"}]
    assert [(line.name, line.mark) for line in comparison_lines(one, other)] == [
        ("First name", AGREES), ("Birth date", DIFFERS), ("Sex", ONE_SAYS), ("Telephone", AGREES),
    ]  # fmt: skip
    found = evidence({"first": "same", "birth": "different", "sex": "same"})
    assert (found.speaks_for, found.speaks_against) == (("the same first name",), ("different birth dates",))


@pytest.mark.parametrize(
    ("level", "against"),
    [
        ("one digit", ("birth date differs",)),
        ("two digits", ("different birth dates, two digits apart",)),
        ("different", ("different birth dates",)),
        ("same", ()),
    ],
)
def test_a_line_that_differs_is_evidence_against(level: str, against: tuple[str, ...]) -> None:
    """The page says of no pair with a line that differs that nothing speaks against it."""
    born = "2012-01-02" if level == "same" else "2012-01-03"
    lines = comparison_lines([{"birthdate": "2012-01-02"}], [{"birthdate": born}])
    assert evidence({"first": "same", "birth": level}, lines).speaks_against == against


def test_schools_and_grades_are_compared_by_year() -> None:
    """A school without its partner's own part, and only what is of one year differs."""
    one = [
        {
            "partner": "north",
            "organization_id": "north/255100041",
            "school_year": "2024",
            "entry_grade_level": "05",
        }
    ]
    same = [
        {
            "partner": "club",
            "organization_id": "club/255100041",
            "school_year": "2024",
            "entry_grade_level": None,
        }
    ]
    later = [
        {
            "partner": "club",
            "organization_id": "club/255100042",
            "school_year": "2025",
            "entry_grade_level": "06",
        }
    ]
    other = [
        {
            "partner": "club",
            "organization_id": "club/255100042",
            "school_year": "2024",
            "entry_grade_level": "06",
        }
    ]
    assert [(each.name, each.one, each.mark) for each in comparison_lines(one, same)] == [
        ("School", "255100041 in 2023-24", AGREES), ("Grade", "05 in 2023-24", ONE_SAYS),
    ]  # fmt: skip
    assert [each.mark for each in comparison_lines(one, later)] == [OTHER_YEARS, OTHER_YEARS]
    assert [each.mark for each in comparison_lines(one, other)] == [DIFFERS, DIFFERS]
    assert [each.one for each in comparison_lines([*later, *one], other)] == [
        "255100041 in 2023-24; 255100042 in 2024-25",
        "05 in 2023-24; 06 in 2024-25",
    ]


def test_ranges_are_drawn_on_one_scale() -> None:
    wide, narrow = Interval(0.9, 0.83, 0.95), Interval(1.0, 0.99, 1.0)
    assert begins([wide, None, narrow]) == pytest.approx(0.8)
    drawn = whisker(wide, 0.8)
    assert (drawn.left, drawn.at, drawn.left + drawn.width) == pytest.approx((15, 50, 75))
    assert begins([]) == 0.0
    assert (wide.percent, Interval(0.9996, 0.9, 1.0).percent) == ("90\u00a0%", "99.9\u00a0%")


def test_patterns_have_a_character_for_every_level() -> None:
    from throughway.identity.actions.review_pairs import LEVELS

    assert max(len(comparison.levels) for comparison in COMPARISONS) <= len(LEVELS)
    assert len(COMPARISONS) <= 40


PROGRAM_NAMES = ["north/Kids' Club", "KIDS CLUB", "kids-club", "north/AFT1", "AFT1", "Núñez Art Night", "nunez art  night", "club/2026", "club/20260801", "other/Kids Club", "Chess Circle"]  # fmt: skip


def test_programs_agree_by_the_names_that_the_rule_compares() -> None:
    """The page says that two records are of one program exactly where the rule of names alone takes them to be."""
    students = [
        student(n, "north" if n < 100 else "club", f"Name{n}", "Quin", program=program)
        for n, program in [*enumerate(PROGRAM_NAMES), *enumerate(PROGRAM_NAMES, 100)]
    ]
    rows = rows_of(tables(students))
    of = dict(zip(rows["person_record"].to_pylist(), rows["programs"].to_pylist(), strict=True))
    marks = set()
    for one, other in product(students[: len(PROGRAM_NAMES)], students[len(PROGRAM_NAMES) :]):
        lines = comparison_lines(
            [{"partner": "north", "program_identifier": one["program"]}],
            [{"partner": "club", "program_identifier": other["program"]}],
        )
        [line] = lines
        shared = {*of[one["person_record"]]} & {*of[other["person_record"]]}
        assert (line.name, line.mark) == ("Program", AGREES if shared else OTHER_PROGRAMS), (one, other)
        assert evidence({}, lines) == Evidence(("the same program",) if shared else (), ())
        marks.add(line.mark)
    assert marks == {AGREES, OTHER_PROGRAMS}


def test_a_program_is_shown_without_its_partners_part() -> None:
    [line] = comparison_lines(
        [{"partner": "north", "program_identifier": "north/Chess Circle"}], [{"sex": "F"}]
    )[-1:]
    assert (line.name, line.one, line.other, line.mark) == ("Program", "Chess Circle", "", ONE_SAYS)
