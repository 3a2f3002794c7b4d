"""Which rows of a table a grant admits, in SQL: its date window, its population, the reader's reach, and each family's choices.

One meaning in two forms: `row_predicate` is a condition that can be used anywhere; `semi_joins` expresses the same as joins, which the
engine runs many times faster over a whole table.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.document_sections import PopulationEntry
from throughway.agreements.enums import AccessForm, Basis, PopulationDay, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.population_condition import parse_condition
from throughway.vocabulary import TABLES, Table

Relation = Callable[[str, str], exp.Table]  # (table, discloser) to the text after FROM
Pair = tuple[exp.Expression, exp.Expression]

# Bounds of an open-ended period. Engines join fast on comparisons without NULL.
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
ROW, MEMBER, CHOSEN = "t", "p", "q"

# Relations with one column `record`, by discloser: the students whom the reader reaches on the day of reading, named as in `Reach`.
REACHED = {Reach.ROSTER: "roster", Reach.SITE: "site", Reach.CASELOAD: "caseload"}
# The same by choice and discloser (`RequiredFamilyChoice.of`): students with a consent in force; the others that have rows; students
# who opted out.
CONSENTED, NOT_CONSENTED, OPTED_OUT = "consented", "not_consented", "opted_out"
PERSONAL = frozenset({*REACHED.values(), CONSENTED, NOT_CONSENTED, OPTED_OUT})
SAYING = frozenset({"person_status"})
TOPIC = "ppra_protected_topic"  # the mark of an answer on a topic of 20 USC 1232h(b)
MARKED = frozenset(name for name, table in TABLES.items() if TOPIC in table.elements)
AUTHOR = "author_partner"  # of each row of a typed table


@dataclass(frozen=True)
class _PopulationReading:
    """How a population is read: from which relations, for which day, and on which day (see `row_predicate`)."""

    relation: Relation
    on: date
    today: date | None
    possible: bool = False


def row_predicate(
    grant: Grant,
    *,
    row: str,
    relation: Relation,
    on: date,
    today: date | None = None,
    without: Collection[str] = (),
    possible: bool = False,
    records: Sequence[int] | None = None,
) -> exp.Expression:
    """SQL condition: the grant admits the row with the alias `row`, read for the day `on`; TRUE where nothing limits it.

    `today`: the day of the request, where `on` is an earlier day. Then a fact later than `on` is not admitted, and a population by the
    day of reading must hold on both days. `without`: the consents (`RequiredFamilyChoice.of`) that are joined by those who did not
    give them, who are fewer. `possible`: whether the grant could admit the row if its empty cells and those of the population's rows
    were filled. `records`: the only record numbers in the rows, so that no others are scanned.
    """
    conditions = [_or_unknown(c, possible) for c in own_conditions(grant, row=row, on=on, today=today)]
    conditions += [_told(row, students, side) for students, side, _ in _personal(grant, relation, without)]
    reading = _PopulationReading(relation, on, today, possible)
    conditions += [_of_population(grant, tier, row, reading, records) for tier in _tiers(grant)]
    return all_of(conditions)


def _or_unknown(condition: exp.Expression, possible: bool) -> exp.Expression:
    """The condition; where `possible`, also true for a row whose empty cell leaves it undecided."""
    return exp.func("COALESCE", condition, exp.true()) if possible else condition


def semi_joins(
    query: exp.Select,
    grant: Grant,
    *,
    relation: Relation,
    on: date,
    today: date | None = None,
    without: Collection[str] = (),
    records: Sequence[int] | None = None,
) -> exp.Select:
    """`query` over rows with the alias `t`, restricted to those that the grant admits. `records`: the only record numbers in the
    query's rows, so that no others are scanned."""
    conditions = own_conditions(grant, row=ROW, on=on, today=today)
    reading = _PopulationReading(relation, on, today)
    for number, tier in enumerate(_tiers(grant)):
        bound = [entry for entry in tier if _by_day(entry, grant)]
        if bound and len(bound) < len(tier):
            conditions.append(_of_population(grant, tier, ROW, reading, records))
            continue
        alias = f"{MEMBER}{number}"
        members = _members(grant, tier, reading, with_days=bool(bound), records=records)
        same = _same_student(ROW, alias)
        if bound:
            same = exp.and_(same, *_overlap(ROW, TABLES[grant.table], alias))
        query.append("joins", exp.Join(this=members.subquery(alias, copy=False), on=same, kind="SEMI"))
    for number, (students, side, equal) in enumerate(_personal(grant, relation, without)):
        alias = f"{CHOSEN}{number}"
        same = equal(this=column(alias, "record"), expression=column(ROW, "person_record"))
        # A plain join would be a quarter faster, but the engine plans it by the number of rows, including hidden ones, and the order
        # of an answer would reveal that number.
        whom = _or_nobody(students, alias) if side == "anti" else aliased(students, alias)
        query.append("joins", exp.Join(this=whom, on=same, kind=side.upper()))
    return query.where(*conditions, copy=False) if conditions else query


def members(grant: Grant, *, relation: Relation, on: date, today: date | None = None) -> exp.Query | None:
    """`person_record` of everyone whom the grant's population can admit on any day; None where there is no population."""
    reading = _PopulationReading(relation, on, today)
    tiers = [_members(grant, tier, reading, with_days=False) for tier in _tiers(grant)]
    # In parentheses: INTERSECT binds before the UNION of a tier's alternatives.
    return exp.intersect(*(t.subquery() for t in tiers)) if len(tiers) > 1 else next(iter(tiers), None)


def own_conditions(grant: Grant, *, row: str, on: date, today: date | None) -> list[exp.Expression]:
    """Conditions on the row itself: the window of `records`, for a past day nothing that came later, of typed rows whose they are,
    that it contains something granted, and that it is on no protected topic that no line names."""
    table = TABLES[grant.table]
    first, last = grant.records
    conditions = in_window(table, row, first, last)
    if today is not None and table.starts:
        conditions.append(_not_after(_bound(row, table.starts), on, open_span=True))
    conditions += _between(grant, row)
    return conditions + _telling(grant, row) + _on_no_topic(grant, row)


def _between(grant: Grant, row: str) -> list[exp.Expression]:
    """Of typed rows: those that the authors' partner typed, and the answers to what it sent. Of rows between two partners nobody else is
    shown any that is not addressed to the reader or sent by the reader; without a reader, any recipient. The partner whose records
    they are reads all of them back, and may let them be counted: an aggregate grant never shows a row."""
    between = TABLES[grant.table].between
    if grant.authors:
        names = sorted(grant.authors)
        return [exp.or_(*(column(row, each).isin(*names) for each in (AUTHOR, *between[:1])))]
    if not between or grant.agreement == OWN_RECORDS or grant.form == AccessForm.AGGREGATE:
        return []
    names = sorted(grant.addressed or grant.recipients)
    return [exp.or_(*(column(row, each).isin(*names) for each in between))]


def _telling(grant: Grant, row: str) -> list[exp.Expression]:
    """In a table whose rows exist because of a student's status, a row must contain something granted, or nothing that must be named:
    otherwise its existence would reveal that the student has such a status."""
    if grant.table not in SAYING:
        return []
    table = TABLES[grant.table]
    stored = dict(table.landed)
    granted = [name for name in grant.columns if name in table.elements]
    # An unreadable code counts too: its source text is stored with it.
    shown = [n for name in granted for n in (name, f"{name}_source") if n in stored]
    filled = [exp.Not(this=exp.Is(this=column(row, name), expression=exp.null())) for name in shown]
    silent = [
        exp.Is(this=column(row, e.name), expression=exp.null())
        for e in table.elements.values()
        if e.restricted
    ]
    return [exp.or_(*filled, exp.and_(*silent))]


def _on_no_topic(grant: Grant, row: str) -> list[exp.Expression]:
    """Answers that are marked with a protected topic are admitted only under a line that names the mark, whatever else of the table is
    listed; those whose mark cannot be read, under none."""
    if grant.table not in MARKED or grant.agreement == OWN_RECORDS:
        return []

    def empty(name: str) -> exp.Expression:
        return exp.Is(this=column(row, name), expression=exp.null())

    stored = dict(TABLES[grant.table].landed)
    unread = [empty(name) for name in (f"{TOPIC}_source",) if name in stored]
    shown = grant.columns.get(TOPIC)
    if shown is None or shown.name == "suppress":
        return [empty(TOPIC), *unread]
    return [exp.or_(exp.Not(this=empty(TOPIC)), each) for each in unread]


def _personal(
    grant: Grant, relation: Relation, without: Collection[str]
) -> list[tuple[exp.Table, str, type[exp.Binary]]]:
    """Relations of students, each with the kind of join: only their rows (semi) or all others (anti), and the kind of equality. No
    record in them is NULL, so both kinds of equality give the same for any row of a known student."""
    if not TABLES[grant.table].of_person:
        return []
    found: list[tuple[exp.Table, str, type[exp.Binary]]] = []
    if grant.reach in REACHED:
        # The engine passes the bounds of `=` to the scan, which helps: the rows of a caseload often lie close together.
        found.append((relation(REACHED[grant.reach], grant.discloser), "semi", exp.EQ))
    for choice in sorted(grant.choices):
        name = choice.of(grant.discloser)
        # Families with equal choices are spread over the file, so bounds exclude nothing and cost a fifth: none are made here.
        if choice.basis is Basis.DIRECTORY:
            found.append((relation(OPTED_OUT, name), "anti", exp.NullSafeEQ))
        elif name in without and not TABLES[grant.table].typed:
            found.append((relation(NOT_CONSENTED, name), "anti", exp.NullSafeEQ))
        else:
            found.append((relation(CONSENTED, name), "semi", exp.NullSafeEQ))
    return found


def _told(row: str, students: exp.Table, side: str) -> exp.Expression:
    """The same as the join, as a condition. A row without a known student satisfies neither form."""
    records = exp.select(column(CHOSEN, "record")).from_(aliased(students, CHOSEN))
    among: exp.Expression = column(row, "person_record").isin(query=records)
    return among if side == "semi" else exp.and_(_of_somebody(row), exp.Not(this=among))


def _or_nobody(students: exp.Table, alias: str) -> exp.Subquery:
    """Those students and NULL, so that the same join leaves out rows without a known student."""
    named = exp.select(column(alias, "record")).from_(aliased(students, alias))
    nobody = exp.select(exp.alias_(exp.null(), "record"))
    return exp.union(named, nobody, distinct=False, copy=False).subquery(alias, copy=False)


def _of_somebody(row: str) -> exp.Expression:
    return exp.Not(this=exp.Is(this=column(row, "person_record"), expression=exp.null()))


def _tiers(grant: Grant) -> Sequence[tuple[PopulationEntry, ...]]:
    """Alternatives, one of which must hold in each tier; tables without students have no population."""
    return grant.population if TABLES[grant.table].of_person else ()


def _by_day(entry: PopulationEntry, grant: Grant) -> bool:
    """Whether the row of `on` must cover the day of the fact."""
    return (
        entry.when is PopulationDay.FACT
        and bool(TABLES[grant.table].starts)
        and bool(TABLES[entry.on].starts)
    )


def _of_population(
    grant: Grant,
    tier: Sequence[PopulationEntry],
    row: str,
    reading: _PopulationReading,
    records: Sequence[int] | None = None,
) -> exp.Expression:
    bound = [entry for entry in tier if _by_day(entry, grant)]
    free = [entry for entry in tier if not _by_day(entry, grant)]
    ways: list[exp.Expression] = []
    if free:
        members = _members(grant, free, reading, with_days=False, records=records)
        ways.append(column(row, "person_record").isin(query=members, copy=False))
    if bound:
        members = _members(grant, bound, reading, with_days=True, records=records)
        inner = exp.Select(expressions=[exp.Literal.number(1)])
        inner.from_(members.subquery(MEMBER, copy=False), copy=False)
        overlap = _overlap(row, TABLES[grant.table], MEMBER)
        overlap = [_or_unknown(condition, reading.possible) for condition in overlap]
        inner.where(_same_student(row, MEMBER), *overlap, copy=False)
        ways.append(exp.Exists(this=inner))
    return exp.or_(*ways, copy=False)


def _members(
    grant: Grant,
    entries: Sequence[PopulationEntry],
    reading: _PopulationReading,
    *,
    with_days: bool,
    records: Sequence[int] | None = None,
) -> exp.Query:
    """Records of students with a row that satisfies an entry; with the first and last day that the row covers."""
    selects = [_member(grant, entry, reading, with_days) for entry in entries]
    if records is not None:
        selects = [s.where(among(column(MEMBER, "person_record"), records), copy=False) for s in selects]
    return exp.union(*selects, distinct=False, copy=False) if len(selects) > 1 else selects[0]


def _member(grant: Grant, entry: PopulationEntry, reading: _PopulationReading, with_days: bool) -> exp.Select:
    table, on, today = TABLES[entry.on], reading.on, reading.today
    query = exp.Select(expressions=[column(MEMBER, "person_record")])
    query.from_(aliased(reading.relation(entry.on, grant.discloser), MEMBER), copy=False)
    if with_days:
        first, last = _closed(MEMBER, table)
        query.select(exp.alias_(first, "first_day"), exp.alias_(last, "last_day"), copy=False)
    conditions = [_where(entry)]
    if today is not None and table.starts:
        conditions.append(_not_after(_bound(MEMBER, table.starts), on, open_span=True))
    if entry.when is PopulationDay.READING:
        for day in (on, today):
            conditions += in_window(table, MEMBER, day, day)
    elif entry.when is PopulationDay.FACT and not TABLES[grant.table].starts:
        conditions += in_window(table, MEMBER, *grant.records)
    # In a row that exists because of one status, other statuses are not unknown: most students have none.
    possible = reading.possible and entry.on not in SAYING
    return query.where(*(_or_unknown(condition, possible) for condition in conditions), copy=False)


def _where(entry: PopulationEntry) -> exp.Expression:
    """The entry's own condition, its columns bound to the row of `on`."""
    condition = parse_condition(entry.where, entry.on).transform(
        lambda node: column(MEMBER, node.name.lower()) if isinstance(node, exp.Column) else node
    )
    return exp.paren(condition, copy=False)  # parenthesized, because it may be a top-level OR


def _same_student(row: str, member: str) -> exp.Expression:
    return exp.EQ(this=column(member, "person_record"), expression=column(row, "person_record"))


def _overlap(row: str, table: Table, member: str) -> list[exp.Expression]:
    """Whether the member's days and the row's have a day in common; false for a single-day row without a date."""
    first, last = _closed(row, table)
    return [
        exp.LTE(this=column(member, "first_day"), expression=last),
        exp.GTE(this=column(member, "last_day"), expression=first),
    ]


def _closed(row: str, table: Table) -> Pair:
    """First and last day of a row; an open bound is the first or last possible day."""
    first, last = _bound(row, table.starts), _bound(row, table.ends)
    if is_single(table):
        return first, last
    return (
        exp.func("COALESCE", *_parts(first), day(FIRST_DAY)),
        exp.func("COALESCE", *_parts(last), day(LAST_DAY)),
    )


def is_single(table: Table) -> bool:
    """Whether each row is about one day, not a period with possibly open bounds."""
    return table.starts == table.ends


def in_window(table: Table, row: str, first: date | None, last: date | None) -> list[exp.Expression]:
    """Whether the row's day is in the window, or its period overlaps it; always true for a table without days."""
    if not table.starts:
        return []
    spans = not is_single(table)
    conditions: list[exp.Expression] = []
    if first is not None:
        end = _bound(row, table.ends)
        within: exp.Expression = exp.GTE(this=end, expression=day(first))
        conditions.append(_or_open(end, within) if spans else within)
    if last is not None:
        conditions.append(_not_after(_bound(row, table.starts), last, open_span=spans))
    return conditions


def _not_after(start: exp.Expression, last: date, *, open_span: bool) -> exp.Expression:
    within: exp.Expression = exp.LTE(this=start, expression=day(last))
    return _or_open(start, within) if open_span else within


def _or_open(bound: exp.Expression, within: exp.Expression) -> exp.Expression:
    return exp.paren(exp.or_(exp.Is(this=bound.copy(), expression=exp.null()), within), copy=False)


def _bound(row: str, names: Sequence[str]) -> exp.Expression:
    """The first of these dates that is not NULL."""
    columns = [column(row, name) for name in names]
    return columns[0] if len(columns) == 1 else exp.func("COALESCE", *columns)


def _parts(bound: exp.Expression) -> list[exp.Expression]:
    return [bound.this, *bound.expressions] if isinstance(bound, exp.Coalesce) else [bound]


def among(number: exp.Column, numbers: Sequence[int]) -> exp.Expression:
    """Whether the number is one of these."""
    return number.isin(*(exp.Literal.number(n) for n in numbers)) if numbers else exp.false()


def column(row: str, name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(row, quoted=True))


def day(value: date) -> exp.Expression:
    return exp.cast(exp.Literal.string(value.isoformat()), "date")


def aliased(source: exp.Table, alias: str) -> exp.Table:
    """Wraps `source` in an alias without copying it."""
    source.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return source


def all_of(conditions: Sequence[exp.Expression]) -> exp.Expression:
    return exp.and_(*conditions, copy=False) if conditions else exp.true()
