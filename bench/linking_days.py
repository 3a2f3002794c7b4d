"""Ids over a hundred daily batches, and how far all is from a full run at the end. Django must be set up before this is imported."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bench.linking_people import people
from bench.row import Row
from throughway.identity.actions import linking
from throughway.identity.incremental.incremental_decision import RecordChanges, update_state
from throughway.identity.incremental.linkage_state import state_after
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.resolution import resolve
from throughway.identity.person_ids import LOWEST, PersonEventKind, assign
from throughway.store.links import Links

FIRST, DAYS, DAILY = 20_000, 100, 30


class _Days:
    """What is known and linked from day to day, all compared anew when `link` would."""

    def __init__(self, tables: dict[str, pa.Table], first: int) -> None:
        self.tables = tables
        self.links: dict[int, int] = {}
        self.given_out = [LOWEST]
        self.untold = self.events = self.full = 0
        self.anew(first)

    def anew(self, so_far: int) -> None:
        found = resolve(
            {n: t.filter(np.asarray(t["person_record"]) <= so_far) for n, t in self.tables.items()}
        )
        self.state = state_after(found, {}, {}, {}, [])
        self._take(linking._groups(found), dict(self.links))
        self.full += 1

    def came(self, touched: np.ndarray) -> None:
        tables = {
            n: t.filter(np.isin(np.asarray(t["person_record"]), touched)) for n, t in self.tables.items()
        }
        record = np.array(sorted(self.links))
        held = Links(record, np.array([self.links[n] for n in record.tolist()]))
        rows = rows_of(tables, self.state.no_evidence)
        changes = RecordChanges(rows, touched, held.together(touched))
        found, self.state = update_state(self.state, changes, held.persons_of, ((), ()))
        self._take(
            found.groups, {n: self.links[n] for group in found.groups for n in group if n in self.links}
        )

    def _take(self, groups: Sequence[Sequence[int]], before: dict[int, int]) -> None:
        draws = iter(range(self.given_out[-1] + 1, self.given_out[-1] + 1_000_000))
        made = assign(groups, before, left={}, given_out=self.given_out, draw=draws.__next__)
        changes = [e for e in made.events if e.kind in (PersonEventKind.MERGED, PersonEventKind.SPLIT)]
        told = {n for e in changes for records in e.before.values() for n in records}
        self.untold += sum(before.get(n, p) != p and n not in told for n, p in made.links.items())
        self.events += len(changes)
        self.links |= made.links
        self.given_out = [*self.given_out, *made.new]


def over_days(first: int = FIRST, days: int = DAYS, daily: int = DAILY) -> list[Row]:
    """A full run, then a batch a day: some of it new, some sent once more as it was. Records whose person changed without a merge
    or a split that tells of it, or although nothing about them did; and how far all is from a full run at the end."""
    tables, _ = people(first + days * daily)
    random, town = np.random.default_rng(9), _Days(tables, first)
    for day in range(days):
        so_far = first + day * daily
        came = np.union1d(random.integers(1, first, daily // 3), np.arange(so_far + 1, so_far + daily + 1))
        if town.state.outgrown_by(came):
            town.anew(so_far + daily)
        else:
            town.came(came)
    whole = resolve(tables)
    differ = _differ(town.links, dict(zip(whole.record.tolist(), whole.person.tolist(), strict=True)))
    return [
        Row(f"ids that change without evidence, {days} daily batches of {daily} new and {daily // 3} sent again",
            f"{town.untold} ({town.events} merges and splits, {town.full} full runs)", "none", "", "0", town.untold == 0),
        Row(f"records whose person is another than by a full run, after {days} batches", f"{differ} of {len(town.links):,}", "a full run",
            f"{1 - differ / len(town.links):.4%} equal", "≥ 99.9 %", differ <= 0.001 * len(town.links)),
    ]  # fmt: skip


def _differ(one: dict[int, int], other: dict[int, int]) -> int:
    def groups(links: dict[int, int]) -> dict[int, frozenset[int]]:
        of: dict[int, set[int]] = {}
        for record, person in links.items():
            of.setdefault(person, set()).add(record)
        return {record: frozenset(held) for held in of.values() for record in held}

    mine, theirs = groups(one), groups(other)
    return sum(mine[record] != theirs[record] for record in theirs)
