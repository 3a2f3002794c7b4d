"""How many students of an extract are unique or nearly so by what others may know of them: counts, never the values.

A combination is a student's values of the columns that the vocabulary marks as identifying in combination (`quasi_identifier`): birth
date, sex, race, school, grade and the like, over all tables of the extract.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from throughway.extracts.codebook import element_of
from throughway.vocabulary import TABLES

PERSON = "person_id"
BETWEEN, NOTHING = "\x1f", "\x00"


@dataclass(frozen=True)
class Rarity:
    """Among `students`, those who are `alone` with their combination of these elements, and those who share it with fewer than `k`."""

    elements: tuple[str, ...]
    students: int
    k: int
    alone: int
    few: int

    def to_json(self) -> dict[str, object]:
        return {
            "elements": list(self.elements), "students": self.students, "smallest_group_asked_for": self.k,
            "alone": self.alone, "in_groups_below": self.few,
        }  # fmt: skip


def rarity(
    tables: Mapping[str, pa.Table], k: int, shown: Mapping[str, Iterable[str]]
) -> tuple[Rarity, list[Rarity]]:
    """For all tables together, and for each table. `shown`: by table, the columns with information."""
    profiles: dict[str, list[str]] = {}
    named: list[str] = []
    single = []
    for table, rows in tables.items():
        if not TABLES[table].of_person or PERSON not in rows.column_names:
            continue
        columns = [n for n in shown[table] if "quasi_identifier" in element_of(table, n).law_tags]
        of_table = _profiles(rows, columns)
        for person, profile in of_table.items():
            profiles.setdefault(person, []).append(f"{table}{BETWEEN}{profile}")
        if columns:
            paths = [f"{table}.{name}" for name in columns]
            named += paths
            single.append(_counted(paths, of_table.values(), k))
    return _counted(named, ["\n".join(parts) for parts in profiles.values()], k), single


def _profiles(rows: pa.Table, columns: Sequence[str]) -> dict[str, str]:
    """Each person's distinct combinations in one table, as one text."""
    if not columns:
        return dict.fromkeys(rows[PERSON].drop_null().unique().to_pylist(), "")
    kept = rows.select([PERSON, *columns]).filter(pc.is_valid(rows[PERSON]))
    different = kept.group_by([PERSON, *columns], use_threads=False).aggregate([])
    texts = [pc.fill_null(pc.cast(different[name], pa.string()), NOTHING) for name in columns]
    joined = pc.binary_join_element_wise(*texts, BETWEEN)
    found: dict[str, list[str]] = {}
    for person, text in zip(different[PERSON].to_pylist(), joined.to_pylist(), strict=True):
        found.setdefault(person, []).append(text)
    return {person: "\n".join(sorted(parts)) for person, parts in found.items()}


def _counted(elements: Sequence[str], profiles: Iterable[str], k: int) -> Rarity:
    sizes = Counter(profiles).values()
    return Rarity(
        tuple(elements), sum(sizes), k, sum(n for n in sizes if n == 1), sum(n for n in sizes if n < k)
    )
