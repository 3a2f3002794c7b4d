"""Two readers review pairs of records: most of the sample that measures linkage, and part of the queue.

They see the records through the gate, as everyone does. Their verdicts are fiction, made from the truth: the first reader sometimes
cannot tell; the second makes errors, so that they do not always agree.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from random import Random

from throughway.demo.partners import ANALYST, STEWARD, Say
from throughway.gate.actions import record_numbers
from throughway.identity.actions.reviewing import decide, show_several
from throughway.identity.models import ReviewPair
from throughway.identity.review.selectors import progress, sample, waiting
from throughway.identity.review.verdicts import PairState, PairVerdict
from throughway.partners.actor import Actor
from throughway.partners.selectors import actor

STACK = 40  # pairs that a reader takes from the pile at once
ERRS, UNSURE = 0.04, 0.02  # shares: errors of the second reader; undecided verdicts of both


def review_pairs(folder: Path, say: Say) -> None:
    person, chance = _who_is_who(folder), Random(7)
    analyst, steward = actor(ANALYST), actor(STEWARD)
    doubted = {pair.id for pair in waiting(analyst)}
    drawn = sorted(waiting(analyst, sample=True), key=lambda pair: pair.id)
    # Half of the doubtful pairs, including the first, and one in eight of the rest of the sample are left for the person who signs in.
    hard, plain = ([p for p in drawn if (p.id in doubted) == is_hard] for is_hard in (True, False))
    _read([*hard[1::2], *(p for at, p in enumerate(plain) if at % 8)], analyst, person, chance, errs=0.0)
    again = [p for p in waiting(steward, sample=True) if p.state == PairState.SECOND]
    _read(again[: len(again) * 4 // 5], steward, person, chance, errs=ERRS)
    found, whole = progress(steward), sample()
    read = sum(each.same is not None for each in whole.drawn) if whole else 0
    say(
        f"  {read} pairs of the sample are read; {found.mine} of {found.pairs} pairs wait for the steward's review"
    )


def _read(
    pairs: list[ReviewPair], reader: Actor, person: Mapping[int, str], chance: Random, *, errs: float
) -> None:
    for at in range(0, len(pairs), STACK):
        for shown in show_several(pairs=[pair.id for pair in pairs[at : at + STACK]], by=reader):
            one, other = person.get(shown.pair.one), person.get(shown.pair.other)
            verdict = PairVerdict.SAME if (one == other) ^ (chance.random() < errs) else PairVerdict.DIFFERENT
            if chance.random() < UNSURE:
                verdict = PairVerdict.CANNOT_TELL
            decide(pair=shown.pair.id, verdict=verdict, disclosure=shown.disclosure, by=reader)


def _who_is_who(folder: Path) -> dict[int, str]:
    """The person of each record, as the town knows it."""
    with (folder / "truth" / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {partner: record_numbers(partner) for partner in {row["partner"] for row in rows}}
    return {
        numbers[row["partner"]][row["record_key"]]: row["person"]
        for row in rows
        if row["record_key"] in numbers[row["partner"]]
    }
