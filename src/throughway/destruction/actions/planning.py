"""Works out what a destruction does to the store, from one snapshot of it; changes nothing but the folder it writes into."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlglot import exp

from throughway.agreements.choices import Choice
from throughway.agreements.rows import PERSONAL
from throughway.consent import reading as consents
from throughway.destruction.judging import Judged, Rule, judge
from throughway.destruction.plan import FileGone, Plan, Replacement
from throughway.destruction.sentinels import drawn
from throughway.destruction.terms import Terms
from throughway.intake.raw import sql_text
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.reading import Snapshot, StoredFileFacts, here
from throughway.store.schemas import HISTORY
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES

KEYS, SIGNERS, LINKS, CODES, VALUES = "record_key", "consent_signer", "person_link", "pseudonym", "value_code"
BESIDE = frozenset(
    {KEYS, SIGNERS, LINKS, CODES, VALUES}
)  # what the house keeps beside the tables of the vocabulary
Numbers = NDArray[np.int64]


@dataclass
class Workshop:
    """Where one plan is made. `folder`: on the store's own filesystem, for the files that stay; None: only to be told."""

    stored: Snapshot
    engine: DuckDBEngine
    folder: Path | None
    on: date
    plan: Plan = field(default_factory=Plan)
    files: int = 0

    @cached_property
    def held(self) -> list[tuple[StoredFileFacts, Numbers]]:
        """Every live file with the learners that it holds; asked once for all."""
        return self.stored.holding()

    def held_of(self, partner: str) -> list[tuple[StoredFileFacts, Numbers]]:
        found = [each for each in self.held if each[0].partner == partner]
        return sorted(found, key=lambda each: each[0].table)

    @property
    def vault(self) -> Vault:
        return Vault(here())

    def open(self, file: StoredFileFacts) -> pa.Table:
        return self.vault.open(file.path) if file.sealed else pq.read_table(file.path)

    def openers(self, file: StoredFileFacts) -> frozenset[str]:
        return frozenset(self.vault.keyring.openers(file.id))

    def gone(self, file: StoredFileFacts, kept: int) -> None:
        self.plan.files.append(
            FileGone(file.id, file.table, file.partner, file.sha256, file.bytes, file.rows, kept)
        )

    def count(self, file: StoredFileFacts, lost: int, emptied: Mapping[str, int] | None = None) -> None:
        told = self.plan.tables[file.partner, file.table]
        told.rows += file.rows
        told.lost += lost
        for name, number in (emptied or {}).items():
            told.emptied[name] = told.emptied.get(name, 0) + number

    def write(self, file: StoredFileFacts, select: str, agreements: Collection[str]) -> None:
        """The rows that stay, as a new file in the place of that one."""
        if self.folder is None:
            return
        if file.sealed:
            rows = self.engine.run(select).cast(schemas.schema(file.table))
            self.keep(file, rows, agreements)
            return
        self.files += 1
        path = self.folder / f"kept-{self.files}.parquet"
        self.engine.write(select, path, order_by=schemas.order(file.table))
        self.plan.new.append(Replacement(file.table, file.partner, file.school_year, path=path))

    def copy(self, file: StoredFileFacts, select: str) -> int:
        """The rows of a file that stay, in the order in which they stand, as a new file; how many they are. No new file where
        all stay, or none."""
        if self.folder is None or file.sealed:
            left = int(self.engine.run(f"SELECT count(*) FROM ({select})").column(0)[0].as_py())
            if 0 < left < file.rows:
                self.write(file, select, self.openers(file))
            return left
        self.files += 1
        path = self.folder / f"kept-{self.files}.parquet"
        left = self.engine.write(select, path)
        if 0 < left < file.rows:
            self.plan.new.append(Replacement(file.table, file.partner, file.school_year, path=path))
        return left

    def keep(self, file: StoredFileFacts, rows: pa.Table, agreements: Collection[str]) -> None:
        self.plan.new.append(
            Replacement(
                file.table, file.partner, file.school_year, arrow=rows, agreements=tuple(sorted(agreements))
            )
        )


def plan_of_terms(
    stored: Snapshot, terms: Terms, *, agreement: str | None, folder: Path | None, on: date
) -> Plan:
    """What goes by these rules; `agreement`: the one whose keys go too."""
    with ExitStack() as stack:
        engine = stack.enter_context(DuckDBEngine(temp_directory=folder))
        shop = Workshop(stored, engine, folder, on)
        for partner in terms.rules:
            _of_partner(shop, terms, partner, agreement)
        shop.plan.empty = frozenset(p for p in terms.rules if not terms.keepers[p])
        if agreement is not None:
            for file in [*stored.stored(CODES, agreement), *stored.stored(VALUES, agreement)]:
                shop.count(file, file.rows)
                shop.gone(file, 0)
        _links(shop, terms, shop.plan.gone)
        _codes(shop, agreement)
        return shop.plan


def plan_of_records(
    stored: Snapshot, records: Mapping[str, frozenset[int]], *, folder: Path | None, on: date
) -> Plan:
    """What goes when these learners' records go, whoever may still read them."""
    with ExitStack() as stack:
        engine = stack.enter_context(DuckDBEngine(temp_directory=folder))
        shop = Workshop(stored, engine, folder, on)
        for partner, numbers in sorted(records.items()):
            guardians = _Guardians()
            for file, held in shop.held_of(partner):
                if file.table not in BESIDE and not numbers.isdisjoint(held.tolist()):
                    _without(shop, file, f"coalesce(person_record IN ({_listed(numbers)}), false)", guardians)
            shop.plan.gone[partner] = numbers
            _keys(shop, partner, numbers, guardians.only_gone(), lambda file: shop.openers(file))
        _links(shop, None, shop.plan.gone)
        _codes(shop, None)
        return shop.plan


@dataclass
class _Guardians:
    """Numbers of guardians in rows that go, and in rows that stay."""

    gone: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)

    def only_gone(self) -> frozenset[int]:
        return frozenset(self.gone - self.kept)


def _without(shop: Workshop, file: StoredFileFacts, gone: str, guardians: _Guardians) -> None:
    """The file without the rows of which the condition is true."""
    source = _source(shop, file)
    kept = f"SELECT * FROM {source} WHERE NOT {gone}"
    if file.table.removesuffix(HISTORY) == "guardian":
        guardians.gone |= _guardians(shop, f"SELECT * FROM {source} WHERE {gone}")
        guardians.kept |= _guardians(shop, kept)
    left = shop.copy(file, kept)
    if left == file.rows:
        return
    shop.count(file, file.rows - left)
    shop.gone(file, left)


def _guardians(shop: Workshop, select: str) -> set[int]:
    found = shop.engine.run(
        f"SELECT DISTINCT guardian_person_id AS g FROM ({select}) WHERE guardian_person_id IS NOT NULL"
    )
    return {int(number) for number in found["g"].to_pylist()}


def _of_partner(shop: Workshop, terms: Terms, partner: str, agreement: str | None) -> None:
    rules, keepers = terms.rules[partner], terms.keepers[partner]
    held = [(file, set(numbers.tolist())) for file, numbers in shop.held_of(partner)]
    before: set[int] = set()
    after: set[int] = set()
    guardians = _Guardians()
    relation = _relation(shop, partner, rules.values())
    for file, numbers in held:
        if file.table in BESIDE:
            continue
        rule = rules.get(file.table.removesuffix(HISTORY))
        before |= numbers
        if rule is None:
            shop.count(file, 0)
            after |= numbers
            if _orphaned(shop, file, agreement):
                _wrap(shop, file, keepers)
            continue
        after |= _judge(shop, file, numbers, rule, relation, guardians, agreement)
    signed = _consented(partner, before - after, terms.staying) if before - after else set()
    gone = frozenset(before - after - signed) if keepers else frozenset(before)
    shop.plan.gone[partner] = gone
    for table, rule in rules.items():
        shop.plan.keepers[partner, table] = rule.keepers

    def openers(file: StoredFileFacts) -> frozenset[str]:
        return frozenset((shop.openers(file) - {agreement}) & terms.staying) | (
            keepers if file.table == KEYS else frozenset()
        )

    _keys(shop, partner, gone if keepers else None, guardians.only_gone() if keepers else None, openers)


def _judge(
    shop: Workshop,
    file: StoredFileFacts,
    numbers: set[int],
    rule: Rule,
    relation: Callable[[str, str], exp.Expression],
    guardians: _Guardians,
    agreement: str | None,
) -> set[int]:
    """Puts into the plan what becomes of the file; gives the learners of whom it still holds a row."""
    is_guardian = file.table.removesuffix(HISTORY) == "guardian"
    if rule.whole:
        if is_guardian:
            guardians.gone |= _guardians(shop, f"SELECT * FROM {_source(shop, file)}")
        shop.count(file, file.rows)
        shop.gone(file, 0)
        return set()
    source = _source(shop, file)
    told: Judged = judge(shop.engine, file.table, source, rule, relation=relation, on=shop.on)
    shop.count(file, told.lost, told.emptied)
    if is_guardian:
        kept = _guardians(shop, told.select)
        guardians.kept |= kept
        guardians.gone |= _guardians(shop, f"SELECT * FROM {source}") - kept
    if told.untouched:
        if _orphaned(shop, file, agreement):
            _wrap(shop, file, rule.keepers)
        return numbers
    shop.gone(file, told.rows - told.lost)
    if told.lost == told.rows:
        return set()
    shop.write(file, told.select, rule.keepers | ((shop.openers(file) - {agreement}) & rule.keepers))
    if not told.lost or not TABLES[file.table.removesuffix(HISTORY)].of_person:
        return numbers
    left = shop.engine.run(f"SELECT DISTINCT person_record AS p FROM ({told.select}) WHERE p IS NOT NULL")
    return set(left["p"].to_pylist())


def _orphaned(shop: Workshop, file: StoredFileFacts, agreement: str | None) -> bool:
    """A sealed file that no key would open when the agreement's are gone."""
    return file.sealed and not shop.openers(file) - {agreement}


def _wrap(shop: Workshop, file: StoredFileFacts, agreements: Iterable[str]) -> None:
    shop.plan.wraps += [(file.id, name) for name in sorted(agreements)]


def _keys(
    shop: Workshop,
    partner: str,
    gone: frozenset[int] | None,
    guardians: frozenset[int] | None,
    openers: Callable[[StoredFileFacts], Collection[str]],
) -> None:
    """The partner's own keys, and the names of signers, of learners who are gone; None: of all of them. A file that nothing that
    stays opens goes whole."""
    lost_keys: list[str] = []
    for file in [*shop.stored.stored(KEYS, partner), *shop.stored.stored(SIGNERS, partner)]:
        rows, left = shop.open(file), openers(file)
        if gone is None or not left:
            stays = pa.array([False] * rows.num_rows)
        elif file.table == KEYS:
            learner = pc.equal(rows["kind"], "person")
            among = pc.is_in(rows["record"], pa.array(sorted(gone), pa.int64()))
            adult = pc.is_in(rows["record"], pa.array(sorted(guardians or ()), pa.int64()))
            stays = pc.invert(pc.if_else(learner, among, adult))
        else:
            stays = pc.invert(pc.is_in(rows["record"], pa.array(sorted(gone), pa.int64())))
        kept = rows.filter(stays)
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        if file.table == KEYS and lost:
            lost_keys += rows.filter(pc.invert(stays))["key"].to_pylist()
        if not lost:
            if not shop.openers(file) & frozenset(left):
                _wrap(shop, file, left)
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows:
            shop.keep(file, kept, left)
    shop.plan.sentinels += drawn(lost_keys)


def _links(shop: Workshop, terms: Terms | None, gone: Mapping[str, frozenset[int]]) -> None:
    """The links of records that are gone, and of partners whose records nothing lets be linked any more."""
    for file in shop.stored.stored(LINKS, ""):
        rows = shop.open(file)
        numbers = {number for of_one in gone.values() for number in of_one}
        if terms is not None:
            for partner in terms.rules.keys() - terms.linked:
                for held, known in shop.held:
                    if (held.table, held.partner) == (KEYS, partner):
                        numbers |= set(known.tolist())
        among = pc.is_in(rows["record"], pa.array(sorted(numbers), pa.int64()))
        kept = rows.filter(pc.invert(among))
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        shop.plan.persons = frozenset(
            set(rows.filter(among)["person"].to_pylist()) - set(kept["person"].to_pylist())
        )
        if not lost:
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows and shop.folder is not None:
            path = shop.folder / "links.parquet"
            pq.write_table(kept.sort_by("record"), path, compression="zstd")
            shop.plan.new.append(Replacement(LINKS, "", 0, path=path))


def _codes(shop: Workshop, agreement: str | None) -> None:
    """The random codes of persons and records that are gone, of every agreement's own."""
    numbers = {number for of_one in shop.plan.gone.values() for number in of_one} | shop.plan.persons
    if not numbers:
        return
    for file in shop.stored.stored(CODES):
        if file.partner == agreement:
            continue
        rows = shop.open(file)
        kept = rows.filter(pc.invert(pc.is_in(rows["person"], pa.array(sorted(numbers), pa.int64()))))
        lost = rows.num_rows - kept.num_rows
        shop.count(file, lost)
        if not lost:
            continue
        shop.gone(file, kept.num_rows)
        if kept.num_rows:
            shop.keep(file, kept, shop.openers(file))


def _consented(partner: str, numbers: set[int], staying: frozenset[str]) -> set[int]:
    """Those of the learners about whom a family decided something under an agreement that stays."""
    told = consents.consents(partner=partner)
    return {c.record for c in told if c.record in numbers and c.agreement in staying}


def _source(shop: Workshop, file: StoredFileFacts) -> str:
    """The file as a relation of the engine."""
    if not file.sealed:
        return f"read_parquet({sql_text(str(file.path))}, hive_partitioning = false)"
    name = f"sealed_{file.id}"
    shop.engine.register(name, shop.vault.open(file.path))
    return name


def _relation(shop: Workshop, partner: str, rules: Iterable[Rule]) -> Callable[[str, str], exp.Expression]:
    """What stands for a table by which populations are told, and for those who consented to custody."""
    for choice in _choices(rules):
        rights = consents.transfers(shop.stored, partner)
        given = consents.words(choice.agreement, choice.purpose, partner, shop.on, rights).given
        shop.engine.register(
            _consent_name(choice.of(partner)), pa.table({"record": pa.array(given, pa.int64())})
        )
    known: dict[str, str] = {}

    def relation(table: str, discloser: str) -> exp.Expression:
        if table in PERSONAL:
            return exp.Table(this=exp.to_identifier(_consent_name(discloser), quoted=True))
        if table not in known:
            known[table] = f"population_{table}_{len(known)}"
            _population(shop, table, partner, known[table])
        return exp.to_table(known[table])

    return relation


def _choices(rules: Iterable[Rule]) -> set[Choice]:
    return {
        choice
        for rule in rules
        for need in (rule.own, rule.beside, rule.others)
        if need is not None
        for judge_ in need.judges
        if judge_.grant is not None
        for choice in judge_.grant.choices
    }


def _consent_name(choice: str) -> str:
    return f"consented:{choice}"


def _population(shop: Workshop, table: str, partner: str, name: str) -> None:
    files = shop.stored.stored(table, partner)
    if not files:
        shop.engine.register(name, schemas.empty(table))
    elif files[0].sealed:
        shop.engine.register(name, pa.concat_tables([shop.vault.open(file.path) for file in files]))
    else:
        shop.engine.register(name, [file.path for file in files])


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in sorted(numbers))


def tables_of(stored: Snapshot, partner: str) -> Sequence[str]:
    """The tables of the vocabulary of which the partner has files."""
    return sorted({f.table.removesuffix(HISTORY) for f in stored.stored(None, partner)} - BESIDE)
