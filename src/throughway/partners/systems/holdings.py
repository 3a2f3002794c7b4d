"""One element that a data system holds, and of which days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.core.refusals import Refused, nearest
from throughway.vocabulary import TABLES, covered


@dataclass(frozen=True)
class Holding:
    """`table.column` of the vocabulary, held from the first day to the last. `first` None: nobody knows since when;
    `last` None: to this day."""

    element: str
    first: date | None = None
    last: date | None = None

    @property
    def table(self) -> str:
        return self.element.partition(".")[0]

    @property
    def column(self) -> str:
        return self.element.partition(".")[2]


def holdings_of(pattern: str, first: date | None, last: date | None, *, where: str) -> tuple[Holding, ...]:
    """The holdings that `table.column` or `table.*` stands for; `where` begins the sentence of a refusal.

    As in an agreement, a wildcard leaves out what must be named one by one. Refused (unknown_element, bad_period).
    """
    try:
        found = covered(pattern)
    except KeyError:
        raise Refused(
            f"{where} names {_shown(pattern)}, which is {_nearest(pattern)}.", code="bad_element"
        ) from None
    if first is not None and last is not None and last < first:
        raise Refused(f"{where} ends before it begins; mend one of the two days.", code="bad_period")
    return tuple(Holding(element.path, first, last) for element in found)


def together(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Each element once, in the order of the vocabulary; one that is named twice is held over both times."""
    widest: dict[str, Holding] = {}
    for new in holdings:
        old = widest.get(new.element, new)
        first = min(old.first, new.first) if old.first and new.first else None
        last = max(old.last, new.last) if old.last and new.last else None
        widest[new.element] = Holding(new.element, first, last)
    order = {f"{table.name}.{name}": None for table in TABLES.values() for name in table.elements}
    known = [path for path in order if path in widest]
    return tuple(widest[path] for path in [*known, *sorted(widest.keys() - order.keys())])


def held_elements(holdings: Iterable[Holding]) -> frozenset[str]:
    return frozenset(holding.element for holding in holdings)


def periods(holdings: Sequence[Holding]) -> dict[str, tuple[date | None, date | None]]:
    """The time over which a system holds anything of each table."""
    found: dict[str, tuple[date | None, date | None]] = {}
    for table in dict.fromkeys(holding.table for holding in holdings):
        of_table = [holding for holding in holdings if holding.table == table]
        firsts, lasts = [h.first for h in of_table], [h.last for h in of_table]
        first = None if None in firsts else min(day for day in firsts if day)
        last = None if None in lasts else max(day for day in lasts if day)
        found[table] = (first, last)
    return found


def _shown(pattern: str) -> str:
    return ascii(pattern)[1:-1][:80] or "nothing"


def _nearest(pattern: str) -> str:
    """What is not known of it, and the nearest that is."""
    table, _, column = pattern.partition(".")
    if table not in TABLES:
        near = nearest(table, TABLES)
        names = [element.path for each in TABLES.values() for element in each.elements.values()]
        near = [f"{near[0]}.{column or '*'}"] if near else nearest(pattern, names)
        return f"no table of the vocabulary{f'; the nearest is {near[0]}' if near else ''}"
    if not column:
        return f"a whole table; write {table}.* for all of it, or one element such as {table}.{next(iter(TABLES[table].elements))}"
    near = nearest(column, TABLES[table].elements)
    return f"no element of the vocabulary{f'; the nearest is {table}.{near[0]}' if near else f'; {table}.* is all of the table'}"
