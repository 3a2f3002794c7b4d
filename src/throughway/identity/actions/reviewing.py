"""Clerical review: showing a reader two records, what the reader says of them, and taking it back.

A reader sees what a purpose of kind linkage shows, through the gate; every showing is one entry of the ledger. Verdicts are only
ever added; how a pair stands follows from those that were not taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.gate.actions import AmendmentStatement
from throughway.identity.actions.granted_records import as_text, questions, shown_columns
from throughway.identity.linkage.evidence_text import Evidence, evidence
from throughway.identity.models import Label, ReviewPair
from throughway.identity.review.queue import PairState, PairVerdict
from throughway.identity.review.selectors import LIVE, Pair, last_said, one_pair, purposes, standing, under
from throughway.identity.review.side_by_side import ComparisonLine, lines
from throughway.ledger import selectors as ledger
from throughway.ledger.visibility import sight
from throughway.partners import Actor

# What linkage made of an enrollment is told to whom the purpose shows the element itself.
TOLD_BY = {"school": "organization_id", "class": "entry_grade_level"}


@dataclass(frozen=True)
class ShownPair:
    """Two records side by side. `purpose` and `disclosure`: under what they were shown, and the entry of the ledger."""

    pair: Pair
    lines: Sequence[ComparisonLine]
    evidence: Evidence
    purpose: str
    disclosure: str
    statements: Sequence[AmendmentStatement] = ()


def show(*, pair: int, by: Actor) -> ShownPair:
    """Shows a reader the two records of a pair, under one entry of the ledger.

    Refused (unknown_pair) where there is no such pair, or no purpose of kind linkage shows this reader both records.
    """
    [shown] = show_several(pairs=[pair], by=by)
    return shown


def show_several(*, pairs: Sequence[int], by: Actor) -> list[ShownPair]:
    """Shows the records of several pairs, under one entry of the ledger for each purpose. Refused as `show` is, for any."""
    of: dict[str, list[Pair]] = {}
    for number in pairs:
        pair, purpose = _readable(number, by)
        of.setdefault(purpose, []).append(pair)
    found = {each.pair.id: each for purpose, held in of.items() for each in _shown(held, purpose, by)}
    return [found[number] for number in pairs]


def _shown(pairs: Sequence[Pair], purpose: str, by: Actor) -> list[ShownPair]:
    access = gate.enter(actor=by, purpose=purpose)
    numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
    granted = shown_columns(access.grants)
    asked = questions(access.grants, where=f"person_record IN ({', '.join(map(str, numbers))})")
    if "person" not in asked:
        raise unknown(pairs[0].id)
    hides = {name for name, element in TOLD_BY.items() if element not in granted.get("school_enrollment", ())}
    tables, disclosure = access.few(asked, numbers)
    said = _said({name: as_text(table) for name, table in tables.items()})
    hidden = next((p for p in pairs if p.one not in said or p.other not in said), None)
    if hidden:
        raise unknown(hidden.id)
    return [
        ShownPair(
            pair,
            lines(said[pair.one], said[pair.other]),
            evidence({name: level for name, level in pair.rungs.items() if name not in hides}),
            purpose,
            disclosure,
            access.statements,
        )
        for pair in pairs
    ]


def decide(*, pair: int, verdict: PairVerdict, disclosure: str, by: Actor) -> PairState:
    """Writes down what a reader says of a pair that was shown under `disclosure`; how the pair stands then.

    Refused (unknown_pair) as `show` is; where the reader was not shown it (not_shown), has said it already (said), or others
    have settled it meanwhile (settled).
    """
    found, purpose = _readable(pair, by)
    entry = ledger.entry(sight(by), disclosure)
    if entry is None or (entry.email, entry.outcome, entry.purpose) != (by.email, "released", purpose):
        raise Refused("Look at the two records before you say what they are.", code="not_shown")
    with transaction.atomic():
        row = ReviewPair.objects.select_for_update().get(pk=found.id)
        if Label.objects.filter(LIVE, pair=row, by=by.email).exists():
            raise Refused(
                "You have said what these two records are; take that back to say otherwise.", code="said"
            )
        if row.state == PairState.SETTLED:
            raise Refused(
                "Other readers have settled this pair meanwhile; go on with the next.", code="settled"
            )
        Label.objects.create(
            pair=row, verdict=verdict, by=by.email, at=timezone.now(), purpose=purpose, disclosure=disclosure,
            blind=row.state != PairState.THIRD,
        )  # fmt: skip
        return _settle(row)


def take_back(*, by: Actor) -> int:
    """Takes back what the reader said last, and gives the pair's number. Refused (nothing_said) where there is nothing."""
    with transaction.atomic():
        said = last_said(by)
        row = ReviewPair.objects.select_for_update().get(pk=said.pair) if said else None
        # Looked at again under the lock: a second click may have taken it back meanwhile.
        label = Label.objects.filter(LIVE, pk=said.label).first() if said else None
        if row is None or label is None:
            raise Refused("There is no verdict of yours to take back.", code="nothing_said")
        Label.objects.create(
            pair=row, verdict="taken_back", by=by.email, at=timezone.now(), purpose=label.purpose,
            disclosure=label.disclosure, blind=label.blind, takes_back=label,
        )  # fmt: skip
        _settle(row)
        return row.pk


def unknown(pair: int) -> Refused:
    return Refused(f"There is no pair {pair} for you to look at.", code="unknown_pair")


def _readable(pair: int, by: Actor) -> tuple[Pair, str]:
    """The pair, and the purpose under which this reader may see both records."""
    found = one_pair(pair)
    purpose = under(found, purposes(by)) if found else ""
    if found is None or not purpose:
        raise unknown(pair)
    return found, purpose


def _settle(row: ReviewPair) -> PairState:
    found, last = standing(row)
    row.state, row.verdict = found.state, found.verdict or ""
    row.settled_at, row.settled_by = (last.at, last.by) if last else (None, "")
    row.save(update_fields=["state", "verdict", "settled_at", "settled_by"])
    return found.state


def _said(tables: Mapping[str, pa.Table]) -> dict[int, list[Mapping[str, object]]]:
    """By record, its rows of every table; of those alone that the table `person` shows."""
    found: dict[int, list[Mapping[str, object]]] = {
        number: [] for number in tables["person"]["person_record"].to_pylist()
    }
    for table in tables.values():
        for row in table.to_pylist():
            if row["person_record"] in found:
                found[row["person_record"]].append(row)
    return found
