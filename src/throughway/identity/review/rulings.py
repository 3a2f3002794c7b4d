"""From what readers settled, and what was undone, to the rulings that linkage obeys.

A wrong join does more harm than a missing one. So where rulings do not fit together, those that keep apart stand, and of those
that join the earlier. Between a reader and the undoing of a merge or a split, the later act stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Settled:
    """Two records that readers settled to be one person, or not."""

    one: int
    other: int
    same: bool
    at: datetime
    by: str = ""


@dataclass(frozen=True)
class Undone:
    """A merge that was undone (`together` false: records of different sides stay apart) or a split (each side stays together)."""

    sides: Sequence[Sequence[int]]
    together: bool
    at: datetime


@dataclass(frozen=True)
class RulingsInForce:
    """`together`: sets that are one person. `apart`: records to sides, of which different ones are not. `contested`: settled
    pairs that cannot stand beside the others; `standing`: those that linkage obeys."""

    together: Sequence[Sequence[int]]
    apart: Sequence[Mapping[int, int]]
    contested: Sequence[Settled] = ()
    standing: Sequence[Settled] = ()


def rulings_in_force(settled: Iterable[Settled], undone: Sequence[Undone]) -> RulingsInForce:
    """What linkage must obey."""
    standing = [s for s in settled if not any(_outdone(s, later) for later in undone)]
    same = sorted((s for s in standing if s.same), key=lambda s: (s.at, s.one, s.other))
    parted = [s for s in standing if not s.same]
    together = [
        list(side)
        for u in undone
        if u.together
        for side in u.sides
        if len(side) > 1
        and not any({s.one, s.other} <= set(side) for s in parted)  # a reader said otherwise since
    ]
    apart = [sides for u in undone if not u.together for sides in _parted(u, same)]
    apart += [{s.one: 0, s.other: 1} for s in parted]
    groups, contested = _Groups(apart), []
    for side in together:
        for record in side[1:]:
            groups.join(side[0], record)
    for pair in same:
        if groups.join(pair.one, pair.other):
            together.append([pair.one, pair.other])
        else:
            contested.append(pair)
    return RulingsInForce(together, apart, contested, [pair for pair in standing if pair not in contested])


def _outdone(pair: Settled, undone: Undone) -> bool:
    """A later undoing says the opposite."""
    if undone.at <= pair.at:
        return False
    sides = {record: at for at, side in enumerate(undone.sides) for record in side}
    if pair.one not in sides or pair.other not in sides:
        return False
    kept = sides[pair.one] == sides[pair.other]
    return not pair.same and kept if undone.together else pair.same and not kept


def _parted(undone: Undone, same: Sequence[Settled]) -> list[dict[int, int]]:
    """The sides of an undone merge, without those that a later reader brought together again."""
    sides = {record: at for at, side in enumerate(undone.sides) for record in side}
    rejoined = {
        tuple(sorted((sides[s.one], sides[s.other])))
        for s in same
        if s.at > undone.at and s.one in sides and s.other in sides
    }
    if not rejoined:
        return [sides]
    numbers = range(len(undone.sides))
    return [
        {record: side for record, side in sides.items() if side in (a, b)}
        for a in numbers
        for b in numbers
        if a < b and (a, b) not in rejoined
    ]


class _Groups:
    """Records ruled to be one, as long as no ruling keeps them apart."""

    def __init__(self, apart: Sequence[Mapping[int, int]]) -> None:
        self.apart, self.members = apart, dict[int, set[int]]()

    def join(self, one: int, other: int) -> bool:
        both = self.members.get(one, {one}) | self.members.get(other, {other})
        if any(len({sides[r] for r in both if r in sides}) > 1 for sides in self.apart):
            return False
        self.members.update(dict.fromkeys(both, both))
        return True


def ruled_by(
    before: Mapping[int, Sequence[int]], after: Mapping[int, Sequence[int]], settled: Sequence[Settled]
) -> str:
    """Who settled a pair that a merge or a split follows (person to records, before and after); the last of several, nobody
    where none did."""
    was = {record: person for person, records in before.items() for record in records}
    now = {record: person for person, records in after.items() for record in records}
    for pair in sorted(settled, key=lambda s: s.at, reverse=True):
        if not {pair.one, pair.other} <= was.keys() & now.keys():
            continue
        one_before, one_now = was[pair.one] == was[pair.other], now[pair.one] == now[pair.other]
        if (one_before, one_now) == (not pair.same, pair.same):
            return pair.by
    return ""
