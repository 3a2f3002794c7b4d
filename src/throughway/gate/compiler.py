"""Compiles a reader's SQL: each table is replaced by its governed relation, and no other name is accepted.

The steps: parse, check the grammar, bind names to granted columns only, replace each table by its relation, print. A column
outside the grants is refused here by its name. Casts become TRY_CAST, which gives NULL where it fails, since an error would
reveal a value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify_columns import qualify_columns
from sqlglot.optimizer.qualify_tables import qualify_tables
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from throughway.agreements import shared_words
from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant, identifies
from throughway.agreements.grant_sql import TableQueryOptions, coded, columns_of, shown_under, types_of
from throughway.agreements.transforms import Transform
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused, did_you_mean, nearest
from throughway.gate.governed_relations import rows_of
from throughway.gate.leak_prevention.early_evaluation import (
    bare,
    column_kind,
    defer_conditions,
    recompute_columns,
)
from throughway.gate.leak_prevention.row_order import Order, unnumbered
from throughway.gate.person_filters import Persons, persons_asked_for
from throughway.gate.sql_grammar import not_too_deep, parsed
from throughway.vocabulary import COMMON, TABLES, Element, codes_of, element, no_code

NOT_GRANTED = "34 CFR 99.30(a)"
SUPPRESSED = Transform("suppress")
DUCKDB = Dialect.get_or_raise("duckdb")
ANY_TYPE = exp.DataType.build("VARCHAR")  # columns are bound by their names alone
EQUALITY = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)
NOTED = 5  # how many unknown codes get a sentence of their own: finding the nearest code takes time
FEW = 2**62 + 7  # stands for record numbers in SQL that is compiled once; larger than any in use
LONG = 100  # characters; a longer literal counts where it stands in every row
BUILDS_TEXT = (exp.GroupConcat, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Replace)
LONGEST_CODE = 60  # characters; longer text is not meant as a code


@dataclass(frozen=True)
class TableRead:
    """One place where the query reads a table: the columns, and the persons (None: any)."""

    table: str
    columns: tuple[str, ...]
    persons: tuple[int, ...] | None
    records: tuple[int, ...] | None


@dataclass(frozen=True)
class Compiled:
    """`sql` for the engine; `relations`: (table, discloser) that it names, see `relation_name`; `elements`: table.column;
    `notes`: sentences about codes in the reader's SQL that are in no code set; `builds_text`: texts in the answer can be far longer than
    those that are stored."""

    sql: str
    columns: tuple[str, ...]
    reads: tuple[TableRead, ...]
    relations: frozenset[tuple[str, str]]
    elements: tuple[str, ...]
    notes: tuple[str, ...] = ()
    builds_text: bool = False

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(read.table for read in self.reads))

    def about(self, numbers: Sequence[int]) -> "Compiled":
        """The query of `few` about the students with these record numbers."""
        listed = ", ".join(str(int(number)) for number in numbers) or "NULL"
        reads = tuple(replace(read, records=tuple(numbers)) for read in self.reads)
        return replace(self, sql=self.sql.replace(str(FEW), listed), reads=reads)


@not_too_deep()
def compile_query(
    sql: str,
    grants: Sequence[Grant],
    *,
    linked: Collection[str],
    on: date,
    today: date | None = None,
    numbered: bool = False,
    records_of: Callable[[Sequence[int]], Sequence[int]] | None = None,
    most: int | None = None,
    without: Collection[str] = (),
    few: bool = False,
) -> Compiled:
    """Compiles `sql` for a reader who holds these grants. Otherwise Refused (sql, not_granted) in one sentence.

    `numbered`: tables of persons also have `person_record` and `partner` (linkage, and rooms that store something about a row). `records_of` returns the record numbers of
    persons, so that a query for a few persons reads only their rows. `most`: the engine stops one row after this many, whatever the
    query's own limit is, so that no answer fills the memory. `without`: consents that are compiled as a list of those who did not give
    them. `few`: of tables of persons only the rows of a few record numbers, which `Compiled.about` fills in.
    """
    query = parsed(sql)
    by_table: dict[str, list[Grant]] = {}
    for grant in grants:
        by_table.setdefault(grant.table, []).append(grant)
    # Unquoted names are case-insensitive: PERSON is person.
    named = {t.name.lower() for t in query.find_all(exp.Table)} & by_table.keys()
    granted = {table: columns_of(by_table[table], numbered=numbered) for table in named}
    asked_names = _names(query)
    try:
        qualified = _qualified(query, granted)
    except _Unbound:
        raise _why_unbound(parsed(sql), granted, grants) from None
    scopes = traverse_scope(qualified)
    _check_sources(qualified, scopes, by_table)
    if not _all_bound(scopes):
        raise _why_unbound(parsed(sql), granted, grants)
    persons = persons_asked_for(scopes)
    reads = []
    for scope, alias, node in _occurrences(scopes):
        needed = _needed(scope, alias)
        numbers = records_of if _by_number(by_table[node.name]) else None
        read = _read(node.name, needed, granted[node.name], persons, (id(scope), alias), numbers)
        if few and TABLES[node.name].of_person:
            read = replace(read, records=(FEW,))
        shown = TableQueryOptions(linked, on, today, read.columns, read.records, numbered, without)
        parts = rows_of(node.name, by_table[node.name], shown)
        reads.append((read, node, parts, exp.to_identifier(alias)))
    notes = tuple(
        dict.fromkeys(
            [
                *_unlisted_code_notes(scopes, lambda table, name: _as_it_is(by_table[table], name)),
                # Other partners' words are shown, so the column is there, and empty for these.
                *(n for read, *_ in reads for n in withheld_texts(grants, read.table, read.columns)),
            ]
        )
    )
    by_value = _ordered(qualified, scopes, by_table, granted)
    _at_a_distance(scopes, by_table)
    if most is not None:
        _stop_after(most + 1, qualified)
    builds_text = any(map(_builds_text, qualified.walk()))
    names = tuple(qualified.named_selects)
    for cast in list(qualified.find_all(exp.Cast)):
        cast.replace(exp.TryCast(this=cast.this, to=cast.to))
    for read, node, parts, named_as in reads:
        # As finished text; it comes from grants alone, never from the reader.
        text = " UNION ALL ".join(part.sql for part in parts)
        if by_value and read.columns:
            text += f" ORDER BY {', '.join(str(n + 1) for n in range(len(read.columns)))}"
        node.replace(exp.Subquery(this=exp.Var(this=text), alias=exp.TableAlias(this=named_as)))
    return Compiled(
        sql=qualified.sql(dialect=DUCKDB, identify=True, copy=False),
        columns=tuple(asked_names) if len(asked_names) == len(names) else names,
        reads=tuple(read for read, *_ in reads),
        builds_text=builds_text,
        relations=frozenset().union(*(part.relations for _, _, parts, _ in reads for part in parts)),
        elements=_elements(read for read, *_ in reads),
        notes=notes,
    )


def _builds_text(node: exp.Expression) -> bool:
    return isinstance(node, BUILDS_TEXT) or (isinstance(node, exp.Literal) and len(node.name) > LONG)


def _stop_after(rows: int, query: exp.Expression) -> None:
    """Limits the query, unless its own limit is lower. In brackets the limit goes inside: the engine takes no limit after a limit."""
    while isinstance(query, exp.Subquery) and not query.args.get("limit") and not query.args.get("offset"):
        query = query.this
    own = query.args.get("limit")
    if own is None or (isinstance(own.expression, exp.Literal) and int(own.expression.name) > rows):
        query.set("limit", exp.Limit(expression=exp.Literal.number(rows)))


def _unlisted_code_notes(scopes: Iterable[Scope], as_it_is: Callable[[str, str], bool]) -> Iterator[str]:
    """A sentence for each of the first few unknown codes, with the nearest code of the code set, and one sentence for all others.
    `as_it_is(table, column)`: the reader sees the codes themselves, not transformed values."""
    found = list(dict.fromkeys(_unlisted(scopes, as_it_is)))
    for column, code in found[:NOTED]:
        yield f"No row has this code: {no_code(column, code[:LONGEST_CODE])}."
    if (rest := len(found) - NOTED) > 0:
        yield f"{counted(rest, 'more code')} in the query: not in the code set, so no row matches."


def _unlisted(scopes: Iterable[Scope], as_it_is: Callable[[str, str], bool]) -> Iterator[tuple[Element, str]]:
    def coded(table: str, name: str) -> str | None:
        found = TABLES[table].elements.get(name)
        return found.path if found is not None and codes_of(found) and as_it_is(table, name) else None

    for scope in scopes:
        for compared in scope.find_all(*EQUALITY):  # type: ignore[no-untyped-call]
            sides = [bare(side) for side in compared.iter_expressions()]
            columns = [side for side in sides if isinstance(side, exp.Column)]
            if len(columns) != 1 or (path := column_kind(columns[0], scope, coded)) is None:
                continue
            column = element(path)
            listed = codes_of(column) or {}
            yield from ((column, side.name) for side in sides if side.is_string and side.name not in listed)


def _as_it_is(grants: Iterable[Grant], name: str) -> bool:
    """Whether a grant of the table shows the column's values without a transform."""
    return any((way := shown_under(grant, name)) is not None and way.name == "none" for grant in grants)


def _at_a_distance(scopes: Sequence[Scope], by_table: Mapping[str, Sequence[Grant]]) -> None:
    """Rewrites the query so that only plain conditions are evaluated on hidden rows."""

    @cache
    def kind(table: str, name: str) -> str | None:
        return types_of(by_table[table], [name])[name]

    defer_conditions(scopes, kind)
    recompute_columns(scopes, kind)


def _ordered(
    query: exp.Query,
    scopes: Sequence[Scope],
    by_table: Mapping[str, Sequence[Grant]],
    granted: Mapping[str, Sequence[str]],
) -> bool:
    """Sorts the answer by the columns that it shows, where persons are not shown by their numbers. Returns whether the rows that are
    read must be sorted too."""
    if not any(unnumbered(grant) for table in granted for grant in by_table[table]):
        return False
    order = Order(query, scopes, {t: types_of(by_table[t], names) for t, names in granted.items()})
    depends = order.depends_on_rows()
    order.settle()
    return depends


def _names(query: exp.Query) -> list[str]:
    """The columns' names as the reader wrote them; the text of one without a name. Empty where there is a star."""
    if query.is_star:
        return []
    named = (exp.Alias, exp.Column)
    return [
        select.alias_or_name if isinstance(select, named) else select.sql(dialect="duckdb")
        for select in query.selects
    ]


def _check_tables(scopes: Iterable[Scope], shown: Collection[str]) -> None:
    for scope in scopes:
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name not in shown:
                raise not_granted_table(source.name, shown, _place(source))


def _check_sources(query: exp.Query, scopes: Sequence[Scope], shown: Collection[str]) -> None:
    """Checks that every table named is granted or is defined within this query."""
    _check_tables(scopes, shown)
    known = {id(node) for scope in scopes for alias, node in scope.references if alias in scope.sources}
    for table in query.find_all(exp.Table):
        if id(table) not in known:
            raise not_granted_table("", shown)


def _all_bound(scopes: Sequence[Scope]) -> bool:
    """Whether every column is bound to a table of its own part of the query, or of an enclosing one."""
    selects = [scope for scope in scopes if isinstance(scope.expression, exp.Select)]
    return not any(scope.external_columns and not scope.is_correlated_subquery for scope in selects)


class NotGranted(Refused):
    """A table, or an element of a table, that no agreement grants the reader for the purpose."""

    def __init__(self, message: str, table: str) -> None:
        super().__init__(message, code="not_granted", citations=[NOT_GRANTED])
        self.table = table


def not_granted_table(name: str, shown: Collection[str], place: str = "") -> Refused:
    """`shown` are the tables that the purpose shows the reader; no other is suggested. `place`: see `_place`."""
    if name in TABLES:
        return NotGranted(f"No agreement grants {name} for this purpose to this reader.", name)
    cure = did_you_mean(name, shown, f"this purpose shows you {listed(sorted(shown))}.")
    where = f"{place.strip().capitalize()}, the" if place else "The"
    return Refused(f"{where} SQL names a table that is not in the vocabulary; {cure}", code="not_granted")


class _Unbound(Exception):
    """A column or table refers to nothing that is granted, or to several."""


def _qualified(query: exp.Query, granted: Mapping[str, Sequence[str]]) -> exp.Query:
    """The query with every column bound to its table; its names are normalized. _Unbound where that cannot be."""
    schema = MappingSchema(
        {t: dict.fromkeys(columns, ANY_TYPE) for t, columns in granted.items()},
        dialect=DUCKDB,
        normalize=False,
    )
    try:
        normalized = normalize_identifiers(query, dialect=DUCKDB)
        qualified = qualify_columns(
            qualify_tables(normalized, dialect=DUCKDB), schema, infer_schema=False, dialect=DUCKDB
        )
    except (SqlglotError, ValueError, TypeError, KeyError):
        raise _Unbound from None
    assert isinstance(qualified, exp.Query)
    return qualified


def _why_unbound(query: exp.Query, granted: Mapping[str, Sequence[str]], grants: Sequence[Grant]) -> Refused:
    """The reason why a name could not be bound; parses the query again to find it."""
    normalized = normalize_identifiers(query, dialect=DUCKDB)
    written = traverse_scope(normalized)
    shown = {grant.table for grant in grants}
    _check_tables(written, shown)
    return _not_granted_columns(written, granted, grants) or _unknown_column(normalized, granted)


def _not_granted_columns(
    scopes: Iterable[Scope], granted: Mapping[str, Sequence[str]], grants: Sequence[Grant]
) -> Refused | None:
    """Elements of the tables in use that the SQL names and no agreement grants."""
    for scope in scopes:
        tables = {alias: s.name for alias, s in scope.sources.items() if isinstance(s, exp.Table)}
        derived = {
            name
            for s in scope.sources.values()
            if isinstance(s, Scope)
            for name in s.expression.named_selects
        } | {select.alias for select in getattr(scope.expression, "selects", ())}
        for column in scope.columns:
            name, named = column.name, tables.get(column.table)
            among = [named] if named else list(tables.values()) if not column.table else []
            if not named and name in derived:
                continue
            if any(name in granted[table] for table in among):
                continue
            holder = next((t for t in among if _is_column(t, name)), None)
            if holder is not None:
                return _not_granted(holder, name, grants)
    return None


def _is_column(table: str, name: str) -> bool:
    return name in TABLES[table].elements or name in TABLES[table].derived or name in COMMON


def _not_granted(table: str, column: str, grants: Sequence[Grant]) -> Refused:
    if (withheld := next(withheld_texts(grants, table, [column]), None)) is not None:
        return NotGranted(withheld, table)
    why = "No agreement grants {} for this purpose to this reader."
    if grants[0].form is AccessForm.PSEUDONYMOUS and identifies(
        table, column
    ):  # all of a purpose have one form
        why = "{} identifies a person, so a pseudonymous purpose shows it only as a code."
    return NotGranted(why.format(f"{table}.{column}"), table)


def withheld_texts(
    grants: Iterable[Grant], table: str, names: Collection[str] | None = None
) -> Iterator[str]:
    """A sentence for each of these columns of the table, or of all, that a grant withholds because of its words (`shared_words.py`)."""
    yield from dict.fromkeys(
        shared_words.told(grant, text)
        for grant in grants
        if grant.table == table
        for text in grant.withheld
        if names is None or text.element in names
    )


def _unknown_column(query: exp.Query, granted: Mapping[str, Sequence[str]]) -> Refused:
    """The refusal of a column that no table in use has. The ledger keeps the sentence, so it gives the column's position and not its
    text, which may be a student's name. Only columns that are shown are suggested."""
    tables = [t.name for t in query.find_all(exp.Table) if t.name in granted]
    known = sorted({name for table in tables for name in granted[table]})
    aliases = {each.alias for each in query.find_all(exp.Alias)}
    unknown = [c for c in query.find_all(exp.Column) if c.name not in {*known, *aliases}]
    if not unknown:
        what = "that does not exist, or that several tables have; write the table's name before it, as in person.birthdate."
        return Refused(f"The SQL names a column {what}", code="sql")
    near = next((column for column in unknown if nearest(column.name, known)), unknown[0])
    cure = did_you_mean(near.name, known, "put text in single quotes.")
    return Refused(f"The SQL names a column that does not exist{_place(near)}; {cure}", code="sql")


def _place(name: exp.Column | exp.Table) -> str:
    """Where the name stands in the reader's SQL; empty where that is unknown."""
    found = name.this.meta
    if "end" not in found:
        return ""
    return f" in line {found['line']}, at character {found['col'] - (found['end'] - found['start'])}"


def _occurrences(scopes: Iterable[Scope]) -> Iterable[tuple[Scope, str, exp.Table]]:
    """Every place where a granted table is read, each listed once."""
    for scope in scopes:
        for node in scope.tables:
            alias = node.alias_or_name
            if isinstance(scope.sources.get(alias), exp.Table):  # and no WITH part of the query has this name
                yield scope, alias, node


def _needed(scope: Scope, alias: str) -> set[str]:
    """The columns read from this source, also by subqueries that reach out to it."""
    return {column.name for column in scope.columns if column.table == alias}


def _by_number(grants: Iterable[Grant]) -> bool:
    """Whether all of them show persons by their numbers. Where codes are shown, a number identifies nobody: an error or the time that
    a look-up by number takes would reveal whether the person is in the table."""
    return all(not coded(g) and g.columns.get("person_id", SUPPRESSED).name == "none" for g in grants)


def _read(
    table: str,
    needed: Collection[str],
    columns: Sequence[str],
    persons: Mapping[tuple[int, str], Persons],
    place: tuple[int, str],
    records_of: Callable[[Sequence[int]], Sequence[int]] | None,
) -> TableRead:
    shown = tuple(name for name in columns if name in needed)
    asked = persons.get(place)
    if asked is None or records_of is None:
        return TableRead(table, shown, None, None)
    return TableRead(table, shown, tuple(sorted(asked)), tuple(records_of(sorted(asked))))


def _elements(reads: Iterable[TableRead]) -> tuple[str, ...]:
    """`table.column` for everything read; where rows are only counted, the element that shows that a person exists."""
    found: dict[str, None] = {}
    for read in reads:
        table = TABLES[read.table]
        names = [
            table.derived[n].derived_from if n in table.derived else n
            for n in read.columns
            if _is_column(read.table, n) or n == "person_record"
        ]
        if not names and table.of_person:
            names = ["person_id"]
        found |= dict.fromkeys(f"{read.table}.{name}" for name in names)
    return tuple(sorted(found))
