"""How right linkage is: against a list of who is who, for communities that have one, and for whom, by the groups of a sample's records.

Groups are read through the gate and counted in memory; nothing of it is kept, each reading is one entry of the ledger, and what is
small is withheld.
"""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import questions
from throughway.identity.actions.run_record import links_in_force
from throughway.identity.linkage.accuracy import judge
from throughway.identity.person_counts import FEWEST
from throughway.identity.review.groups import OF_RECORD, Groups, OfGroup, both, by_group, of_pair, of_record
from throughway.identity.review.sampling import labelled
from throughway.identity.review.selectors import Pair, Sample, purposes, under
from throughway.partners import Actor
from throughway.partners.selectors import partners
from throughway.vocabulary import TABLES
from throughway.vocabulary.codes import codes_of


def evaluate(*, truth: Path, by: Actor) -> dict[str, object]:
    """Holds the links in force against a file `partner,record_key,person`: pairs within a source and across.

    Only records that both the file and the store hold are judged; `judged` says how many, `not_loaded` how many of the
    file's records the store lacks. Precision, recall and F1 are shares of 1. Refused when the file is not such a file.
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
    wanted = ("partner", "record_key", "person")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if set(wanted) - set(reader.fieldnames or ()):
                raise Refused(f"{path.name} needs the columns {', '.join(wanted)}.", code="not_a_truth_file")
            return [(row["partner"] or "", row["record_key"] or "", row["person"] or "") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise Refused(
            f"{path.name} cannot be read as a CSV file with the columns {', '.join(wanted)}.",
            code="not_a_truth_file",
        ) from None


def _numbers(partner: str, register: Collection[str]) -> Mapping[str, int]:
    """The partner's keys of learners; none of a partner that the register lacks."""
    numbers: Mapping[str, int] = gate.record_numbers(partner) if partner in register else {}
    return numbers


FROM_RECORDS = ("Surname", "Race", "Language")


@dataclass(frozen=True)
class ByGroup:
    """`found`: dimension to groups. `not_granted`: dimensions that no purpose of kind linkage shows."""

    found: Mapping[str, list[OfGroup]]
    not_granted: list[str]
    disclosures: list[str]
    fewest: int


def by_groups(*, sample: Sample, names: Mapping[str, str], by: Actor) -> ByGroup:
    """Precision and recall of the sample within each group that purposes of kind linkage show. `names`: of partners."""
    shown, fewest = purposes(by), FEWEST
    of: dict[int, Groups] = {}
    disclosures: list[str] = []
    for purpose in sorted(shown):
        pairs = [p for p in sample.pairs if under(p, shown) == purpose]
        if not pairs:
            continue
        access = gate.enter(actor=by, purpose=purpose)
        fewest = max(fewest, access.minimum_cell)
        numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
        if asked := questions(
            access.grants, OF_RECORD, where=f"person_record IN ({', '.join(map(str, numbers))})"
        ):
            tables, disclosure = access.few(asked, numbers)
            of.update(_groups(tables))
            disclosures.append(disclosure)
    groups = [_of(pair, of, names) for pair in sample.pairs]
    held = labelled(sample.strata, sample.drawn, groups)
    dimensions = [d for d in (*FROM_RECORDS, "Home", "Partner") if any(d in g for g in groups)]
    missing = [d for d in FROM_RECORDS if d not in dimensions]
    return ByGroup(by_group(held, dimensions, fewest), missing, disclosures, fewest)


def _of(pair: Pair, of: Mapping[int, Groups], names: Mapping[str, str]) -> Groups:
    known = both(of.get(pair.one, {}), of.get(pair.other, {}))
    return {**known, **of_pair(pair.rungs, [names.get(partner, partner) for partner in pair.partners])}


def _groups(tables: Mapping[str, pa.Table]) -> dict[int, Groups]:
    words = {
        e.name: codes_of(e) or {}
        for t in OF_RECORD
        for e in TABLES[t].elements.values()
        if e.name in OF_RECORD[t]
    }
    rows: dict[int, list[Mapping[str, object]]] = {}
    for table in tables.values():
        for row in table.to_pylist():
            rows.setdefault(int(row["person_record"]), []).append(row)
    return {record: of_record(said, words) for record, said in rows.items()}
