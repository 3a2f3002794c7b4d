"""A motion as a page shows it: what is asked, who has voted how, and the reader's own vote."""

from collections.abc import Iterable
from dataclasses import dataclass

from throughway.governance.bodies import Body, Motion, Seat
from throughway.governance.enums import CHOICES, VoteChoice
from throughway.governance.views.context import GovernanceContext
from throughway.governance.vote_count import VoteOutcome, outcome


@dataclass(frozen=True)
class MotionRow:
    """`votes`: each seat in office, its partner's name and how it voted (empty: not yet). `mine`: the seat that the reader
    holds; `chosen`: the reader's vote."""

    motion: Motion
    body: Body
    votes: tuple[tuple[Seat, str, str], ...]
    mine: Seat | None
    chosen: str
    now: VoteOutcome

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(choice.value, CHOICES[choice], choice == self.chosen) for choice in VoteChoice]

    @property
    def voted(self) -> int:
        return sum(bool(words) for _, _, words in self.votes)


def motion_lines(
    seeing: GovernanceContext, motions: Iterable[Motion], present: Iterable[int] = ()
) -> list[MotionRow]:
    return [_line(seeing, motion, frozenset(present)) for motion in motions]


def _line(seeing: GovernanceContext, motion: Motion, present: frozenset[int]) -> MotionRow:
    body = seeing.bodies[motion.body]
    seats = [seat for seat in seeing.seats if seat.body == body.id]
    cast = {vote.seat: vote for vote in motion.votes}
    mine = seeing.mine.get(body.id)
    chosen = cast[mine.number].choice.value if mine and mine.number in cast else ""
    numbers = {seat.number for seat in seats}
    counted = {seat: vote.choice for seat, vote in cast.items() if seat in numbers}
    return MotionRow(
        motion,
        body,
        tuple(
            (s, seeing.names.get(s.partner, s.partner), cast[s.number].words if s.number in cast else "")
            for s in seats
        ),
        mine,
        chosen,
        outcome(body.rule, body.quorum, counted, present & numbers),
    )
