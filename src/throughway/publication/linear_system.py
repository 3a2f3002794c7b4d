"""All tables of one release as one system of linear relations between whole numbers of students.

An unknown is a count, or the numerator of a rate that is published without counts. The relations are what every reader
knows: parts make up their total, and whatever else `Relation` states.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from throughway.publication.policy import SuppressionPolicy
from throughway.publication.rate_coding import coded_alike
from throughway.publication.tables import Place, RawCell, RawTable, Relation, place, subsets, without

Row = Mapping[int, int]  # unknown → coefficient


@dataclass(frozen=True)
class LinearSystem:
    """Unknowns by number, with their true values.

    `known` is what a reader learns where the figure is printed: the value itself, or the range of a coded rate.
    `cap` is the largest possible value: the known denominator of a rate without counts. `equal` rows sum to zero, `at_most` rows to zero
    or less. `public`: sizes of groups, which readers may know from elsewhere. `sizes_known`: what a reader knows who knows them all.
    """

    names: tuple[tuple[str, Place], ...]
    values: tuple[int, ...]
    known: tuple[tuple[int, int], ...]
    caps: tuple[int | None, ...]
    worths: tuple[float, ...]
    equal: tuple[Row, ...]
    at_most: tuple[Row, ...]
    public: frozenset[int] = frozenset()
    sizes_known: bool = False

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.equal, *self.at_most)


def system_of(
    tables: Sequence[RawTable], relations: Sequence[Relation], policy: SuppressionPolicy
) -> LinearSystem:
    """The system of these tables; ValueError where a total is not the sum of its parts, or one figure has two values."""
    cells = _distinct(tables)
    number = {name: index for index, name in enumerate(cells)}
    values = tuple(_value(cell) for cell in cells.values())
    equal = list(_sums(number))
    at_most: list[Row] = []
    for relation in relations:
        row = _row(
            number[("students", place(relation.total))],
            [number["students", place(p)] for p in relation.parts],
        )
        (equal if relation.exact else at_most).append(row)
    for row in equal:
        if sum(values[i] * times for i, times in row.items()):
            raise ValueError(f"a total is not the sum of its parts, at {_total(row, cells)}")
    for row in at_most:
        if sum(values[i] * times for i, times in row.items()) > 0:
            raise ValueError(f"parts are more than what they are part of, at {_total(row, cells)}")
    return LinearSystem(
        names=tuple(cells),
        values=values,
        known=tuple(_known(cell, policy) for cell in cells.values()),
        caps=tuple(cell.denominator if cell.statistic == "rate" else None for cell in cells.values()),
        worths=tuple(cell.worth for cell in cells.values()),
        equal=tuple(equal),
        at_most=tuple(at_most),
        public=frozenset(number["students", c.place] for t in tables for c in t.cells if c.public),
    )


def with_known_sizes(system: LinearSystem) -> LinearSystem:
    """What a reader knows who knows every public size: no figure is larger than the smallest group that contains it."""
    sizes = {system.names[i][1]: system.values[i] for i in system.public}
    caps = list(system.caps)
    for i, (statistic, where) in enumerate(system.names):
        containing = [sizes[group] for group in subsets(where) if group in sizes]
        if statistic == "students" and containing:
            caps[i] = min(containing)
    return replace(system, caps=tuple(caps), sizes_known=True)


def only_sizes(system: LinearSystem) -> LinearSystem:
    """The public sizes, as if nothing else were published."""
    return replace(
        system,
        equal=tuple(row for row in system.equal if system.public.issuperset(row)),
        at_most=tuple(row for row in system.at_most if system.public.issuperset(row)),
        public=frozenset(),
    )


def blocks(system: LinearSystem) -> list[list[int]]:
    """The unknowns in groups that no relation connects: each can be audited separately."""
    joined: dict[int, list[int]] = {i: [i] for i in range(len(system.names))}
    for row in system.rows:
        members = {id(joined[i]): joined[i] for i in row}
        if len(members) > 1:
            together = [i for block in members.values() for i in block]
            joined.update(dict.fromkeys(together, together))
    return [sorted(block) for block in {id(b): b for b in joined.values()}.values()]


def _distinct(tables: Iterable[RawTable]) -> dict[tuple[str, Place], RawCell]:
    """One cell for each unknown; a rate made of published counts is not an unknown of its own."""
    cells: dict[tuple[str, Place], RawCell] = {}
    for table in tables:
        for cell in table.cells:
            if cell.of:
                continue
            first = cells.setdefault((cell.statistic, cell.place), cell)
            if (_value(first), first.denominator) != (_value(cell), cell.denominator):
                raise ValueError(f"one figure has two values, at {dict(cell.at)}")
    return cells


def _sums(number: Mapping[tuple[str, Place], int]) -> Iterable[Row]:
    """A row for each total whose parts are all present."""
    parts: dict[tuple[str, Place, str], list[int]] = defaultdict(list)
    for (statistic, where), index in number.items():
        for dimension, _ in sorted(where):
            total = without(where, dimension)
            if total is not None and (statistic, total) in number:
                parts[statistic, total, dimension].append(index)
    for (statistic, total, _), indices in parts.items():
        yield _row(number[statistic, total], indices)


def _row(total: int, parts: Iterable[int]) -> Row:
    row: dict[int, int] = defaultdict(int)
    row[total] -= 1
    for part in parts:
        row[part] += 1
    return {i: times for i, times in row.items() if times}


def _total(row: Row, cells: Mapping[tuple[str, Place], RawCell]) -> dict[str, str]:
    names = list(cells)
    return next((dict(names[i][1]) for i, times in row.items() if times < 0), {})


def _value(cell: RawCell) -> int:
    return cell.count if cell.statistic == "students" else cell.numerator


def _known(cell: RawCell, policy: SuppressionPolicy) -> tuple[int, int]:
    if cell.statistic == "students":
        return cell.count, cell.count
    return coded_alike(cell.numerator, cell.denominator, policy)
