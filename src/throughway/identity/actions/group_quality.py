"""For whom linkage is right: reads, through the gate, to which groups the records of a sample belong.

Nothing of it is kept: groups are counted in memory, each reading is one entry of the ledger, and what is small is withheld.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from throughway.agreements.transforms import Transform
from throughway.gate import actions as gate
from throughway.identity.overview import FEWEST
from throughway.identity.review.groups import OF_RECORD, Groups, OfGroup, both, by_group, of_pair, of_record
from throughway.identity.review.sample_quality import labelled
from throughway.identity.review.selectors import Pair, Sample, purposes, under
from throughway.partners import Actor
from throughway.vocabulary import TABLES
from throughway.vocabulary.codes import codes_of

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
        door = gate.enter(actor=by, purpose=purpose)
        fewest = max(fewest, door.minimum_cell)
        numbers = sorted({number for pair in pairs for number in (pair.one, pair.other)})
        if asked := _questions(door, numbers):
            tables, disclosure = door.few(asked, numbers)
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


def _questions(door: gate.Door, numbers: list[int]) -> dict[str, str]:
    """What the door shows of OF_RECORD as it is."""
    plain: dict[str, set[str]] = {}
    for grant in door.grants:
        plain.setdefault(grant.table, set()).update(c for c, t in grant.columns.items() if t == Transform())
    listed = ", ".join(map(str, numbers))
    columns = {table: [c for c in wanted if c in plain.get(table, ())] for table, wanted in OF_RECORD.items()}
    return {
        table: f"SELECT {', '.join(('person_record', *held))} FROM {table} WHERE person_record IN ({listed})"
        for table, held in columns.items()
        if held
    }


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
