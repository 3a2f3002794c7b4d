"""The pairs that a run of linkage leaves to readers: doubtful pairs, and a sample that measures linkage. Only numbers."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from django.utils import timezone

from throughway.identity.actions.name_samples import ByName, draw_names, store_drawn
from throughway.identity.linkage.comparisons import COMPARISONS, level_names
from throughway.identity.linkage.resolution import Scored
from throughway.identity.models import IdentityRun, QualityDraw, ReviewPair, SampledPair
from throughway.identity.review.sampling import draw, frame_of
from throughway.identity.review.verdicts import PairState, teaches

AT_ONCE = 500
LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"  # the level on one comparison in a pattern, lowest first; a dash where unknown
FROM_RUN = ["weight", "posterior", "rungs", "pattern", "joined", "hanging", "teaches", "queued", "run"]


def keep_doubts(
    scored: Scored,
    review: Iterable[tuple[int, int]],
    links: Mapping[int, int],
    partner_of: Mapping[int, str],
    run: IdentityRun,
    *,
    is_full: bool = True,
    by_name: ByName = (),
) -> int:
    """Stores this run's pairs for review, within the caller's transaction, and returns how many now wait for a reader.

    Pairs that are no longer doubtful, or with a record that can no longer be seen, leave the queue; readers' verdicts stay. An incremental
    run does not remember unlikely pairs and does not change them. After a full run a sample is drawn, unless one is still being read.
    `links`: record to person as of this run. `by_name`: pairs that a name settles or may settle, of which a sample is asked.
    """
    pairs = _PairsOfRun(scored, links, partner_of, run)
    drawn = draw_names(by_name)
    doubtful = {(min(pair), max(pair)) for pair in review} | drawn.keys()
    known = {(p.one, p.other): p for p in ReviewPair.objects.iterator()}
    changed = []
    for key, row in known.items():
        if not is_full and not row.queued and pairs.place(*key) is None:
            continue
        queued = key in doubtful or (row.queued and row.state == PairState.SETTLED)
        if pairs.update(row) | (row.queued != queued):
            row.queued = queued
            changed.append(row)
    ReviewPair.objects.bulk_update(changed, FROM_RUN, batch_size=AT_ONCE)
    ReviewPair.objects.bulk_create(
        [pairs.new(*key, queued=True) for key in sorted(doubtful - known.keys())], batch_size=AT_ONCE
    )
    store_drawn(drawn, dict(_ids(list(drawn))))
    if is_full and not _being_read():
        _draw_sample(pairs)
    run.for_review = ReviewPair.objects.filter(queued=True).exclude(state=PairState.SETTLED).count()
    run.save(update_fields=["for_review"])
    return run.for_review


def _being_read() -> bool:
    last = QualityDraw.objects.order_by("-id").first()
    return last is not None and last.pairs.exclude(pair__state=PairState.SETTLED).exists()


class _PairsOfRun:
    """This run's findings about any two records."""

    def __init__(
        self, scored: Scored, links: Mapping[int, int], partner_of: Mapping[int, str], run: IdentityRun
    ) -> None:
        self.scored, self.links, self.partner_of, self.run = scored, links, partner_of, run
        self.records = Counter(links.values())
        self.order = np.lexsort((scored.other, scored.one))
        self.ones = scored.one[self.order]

    def place(self, one: int, other: int) -> int | None:
        """The position of the pair among the compared ones, or None."""
        low, high = (int(np.searchsorted(self.ones, one, side=side)) for side in ("left", "right"))
        at = low + int(np.searchsorted(self.scored.other[self.order[low:high]], other))
        if at < high and int(self.scored.other[self.order[at]]) == other:
            return int(self.order[at])
        return None

    def update(self, pair: ReviewPair) -> bool:
        """Brings the row up to date with this run; False where linkage cannot see one of its records."""
        if pair.one not in self.links or pair.other not in self.links:
            return False
        at = self.place(pair.one, pair.other)
        one, other = self.links[pair.one], self.links[pair.other]
        rungs = [-1] * len(COMPARISONS) if at is None else [int(r) for r in self.scored.rungs[at]]
        pair.weight = 0.0 if at is None else float(self.scored.weight[at])
        pair.posterior = 0.0 if at is None else float(self.scored.posterior[at])
        pair.rungs = level_names(rungs)
        pair.pattern = "".join("-" if rung < 0 else LEVELS[rung] for rung in rungs)
        pair.joined = one == other
        pair.hanging = self.records[one] + (0 if pair.joined else self.records[other])
        pair.teaches = teaches(pair.posterior, pair.hanging)
        pair.run = self.run
        return True

    def new(self, one: int, other: int, *, queued: bool) -> ReviewPair:
        pair = ReviewPair(
            one=one, other=other, queued=queued, state=PairState.UNREAD,
            one_partner=self.partner_of.get(one, ""), other_partner=self.partner_of.get(other, ""),
        )  # fmt: skip
        if not self.update(pair):
            raise ValueError("a pair for review must have records of this run")
        return pair


def _draw_sample(pairs: _PairsOfRun) -> None:
    """Draws a sample from all compared or joined pairs."""
    scored, random = pairs.scored, np.random.default_rng(secrets.randbits(64))
    frame = frame_of((scored.one, scored.other, scored.posterior), pairs.links)
    drawn = draw(frame, random)
    if not drawn.strata:
        return
    keys = list(zip(frame.one[drawn.rows].tolist(), frame.other[drawn.rows].tolist(), strict=True))
    ids = dict(_ids(keys))
    ReviewPair.objects.bulk_create(
        [pairs.new(*key, queued=False) for key in keys if key not in ids], batch_size=AT_ONCE
    )
    ids = dict(_ids(keys))
    made = QualityDraw.objects.create(
        run=pairs.run, at=timezone.now(), strata=[stratum.to_json() for stratum in drawn.strata], left_out=drawn.left_out
    )  # fmt: skip
    joined = frame.joined[drawn.rows].tolist()
    SampledPair.objects.bulk_create(
        [
            SampledPair(draw=made, pair_id=ids[key], stratum=stratum, joined=held, twice=twice)
            for key, stratum, held, twice in zip(
                keys, drawn.stratum.tolist(), joined, drawn.twice.tolist(), strict=True
            )
        ],
        batch_size=AT_ONCE,
    )


def _ids(keys: list[tuple[int, int]]) -> Iterable[tuple[tuple[int, int], int]]:
    """The id of the row of each pair that has one."""
    for at in range(0, len(keys), AT_ONCE):
        wanted = set(keys[at : at + AT_ONCE])
        held = ReviewPair.objects.filter(one__in={one for one, _ in wanted})
        for id, one, other in held.values_list("id", "one", "other"):
            if (one, other) in wanted:
                yield (one, other), id
