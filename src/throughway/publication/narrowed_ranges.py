"""Finds the figures of a release that would narrow a range which an earlier release has printed, or one of its own.

The audit by students (`joint_audit`) takes classes of students who exist. A figure that counts nobody has no student, so to that audit
everybody knows that it counts nobody. A reader does not: of 69 students 58 reached, and 0–11 were lost and 0–11 are not seen. That 11 were
lost, in a later report, tells that nobody is not seen.

So the figures themselves are taken here as unknown whole numbers, as the certificate of a release does: each has the range that is printed,
and totals are the sums of their parts. Two figures of two releases are one unknown where they count the same students, as far as a
reader can tell: at one place of one kind of report, or where neither release has another figure of the same students. Where nobody is in
a part, its total and the other part count the same students. Then an earlier figure tells the total alone; a new one is taken to tell both,
so that it is withheld where one of them may not be told.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np

from throughway.publication.fitting_counts import Findings, FittingCounts, Printed
from throughway.publication.joint_audit import CountedFigure
from throughway.publication.tables import Place

Key = Hashable
Between = tuple[float, float]
ANY: Between = (0.0, np.inf)


@dataclass(frozen=True)
class FigureSum:
    """A total and its parts, which are some of it where it is not `exact`."""

    total: Place
    parts: tuple[Place, ...]
    exact: bool = True


@dataclass(frozen=True, eq=False)
class ReadRelease:
    """A release as a reader has it. `kind`: at each place, what it counts there; equal in two releases if they count the same thing."""

    figures: Sequence[CountedFigure]
    sums: Sequence[FigureSum]
    kind: Callable[[Place], Hashable]

    @cached_property
    def students(self) -> Mapping[Place, bytes]:
        """A digest of the students of each figure; empty where it counts nobody."""
        return {f.at: _digest(f.persons.tobytes()) if f.persons.size else b"" for f in self.figures}

    @cached_property
    def outermost(self) -> frozenset[Place]:
        """Of all figures of the same students the one with the fewest dimensions, if there is one."""
        found: dict[bytes, list[Place]] = defaultdict(list)
        for at, students in self.students.items():
            found[students].append(at)
        fewest = {students: min(map(len, places)) for students, places in found.items()}
        outer = ([at for at in places if len(at) == fewest[students]] for students, places in found.items())
        return frozenset(places[0] for places in outer if len(places) == 1)

    def without(self, places: Collection[Place]) -> "ReadRelease":
        """The release with these figures withheld."""
        return replace(self, figures=[replace(f, shown=None) if f.at in places else f for f in self.figures])


def that_narrow_a_range(
    new: ReadRelease,
    earlier: Sequence[ReadRelease],
    *,
    required: int,
    withheld: Collection[Place] = (),
    findings: Findings | None = None,
) -> set[Place]:
    """The places of the exact figures of a new release for which a count that an earlier release or this one withholds, or shows as a
    range, could be placed within less than required; a range that was as narrow without this release stays as it is."""
    findings = findings or Findings()
    names = _names([*earlier, new])
    before = _RangeReader(earlier, names, required, findings)
    kept = new.without(withheld)
    news = {
        names[id(new)][f.at]: f for f in kept.figures if f.exact and not before.is_exact(names[id(new)][f.at])
    }
    if not news:
        return set()
    now = _RangeReader([*earlier, kept], names, required, findings, aka=new)
    alone = _RangeReader([kept], names, required, findings, aka=new)
    found: set[Place] = set()
    for group in now.groups(news):
        if group.isdisjoint(before.between):
            continue  # its own protection has left these open
        hidden = [
            k
            for k in now.between
            if k in group and not before.is_exact(k) and (before.hides(k) or alone.hides(k))
        ]
        left = [k for k in hidden if k not in before.narrow(hidden, undecided=False)]
        left = [k for k in left if k not in alone.narrow(left, undecided=False)]
        for each in sorted(now.narrow(left), key=left.index):
            found |= _to_widen(each, [f for k, f in news.items() if k in group], found, lambda gone: _RangeReader(
                [*earlier, kept.without(gone)], names, required, findings, aka=new
            ))  # fmt: skip
    return found


def _to_widen(
    hidden: Key,
    news: Sequence[CountedFigure],
    found: Collection[Place],
    reader: "Callable[[Collection[Place]], _RangeReader]",
) -> set[Place]:
    """The smallest of the new figures, as many as must go for the range to be wide enough."""
    order = sorted((f for f in news if f.at not in found), key=lambda f: (f.persons.size, sorted(f.at)))

    def wide(many: int) -> bool:
        return not reader({*found, *(f.at for f in order[:many])}).narrow([hidden])

    few, many = -1, 0
    while many < len(order) and not wide(many):
        few, many = many, min(max(2 * many, 1), len(order))
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if wide(middle) else (middle, many)
    return {f.at for f in order[:many]}


def _names(releases: Sequence[ReadRelease]) -> dict[int, dict[Place, Key]]:
    """The unknown that each figure of each release is."""
    several = {b""}
    for each in releases:
        several |= {students for students, many in Counter(each.students.values()).items() if many > 1}
    return {
        id(each): {
            at: (each.kind(at), at, students) if students in several else students
            for at, students in each.students.items()
        }
        for each in releases
    }


class _RangeReader:
    """What a reader of these releases knows: `between`, the range of each unknown, and sums of them. `aka`: the release whose names those of
    the last of these are."""

    def __init__(
        self,
        releases: Sequence[ReadRelease],
        names: Mapping[int, Mapping[Place, Key]],
        required: int,
        findings: Findings,
        *,
        aka: ReadRelease | None = None,
    ) -> None:
        self.required, self.findings = required, findings
        named = [(each, names[id(each)]) for each in releases[: len(releases) - (aka is not None)]]
        named += [(releases[-1], names[id(aka)])] if aka is not None else []
        self.between: dict[Key, Between] = {}
        self.size: dict[Key, int] = {}
        self._hidden: set[Key] = set()
        self.rows: list[tuple[dict[Key, int], float, float]] = []
        told: dict[bytes, dict[int, int]] = defaultdict(dict)  # by students, the release that tells how many
        for number, (each, name) in enumerate(named):
            for f in each.figures:
                key, students = name[f.at], each.students[f.at]
                self.size[key] = f.persons.size
                if f.exact and f.shown and not f.differs and students:
                    told[students][number] = f.shown[0]
                if not f.exact:
                    self._hidden.add(key)
                self._narrow_to(key, f.shown or ANY)
            for total in each.sums:
                if total.total in name and all(part in name for part in total.parts):
                    times: dict[Key, int] = defaultdict(int)
                    times[name[total.total]] -= 1
                    for part in total.parts:
                        times[name[part]] += 1
                    self.rows.append(
                        ({k: n for k, n in times.items() if n}, 0 if total.exact else -np.inf, 0)
                    )
        newest = len(named) - 1 if aka is not None else None
        for number, (each, name) in enumerate(named):
            for f in each.figures:
                for other, count in told.get(each.students[f.at], {}).items():
                    if other != number and (other == newest or f.at in each.outermost):
                        self._narrow_to(name[f.at], (count, count))

    def _narrow_to(self, key: Key, between: Between) -> None:
        low, high = self.between.get(key, ANY)
        least, most = max(low, between[0]), min(high, between[1])
        if least > most:  # students were forgotten or linked anew: both may be right
            least, most = min(low, between[0]), max(high, between[1])
        self.between[key] = least, most

    def is_exact(self, key: Key) -> bool:
        low, high = self.between.get(key, ANY)
        return low == high

    def hides(self, key: Key) -> bool:
        """Whether one of the releases withholds it or shows it as a range."""
        return key in self._hidden

    def groups(self, opened: Collection[Key]) -> list[set[Key]]:
        """The unknowns, these ones among them, in groups that sums connect."""
        joined: dict[Key, set[Key]] = {}
        for times, _, _ in self.rows:
            mine = [k for k in times if k in opened or not self.is_exact(k)]
            sets = {id(s): s for k in mine if (s := joined.get(k)) is not None}.values()
            largest = max(sets, key=len, default=set())
            for other in [*(s for s in sets if s is not largest), set(mine)]:
                largest |= other
            joined.update(dict.fromkeys([k for s in sets if s is not largest for k in s], largest))
            joined.update(dict.fromkeys(mine, largest))
        return [*{id(s): s for s in joined.values()}.values(), *({k} for k in opened if k not in joined)]

    def narrow(self, hidden: Iterable[Key], *, undecided: bool = True) -> set[Key]:
        """Those of these that the reader can place within less than required: `FittingCounts.narrow`."""
        asked = [k for k in hidden if k in self.between]
        found = {k for k in asked if self.is_exact(k)}
        left = dict.fromkeys(k for k in asked if k not in found)
        for group in self.groups(left):
            mine = [k for k in asked if k in left and k in group]
            if mine:
                found |= self._narrow_in(group, mine, undecided=undecided)
        return found

    def _narrow_in(self, group: set[Key], asked: Sequence[Key], *, undecided: bool) -> set[Key]:
        unknown = [k for k in self.between if k in group]
        column = {k: n for n, k in enumerate(unknown)}
        one = np.eye(len(unknown))
        rows = [(one[column[k]], self.between[k]) for k in unknown if self.between[k] != ANY]
        for times, low, high in self.rows:
            if not times.keys().isdisjoint(group):
                vector, known = np.zeros(len(unknown)), 0.0
                for k, n in times.items():
                    if k in column:
                        vector[column[k]] = n
                    else:
                        known += n * self.between[k][0]
                rows.append((vector, (low - known, high - known)))
        counts = np.array([float(self.size[k]) for k in unknown])
        most = np.full(len(unknown), counts.sum() + self._largest + self.required)
        division = _digest(repr(unknown).encode() + counts.tobytes())
        fitting = self.findings.fitting.setdefault(division, FittingCounts(counts, most, self.required))
        vectors = one[[column[k] for k in asked]]
        narrow = fitting.narrow(vectors, Printed(rows, len(unknown)), undecided=undecided)
        return {k for k, each in zip(asked, narrow, strict=True) if each}

    @cached_property
    def _largest(self) -> float:
        return float(sum(high for _, high in self.between.values() if np.isfinite(high)))


def _digest(what: bytes) -> bytes:
    return blake2b(what, digest_size=16).digest()
