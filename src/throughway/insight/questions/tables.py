"""Counts the answer to a question, one row for each student and group, into tables whose every figure knows its students."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product
from math import isfinite, prod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.insight.questions.pools import names_in
from throughway.insight.questions.question import MEASURE, AskedFigure, Kind, Question
from throughway.insight.questions.question_rules import AnswerRefused, refused
from throughway.publication import RawCell, RawTable
from throughway.publication.amounts import MOST_AMOUNTS, RawAmount
from throughway.publication.tables import ALONE, Place, place
from throughway.store.record_numbers import Numbers

NOT_RECORDED = "Not recorded"
YES, NO = "Yes", "No"
RECORDED = "Recorded"
MOST_CELLS = 5_000
FEWEST_ON_AVERAGE = 3  # students in a group; with fewer, the column is nearly one value for each student
LONGEST_LABEL = 80
DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{2,4}")
A_DAY = "The group {name} is a day, and a day can point to one student; group by the year or the month."
Answers = NDArray[np.int8]  # for each row: 1 yes, 0 no, -1 not recorded
Amounts = NDArray[np.float64]  # for each row; NaN where it is not recorded


@dataclass(frozen=True)
class QuestionTables:
    """All figures of one question, unprotected. `notes`: what a reader must know to read them, in sentences."""

    tables: tuple[RawTable, ...]
    amounts: tuple[RawAmount, ...]
    notes: tuple[str, ...]

    @property
    def counts(self) -> dict[Place, RawCell]:
        return {c.place: c for table in self.tables for c in table.cells if c.statistic == "students"}

    @property
    def cells(self) -> int:
        return sum(len(table.cells) for table in self.tables) + len(self.amounts)


@dataclass(frozen=True)
class Dimension:
    """One group column: the labels in order, and the number of each row's label. `shared`: a student can be in several groups."""

    name: str
    labels: tuple[str, ...]
    codes: NDArray[np.int64]
    shared: bool


def question_tables(asked: Question, answer: pa.Table) -> QuestionTables:
    """The tables of a question from the answer of its query by student; in one sentence Refused (no_figures), or AnswerRefused."""
    check_groups(asked, answer.schema)
    if not answer.num_rows:
        raise Refused("No student answers this question, so there is no figure to show.", code="no_figures")
    _check_once(asked, answer)
    found = _Counted(asked, answer).tables()
    single = tuple(_single_groups(asked, answer))
    return replace(found, tables=(*found.tables, *single))


def check_groups(asked: Question, answer: pa.Schema) -> None:
    """Refused where a group is a day, whatever the records say."""
    for n, name in enumerate(asked.groups, 1):
        if pa.types.is_temporal(answer.field(f"group_{n}").type):
            raise refused(A_DAY.format(name=name))


def _single_groups(asked: Question, answer: pa.Table) -> Iterator[RawTable]:
    """The counts of the single groups of each pool. They are withheld, and protected and certified as any figure that is withheld."""
    for group in dict.fromkeys(pool.group for pool in asked.pools):
        pooled = {label: pool.name for pool in asked.pools if pool.group == group for label in pool.labels}
        others = tuple(pool for pool in asked.pools if pool.group != group)
        counted = _Counted(replace(asked, pools=others), answer).tables().counts.values()
        cells = tuple(
            replace(cell, at={**cell.at, group: pooled[cell.at[group]], f"{group}{ALONE}": cell.at[group]})
            for cell in counted
            if cell.at.get(group) in pooled
        )
        by = tuple(dict.fromkeys(dimension for cell in cells for dimension in cell.at))
        yield RawTable(f"Single groups of {group.replace('_', ' ')} that are shown together", by, cells)


def _check_once(asked: Question, answer: pa.Table) -> None:
    several = bool(pc.max(answer["student_rows"]).as_py() > 1)
    for figure in asked.figures:
        if figure.once and several:
            raise AnswerRefused(
                f"Some students have several rows in the question, so {figure.name} would count them more than once; make one row for "
                "each student first, or write count(DISTINCT person_id) FILTER (WHERE …).",
            )


def label(value: object) -> str:
    """How a group is called: "Yes" for true, "Not recorded" where there is no value."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float | Decimal):
        if not isfinite(value):
            return NOT_RECORDED
        value = int(value) if value == int(value) else value
    text = " ".join(str(value).split()) if value is not None else ""
    if len(text) > LONGEST_LABEL:
        raise AnswerRefused(
            "A group has a name of more than 80 characters, which no table can show; group by a shorter column.",
        )
    return text or NOT_RECORDED


def _natural(text: str) -> tuple[bool, float, str]:
    number = float(text) if text.lstrip("-").replace(".", "", 1).isdigit() else float("inf")
    return text == NOT_RECORDED, number, text


class _Counted:
    """The answer as arrays, one row for each student and combination of groups."""

    def __init__(self, asked: Question, answer: pa.Table) -> None:
        self.asked = asked
        codes, labels = [], []
        for n, name in enumerate(asked.groups, 1):
            found = answer[f"group_{n}"]
            values = [label(value) for value in found.to_pylist()]
            if all(map(DAY.match, {*values} - {NOT_RECORDED} or {""})):
                raise AnswerRefused(A_DAY.format(name=name))
            alone = sorted(set(values), key=_natural)
            pooled = names_in(asked.pools, name, alone)
            self._check_group(name, answer["person_id"].to_numpy(), values, pooled=bool(pooled))
            values = [pooled.get(value, value) for value in values]
            listed_ = tuple(dict.fromkeys(pooled.get(value, value) for value in alone))
            number = {text: i for i, text in enumerate(listed_)}
            labels.append(listed_)
            codes.append(np.array([number[text] for text in values], dtype=np.int64))
        answer = _merged(answer, codes)
        self.answer = answer
        self.persons: Numbers = answer["person_id"].to_numpy().astype(np.int64)
        self.students = len(np.unique(self.persons))
        self.dimensions = [
            self._dimension(name, labels[n], answer[f"code_{n}"].to_numpy())
            for n, name in enumerate(asked.groups)
        ]

    @staticmethod
    def _check_group(name: str, persons: Numbers, values: Sequence[str], *, pooled: bool) -> None:
        students, groups = len(np.unique(persons)), len(set(values))
        if groups * FEWEST_ON_AVERAGE > students and groups > 1:
            raise AnswerRefused(
                f"The group {name} has nearly one value for each student, so its figures would point to single students; use a broader one.",
            )
        if pooled and len(set(zip(persons.tolist(), values, strict=True))) > students:
            raise AnswerRefused(
                f"A student can be in several groups of {name}, so no groups of it can be shown together; choose one row for each student first.",
            )

    def _dimension(self, name: str, labels: tuple[str, ...], codes: NDArray[np.int64]) -> Dimension:
        pairs = np.unique(np.stack([self.persons, codes]), axis=1)
        return Dimension(name, labels, codes, shared=pairs.shape[1] > self.students)

    def tables(self) -> QuestionTables:
        self._check_size()
        tables = [self._students()]
        for figure, answers in self._shares:
            tables += self._share(figure, answers)
        amounts: list[RawAmount] = []
        for figure, values in self._amounts:
            missing = np.isnan(values)
            if missing.any():
                tables.append(
                    self._by_answer(
                        f"{figure.name} {RECORDED.lower()}",
                        np.where(missing, 0, 1).astype(np.int8),
                        (RECORDED, NOT_RECORDED),
                    )
                )
            amounts += self._amount(
                figure, values, f"{figure.name} {RECORDED.lower()}" if missing.any() else ""
            )
        return QuestionTables(tuple(tables), tuple(amounts), tuple(self._notes()))

    def _check_size(self) -> None:
        if len({figure.expression for figure, _ in self._amounts}) > MOST_AMOUNTS:
            raise AnswerRefused(
                f"The question shows sums or means of more than {MOST_AMOUNTS} amounts, and the roundings of many sums of the same students "
                "together tell the amount of one; ask for fewer.",
            )
        places = prod(len(d.labels) + (not d.shared) for d in self.dimensions)
        cells = places * (1 + 4 * len(self._shares) + 3 * len(self._amounts))
        if cells > MOST_CELLS:
            raise AnswerRefused(
                f"The question makes more than {MOST_CELLS:,} figures, and nearly all would be withheld; use fewer or broader groups.",
            )

    @cached_property
    def _valued(self) -> list[tuple[int, AskedFigure]]:
        return [(n, f) for n, f in enumerate(self.asked.figures, 1) if f.expression]

    @cached_property
    def _shares(self) -> list[tuple[AskedFigure, Answers]]:
        found = [(f, self._answers(n)) for n, f in self._valued if f.kind is Kind.SHARE]
        return found + [
            (f, np.where(np.isnan(v), -1, v).astype(np.int8))
            for _, f in self._valued
            if f.kind is not Kind.SHARE and _is_flag(v := self._values(f))
        ]

    @cached_property
    def _amounts(self) -> list[tuple[AskedFigure, Amounts]]:
        return [
            (f, v) for _, f in self._valued if f.kind is not Kind.SHARE and not _is_flag(v := self._values(f))
        ]

    def _answers(self, n: int) -> Answers:
        """Yes where the condition is true in any row of the student; no where it is false in every row."""
        known = _numbers(self.answer[f"any_{n}"])
        all_rows = self.answer[f"rows_{n}"].to_numpy() == self.answer["student_rows"].to_numpy()
        answers = np.where(known == 1, 1, np.where((known == 0) & all_rows, 0, -1))
        return answers.astype(np.int8)

    def _values(self, figure: AskedFigure) -> Amounts:
        n = self.asked.figures.index(figure) + 1
        found = _numbers(self.answer[f"amount_{n}"])
        return np.where(self.answer[f"rows_{n}"].to_numpy() > 0, found, np.nan)

    @cached_property
    def _places(self) -> list[tuple[dict[str, str], NDArray[np.int64]]]:
        """Each place of the tables, totals first, with its rows. Every combination of groups that occur is a place, also of nobody."""
        found = []
        free = [d for d in self.dimensions if not d.shared]
        kept = [d for d in self.dimensions if d.shared]
        for size in range(len(free) + 1):
            for some in combinations(free, size):
                chosen = [d for d in self.dimensions if d in kept or d in some]
                for values in product(*(range(len(d.labels)) for d in chosen)):
                    inside = np.ones(len(self.persons), dtype=bool)
                    for d, value in zip(chosen, values, strict=True):
                        inside &= d.codes == value
                    at = {d.name: d.labels[value] for d, value in zip(chosen, values, strict=True)}
                    found.append((at, np.flatnonzero(inside)))
        return found

    def _cell(self, at: Mapping[str, str], rows: NDArray[np.int64]) -> RawCell:
        persons = np.unique(self.persons[rows])
        return RawCell(at, count=len(persons), persons=persons)

    def _students(self) -> RawTable:
        """How large each group is, which whoever knows the group may know; the figure itself where nothing else is asked."""
        public = bool(self._shares or self._amounts)
        cells = tuple(replace(self._cell(at, rows), public=public) for at, rows in self._places)
        return RawTable(f"Students{self._by}", self.asked.groups, cells)

    @property
    def _by(self) -> str:
        names = [name.replace("_", " ") for name in self.asked.groups]
        return f" by {listed(names)}" if names else ""

    def _share(self, figure: AskedFigure, answers: Answers) -> Iterator[RawTable]:
        words = (YES, NO, NOT_RECORDED) if (answers < 0).any() else (YES, NO)
        yield self._by_answer(figure.name, answers, words)
        several = {MEASURE: figure.name} if len(self._shares) > 1 else {}
        rates = []
        for at, rows in self._places:
            yes, no = int((answers[rows] == 1).sum()), int((answers[rows] == 0).sum())
            of, other = place({**at, figure.name: YES}), place({**at, figure.name: NO})
            rates.append(
                RawCell(
                    {**at, **several},
                    "rate",
                    numerator=yes,
                    denominator=yes + no,
                    of=(of,),
                    among=(of, other),
                )
            )
        title = f"Share of students: {figure.name.replace('_', ' ')}"
        yield RawTable(title, (*self.asked.groups, *several), tuple(rates))

    def _by_answer(self, name: str, answers: Answers, words: Sequence[str]) -> RawTable:
        """Students by their answer: 1 and 0 are the first two words, -1 the third."""
        cells = []
        for at, rows in self._places:
            for answer, word in zip((1, 0, -1), words, strict=False):
                cells.append(self._cell({**at, name: word}, rows[answers[rows] == answer]))
        return RawTable(
            f"Students{self._by}: {name.replace('_', ' ')}", (*self.asked.groups, name), tuple(cells)
        )

    def _amount(self, figure: AskedFigure, values: Amounts, recorded: str) -> Iterator[RawAmount]:
        several = {MEASURE: figure.name} if sum(f.kind is figure.kind for f, _ in self._amounts) > 1 else {}
        for at, rows in self._places:
            found = values[rows]
            beside: Place = place({**at, recorded: RECORDED} if recorded else at)
            yield RawAmount(
                figure.name,
                (*self.asked.groups, *several),
                {**at, **several},
                str(figure.kind),
                beside,
                tuple(found[~np.isnan(found)].tolist()),
            )

    def _notes(self) -> Iterator[str]:
        yield from (pool.sentence for pool in self.asked.pools)
        for d in self.dimensions:
            words = d.name.replace("_", " ")
            if d.shared:
                yield (
                    f"A student can be in several groups of {words}, and is then counted in each: the groups do not add up, and no total "
                    "over them is shown."
                )
            if NOT_RECORDED in d.labels:
                yield f"For some students no record says the {words}; they are counted as {NOT_RECORDED}."
        for figure, answers in self._shares:
            if (answers < 0).any():
                yield f"Shares of {figure.name.replace('_', ' ')} are of the students for whom the records say it; the others are {NOT_RECORDED}."
        for figure, values in self._amounts:
            if np.isnan(values).any():
                yield f"For some students no record has {figure.name.replace('_', ' ')}; sums and means are of the others."


def _numbers(column: pa.ChunkedArray) -> Amounts:
    """A column of numbers, with NaN where there is none."""
    found: Amounts = column.cast(pa.float64()).to_numpy()
    return found


def _is_flag(values: Amounts) -> bool:
    """Whether an amount is only 0 or 1, so that its sum is a count of students."""
    known = values[~np.isnan(values)]
    return bool(np.isin(known, (0.0, 1.0)).all())


def _merged(answer: pa.Table, codes: Sequence[NDArray[np.int64]]) -> pa.Table:
    """One row for each student and combination of labels: two values can have one label."""
    keys = ["person_id", *(f"code_{n}" for n in range(len(codes)))]
    for n, found in enumerate(codes):
        answer = answer.append_column(f"code_{n}", pa.array(found))
    ways = {"any": "max", "every": "min", "rows": "sum", "amount": "sum", "student_rows": "sum"}
    chosen: list[tuple[str, Any]] = []
    for name in answer.column_names:
        stem = name if name == "student_rows" else name.rsplit("_", 1)[0]
        if stem in ways:
            chosen.append((name, ways[stem]))
    found = answer.group_by(keys).aggregate(chosen)
    renamed = {f"{name}_{way}": name for name, way in chosen}
    return found.rename_columns([renamed.get(name, name) for name in found.column_names])
