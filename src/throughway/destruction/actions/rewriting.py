"""The plan of a destruction and the files that it rewrites: remaining rows, partners' keys, signers, links and random codes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from throughway.agreements.purpose_codes import agreement_of
from throughway.destruction.actions.verification import draw_values
from throughway.destruction.terms import RetentionTerms
from throughway.destruction.undoing import Undoing
from throughway.gate.actions.linkage_state import KNOWN
from throughway.intake.raw_cells import sql_text
from throughway.intake.selectors import covering_text
from throughway.store import schemas
from throughway.store.actions.landing import NewFile
from throughway.store.engine import DuckDBEngine, reading
from throughway.store.free_text import joined, split
from throughway.store.schemas import HISTORY, TEXT
from throughway.store.selectors import Snapshot, StoredFileFacts, current_community
from throughway.store.vault import Vault

# The store's own tables, besides those of the vocabulary.
KEYS, SIGNERS, LINKS, CODES, VALUES = "record_key", "consent_signer", "person_link", "pseudonym", "value_code"
BESIDE = frozenset({KEYS, SIGNERS, LINKS, CODES, VALUES})
Numbers = NDArray[np.int64]


@dataclass
class TableChange:
    """The change of one partner's table: rows before, rows destroyed, and values destroyed or blurred in remaining rows."""

    rows: int = 0
    lost: int = 0
    emptied: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileGone:
    """A destroyed file, as in the manifest. `kept`: its rows that a new file holds."""

    id: str
    table: str
    partner: str
    sha256: str
    bytes: int
    rows: int
    kept: int

    def to_json(self) -> dict[str, object]:
        return dict(vars(self))


@dataclass
class DestructionPlan:
    """`wraps`: files that stay whole and need the key of an agreement that keeps them. `sentinels`: values drawn from what is
    destroyed, which nothing may hold afterwards; in memory only."""

    tables: dict[tuple[str, str], TableChange] = field(default_factory=lambda: defaultdict(TableChange))
    files: list[FileGone] = field(default_factory=list)
    new: list[NewFile] = field(default_factory=list)
    wraps: list[tuple[str, str]] = field(default_factory=list)
    gone: dict[str, frozenset[int]] = field(default_factory=dict)
    persons: frozenset[int] = frozenset()
    empty: frozenset[str] = frozenset()
    sentinels: tuple[str, ...] = ()
    keepers: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    undoing: Undoing | None = None  # of loads that are taken back

    @property
    def replaced(self) -> list[str]:
        return [file.id for file in self.files]

    @property
    def rows(self) -> dict[str, int]:
        """Destroyed rows by table, superseded corrections included."""
        found: dict[str, int] = defaultdict(int)
        for (_, table), change in self.tables.items():
            if change.lost:
                found[table.removesuffix(HISTORY)] += change.lost
        return dict(sorted(found.items()))

    @property
    def values(self) -> dict[str, int]:
        """Values destroyed or blurred in remaining rows, by element."""
        found: dict[str, int] = defaultdict(int)
        for (_, table), change in self.tables.items():
            for name, count in change.emptied.items():
                found[f"{table.removesuffix(HISTORY)}.{name}"] += count
        return dict(sorted(found.items()))


def union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)


@dataclass
class Workshop:
    """Makes one plan. `folder`: for the remaining rows' files, on the store's own filesystem; None for a preview."""

    stored: Snapshot
    engine: DuckDBEngine
    folder: Path | None
    on: date
    plan: DestructionPlan = field(default_factory=DestructionPlan)
    files: int = 0

    @cached_property
    def held(self) -> list[tuple[StoredFileFacts, Numbers]]:
        """Every live file with the records of the learners in it; read once."""
        return self.stored.holding()

    def held_of(self, partner: str) -> list[tuple[StoredFileFacts, Numbers]]:
        """The partner's files; their free text is judged with them."""
        found = [each for each in self.held if each[0].partner == partner and not each[0].text_of]
        return sorted(found, key=lambda each: each[0].table)

    @property
    def vault(self) -> Vault:
        return Vault(current_community())

    def open(self, file: StoredFileFacts) -> pa.Table:
        return self.vault.open(file.path) if file.sealed else pq.read_table(file.path)

    def sealed_parts(self, file: StoredFileFacts) -> list[StoredFileFacts]:
        """What of the file rests in the vault: the file itself, or the free text of its rows."""
        if file.sealed:
            return [file]
        return [
            text for text in self.stored.stored(file.table + TEXT, file.partner) if text.text_of == file.id
        ]

    def openers(self, file: StoredFileFacts) -> frozenset[str]:
        return frozenset(
            name for part in self.sealed_parts(file) for name in self.vault.keyring.openers(part.id)
        )

    def gone(self, file: StoredFileFacts, kept: int, kept_text: int = 0) -> None:
        """`kept_text`: how many of the rows that a new file holds have free text."""
        for each, left in [
            (file, kept),
            *((text, kept_text) for text in self.sealed_parts(file) if text != file),
        ]:
            self.plan.files.append(
                FileGone(each.id, each.table, each.partner, each.sha256, each.bytes, each.rows, left)
            )

    def count(self, file: StoredFileFacts, lost: int, emptied: Mapping[str, int] | None = None) -> None:
        change = self.plan.tables[file.partner, file.table]
        change.rows += file.rows
        change.lost += lost
        for name, number in (emptied or {}).items():
            change.emptied[name] = change.emptied.get(name, 0) + number

    def write(self, file: StoredFileFacts, select: str, agreements: Collection[str]) -> int:
        """Writes the remaining rows as a new file that replaces that one; returns how many of them have free text apart from it."""
        if self.folder is None:
            return 0
        if file.sealed:
            rows = self.engine.run(select).cast(schemas.schema(file.table))
            self.keep(file, rows, agreements)
            return 0
        return self.replace(file, select, agreements, schemas.order(file.table))

    def without(self, file: StoredFileFacts, numbers: Collection[int]) -> tuple[int, int]:
        """Writes the file without the rows of these learners, in their order, as a new file; returns how many rows remain, and how many
        of them have free text apart from it. No new file where all or none remain."""
        gone = f"coalesce(person_record IN ({', '.join(map(str, sorted(numbers)))}), false)"
        if file.sealed:
            rows = self.open(file)
            among = pc.is_in(rows["person_record"], pa.array(sorted(numbers), pa.int64()))
            remaining = rows.filter(pc.invert(among))
            if self.folder is not None and 0 < remaining.num_rows < file.rows:
                self.keep(file, remaining, self.openers(file))
            return int(remaining.num_rows), 0
        kept_sql = f"SELECT * FROM {self.source(file)} WHERE NOT {gone}"
        left = self._count(kept_sql)
        kept_text = 0
        if self.folder is not None and 0 < left < file.rows:
            kept_text = self.replace(file, kept_sql, self.openers(file))
        return left, kept_text

    def replace(
        self, file: StoredFileFacts, select: str, agreements: Collection[str], order_by: Sequence[str] = ()
    ) -> int:
        """Writes these rows as a new plain file that replaces that one, with their free text under the keys of these agreements; without
        `order_by` in their present order. Returns how many rows have free text."""
        assert self.folder is not None
        self.files += 1
        path = self.folder / f"kept-{self.files}.parquet"
        text = None
        if schemas.free_text(file.table):
            _, text = split(self.engine, file.table, f"({select})", path, order_by=order_by)
            # Of an earlier version's file, whose text is not sealed yet. What no agreement covers does not remain.
            agreements = agreements or covering_text(file.partner, schemas.base(file.table))
            text = text if agreements else None
        else:
            self.engine.write(select, path, order_by=order_by)
        self.plan.new.append(
            NewFile(
                file.table,
                file.partner,
                file.school_year,
                path=path,
                text=text,
                agreements=tuple(sorted(agreements)),
                batch=_batch_of(file),
            )
        )
        return text.num_rows if text is not None else 0

    def _count(self, select: str) -> int:
        return int(self.engine.run(f"SELECT count(*) FROM ({select})").column(0)[0].as_py())

    def keep(self, file: StoredFileFacts, rows: pa.Table, agreements: Collection[str]) -> None:
        self.plan.new.append(
            NewFile(
                file.table,
                file.partner,
                file.school_year,
                arrow=rows,
                agreements=tuple(sorted(agreements)),
                batch=_batch_of(file),
            )
        )

    def source(self, file: StoredFileFacts) -> str:
        """The file as a relation of the engine, with its free text."""
        if not file.sealed:
            text = self.stored.text(file.table, file.partner, of=file.id)
            return joined(self.engine, f"text_{file.id}", file.table, [file.path], text)
        name = f"sealed_{file.id}"
        self.engine.register(name, self.vault.open(file.path))
        return name

    def sources(self, files: Sequence[StoredFileFacts]) -> str:
        """Files of one table as one relation of the engine."""
        if not files[0].sealed:
            apart = [file for file in files if self.sealed_parts(file)]
            plain = [file.path for file in files if file not in apart]
            selects = [f"SELECT * FROM {self.source(file)}" for file in apart]
            selects += [reading(plain, schemas.columns(files[0].table))] if plain else []
            return f"({' UNION ALL '.join(selects)})"
        self.engine.register("sealed_together", pa.concat_tables([self.open(file) for file in files]))
        return "sealed_together"

    def save(self, file: StoredFileFacts, agreement: str | None, keepers: Iterable[str]) -> None:
        """Lets the keepers open what of the file no key would open once the agreement's are destroyed."""
        for part in self.sealed_parts(file):
            if not self.openers(part) - {agreement}:
                self.wrap(part, keepers)

    def wrap(self, file: StoredFileFacts, agreements: Iterable[str]) -> None:
        self.plan.wraps += [(file.id, name) for name in sorted(agreements)]


def _batch_of(file: StoredFileFacts) -> str:
    """A file of superseded rows keeps the name of the load that superseded them, by which that load can be taken back."""
    return file.batch if file.table.endswith(HISTORY) else ""


def plan_keys(
    shop: Workshop,
    partner: str,
    gone: frozenset[int] | None,
    guardians: frozenset[int] | None,
    openers: Callable[[StoredFileFacts], Collection[str]],
) -> None:
    """Plans the partner's own keys and the names of signers: those of learners who are gone are destroyed, all of them for
    None. A file that no remaining agreement opens is destroyed whole."""
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
        remaining = rows.filter(stays)
        lost = rows.num_rows - remaining.num_rows
        shop.count(file, lost)
        if file.table == KEYS and lost:
            lost_keys += rows.filter(pc.invert(stays))["key"].to_pylist()
        if not lost:
            if not shop.openers(file) & frozenset(left):
                shop.wrap(file, left)
            continue
        shop.gone(file, remaining.num_rows)
        if remaining.num_rows:
            shop.keep(file, remaining, left)
    shop.plan.sentinels += draw_values(lost_keys)


def plan_links(shop: Workshop, terms: RetentionTerms | None, gone: Mapping[str, frozenset[int]]) -> None:
    """Plans the links: destroys those of records that are gone, those of partners whose records no agreement lets be linked,
    and what linkage keeps between its runs, which it rebuilds."""
    for file in shop.stored.stored(KNOWN, ""):
        shop.count(file, file.rows)
        shop.gone(file, 0)
    for file in shop.stored.stored(LINKS, ""):
        rows = shop.open(file)
        numbers = {number for of_one in gone.values() for number in of_one}
        if terms is not None:
            for partner in terms.rules.keys() - terms.linked:
                for held, known in shop.held:
                    if (held.table, held.partner) == (KEYS, partner):
                        numbers |= set(known.tolist())
        among = pc.is_in(rows["record"], pa.array(sorted(numbers), pa.int64()))
        remaining = rows.filter(pc.invert(among))
        lost = rows.num_rows - remaining.num_rows
        shop.count(file, lost)
        shop.plan.persons = frozenset(
            set(rows.filter(among)["person"].to_pylist()) - set(remaining["person"].to_pylist())
        )
        if not lost:
            continue
        shop.gone(file, remaining.num_rows)
        if remaining.num_rows and shop.folder is not None:
            path = shop.folder / "links.parquet"
            pq.write_table(remaining.sort_by("record"), path, compression="zstd")
            shop.plan.new.append(NewFile(LINKS, "", 0, path=path))


def plan_codes(shop: Workshop, agreement: str | None) -> None:
    """Plans the random codes of persons and records that are gone, under every other agreement."""
    numbers = {number for of_one in shop.plan.gone.values() for number in of_one} | shop.plan.persons
    if not numbers:
        return
    for file in shop.stored.stored(CODES):
        if agreement_of(file.partner) == agreement:
            continue
        rows = shop.open(file)
        remaining = rows.filter(pc.invert(pc.is_in(rows["person"], pa.array(sorted(numbers), pa.int64()))))
        lost = rows.num_rows - remaining.num_rows
        shop.count(file, lost)
        if not lost:
            continue
        shop.gone(file, remaining.num_rows)
        if remaining.num_rows:
            shop.keep(file, remaining, shop.openers(file))


def plan_value_codes(shop: Workshop, agreement: str | None) -> None:
    """Plans the codes of values that occur in destroyed rows and in no remaining one: a code is stored with its value and would
    reveal it. Runs after the remaining rows are written."""
    files = [file for file in shop.stored.stored(VALUES) if agreement_of(file.partner) != agreement]
    if not files or shop.folder is None:
        return
    opened = [(file, shop.open(file)) for file in files]
    lost = {
        name: _lost_codes(shop, name, pa.concat_tables([rows for _, rows in opened]))
        for name in sorted({str(name) for _, rows in opened for name in rows["element"].to_pylist()})
    }
    for file, rows in opened:
        gone = [value in lost[name] for name, value in zip(*_element_values(rows), strict=True)]
        remaining = rows.filter(pa.array([not each for each in gone]))
        shop.count(file, sum(gone))
        if any(gone):
            shop.gone(file, remaining.num_rows)
            if remaining.num_rows:
                shop.keep(file, remaining, shop.openers(file))


def _element_values(rows: pa.Table) -> tuple[list[str], list[str]]:
    return rows["element"].to_pylist(), rows["value"].to_pylist()


def _lost_codes(shop: Workshop, name: str, codes: pa.Table) -> set[str]:
    """Coded values of the element, in any table, that occur in destroyed files and in no remaining one."""
    shop.engine.register("coded", codes.filter(pc.equal(codes["element"], name)).select(["value"]))
    going = set(shop.plan.replaced)
    with_it = [
        f
        for f in shop.stored.stored()
        if f.table not in BESIDE and not f.text_of and _has_column(f.table, name)
    ]
    gone = _found_in(shop, name, (shop.source(f) for f in with_it if f.id in going))
    if not gone:
        return gone
    left = _found_in(shop, name, (shop.source(f) for f in with_it if f.id not in going))
    return gone - left - _found_in(shop, name, _new_sources(shop, name))


def _has_column(table: str, name: str) -> bool:
    return name in {column for column, _ in schemas.columns(table)}


def _new_sources(shop: Workshop, name: str) -> Iterator[str]:
    for number, new in enumerate(shop.plan.new):
        if new.table in BESIDE or not _has_column(new.table, name):
            continue
        if name in schemas.free_text(new.table):
            if new.text is not None:
                shop.engine.register(f"new_{number}", new.text)
                yield f"new_{number}"
        elif new.path is not None:
            yield f"read_parquet({sql_text(str(new.path))}, hive_partitioning = false)"
        else:
            shop.engine.register(f"new_{number}", new.arrow)
            yield f"new_{number}"


def _found_in(shop: Workshop, name: str, sources: Iterable[str]) -> set[str]:
    """The coded values that occur in one of the relations."""
    found: set[str] = set()
    for source in sources:
        rows = shop.engine.run(
            f"SELECT DISTINCT CAST({name} AS VARCHAR) AS v FROM {source} WHERE CAST({name} AS VARCHAR) IN (SELECT value FROM coded)"
        )
        found |= set(rows["v"].to_pylist())
    return found
