"""Records of Ed-Fi become rows: the map applied, codes mapped, and what cannot be read listed with its cure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi_codes import coder
from throughway.intake.edfi_map import Rule, edfi_map, is_code
from throughway.intake.edfi_merge import Written, merged
from throughway.intake.edfi_parts import Part
from throughway.intake.edfi_paths import Expression, Scene
from throughway.intake.edfi_records import Record
from throughway.intake.edfi_values import CURES, canonical, kind_of, school_year
from throughway.intake.staged import Fault, Problem, Staged
from throughway.vocabulary import TABLES

SHOWN = 100_000  # problems listed one by one; more of them are only counted

BITS = 62

UNKNOWN_CODE = "the code has no match in the vocabulary"


@dataclass(frozen=True)
class Cell:
    """How one column of a rule is filled: where, and how its text is read."""

    at: int  # position among the columns of the part
    find: Expression
    read: Callable[[str], str | None]
    code: bool
    source: str
    kind: str
    fault: int  # the bit of `_faults` for an unreadable cell


@dataclass(frozen=True)
class Plan:
    """A rule, ready for its part."""

    rule: Rule
    part: Part
    cells: tuple[Cell, ...]


class EdFiRows:
    """Takes records one by one and ends as what was staged."""

    def __init__(self, into: Path, crosswalk: Crosswalk | None) -> None:
        self._into = into
        self._crosswalk = crosswalk
        self._map = edfi_map()
        self._parts: dict[str, Part] = {}
        self._plans: dict[str, tuple[Plan, ...]] = {}
        self._years: set[str] = set()
        self._quarantined: Counter[str] = Counter()
        self._faults: dict[str, list[Fault]] = {}
        self._unused: Counter[tuple[str, str]] = Counter()
        self._unlisted: Counter[tuple[str, str, str]] = Counter()
        self.problems: list[Problem] = []
        self.unmapped: dict[str, None] = {}

    def take(self, name: str, record: Record, *, file: str, row: int, title: str = "") -> None:
        """Adds the rows of one record; `name` in lower case, `title` as the file writes it."""
        plans = self._plans.get(name)
        if plans is None:
            plans = self._plans[name] = tuple(self._plan(rule) for rule in self._map.rules_of(name))
        if not plans:
            self.unmapped[title or name] = None
            return
        if name in self._map.years and (text := self._map.years[name](Scene(record))):
            self._years.add(text)
        used = False
        for plan in plans:
            for scene in plan.rule.scenes(record):
                used = True
                self._add(plan, scene, file, row)
        if not used:
            self._unused[file, title or name] += 1

    def staged(self, source_system: str) -> Staged:
        """Finishes the files: parts fill the rows of their tables."""
        parts = {
            name: Written(part.path, part.columns, filled=part.close()) for name, part in self._parts.items()
        }
        tables = merged(parts, self._map, into=self._into)
        quarantined = dict(self._quarantined)
        for table in tables.values():
            if table.repeated:
                quarantined[table.name] = quarantined.get(table.name, 0) + len(table.repeated)
                for file, row in table.repeated:
                    self._problem(
                        file, row, "", "the record of this learner was given before", "send it once", "row"
                    )
        for (file, column, problem), count in self._unlisted.items():
            self.problems.append(
                Problem(
                    file, None, column, f"{problem}, in {count} more places", "see the first of them", "file"
                )
            )
        for (file, name), count in self._unused.items():
            said = f"{count} of these records say nothing that the vocabulary keeps"
            self.problems.append(
                Problem(file, None, name, said, "nothing to do, or tell us what they mean", "file")
            )
        years = {year for text in self._years if (year := school_year(text))}
        return Staged(
            tables={name: table.path for name, table in tables.items() if table.rows},
            source_system=source_system,
            school_year=int(years.pop()) if len(years) == 1 else None,
            problems=self.problems,
            unmapped=tuple(self.unmapped),
            quarantined=quarantined,
            faults={name: self._faults.get(name, []) for name in tables},
            read={
                name: total
                for name in {**tables, **quarantined}
                if (total := (tables[name].rows if name in tables else 0) + quarantined.get(name, 0))
            },
        )

    def empty_text(self, key: str, *, file: str, row: int) -> None:
        """JSON holds an empty string, which Ed-Fi does not allow."""
        self._problem(
            file,
            row,
            key,
            "the value is an empty string",
            "leave the key out where there is no value",
            "cell",
        )

    def set_aside(self, name: str, *, file: str, row: int, problem: str, cure: str) -> None:
        """A record that cannot be read at all is a row less in each table that its kind fills without a list."""
        self._problem(file, row, "", problem, cure, "row")
        for rule in self._map.rules_of(name):
            if not rule.part and not rule.lists and not rule.conditions:
                self._quarantined[rule.table] += 1

    def _add(self, plan: Plan, scene: Scene, file: str, row: int) -> None:
        rule = plan.rule
        person: str | None = ""
        if rule.person is not None:
            found = rule.person(scene)
            person = found[0] if found else None
        key, missing = _key(rule, scene)
        if person is None or missing:
            self._aside(rule, _leaf(missing, rule) if missing else "studentUniqueId", file, row)
            return
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
            if read is None:
                faults |= cell.fault
                if rule.part:  # the row that it fills lies elsewhere, and would be blamed
                    self._problem(file, row, cell.source, *_unreadable(cell), "cell")
            else:
                values[cell.at] = read
        plan.part.add((file, row, person, key, 0 if rule.part else faults, *values))

    def _plan(self, rule: Rule) -> Plan:
        part = self._parts.get(rule.into)
        if part is None:
            path = self._into / f"part-{rule.into}.parquet"
            part = self._parts[rule.into] = Part(path, self._map.columns_of(rule.into))
        return Plan(rule, part, tuple(self._cell(rule, name, part.columns) for name in rule.columns))

    def _cell(self, rule: Rule, name: str, columns: Sequence[str]) -> Cell:
        element = TABLES[rule.table].elements.get(name)
        code = is_code(rule.table, name)
        kind = "date" if name in ("valid_from", "valid_to") else kind_of(element) if element else "text"
        read = coder(element, self._crosswalk) if code and element else canonical(kind)
        source = _leaf(rule.sources[name], rule)
        cell = Cell(columns.index(name), rule.columns[name], read, code, source, kind, fault=0)
        if rule.part or (kind == "text" and not code):
            return cell
        return replace(cell, fault=self._fault(rule.table, name, cell))

    def _fault(self, table: str, element: str, cell: Cell) -> int:
        """The bit that says that a cell of an element could not be read; a table's last bit is shared by all further ones."""
        faults = self._faults.setdefault(table, [])
        fault = Fault(element, cell.source, *_unreadable(cell), "cell")
        if fault not in faults:
            if len(faults) >= BITS - 1:
                fault = Fault(element, "", "a value cannot be read", "correct it in the source", "cell")
            if len(faults) < BITS:
                faults.append(fault)
        return 1 << (faults.index(fault) if fault in faults else BITS - 1)

    def _aside(self, rule: Rule, missing: str, file: str, row: int) -> None:
        if rule.part:
            return  # a part only fills: without its key it fills nothing, and no row is lost
        self._quarantined[rule.table] += 1
        self._problem(file, row, missing, "what names the record is missing", "give it in the source", "row")

    def _problem(self, file: str, row: int | None, column: str, problem: str, cure: str, scope: str) -> None:
        if len(self.problems) < SHOWN:
            self.problems.append(Problem(file, row, column, problem, cure, scope))  # type: ignore[arg-type]
        else:
            self._unlisted[file, column, problem] += 1


def _unreadable(cell: Cell) -> tuple[str, str]:
    """The problem of a cell that could not be read, and its cure."""
    if cell.code:
        return UNKNOWN_CODE, "map it in a crosswalk, or correct it in the source"
    return f"the value is no {cell.kind}", CURES[cell.kind]


def _key(rule: Rule, scene: Scene) -> tuple[str, str]:
    """The row's key, and the part that is missing, or nothing."""
    parts = []
    for part in rule.key:
        found = part.find(scene)
        if found is None and not part.optional:
            return "", part.source
        parts.append(found[0] if found else "")
    return "|".join(parts), ""


def _leaf(source: str, rule: Rule) -> str:
    """How messages call the place that an expression reads: the last name of its path, or of its first paths."""
    names: dict[str, None] = {}
    for term in source.split("|"):
        path = term.strip().partition("~=")[0].rpartition(":")[2]
        name = path.rpartition(".")[2]
        if not name.startswith("="):
            names[rule.lists[-1][0] if name == "item" else name] = None
    return " or ".join(list(names)[:2])
