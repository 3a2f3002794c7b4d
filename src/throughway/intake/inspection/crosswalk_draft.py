"""Drafts the crosswalk of a file from what its columns are guessed to be.

Only what is sure is mapped. Each doubt is a comment that begins with `# DOUBT`, with the line that would answer it; a column left so is not
loaded, and a code left so empties its cell.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from throughway.intake.crosswalk import SourceLayout
from throughway.intake.inspection.draft_lines import Line, day_order, in_yaml, lines_of, one_line, scalar
from throughway.intake.inspection.element_fit import ANSWER
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.heading_words import words_of
from throughway.intake.inspection.melted_columns import (
    SCORE,
    TESTED,
    is_day_column,
    melted_answers,
    melted_days,
    melted_pairs,
    melted_scores,
    metric_of,
    paired_with_days,
    sure_pairs,
)
from throughway.intake.inspection.renamed_headings import seen
from throughway.intake.inspection.student_key import (
    PARTS,
    PERSON_KEY,
    cost_of_made_key,
    person_key,
    system_of,
    whole_name,
)
from throughway.vocabulary import TABLES

QUANTITY = "service_received.service_quantity"
# The elements that tell rows of one student apart, by table.
KEYS: Mapping[str, tuple[str, ...]] = {
    "school_enrollment": ("organization_id", "school_year", "enrollment_entry_date"),
    "attendance_day": ("organization_id", "program_id", "course_section_identifier", "attendance_event_date"),
    "attendance_summary": ("organization_id", "period_start_date"),
    "behavior_incident": ("incident_identifier", "incident_date", "incident_time", "incident_behavior"),
    "disciplinary_action": ("disciplinary_action_identifier", "incident_identifier", "disciplinary_action_start_date", "disciplinary_action_taken"),
    "course_grade": ("organization_id", "course_identifier", "course_section_identifier", "course_title", "marking_period_name"),
    "assessment_result": ("assessment_identifier", "assessment_title", "assessment_academic_subject", "assessment_subtest_identifier", "assessment_administration_start_date"),
    "program_participation": ("program_identifier", "school_year", "program_participation_start_date"),
    "service_received": ("program_identifier", "student_support_service_type", "service_date", "service_entry_date"),
    "referral": ("referral_date", "receiving_organization_id"),
    "guardian": ("guardian_person_id", "person_relationship_type"),
    "postsecondary_enrollment": ("organization_name", "institution_ipeds_unitid", "entry_date_into_postsecondary"),
    "credential": ("high_school_diploma_type", "academic_award_title", "academic_award_date", "diploma_or_credential_award_date"),
    "employment": ("employment_start_date",),
    "survey_response": ("survey_identifier", "survey_question_code", "response_date"),
    "calendar_day": ("organization_id", "calendar_code", "calendar_event_date"),
    "program": ("program_identifier", "program_name"),
}  # fmt: skip
# Of these, what seldom tells two rows apart: not part of the key where cells are empty, for a row without a part of its key is set aside.
SELDOM = ("organization_id", "program_id", "course_section_identifier", "incident_time")
# Tables with one row of a student in each school year, where a file has neither its day nor its year; a mark never has a day of its own.
BY_YEAR = ("school_enrollment", "attendance_summary", "course_grade", "service_received")
BY_YEAR_LINE = re.compile(r"^  (\w+):\n    key: .*\n    person: .*\n    by_year: true", re.MULTILINE)
# What a file is often of one alone, which no column names then.
OF_ONE = {
    "program_participation": ("program", "program_identifier"),
    "survey_response": ("survey", "survey_identifier"),
}
UNITS = (
    ("hours", "hour"),
    ("horas", "hour"),
    ("minutes", "minute"),
    ("minutos", "minute"),
    ("sessions", "session"),
    ("times", "session"),
)
IN_PIECES = (
    "person_identifier",
    "assessment_result",
)  # tables whose columns in doubt are asked about one by one
ONE_EACH = 0.7  # different keys for each row in a list of students
ONE_ROW = 0.9  # the same of a list with one row of each student, some of which may stand there twice
INTRODUCTION = """# Drafted from {name}. Each line that begins with "# DOUBT" is a question: to accept what it asks, take the "# " of the
# lines below it away and keep the rest of their indentation; what you leave is not loaded. Name columns that nobody wants under `ignore`.
"""


@dataclass(frozen=True)
class TableOfFile:
    """A file or sheet, or the sheets of one layout together, with the guesses for the columns. `tabs`: the titles of the sheets; `year`: the
    school year that they, or the rows above their headings, tell; `shapes`: those of cells that are not at hand any more, by heading."""

    name: str
    source: SourceLayout
    columns: Sequence[ElementGuess]
    tabs: Sequence[str] = ()
    year: int | None = None
    shapes: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> Mapping[str, str]:
        """What the crosswalk keeps of it, for a next file whose headings differ."""
        return {name: self.shapes.get(name, shape) for name, shape in seen(self.columns).items()}


def draft(of: TableOfFile) -> str:
    """The crosswalk as YAML. Where no column is surely the student's key, it has no table, and `load` refuses it until it has one."""
    columns = _in_order(sure_pairs(_usable(of.columns)))
    person = person_key(columns)
    lines = [
        INTRODUCTION.format(name=one_line(of.name)),
        "throughway: crosswalk/1\n",
        f"{source_line(of.source)}\n",
    ]
    tables = list(_tables(columns, person))
    if made := made_key(of):
        lines.append(f"# {made}\n")
    elif not person and any(TABLES[t].of_person for t in _named_tables(columns)):
        lines.append(
            "# DOUBT: no column is surely the student's own number; name it, or those of name and birth date, as `key` of person and as `person` elsewhere.\n"
        )
    lines.append("tables:\n")
    lines += tables
    names = whole_name(columns)
    ignored = [
        c.name for c in of.columns if c.element is None and not c.is_doubt and c.name and c is not names
    ]
    if ignored:
        lines.append(f"ignore: [{', '.join(map(scalar, dict.fromkeys(ignored)))}]\n")
    lines += _seen(of)
    written = [line for table in tables for line in table.split("\n")]
    pairs = paired_with_days([c for c in columns if c.element == SCORE], columns)
    alone = [c for c in columns if not (pairs and re.search(f"{pairs.scores}|{pairs.days}", c.name))]
    days = [c for c in alone if is_day_column(c)]
    melted = any(line.strip() == "attendance_day:" for line in written)
    # What is asked of one day holds for all.
    lines += _left_over([c for c in alone if c not in (days if melted else days[1:])], "\n".join(written))
    for column in of.columns:
        if column.element is None and column.is_doubt and column.name and column is not names:
            lines.append(
                f"# DOUBT: {one_line(column.name)} is mapped to nothing: {column.reason}; add it to `ignore`, or to a table.\n"
            )
    lines += _repeated([column.name for column in of.columns if column.name])
    return in_yaml("".join(lines))


def _seen(of: TableOfFile) -> Iterator[str]:
    if of.seen:
        yield "seen:  # the headings in their order, with the shape of most cells, to recognize one that is renamed\n"
        yield from (f"  {scalar(name)}: {scalar(shape)}\n" for name, shape in of.seen.items())


def _repeated(names: Sequence[str]) -> Iterator[str]:
    """What to do with headings that several columns have: none of these is mapped."""
    for name, count in Counter(names).items():
        if count > 1:
            each = one_line(name)
            yield f"# DOUBT: {each} is the heading of {count} columns, and none is mapped; name the one that is meant by its place, as in {each} (1), or add {each} to `ignore`.\n"


def _left_over(columns: Sequence[ElementGuess], mapped: str) -> Iterator[str]:
    """The columns of tables that have nothing sure yet, each with the line that would map it."""
    for column in columns:
        if (
            column.element
            and column.element != PERSON_KEY
            and not re.search(rf"(?<!\w){re.escape(scalar(column.name))}", mapped)
        ):
            line = next(lines_of(column))
            table = column.element.partition(".")[0]
            yield f"# DOUBT: {line.doubt or column.reason}; to use it, write under tables, {table}, columns:\n# {line.text}\n"


def _usable(columns: Sequence[ElementGuess]) -> list[ElementGuess]:
    """The columns that a crosswalk can name: with a heading that no other column has."""
    names = [column.name for column in columns]
    return [column for column in columns if column.name and names.count(column.name) == 1]


def _in_order(columns: Sequence[ElementGuess]) -> list[ElementGuess]:
    """Days that could be read either way are read in the order that the file's other days tell."""
    order = day_order(columns)
    return [
        replace(c, dates=c.dates.ordered(order))
        if order and c.dates is not None and c.dates.order == "cannot tell"
        else c
        for c in columns
    ]


def made_key(of: TableOfFile) -> str:
    """What a key that is made of a name, and a birth date where there is one, costs; empty where the file has another or none."""
    return cost_of_made_key(_in_order(_usable(of.columns)))


def _named_tables(columns: Sequence[ElementGuess], *, doubts: bool = False) -> list[str]:
    """The tables that sure columns fill, or those in doubt, in the vocabulary's order."""
    named = {c.element.partition(".")[0] for c in columns if c.element and c.is_doubt == doubts}
    named |= {"person" for c in columns if c.names and not doubts}
    return [table for table in TABLES if table in named]


@dataclass(frozen=True)
class SharedColumns:
    """Columns that several tables read, whichever table their own element is of. `year` tells the rows of a table without days apart."""

    person: Sequence[ElementGuess]
    year: str
    school: str


def _of_any_table(columns: Sequence[ElementGuess], name: str) -> str:
    """The heading of a filled column that is this element of any table; empty where there is none."""
    return next(
        (c.name for c in columns if c.element and c.element.endswith(f".{name}") and c.profile.filled), ""
    )


def _shared(columns: Sequence[ElementGuess], person: Sequence[ElementGuess]) -> SharedColumns:
    return SharedColumns(
        person, _of_any_table(columns, "school_year"), _of_any_table(columns, "organization_id")
    )


def why_left_out(of: TableOfFile, column: ElementGuess) -> str:
    """Why the draft leaves a column out whose element is sure."""
    columns = sure_pairs(_usable(of.columns))
    person, table = person_key(columns), (column.element or "").partition(".")[0]
    if not person and TABLES[table].of_person:
        return "no column is surely the student's own number"
    own = [c for c in columns if c.element and c.element.startswith(f"{table}.")]
    return _unsure_key(table, own, (), _shared(columns, person)) or "another column is taken for the same"


def _tables(columns: Sequence[ElementGuess], person: Sequence[ElementGuess]) -> Iterator[str]:
    days = [*filter(is_day_column, columns)]
    shared = _shared(columns, person)
    named, doubtful = _named_tables(columns), _named_tables(columns, doubts=True)
    for table in (t for t in TABLES if t in (*named, *doubtful)):
        if TABLES[table].of_person and not person:
            continue
        own = [c for c in columns if c.element and c.element.startswith(f"{table}.") and c not in days]
        melted = days if table == "attendance_day" and len(days) > 2 else []
        if table not in named or _unsure_key(table, own, melted, shared):
            yield from _table_in_doubt(table, own, shared, piecemeal=table not in named)
            continue
        names = whole_name(columns) if table == "person" else None
        lines = list(_table(table, own, shared, melted, names))
        if names is not None and not lines:  # nothing of the student is sure
            yield _left_out(
                table, list(_table(table, own, shared, (), replace(names, names="1"))), NAME_ORDER
            )
        elif lines:
            yield "".join(f"{line}\n" for line in (f"  {table}:", *lines))


def _table_in_doubt(
    table: str, own: Sequence[ElementGuess], shared: SharedColumns, *, piecemeal: bool
) -> Iterator[str]:
    """A table whose columns, or what tells its rows apart, are in doubt, as it would be with all of its columns. `piecemeal`: none is sure."""
    if piecemeal and table in IN_PIECES:
        return
    taken = [replace(c, confidence=1.0) for c in own]
    reasons = [f"{one_line(c.name)}: {c.reason} (confidence {c.confidence:.0%})" for c in own if c.is_doubt]
    reasons += filter(None, [_unsure_key(table, taken, (), shared)])
    if lines := list(_table(table, taken, shared, (), None)):
        yield _left_out(table, lines, "; ".join(reasons))


def _left_out(table: str, lines: Sequence[str], question: str) -> str:
    whole = [f"# {table}:", *(f"# {line}" for each in lines for line in each.split("\n"))]
    asks = f"# DOUBT: {question}; to use the table, remove the number signs below"
    return "".join(f"  {line}\n" for line in (asks, *whole))


NAME_ORDER = (
    "the names have no comma; which word begins the last name? With last_words: 1 it is the last one (Maria Lopez Garcia: Garcia), "
    "with last_words: 2 the last but one (Lopez Garcia); de la Cruz counts as one word"
)


def _parts_of(column: ElementGuess) -> Iterator[Line]:
    """The lines that read the parts of whole names; one question where the order of the words does not tell them."""
    asked = column.names == "First Last"
    words = "" if column.names == "Last, First" else f", last_words: {1 if asked else column.names}"
    lines = [f"{name}: {{from: {scalar(column.name)}, part: {part}{words}}}" for name, part in PARTS]
    yield from [Line("\n".join(lines), NAME_ORDER)] if asked else map(Line, lines)


def _is_by_year(table: str, own: Sequence[ElementGuess], shared: SharedColumns) -> bool:
    """Whether only the school year of the load tells a student's rows in two files apart: each student has one row in the file, or one for
    each course, which may be taken again."""
    keys = {f"{table}.{name}" for name in KEYS.get(table, ()) if name != "organization_id"}
    once = any(c.profile.unique >= ONE_ROW for c in shared.person)
    keyed = any(c.element in keys for c in own)
    return table in BY_YEAR and not shared.year and (not TABLES[table].starts if keyed else once)


def _unsure_key(
    table: str, own: Sequence[ElementGuess], melted: Sequence[ElementGuess], shared: SharedColumns
) -> str:
    """Why rows of a table could not be told apart: the same key again is the same row. Empty where they can."""
    names = {c.element.partition(".")[2]: c for c in own if c.element}
    if melted or table not in KEYS or table == "guardian" or not TABLES[table].of_person:
        return ""
    doubtful = [
        names[n].name for n in (*KEYS[table], *TABLES[table].starts) if n in names and names[n].is_doubt
    ]
    if doubtful:
        return f"{table} needs {doubtful[0]} to tell rows of one student apart, and that column is a doubt"
    if _is_by_year(table, own, shared):
        return ""
    day = TABLES[table].day
    if day is not None and not names.keys() & {day, *TABLES[table].starts}:
        return f"no column is the day of {table}, so rows of one student could not be told apart"
    if not any(n in names for n in KEYS[table] if n != "organization_id") and not _answers(own):
        return f"no column tells rows of {table} of one student apart"
    return ""


def _answers(own: Sequence[ElementGuess]) -> list[ElementGuess]:
    """The columns that are a question of a survey each; none in a file with a column that names the question."""
    asked = any(c.element == "survey_response.survey_question_code" for c in own)
    return [] if asked else [c for c in own if c.element == ANSWER and not c.is_doubt]


def _table(
    table: str,
    own: Sequence[ElementGuess],
    shared: SharedColumns,
    days: Sequence[ElementGuess],
    whole: ElementGuess | None,
) -> Iterator[str]:
    """The lines of one table; none where it would have no element beside its key. `whole`: a column to be read in parts."""
    if table == "person_identifier":
        yield from _identifiers(own, shared.person)
        return
    scores = [c for c in own if c.element == SCORE and not c.is_doubt]
    paired = paired_with_days(scores, own)
    if paired:
        own = [c for c in own if c.element != TESTED]
    quantities = [c for c in own if c.element == QUANTITY and not c.is_doubt]
    answers = _answers(own)
    special = [*(scores if len(scores) > 1 else ()), *quantities, *answers]
    lines = list(_parts_of(whole)) if whole else []
    if table == "person_race" and len([c for c in own if c.element == "person_race.race"]) > 1:
        own = [c for c in own if c.element != "person_race.race"]
        lines.append(
            Line(
                "race: {from: }",
                "one column for each race; a crosswalk reads one column of race, so export it as one",
            )
        )
    for column in own:
        if column not in special:
            lines += lines_of(column)
    lines += _quantity(quantities)
    of, name = OF_ONE.get(table, ("", ""))
    if of and all(c.element != f"{table}.{name}" for c in own):
        lines.append(
            Line(
                f"{name}: {{value: NAME}}",
                f"no column names the {of}; where the file is of one {of}, write its name here",
            )
        )
    melt, melted_key = "", ""
    if days:
        melt, melted_key = melted_days(days, lines)
    elif answers:
        melt, melted_key = melted_answers(answers)
    elif len(scores) > 1:
        melt, melted_key = melted_pairs(paired, scores, lines) if paired else melted_scores(scores, lines)
    elif scores and (metric := metric_of(scores[0].name)):
        lines.append(Line(f"assessment_score_metric_type: {{value: {scalar(metric)}}}"))
    if not any(not line.doubt for line in lines) and not melt:
        return
    yield f"    key: [{', '.join(map(scalar, _key(table, own, shared, melted_key)))}]"
    if TABLES[table].of_person and table != "person":
        names = [scalar(c.name) for c in shared.person]
        yield f"    person: {names[0] if len(names) == 1 else '[' + ', '.join(names) + ']'}"
    if _is_by_year(table, own, shared):
        yield "    by_year: true  # no column is the school year; load the file with --school-year 2025-26, or its own year"
    if melt:
        yield f"    melt: {melt}"
    yield "    columns:"
    yield from (line.written(6) for line in lines)


def _key(table: str, own: Sequence[ElementGuess], shared: SharedColumns, melted: str) -> list[str]:
    by_element = {
        c.element: c.name
        for c in own
        if not c.is_doubt and (c.profile.filled == c.profile.rows or not (c.element or "").endswith(SELDOM))
    }
    key = [c.name for c in shared.person] if TABLES[table].of_person else []
    if table == "organization" and shared.school:
        key = [shared.school]
    key += [by_element[path] for name in KEYS.get(table, ()) if (path := f"{table}.{name}") in by_element]
    if shared.year and table in KEYS and TABLES[table].of_person and TABLES[table].day is None:
        key.append(shared.year)
    return list(dict.fromkeys([*(key or [*by_element.values()][:1]), *([melted] if melted else [])]))


def _identifiers(own: Sequence[ElementGuess], key: Sequence[ElementGuess]) -> Iterator[str]:
    """One identifier of the student: another than the key where the file has one, such as the state's, else the key itself."""
    if len(key) != 1:
        return
    [person] = key
    alone = all(c is person for c in own)
    if (
        alone and person.profile.unique < ONE_EACH
    ):  # many rows of one student: the key stands in each of them already
        return
    others = [
        c for c in own if c is not person and c.element == PERSON_KEY and not c.is_doubt and c.profile.filled
    ]
    chosen = min(others, key=lambda c: (system_of(c.name) != "State", c.profile.position), default=person)
    yield f"    key: [{scalar(person.name)}]"
    yield f"    person: {scalar(person.name)}"
    yield "    columns:"
    yield f"      person_identifier: {{from: {scalar(chosen.name)}}}"
    yield f"      person_identification_system: {{value: {system_of(chosen.name)}}}"
    for other in (c for c in own if c.is_doubt):
        yield from (line.written(6) for line in lines_of(other))


def _quantity(columns: Sequence[ElementGuess]) -> Iterator[Line]:
    """Hours and minutes are one duration in minutes; any other column is a number of its unit."""
    units = {c.name: next((unit for word, unit in UNITS if word in words_of(c.name)), None) for c in columns}
    hours = [name for name, unit in units.items() if unit == "hour"]
    minutes = [name for name, unit in units.items() if unit == "minute"]
    if len(columns) == 2 and hours and minutes:
        yield Line(
            f"service_quantity: {{sum: [{{from: {scalar(hours[0])}, times: 60}}, {{from: {scalar(minutes[0])}}}]}}"
        )
        yield Line("service_quantity_unit: {value: minute}")
        return
    for n, (name, unit) in enumerate(units.items()):
        doubt = "" if n == 0 else "a second quantity; a row has one"
        yield Line(f"service_quantity: {{from: {scalar(name)}}}", doubt)
        if unit and not n:
            yield Line(f"service_quantity_unit: {{value: {unit}}}")


def source_line(source: SourceLayout) -> str:
    """How the file is written, as a line of a crosswalk."""
    parts = [f"format: {source.format}"]
    if source.format == "csv":
        parts += [f"encoding: {source.encoding}", f"delimiter: {json.dumps(source.delimiter)}"]
        if source.quote != '"':
            parts.append(f"quote: {json.dumps(source.quote)}")
    elif source.sheets is not None:
        parts.append(f"sheets: {source.sheets}")
    elif source.sheet is not None:
        parts.append(f"sheet: {scalar(source.sheet)}")
    parts.append(f"header_row: {source.header_row}")
    return "source: {" + ", ".join(parts) + "}"
