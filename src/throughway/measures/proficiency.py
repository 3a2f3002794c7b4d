"""Which results of which test meet its standard: a table, test by test, that people maintain.

Nothing is inferred from the words of a label: only their lines distinguish “Standard Nearly Met” from “Met Standard”. The lines of
`proficiency.csv` in this package are those with a verified source; a community's own file in the same form takes precedence, and alone
decides every test that it names.

A line names one or several tests (`A|B`), by identifier or title as loaded, and optionally one subject and one grade. It decides one
label, or scores by a cut score, or excludes the test. A line with subject or grade takes precedence over one without; a label over a
cut score. Case is ignored.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import groupby

from throughway.core.prose import listed, school_year
from throughway.core.refusals import Refused, did_you_mean
from throughway.measures.rules_file import packaged_text
from throughway.measures.sql import text, texts
from throughway.vocabulary import CODE_SETS

FILE = "proficiency.csv"
COLUMNS = ("test", "subject", "grade", "label", "cut_score", "metric", "reached", "source")
REACHED: Mapping[str, bool | None] = {"yes": True, "no": False, "not counted": None}
CODED = {"subject": "C000021", "grade": "C002175", "metric": "C000369"}  # each a code, or its label, of CEDS
LONGEST = 200  # characters of a name or label


@dataclass(frozen=True)
class ProficiencyLevel:
    """What one line says about one test. Names and labels are `folded`; subject, grade and metric are codes, empty for any.

    `label`: the label that it decides; empty with a `cut` score, and where the whole test is excluded. `reached` None: such results do
    not count.
    """

    test: str
    subject: str
    grade: str
    label: str
    cut: float | None
    metric: str
    reached: bool | None
    source: str
    line: int

    @property
    def narrow(self) -> int:
        """How specific the line is, as a sort key: more specific lines come first."""
        return 2 * bool(self.subject) + bool(self.grade)


def folded(value: object) -> str:
    return " ".join(str(value or "").lower().splitlines()).strip()


@cache
def shipped() -> tuple[ProficiencyLevel, ...]:
    """The lines that come with the program."""
    return parsed(packaged_text(FILE))


def combined(
    own: Sequence[ProficiencyLevel], others: Sequence[ProficiencyLevel]
) -> tuple[ProficiencyLevel, ...]:
    """The community's own lines, and the program's lines about tests that the community's do not name."""
    named = {level.test for level in own}
    return (*own, *(level for level in others if level.test not in named))


def parsed(content: str, name: str = FILE) -> tuple[ProficiencyLevel, ...]:
    """The lines of a table. Refused (settings) with a sentence for each fault, by file and line."""
    reader = csv.DictReader(StringIO(content.removeprefix("\ufeff"), newline=""), strict=True)
    found: list[ProficiencyLevel] = []
    faults: list[str] = []
    last = 0
    try:
        faults += _headings(reader.fieldnames or (), name)
        last = reader.line_num
        for row in () if faults else reader:
            last = reader.line_num
            try:
                found += _levels(row, last)
            except ValueError as fault:
                faults.append(f"{name}, line {last}: {_sentence(str(fault))}")
    except csv.Error:
        faults.append(
            f"{name}, line {last + 1}: the quotation marks do not match; close each that is opened."
        )
    faults += _contradictions(found, name)
    if faults:
        raise Refused(" ".join(faults), code="settings")
    return tuple(found)


def _sentence(words: str) -> str:
    return words if words.endswith("?") else f"{words}."


def _headings(given: Sequence[str], name: str) -> Iterator[str]:
    missing = [column for column in COLUMNS if column not in given]
    if missing:
        yield f"{name}, line 1: the column {missing[0]} is missing; the first line must be {','.join(COLUMNS)}."
    for unknown in (column for column in given if column not in COLUMNS):
        cure = _sentence(did_you_mean(unknown, COLUMNS, "leave it out"))
        yield f"{name}, line 1: there is no column {unknown[:60]}; {cure}"


def _levels(row: Mapping[str | None, str | None], line: int) -> Iterator[ProficiencyLevel]:
    """One level for each test that the line names. ValueError with the fault."""
    if None in row or None in row.values():
        raise ValueError(f"it must have {len(COLUMNS)} cells; put a cell that holds a comma in double quotes")
    cells = {str(column): str(value).strip() for column, value in row.items()}
    tests = [folded(test) for test in cells["test"].split("|") if test.strip()]
    if not tests:
        raise ValueError("it names no test; write its identifier or title as it was loaded")
    if not cells["source"]:
        raise ValueError("it has no source; say where the test's owner defines the level")
    if (reached := folded(cells["reached"])) not in REACHED:
        raise ValueError("reached must be yes, no or not counted")
    if cells["label"] and cells["cut_score"]:
        raise ValueError("it has a label and a cut score; write a line for each")
    cut = _number(cells["cut_score"])
    if cut is None and cells["metric"]:
        raise ValueError("a metric belongs to a cut score; leave it empty here")
    if cut is not None and reached != "yes":
        raise ValueError("scores at or above a cut score reach the standard, so reached must be yes")
    if not cells["label"] and cut is None and reached != "not counted":
        raise ValueError(
            "it has neither a label nor a cut score; give one, or write not counted to leave the test out"
        )
    codes = {column: _code(column, cells[column]) for column in CODED}
    for test in tests:
        yield ProficiencyLevel(
            test=test, label=folded(cells["label"]), cut=cut, reached=REACHED[reached], source=cells["source"], line=line,
            **codes,
        )  # fmt: skip


def _number(cell: str) -> float | None:
    if not cell:
        return None
    try:
        number = float(cell)
    except ValueError:
        number = float("inf")
    if abs(number) < 1e15:
        return number
    raise ValueError("cut_score must be a number, such as 2432")


def _code(column: str, cell: str) -> str:
    """The code in the cell, or the code whose label is in the cell."""
    codes = CODE_SETS[CODED[column]]
    by_name = {label.lower(): code for code, label in codes.items()} | {code.lower(): code for code in codes}
    if not cell:
        return ""
    if column == "grade" and cell.isdigit():
        cell = cell.zfill(2)
    if cell.lower() not in by_name:
        names = [*codes, *codes.values()]
        raise ValueError(f"{column} must be a code of {CODED[column]} or its label; {did_you_mean(cell, names, 'see the vocabulary')}")  # fmt: skip
    return by_name[cell.lower()]


def _contradictions(levels: Iterable[ProficiencyLevel], name: str) -> Iterator[str]:
    known: dict[tuple[object, ...], ProficiencyLevel] = {}
    for level in levels:
        same = (
            level.test,
            level.subject,
            level.grade,
            level.label,
            level.metric if level.cut is not None else None,
        )
        first = known.setdefault(same, level)
        if (first.reached, first.cut) != (level.reached, level.cut):
            yield f"{name}, line {level.line}: it contradicts line {first.line} about the same results; keep one."


def about(
    levels: Iterable[ProficiencyLevel], *, grade: str, subjects: Sequence[str] = ()
) -> tuple[ProficiencyLevel, ...]:
    """The lines that can apply to this grade and one of these subjects (none: any), the narrower first."""
    of = [
        level
        for level in levels
        if level.grade in ("", grade) and (not subjects or level.subject in ("", *subjects))
    ]
    return tuple(sorted(of, key=lambda level: (-level.narrow, not level.metric)))


def reached(
    levels: Iterable[ProficiencyLevel], *, tests: Collection[str], subject: str, grade: str, label: str, score: float | None,
    metric: str,
) -> bool | None:  # fmt: skip
    """Whether one result meets its standard; None where no line decides it, or it does not count. `tests`: the folded names of the test;
    `label` folded too. The same lines decide as in `verdict`."""
    lines = [
        level
        for level in about(levels, grade=grade)
        if level.test in tests and level.subject in ("", subject)
    ]
    for level in lines:
        if level.label and level.label == label:
            return level.reached
    for level in lines:
        if level.cut is not None and score is not None and level.metric in ("", metric):
            return score >= level.cut
    return None


# For one result: meets the standard, below it, or not counted. NULL: no line decides it.
AT, BELOW, LEFT_OUT = 1, 0, -1


def known(levels: Iterable[ProficiencyLevel]) -> str:
    """SQL condition: `title` names the test."""
    tests = dict.fromkeys(level.test for level in levels)
    return f"title IN {texts(tests)}" if tests else "FALSE"


def verdict(levels: Sequence[ProficiencyLevel]) -> str:
    """SQL for the verdict on one result, over its columns test, subject, label, score and metric, from the lines of `about`."""
    labels = [level for level in levels if level.label]
    cuts = [level for level in levels if level.cut is not None]
    whole = [level for level in levels if not level.label and level.cut is None]
    ways = [
        f"WHEN {_of(of)} AND label IN {texts(dict.fromkeys(each.label for each in of))} THEN {_value(of[0].reached)}"
        for of in _alike(labels)
    ]
    for of in _cut_alike(cuts):
        metric = f" AND metric = {text(of[0].metric)}" if of[0].metric else ""
        score = f"WHEN {_of(of)} AND score IS NOT NULL{metric} THEN"
        ways.append(f"{score} CASE WHEN score >= {of[0].cut} THEN {AT} ELSE {BELOW} END")
    if whole:
        ways.append(f"WHEN test IN {texts(dict.fromkeys(level.test for level in whole))} THEN {LEFT_OUT}")
    # A score without a level is undecided where the test's lines are labels or cut scores in another metric.
    in_metrics = {level.test for level in cuts} - {level.test for level in cuts if not level.metric}
    for tests, unless in (
        (in_metrics, " AND metric IS NOT NULL"),
        ({level.test for level in levels} - in_metrics, ""),
    ):
        if tests:
            ways.append(f"WHEN label IS NULL{unless} AND test IN {texts(sorted(tests))} THEN {LEFT_OUT}")
    return f"CASE {' '.join(ways)} END" if ways else "CAST(NULL AS INTEGER)"


def _value(reached: bool | None) -> int:
    return LEFT_OUT if reached is None else AT if reached else BELOW


def _of(levels: Sequence[ProficiencyLevel]) -> str:
    subject = f" AND subject = {text(levels[0].subject)}" if levels[0].subject else ""
    return f"test IN {texts(dict.fromkeys(level.test for level in levels))}{subject}"


def _alike(levels: Sequence[ProficiencyLevel]) -> Iterator[list[ProficiencyLevel]]:
    """Lines about labels, in order, grouped where one condition covers them: the same tests and the same verdict."""
    kinds: dict[str, set[tuple[object, ...]]] = {}
    for level in levels:
        kinds.setdefault(level.test, set()).add((level.narrow, level.subject, level.label, level.reached))

    def key(level: ProficiencyLevel) -> tuple[object, ...]:
        return -level.narrow, level.subject, sorted(map(str, kinds[level.test])), str(level.reached)

    for _, alike in groupby(sorted(levels, key=key), key=key):
        yield list(alike)


def _cut_alike(levels: Sequence[ProficiencyLevel]) -> Iterator[list[ProficiencyLevel]]:
    def key(level: ProficiencyLevel) -> tuple[object, ...]:
        return -level.narrow, level.subject, not level.metric, level.metric, level.cut

    for _, alike in groupby(sorted(levels, key=key), key=key):
        yield list(alike)


# A scale has fewer levels; with more distinct values the column holds something else, which must not appear in a report.
MOST = 12


def why_not(results: Iterable[Mapping[str, object]], year: int) -> str:
    """Why a year's results cannot be judged and what to do, in sentences that name tests and labels; empty where they can.

    `results`: test, label and metric as loaded, and decided: 0 where no line decides, 1 where a cut score without a metric does. The
    sentences never say how many students have them.
    """
    unread: dict[str, set[str]] = {}
    metrics: dict[str, set[str]] = {}
    for row in results:
        test = str(row["test"])[:LONGEST]
        if row["decided"]:
            metrics.setdefault(test, set()).add(str(row["metric"] or ""))
        else:
            unread.setdefault(test, set()).add(str(row["label"] or "")[:LONGEST])
    sentences = []
    if unread:
        tests = [_unread(test, labels) for test, labels in sorted(unread.items())]
        more = [f"{len(tests) - MOST} more tests"] if len(tests) > MOST else []
        sentences.append(
            f"No line of the proficiency table covers {listed([*tests[:MOST], *more])} ({school_year(year)}): "
            f"add one for each to {FILE} in the community’s folder, with reached yes, no or not counted, and its source."
        )
    sentences += [
        f"The cut score of “{test}” in {FILE} has no metric, and the test has scores in several: add the metric of the cut score."
        for test, of in sorted(metrics.items())
        if len(of) > 1
    ]
    return " ".join(sentences)


def _unread(test: str, labels: Collection[str]) -> str:
    if len(labels) > MOST:
        return f"“{test}”, whose results have more than {MOST} different levels (is the right column mapped?)"
    named = [f"“{label}”" for label in sorted(labels) if label]
    return (
        f"{listed(named)} of “{test}”"
        if named
        else f"the scores of “{test}”, which come without a level or a metric"
    )
