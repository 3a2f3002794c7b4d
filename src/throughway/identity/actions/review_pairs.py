"""What one run of linkage leaves to people: pairs to look at, and a sample by which it can be judged. Numbers alone."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from django.utils import timezone

from throughway.identity.linkage.comparisons import COMPARISONS, level_names
from throughway.identity.linkage.resolution import Scored
from throughway.identity.models import IdentityRun, QualityDraw, ReviewPair, SampledPair
from throughway.identity.review.queue import PairState, teaches
from throughway.identity.review.sampling import draw, frame_of

AT_ONCE = 500
STEPS = "0123456789abcdefghijklmnopqrstuvwxyz"  # the rung of one comparison, lowest first; a dash where nothing is known


def keep_doubts(
    scored: Scored,
    review: Iterable[tuple[int, int]],
    links: Mapping[int, int],
    partner_of: Mapping[int, str],
    run: IdentityRun,
    *,
    whole: bool = True,
) -> int:
    """Keeps the pairs for review of this run, within the caller's transaction, and says how many wait for a person now. Pairs that
    are no longer doubtful, or of which a record can no longer be seen, leave the queue. An incremental run (not `whole`) remembers no
    faint pairs and says nothing of those; after a whole one a sample is drawn where none is being read.

    `links`: record to person as of this run. What readers have said stays, whatever becomes of a pair.
    """
    pairs = _Pairs(scored, links, partner_of, run)
    doubtful = {(min(pair), max(pair)) for pair in review}
    known = {(p.one, p.other): p for p in ReviewPair.objects.iterator()}
    changed = []
    for key, row in known.items():
        if not whole and not row.queued and pairs.row(*key) is None:
            continue
        queued = key in doubtful or (row.queued and row.state == PairState.SETTLED)
        if pairs.tell(row) | (row.queued != queued):
            row.queued = queued
            changed.append(row)
    told = ["weight", "posterior", "rungs", "pattern", "joined", "hanging", "teaches", "queued", "run"]
    ReviewPair.objects.bulk_update(changed, told, batch_size=AT_ONCE)
    ReviewPair.objects.bulk_create(
        [pairs.new(*key, queued=True) for key in sorted(doubtful - known.keys())], batch_size=AT_ONCE
    )
    if whole and not _being_read():
        _draw(pairs)
    run.for_review = ReviewPair.objects.filter(queued=True).exclude(state=PairState.SETTLED).count()
    run.save(update_fields=["for_review"])
    return run.for_review


def _being_read() -> bool:
    last = QualityDraw.objects.order_by("-id").first()
    return last is not None and last.pairs.exclude(pair__state=PairState.SETTLED).exists()


class _Pairs:
    """What this run tells of any two records."""

    def __init__(
        self, scored: Scored, links: Mapping[int, int], partner_of: Mapping[int, str], run: IdentityRun
    ) -> None:
        self.scored, self.links, self.partner_of, self.run = scored, links, partner_of, run
        self.records = Counter(links.values())
        self.order = np.lexsort((scored.other, scored.one))
        self.ones = scored.one[self.order]

    def row(self, one: int, other: int) -> int | None:
        """Where the pair stands among those compared, or None."""
        low, high = (int(np.searchsorted(self.ones, one, side=side)) for side in ("left", "right"))
        at = low + int(np.searchsorted(self.scored.other[self.order[low:high]], other))
        if at < high and int(self.scored.other[self.order[at]]) == other:
            return int(self.order[at])
        return None

    def tell(self, pair: ReviewPair) -> bool:
        """Writes into the row what this run says of its pair; whether it says anything: not of records it cannot see."""
        if pair.one not in self.links or pair.other not in self.links:
            return False
        at = self.row(pair.one, pair.other)
        person, beside = self.links[pair.one], self.links[pair.other]
        rungs = [-1] * len(COMPARISONS) if at is None else [int(r) for r in self.scored.rungs[at]]
        pair.weight = 0.0 if at is None else float(self.scored.weight[at])
        pair.posterior = 0.0 if at is None else float(self.scored.posterior[at])
        pair.rungs = level_names(rungs)
        pair.pattern = "".join("-" if rung < 0 else STEPS[rung] for rung in rungs)
        pair.joined = person == beside
        pair.hanging = self.records[person] + (0 if pair.joined else self.records[beside])
        pair.teaches = teaches(pair.posterior, pair.hanging)
        pair.run = self.run
        return True

    def new(self, one: int, other: int, *, queued: bool) -> ReviewPair:
        pair = ReviewPair(
            one=one, other=other, queued=queued, state=PairState.UNREAD,
            one_partner=self.partner_of.get(one, ""), other_partner=self.partner_of.get(other, ""),
        )  # fmt: skip
        if not self.tell(pair):
            raise ValueError("a pair to look at must be of records of this run")
        return pair


def _draw(pairs: _Pairs) -> None:
    """Draws a sample from all that was compared or joined."""
    scored, random = pairs.scored, np.random.default_rng(secrets.randbits(64))
    frame = frame_of((scored.one, scored.other, scored.posterior), pairs.links)
    drawn = draw(frame, random)
    if not drawn.strata:
        return
    keys = list(zip(frame.one[drawn.rows].tolist(), frame.other[drawn.rows].tolist(), strict=True))
    numbers = dict(_numbers(keys))
    ReviewPair.objects.bulk_create(
        [pairs.new(*key, queued=False) for key in keys if key not in numbers], batch_size=AT_ONCE
    )
    numbers = dict(_numbers(keys))
    made = QualityDraw.objects.create(
        run=pairs.run, at=timezone.now(), strata=[stratum.to_json() for stratum in drawn.strata], left_out=drawn.left_out
    )  # fmt: skip
    joined = frame.joined[drawn.rows].tolist()
    SampledPair.objects.bulk_create(
        [
            SampledPair(draw=made, pair_id=numbers[key], stratum=stratum, joined=held, twice=twice)
            for key, stratum, held, twice in zip(
                keys, drawn.stratum.tolist(), joined, drawn.twice.tolist(), strict=True
            )
        ],
        batch_size=AT_ONCE,
    )


def _numbers(keys: list[tuple[int, int]]) -> Iterable[tuple[tuple[int, int], int]]:
    """The row of each pair that has one."""
    for at in range(0, len(keys), AT_ONCE):
        wanted = set(keys[at : at + AT_ONCE])
        held = ReviewPair.objects.filter(one__in={one for one, _ in wanted})
        for id, one, other in held.values_list("id", "one", "other"):
            if (one, other) in wanted:
                yield (one, other), id
