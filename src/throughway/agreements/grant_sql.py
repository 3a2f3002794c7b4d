"""The governed relation that replaces one table in a reader's SQL, in standard SQL, and its text for an auditor.

It is a union over the disclosers, the rows of each under its own agreements. Where several grants cover a discloser's table, a row is
visible if any of them admits it, and each value is shown under the least restrictive transform among the grants that admit that row.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlglot import exp

from throughway.agreements.effective_grants import grants_of_text, linked_partners
from throughway.agreements.enums import AccessForm, PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.row_filter import (
    CONSENTED,
    OPTED_OUT,
    REACHED,
    ROW,
    Relation,
    aliased,
    among,
    column,
    row_predicate,
    semi_joins,
)
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transform_sql import number_of, output_type, transform_sql, typed_null
from throughway.agreements.transforms import Transform
from throughway.vocabulary import COMMON, TABLES, Element, element

LINK, CODE = "l", "c"
OWN_NUMBER = "own_number"
NAMES = (
    "first_name", "last_or_surname", "preferred_first_name", "preferred_last_or_surname", "other_first_name", "other_last_name",
)  # fmt: skip
LINKS = "person_link"  # relation(LINKS, ""): record, person
CODES = "pseudonym"  # relation(CODES, grant.codes): person, code
VALUE_CODES = "value_code"  # relation(VALUE_CODES, grant.codes): element (without its table), value, code


@dataclass(frozen=True)
class TableQueryOptions:
    """How one table is to be shown: whose links may be shown, for which day, which columns and persons.

    `columns`: those that the reader's SQL needs, in order; None for all granted. `records`: only rows with these record numbers.
    `numbered`: also the columns `person_record` and `partner`, and under a purpose of kind linkage `own_number` of the table person (see
    `own_number_sql`). `without`: see `row_predicate`.
    """

    linked: Collection[str]
    on: date
    today: date | None = None
    columns: Sequence[str] | None = None
    records: Sequence[int] | None = None
    numbered: bool = False
    without: Collection[str] = ()


def table_query(
    table: str, grants: Sequence[Grant], shown: TableQueryOptions, relation: Relation
) -> exp.Query:
    """The governed relation of one table under the reader's grants for one purpose.

    ValueError when there is no grant of the table.
    """
    parts = [of_discloser(own, types, shown, relation) for own, types in by_discloser(table, grants, shown)]
    query: exp.Query = parts[0]
    for part in parts[1:]:
        query = exp.union(query, part, distinct=False, copy=False)
    return query


# Shown columns in order, each with its type; None where nothing is shown.
Types = Mapping[str, str | None]


def by_discloser(
    table: str, grants: Sequence[Grant], shown: TableQueryOptions
) -> list[tuple[tuple[Grant, ...], Types]]:
    """The grants of each discloser of the table, with the columns that all disclosers' rows have. ValueError when there is no grant of
    the table."""
    own = sorted((g for g in grants if g.table == table), key=lambda g: (g.discloser, g.agreement, g.entry))
    if not own:
        raise ValueError(f"no grant shows {table}")
    names = shown.columns if shown.columns is not None else columns_of(own, numbered=shown.numbered)
    types = types_of(own, names)
    return [(tuple(of_one), types) for _, of_one in groupby(own, key=lambda g: g.discloser)]


def columns_of(grants: Iterable[Grant], *, numbered: bool = False) -> list[str]:
    """The columns that any of the grants of one table shows, in the vocabulary's order."""
    held = list(grants)
    table = TABLES[held[0].table]
    granted = {name for grant in held for name in grant.columns}
    granted |= {name for name in table.derived if any(shown_under(grant, name) for grant in held)}
    names = [name for name in (*table.elements, *table.derived, *COMMON) if name in granted]
    if not numbered or not table.of_person:
        return names
    linking = table.name == "person" and all(grant.kind is PurposeKind.LINKAGE for grant in held)
    return [*names, "person_record", "partner", *([OWN_NUMBER] if linking else [])]


def shown_under(grant: Grant, name: str) -> Transform | None:
    """The transform under which the grant shows a column; None where it does not. A derived column is shown where its source element
    is shown unchanged."""
    derived = TABLES[grant.table].derived.get(name)
    if derived is None:
        return grant.columns.get(name)
    whole = grant.columns.get(derived.derived_from)
    return whole if whole is not None and whole.name == "none" else None


def types_of(grants: Sequence[Grant], names: Iterable[str]) -> Types:
    """The types of these columns under grants of one table."""
    return {name: _type(grants, name) for name in names}


def _type(grants: Sequence[Grant], name: str) -> str | None:
    """The type of the shown column: text where grants show different types; None where nothing is shown."""
    shown = [(g, transform) for g in grants if (transform := shown_under(g, name))]
    kinds = {_shown_as(g, name, transform) for g, transform in shown if transform.name != "suppress"}
    return "VARCHAR" if len(kinds) > 1 else next(iter(kinds), None)


def _shown_as(grant: Grant, name: str, transform: Transform) -> str:
    if name == "person_id":
        return "VARCHAR" if coded(grant) else "BIGINT"
    return output_type(_element(grant.table, name), transform)


def coded(grant: Grant) -> bool:
    """Whether persons are shown under the purpose's random codes."""
    return "person_id" in grant.columns and (
        grant.form is AccessForm.PSEUDONYMOUS or grant.columns["person_id"].name == "pseudonym"
    )


def _element(table: str, name: str) -> Element:
    if name in COMMON:
        return COMMON[name]
    return TABLES[table].derived.get(name) or element(f"{table}.{name}")


def coded_columns(grant: Grant) -> frozenset[str]:
    """The columns whose values are shown under the purpose's random codes."""
    kept = dict(TABLES[grant.table].landed)
    return frozenset(n for n, t in grant.columns.items() if t.name == "pseudonym" and n in kept)


def of_discloser(
    grants: Sequence[Grant], types: Types, shown: TableQueryOptions, relation: Relation
) -> exp.Select:
    """One discloser's rows of the table; depends only on its arguments."""
    first = grants[0]
    source = aliased(relation(first.table, first.discloser), ROW)
    admitted: list[exp.Expression | None]
    conditions = _conditions(grants, shown, relation) if len(grants) > 1 else []
    if len({text for text, _ in conditions}) < 2:
        rows = exp.Select().from_(source, copy=False)
        rows = semi_joins(
            rows, first, relation=relation, on=shown.on, today=shown.today, without=shown.without,
            records=shown.records,
        )  # fmt: skip
        admitted = [None] * len(grants)
    else:
        rows, admitted = _flagged(source, conditions)
    codes = _Codes(first, shown, relation)
    values = [_named(_value(n, grants, admitted, kind, codes), n) for n, kind in types.items()]
    rows = codes.join(rows).select(*(values or [_named(exp.Literal.number(1), "present")]), copy=False)
    if shown.records is not None:
        rows = rows.where(among(column(ROW, "person_record"), shown.records), copy=False)
    return rows


def _named(value: exp.Expression, name: str) -> exp.Alias:
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def _conditions(
    grants: Sequence[Grant], shown: TableQueryOptions, relation: Relation
) -> list[tuple[str, exp.Expression]]:
    """The condition of each grant, with its text, by which equal conditions are recognized."""
    found = (
        row_predicate(
            g,
            row=ROW,
            relation=relation,
            on=shown.on,
            today=shown.today,
            without=shown.without,
            records=shown.records,
        )
        for g in grants
    )
    return [(condition.sql(), condition) for condition in found]


def _flagged(
    source: exp.Expression, conditions: Sequence[tuple[str, exp.Expression]]
) -> tuple[exp.Select, list[exp.Expression | None]]:
    """Rows with a flag for each distinct condition, and for each grant its flag (None: it admits every row)."""
    flags: dict[str, exp.Expression] = {}
    admitted: list[exp.Expression | None] = []
    inner = exp.Select(expressions=[exp.column(exp.Star(), table=ROW)]).from_(source, copy=False)
    for text, condition in conditions:
        if isinstance(condition, exp.Boolean):
            admitted.append(None)
            continue
        if text not in flags:
            name = f"admitted_{len(flags)}"
            inner.select(exp.alias_(condition, name, copy=False), copy=False)
            flags[text] = column(ROW, name)
        admitted.append(flags[text])
    rows = exp.Select().from_(inner.subquery(ROW, copy=False), copy=False)
    if None not in admitted:
        rows.where(exp.or_(*flags.values()), copy=False)
    return rows, admitted


def _value(
    name: str,
    grants: Sequence[Grant],
    admitted: Sequence[exp.Expression | None],
    kind: str | None,
    codes: "_Codes",
) -> exp.Expression:
    """The value under the least restrictive transform among the grants that admit the row."""
    if name in ("person_record", "partner"):
        return column(ROW, name) if name == "person_record" else exp.Literal.string(grants[0].discloser)
    if name == OWN_NUMBER:
        return own_number_sql()
    ways: list[tuple[exp.Expression | None, exp.Expression]] = []
    each = zip(grants, admitted, strict=True)
    granted = [(transform, a, g) for g, a in each if (transform := shown_under(g, name))]
    for transform, admits, grant in sorted(granted, key=lambda way: way[0].coarseness):
        if transform.name != "suppress":
            ways.append((admits, codes.value(name, grant, transform, kind)))
        if admits is None:
            break
    if not ways:
        stored = _element(grants[0].table, name).stored_as
        of_person = name == "person_id"
        return typed_null(
            kind or ("VARCHAR" if of_person and coded(grants[0]) else "BIGINT" if of_person else stored)
        )
    if ways[0][0] is None:
        return ways[0][1]
    case = exp.Case()
    for admits, value in ways:
        case = case.when(exp.true() if admits is None else admits.copy(), value)
    return case


def own_number_sql() -> exp.Expression:
    """Whether the partner's key of a record is a number that its system gave the student, and not made of the student's own name or birth
    date. It says nothing else of the key, which rests in the vault."""
    key = column(ROW, "source_record_id")
    of_name = exp.func(
        "LIST_HAS_ANY",
        _words(key),
        _words(exp.func("CONCAT_WS", exp.Literal.string(" "), *(column(ROW, n) for n in NAMES))),
    )
    born = exp.func("CONTAINS", key.copy(), exp.cast(column(ROW, "birthdate"), "text"))
    made_of_both = exp.or_(
        exp.func("COALESCE", of_name, exp.false()), exp.func("COALESCE", born, exp.false())
    )
    return exp.and_(
        exp.Not(this=exp.Is(this=key.copy(), expression=exp.null())), exp.Not(this=exp.paren(made_of_both))
    )


def _words(text: exp.Expression) -> exp.Expression:
    """The words of a text in lower case without accents, those of one letter left out."""
    folded = exp.func("LOWER", exp.func("STRIP_ACCENTS", text))
    return exp.func("REGEXP_EXTRACT_ALL", folded, exp.Literal.string("[\\p{L}0-9]{2,}"))


class _Codes:
    """The joins for persons' ids and codes, added only when a shown column needs them."""

    def __init__(self, grant: Grant, shown: TableQueryOptions, relation: Relation) -> None:
        self._codes, self._records, self._relation = grant.codes, shown.records, relation
        self._linked = grant.discloser in shown.linked
        self._with_link = self._with_code = False
        self._coded: dict[tuple[str, str], str] = {}  # (name of codes, column) to the alias of its codes

    def value(self, name: str, grant: Grant, transform: Transform, kind: str | None) -> exp.Expression:
        shown_as = _shown_as(grant, name, transform)
        if name == "person_id":
            shown = self._person(grant)
        elif derived := TABLES[grant.table].derived.get(name):
            shown = number_of(column(ROW, derived.derived_from))
        else:
            found = _element(grant.table, name)
            kept = name in dict(TABLES[grant.table].landed)  # a partner's record keys are only in the vault
            stored = column(ROW, name) if kept else typed_null(found.stored_as)
            code = self._code(grant.codes, name) if transform.name == "pseudonym" and kept else None
            shown = transform_sql(stored, found, transform, code=code)
        return exp.cast(shown, kind) if kind and kind != shown_as else shown

    def _person(self, grant: Grant) -> exp.Expression:
        if coded(grant):
            self._with_code = True
            return column(CODE, "code")
        number = self._number()
        return number if grant.columns["person_id"].name == "none" else typed_null("BIGINT")

    def _code(self, codes: str, name: str) -> exp.Expression:
        alias = self._coded.setdefault((codes, name), f"{CODE}{len(self._coded)}")
        return column(alias, "code")

    def _number(self) -> exp.Expression:
        """The community's id of the person where links may be shown, otherwise the partner's record number."""
        own = column(ROW, "person_record")
        if not self._linked:
            return own
        self._with_link = True
        return exp.func("COALESCE", column(LINK, "person"), own)

    def join(self, rows: exp.Select) -> exp.Select:
        code_on = self._number() if self._with_code else None
        if self._with_link:
            link = self._links()
            same = exp.EQ(this=column(LINK, "record"), expression=column(ROW, "person_record"))
            rows.append("joins", exp.Join(this=link, on=same, side="LEFT"))
        if code_on is not None:
            code = aliased(self._relation(CODES, self._codes), CODE)
            same = exp.EQ(this=column(CODE, "person"), expression=code_on)
            rows.append("joins", exp.Join(this=code, on=same, side="LEFT"))
        for (named, name), alias in self._coded.items():
            codes = aliased(self._relation(VALUE_CODES, named), alias)
            of_element = exp.EQ(this=column(alias, "element"), expression=exp.Literal.string(name))
            of_value = exp.EQ(this=column(alias, "value"), expression=exp.cast(column(ROW, name), "text"))
            rows.append("joins", exp.Join(this=codes, on=exp.and_(of_element, of_value), side="LEFT"))
        return rows

    def _links(self) -> exp.Expression:
        """The links; for a few records, only theirs."""
        links = self._relation(LINKS, "")
        if not self._records:
            return aliased(links, LINK)
        few = exp.select(column(LINK, "record"), column(LINK, "person")).from_(aliased(links, LINK))
        return few.where(among(column(LINK, "record"), self._records)).subquery(LINK)


def symbolic(table: str, discloser: str) -> exp.Table:
    """`store.attendance_day."partner"`: the auditor's name for a table's files; likewise for the students of a register:
    `store.caseload."partner"`, `store.consented."agreement/purpose/partner"`, and for codes `store.pseudonym."agreement/purpose"`."""
    if table == LINKS:
        return exp.table_(table, db="store")
    return exp.table_(exp.to_identifier(discloser, quoted=True), db=table, catalog="store")


def show(standing: AgreementStatus, wider: Sequence[AgreementStatus], on: date | None = None) -> str:
    """The SQL of everything that the agreement grants, by purpose and table, as used in readers' queries."""
    return whole(standing, show_by_purpose(standing, wider, on))


def whole(standing: AgreementStatus, parts: Mapping[str, str]) -> str:
    """The SQL of all purposes as one text."""
    if not parts:
        return f"-- {standing.document.id} grants no table by itself."
    text = "\n\n".join(parts.values())
    legend = [f"-- store.{name}: {what}" for name, what in LEGEND.items() if f"store.{name}." in text]
    return "\n".join([*legend, "", text]) if legend else text


# The relations that depend on the reader, in words for an auditor.
LEGEND = {
    REACHED[
        Reach.CASELOAD
    ]: "records assigned to the reader on the day of reading, and those that links join to them",
    REACHED[
        Reach.ROSTER
    ]: "students for whom the reader's partner has a spell in school_enrollment, or who take part "
    "in one of its programs by program_participation, on the day of reading, told by links",
    REACHED[
        Reach.SITE
    ]: "of the students in roster, those with such a spell at a school or in a program that the register of the reader's "
    "partner assigns to the reader on the day of reading",
    CONSENTED: "records for which a consent to the purpose is in force on the day of reading (*: to any purpose)",
    OPTED_OUT: "records for which somebody opted out of the directory",
}


def show_by_purpose(
    standing: AgreementStatus, wider: Sequence[AgreementStatus], on: date | None = None
) -> Mapping[str, str]:
    """The same by purpose id; purposes that grant no table are left out."""
    read_on = on or standing.document.terms.effective
    linked_by = [standing, *wider]
    parts: dict[str, list[str]] = {}
    grants = sorted(grants_of_text(standing, wider), key=lambda g: (g.purpose, g.table))
    for (purpose, table), of_one in groupby(grants, key=lambda g: (g.purpose, g.table)):
        held = list(of_one)
        options = TableQueryOptions(
            linked=linked_partners(linked_by, purpose),
            on=read_on,
            numbered=held[0].kind is PurposeKind.LINKAGE,
        )
        query = table_query(table, held, options, symbolic)
        text = "\n".join([*_headings(held), query.sql(dialect="duckdb", pretty=True) + ";"])
        parts.setdefault(purpose, []).append(text)
    return {purpose: "\n\n".join(texts) for purpose, texts in parts.items()}


HEADING = re.compile(r"^-- \S+ \([^()]*\): (\w+), for each discloser its own terms$", re.MULTILINE)


def by_table(text: str) -> list[tuple[str, str]]:
    """The SQL of one purpose (of `show_by_purpose`) table by table, in its order."""
    heads = list(HEADING.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [(head[1], text[head.start() : end].strip()) for head, end in zip(heads, ends, strict=True)]


def _headings(grants: Sequence[Grant]) -> list[str]:
    first = grants[0]
    lines = [
        f"-- {first.purpose} ({first.kind}, {first.form}): {first.table}, for each discloser its own terms"
    ]
    for g in grants:
        window = " to ".join(str(d) if d else "any day" for d in g.records)
        lines.append(
            f"-- {g.discloser}: read by {', '.join(sorted(g.roles)) or 'nobody'} of {', '.join(sorted(g.recipients))}; "
            f"reach {g.reach}; basis {', '.join(sorted(g.bases))}; records {window}; minimum cell {g.minimum_cell}; "
            f"{f'percentages by {g.publication_rule}; ' if g.publication_rule else ''}"
            f"{'a second person agrees to a release; ' if g.needs_approval else ''}"
            f"training {', '.join(sorted(g.training)) or 'none'}; {g.effective} to {g.expires}; "
            f"{g.agreement} {g.version[:12]}"
        )
    return lines
