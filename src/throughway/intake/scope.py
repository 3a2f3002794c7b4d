"""Which rows of a file are in scope: those that the population and records of some purpose admit, in the form in which they may be
stored. A value that every purpose blurs is stored blurred. For a row whose scope cannot be decided, the empty cells that would decide it
are named.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
from sqlglot import exp

from throughway.agreements.agreement_text import condition_words
from throughway.agreements.enums import Reach
from throughway.agreements.grant import Grant
from throughway.agreements.labels import listed
from throughway.agreements.population_condition import columns_of, parse_condition
from throughway.agreements.row_filter import MARKED, PERSONAL, SAYING, is_single, row_predicate
from throughway.agreements.transforms import Transform
from throughway.core.prose import counted
from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed, stored_as
from throughway.intake.load_context import LoadContext
from throughway.intake.raw_cells import sql_text
from throughway.store import schemas
from throughway.store.free_text import joined
from throughway.vocabulary import TABLES


def blurred_sql(value: str, kind: str, transform: Transform) -> str:
    """The value as it is stored under a transform; `kind` is the engine's type of the column.

    A year is the first of January of that year, a band its lower bound, a mask the first letter and an ellipsis.
    """
    if transform.name == "year":
        return f"CAST(date_trunc('year', {value}) AS {kind})"
    if transform.name == "band":
        return f"CAST(floor({value} / {transform.width}) * {transform.width} AS {kind})"
    if transform.name == "mask":
        return f"CASE WHEN {value} <> '' THEN left({value}, 1) || '…' END"
    return value


Relation = Callable[[str, str], exp.Table]


class NeedScope:
    """The rows that a need admits, in SQL on a relation called `r`.

    Equal conditions are evaluated once; each is a column `s0`, `s1`, ... of the evaluated rows. `known`: conditions compiled earlier for
    the same relation and day; new ones are added. `possible`: the rows that it could admit if their empty cells were filled.
    """

    def __init__(
        self,
        need: TableNeed,
        *,
        relation: Relation,
        on: date,
        known: dict[Hashable, str] | None = None,
        possible: bool = False,
    ) -> None:
        known = {} if known is None else known
        conditions: dict[str, int] = {}
        self._of_judge: list[int | None] = []  # the condition of each judge; None: every row
        for judge in need.judges:
            sql = "TRUE" if judge.grant is None else _condition(judge.grant, relation, on, known, possible)
            self._of_judge.append(None if sql == "TRUE" else conditions.setdefault(sql, len(conditions)))
        self._conditions = tuple(conditions)
        self._need = need

    @property
    def everything(self) -> bool:
        """Whether every row is in scope, whatever it contains."""
        return None in self._of_judge

    @property
    def judged(self) -> str:
        """Columns to add to the rows, one for each condition."""
        return "".join(f", ({sql}) AS s{n}" for n, sql in enumerate(self._conditions))

    @property
    def condition(self) -> str:
        """The condition under which a row called `r` is in scope, for rows without the columns of `judged`."""
        if self.everything:
            return "TRUE"
        return "(" + " OR ".join(f"coalesce({sql}, false)" for sql in self._conditions) + ")"

    @property
    def kept(self) -> str:
        """The condition under which a row with the columns of `judged` is in scope."""
        return self._any(range(len(self._need.judges)))

    def stored(self, name: str, value: str, kind: str) -> str:
        """The value of an element as it is stored: empty if no purpose needs it, blurred if all purposes blur it."""
        wanted = self._need.columns[name]
        plain = [judge for judge, transform in wanted.items() if stored_as([transform]).name == "none"]
        blurring: Mapping[int, Transform] = {j: t for j, t in wanted.items() if j not in plain}
        cases = []
        if plain:
            cases.append((self._any(plain), value))
        if blurring:
            cases.append((self._any(blurring), blurred_sql(value, kind, stored_as(blurring.values()))))
        if cases[0][0] in ("TRUE", self.kept):
            return cases[0][1]
        return "CASE " + " ".join(f"WHEN {condition} THEN {stored}" for condition, stored in cases) + " END"

    def _any(self, judges: "range | list[int] | Mapping[int, Transform]") -> str:
        conditions = [self._of_judge[judge] for judge in judges]
        if None in conditions:
            return "TRUE"
        return (
            "("
            + " OR ".join(f"coalesce(s{n}, false)" for n in sorted({c for c in conditions if c is not None}))
            + ")"
        )


def _condition(grant: Grant, relation: Relation, on: date, known: dict[Hashable, str], possible: bool) -> str:
    """The grant's condition; grants that are equal in everything that a condition uses share one."""
    says = frozenset(grant.columns.items()) if grant.table in SAYING | MARKED else None
    same = (grant.discloser, grant.table, grant.population, grant.records, grant.choices, says)
    if same not in known:
        anybody = replace(grant, reach=Reach.ALL)  # reach is decided at reading
        predicate: exp.Expression = row_predicate(
            anybody, row="r", relation=relation, on=on, possible=possible
        )
        known[same] = str(predicate.sql(dialect="duckdb"))
    return known[same]


KEPT = ("_file", "_row", "_faults", "_column", "_year")


def population_tables(needs: Mapping[str, TableNeed]) -> tuple[str, ...]:
    """The tables that population conditions read."""
    return tuple(
        dict.fromkeys(
            population.on
            for need in needs.values()
            for judge in need.judges
            if judge.grant
            for tier in judge.grant.population
            for population in tier
        )
    )


def population_view(load: LoadContext, table: str, incoming: str | None, *, of: str | None) -> None:
    """Makes the relation that population conditions read: the rows of `incoming`, and the stored rows that this load (`of`) does not
    contain."""
    columns = ", ".join(name for name, _ in TABLES[table].landed)
    brought = f"SELECT {columns} FROM {incoming}" if incoming else ""
    kept = f"SELECT {columns} FROM {stored_rows(load, table)}"
    if of:
        kept += f" WHERE record NOT IN (SELECT record FROM {of})"
    both = " UNION ALL ".join(filter(None, (brought, kept)))
    load.engine.run(f"CREATE OR REPLACE TEMP VIEW {population_of(table)} AS {both}")


def possible_view(load: LoadContext, table: str, undecided: str | None = None) -> None:
    """Makes the relation of the rows in the population and those that may be in it."""
    columns = ", ".join(name for name, _ in TABLES[table].landed)
    more = f" UNION ALL SELECT {columns} FROM {undecided}" if undecided else ""
    load.engine.run(
        f"CREATE OR REPLACE TEMP VIEW {_possible_of(table)} AS SELECT {columns} FROM {population_of(table)}{more}"
    )


def stored_rows(load: LoadContext, table: str) -> str:
    """All live rows of the partner with their free text, as a relation; plain ones with the id of their file in `_stored`."""
    name = f"stored_{table}"
    if TABLES[table].vaulted:
        load.engine.register(name, load.sealed(table))
        return name
    parts = load.files(table)
    if not parts:
        nothing = schemas.empty(table).append_column("_stored", pa.array([], pa.string()))
        load.engine.register(name, nothing.append_column("_stored_year", pa.array([], pa.int32())))
        return name
    selects = [
        f"SELECT *, {sql_text(part.id)} AS _stored, {part.school_year} AS _stored_year"
        f" FROM {joined(load.engine, f'text_{part.id}', table, [part.path], load.text(table, part))}"
        for part in parts
    ]
    load.engine.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {' UNION ALL '.join(selects)}")
    return name


def rows_in_scope(load: LoadContext, found: Checked, need: TableNeed, typed: str) -> str:
    """The rows of `typed` that are in scope, as a relation, with the needed columns, blurred if every purpose blurs them. Rows whose
    scope depends on other rows are written to a file, because deciding it is slow."""
    table = found.table
    scope = NeedScope(need, relation=_relation, on=load.on)
    columns = ", ".join(
        f"{stored_value(scope, need, name, kind)} AS {name}" for name, kind in TABLES[table].landed
    )
    judged = f"(SELECT r.*{scope.judged} FROM {typed} AS r)" if scope.judged else typed
    select = f"SELECT {columns}, {', '.join(KEPT)} FROM {judged}"
    kept = [*([] if scope.everything else [scope.kept]), *_says_something(found, need)]
    if kept:
        select += f" WHERE {' AND '.join(kept)}"
    if scope.judged:
        select = f"SELECT * FROM {load.write(f'scope-{table}', select)}"
    load.engine.run(f"CREATE OR REPLACE TEMP VIEW in_scope_{table} AS {select}")
    return f"in_scope_{table}"


def undecided_rows(load: LoadContext, found: Checked, need: TableNeed, typed: str) -> str:
    """The rows of `typed` whose scope cannot be decided, as a relation: they are not in scope as they are, but could be if an empty cell,
    of the row or of a row that populations read, were filled."""
    scope = NeedScope(need, relation=_relation, on=load.on)
    possible = NeedScope(need, relation=_possible, on=load.on, possible=True)
    # As columns, because the engine cannot push every condition down to rows in memory.
    judged = f"SELECT r.*, {scope.condition} AS _is, {possible.condition} AS _may_be FROM {typed} AS r"
    conditions = ["NOT _is", "_may_be", *_says_something(found, need)]
    return load.write(
        f"undecided-{found.table}",
        f"SELECT * EXCLUDE (_is, _may_be) FROM ({judged}) WHERE {' AND '.join(conditions)}",
    )


def _says_something(found: Checked, need: TableNeed) -> Sequence[str]:
    """The condition under which a row contains a needed value.

    A row that fills only elements that an agreement must name, and that none names, would reveal by its existence that the student has
    such a status.
    """
    elements = TABLES[found.table].elements
    hidden = [n for n in found.mapped if elements[n].restricted and n not in need.columns]
    if not hidden:
        return []
    needed = [n for n in found.mapped if n in need.columns]
    needed += [s for s in found.sources if s.removesuffix("_source") in needed]
    something = " OR ".join(f"{name} IS NOT NULL" for name in needed)
    hides = " OR ".join(f"{name} IS NOT NULL" for name in hidden)
    return [f"({something} OR NOT ({hides}))"]


def register_consents(load: LoadContext) -> None:
    """Makes the relations of the records with consent to custody, for each choice that a need depends on."""
    grants = [judge.grant for need in load.needs.values() for judge in need.judges if judge.grant]
    for choice, discloser in {(c, g.discloser) for g in grants for c in g.choices}:
        numbers = pa.array(load.consented(choice, discloser), pa.int64())
        load.engine.register(_consented(choice.of(discloser)), pa.table({"record": numbers}))


def _relation(table: str, discloser: str) -> exp.Table:
    if table in PERSONAL:
        return exp.Table(this=exp.to_identifier(_consented(discloser), quoted=True))
    return exp.to_table(population_of(table))


def _possible(table: str, discloser: str) -> exp.Table:
    return _relation(table, discloser) if table in PERSONAL else exp.to_table(_possible_of(table))


def population_of(table: str) -> str:
    """The relation that population conditions read."""
    return f"population_{table}"


def _possible_of(table: str) -> str:
    return f"possible_{table}"


def _consented(name: str) -> str:
    return f"consented:{name}"


# Bookkeeping columns of every row; all but the first two have one value in a batch.
ALWAYS = ("record", "person_record", "source_system", "batch_id", "recorded_at")


def varying(found: Checked, need: TableNeed) -> Sequence[str]:
    """Stored columns that differ from row to row, which a sort must include."""
    names = {"record", "person_record", *supplied_columns(found, need)}
    if "source_record_id" in need.columns:
        names.add("source_record_id")
    return [name for name, _ in TABLES[found.table].landed if name in names]


def stored_value(scope: NeedScope, need: TableNeed, name: str, kind: str) -> str:
    """A column as it is stored, in SQL; NULL if it is not needed."""
    if name in ALWAYS:
        return name
    element = name
    if name not in need.columns and name.endswith("_source"):
        element = name.removesuffix("_source")
    if element not in need.columns:
        return f"CAST(NULL AS {kind})"
    return scope.stored(element, name, kind)


def supplied_columns(found: Checked, need: TableNeed) -> Sequence[str]:
    """The stored columns that this file fills; all other columns of a row keep their stored value."""
    names = [name for name in found.filled if name in need.columns]
    return [*names, *(s for s in found.sources if s.removesuffix("_source") in need.columns)]


CURE = "fill it in the source, or map it in the crosswalk, and load the file again"


@dataclass(frozen=True)
class RequiredCell:
    """A cell that the scope of a row depends on. `element`: in the row itself if `own`, otherwise in its student's rows of another
    table."""

    element: str
    own: bool
    problem: str
    cure: str


def required_cells(need: TableNeed) -> tuple[RequiredCell, ...]:
    """The cells that must be filled to decide whether rows of the table are in scope, first those of the rows themselves."""
    return tuple(sorted(dict.fromkeys(_required_cells(need)), key=lambda wanted: not wanted.own))


def after_unjudged(table: str, rows: int, on: str, unjudged: int) -> tuple[str, str]:
    """The problem, with its cure, for `rows` of a table whose students have no stored row of `on`, the table by which agreements admit
    them, when the scope of `unjudged` rows of `on` could not be decided. Those rows are not stored, not even the keys of their students,
    so these students cannot be distinguished from those out of scope."""
    problem = f"counted as out of scope: {counted(rows, 'row')} of {table} whose students have no stored {on}; the last load of {on} had {counted(unjudged, 'row')} that could not be checked, and it is not known whether these are the same students"
    return problem, f"load {on} again with the cells that were empty, and then this file"


def _required_cells(need: TableNeed) -> Iterator[RequiredCell]:
    table = TABLES[need.table]
    populations: dict[tuple[str, str], dict[str, None]] = {}  # table and condition -> agreements
    for judge in need.judges:
        for entry in (entry for tier in judge.grant.population for entry in tier) if judge.grant else ():
            if entry.on in SAYING:
                continue
            populations.setdefault((entry.on, entry.where), {})[judge.agreement] = None
    for (on, where), agreements in populations.items():
        words = f"{listed(agreements)} admit{'s' if len(agreements) == 1 else ''} students for whom {condition_words(where)}"
        for element in columns_of(parse_condition(where, on)):
            if on == need.table:
                yield RequiredCell(
                    element, True, f"empty, so it is not known whether the row is in scope: {words}", CURE
                )
            else:
                problem = f"{on}.{element} of the student is empty, so it is not known whether the row is in scope: {words}"
                yield RequiredCell(element, False, problem, f"load {on} with it first")
    if table.starts and is_single(table):
        for element in table.starts:
            yield RequiredCell(element, True, "empty, so it is not known whether the day is in scope", CURE)
