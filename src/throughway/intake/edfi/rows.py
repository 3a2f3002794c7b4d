"""Turns Ed-Fi records into rows: applies the map, maps codes, and marks unreadable values with their cure."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from throughway.core.prose import counted
from throughway.intake.cell_checks import unreadable
from throughway.intake.code_mapping import coder, unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.map import EdFiRule, Expression, Scene, edfi_map, is_code
from throughway.intake.edfi.merge import merged
from throughway.intake.edfi.records import Record
from throughway.intake.staging import FaultBook, Problem, ProblemLog, RowFault, StagedFile, StagedTables
from throughway.intake.value_parsing import NO_YEAR, day_of_moment, ending_year, readable
from throughway.vocabulary import COMMON, TABLES, Element

YEARS = frozenset({"school_year", "cohort_year", "cohort_graduation_year"})
NO_DAY = ("not a date", "write it as YYYY-MM-DD; for times in UTC, state source.time_zone in a crosswalk")

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")


def day(text: str, time_zone: str | None = None) -> str | None:
    """The day of a date, with a zone of XML Schema or without, or of a date and time (`value_parsing.day_of_moment`)."""
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date.fromisoformat(found[1]).isoformat()
        found_day = day_of_moment(datetime.fromisoformat(text), time_zone) if "T" in text else None
    except ValueError:
        return None
    return found_day.isoformat() if found_day else None


@dataclass(frozen=True)
class ColumnPlan:
    """How one column of a rule is filled."""

    at: int  # position among the columns of the part
    find: Expression
    read: Callable[[str], str | None]
    code: bool  # its source goes into the next column
    fault: RowFault | None  # when its text cannot be read; None where every text can
    bit: int  # of that fault in a row


@dataclass(frozen=True)
class RulePlan:
    rule: EdFiRule
    part: StagedFile
    cells: tuple[ColumnPlan, ...]


def plan_of(rule: EdFiRule, part: StagedFile, faults: FaultBook, crosswalk: Crosswalk | None) -> RulePlan:
    """The plan of a rule whose rows go into `part`."""
    return RulePlan(
        rule, part, tuple(_cell(rule, name, part.columns, faults, crosswalk) for name in rule.columns)
    )


def _cell(
    rule: EdFiRule, name: str, columns: Sequence[str], faults: FaultBook, crosswalk: Crosswalk | None
) -> ColumnPlan:
    element = TABLES[rule.table].elements.get(name) or COMMON.get(name)
    read: Callable[[str], str | None] = str
    wrong: tuple[str, str] | None = None  # None where every text can be read
    if element is not None and element.type == "code":
        read, wrong = coder(element, crosswalk), unmatched(element)
    elif name in YEARS:
        read, wrong = ending_year, NO_YEAR
    elif element is not None and element.type == "date":
        read, wrong = partial(day, time_zone=crosswalk.source.time_zone if crosswalk else None), NO_DAY
    elif element is not None and element.type not in ("string", "id"):
        read, wrong = partial(_if_readable, element), unreadable(element)
    fault, bit = None, 0
    if wrong:
        fault = RowFault(name, place(rule.sources[name], rule), *wrong, "cell")
        # A part fills a row of another file, so its faults are listed by their own place, not by that row's bits.
        bit = faults.bit(rule.table, replace(fault, scope="file") if rule.part else fault)
    return ColumnPlan(columns.index(name), rule.columns[name], read, is_code(rule.table, name), fault, bit)


def _if_readable(element: Element, text: str) -> str | None:
    return text if readable(text, element) else None


def place(source: str, rule: EdFiRule) -> str:
    """The name in messages for the place that an expression reads: the last name of its path, or of its first paths."""
    names: dict[str, None] = {}
    for term in source.split("|"):
        path = term.strip().partition("~=")[0].rpartition(":")[2]
        name = path.rpartition(".")[2]
        if not name.startswith("="):
            names[rule.lists[-1][0] if name == "item" else name] = None
    return " or ".join(list(names)[:2])


NAMELESS = "the record's identifier is missing"
PROTECTED = (
    "in {} the program itself reveals a fact that the law protects, such as a disability or foster care, so "
    "only elements that an agreement names can be stored"
)
UNUSED = "in {} no field matches an element of the vocabulary"


class EdFiRows:
    """Takes records one by one and produces the staged tables."""

    def __init__(self, into: Path, crosswalk: Crosswalk | None) -> None:
        self._into = into
        self._crosswalk = crosswalk
        self._map = edfi_map()
        self._faults = FaultBook()
        self._parts: dict[str, StagedFile] = {}
        self._plans: dict[str, tuple[RulePlan, ...]] = {}
        self._years: set[str] = set()
        self._unused: Counter[tuple[str, str]] = Counter()
        self._unread: Counter[str] = Counter()
        self._aside: Counter[str] = (
            Counter()
        )  # by table, or by kind for records that would not have been rows of any table
        # Records that fill rows of these tables and make no row of their own.
        self._filling: Counter[tuple[str, frozenset[str]]] = Counter()
        self._withheld: Counter[str] = Counter()
        self._protected: Counter[tuple[str, str]] = Counter()
        self.log = ProblemLog(into)

    def take(self, name: str, record: Record, *, file: str, row: int, title: str = "") -> None:
        """Adds the rows of one record; `name` in lower case, `title` as the file writes it."""
        plans = self._plans_of(name)
        if not plans:
            self.unread(title or name)
            return
        if name in self._map.years and (text := self._map.years[name](Scene(record))):
            self._years.add(text)
        kinds = self._map.protected.kinds(name, record)
        used = protected = tallied = False
        filled: set[str] = set()  # tables whose rows it fills
        for plan in plans:
            if plan.rule.protected and plan.rule.protected not in kinds:
                continue
            scenes = plan.rule.scenes(record)
            used = used or bool(scenes)
            tallied = tallied or (bool(scenes) and not plan.rule.part)
            if kinds and plan.rule.table in self._map.protected.tables:
                self._withheld[plan.rule.table] += len(scenes)
                protected = True
                continue
            for scene in scenes:
                if self._add(plan, scene, file, row):
                    filled.add(plan.rule.table)
        self._protected[file, title or name] += protected
        if not used:
            self._unused[file, title or name] += 1
            self.unread(title or name)
        elif not tallied and filled:
            self._filling[title or name, frozenset(filled)] += 1
        elif not tallied:
            self._lose(title or name, file, row, NAMELESS, "give it in the source")

    def unread(self, kind: str, number: int = 1) -> None:
        """Counts records that make no rows, by their kind."""
        self._unread[kind] += number

    def _lose(self, kind: str, file: str, row: int, problem: str, cure: str) -> None:
        self._aside[kind] += 1
        self.log.row(file, row, "", problem, cure)

    def set_aside(self, name: str, *, file: str, row: int, problem: str, cure: str) -> None:
        """Sets aside an unreadable record: one row of each table that such records always fill; otherwise the record is counted by its
        kind."""
        whole = [p for p in self._plans_of(name) if not (p.rule.lists or p.rule.conditions or p.rule.part)]
        for plan in whole:
            self._set_aside(plan, Problem(file, row, "", problem, cure, "row", plan.rule.table))
        if not whole:
            self._lose(name, file, row, problem, cure)

    def empty_text(self, key: str, *, file: str, row: int) -> None:
        """Reports an empty string in JSON, which Ed-Fi does not allow."""
        self.log.add(
            Problem(file, row, key, "the value is an empty string", "leave the key out instead", "file")
        )

    def staged(self, source_system: str) -> StagedTables:
        """Finishes the files: parts fill the rows of their tables."""
        for part in self._parts.values():
            part.close()
        found = merged(self._parts, self._map, into=self._into)
        tables = {name: table for name, table in found.items() if table.rows}
        self._tell(self._unused, UNUSED, "nothing needs to be done")
        self._tell(
            self._protected,
            PROTECTED,
            "name elements of person_status, or of the table of these programs, in an agreement",
        )
        made = {name: table.made_by_parts for name, table in tables.items()}
        for (kind, filled), count in self._filling.items():
            for name in filled & made.keys():  # those that became rows after all are counted with these
                became = min(count, made[name])
                made[name] -= became
                count -= became
            if count:
                self.unread(kind, count)
        self.log.close()
        years = {year for text in self._years if (year := ending_year(text))}
        return StagedTables(
            tables={name: table.path for name, table in tables.items()},
            faults=self._faults.of(tables),
            problems=self.log.path,
            source_system=source_system,
            school_year=int(years.pop()) if len(years) == 1 else None,
            quarantined=self._aside,
            unread=dict(self._unread),
            repeated={name: table.repeated for name, table in tables.items() if table.repeated},
            withheld=self._withheld,
        )

    def _tell(self, records: Counter[tuple[str, str]], text_of_problem: str, cure: str) -> None:
        for (file, name), count in (+records).items():
            self.log.add(
                Problem(file, None, name, text_of_problem.format(counted(count, "record")), cure, "file")
            )

    def _plans_of(self, name: str) -> tuple[RulePlan, ...]:
        plans = self._plans.get(name)
        if plans is None:
            plans = self._plans[name] = tuple(self._plan(rule) for rule in self._map.rules_of(name))
        return plans

    def _plan(self, rule: EdFiRule) -> RulePlan:
        part = self._parts.get(rule.into)
        if part is None:
            path = self._into / f"part-{rule.into}.parquet"
            part = self._parts[rule.into] = StagedFile(path, self._map.columns_of(rule.into))
        return plan_of(rule, part, self._faults, self._crosswalk)

    def _add(self, plan: RulePlan, scene: Scene, file: str, row: int) -> bool:
        """Adds the row of a scene; False where its key is missing, and it is set aside."""
        rule = plan.rule
        person: str | None = ""
        if rule.person is not None:
            found = rule.person(scene)
            person = found[0] if found else None
        key, missing = _key(rule, scene)
        if person is None or missing:
            column = place(missing, rule) if missing else "studentUniqueId"
            cure = "give it in the source"
            self._set_aside(plan, Problem(file, row, column, NAMELESS, cure, "row", rule.table))
            return False
        values: list[str | None] = [None] * len(plan.part.columns)
        faults = 0
        for cell in plan.cells:
            value = cell.find(scene)
            if value is None:
                continue
            text, constant = value
            if constant:
                values[cell.at] = text
                continue
            if cell.code:
                values[cell.at + 1] = text
            read = cell.read(text)
            if read is not None:
                values[cell.at] = read
                continue
            faults |= cell.bit
            if rule.part and (fault := cell.fault):
                about = f"{rule.table}.{fault.element}"
                self.log.add(Problem(file, row, fault.column, fault.problem, fault.cure, "cell", about))
        plan.part.add((file, row, person, key, faults, *values))
        return True

    def _set_aside(self, plan: RulePlan, problem: Problem) -> None:
        if plan.rule.part:
            return  # a part only fills: without its key it fills nothing, and no row is lost
        self._aside[plan.rule.table] += 1
        self.log.add(problem)


def _key(rule: EdFiRule, scene: Scene) -> tuple[str, str]:
    """The row's key, and the part that is missing, or nothing."""
    parts = []
    for part in rule.key:
        found = part.find(scene)
        if found is None and not part.optional:
            return "", part.source
        parts.append(found[0] if found else "")
    return "|".join(parts), ""
