"""What taking a load back does to the store, planned on one snapshot.

The load's rows go, and those of later loads that rest on it. A row that one of them had superseded comes back, as far as the agreements and
consents of today admit it; otherwise it goes too. `StoredFile.batch` of a file of superseded rows says which load superseded them. Where an
earlier version of the program destroyed a part of such a file, that is not known, and nothing comes back.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlglot import exp

from throughway.core.personal_data import numbers_in_use
from throughway.destruction.actions.rewriting import (
    BESIDE,
    DestructionPlan,
    Workshop,
    plan_codes,
    plan_keys,
    plan_links,
    plan_value_codes,
)
from throughway.destruction.actions.store_plan import Guardians, guardians_in, relation_of
from throughway.destruction.retention import Grounds, Judged, RetentionRule, among_batches, judge
from throughway.destruction.undoing import Undoing
from throughway.intake.contract import TableNeed
from throughway.intake.entered_rows import ENTERED
from throughway.intake.load_history import Batch
from throughway.intake.scope import population_tables
from throughway.ledger.entry_search import records_entered
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.schemas import HISTORY, base
from throughway.store.selectors import Snapshot, StoredFileFacts
from throughway.vocabulary import TABLES

UNKNOWN = "destruction-"  # how an earlier version named the batch of superseded rows that a destruction left


def plan_of_undoing(
    stored: Snapshot,
    load: Batch,
    loads: Iterable[Batch],
    needs: Mapping[str, TableNeed],
    *,
    folder: Path | None,
    on: date,
) -> DestructionPlan:
    """Plans taking the load back with those of the partner's `loads` that rest on it; nothing where nothing of it is in the store. `needs`:
    by table, what the agreements that keep data of the partner need on any day."""
    with DuckDBEngine(temp_directory=folder) as engine:
        shop = Workshop(stored, engine, folder, on)
        going = resting_on(shop, load, loads, set(population_tables(needs)))
        if going:
            shop.plan.undoing = _Bench(shop, going, needs).plan()
        else:
            shop.plan.undoing = Undoing(load.partner, ())
            shop.plan.gone[load.partner] = frozenset()
        return shop.plan


def resting_on(
    shop: Workshop, load: Batch, loads: Iterable[Batch], admitting: Collection[str]
) -> tuple[Batch, ...]:
    """The load and the later ones that rest on it, the newest first; empty where nothing of it is in the store. A later load rests on one
    where it brought or superseded rows of the same students in one of its tables, where it found rows of such a table stored already,
    and where it has rows of students whom that one may have admitted. `admitting`: the tables by which agreements admit students."""
    later = sorted((b for b in loads if (b.at, b.id) > (load.at, load.id) and _lands(b)), key=lambda b: (b.at, b.id))  # fmt: skip
    touched = _touched(shop, load, {load.id, *(b.id for b in later)})
    if not touched.get(load.id):
        return ()
    going = [load]
    for each in later:
        if any(_rests(each, earlier, touched, admitting) for earlier in going):
            going.append(each)
    return tuple(reversed(going))


def _lands(load: Batch) -> bool:
    """What people entered on the site is no file, and stays."""
    return not load.refusal and not load.taken_back and load.format != ENTERED


def _rests(
    later: Batch, earlier: Batch, touched: Mapping[str, Mapping[str, set[int]]], admitting: Collection[str]
) -> bool:
    of_earlier, of_later = touched.get(earlier.id, {}), touched.get(later.id, {})
    for table, students in of_earlier.items():
        if _found_stored(later, table):
            return True
        if not students.isdisjoint(of_later.get(table, ())):
            return True
    admitted = set().union(*(students for table, students in of_earlier.items() if table in admitting))
    return any(not admitted.isdisjoint(students) for students in of_later.values())


def _found_stored(load: Batch, table: str) -> bool:
    """Whether the load had rows that were stored before it; nobody kept which, so that they may be those of any earlier load."""
    if load.found is not None:
        return bool(load.found.get(table))
    return table in load.counts and load.counts[table].unchanged > 0


def _touched(shop: Workshop, first: Batch, ids: Collection[str]) -> dict[str, dict[str, set[int]]]:
    """By load and table, the students of whom it brought or superseded a row; 0 in a table that has none."""
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for file, _ in shop.held_of(first.partner):
        table = base(file.table)
        if table in BESIDE or file.recorded_at < first.at:
            continue
        student = "person_record" if TABLES[table].of_person else "0"
        source = shop.source(file)
        for batch, number in _pairs(
            shop,
            f"SELECT DISTINCT batch_id AS b, coalesce({student}, 0) AS n FROM {source} WHERE {among_batches(ids)}",
        ):
            found[batch][table].add(number)
        if file.table.endswith(HISTORY) and file.batch in ids:
            for _, number in _pairs(
                shop, f"SELECT DISTINCT '' AS b, coalesce({student}, 0) AS n FROM {source}"
            ):
                found[file.batch][table].add(number)
    return found


def _pairs(shop: Workshop, select: str) -> Iterable[tuple[str, int]]:
    rows = shop.engine.run(select)
    return zip(rows["b"].to_pylist(), map(int, rows["n"].to_pylist()), strict=True)


@dataclass
class _Bench:
    """Plans one undoing, table by table."""

    shop: Workshop
    loads: Sequence[Batch]
    needs: Mapping[str, TableNeed]
    guardians: Guardians = field(default_factory=Guardians)
    students: set[int] = field(default_factory=set)
    remaining: set[int] = field(default_factory=set)
    restored: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    not_admitted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    not_kept: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    back: dict[str, Judged] = field(default_factory=dict)  # by file of superseded rows, what comes back

    @property
    def partner(self) -> str:
        return self.loads[0].partner

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(load.id for load in self.loads)

    @property
    def theirs(self) -> str:
        return among_batches(self.ids)

    def plan(self) -> Undoing:
        shop, partner = self.shop, self.partner
        held = [(file, set(numbers.tolist())) for file, numbers in shop.held_of(partner) if file.table not in BESIDE]  # fmt: skip
        self._judge_superseded([file for file, _ in held])
        first = min(load.at for load in self.loads)
        for file, numbers in held:
            if file.recorded_at < first and base(file.table) != "guardian":
                shop.count(file, 0)
                self.remaining |= numbers
            elif file.table.endswith(HISTORY) and file.batch in self.ids:
                self._restore(file)
            else:
                self._without(file, numbers)
        alone = frozenset(self.students - self.remaining)
        gone = alone - numbers_in_use(partner, alone) - records_entered(alone)
        shop.plan.gone[partner] = gone
        plan_keys(shop, partner, gone, self.guardians.only_gone(), lambda file: shop.openers(file))
        plan_links(shop, None, shop.plan.gone)
        plan_codes(shop, None)
        plan_value_codes(shop, None)
        return Undoing(
            partner, tuple(self.loads), frozenset(self.students), alone,
            dict(self.restored), dict(self.not_admitted), dict(self.not_kept), shop.plan.rows,
        )  # fmt: skip

    def _superseded(self, file: StoredFileFacts) -> str:
        """The rows of other loads that these superseded."""
        return f"(SELECT * FROM {self.shop.source(file)} WHERE NOT {self.theirs})"

    def _judge_superseded(self, files: Sequence[StoredFileFacts]) -> None:
        """Judges what comes back as a load of it would: first the tables by which agreements admit students, with all of their rows."""
        superseded = [file for file in files if file.table.endswith(HISTORY) and file.batch in self.ids]
        admitting = population_tables(self.needs)
        first = [file for file in superseded if base(file.table) in admitting]
        whole = {file.id: self._superseded(file) for file in first}
        self._judge(first, "first", whole)
        judged = {file.id: f"({self.back[file.id].select})" for file in first if self.back[file.id].select}
        self._judge([file for file in superseded if file not in first], "then", judged)

    def _judge(self, files: Sequence[StoredFileFacts], stage: str, back: Mapping[str, str]) -> None:
        rules = {
            table: RetentionRule(None, need, None, everything=True) for table, need in self.needs.items()
        }
        view = self._population(stage, back)
        grounds = Grounds(relation_of(self.shop, self.partner, rules.values(), view), self.shop.on)
        for file in files:
            rule, source = rules.get(base(file.table)), self._superseded(file)
            rows = self._count(source)
            if rule is None or not rows:
                self.back[file.id] = Judged(rows, rows, {}, "")
            else:
                self.back[file.id] = judge(
                    self.shop.engine, file.table, source, rule, rows=rows, grounds=grounds
                )

    def _population(self, stage: str, back: Mapping[str, str]) -> Callable[[str, str], exp.Table]:
        """The relation of a table as it is without the loads: the rows of others, and those that come back."""
        known: dict[str, str] = {}

        def relation(table: str, discloser: str) -> exp.Table:
            if table not in known:
                known[table] = f"without_{stage}_{table}"
                names = ", ".join(name for name, _ in schemas.columns(table))
                live = self.shop.stored.stored(table, self.partner)
                parts = [f"SELECT {names} FROM {self.shop.source(file)} WHERE NOT {self.theirs}" for file in live]  # fmt: skip
                history = self.shop.stored.stored(table + HISTORY, self.partner)
                parts += [f"SELECT {names} FROM {back[file.id]}" for file in history if file.id in back]
                if not parts:
                    self.shop.engine.register(f"none_of_{table}", schemas.empty(table))
                    parts = [f"SELECT {names} FROM none_of_{table}"]
                self.shop.engine.run(
                    f"CREATE OR REPLACE TEMP VIEW {known[table]} AS {' UNION ALL '.join(parts)}"
                )
            return exp.to_table(known[table])

        return relation

    def _restore(self, file: StoredFileFacts) -> None:
        """The rows of other loads come back as far as they are admitted; nothing of the file of superseded rows is left."""
        shop, table, judged = self.shop, base(file.table), self.back[file.id]
        back = judged.rows - judged.lost
        shop.count(file, file.rows - back, judged.emptied)
        self.students |= self._students(table, f"SELECT * FROM {shop.source(file)}")
        text = 0
        if back:
            text = shop.write(replace(file, table=table), judged.select, self.needs[table].agreements)
            self.remaining |= self._students(table, judged.select)
            self.restored[table] += back
        if judged.lost:
            self.not_admitted[table] += judged.lost
        shop.gone(file, back, text)
        self._guardians(table, f"SELECT * FROM {shop.source(file)}", judged.select if back else "")

    def _without(self, file: StoredFileFacts, numbers: set[int]) -> None:
        """The file without the rows that the loads brought."""
        shop, table = self.shop, base(file.table)
        source, names = shop.source(file), ", ".join(name for name, _ in schemas.columns(file.table))
        left = f"SELECT {names} FROM {source} WHERE NOT {self.theirs}"
        lost = f"SELECT {names} FROM {source} WHERE {self.theirs}"
        gone = self._count(f"({lost})")
        shop.count(file, gone)
        if not gone:
            self.remaining |= numbers
            self._guardians(table, "", left)
            return
        self.students |= self._students(table, lost)
        text = shop.write(file, left, shop.openers(file)) if gone < file.rows else 0
        shop.gone(file, file.rows - gone, text)
        if gone < file.rows:
            self.remaining |= self._students(table, left)
        self._guardians(table, lost, left)
        if not file.table.endswith(HISTORY):
            self._count_unknown(table, lost)

    def _count_unknown(self, table: str, lost: str) -> None:
        """Rows of which an earlier value is kept, but not which load superseded it."""
        for file in self.shop.stored.stored(table + HISTORY, self.partner):
            if file.batch.startswith(UNKNOWN):
                found = self._count(
                    f"(SELECT DISTINCT record FROM {self._superseded(file)} WHERE record IN (SELECT record FROM ({lost})))"
                )
                if found:
                    self.not_kept[table] += found

    def _guardians(self, table: str, gone: str, left: str) -> None:
        if table == "guardian":
            self.guardians.gone |= guardians_in(self.shop, gone) if gone else set()
            self.guardians.remaining |= guardians_in(self.shop, left) if left else set()

    def _students(self, table: str, select: str) -> set[int]:
        if not TABLES[table].of_person:
            return set()
        found = self.shop.engine.run(f"SELECT DISTINCT person_record AS n FROM ({select})")
        return {int(number) for number in found["n"].to_pylist() if number is not None}

    def _count(self, source: str) -> int:
        return int(self.shop.engine.run(f"SELECT count(*) AS n FROM {source}")["n"][0].as_py())
