"""Audits the figures of a release together with those of every earlier release that counts some of its students.

A reader who has several releases can add and subtract their figures. Four things can then be learned about a few students:

- A figure that differs from a combination of known figures in three students tells how many of the three it counts. So a figure is
  shown only where it is known already, or where it differs from every combination of known figures in `required` students or more.
- A part that did not change while its total did tells that none of the new students is in it, and all of them in the only other part.
- A figure that did not change while its total did, by a few students, tells that none of them is in it.
- A withheld figure that contains a shown one is at least as large, and one that is contained in a shown one is at most as large, so
  that its range can become narrower than `required`.

Example: a class of 412 was published with 371 graduates. One student's diploma arrives late; a second release with 372 graduates
would tell whose it was. The distance is 1, so the second figure is withheld, or its class stays as first published.

Persons whom every figure treats alike form one class. A combination of figures is a weight for each class, and its distance from a
figure is the number of students by which their weights differ, each student counted with the difference (a linear program), or once where
the difference is more than one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from throughway.publication.fitting_counts import NOTHING, Findings, FittingCounts, Printed, Vector, known_key
from throughway.publication.linear_program import least
from throughway.publication.tables import ALONE, Place, without
from throughway.store.record_numbers import Numbers, any_of, both, inside

# Where a student goes to school, and which class a figure describes, is no secret that an unchanged part could reveal.
KNOWN_BY_DEFINITION = frozenset({"school", "partner", "milestone", "step"})


@dataclass(frozen=True, eq=False)
class CountedFigure:
    """One count, at its place in its release, and the persons whom it counts, sorted. `shown`: the smallest and the largest value that a reader takes from what is
    printed; None where it is withheld. `totals`: the persons of each total that it is a part of, as `totals_of` gives them. `outside`:
    whether a table from outside prints it; `differs`: by how much the number there differs from that of `persons`, because it may count
    other students."""

    at: Place
    persons: Numbers
    shown: tuple[int, int] | None
    totals: tuple[Numbers, ...] = ()
    outside: bool = False
    differs: int = 0

    @property
    def exact(self) -> bool:
        return self.shown is not None and self.shown[0] == self.shown[1]


def totals_of(at: Place, persons: Mapping[Place, Numbers]) -> tuple[Numbers, ...]:
    """The persons of each total over one dimension in which a student's place is a secret, in the order of the dimensions: the order of all
    that is compared decides between programs' equal solutions, and so what is shown. `persons`: of each figure of the release."""
    totals = (
        without(at, dimension)
        for dimension, _ in sorted(at)
        if dimension.removesuffix(ALONE) not in KNOWN_BY_DEFINITION
    )
    return tuple(persons[total] for total in totals if total is not None and total in persons)


@dataclass(frozen=True)
class Partition:
    """A total and the parts that make it up, by one dimension."""

    total: Place
    parts: tuple[Place, ...]
    dimension: str


def figures_to_withhold(
    figures: Sequence[CountedFigure],
    published: Sequence[CountedFigure],
    *,
    required: int,
    partitions: Iterable[Partition] = (),
    overlapping: bool = False,
    findings: Findings | None = None,
) -> set[Place]:
    """The places of the figures that must not be shown beside the published ones. `overlapping`: whether the figures can also differ
    from each other in a few students, so that they are compared where nothing is published yet. `findings`: of earlier audits with the
    same number required."""
    near = connected(published, any_of(f.persons for f in figures), lambda f: f.persons)
    if not near and not overlapping:
        return set()
    audit = _JointAudit(figures, near, required, findings or Findings())
    found = {at for at, distance in audit.distances.items() if NOTHING < distance < required - NOTHING}
    if not near:
        return found
    found |= audit.unchanged_parts(partitions) | audit.unchanged_beside_few()
    return found | audit.that_narrow_a_range(found)


Item = TypeVar("Item")


def connected(items: Sequence[Item], persons: Numbers, persons_of: Callable[[Item], Numbers]) -> list[Item]:
    """The items that count one of these persons, or one of the persons of such an item, and so on: a figure can be the difference of two
    of which only one counts its persons."""
    found: dict[int, Item] = {}
    while True:
        more = [
            (n, item)
            for n, item in enumerate(items)
            if n not in found and both(persons_of(item), persons).size
        ]
        if not more:
            return [found[n] for n in sorted(found)]
        found |= dict(more)
        persons = any_of([persons, *(persons_of(item) for _, item in more)])


class _JointAudit:
    def __init__(
        self,
        figures: Sequence[CountedFigure],
        published: Sequence[CountedFigure],
        required: int,
        findings: Findings,
    ) -> None:
        self.figures, self.published, self.required = figures, published, required
        self.findings = findings
        sets = {id(each): each for f in (*published, *figures) for each in (f.persons, *f.totals)}
        persons = any_of(sets.values())
        member = np.array([inside(persons, each) for each in sets.values()])
        _, first, sizes = np.unique(
            np.packbits(member, axis=0), axis=1, return_index=True, return_counts=True
        )
        # The last is no class: it has the difference between a number from outside and ours, which a reader of both sees.
        self.sizes: Vector = np.append(sizes.astype(float), 1.0)
        self.counts: Vector = np.append(sizes.astype(float), 0.0)
        differs = {id(f.persons): f.differs for f in published}
        self._columns: dict[int, Vector] = {
            key: np.append(row.astype(float), differs.get(key, 0))
            for key, row in zip(sets, member[:, first], strict=True)
        }
        self.division = blake2b(
            b"".join([self.sizes.tobytes(), *(column.tobytes() for column in self._columns.values())])
        ).digest()

    @cached_property
    def distances(self) -> Mapping[Place, float]:
        """How many students tell each exact figure from the nearest combination of figures that are shown before it: those that are
        published, then the largest of the release. A figure that is too close is not shown."""
        known = dict(self._known)
        found: dict[Place, float] = {}
        for each in sorted((f for f in self.figures if f.exact), key=lambda f: -f.persons.size):
            vector = self._vector(each)
            distance = self._distance(vector, known)
            if distance >= self.required - NOTHING:
                known[vector.tobytes()] = vector
            found[each.at] = distance
        return found

    @cached_property
    def _known(self) -> dict[bytes, Vector]:
        """The exact published figures, each once. One whose number differs is left out where others already determine whom it counts:
        the difference of two numbers for the same students would explain away every other difference."""
        exact = sorted((f for f in self.published if f.exact), key=lambda f: abs(f.differs))
        known = {self._vector(f).tobytes(): self._vector(f) for f in exact if not f.differs}
        counts = np.append(np.ones(self.sizes.size - 1), 0.0)
        for each in exact:
            vector = self._vector(each)
            alike = {key: other * counts for key, other in known.items()}
            if each.differs and self._distance(vector * counts, alike) > NOTHING:
                known[vector.tobytes()] = vector
        return known

    @cached_property
    def _unchanged(self) -> set[Place]:
        """The exact figures that follow from the published ones."""
        return {
            f.at
            for f in self.figures
            if f.exact
            and self.distances[f.at] <= NOTHING
            and self._distance(self._vector(f), self._known) <= NOTHING
        }

    def unchanged_parts(self, partitions: Iterable[Partition]) -> set[Place]:
        """The totals that changed in one part alone, shown or not, with all their parts, where the dimension can reveal something."""
        same = {self._vector(f).tobytes() for f in self.published}
        same |= {self._vector(f).tobytes() for f in self.figures if f.at in self._unchanged}
        changed = {f.at for f in self.figures if self._vector(f).tobytes() not in same}
        found: set[Place] = set()
        for each in partitions:
            secret = each.dimension.removesuffix(ALONE) not in KNOWN_BY_DEFINITION
            sensitive = secret and len(each.parts) > 1
            if sensitive and each.total in changed and len(changed.intersection(each.parts)) == 1:
                found |= {each.total, *each.parts}
        return found & self.distances.keys()

    def unchanged_beside_few(self) -> set[Place]:
        """The figures that are known already, where the same combination of published totals misses a total of theirs by fewer students
        than required: a reader who knows who came late learns that they are not in the figure."""
        known: dict[bytes, Vector] = {}
        for each in self.published:
            for pair in self._with_totals(each) if each.exact and not each.differs else ():
                known[pair.tobytes()] = pair
        free = np.full(self.sizes.size, np.inf)
        found: set[Place] = set()
        for each in self.figures:
            if each.at in self._unchanged:
                for pair in self._with_totals(each):
                    distance = self._distance(pair, known, np.concatenate([free, self.sizes]))
                    if NOTHING < distance < self.required - NOTHING:
                        found.add(each.at)
        return found

    def _with_totals(self, figure: CountedFigure) -> list[Vector]:
        """The figure's vector followed by that of each of its totals."""
        own = self._vector(figure)
        return [np.concatenate([own, self._columns[id(total)]]) for total in figure.totals]

    def that_narrow_a_range(self, withheld: Collection[Place]) -> set[Place]:
        """The exact figures of the release for which some withheld or rounded figure would have a range narrower than required: one of
        an earlier release because of this one, or one of this release because of the earlier ones."""
        kept = [f for f in self.figures if f.at not in withheld and f.shown is not None]
        news = [f for f in kept if f.exact and self.distances[f.at] > NOTHING]
        before = [f for f in self.published if not f.exact]
        own = [f for f in self.figures if not f.exact or f.at in withheld]
        counting = self._counting(news)
        near = [f for f in (*before, *own) if f.outside or self._vector(f)[:-1] @ counting]
        # Whatever more is printed, a narrow range stays narrow: so those of the earlier releases alone are asked for first, once.
        earlier = {id(f) for f in self._narrow(near, self.published, undecided=False)}
        left = [f for f in near if id(f) not in earlier]
        mine = {id(f) for f in own}
        alone = {id(f) for f in self._narrow([f for f in left if id(f) in mine], kept, undecided=False)}
        left = [f for f in left if id(f) not in alone]
        found: set[Place] = set()
        for hidden in self._narrow(left, [*self.published, *kept]):
            found |= self._to_widen(hidden, [f for f in news if f.at not in found], kept, found)
        return found

    def _counting(self, figures: Sequence[CountedFigure]) -> Vector:
        """How many of the figures count each class."""
        return sum((self._vector(f)[:-1] for f in figures), np.zeros(self.sizes.size - 1))

    def _to_widen(
        self,
        hidden: CountedFigure,
        news: Sequence[CountedFigure],
        kept: Sequence[CountedFigure],
        without: Collection[Place],
    ) -> set[Place]:
        """The smallest of the new figures that count persons of the hidden one, as many as must go for its range to be wide enough. For a
        figure that a table from outside withholds, whatever its size, also others of which it is the rest."""
        counting = [f for f in news if both(f.persons, hidden.persons).size]
        others = [f for f in news if f not in counting] if hidden.outside else []
        order = [*sorted(counting, key=_size), *sorted(others, key=_size)]

        def wide(many: int) -> bool:
            gone = {f.at for f in order[:many]}.union(without)
            return not self._narrow([hidden], [*self.published, *(f for f in kept if f.at not in gone)])

        # The more figures go, the wider the range: the number is found by doubling, then by halving.
        few, many = -1, 0
        while many < len(order) and not wide(many):
            few, many = many, min(max(2 * many, 1), len(order))
        while many - few > 1:
            middle = (few + many) // 2
            few, many = (few, middle) if wide(middle) else (middle, many)
        return {f.at for f in order[:many]}

    def _narrow(
        self, hidden: Sequence[CountedFigure], known: Sequence[CountedFigure], *, undecided: bool = True
    ) -> list[CountedFigure]:
        """The hidden figures whose range is narrower than required, given what is printed of the known ones: `FittingCounts.narrow`."""
        if not hidden:
            return []
        printed = Printed(((self._vector(f), f.shown) for f in known if f.shown is not None), self.sizes.size)
        vectors = np.array([self._vector(f) for f in hidden])
        narrow = self._fitting.narrow(vectors, printed, undecided=undecided)
        return [f for f, each in zip(hidden, narrow, strict=True) if each]

    @cached_property
    def _fitting(self) -> FittingCounts:
        # more than any range needs to be wide enough
        most = np.full(self.sizes.size, self.counts.sum() + self.required)
        most[-1] = 0
        return self.findings.fitting.setdefault(
            self.division, FittingCounts(self.counts, most, self.required)
        )

    def _vector(self, figure: CountedFigure) -> Vector:
        """1 for each class whose persons the figure counts, and last by how much its number differs from theirs."""
        return self._columns[id(figure.persons)]

    def _distance(self, vector: Vector, known: Mapping[bytes, Vector], most: Vector | None = None) -> float:
        """The distance by the dual program: weights between -1 and 1 for each student, under which no known figure weighs anything.
        `most`: the largest weight of each class, where it is not its size; infinite where the vectors must agree."""
        if vector.tobytes() in known:
            return 0.0
        if most is not None:
            return self._nearest(vector, known, most)
        key = self.division, vector.tobytes(), known_key(known)
        if key not in self.findings.distances:
            self.findings.distances[key] = self._nearest(vector, known)
        return self.findings.distances[key]

    def _nearest(self, vector: Vector, known: Mapping[bytes, Vector], most: Vector | None = None) -> float:
        students = most is None
        most = self.sizes if most is None else most
        if not known:
            return float(most[vector > 0].sum())
        figures = np.array(list(known.values()))
        found = least(-vector, -most, most, [LinearConstraint(csr_array(figures), 0, 0)], marginals=True)
        if found is None:
            return NOTHING * 2  # not decided counts as too close
        if not students:
            return -float(found.fun)
        # Three unions of two groups, A and B, A and C, B and C, leave A twice: as many students, however often each is counted.
        left = vector + found.eqlin.marginals @ figures
        counted = float(self.counts[np.abs(left) > NOTHING].sum()) + abs(float(left[-1]))
        return min(-float(found.fun), counted)


def _size(figure: CountedFigure) -> int:
    return int(figure.persons.size)
