"""Readers' verdicts on pairs of records: who reads next and in which order, when a pair is settled, and which rulings linkage obeys.

One reader decides a plain pair, two a hard one, and a third where they differ; in a community with one reader, that reader decides alone. The pair that teaches most is read first. A pair teaches
by how uncertain it is, by how many records depend on the answer, and by how seldom its pattern of agreements was read: the tenth pair of
one pattern teaches little that the first nine did not (uncertainty sampling with a penalty for what is represented already; Settles
2009, Active Learning Literature Survey, sections 3.1 and 3.7).

A wrong join does more harm than a missing one. So where rulings contradict each other, those that keep records apart stand, and of those
that join, the earlier. Between a reader's verdict and the undoing of a merge or a split, the later act stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log2, sqrt

HARD = (0.3, 0.7)  # between these posteriors two readers decide
LEAST_UNCERTAINTY = 0.05  # linkage may be wrong where it is sure: about pairs that only a household supports
HALF_READ = 2.0  # one more reader, and there is a ruling


class PairVerdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot_tell"


class PairState(StrEnum):
    UNREAD = "unread"
    SECOND = "second"
    THIRD = "third"
    SETTLED = "settled"


@dataclass(frozen=True)
class PairStatus:
    """`verdict` is there once a pair is settled, and only then."""

    state: PairState
    verdict: PairVerdict | None = None


def settle(
    verdicts: Sequence[PairVerdict],
    *,
    posterior: float,
    joined: bool,
    twice: bool = False,
    alone: bool = False,
) -> PairStatus:
    """The status of a pair from its readers' verdicts, one each, in order.

    A second reader is needed where chances are even, where the first cannot tell or contradicts linkage, and where the pair was drawn to
    be read `twice`; not where the first is the only person who may read pairs (`alone`). Where two differ a third decides: what two of three say stands, and where all three differ nobody can tell.
    """
    if not verdicts:
        return PairStatus(PairState.UNREAD)
    first = verdicts[0]
    if len(verdicts) == 1:
        hard = HARD[0] <= posterior <= HARD[1] or first is PairVerdict.CANNOT_TELL
        again = not alone and (hard or twice or overturns(first, joined=joined))
        return PairStatus(PairState.SECOND) if again else PairStatus(PairState.SETTLED, first)
    if verdicts[1] is first:
        return PairStatus(PairState.SETTLED, first)
    if len(verdicts) == 2:
        return PairStatus(PairState.THIRD)
    third = verdicts[2]
    return PairStatus(PairState.SETTLED, third if third in verdicts[:2] else PairVerdict.CANNOT_TELL)


def overturns(verdict: PairVerdict, *, joined: bool) -> bool:
    """Whether the verdict parts what linkage joined, or joins what it left apart; nobody does so alone where two may read."""
    return verdict is (PairVerdict.DIFFERENT if joined else PairVerdict.SAME)


@dataclass(frozen=True)
class QueuedPair:
    """A pair that waits: its number, what it teaches by itself, its pattern, and whether somebody has read it already."""

    pair: int
    teaches: float
    pattern: str
    begun: bool = False


def teaches(posterior: float, records: int) -> float:
    """What a pair teaches by itself; `records`: those of both persons. 1 is an even chance about two records."""
    uncertainty = max(4 * posterior * (1 - posterior), LEAST_UNCERTAINTY)
    return uncertainty * log2(max(records, 2))


def order(waiting: Sequence[QueuedPair], read: Mapping[str, int]) -> list[QueuedPair]:
    """The pairs, what teaches most first; `read`: how often each pattern was read. Equal ones by number, so that all readers see one
    order."""

    def rank(each: QueuedPair) -> tuple[float, int]:
        known = sqrt(1 + read.get(each.pattern, 0))
        return -each.teaches * (HALF_READ if each.begun else 1.0) / known, each.pair

    return sorted(waiting, key=rank)


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
    """`together`: sets that are one person. `apart`: records to sides; different sides are different persons. `standing`: the settled
    pairs that linkage obeys; `contested`: those that contradict other rulings."""

    together: Sequence[Sequence[int]]
    apart: Sequence[Mapping[int, int]]
    contested: Sequence[Settled] = ()
    standing: Sequence[Settled] = ()


def rulings_in_force(settled: Iterable[Settled], undone: Sequence[Undone]) -> RulingsInForce:
    """The rulings that linkage must obey."""
    standing = [s for s in settled if not any(_contradicted_later(s, later) for later in undone)]
    same = sorted((s for s in standing if s.same), key=lambda s: (s.at, s.one, s.other))
    parted = [s for s in standing if not s.same]
    together = [
        list(side)
        for u in undone
        if u.together
        for side in u.sides
        if len(side) > 1
        and not any({s.one, s.other} <= set(side) for s in parted)  # a reader decided otherwise since
    ]
    apart = [sides for u in undone if not u.together for sides in _sides_apart(u, same)]
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


def _contradicted_later(pair: Settled, undone: Undone) -> bool:
    if undone.at <= pair.at:
        return False
    sides = {record: at for at, side in enumerate(undone.sides) for record in side}
    if pair.one not in sides or pair.other not in sides:
        return False
    one_side = sides[pair.one] == sides[pair.other]
    return not pair.same and one_side if undone.together else pair.same and not one_side


def _sides_apart(undone: Undone, same: Sequence[Settled]) -> list[dict[int, int]]:
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
    """Records ruled to be one person, as long as no ruling keeps them apart."""

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
    """Who settled the pair that a merge or a split follows (person to records, before and after); the last of several, "" for none."""
    was = {record: person for person, records in before.items() for record in records}
    now = {record: person for person, records in after.items() for record in records}
    for pair in sorted(settled, key=lambda s: s.at, reverse=True):
        if not {pair.one, pair.other} <= was.keys() & now.keys():
            continue
        one_before, one_now = was[pair.one] == was[pair.other], now[pair.one] == now[pair.other]
        if (one_before, one_now) == (not pair.same, pair.same):
            return pair.by
    return ""
