"""Turns the true tables of one release into publishable ones, all tables together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from throughway.publication.audit import Audit
from throughway.publication.linear_system import LinearSystem, only_sizes, system_of, with_known_sizes
from throughway.publication.policy import POLICY, SuppressionPolicy
from throughway.publication.ranges import ranges_of
from throughway.publication.rate_coding import coded, end_code
from throughway.publication.shown_figures import range_words
from throughway.publication.tables import Place, ProtectedCell, ProtectedTable, RawCell, RawTable, Relation


def too_small(system: LinearSystem, minimum: int) -> set[int]:
    """The unknowns below the minimum; for a rate, where its numerator, remainder or denominator is."""
    return {
        i
        for i, (value, cap) in enumerate(zip(system.values, system.caps, strict=True))
        if value < minimum or (cap is not None and (cap - value < minimum or cap < minimum))
    }


PRIME = 2**61 - 1
Vector = dict[int, int]
Name = tuple[str, Place]


class Span:
    """A space of vectors modulo PRIME, kept in reduced row echelon form."""

    def __init__(self, vectors: Iterable[Vector] = ()) -> None:
        self._rows: dict[int, Vector] = {}  # pivot → row with 1 at the pivot and 0 at every other pivot
        self._at: dict[int, set[int]] = defaultdict(set)  # column → pivots of rows that are not zero in it
        for vector in vectors:
            self.add(vector)

    def remainder(self, vector: Vector) -> Vector:
        """The vector minus its part in the space; empty if and only if it lies in the space."""
        left = {column: value % PRIME for column, value in vector.items()}
        for pivot in [column for column in left if column in self._rows]:
            _subtract(left, self._rows[pivot], left[pivot])
        return {column: value for column, value in left.items() if value}

    def add(self, vector: Vector) -> None:
        row = _scaled(self.remainder(vector))
        if not row:
            return
        pivot = min(row)
        for other in list(self._at[pivot]):
            changed = self._rows[other]
            _subtract(changed, row, changed[pivot])
            for column in row:
                (self._at[column].add if changed.get(column) else self._at[column].discard)(other)
        self._rows[pivot] = row
        for column in row:
            self._at[column].add(pivot)


def _subtract(vector: Vector, row: Vector, times: int) -> None:
    for column, value in row.items():
        left = (vector.get(column, 0) - times * value) % PRIME
        if left:
            vector[column] = left
        else:
            vector.pop(column, None)


def _scaled(vector: Vector) -> Vector:
    """The multiple whose first entry is 1: equal for vectors that are multiples of each other."""
    if not vector:
        return vector
    inverse = pow(vector[min(vector)], -1, PRIME)
    return {column: value * inverse % PRIME for column, value in vector.items()}


def withheld_against_sums(system: LinearSystem, withheld: Iterable[int]) -> set[int]:
    """The withheld figures, with those that must also be withheld so that none can be computed exactly."""
    hidden = set(withheld)
    shown = system.public - hidden  # known from elsewhere: not to print them would hide nothing
    span = Span([*map(dict, system.equal), *({i: 1} for i in sorted(shown))])
    remainders = {i: _scaled(span.remainder({i: 1})) for i in sorted(hidden)}
    for candidate in sorted(
        set(range(len(system.names))) - hidden - shown, key=lambda i: _usefulness(system, i)
    ):
        if system.known[candidate][0] != system.known[candidate][1]:
            continue  # a range determines no value: the audit of ranges checks it
        mine = _scaled(span.remainder({candidate: 1}))
        if not mine:
            continue  # derivable from what is printed: printing it reveals nothing new
        if any(mine == other for other in remainders.values()):
            hidden.add(candidate)
            remainders[candidate] = mine
        else:
            span.add(mine)
            touched = min(mine)
            for i, other in remainders.items():
                if touched in other:
                    remainders[i] = _scaled(span.remainder(other))
    return hidden


def hidden_figures(
    system: LinearSystem, primary: Iterable[int], minimum: int, policy: SuppressionPolicy
) -> set[int]:
    """Every figure that may not be printed exactly, for the sake of the primary ones: neither to a reader of this release alone, nor to one
    who knows all sizes of groups, those that are withheld too."""
    small = {i for i in system.public if system.values[i] < minimum + policy.extra_beside_one}
    hidden = {*primary, *_sizes_withheld(system, small.union(primary) & system.public, minimum, policy)}
    alone, reader = Audit(system, minimum, policy), Audit(with_known_sizes(system), minimum, policy)
    hidden = alone.widened(withheld_against_sums(system, hidden))
    while sizes := hidden & system.public:
        more = hidden | reader.widened(hidden - sizes)
        if more == hidden:
            break
        hidden = alone.widened(more)
    return hidden


def _sizes_withheld(
    system: LinearSystem, small: set[int], minimum: int, policy: SuppressionPolicy
) -> set[int]:
    """The public sizes that are withheld: the small ones, and those from which one could be worked out. All others are shown, because a
    reader has them elsewhere. A size is too small where its parts could not be left open by the protection."""
    if not small:
        return set()
    sizes = only_sizes(system)
    return Audit(sizes, minimum, policy).widened(withheld_against_sums(sizes, small)) & system.public


def derivable(system: LinearSystem, withheld: Iterable[int]) -> set[int]:
    """The withheld figures that can be computed exactly from what is printed."""
    hidden = set(withheld)
    span = Span(dict(row) for row in system.equal)
    for i, (low, high) in enumerate(system.known):
        if i not in hidden and low == high:
            span.add({i: 1})
    return {i for i in hidden if not span.remainder({i: 1})}


def _usefulness(system: LinearSystem, i: int) -> tuple[float, int, int, int]:
    """Sort key: most useful first, then totals, then the largest; the number breaks ties, so that the result is deterministic."""
    return -system.worths[i], len(system.names[i][1]), -system.values[i], i


def protect(
    tables: Sequence[RawTable],
    *,
    minimum_cell: int,
    relations: Sequence[Relation] = (),
    policy: SuppressionPolicy = POLICY,
    withheld: Collection[Place] = (),
    ranges: bool = True,
) -> tuple[ProtectedTable, ...]:
    """The tables with every figure withheld that is too small or would reveal one that is.

    Example: of 40 students 35 reach a milestone and 5 do not; with a minimum of 10 both parts are withheld and marked alike, since 40
    - 35 would reveal the other. `withheld`: places of counts that must not be shown for another reason. `ranges`: whether a range may
    stand in place of a withheld count. ValueError where the tables contradict each other.
    """
    if minimum_cell < 1:
        raise ValueError("the minimum cell is at least 1")
    system = system_of(tables, relations, policy)
    primary = too_small(system, minimum_cell)
    primary |= {i for i, name in enumerate(system.names) if name[0] == "students" and name[1] in withheld}
    every = hidden_figures(system, primary, minimum_cell, policy)
    found = ranges_of(system, every, minimum_cell, policy) if ranges else {}
    between: dict[Name, tuple[int, int] | None] = {
        name: found.get(i) if i in every else (value, value)
        for i, (name, value) in enumerate(zip(system.names, system.values, strict=True))
    }
    return tuple(
        ProtectedTable(
            table.title,
            table.by,
            tuple(ProtectedCell(dict(c.at), c.statistic, _shown(c, between, policy)) for c in table.cells),
        )
        for table in tables
    )


def _shown(
    cell: RawCell, between: Mapping[Name, tuple[int, int] | None], policy: SuppressionPolicy
) -> int | str | None:
    """What is printed of one cell. `between`: the smallest and largest value of each figure that is printed; None where it is withheld.

    A rate whose counts are in the release follows from them: if all of them are printed, it is a whole percent, or coded where the
    policy codes every rate; it is the top or bottom code where their ranges leave no other. So it reveals nothing more. Any other rate
    is coded.
    """
    if cell.of:
        of = [between["students", where] for where in cell.of]
        rest = [between["students", where] for where in cell.among if where not in cell.of]
        if any(ends is None for ends in (*of, *rest)):
            return None
        if all(ends and ends[0] == ends[1] for ends in (*of, *rest)):
            return _of_printed_counts(cell, policy)
        least, most = _ends(of)
        few, many = _ends(rest)
        return end_code(least, most, few, many, policy)
    ends = between[cell.statistic, cell.place]
    if cell.statistic == "rate":
        return None if ends is None else coded(cell.numerator, cell.denominator, policy)
    return None if ends is None else cell.count if ends[0] == ends[1] else range_words(*ends)


def _ends(figures: Iterable[tuple[int, int] | None]) -> tuple[int, int]:
    """The smallest and the largest sum."""
    found = [ends for ends in figures if ends is not None]
    return sum(low for low, _ in found), sum(high for _, high in found)


def _of_printed_counts(cell: RawCell, policy: SuppressionPolicy) -> int | str | None:
    """A whole percent, rounded half up, but never to 0 or 100; coded by the policy that codes every rate, and at the ends of a large
    group."""
    if not cell.denominator:
        return None
    if policy.codes_every_rate or cell.denominator >= policy.bands[0].smallest:
        return coded(cell.numerator, cell.denominator, policy)
    percent = (200 * cell.numerator + cell.denominator) // (2 * cell.denominator)
    return min(max(percent, 1), 99)
