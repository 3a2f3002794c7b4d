"""What became of a load's rows, and why nothing of a file is in the store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.intake.set_aside_list import groups


@dataclass(frozen=True)
class Counts:
    """Rows of one table, or records of a kind that no table holds: each that was read became exactly one of the others.

    `changed` says how many of the `landed` replaced a stored row. `cannot_tell`: rows whose scope cannot be judged, since a
    cell that the agreements ask for is empty. `not_covered`: no agreement in effect needs such rows. `not_read`: no reader
    makes rows of such records.
    """

    read: int = 0
    landed: int = 0
    changed: int = 0
    quarantined: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    cannot_tell: int = 0
    not_covered: int = 0
    not_read: int = 0

    def __post_init__(self) -> None:
        became = (
            self.landed + self.quarantined + self.unchanged + self.out_of_scope + self.cannot_tell
            + self.not_covered + self.not_read
        )  # fmt: skip
        if self.read != became or self.changed > self.landed or min(vars(self).values()) < 0:
            raise ValueError("the counts of a load do not add up")


def total(counts: Iterable[Counts]) -> Counts:
    """The sum, field by field."""
    held = [vars(each) for each in counts]
    return Counts(**{name: sum(each[name] for each in held) for name in Counts.__dataclass_fields__})


@dataclass(frozen=True)
class Loaded:
    """One load. `quarantine` is a CSV of what was wrong where, without values. `unmapped` are those of the refused columns
    that neither the format nor the crosswalk maps. `nothing` says why no record of the file is in the store."""

    batch: str
    tables: Mapping[str, Counts]
    cells_emptied: int
    refused_columns: Sequence[str]
    quarantine: Path
    agreements: Sequence[str] = ()
    unmapped: Sequence[str] = ()
    nothing: Refused | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "batch": self.batch,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "cells_emptied": self.cells_emptied,
            "refused_columns": list(self.refused_columns),
            "quarantine": str(self.quarantine),
        }


def why_nothing(name: str, partner: str, tables: Mapping[str, Counts], listed: Path) -> Refused | None:
    """What a load of the file `name` is refused with; None where some of it landed or was there already, and where the file
    is well formed and holds no records. `listed`: the list of what was wrong."""
    whole = total(tables.values())
    wrong = groups(listed)
    if whole.landed or whole.unchanged or not (whole.read or wrong):
        return None
    uncovered = [table for table, counts in tables.items() if counts.not_covered]
    if uncovered and not (whole.quarantined or whole.cannot_tell or whole.not_read):
        return Refused(
            f"No agreement in effect needs any of what this file of {partner} holds ({', '.join(sorted(uncovered))}); amend an"
            " agreement's schedule, or do not send it.",
            code="not_covered",
        )
    reasons = []
    if whole.quarantined or not whole.read:
        most = f" ({wrong[0].file}, {wrong[0].where}: {wrong[0].problem}; {wrong[0].cure})" if wrong else ""
        reasons.append(f"{counted(whole.quarantined, 'record')} could not be read{most}")
    if whole.cannot_tell:
        reasons.append(
            f"of {counted(whole.cannot_tell, 'record')} nobody can tell whether an agreement admits them"
        )
    if whole.out_of_scope:
        reasons.append(
            f"{counted(whole.out_of_scope, 'record')} are about students or days that no agreement admits"
        )
    if uncovered:
        reasons.append(f"no agreement in effect needs {', '.join(sorted(uncovered))}")
    if unread := [kind for kind, counts in tables.items() if counts.not_read]:
        reasons.append(f"no reader makes rows of {', '.join(sorted(unread))}")
    return Refused(f"Nothing of {name} landed: {'; '.join(reasons)}.", code="nothing_landed")
