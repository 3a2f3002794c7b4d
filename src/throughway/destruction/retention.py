"""Which rows and values of one table stay in a destruction: those that another agreement admits on its own.

The rules are those by which intake admits rows, so the remaining rows are those that a load under the other agreements alone would
have stored. There are three kinds of rows: those that the destroyed agreement admits; those that one of its loads brought, although
it no longer admits them; and all others, which do not change.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlglot import exp

from throughway.agreements.enums import PopulationDay
from throughway.agreements.grant import Grant
from throughway.intake.contract import TableNeed, needs
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import ALWAYS, NeedScope, stored_value
from throughway.store.engine import DuckDBEngine
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES

Relation = Callable[[str, str], exp.Table]


def needs_on_any_day(grants: Iterable[Grant], partner: str) -> dict[str, TableNeed]:
    """What the grants need of the partner's records. A population by day of reading includes everybody who was in it on any day,
    because a reader of another day may still ask."""
    return needs([_on_any_day(grant) for grant in grants], partner)


def _on_any_day(grant: Grant) -> Grant:
    tiers = tuple(
        tuple(
            p.model_copy(update={"when": PopulationDay.EVER}) if p.when is PopulationDay.READING else p
            for p in tier
        )
        for tier in grant.population
    )
    return replace(grant, population=tiers)


def either(one: TableNeed | None, other: TableNeed | None) -> TableNeed | None:
    """The union of two needs of a table."""
    if one is None or other is None:
        return one or other
    shift = len(one.judges)
    columns = {name: dict(transforms) for name, transforms in one.columns.items()}
    for name, transforms in other.columns.items():
        columns.setdefault(name, {}).update({judge + shift: t for judge, t in transforms.items()})
    return TableNeed(one.table, (*one.judges, *other.judges), columns)


def without(need: TableNeed | None, names: Iterable[str]) -> TableNeed | None:
    """The need without these elements; None where none is left."""
    if need is None:
        return None
    gone = set(names)
    columns = {name: transforms for name, transforms in need.columns.items() if name not in gone}
    return replace(need, columns=columns) if columns else None


@dataclass(frozen=True)
class RetentionRule:
    """The rule for one partner's table. `own`: rows that the destroyed agreement admits, or `everything`. `keep_own`: the need that
    keeps some of those rows. `keep_brought`: the need that keeps rows that a load in `batches` brought and `own` does not admit.
    `of`: only these learners' rows; None: all learners'. `spared`: whose rows stay for now."""

    own: TableNeed | None
    keep_own: TableNeed | None
    keep_brought: TableNeed | None
    batches: frozenset[str] = frozenset()
    everything: bool = False
    of: frozenset[int] | None = None
    spared: frozenset[int] = frozenset()

    @property
    def keepers(self) -> frozenset[str]:
        """The agreements that keep data of the table."""
        return frozenset(a for need in (self.keep_own, self.keep_brought) if need for a in need.agreements)

    @property
    def whole(self) -> bool:
        """Whether the whole table is destroyed, whatever its rows hold."""
        return not self.of_some and self.keep_own is None and self.keep_brought is None

    @property
    def of_some(self) -> bool:
        """Whether the rows of some learners stay whatever they hold."""
        return self.of is not None or bool(self.spared)


@dataclass(frozen=True)
class Grounds:
    """What judging one partner's rows needs: the relations of tables, the day, and conditions compiled earlier."""

    relation: Relation
    on: date
    known: dict[Hashable, str] = field(default_factory=dict)

    def scope(self, need: TableNeed) -> NeedScope:
        return NeedScope(need, relation=self.relation, on=self.on, known=self.known)


@dataclass(frozen=True)
class Judged:
    """The result for one file: its number of `rows`, how many are `lost`, and by element how many values of the remaining rows are
    `emptied` or blurred. `select`: SQL for the remaining rows."""

    rows: int
    lost: int
    emptied: Mapping[str, int]
    select: str

    @property
    def untouched(self) -> bool:
        return not self.lost and not self.emptied


def judge(
    engine: DuckDBEngine, table: str, source: str, rule: RetentionRule, *, rows: int, grounds: Grounds
) -> Judged:
    """Judges the rows of `source`, a relation of the engine with all columns of the table (or of its history); `rows`: how many
    it has."""
    parts = _parts(table.removesuffix(HISTORY), source, rule, grounds)
    counts = [engine.run(part.count).to_pylist()[0] for part in parts if part.count]
    emptied: dict[str, int] = {}
    for row in counts:
        for name, count in row.items():
            if name not in ("_rows", "_kept") and count:
                emptied[name] = emptied.get(name, 0) + int(count)
    lost = sum(int(row["_rows"]) - int(row["_kept"]) for row in counts)
    return Judged(rows, lost, emptied, " UNION ALL ".join(part.select for part in parts))


@dataclass(frozen=True)
class _RowSubset:
    """Some of the rows. `count`: SQL for their number and the number that stay ("": all stay). `select`: SQL for those that stay."""

    count: str
    select: str


def _parts(table: str, source: str, rule: RetentionRule, grounds: Grounds) -> Sequence[_RowSubset]:
    columns = TABLES[table].landed
    if rule.everything:
        return [_judged(columns, source, "TRUE", rule.keep_own, grounds)]
    rows, own, brought = source, "false", _among("batch_id", rule.batches)
    theirs = ""
    if rule.of is not None:
        theirs = f" AND {_of_learners(rule.of)}"
    if rule.spared:
        theirs += f" AND NOT {_of_learners(rule.spared)}"
    if theirs:
        brought = f"({brought}{theirs})"
    parts = []
    if rule.own is not None:
        scope, own = grounds.scope(rule.own), "_own"
        rows = (
            f"(SELECT *, (({scope.kept}){theirs}) AS _own FROM (SELECT r.*{scope.judged} FROM {source} AS r))"
        )
        parts.append(_judged(columns, rows, own, rule.keep_own, grounds))
    if rule.batches:
        parts.append(_judged(columns, rows, f"NOT {own} AND {brought}", rule.keep_brought, grounds))
    plain = ", ".join(name for name, _ in columns)
    stay = f"NOT {own} AND NOT {brought}"
    return [*parts, _RowSubset("", f"SELECT {plain} FROM {rows} WHERE {stay}")]


def _of_learners(numbers: Iterable[int]) -> str:
    return f"coalesce(person_record IN ({', '.join(map(str, sorted(numbers)))}), false)"


def _judged(
    columns: Sequence[tuple[str, str]], rows: str, where: str, need: TableNeed | None, grounds: Grounds
) -> _RowSubset:
    plain = ", ".join(name for name, _ in columns)
    if need is None:
        return _RowSubset(
            f"SELECT count(*) AS _rows, 0 AS _kept FROM {rows} WHERE {where}",
            f"SELECT {plain} FROM {rows} WHERE false",
        )
    scope = grounds.scope(need)
    source = f"(SELECT r.*{scope.judged} FROM {_without_marks(rows, scope)} AS r WHERE {where})"
    stays = " AND ".join([scope.kept, *_says_something(need)])
    values = {name: stored_value(scope, need, name, kind) for name, kind in columns}
    changed = [
        f"count(*) FILTER (WHERE ({stays}) AND {name} IS NOT NULL AND ({value}) IS DISTINCT FROM {name}) AS {name}"
        for name, value in values.items()
        if value != name and name not in ALWAYS
    ]
    select = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return _RowSubset(
        f"SELECT {', '.join(['count(*) AS _rows', f'count(*) FILTER (WHERE {stays}) AS _kept', *changed])} FROM {source}",
        f"SELECT {select} FROM {source} WHERE {stays}",
    )


def _without_marks(rows: str, scope: NeedScope) -> str:
    """The rows without the marker columns of another scope, whose names would clash."""
    if not scope.judged:
        return rows
    return f"(SELECT COLUMNS(c -> NOT regexp_matches(c, '^s[0-9]+$')) FROM {rows})"


def _says_something(need: TableNeed) -> list[str]:
    """Conditions that remove rows which reveal a protected fact by existing, as the gate does: rows that hold only elements that must
    be named and that no remaining agreement names."""
    elements = TABLES[need.table].elements
    hidden = [n for n, e in elements.items() if e.restricted and n not in need.columns]
    if not hidden:
        return []
    stored = {name for name, _ in TABLES[need.table].landed}
    named = [n for n in need.columns if n in stored and n in elements]
    named += [f"{n}_source" for n in named if f"{n}_source" in stored]
    something = " OR ".join(f"{n} IS NOT NULL" for n in named) or "false"
    hides = " OR ".join(f"{n} IS NOT NULL" for n in hidden if n in stored) or "false"
    return [f"(({something}) OR NOT ({hides}))"]


def among_batches(batches: Iterable[str]) -> str:
    """The condition that one of these loads brought a row."""
    return _among("batch_id", batches)


def _among(column: str, batches: Iterable[str]) -> str:
    named = ", ".join(sql_text(batch) for batch in sorted(batches))
    return f"coalesce({column} IN ({named}), false)" if named else "false"
