"""Clerical review: shows two records to a reader through the gate, and records the reader's verdict or its withdrawal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.gate.actions import AmendmentStatement
from throughway.identity.actions.granted_records import as_text, of_records, queries, shown_columns
from throughway.identity.linkage.evidence_text import ComparisonLine, Evidence, comparison_lines, evidence
from throughway.identity.models import Label, ReviewPair
from throughway.identity.review.selectors import LIVE, last_label, purpose_for, purposes, status_of
from throughway.identity.review.verdicts import PairState, PairVerdict
from throughway.ledger import selectors as ledger
from throughway.ledger.entry_search import contributing_records
from throughway.ledger.visibility import sight
from throughway.partners import Actor

# Evidence from an enrollment is shown only where the purpose shows the element itself.
SHOWN_WITH = {"school": "organization_id", "class": "entry_grade_level"}


@dataclass(frozen=True)
class ShownPair:
    """Two records side by side, with the `purpose` under which they were shown and the ledger entry (`disclosure`)."""

    pair: ReviewPair
    lines: Sequence[ComparisonLine]
    evidence: Evidence
    purpose: str
    disclosure: str
    statements: Sequence[AmendmentStatement] = ()


def show(*, pair: int, by: Actor) -> ShownPair:
    """Shows a reader the two records of a pair, under one entry of the ledger.

    Refused (unknown_pair) if there is no such pair, or if no linkage purpose shows this reader both records.
    """
    [shown] = show_several(pairs=[pair], by=by)
    return shown


def show_several(*, pairs: Sequence[int], by: Actor) -> list[ShownPair]:
    """Shows the records of several pairs, under one entry of the ledger for each purpose. Refused as `show` is, for any of them."""
    by_purpose: dict[str, list[ReviewPair]] = {}
    for number in pairs:
        pair, purpose = _readable(number, by)
        by_purpose.setdefault(purpose, []).append(pair)
    found = {each.pair.pk: each for purpose, held in by_purpose.items() for each in _shown(held, purpose, by)}
    return [found[number] for number in pairs]


def _shown(pairs: Sequence[ReviewPair], purpose: str, by: Actor) -> list[ShownPair]:
    access = gate.enter(actor=by, purpose=purpose)
    numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
    granted = shown_columns(access.grants)
    wanted = queries(access.grants, where=of_records(numbers))
    if "person" not in wanted:
        raise unknown(pairs[0].pk)
    hidden = {
        name for name, element in SHOWN_WITH.items() if element not in granted.get("school_enrollment", ())
    }
    tables, disclosure = access.few(wanted, numbers)
    rows = _rows_by_record({name: as_text(table) for name, table in tables.items()})
    for pair in pairs:
        if pair.one not in rows or pair.other not in rows:
            raise unknown(pair.pk)
    compared = {pair.pk: comparison_lines(rows[pair.one], rows[pair.other]) for pair in pairs}
    return [
        ShownPair(
            pair,
            compared[pair.pk],
            evidence(
                {name: level for name, level in pair.rungs.items() if name not in hidden}, compared[pair.pk]
            ),
            purpose,
            disclosure,
            access.statements,
        )
        for pair in pairs
    ]


def decide(*, pair: int, verdict: PairVerdict, disclosure: str, by: Actor) -> PairState:
    """Records a reader's verdict on a pair that was shown under `disclosure`, and returns the pair's state.

    Refused (unknown_pair) as `show` is; if the reader was not shown the pair (not_shown), has already given a verdict (said), or if others
    have settled it meanwhile (settled).
    """
    found, purpose = _readable(pair, by)
    entry = ledger.entry(sight(by), disclosure)
    told = {*contributing_records([disclosure]).records.tolist()} if entry else set()
    if (
        entry is None
        or (entry.email, entry.outcome, entry.purpose) != (by.email, "released", purpose)
        or not told.issuperset((found.one, found.other))
    ):
        raise Refused("Open the two records before you answer.", code="not_shown")
    with transaction.atomic():
        row = ReviewPair.objects.select_for_update().get(pk=found.pk)
        if Label.objects.filter(LIVE, pair=row, by=by.email).exists():
            raise Refused(
                "You have already answered for these two records; take your answer back to change it.",
                code="said",
            )
        if row.state == PairState.SETTLED:
            raise Refused(
                "Other readers have already settled this pair; continue with the next.", code="settled"
            )
        Label.objects.create(
            pair=row, verdict=verdict, by=by.email, at=timezone.now(), purpose=purpose, disclosure=disclosure,
            blind=row.state != PairState.THIRD,
        )  # fmt: skip
        return _update_state(row)


def take_back(*, by: Actor) -> int:
    """Takes back the reader's last verdict, and returns the pair's number. Refused (nothing_said) where there is none."""
    with transaction.atomic():
        last = last_label(by)
        row = ReviewPair.objects.select_for_update().get(pk=last.pair_id) if last else None
        # Read again under the lock: a second click may have withdrawn it meanwhile.
        label = Label.objects.filter(LIVE, pk=last.pk).first() if last else None
        if row is None or label is None:
            raise Refused("There is no verdict of yours to take back.", code="nothing_said")
        Label.objects.create(
            pair=row, verdict="taken_back", by=by.email, at=timezone.now(), purpose=label.purpose,
            disclosure=label.disclosure, blind=label.blind, takes_back=label,
        )  # fmt: skip
        _update_state(row)
        return row.pk


def unknown(pair: int) -> Refused:
    return Refused(f"There is no pair {pair} for you to review.", code="unknown_pair")


def _readable(pair: int, by: Actor) -> tuple[ReviewPair, str]:
    """The pair, and the purpose under which this reader may see both records."""
    found = ReviewPair.objects.filter(pk=pair).first()
    purpose = purpose_for(found, purposes(by)) if found else ""
    if found is None or not purpose:
        raise unknown(pair)
    return found, purpose


def _update_state(row: ReviewPair) -> PairState:
    found, last = status_of(row)
    row.state, row.verdict = found.state, found.verdict or ""
    row.settled_at, row.settled_by = (last.at, last.by) if last else (None, "")
    row.save(update_fields=["state", "verdict", "settled_at", "settled_by"])
    return found.state


def _rows_by_record(tables: Mapping[str, pa.Table]) -> dict[int, list[Mapping[str, object]]]:
    """The rows of all tables by record, for the records that the table `person` shows."""
    found: dict[int, list[Mapping[str, object]]] = {
        number: [] for number in tables["person"]["person_record"].to_pylist()
    }
    for table in tables.values():
        for row in table.to_pylist():
            if row["person_record"] in found:
                found[row["person_record"]].append(row)
    return found
