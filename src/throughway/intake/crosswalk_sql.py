"""Compiles a crosswalk's table to SQL over a file's cells, so that the engine does the mapping.

Three layers: the cells used, trimmed (`r0`, `r1`, ...; empty, never NULL); for each element its value and whether it was unreadable;
and finally the staged row with its faults as bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from throughway.core.refusals import Refused, did_you_mean
from throughway.intake.cell_checks import element_of, faults_of, unreadable
from throughway.intake.crosswalk import ColumnMap, NamePart, SourceLayout, TableMap
from throughway.intake.raw_cells import Raw, numbered, sql_text
from throughway.intake.safe_names import QuotesHeading
from throughway.intake.unpivot import beside, melting
from throughway.intake.value_parsing import (
    WORKBOOK,
    constant_sql,
    day_sql,
    kind_of,
    listed,
    readable,
    typed_sql,
)
from throughway.vocabulary import Element, code_set, no_code


@dataclass(frozen=True)
class SourceColumns:
    """The SQL of a source column: `raw` its trimmed text, `text` the same with missing values as NULL."""

    raw: Mapping[str, str]
    nothing: tuple[str, ...]

    def text(self, column: str) -> str:
        raw = self.raw[column]
        if self.nothing == ("",):
            return f"nullif({raw}, '')"
        return f"CASE WHEN {raw} NOT IN {listed(self.nothing)} THEN {raw} END"


@dataclass
class ElementSql:
    """One element's cell in SQL: its value, the condition that it is unreadable, and its source text."""

    value: str
    bad: str = "false"
    source: str = ""  # of a code


def reading_of(
    table: str,
    name: str,
    column: ColumnMap,
    cells: SourceColumns,
    raw: Raw,
    mapped: TableMap,
    *,
    time_zone: str | None = None,
) -> ElementSql:
    element = element_of(table, name)
    kind = kind_of(element)
    for text in (column.value, column.otherwise, *(column.map or {}).values()):
        if text is not None and not readable(text, element):
            raise Refused(
                f"The crosswalk gives {element.path} an invalid value: {_why_not(text, element)}.",
                code="crosswalk",
            )
    if column.value is not None:
        return ElementSql(constant_sql(column.value, element))
    if any(source not in cells.raw for source in column.sources):
        return ElementSql(constant_sql(column.otherwise, element))
    if column.sum:
        return _sum(column, cells, kind)
    if column.join:
        parts = ", ".join(cells.text(c) for c in column.join)
        plain = text_sql = f"nullif(concat_ws({sql_text(column.with_)}, {parts}), '')"
    else:
        source = column.from_ or ""
        plain, text_sql = cells.raw[source], cells.text(source)
    if column.map is not None:
        reading = _mapped(column, plain, text_sql, element)
    elif column.part:
        reading = _part_of_name(column.part, column.last_words, text_sql)
    else:
        melted_day = mapped.melt and mapped.melt.date and column.from_ == mapped.melt.name
        formats = () if melted_day else column.date or ()
        if raw.from_workbook and (formats or element.type == "date") and not melted_day:
            formats = (*formats, *WORKBOOK)
        value = day_sql(text_sql, formats, time_zone) if formats else typed_sql(text_sql, element)
        bad = f"({text_sql}) IS NOT NULL AND ({value}) IS NULL" if value != text_sql else "false"
        reading = ElementSql(f"CAST({value} AS VARCHAR)" if formats and kind == "VARCHAR" else value, bad=bad)
    if element.type == "code":
        reading.source = text_sql
    return reading


# A name written as `Last, First Middle`, with a suffix at either end: last, suffix, first, middle, suffix. What may be missing is tried first,
# so that a suffix is no middle name.
SPACE = r"\s\x{A0}"  # also the no-break space
SUFFIX = rf"(?:[{SPACE},]+(JR|SR|II|III|IV)\.?)?"
WHOLE_NAME = (
    rf"^(?i)([^,]+?){SUFFIX}[{SPACE}]*,[{SPACE}]*([^,{SPACE}]+)(?:[{SPACE}]+([^,]+?))??{SUFFIX}[{SPACE}]*$"
)
GROUPS: Mapping[NamePart, tuple[int, ...]] = {"last": (1,), "suffix": (2, 5), "first": (3,), "middle": (4,)}


# A name written as `First Middle Last`, by the words of its last name: first, middle, last, suffix. A particle belongs to the word behind it.
PARTICLE = "de|del|la|las|los|da|das|do|dos|e|y|van|von|der|den|ter|bin|el|al"
WORD = rf"(?:(?:{PARTICLE})[{SPACE}]+)*[^,{SPACE}]+"
IN_ORDER = {
    words: rf"^(?i)([^,{SPACE}]+)(?:[{SPACE}]+([^,]+?))??[{SPACE}]+({WORD}{more}){SUFFIX}[{SPACE}]*$"
    for words, more in ((1, ""), (2, rf"(?:[{SPACE}]+{WORD})??"))
}
GROUPS_IN_ORDER: Mapping[NamePart, tuple[int, ...]] = {"first": (1,), "middle": (2,), "last": (3,), "suffix": (4,)}  # fmt: skip


def _part_of_name(part: NamePart, last_words: int | None, text: str) -> ElementSql:
    whole = sql_text(IN_ORDER[last_words] if last_words else WHOLE_NAME)
    groups = GROUPS_IN_ORDER[part] if last_words else GROUPS[part]
    found = ", ".join(f"nullif(regexp_extract({text}, {whole}, {group}), '')" for group in groups)
    return ElementSql(
        f"coalesce({found})", bad=f"({text}) IS NOT NULL AND NOT regexp_matches({text}, {whole})"
    )


def _why_not(text: str, element: Element) -> str:
    if code_set(element):
        return no_code(element, text)
    problem, cure = unreadable(element)
    return f"{text} is {problem}; {cure}"


def _mapped(column: ColumnMap, plain: str, text: str, element: Element) -> ElementSql:
    entries = {k: v for k, v in (column.map or {}).items() if k != "*"}
    any_other = "*" in (column.map or {})
    rest = (column.map or {}).get("*")
    cases = "".join(
        f" WHEN {sql_text(code)} THEN {constant_sql(value, element)}" for code, value in entries.items()
    )
    other = f"CASE WHEN ({text}) IS NOT NULL THEN {constant_sql(rest, element)} END"
    value = f"CASE {plain}{cases} ELSE {other} END" if entries else other
    known = f" AND {plain} NOT IN {listed(tuple(entries))}" if entries else ""
    return ElementSql(value, bad="false" if any_other else f"({text}) IS NOT NULL{known}")


def _sum(column: ColumnMap, cells: SourceColumns, kind: str) -> ElementSql:
    terms, present, bad = [], [], []
    for term in column.sum or ():
        text = cells.text(term.from_)
        number = f"TRY_CAST(({text}) AS DOUBLE)"
        terms.append(f"coalesce({number} * {term.times!r}, 0)")
        present.append(f"({text}) IS NOT NULL")
        bad.append(f"(({text}) IS NOT NULL AND NOT coalesce(isfinite({number}), false))")
    unreadable, anything = " OR ".join(bad), " OR ".join(present)
    total = f"CASE WHEN ({anything}) AND NOT ({unreadable}) THEN {' + '.join(terms)} END"
    return ElementSql(f"CAST({total} AS {kind})", bad=unreadable)


# Lines under the rows, by the cell where the student's key would be: those that count (`Grand total: 309`) and, alone in their row, those
# that say something (`Prepared by the office`). A name that serves as a key is neither, however long: unlike a sentence it has no word in
# small letters behind its first, save particles, or has small letters throughout.
TOTALS = r"^(grand|sub|report|page|overall)?[ -]*totals?( *[:=(\d].*| (number|count|of|students?|child(ren)?|kids|campers|participants?|pupils|youth|members|enrolled|rows|records)\b.*)?$|^(number|count|no\.?) of \w+s([ :=].*)?$|^(record|row|student)s? (count|total)([ :=].*)?$"
NOTES = r"^(prepared|printed|generated|exported|report|run (on|by|at|date|time)|page \d+|end of|notes?|source|confidential)\b|^\*|[:=]"
PARTICLES = rf"(?i) ({PARTICLE})\b"
SENTENCE = r"^\P{Ll}\S*( \S+){4,}$"

# Characters trimmed at either end of a cell: space, tab, line break, and the no-break space of workbooks and web pages.
BLANKS = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)")


def table_sql(
    table: str,
    mapped: TableMap,
    raw: Raw,
    source: SourceLayout,
    *,
    school_year: int | None,
    days: Mapping[str, ColumnMap] = {},
) -> str:
    """SELECT of the table's staged rows out of the raw cells. `days`: how the table person reads days of its key, by their column, so that
    the key of a student is one in all tables. Refused when the file lacks a required column."""
    if mapped.melt:
        raw = raw.with_numbers()
    positions = _positions(table, mapped, raw)
    melt = mapped.melt
    melted = melting(melt, raw.headings, file=raw.file, school_year=school_year, tab=raw.tab) if melt else {}
    names = {column: f"r{position}" for column, position in positions.items()}
    beside_it: dict[str, dict[str, int]] = {}
    if melt:
        names |= {melt.name: "_melt_name", melt.value: "_melt_value"}
        beside_it = beside(melt, raw.headings, file=raw.file)
        names |= {name: f"_beside_{n}" for n, name in enumerate(beside_it)}
    cells = SourceColumns(names, tuple(dict.fromkeys(("", *source.null_texts))))
    relation = _read(
        raw,
        sorted(positions.values()),
        melted,
        [*beside_it.values()],
        keep_blank=_blank_means(mapped, cells.nothing),
        cells=cells,
        student=[positions[c] for c in mapped.person_key(table) if c in positions],
    )
    readings = {
        name: reading_of(table, name, c, cells, raw, mapped, time_zone=source.time_zone)
        for name, c in mapped.columns.items()
    }
    headings = {text: raw.headings[position].text for position, text in melted.items()}
    read = {
        column: KeyPartSql(
            reading_of(
                "person", "birthdate", days[column], cells, raw, mapped, time_zone=source.time_zone
            ).value
        )
        for column in mapped.person
        if column in days
    }
    return _assembled(table, mapped, raw, relation, readings, cells, headings, read, school_year=school_year)


def unmapped(
    tables: Mapping[str, TableMap], ignore: Sequence[str], raw: Raw, *, school_year: int | None
) -> list[str]:
    """Headings that no table maps and nothing ignores, in file order; one without a name is `column 7`."""
    known = {*ignore, *(s for mapped in tables.values() for s in mapped.sources())}
    melted: set[int] = set()
    for melt in filter(None, (mapped.melt for mapped in tables.values())):
        melted.update(melting(melt, raw.headings, file=raw.file, school_year=school_year, tab=raw.tab))
        melted.update(at for of in beside(melt, raw.headings, file=raw.file).values() for at in of.values())
    names = numbered(raw.headings)
    return [
        names[position] or f"column {position + 1}"
        for position, heading in enumerate(raw.headings)
        if not known & {heading.text, names[position]} and position not in melted
    ]


ABSENT = "correct the crosswalk, or give the element `otherwise: null` if the column may be absent."


def _positions(table: str, mapped: TableMap, raw: Raw) -> dict[str, int]:
    """The position of each column that the table names; an absent one is left out when its element has `otherwise`."""
    texts, names = [heading.text for heading in raw.headings], numbered(raw.headings)
    elements = set(mapped.columns)
    needed = {s for c in mapped.columns.values() if not c.may_be_absent for s in c.sources}
    needed |= {c for c in (*mapped.key, *mapped.person) if c in names or c in texts or c not in elements}
    read = [column for column in mapped.sources() if column in needed]
    here = [column for column in read if column in texts or column in names]
    if len(read) > 2 and len(here) < len(read) / 2:
        raise Refused(
            f"{raw.file} has {len(here)} of the {len(read)} columns that the crosswalk reads for {table}, so it is of another layout or delimiter, or another "
            "partner's file. Give the crosswalk that was drafted from it and the partner whose file it is, or draft one: throughway crosswalk draft.",
            code="missing_column",
        )
    found: dict[str, int] = {}
    for column in mapped.sources():
        if texts.count(column) > 1:
            raise Refused(
                f"{raw.file} has {texts.count(column)} columns with the heading {column}; name the one that is meant by its place among "
                f"them, as in {column} (2), or rename all but one.",
                code="two_columns",
            )
        if column in texts or column in names:
            found[column] = (texts if column in texts else names).index(column)
        elif column in needed:
            missing = f"{raw.file} has no column {column}, which the crosswalk reads;"
            raise QuotesHeading(
                f"{missing} {_cure(column, texts)}", kept=f"{missing} {ABSENT}", code="missing_column"
            )
    return found


def _cure(column: str, headings: Sequence[str]) -> str:
    cut = next((text for text in headings if text.startswith(f"{column} #")), None)
    if cut:
        return f"it has {cut}: put that name in quotes in the crosswalk, since YAML reads nothing after an unquoted #."
    return did_you_mean(column, [text for text in headings if text], ABSENT)


def _blank_means(mapped: TableMap, nothing: Sequence[str]) -> bool:
    """Whether a map gives a blank unpivoted cell a meaning; otherwise a blank cell makes no row."""
    melt = mapped.melt
    maps = [c.map for c in mapped.columns.values() if melt and c.from_ == melt.value and c.map]
    return any(text in entries for entries in maps for text in nothing)


def _read(
    raw: Raw,
    positions: Sequence[int],
    melted: Mapping[int, str],
    beside_it: Sequence[Mapping[str, int]],
    *,
    keep_blank: bool,
    cells: SourceColumns,
    student: Sequence[int],
) -> str:
    """The cells used, trimmed, and `_note`; unpivoted where the table requires it, with the cells beside each. `student`: the key of the student."""

    def trimmed(position: int) -> str:
        cell = f"c{position}"
        # Trimming is slow and most cells need none; text that begins with a white-space character sorts before '!'.
        ends = " OR ".join(f"suffix({cell}, {sign})" for sign in BLANKS)
        return (
            f"CASE WHEN {cell} < '!' OR prefix({cell}, chr(160)) OR {ends}"
            f" THEN trim({cell}, {' || '.join(BLANKS)}) ELSE coalesce({cell}, '') END"
        )

    numbers, source = ["_row", "_broken"] if raw.numbered else [], raw.relation
    kept = [f"{trimmed(p)} AS r{p}" for p in positions]
    notes = [_note(p, len(raw.headings)) for p in student]
    if len(student) > 1 and 0 not in student:  # `Total` below the numbers of the rows
        notes.append(
            f"trim(concat({', '.join(f'c{p}' for p in student)})) = '' AND {_note(0, len(raw.headings))}"
        )
    kept += [f"({' OR '.join(notes)}) AS _note"] if notes else []
    if not melted:
        return f"SELECT {', '.join([*numbers, *kept]) or '1 AS nothing'} FROM {source}"
    blank = "" if keep_blank else f" WHERE _melt_value NOT IN {listed(cells.nothing)}"
    nothing = "".join([*(f", '' AS r{p}" for p in positions), *(", false AS _note" for _ in student[:1])])
    if beside_it:
        pairs = []
        for position, text in melted.items():
            cell = [f"{sql_text(text)} AS _melt_name", f"{trimmed(position)} AS _melt_value"]
            cell += [
                f"{trimmed(at[text]) if text in at else chr(39) * 2} AS _beside_{n}"
                for n, at in enumerate(beside_it)
            ]
            pairs.append(f"SELECT {', '.join([*numbers, *kept, *cell])} FROM {source} WHERE NOT _broken")
        empty = "".join(f", '' AS _beside_{n}" for n in range(len(beside_it)))
        broken = f"SELECT _row, _broken{nothing}, '' AS _melt_name, '' AS _melt_value{empty} FROM {source} WHERE _broken"
        return f"SELECT * FROM ({' UNION ALL BY NAME '.join(pairs)}){blank} UNION ALL BY NAME {broken}"
    wide = [f"{trimmed(p)} AS {_quoted(text)}" for p, text in melted.items()]
    on = ", ".join(_quoted(text) for text in melted.values())
    whole = f"SELECT {', '.join([*numbers, *kept, *wide])} FROM {source} WHERE NOT _broken"
    return (
        f"SELECT * FROM (UNPIVOT ({whole}) ON {on} INTO NAME _melt_name VALUE _melt_value){blank} "
        f"UNION ALL BY NAME SELECT _row, _broken{nothing}, '' AS _melt_name, '' AS _melt_value FROM {source} WHERE _broken"
    )


def _note(position: int, width: int) -> str:
    """Whether a row is a line of totals or a note, not a student. Most keys begin with a digit and have no blank: nothing more is asked."""
    key = f"trim(c{position})"
    others = ", ".join(f"trim(c{n})" for n in range(width) if n != position)
    alone = f"concat({others}) = ''" if width > 2 else "false"
    words = f"regexp_replace({key}, {sql_text(PARTICLES)}, '', 'g')"
    sentence = f"regexp_matches({words}, {sql_text(SENTENCE)}) AND regexp_matches({words}, ' \\p{{Ll}}')"
    return (
        f"CASE WHEN coalesce({key}, '') < 'A' AND NOT contains({key}, ' ') THEN false"
        f" WHEN regexp_matches(lower({key}), {sql_text(TOTALS)}) THEN true"
        f" WHEN contains({key}, ' ') AND (regexp_matches(lower({key}), {sql_text(NOTES)}) OR {sentence}) THEN {alone} ELSE false END"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class KeyPartSql:
    """One part of a key in SQL: its value, and the condition under which its cell is filled and cannot be read."""

    value: str
    unreadable: str = "false"


def _key_parts(
    columns: Sequence[str], readings: Mapping[str, ElementSql], mapped: TableMap, cells: SourceColumns
) -> dict[str, KeyPartSql]:
    """Each part of a key: a DATE where the column is read as a date, otherwise the cell's text."""
    parts: dict[str, KeyPartSql] = {}
    for column in columns:
        element = mapped.key_element(column)
        of_element = mapped.columns.get(element or "")
        if element and of_element and of_element.date and of_element.from_ == column:
            parts[column] = KeyPartSql(f"v_{element}", _bad(readings[element], element))
        elif mapped.melt and mapped.melt.date and column == mapped.melt.name:
            heading = f"TRY_CAST({cells.text(column)} AS DATE)"
            parts[column] = KeyPartSql(heading, f"({heading}) IS NULL")
        elif column in cells.raw:
            parts[column] = KeyPartSql(cells.text(column))
        elif element:
            parts[column] = KeyPartSql(f"CAST(v_{element} AS VARCHAR)", _bad(readings[element], element))
        else:
            raise Refused(f"The crosswalk's key names {column}, which it does not map.", code="crosswalk")
    return parts


def _joined(parts: Sequence[str]) -> str:
    """Parts of a key as one text, or a single part as it is; a bar inside a part is escaped."""
    if len(parts) <= 1:
        return parts[0] if parts else "''"
    bar, escaped = sql_text("|"), sql_text("\\|")
    return " || '|' || ".join(f"replace(CAST({p} AS VARCHAR), {bar}, {escaped})" for p in parts)


def _assembled(
    table: str,
    mapped: TableMap,
    raw: Raw,
    relation: str,
    readings: Mapping[str, ElementSql],
    cells: SourceColumns,
    headings: Mapping[str, str],
    days: Mapping[str, KeyPartSql],
    *,
    school_year: int | None,
) -> str:
    of_person = table == "person" or bool(mapped.person)
    person_columns = mapped.person_key(table)
    own_columns = () if table == "person" else tuple(c for c in mapped.key if c not in mapped.person)
    persons = {**_key_parts(person_columns, readings, mapped, cells), **days}
    keys = _key_parts(own_columns, readings, mapped, cells)
    for column in mapped.may_be_empty(table):
        keys[column] = replace(keys[column], value=f"coalesce(CAST({keys[column].value} AS VARCHAR), '')")
    values = [f"{r.value} AS v_{n}" for n, r in readings.items()]
    bads = [f"({r.bad}) AS b_{n}" for n, r in readings.items() if r.bad != "false"]
    middle = (
        f"SELECT *, {', '.join([*values, *bads])} FROM ({relation})"
        if values
        else f"SELECT * FROM ({relation})"
    )
    key_parts = {**keys, **persons}
    year = [sql_text(str(school_year))] if mapped.by_year and school_year else []
    key = _joined([*(p.value for p in keys.values()), *year])
    bits, rows, notes = [], [], []
    for bit, fault in enumerate(faults_of(table, mapped)):
        if fault.kind == "note":
            if fault.column in cells.raw and fault.column not in (mapped.melt.names if mapped.melt else ()):
                notes = [1 << bit]
            continue
        if not fault.element:
            # Only an unpivoted heading has no column name of its own.
            part = key_parts[fault.column or (mapped.melt.name if mapped.melt else "")]
            condition = part.unreadable
            if fault.kind == "missing":
                condition = f"({part.value}) IS NULL AND NOT {part.unreadable}"
        elif fault.kind == "missing":
            condition = f"v_{fault.element} IS NULL AND NOT {_bad(readings[fault.element], fault.element)}"
        else:
            condition = _bad(readings[fault.element], fault.element)
        if condition == "false":
            continue
        bits.append(f"CASE WHEN {condition} THEN {1 << bit}::BIGINT ELSE 0 END")
        if fault.scope == "row":
            rows.append(1 << bit)
    broken = "_broken" if raw.numbered else "false"
    of_notes = "".join(f" WHEN _note THEN {bit}::BIGINT" for bit in notes)  # and no other fault
    faults = f"CASE WHEN {broken} THEN 0{of_notes} ELSE {' + '.join(bits) or '0'} END"
    elements = [
        piece
        for name, reading in readings.items()
        for piece in (
            f"v_{name} AS {name}",
            *((f"{reading.source} AS {name}_source",) if reading.source else ()),
        )
    ]
    number = ["_row"] if raw.numbered else []
    person = f"CAST({_joined([p.value for p in persons.values()])} AS VARCHAR)" if of_person else "''"
    staged = ", ".join(
        [*([] if raw.alone else [f"{sql_text(raw.file)} AS _file"]), *number, f"{person} AS _person", f"{key} AS _key",
         *elements, *_heading(headings), f"{faults} AS _faults", f"{broken} AS _broken"]
    )  # fmt: skip
    whole = f"SELECT {staged} FROM ({middle})"
    # The heading of an unpivoted cell is computed only for cells at fault.
    under = ", CASE WHEN _faults <> 0 THEN _column END AS _column" if headings else ""
    hidden = "_broken, _column" if headings else "_broken"
    return f"SELECT * EXCLUDE ({hidden}){under}, (_broken OR (_faults & {sum([*rows, *notes])}) <> 0) AS _aside FROM ({whole})"


def _heading(headings: Mapping[str, str]) -> list[str]:
    if not headings:
        return []
    cases = "".join(f" WHEN {sql_text(name)} THEN {sql_text(shown)}" for name, shown in headings.items())
    return [f"CASE _melt_name{cases} END AS _column"]


def _bad(reading: ElementSql, name: str) -> str:
    return "false" if reading.bad == "false" else f"b_{name}"
