"""What the database says of pairs under review: how each stands, what waits for a reader, how far it has come."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors import agreement_statuses
from throughway.gate.available_purposes import openings
from throughway.gate.linkage_recall import Recall
from throughway.identity.models import Label, QualityDraw, ReviewPair, SampledPair
from throughway.identity.review.queue import PairState, PairStatus, PairVerdict, QueuedPair, order, settle
from throughway.identity.review.sampling import DrawnPair, DrawnStratum, measured
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor
from throughway.partners.roles import Role

MOST = 400  # pairs put in order at once; a queue's tail need not be sorted
WAIT = (PairState.UNREAD, PairState.SECOND, PairState.THIRD)
LIVE = Q(takes_back=None, taken_back_by=None)
SAME: Mapping[PairVerdict | None, bool] = {PairVerdict.SAME: True, PairVerdict.DIFFERENT: False}


@dataclass(frozen=True)
class Pair:
    """Two records under review, in numbers: `rungs` is comparison to level."""

    id: int
    one: int
    other: int
    partners: tuple[str, str]
    rungs: Mapping[str, str]
    state: PairState
    verdict: str
    joined: bool
    weight: float
    posterior: float


@dataclass(frozen=True)
class Progress:
    """Of the pairs that linkage doubts: `settled`; `second`, `third` wait for another reader; `mine`: wait for this one."""

    pairs: int
    settled: int
    second: int
    third: int
    mine: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True)
class LastVerdict:
    """The last thing that a reader said, and can take back."""

    label: int
    pair: int
    verdict: PairVerdict
    at: datetime


def purposes(actor: Actor) -> dict[str, frozenset[str]]:
    """The purposes of kind linkage that are meant for this reader, each with the partners whose records it shows. None for
    whoever is not a data steward where all records are kept."""
    if actor.role != Role.DATA_STEWARD or not sight(actor).everything:
        return {}
    found: dict[str, frozenset[str]] = {}
    for each in openings(agreement_statuses(date.today()), actor, [PurposeKind.LINKAGE]):
        found[each.purpose] = found.get(each.purpose, frozenset()) | set(each.disclosers)
    return found


def under(pair: Pair, shown: Mapping[str, Collection[str]]) -> str:
    """The purpose under which both records can be shown; none where nothing shows both."""
    return next((p for p, whose in sorted(shown.items()) if set(pair.partners) <= set(whose)), "")


def one_pair(number: int) -> Pair | None:
    row = ReviewPair.objects.filter(pk=number).first()
    return _pair(row) if row else None


def waiting(actor: Actor, *, sample: bool = False) -> list[Pair]:
    """What waits for this reader: pairs that linkage doubts, what teaches most first; or those of the sample, by lot, so that
    those that are read already stand for the others."""
    shown = purposes(actor)
    if not shown:
        return []
    if sample:
        by_lot = SampledPair.objects.filter(draw__in=_newest(), pair=OuterRef("pk")).values("id")[:1]
        drawn = map(_pair, _open(actor, sample).annotate(lot=Subquery(by_lot)).order_by("lot"))
        return [pair for pair in drawn if under(pair, shown)]
    of_pattern = Label.objects.filter(LIVE, pair__pattern=OuterRef("pattern")).order_by()
    read = of_pattern.values("pair__pattern").annotate(n=Count("pair", distinct=True)).values("n")
    rows = list(_open(actor, sample).annotate(read=Subquery(read)).order_by("-teaches", "id")[:MOST])
    held = {row.pk: _pair(row) for row in rows}
    found = order(
        [QueuedPair(r.pk, r.teaches, r.pattern, r.state != PairState.UNREAD) for r in rows],
        {r.pattern: r.read or 0 for r in rows},
    )
    return [pair for each in found if under(pair := held[each.pair], shown)]


def _open(actor: Actor, sample: bool) -> QuerySet[ReviewPair]:
    mine = Label.objects.filter(LIVE, by=actor.email).values("pair")
    rows = ReviewPair.objects.filter(state__in=WAIT).exclude(pk__in=mine)
    if sample:
        return rows.filter(pk__in=SampledPair.objects.filter(draw__in=_newest()).values("pair"))
    return rows.filter(queued=True)


def _newest() -> QuerySet[QualityDraw, Any]:
    return QualityDraw.objects.order_by("-id").values("id")[:1]


def progress(actor: Actor) -> Progress:
    """How far the queue has come."""
    rows = ReviewPair.objects.filter(queued=True)
    states = dict(rows.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    settled = rows.filter(state=PairState.SETTLED).values_list("verdict").annotate(n=Count("id"))
    return Progress(
        sum(states.values()),
        states.get(PairState.SETTLED, 0),
        states.get(PairState.SECOND, 0),
        states.get(PairState.THIRD, 0),
        _open(actor, sample=False).count() if purposes(actor) else 0,
        dict(settled.values_list("verdict", "n")),
    )


def last_said(actor: Actor) -> LastVerdict | None:
    """What the reader said last; None where all is taken back, or nothing was said."""
    row = Label.objects.filter(LIVE, by=actor.email).order_by("-id").first()
    return LastVerdict(row.pk, row.pair_id, PairVerdict(row.verdict), row.at) if row else None


def standing(pair: ReviewPair) -> tuple[PairStatus, Label | None]:
    """How a pair stands by its verdicts, and the verdict that settled it."""
    rows = list(Label.objects.filter(LIVE, pair=pair).order_by("id"))
    twice = SampledPair.objects.filter(pair=pair, twice=True).exists()
    found = settle(
        [PairVerdict(row.verdict) for row in rows], posterior=pair.posterior, joined=pair.joined, twice=twice
    )
    return found, rows[-1] if rows and found.state is PairState.SETTLED else None


def read_twice(*, by_lot: bool) -> list[tuple[str, str]]:
    """What the first and the second reader said, neither knowing of the other; of pairs that a sample's lot gave to two, or
    else of all that two have read, of which hard ones are too many."""
    found: dict[int, list[str]] = {}
    rows = Label.objects.filter(LIVE)
    if by_lot:
        rows = rows.filter(pair__in=SampledPair.objects.filter(twice=True).values("pair"))
    for pair, verdict in rows.order_by("id").values_list("pair_id", "verdict"):
        found.setdefault(pair, []).append(verdict)
    return [(said[0], said[1]) for said in found.values() if len(said) > 1]


def _pair(row: ReviewPair) -> Pair:
    return Pair(
        row.pk, row.one, row.other, (row.one_partner, row.other_partner), row.rungs, PairState(row.state), row.verdict,
        row.joined, row.weight, row.posterior,
    )  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """The newest sample: its strata, its pairs side by side with how each stands, and when it was drawn."""

    at: datetime
    strata: Sequence[DrawnStratum]
    left_out: int
    drawn: Sequence[DrawnPair]
    pairs: Sequence[Pair]


def sample() -> Sample | None:
    """The newest sample; None where no run of linkage has drawn one."""
    last = QualityDraw.objects.order_by("-id").first()
    if last is None:
        return None
    rows = list(last.pairs.select_related("pair").order_by("id"))
    begun = _begun(row.pair for row in rows)
    said = [PairVerdict(row.pair.verdict) if row.pair.verdict else begun.get(row.pair_id) for row in rows]
    return Sample(
        last.at,
        [DrawnStratum.of_json(held) for held in last.strata],
        last.left_out,
        [
            DrawnPair(row.pair_id, row.stratum, SAME.get(verdict), verdict == PairVerdict.CANNOT_TELL)
            for row, verdict in zip(rows, said, strict=True)
        ],
        [_pair(row.pair) for row in rows],
    )


def recall() -> Recall | None:
    """What the newest sample says of how much linkage finds; None while too little of it is read."""
    drawn = sample()
    found = measured(drawn.strata, drawn.drawn, drawn.left_out).found.recall if drawn else None
    return Recall(found.percent, found.between) if found else None


def _begun(pairs: Iterable[ReviewPair]) -> dict[int, PairVerdict]:
    """What the first reader said of pairs that wait for another. They count meanwhile: those that overturn linkage wait longest,
    and without them it would seem never to err."""
    wait = [pair.pk for pair in pairs if pair.state in (PairState.SECOND, PairState.THIRD)]
    rows = Label.objects.filter(LIVE, pair__in=wait).order_by("-id").values_list("pair_id", "verdict")
    return {pair: PairVerdict(verdict) for pair, verdict in rows}
