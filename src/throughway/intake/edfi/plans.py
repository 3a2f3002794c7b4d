"""A rule of the Ed-Fi map made ready: where each column goes, how its text is read, and what is said when it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from throughway.intake.code_mapping import coder, unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.faults import FaultBook
from throughway.intake.edfi.map import EdFiRule, is_code
from throughway.intake.edfi.parts import StagedPart
from throughway.intake.edfi.paths import Expression
from throughway.intake.edfi.values import CURES, canonical, kind_of
from throughway.intake.staging import RowFault
from throughway.vocabulary import TABLES


@dataclass(frozen=True)
class ColumnPlan:
    """How one column of a rule is filled."""

    at: int  # position among the columns of the part
    find: Expression
    read: Callable[[str], str | None]
    code: bool  # its source goes into the next column
    fault: RowFault  # when its text cannot be read
    bit: int  # of that fault in a row


@dataclass(frozen=True)
class RulePlan:
    rule: EdFiRule
    part: StagedPart
    cells: tuple[ColumnPlan, ...]


def plan_of(rule: EdFiRule, part: StagedPart, faults: FaultBook, crosswalk: Crosswalk | None) -> RulePlan:
    """The plan of a rule whose rows go into `part`."""
    return RulePlan(
        rule, part, tuple(_cell(rule, name, part.columns, faults, crosswalk) for name in rule.columns)
    )


def _cell(
    rule: EdFiRule, name: str, columns: Sequence[str], faults: FaultBook, crosswalk: Crosswalk | None
) -> ColumnPlan:
    element = TABLES[rule.table].elements.get(name)
    source = place(rule.sources[name], rule)
    if element is not None and is_code(rule.table, name):
        read = coder(element, crosswalk)
        fault = RowFault(name, source, *unmatched(element), "cell")
    else:
        kind = (
            kind_of(element)
            if element is not None
            else "date"
            if name in ("valid_from", "valid_to")
            else "text"
        )
        read = canonical(kind, crosswalk.source.time_zone if crosswalk else None)
        fault = RowFault(name, source, f"the value is no {kind}", CURES.get(kind, ""), "cell")
        if kind == "text":
            return ColumnPlan(columns.index(name), rule.columns[name], read, False, fault, 0)
    # The row that a part fills lies elsewhere: its cells are listed where they stand, not by the bits of that row.
    bit = faults.bit(rule.table, replace(fault, scope="file") if rule.part else fault)
    return ColumnPlan(columns.index(name), rule.columns[name], read, is_code(rule.table, name), fault, bit)


def place(source: str, rule: EdFiRule) -> str:
    """How messages call the place that an expression reads: the last name of its path, or of its first paths."""
    names: dict[str, None] = {}
    for term in source.split("|"):
        path = term.strip().partition("~=")[0].rpartition(":")[2]
        name = path.rpartition(".")[2]
        if not name.startswith("="):
            names[rule.lists[-1][0] if name == "item" else name] = None
    return " or ".join(list(names)[:2])
