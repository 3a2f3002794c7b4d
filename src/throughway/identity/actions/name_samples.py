"""The sample by which people measure the rule that joins records by their names alone (see `linkage.names_alone`)."""

import secrets
from collections.abc import Collection, Mapping

from django.db.models import F
from django.utils import timezone

from throughway.gate.actions.person_records import numbers_by_partner
from throughway.identity.linkage.names_alone import NamesAlone, NameSample, Two
from throughway.identity.models import SampledNamePair
from throughway.identity.review.selectors import name_samples
from throughway.identity.review.verdicts import PairState

ByName = Collection[tuple[int, int, Two]]


def names_known() -> NamesAlone:
    """What a run knows of the rule before it decides."""
    return NamesAlone(numbers_by_partner(), name_samples())


def draw_names(by_name: ByName) -> dict[tuple[int, int], Two]:
    """Pairs drawn by lot, by record numbers (the lower first), where the sample of two partners lacks some; within the caller's transaction.
    `by_name`: all of the rule's pairs now. An undecided one that is the rule's no longer leaves the sample, and what was decided is kept."""
    _keep_verdicts()
    now: dict[Two, list[tuple[int, int]]] = {}
    for one, other, two in by_name:
        now.setdefault(two, []).append((min(one, other), max(one, other)))
    known: dict[Two, set[tuple[int, int]]] = {}
    for row in SampledNamePair.objects.filter(pair__isnull=False).select_related("pair"):
        assert row.pair
        two, key = (row.one_partner, row.other_partner), (row.pair.one, row.pair.other)
        if row.verdict or key in now.get(two, ()):
            known.setdefault(two, set()).add(key)
        else:
            row.delete()
    samples, drawn = name_samples(), dict[tuple[int, int], Two]()
    for two, pairs in sorted(now.items()):
        left = sorted(set(pairs) - known.get(two, set()))
        lacking = samples.get(two, NameSample()).lacking(len(pairs))
        drawn |= dict.fromkeys(secrets.SystemRandom().sample(left, min(lacking, len(left))), two)
    return drawn


def _keep_verdicts() -> None:
    """The verdicts as they stand: they outlive a pair that is forgotten."""
    rows = SampledNamePair.objects.filter(pair__isnull=False)
    for row in rows.exclude(verdict=F("pair__verdict")).select_related("pair"):
        assert row.pair
        row.verdict = row.pair.verdict if row.pair.state == PairState.SETTLED else ""
        row.save(update_fields=["verdict"])


def store_drawn(drawn: Mapping[tuple[int, int], Two], pairs: Mapping[tuple[int, int], int]) -> None:
    """Stores the pairs drawn; `pairs`: the id of each as a pair for review."""
    now = timezone.now()
    SampledNamePair.objects.bulk_create(
        [
            SampledNamePair(one_partner=two[0], other_partner=two[1], pair_id=pairs[key], at=now)
            for key, two in drawn.items()
        ]
    )
