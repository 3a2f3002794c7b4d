"""What if a partner moved seats or staff hours from one of its programs to another: who would be reached, from published figures alone.

Everything is computed from one public release and from what the partner states of its own programs. So no question, however often it is
asked, tells more than the release; and nothing is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.insight.reach.figures import ProgramReach, shown_words
from throughway.insight.reach.page import at_least_away, least_shown
from throughway.insight.reach.tables import Shown

MOST = 100_000  # seats or hours in one question


@dataclass(frozen=True)
class ExpectedGroup:
    """One group, and about how many of the new seats it would fill: `as_now` as those who take part, `as_eligible` as those who
    are eligible. None where the figures for it are not shown."""

    kind: str
    name: str
    as_now: int | None
    as_eligible: int | None


@dataclass(frozen=True)
class WhatIf:
    """The answer. `less` and `more`: seats that one program loses and the other gains; `lose`: the fewest and the most students who would
    lose a seat; `reached`: the fewest and the most more who would be reached; `dollars`: the change of cost, None where a cost is not
    stated."""

    giving: ProgramReach
    gaining: ProgramReach
    less: int
    more: int
    lose: tuple[int, int]
    reached: tuple[int, int]
    dollars: float | None
    groups: tuple[ExpectedGroup, ...]
    assumptions: tuple[str, ...]

    @property
    def told_groups(self) -> list[ExpectedGroup]:
        """The groups of which a number can be said."""
        return [each for each in self.groups if (each.as_now, each.as_eligible) != (None, None)]

    @property
    def hidden_groups(self) -> list[str]:
        return [each.name for each in self.groups if (each.as_now, each.as_eligible) == (None, None)]


def what_if(
    programs: Sequence[ProgramReach],
    free: Mapping[str, int | None],
    *,
    giving: str,
    gaining: str,
    seats: int | None,
    hours: float | None,
) -> WhatIf:
    """The answer to one question. `programs`: the partner's own, of one public release; `free`: the free seats of each, by id, as the
    partner states them, None where it does not; `giving` and `gaining`: ids of programs; either `seats` or `hours`.

    Refused (what_if) where a program is not the partner's own, both are one, neither or both amounts are given, or the giving program
    does not have so much.
    """
    by_id = {each.id: each for each in programs}
    if giving not in by_id or gaining not in by_id:
        raise _refused("Choose two programs of your own organization that are in the newest report of reach.")
    if giving == gaining:
        raise _refused("Choose two different programs; seats that stay where they are reach nobody else.")
    if (seats is None) == (hours is None):
        raise _refused("Give either a number of seats or a number of hours a week.")
    one, other = by_id[giving], by_id[gaining]
    less, more = _by_seats(one, seats) if seats is not None else _by_hours(one, other, hours or 0)
    free_seats, already_free = free.get(giving), free.get(gaining)
    now, whole = other.this_year, other.whole_year
    least_waiting = least_shown(now.waiting if now else None)
    # Where seats are free already, those who wait can have these, and nobody else stays away for want of a seat.
    needed = least_waiting - already_free if already_free else least_waiting + at_least_away(whole)
    lowest = max(min(more, needed), 0)
    # How many are eligible beyond those counted is not known, so that all seats may be filled.
    return WhatIf(
        one, other, less, more,
        lose=(0, less) if free_seats is None else (max(less - free_seats, 0), max(less - free_seats, 0)),
        reached=(lowest, more),
        dollars=None if one.cost_per_seat is None or other.cost_per_seat is None else more * other.cost_per_seat - less * one.cost_per_seat,
        groups=tuple(_groups(other, more)),
        assumptions=(
            *(_hours_as_seats(one, other, hours) if hours is not None else ()),
            *_assumptions(one, other, free_seats, already_free, now.waiting if now else None),
        ),
    )  # fmt: skip


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="what_if")


def _by_seats(one: ProgramReach, seats: int) -> tuple[int, int]:
    if not 0 < seats <= MOST:
        raise _refused(f"Give a number of seats from 1 to {MOST:,}.")
    if one.seats is None:
        raise _refused(
            f"{one.name} states no number of seats; bring its entry in the directory or its list of programs up to date."
        )
    if seats > one.seats:
        raise _refused(f"{one.name} has {counted(one.seats, 'seat')}; move no more than that.")
    return seats, seats


def _by_hours(one: ProgramReach, other: ProgramReach, hours: float) -> tuple[int, int]:
    """Seats lost and gained by the staff hours that each program spends on a seat today; a part of a seat is none gained, and one lost."""
    if not 0 < hours <= MOST:
        raise _refused(f"Give a number of hours a week from 1 to {MOST:,}.")
    lost, gained = _seats_of(hours, one), _seats_of(hours, other)
    if lost > (one.seats or 0):
        raise _refused(f"{one.name} has {one.staff_hours:g} staff hours a week; move no more than that.")
    if gained < 1:
        raise _refused(f"So few hours make no whole seat in {other.name}; move more.")
    return ceil(lost), int(gained)


def _seats_of(hours: float, program: ProgramReach) -> float:
    if not program.staff_hours or not program.seats:
        raise _refused(
            f"{program.name} states no staff hours or no seats, so hours cannot be turned into seats; move seats."
        )
    return hours * program.seats / program.staff_hours


def _hours_as_seats(one: ProgramReach, other: ProgramReach, hours: float) -> Iterator[str]:
    """How the hours become seats, to be checked by hand."""
    lost, gained = _seats_of(hours, one), _seats_of(hours, other)
    yield "A seat takes as many staff hours as today: the hours that each program states, divided by its seats."
    yield (
        f"{hours:g} hours a week are {lost:.2f} seats of {one.name} ({one.staff_hours:g} hours for {counted(one.seats or 0, 'seat')}), "
        f"so it loses {ceil(lost)}; and {gained:.2f} seats of {other.name} ({other.staff_hours:g} hours for "
        f"{counted(other.seats or 0, 'seat')}), so it gains {int(gained)}."
    )


def _groups(program: ProgramReach, more: int) -> Iterator[ExpectedGroup]:
    year = program.whole_year
    if year is None:
        return
    for kind, groups in year.groups.items():
        for group in groups:
            yield ExpectedGroup(
                kind,
                group.name,
                _share_of(group.took_part, year.participants, more),
                _share_of(group.could, year.could, more),
            )


def _share_of(part: Shown, whole: Shown, more: int) -> int | None:
    if not isinstance(part, int) or not isinstance(whole, int) or not whole:
        return None
    return round(more * part / whole)


def _assumptions(
    one: ProgramReach, other: ProgramReach, free: int | None, already_free: int | None, waiting: Shown
) -> Iterator[str]:
    if free is None:
        yield f"{one.name} does not state how many of its seats are free, so up to all of the moved seats may be taken today."
    else:
        yield f"Free seats of {one.name} go first: {counted(free, 'seat')}, as its entry in the directory says."
    if already_free:
        yield (
            f"{other.name} has {counted(already_free, 'free seat')} already, as its entry in the directory says. Those who wait can have these, "
            "so the fewest counts only who waits beyond them."
        )
    if waiting is None:
        yield f"How many wait for {other.name} is withheld or not recorded; the fewest counts none of them."
    else:
        yield f"New seats of {other.name} go first to those who wait ({shown_words(waiting)} this year), then to others who are eligible."
    yield "Whoever is offered a seat takes it, and comes. Not everybody will."
    yield "Teachers, rooms and ways home are as today. Whether the help works is another question."
