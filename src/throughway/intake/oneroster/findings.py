"""What is wrong with a OneRoster bundle: stable codes, a place, a sentence; never a value."""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.core.refusals import Refused

CODE = "oneroster"

# Codes of one row: such a row is set aside and the others land. Every other code refuses the bundle.
OF_A_ROW = ("row.", "semantic.", "csv.")
ALSO_OF_A_ROW = frozenset({"reference.duplicate_sourced_id", "reference.missing_target_record"})
OF_THE_FILE = frozenset({"csv.invalid_encoding"})


@dataclass(frozen=True)
class OneRosterFinding:
    """One thing that breaks the standard. `row` is the line of the file, the heading being line 1."""

    code: str
    file: str
    row: int | None
    column: str
    message: str

    @property
    def of_a_row(self) -> bool:
        """Only that row is set aside for it."""
        if self.code in OF_THE_FILE:
            return False
        return self.code.startswith(OF_A_ROW) or self.code in ALSO_OF_A_ROW


def refusal(name: str, findings: Sequence[OneRosterFinding]) -> Refused:
    """The bundle is refused: the first finding in words, all codes at the end."""
    first = findings[0]
    codes = ", ".join(dict.fromkeys(finding.code for finding in findings))
    where = f"{first.file}: " if first.file else ""
    return Refused(f"{name} is no valid OneRoster bundle: {where}{first.message} ({codes}).", code=CODE)
