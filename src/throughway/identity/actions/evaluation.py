"""Accuracy of linkage: against a list of the true persons, for communities that have one; and by group, from the records of a sample.

Groups are read through the gate and counted in memory. Nothing is stored, each reading is one ledger entry, and small counts are
withheld.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import of_records, queries
from throughway.identity.actions.run_record import links_in_force
from throughway.identity.linkage.accuracy import judge
from throughway.identity.models import ReviewPair
from throughway.identity.person_counts import FEWEST
from throughway.identity.review.groups import (
    OF_RECORD,
    GroupEstimate,
    Groups,
    by_group,
    groups_of_pair,
    groups_of_record,
    union,
)
from throughway.identity.review.sampling import labeled_pairs
from throughway.identity.review.selectors import Sample, purpose_for, purposes
from throughway.partners import Actor
from throughway.partners.selectors import partners
from throughway.vocabulary import TABLES
from throughway.vocabulary.codes import codes_of

TRUTH_COLUMNS = ("partner", "record_key", "person")
FROM_RECORDS = ("Surname", "Race", "Language")


def evaluate(*, truth: Path, by: Actor) -> dict[str, object]:
    """Compares the links in force with a file `partner,record_key,person`: over pairs within a source and across.

    Only records in both the file and the store are compared. `judged` counts them; `not_loaded` counts the file's records that are not in
    the store. Precision, recall and F1 are from 0 to 1. Refused if the file does not have these columns.
    """
    rows = _truth(truth)
    register = partners()
    numbers = {partner: _numbers(partner, register) for partner in {row[0] for row in rows}}
    persons = {numbers[partner][key]: person for partner, key, person in rows if key in numbers[partner]}
    judgement = judge(links_in_force(), persons)
    return {
        "pairwise": judgement.pairs.to_json(),
        "clusters": judgement.persons.to_json(),
        "judged": judgement.judged,
        "not_loaded": len(rows) - len(persons),
    }


def _truth(path: Path) -> list[tuple[str, str, str]]:
    columns = ", ".join(TRUTH_COLUMNS)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if set(TRUTH_COLUMNS) - set(reader.fieldnames or ()):
                raise Refused(f"{path.name} needs the columns {columns}.", code="not_a_truth_file")
            return [(row["partner"] or "", row["record_key"] or "", row["person"] or "") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise Refused(
            f"{path.name} cannot be read as a CSV file with the columns {columns}.", code="not_a_truth_file"
        ) from None


def _numbers(partner: str, register: Collection[str]) -> Mapping[str, int]:
    """The partner's record keys with the record numbers; none for an unknown partner."""
    numbers: Mapping[str, int] = gate.record_numbers(partner) if partner in register else {}
    return numbers


@dataclass(frozen=True)
class ByGroup:
    """`found`: dimension to groups. `not_granted`: dimensions that no linkage purpose shows."""

    found: Mapping[str, list[GroupEstimate]]
    not_granted: list[str]
    disclosures: list[str]
    fewest: int


def by_groups(*, sample: Sample, names: Mapping[str, str], by: Actor) -> ByGroup:
    """Precision and recall of the sample within each group that linkage purposes show. `names`: of partners."""
    shown, fewest = purposes(by), FEWEST
    groups: dict[int, Groups] = {}
    disclosures: list[str] = []
    for purpose in sorted(shown):
        pairs = [p for p in sample.pairs if purpose_for(p, shown) == purpose]
        if not pairs:
            continue
        access = gate.enter(actor=by, purpose=purpose)
        fewest = max(fewest, access.minimum_cell)
        numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
        if wanted := queries(access.grants, OF_RECORD, where=of_records(numbers)):
            tables, disclosure = access.few(wanted, numbers)
            groups.update(_groups_by_record(tables))
            disclosures.append(disclosure)
    of_pairs = [_groups(pair, groups, names) for pair in sample.pairs]
    labeled = labeled_pairs(sample.strata, sample.drawn)
    dimensions = [d for d in (*FROM_RECORDS, "Home", "Partner") if any(d in g for g in of_pairs)]
    missing = [d for d in FROM_RECORDS if d not in dimensions]
    return ByGroup(by_group(labeled, of_pairs, dimensions, fewest), missing, disclosures, fewest)


def _groups(pair: ReviewPair, groups: Mapping[int, Groups], names: Mapping[str, str]) -> Groups:
    known = union(groups.get(pair.one, {}), groups.get(pair.other, {}))
    return {**known, **groups_of_pair(pair.rungs, [names.get(partner, partner) for partner in pair.partners])}


def _groups_by_record(tables: Mapping[str, pa.Table]) -> dict[int, Groups]:
    labels = {
        e.name: codes_of(e) or {}
        for t in OF_RECORD
        for e in TABLES[t].elements.values()
        if e.name in OF_RECORD[t]
    }
    rows: dict[int, list[Mapping[str, object]]] = {}
    for table in tables.values():
        for row in table.to_pylist():
            rows.setdefault(int(row["person_record"]), []).append(row)
    return {record: groups_of_record(held, labels) for record, held in rows.items()}
