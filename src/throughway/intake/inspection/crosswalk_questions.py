"""The doubts of a drafted crosswalk as questions, and the crosswalk that their answers make.

The file is not kept between the questions and the answers. What a draft needs of it goes to the browser and back, signed: headings, formats
of dates, and codes that may be shown; no value of a student.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from throughway.core.prose import listed, school_year
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed, refuse_key_of_names
from throughway.intake.crosswalk import Crosswalk, SourceLayout
from throughway.intake.inspection.code_guess import CodeGuess, guess_code
from throughway.intake.inspection.column_profile import ColumnProfile, DateForms
from throughway.intake.inspection.crosswalk_draft import BY_YEAR_LINE, TableOfFile, draft, why_left_out
from throughway.intake.inspection.draft_lines import day_order
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.melted_columns import day_formats, is_day_column, usual_code
from throughway.intake.inspection.student_key import PERSON_KEY, is_of_names, person_key, whole_name
from throughway.intake.said_dates import lacks_a_year, said_year
from throughway.vocabulary import TABLES, codes_of, element
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.school_calendar import school_year_of

MOST = 100  # questions of each kind; more columns of a wide file are left out
LONG = 100  # a code set with more codes is offered by its nearest codes alone
YEAR = "year"  # the field of the school year
LEAVE = "-"  # the answer that a column or a code is not wanted

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class CrosswalkQuestion:
    """`name`: of its form field. `choices`: the answers with their words, the likeliest first. `usual`: the answer that is chosen until
    somebody chooses another; empty where one must be chosen."""

    name: str
    column: str
    asks: str
    why: str
    choices: Choices
    usual: str = ""


def questions(
    of: TableOfFile, needs: Mapping[str, TableNeed], answers: Mapping[str, str] | None = None
) -> tuple[CrosswalkQuestion, ...]:
    """What a person must decide: the school year of a file that does not tell it, columns in doubt, which words of a name are the last name,
    days whose order the file does not tell, and codes without one of ours. A column that no agreement lets in is not asked about. With
    `answers`, the school year is asked too where they make a table whose rows it tells apart."""
    names = [c.name for c in of.columns]
    places = [(n, c) for n, c in enumerate(of.columns) if c.name and names.count(c.name) == 1]
    whole = whole_name([c for _, c in places])
    named = needs.keys() & {"person"} and whole is not None and whole.names == "First Last"
    order = [_of_names(n, c) for n, c in places if named and c is whole]
    columns = [
        _of_column(n, c, needs)
        for n, c in places
        if c.is_doubt and _may_matter(c, needs) and not (named and c is whole)
    ]
    sure = [(n, c) for n, c in places if c.element and not c.is_doubt and _needed(c.element, needs)]
    usual = day_order(of.columns)
    days = [_of_days(n, c, usual) for n, c in sure if c.dates is not None and c.dates.order == "cannot tell"]
    marks = {
        source: (n, m) for n, c in reversed(sure) if is_day_column(c) for m, source in enumerate(c.codes)
    }
    codes = [
        q for n, c in sure for q in _of_codes(n, c) if not is_day_column(c) or _place(q) in marks.values()
    ]
    for n, c in places:
        for m, path in enumerate(_may_be(c) if c.is_doubt else ()):
            codes += _of_codes(n, _as(c, path), m) if _needed(path, needs) else ()
    known = [*_of_the_year(of, needs), *order, *(q for q in columns if q.usual != LEAVE)]
    asked = (*known[:MOST], *days[:MOST], *codes[:MOST], *[q for q in columns if q.usual == LEAVE][:MOST])
    if answers is None or any(question.name == YEAR for question in asked):
        return asked
    try:
        return (*_of_the_year(answered(of, asked, answers), needs), *asked)
    except Refused:  # the form says which answer is none
        return asked


def _of_the_year(of: TableOfFile, needs: Mapping[str, TableNeed]) -> Iterator[CrosswalkQuestion]:
    """Asked where rows are told apart by the school year alone, whichever columns in doubt are taken."""
    taken = replace(of, columns=tuple(replace(c, confidence=1.0) if c.element else c for c in of.columns))
    tables = {table for each in (of, taken) for table in BY_YEAR_LINE.findall(draft(each))}
    days = [*filter(is_day_column, of.columns)]
    told = bool(of.tabs) and all(map(said_year, of.tabs))
    undated = "attendance_day" in needs and bool(days) and not told and lacks_a_year(day_formats(days))
    if tables & needs.keys() or undated:
        yield year_question(of, undated=undated)


def year_question(of: TableOfFile, *, undated: bool) -> CrosswalkQuestion:
    """`undated`: whether it is asked because the days in its headings have no year."""
    this = school_year_of(date.today())
    choices = [(str(year), school_year(year)) for year in (this, this - 1, this - 2, this - 3)]
    latest = str(of.year or said_year(of.name) or "") or _year_of_the_days(of)
    return CrosswalkQuestion(
        YEAR,
        of.name,
        "Which school year is the file of?",
        _why_the_year(
            undated=undated, told=bool(of.year or said_year(of.name)), known=latest in dict(choices)
        ),
        sorted(choices, key=lambda choice: choice[0] != latest),
        latest if latest in dict(choices) else "",
    )


def _why_the_year(*, undated: bool, told: bool, known: bool) -> str:
    why = (
        "The days in its headings have no year"
        if undated
        else "No column says it, and next year's file would take the place of this one"
    )
    if not known:
        return why
    return why + (
        "; its titles say the year that is chosen"
        if told
        else "; the newest day in the file is of the year that is chosen"
    )


def _year_of_the_days(of: TableOfFile) -> str:
    """The school year of the newest day in the file that is no birth date; empty where it has none."""
    days = [c.dates.last for c in of.columns if c.dates and c.element and not c.element.endswith("birthdate")]
    return str(school_year_of(max(filter(None, days)))) if any(days) else ""


def _of_names(n: int, column: ElementGuess) -> CrosswalkQuestion:
    return CrosswalkQuestion(
        f"n{n}",
        column.name,
        "Which word begins the last name?",
        "The names have no comma, so the file does not tell; words such as de la count as one with the word behind them",
        [
            ("1", "The last word: of Maria Lopez Garcia it is Garcia"),
            ("2", "The last word but one: of Maria Lopez Garcia it is Lopez Garcia"),
            (LEAVE, "Leave the names out"),
        ],
    )


def _needed(path: str, needs: Mapping[str, TableNeed]) -> bool:
    table, _, name = path.partition(".")
    return path == PERSON_KEY or (  # the key of every record
        table in needs and name in needs[table].columns
    )


def _may_matter(column: ElementGuess, needs: Mapping[str, TableNeed]) -> bool:
    return (
        column.element is None
        or _needed(column.element, needs)
        or any(_needed(e, needs) for e in column.others)
    )


def _of_column(n: int, column: ElementGuess, needs: Mapping[str, TableNeed]) -> CrosswalkQuestion:
    likely = _may_be(column)
    rest = [
        e.path
        for t in TABLES.values()
        for e in t.elements.values()
        if _needed(e.path, needs) and e.path not in likely
    ]
    offered = [
        path for path in dict.fromkeys((*likely, *rest, PERSON_KEY)) if not path.endswith(".person_id")
    ]
    choices = [(path, _words(path)) for path in offered]
    why = column.reason[:1].upper() + column.reason[1:]
    usual = LEAVE if column.element is None else ""
    return CrosswalkQuestion(
        f"c{n}", column.name, "What is in this column?", why, [*choices, (LEAVE, "Leave it out")], usual
    )


def _place(question: CrosswalkQuestion) -> tuple[int, int]:
    """Of a question about a code, the place of its column and of the code."""
    n, m, _ = question.name[1:].split("-")
    return int(n), int(m)


def _words(path: str) -> str:
    """An element in words with its table, as the page of the file names both: “Last name (names, birth date and sex)”."""
    table, _, name = path.partition(".")
    words = element_words(name)
    return f"{words[:1].upper()}{words[1:]} ({table_words(table)})"


def _of_days(n: int, column: ElementGuess, usual: str) -> CrosswalkQuestion:
    """`usual`: the order in which the other days of the file are written, where it is one."""
    choices = [("month first", "3/4 is March 4"), ("day first", "3/4 is the third of April")]
    return CrosswalkQuestion(
        f"d{n}",
        column.name,
        "How are its days written?",
        "No day in this column tells which of the two it is"
        + ("; the other days of the file are written so" if usual else ""),
        choices,
        usual,
    )


def _may_be(column: ElementGuess) -> list[str]:
    """The elements that a column may be, the likeliest first."""
    return [path for path in dict.fromkeys((column.element, *column.others)) if path]


def _as(column: ElementGuess, path: str) -> ElementGuess:
    """The column as one of this element, with its codes."""
    found = element(path)
    codes = {source: guess_code(found, source) for source in column.codes} if codes_of(found) else {}
    return replace(column, element=path, codes=codes)


def _of_codes(n: int, column: ElementGuess, place: int = 0) -> Iterator[CrosswalkQuestion]:
    """`place`: of its element among those that it may be. Of a column in doubt an answer counts only if it is of that element."""
    found = element(column.element or "")
    if_so = f", if the column is {_words(found.path)}" if column.is_doubt else ""
    for m, (source, guess) in enumerate(column.codes.items()):
        if guess.code is None:
            every = codes_of(found) or {}
            rest = every.items() if len(every) <= LONG else ()
            listed = dict([*guess.nearest, *rest])
            choices = [
                (code, label if label == code else f"{label} ({code})") for code, label in listed.items()
            ]
            usual = LEAVE if if_so else usual_code(source) if is_day_column(column) else ""
            named = "Days in columns" if is_day_column(column) else column.name
            yield CrosswalkQuestion(f"k{n}-{m}-{place}", named, f"What does the code {source} mean?", f"A code of {found.path}{if_so}", [*choices, (LEAVE, "Leave the cell empty")], usual)  # fmt: skip


def answered(of: TableOfFile, asked: Sequence[CrosswalkQuestion], answers: Mapping[str, str]) -> TableOfFile:
    """The file's columns as the answers have them; Refused, with the column's name, for a question without one of its answers."""
    columns = list(of.columns)
    for question in asked:
        answer = answers.get(question.name, "") or question.usual
        if answer not in {value for value, _ in question.choices}:
            raise Refused(f"{question.column}: choose an answer.", code="unanswered")
        if question.name == YEAR:  # of the load, not of the crosswalk
            continue
        kind, (n, m, place) = question.name[0], [*map(int, question.name[1:].split("-")), 0, 0][:3]
        if kind != "k" or columns[n].element == _may_be(of.columns[n])[place]:
            columns[n] = _with(columns[n], kind, m, answer)
        if kind == "k" and is_day_column(columns[n]):  # a mark means the same on every day
            source = list(columns[n].codes)[m]
            columns = [
                replace(c, codes={**c.codes, source: columns[n].codes[source]})
                if is_day_column(c) and source in c.codes
                else c
                for c in columns
            ]
    return replace(of, columns=tuple(columns))


def _with(column: ElementGuess, kind: str, code: int, answer: str) -> ElementGuess:
    if kind == "c":
        if answer == LEAVE:
            return replace(column, element=None, confidence=1.0, codes={})
        return replace(_as(column, answer), confidence=1.0)
    if kind == "n":
        return replace(column, names="1" if answer == "1" else "2" if answer == "2" else "", confidence=1.0)
    if kind == "d" and column.dates is not None:
        return replace(column, dates=column.dates.ordered(answer))
    source = list(column.codes)[code]
    return replace(column, codes={**column.codes, source: CodeGuess("" if answer == LEAVE else answer)})


def unusable(
    whole: TableOfFile, asked: Sequence[CrosswalkQuestion], text: str, needs: Mapping[str, TableNeed]
) -> dict[str, str]:
    """What is wrong with answers by their field, where the draft that they make is no crosswalk; Refused where it has no table that is needed."""
    if needs.keys().isdisjoint(re.findall(r"^  (\w+):$", text, re.MULTILINE)):
        raise Refused(
            "Nothing would be loaded: choose what is in at least one more column."
            if person_key(whole.columns)
            else f"Nothing would be loaded: say which column has the student’s own number; the answer is {_words(PERSON_KEY)}. A file "
            "without one needs the student’s name and birth date, filled in nearly every row: keep these columns, or add them to the file.",
            code="nothing_mapped",
        )
    key = person_key(whole.columns)
    if is_of_names(key):
        refuse_key_of_names(needs, born=any(c.element == "person.birthdate" for c in key))
    found = {}
    for question in (q for q in asked if q.name.startswith("c")):
        column = whole.columns[int(question.name[1:])]
        table, _, name = (column.element or "").partition(".")
        lines = re.search(rf"^  {table}:\n((?:    .*\n)+)", text, re.MULTILINE)
        if lines and len(re.findall(rf"^      {name}:", lines[1], re.MULTILINE)) > 1:
            others = [c.name for c in whole.columns if c.element == column.element and c is not column]
            found[question.name] = (
                f"{listed(others)} {'has' if len(others) == 1 else 'have'} the same answer, and a row can have only one {element_words(name)}. "
                "Choose another answer, or leave it out."
            )
    return found


def why_nothing(of: TableOfFile, needs: Mapping[str, TableNeed]) -> str:
    """Why nothing of the file would be loaded even if every column in doubt were what it seems to be; empty where something would be."""
    taken = replace(of, columns=tuple(replace(c, confidence=1.0) if c.element else c for c in of.columns))
    try:
        unusable(taken, (), draft(taken), needs)
    except Refused as refused:
        left = [
            c for c in taken.columns if c.element and c.element != PERSON_KEY and _needed(c.element, needs)
        ]
        if person_key(taken.columns) and left and refused.code == "nothing_mapped":
            table = (left[0].element or "").partition(".")[0]
            why = why_left_out(taken, left[0]).replace(table, table_words(table))
            return f"Nothing would be loaded: {why}. Add it to the file, and look at it again."
        return refused.message
    return ""


def unused(
    whole: TableOfFile, asked: Sequence[CrosswalkQuestion], crosswalk: Crosswalk
) -> Iterator[tuple[str, str]]:
    """Each question about a column whose answer the crosswalk does not use, by its field, with why."""
    read = {source for table in crosswalk.tables.values() for source in table.sources()}
    spread = [table.melt.columns for table in crosswalk.tables.values() if table.melt]
    for question in (q for q in asked if q.name.startswith("c")):
        column = whole.columns[int(question.name[1:])]
        if column.element and column.name not in read and not any(re.search(p, column.name) for p in spread):
            yield (
                question.name,
                f"It cannot be loaded so: {why_left_out(whole, column)}. Choose another answer, or leave it out.",
            )


def state_of(of: TableOfFile) -> dict[str, Any]:
    """What a draft needs of a file, as plain values; of days the month of the newest, but of birth dates none."""
    return {
        "name": of.name,
        "source": of.source.model_dump(),
        "tabs": [*of.tabs],
        "year": of.year,
        "seen": dict(of.seen),
        "columns": [
            [
                c.name, c.profile.position, c.profile.rows, c.profile.filled, c.profile.distinct, c.element, c.confidence, c.reason,
                {source: guess.code for source, guess in c.codes.items()}, c.hidden_codes, list(c.others), _days(c), c.names,
            ]
            for c in of.columns
        ],
    }  # fmt: skip


def _days(column: ElementGuess) -> list[Any] | None:
    dates = column.dates or (column.profile.dates if column.profile.type == "date" else None)
    if dates is None:
        return None
    born = (column.element or "birthdate").endswith("birthdate")
    return [list(dates.formats), dates.order, f"{dates.last:%Y-%m}-01" if dates.last and not born else None]


def of_state(state: Mapping[str, Any]) -> TableOfFile:
    """The same file out of the values that `state_of` gave."""
    columns = []
    for each in state["columns"]:
        (
            name,
            position,
            rows,
            filled,
            distinct,
            path,
            confidence,
            reason,
            codes,
            hidden,
            others,
            days,
            names,
        ) = each
        profile = ColumnProfile(name, position, rows, filled, distinct, {})
        last = date.fromisoformat(days[2]) if days and days[2] else None
        dates = DateForms(tuple(days[0]), days[1], 1.0, weak=False, last=last) if days else None
        found = element(path) if path else None
        known = {
            s: CodeGuess(c) if c is not None or found is None else guess_code(found, s)
            for s, c in codes.items()
        }
        columns.append(
            ElementGuess(
                profile,
                path,
                confidence,
                reason,
                known,
                hidden,
                others=tuple(others),
                dates=dates,
                names=names,
            )
        )
    source = SourceLayout.model_validate(state["source"])
    return TableOfFile(
        state["name"], source, tuple(columns), tuple(state["tabs"]), state["year"], state.get("seen", {})
    )
