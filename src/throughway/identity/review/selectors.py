"""Pairs under review, from the database: what waits for a reader, how far review has come, and what the newest sample found."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors import agreement_statuses
from throughway.gate.available_purposes import OpenPurpose, openings
from throughway.gate.linkage_recall import Recall
from throughway.identity.linkage.names_alone import NameSample, Two
from throughway.identity.models import (
    IdentityRun,
    Label,
    QualityDraw,
    ReviewPair,
    SampledNamePair,
    SampledPair,
)
from throughway.identity.review.name_rule import NameRule, sample_of
from throughway.identity.review.sampling import DrawnPair, DrawnStratum, measured
from throughway.identity.review.undecided import UndecidedPairs
from throughway.identity.review.verdicts import (
    PairState,
    PairStatus,
    PairVerdict,
    QueuedPair,
    order,
    settle,
)
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor, Role
from throughway.partners.selectors import users

MOST = 400  # pairs put in order at once; a queue's tail need not be sorted
WAIT = (PairState.UNREAD, PairState.SECOND, PairState.THIRD)
LIVE = Q(takes_back=None, taken_back_by=None)  # verdicts that were not taken back
SAME: Mapping[str | None, bool] = {PairVerdict.SAME: True, PairVerdict.DIFFERENT: False}


def linkage_openings(actor: Actor) -> list[OpenPurpose]:
    """The linkage purposes that agreements open to this reader, once for each agreement and interest."""
    return openings(agreement_statuses(date.today()), actor, [PurposeKind.LINKAGE])


def purposes(actor: Actor) -> dict[str, frozenset[str]]:
    """The linkage purposes open to this reader, each with the partners whose records it shows. Only data stewards of a partner that
    keeps all records have any."""
    if actor.role != Role.DATA_STEWARD or not sight(actor).everything:
        return {}
    found: dict[str, frozenset[str]] = {}
    for each in linkage_openings(actor):
        found[each.purpose] = found.get(each.purpose, frozenset()) | set(each.disclosers)
    return found


def purpose_for(pair: ReviewPair, shown: Mapping[str, Collection[str]]) -> str:
    """The purpose under which both records can be shown; "" where none shows both."""
    return next((p for p, partners in sorted(shown.items()) if set(pair.partners) <= set(partners)), "")


def waiting(actor: Actor, *, sample: bool = False) -> list[ReviewPair]:
    """The pairs that wait for this reader: the doubtful ones, what teaches most first; or those of the sample in random order, so that
    those read so far stand for the others."""
    shown = purposes(actor)
    if not shown:
        return []
    if sample:
        by_lot = SampledPair.objects.filter(draw__in=_newest(), pair=OuterRef("pk")).values("id")[:1]
        drawn = _open(actor, sample).annotate(lot=Subquery(by_lot)).order_by("lot")
        return [pair for pair in drawn if purpose_for(pair, shown)]
    of_pattern = Label.objects.filter(LIVE, pair__pattern=OuterRef("pattern")).order_by()
    read = of_pattern.values("pair__pattern").annotate(n=Count("pair", distinct=True)).values("n")
    rows = list(_open(actor, sample).annotate(read=Subquery(read)).order_by("-teaches", "id")[:MOST])
    pairs = {row.pk: row for row in rows}
    found = order(
        [QueuedPair(r.pk, r.teaches, r.pattern, r.state != PairState.UNREAD) for r in rows],
        {r.pattern: r.read or 0 for r in rows},
    )
    return [pairs[each.pair] for each in found if purpose_for(pairs[each.pair], shown)]


def _open(actor: Actor, sample: bool) -> QuerySet[ReviewPair]:
    mine = Label.objects.filter(LIVE, by=actor.email).values("pair")
    rows = ReviewPair.objects.filter(state__in=WAIT).exclude(pk__in=mine)
    if sample:
        return rows.filter(pk__in=SampledPair.objects.filter(draw__in=_newest()).values("pair"))
    return rows.filter(queued=True)


def _newest() -> QuerySet[QualityDraw, Any]:
    return QualityDraw.objects.order_by("-id").values("id")[:1]


@dataclass(frozen=True)
class Progress:
    """Of the doubtful `pairs`: how many are `settled`, wait for a second or third reader, and wait for this reader (`mine`)."""

    pairs: int
    settled: int
    second: int
    third: int
    mine: int
    verdicts: Mapping[str, int]


def progress(actor: Actor) -> Progress:
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


def undecided(partners: Collection[str] | None = None) -> UndecidedPairs:
    """The pairs that wait for a reader, and those decided otherwise since the last run; between records of these partners, else of all."""
    pairs = ReviewPair.objects.all()
    if partners is not None:
        pairs = pairs.filter(one_partner__in=partners, other_partner__in=partners)
    last = IdentityRun.objects.order_by("-at").values("at")[:1]
    decided = Q(state=PairState.SETTLED, settled_at__gt=Subquery(last))
    waits = Q(queued=True, state__in=WAIT)
    overturned = Q(verdict=PairVerdict.SAME, joined=False) | Q(verdict=PairVerdict.DIFFERENT, joined=True)
    found = pairs.aggregate(
        in_two=Count("pk", filter=waits & Q(joined=False)),
        in_one=Count("pk", filter=waits & Q(joined=True)),
        decided=Count("pk", filter=decided & overturned),
    )
    return UndecidedPairs(found["in_two"], found["in_one"], found["decided"])


def last_label(actor: Actor) -> Label | None:
    """The reader's last verdict that was not taken back."""
    return Label.objects.filter(LIVE, by=actor.email).order_by("-id").first()


def status_of(pair: ReviewPair) -> tuple[PairStatus, Label | None]:
    """The status of a pair from its verdicts, and the verdict that settled it."""
    rows = list(Label.objects.filter(LIVE, pair=pair).order_by("id"))
    twice = SampledPair.objects.filter(pair=pair, twice=True).exists()
    found = settle(
        [PairVerdict(row.verdict) for row in rows], posterior=pair.posterior, joined=pair.joined, twice=twice,
        alone=len(rows) == 1 and not has_second_reader(pair, rows[0].by),
    )  # fmt: skip
    return found, rows[-1] if rows and found.state is PairState.SETTLED else None


def has_second_reader(pair: ReviewPair | None, reader: str) -> bool:
    """Whether anybody but that reader may read the pair; without a pair, any pair at all."""
    others = (each for each in users() if each.role == Role.DATA_STEWARD and each.email != reader)
    return any(purpose_for(pair, shown) if pair else shown for shown in map(purposes, others))


def read_twice(*, by_lot: bool) -> list[tuple[str, str]]:
    """The verdicts of first and second readers, neither knowing the other's: of pairs that a sample gave to two readers at random, or
    of all that two have read, among which hard ones are too many."""
    found: dict[int, list[str]] = {}
    rows = Label.objects.filter(LIVE)
    if by_lot:
        rows = rows.filter(pair__in=SampledPair.objects.filter(twice=True).values("pair"))
    for pair, verdict in rows.order_by("id").values_list("pair_id", "verdict"):
        found.setdefault(pair, []).append(verdict)
    return [(verdicts[0], verdicts[1]) for verdicts in found.values() if len(verdicts) > 1]


@dataclass(frozen=True)
class Sample:
    """The newest sample: when it was drawn, its strata, and its pairs (`drawn` and `pairs` in the same order)."""

    at: datetime
    strata: Sequence[DrawnStratum]
    left_out: int
    drawn: Sequence[DrawnPair]
    pairs: Sequence[ReviewPair]


def sample() -> Sample | None:
    """The newest sample; None where no run of linkage has drawn one."""
    last = QualityDraw.objects.order_by("-id").first()
    if last is None:
        return None
    rows = list(last.pairs.select_related("pair").order_by("id"))
    first = _first_verdicts(row.pair for row in rows)
    verdicts = [row.pair.verdict or first.get(row.pair_id) for row in rows]
    return Sample(
        last.at,
        [DrawnStratum.of_json(held) for held in last.strata],
        last.left_out,
        [
            DrawnPair(row.pair_id, row.stratum, SAME.get(verdict), verdict == PairVerdict.CANNOT_TELL)
            for row, verdict in zip(rows, verdicts, strict=True)
        ],
        [row.pair for row in rows],
    )


def recall() -> Recall | None:
    """How much linkage finds, by the newest sample; None while too little of it is read."""
    drawn = sample()
    found = measured(drawn.strata, drawn.drawn, drawn.left_out).found.recall if drawn else None
    return Recall(found.percent, found.between, found.low) if found else None


def _first_verdicts(pairs: Iterable[ReviewPair]) -> dict[int, str]:
    """The first reader's verdict on pairs that wait for another. They count meanwhile: pairs that contradict linkage wait longest, and
    without them linkage would seem never to err."""
    wait = [pair.pk for pair in pairs if pair.state in (PairState.SECOND, PairState.THIRD)]
    rows = Label.objects.filter(LIVE, pair__in=wait).order_by("-id").values_list("pair_id", "verdict")
    return dict(rows)


def name_samples() -> dict[Two, NameSample]:
    """The sample of each two partners, by their ids, with the verdicts as they stand now."""
    found: defaultdict[Two, list[tuple[str, tuple[int, int] | None]]] = defaultdict(list)
    rows = SampledNamePair.objects.order_by("id").values_list(
        "one_partner", "other_partner", "verdict", "pair__one", "pair__other", "pair__state", "pair__verdict"
    )
    for one_partner, other_partner, kept, one, other, state, verdict in rows:
        said = kept if one is None else verdict if state == PairState.SETTLED else ""
        found[one_partner, other_partner].append((said, None if one is None else (one, other)))
    return {two: sample_of(pairs) for two, pairs in found.items()}


def name_rules() -> list[NameRule]:
    """The rule for each two partners whose pairs it was ever tried on."""
    return [NameRule(two, sample) for two, sample in sorted(name_samples().items())]
