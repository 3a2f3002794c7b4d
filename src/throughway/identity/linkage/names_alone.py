"""Pairs that a person need not see: one name that stands once in each of two sources, of which one has nothing but names.

A club's list has names, and perhaps schools, but no birth dates. Against a district, each of its children is in doubt, although most names
stand once on either list and the school says the rest. Such a pair is joined where all this holds: both full names are the same, no other
record of either source is called so, both records are of one school in one year or of one program, nothing that is known differs, and
every student of both sources is before linkage, by full name: else a second one of that name may be hidden.

The rule is believed only as far as it was measured: a sample of its pairs, drawn by lot, is decided by people first, and a rule that was
found wrong joins nothing. Each run judges all pairs anew, from the records alone, so an incremental run finds what a full one does.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import Integers, compare_these, record_numbers
from throughway.identity.linkage.comparisons import BIRTH, CLASS, FAMILY, IDENTIFIER, MIDDLE, SEX, Truths, on

FIRST_SAMPLE = 12  # pairs of two sources that people find to be one person before the rule joins any
LATER_SHARE = 0.05  # of many pairs of two sources, this share is in the sample
MOST_WRONG = (
    0.01  # of the pairs that people decided, this share may be two persons; of fewer than a hundred, none
)
MOST_UNCLEAR = 0.25  # of the sample may be pairs of which nobody could tell; others are drawn in their place

Two = tuple[str, str]  # two sources, in the order of their names


@dataclass(frozen=True)
class NameSample:
    """What people found in the sample of two sources' pairs. `waiting`: record numbers (the lower first) of pairs that nobody has decided.
    `unclear`: pairs of which nobody could tell."""

    same: int = 0
    different: int = 0
    unclear: int = 0
    waiting: frozenset[tuple[int, int]] = frozenset()

    @property
    def decided(self) -> int:
        return self.same + self.different

    @property
    def stopped(self) -> bool:
        wrong = self.different > MOST_WRONG * self.decided
        return wrong or self.unclear > MOST_UNCLEAR * max(self.decided, FIRST_SAMPLE)

    @property
    def open(self) -> bool:
        return self.same >= FIRST_SAMPLE and not self.stopped

    def lacking(self, pairs: int) -> int:
        """How many more of so many pairs are to be drawn."""
        wanted = min(pairs, max(FIRST_SAMPLE, int(pairs * LATER_SHARE)))
        return 0 if self.stopped else max(wanted - self.decided - len(self.waiting), 0)


@dataclass(frozen=True)
class NamesAlone:
    """`held`: by source, the record numbers of all its students, whether linkage may see them or not. `samples`: what people found, by the
    two sources."""

    held: Mapping[str, Integers] = field(default_factory=dict)
    samples: Mapping[Two, NameSample] = field(default_factory=dict)

    def of(self, two: Two) -> NameSample:
        return self.samples.get(two, NameSample())


@dataclass(frozen=True, eq=False)
class NamePairs:
    """The rule's pairs by row (`left` < `right`), rising, with the two sources of each, and `asked`: whether it waits for a person as one of
    the sample. `samples`: of each two sources that have any."""

    left: Integers
    right: Integers
    sources: Sequence[Two] = ()
    asked: Sequence[bool] = ()
    samples: Mapping[Two, NameSample] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.left)

    def __iter__(self) -> Iterator[tuple[int, int, Two, bool]]:
        return zip(self.left.tolist(), self.right.tolist(), self.sources, self.asked, strict=True)


NO_NAME_PAIRS = NamePairs(np.empty(0, np.int64), np.empty(0, np.int64))


def name_pairs(rows: pa.Table, known: NamesAlone) -> NamePairs:
    """The rule's pairs among the rows of `comparable`, which are by rising record number."""
    sources = _complete(rows, known.held)
    alone = [name for name in sources if sources[name]]
    if not alone or len(sources) < 2:
        return NO_NAME_PAIRS
    within = pc.is_in(rows["source"], pa.array(sorted(sources), pa.string()))
    called = pc.is_in(rows["spelled"], pc.unique(rows["spelled"].filter(_of(rows, alone))))
    places = np.flatnonzero(pc.and_(within, called).to_numpy(zero_copy_only=False))
    found = sorted(_pairs(_Listed(rows, places), sources))
    if not found:
        return NO_NAME_PAIRS
    left, right = (np.array([pair[side] for pair in found], np.int64) for side in (0, 1))
    kept = np.flatnonzero(~_unlike(rows, left, right)).tolist()
    numbers = record_numbers(rows)
    two = [found[at][2] for at in kept]
    by_number = [(int(numbers[left[at]]), int(numbers[right[at]])) for at in kept]
    return NamePairs(
        left[kept], right[kept], two,
        [pair in known.of(of).waiting for pair, of in zip(by_number, two, strict=True)],
        {of: known.of(of) for of in two},
    )  # fmt: skip


def _complete(rows: pa.Table, held: Mapping[str, Integers]) -> dict[str, bool]:
    """The sources all of whose students (`held`) are among the rows with a full name, and whether each has nothing but names."""
    table = rows.select(["source"])
    table = table.append_column("nameless", pc.or_(pc.is_null(rows["first"]), pc.is_null(rows["spelled"])))
    said = pc.or_(pc.is_valid(rows["birthdate"]), pc.greater(pc.list_value_length(rows["wide"]), 0))
    table = table.append_column("said", pc.fill_null(said, False))
    found = table.group_by("source").aggregate([("nameless", "any"), ("said", "any")]).to_pylist()
    numbers = record_numbers(rows)
    return {
        row["source"]: not row["said_any"]
        for row in found
        if not row["nameless_any"]
        and row["source"] in held
        and bool(np.isin(held[row["source"]], numbers).all())
    }


def _of(rows: pa.Table, sources: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(rows["source"], pa.array(sorted(sources), pa.string()))


class _Listed:
    """The rows at these places, by what each student may be called."""

    def __init__(self, rows: pa.Table, places: Integers) -> None:
        columns = ["source", "first", "firsts", "forms", "spelled", "schools", "programs"]
        self.rows = dict(
            zip(places.tolist(), rows.select(columns).take(pa.array(places)).to_pylist(), strict=True)
        )
        self.by_name: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self.called: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
        for at, row in self.rows.items():
            self.by_name[row["first"], row["spelled"]].append(at)
            for name in {row["first"], *row["forms"], *row["firsts"]}:
                self.called[row["source"], name, row["spelled"]].add(at)

    def stands_once(self, at: int) -> bool:
        """Whether nobody else of its source has its name, is called so in short or in part, or has a name that it is short for."""
        row = self.rows[at]
        source, first, spelled = row["source"], row["first"], row["spelled"]
        named = {other for form in row["forms"] for other in self.by_name.get((form, spelled), ())}
        return self.called[source, first, spelled] <= {at} and all(
            other == at or self.rows[other]["source"] != source for other in named
        )

    def agree(self, one: int, other: int) -> bool:
        """Whether both are known to be of one school in one year, or of one program."""
        a, b = self.rows[one], self.rows[other]
        return any(not set(a[name]).isdisjoint(b[name]) for name in ("schools", "programs"))


def _pairs(listed: _Listed, sources: Mapping[str, bool]) -> Iterator[tuple[int, int, Two]]:
    """Every two records of two sources, of which one has nothing but names, that have one name and stand once."""
    for places in listed.by_name.values():
        once = [at for at in places if listed.stands_once(at)] if len(places) > 1 else []
        for n, one in enumerate(once):
            for other in once[n + 1 :]:
                a, b = listed.rows[one]["source"], listed.rows[other]["source"]
                if a != b and (sources[a] or sources[b]) and listed.agree(one, other):
                    yield min(one, other), max(one, other), (min(a, b), max(a, b))


def _unlike(rows: pa.Table, left: Integers, right: Integers) -> Truths:
    """For each pair: whether anything that is known of both differs."""
    places = np.union1d(left, right)
    these = compare_these(
        rows.take(pa.array(places)), np.searchsorted(places, left), np.searchsorted(places, right)
    )
    rungs = these.rungs
    moved = on(rungs, FAMILY, "same, moved", "partly, moved", "close, moved", "other, moved")
    born = on(rungs, BIRTH, "one part", "two digits", "of a housemate", "different")
    return (
        moved
        | born
        | on(rungs, SEX, "different")
        | on(rungs, MIDDLE, "different")
        | on(rungs, CLASS, "another")
        | on(rungs, IDENTIFIER, "different, statewide")
    )
