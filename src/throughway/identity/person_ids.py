"""Person ids: random, never reused, and persistent.

A group of records keeps the id that most of its records had. So a new record joins a person without changing anyone's id. When two persons are
found to be one, the id of the larger one stays; when a person is found to be two, the larger part keeps the id. Between equal parts the
older id wins, then the smaller number.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Ids are above every record number (below 2**40), and within what a JSON number holds exactly.
LOWEST, HIGHEST = 2**40, 2**53


class PersonEventKind(StrEnum):
    MERGED = "merged"
    SPLIT = "split"
    LEFT = "left"
    RETURNED = "returned"
    UNDONE = "undone"


@dataclass(frozen=True)
class PersonEvent:
    """A change to persons, with what undoing it needs: `before` and `after` map persons to the records concerned. The first of `persons` is
    the one that remains (merged) or existed before (split)."""

    kind: PersonEventKind
    persons: tuple[int, ...]
    before: Mapping[int, tuple[int, ...]]
    after: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class Assignment:
    """`links`: record number → person id. `new`: new ids. `retired`: ids whose last record left. `revived`: ids in use again."""

    links: Mapping[int, int]
    new: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    revived: tuple[int, ...] = ()
    events: tuple[PersonEvent, ...] = ()

    def count(self, kind: PersonEventKind) -> int:
        return sum(event.kind is kind for event in self.events)


def assign(
    groups: Sequence[Sequence[int]],
    current: Mapping[int, int],
    *,
    left: Mapping[int, int],
    given_out: Sequence[int],
    draw: Callable[[], int],
) -> Assignment:
    """Gives each group of records its person.

    `current`: the link of each record now. `left`: the last link of records that left earlier, so that they return to their person.
    `given_out`: all ids ever used, oldest first. `draw` returns a random number in [LOWEST, HIGHEST).
    """
    taken = set(given_out)
    age = {person: at for at, person in enumerate(given_out)}
    was = {**left, **current}
    keeps = _kept_ids(groups, was, age)
    links: dict[int, int] = {}
    new: list[int] = []
    for at, group in enumerate(groups):
        if at in keeps:
            person = keeps[at]
        else:
            person = _fresh(draw, taken)
            taken.add(person)
            new.append(person)
        links.update(dict.fromkeys(group, person))
    alive, were_alive = set(links.values()), set(current.values())
    revived = sorted(alive & taken - were_alive - set(new))
    events = [*_merges(links, was), *_splits(links, was), *_comings_and_goings(links, current, left)]
    return Assignment(links, tuple(new), tuple(sorted(were_alive - alive)), tuple(revived), tuple(events))


def _kept_ids(
    groups: Sequence[Sequence[int]], was: Mapping[int, int], age: Mapping[int, int]
) -> dict[int, int]:
    """Assigns the existing ids to groups: the largest overlaps first, each group and each id once."""
    overlaps = [
        (-count, age.get(person, len(age)), person, at)
        for at, group in enumerate(groups)
        for person, count in Counter(was[record] for record in group if record in was).items()
    ]
    keeps: dict[int, int] = {}
    used: set[int] = set()
    for _, _, person, at in sorted(overlaps):
        if at not in keeps and person not in used:
            keeps[at] = person
            used.add(person)
    return keeps


def _fresh(draw: Callable[[], int], taken: Collection[int]) -> int:
    while True:
        person = draw()
        if not LOWEST <= person < HIGHEST:
            raise ValueError("a person id must lie in [2**40, 2**53)")
        if person not in taken:
            return person


def _by_person(records: Collection[int], links: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for record in sorted(records):
        found.setdefault(links[record], []).append(record)
    return {person: tuple(held) for person, held in sorted(found.items())}


def _merges(links: Mapping[int, int], was: Mapping[int, int]) -> list[PersonEvent]:
    """One event for each person who now holds records of several earlier persons."""
    events = []
    for person, records in _by_person([r for r in links if r in was], links).items():
        before = _by_person(records, was)
        if len(before) > 1:
            others = tuple(sorted(set(before) - {person}))
            events.append(PersonEvent(PersonEventKind.MERGED, (person, *others), before, {person: records}))
    return events


def _splits(links: Mapping[int, int], was: Mapping[int, int]) -> list[PersonEvent]:
    """One event for each earlier person whose records are now those of several."""
    events = []
    for person, records in _by_person([r for r in links if r in was], was).items():
        after = _by_person(records, links)
        if len(after) > 1:
            others = tuple(sorted(set(after) - {person}))
            events.append(PersonEvent(PersonEventKind.SPLIT, (person, *others), {person: records}, after))
    return events


def _comings_and_goings(
    links: Mapping[int, int], current: Mapping[int, int], left: Mapping[int, int]
) -> list[PersonEvent]:
    """One event for all records that can no longer be seen, and one for all that are back."""
    gone = _by_person(current.keys() - links.keys(), current)
    back = _by_person([record for record in links if record in left and record not in current], links)
    events = []
    if gone:
        events.append(PersonEvent(PersonEventKind.LEFT, tuple(gone), gone, {}))
    if back:
        events.append(PersonEvent(PersonEventKind.RETURNED, tuple(back), {}, back))
    return events
