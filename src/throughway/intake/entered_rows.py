"""Rows about one learner that people of a partner entered on the site: read like a file, and stored whole or not at all."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.load_report import Counts
from throughway.intake.staging import ProblemLog, StagedTables, StagingWriter

if TYPE_CHECKING:
    from throughway.intake.crosswalk import Crosswalk

ENTERED = "entered"  # the format of such a load in the list of loads
ENTERED_HERE = "entered on the site"
SOURCE = "throughway"  # the source system of its rows


@dataclass(frozen=True)
class EnteredRow:
    """One row of a table. `key`: its own key beyond the person; values by element, as text in the vocabulary's form."""

    table: str
    key: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class EnteredRows:
    """`person`: the partner's key of the learner; `is_new`: whether the partner's records must not have it yet."""

    person: str
    rows: Sequence[EnteredRow]
    is_new: bool = True

    def check_new(self, *, known: bool) -> None:
        """Refused (known_number) where the key is that of another student already."""
        if self.is_new and known:
            raise Refused(
                "Your records have a student with this number already; choose the student in the list, or correct the number. Nothing was"
                " stored.",
                code="known_number",
            )

    def staged(
        self, path: Path, *, into: Path, partner: str, crosswalk: "Crosswalk | None", school_year: int | None
    ) -> StagedTables:
        """A `FormatReader`; `path` names the rows in problems."""
        writer = StagingWriter(into)
        for number, row in enumerate(self.rows, start=1):
            writer.add(
                row.table, file=path.name, row=number, person=self.person, key=row.key, values=row.values
            )
        with closing(ProblemLog(into)) as log:
            tables = writer.close()
        return StagedTables(tables, writer.faults.of(tables), log.path, source_system=SOURCE)

    def check_needed(self, needs: Mapping[str, TableNeed]) -> None:
        """Refused (not_covered) where no agreement in effect needs some value: receiving is a disclosure, so nothing else is stored."""
        for row in self.rows:
            need = needs.get(row.table)
            for name in row.values:
                if need is None or name not in need.columns:
                    raise Refused(
                        f"No agreement in effect needs {row.table}.{name} of your organization, so the student cannot be entered here; ask"
                        " your privacy officer to add it to an agreement’s schedule. Nothing was stored.",
                        code="not_covered",
                        citations=["34 CFR 99.30"],
                    )

    def check_landed(self, counts: Mapping[str, Counts], emptied: int) -> None:
        """Refused (unreadable, out_of_scope) where a row or a value would not be stored. `emptied`: how many values could not be read."""
        for table in dict.fromkeys(row.table for row in self.rows):
            found = counts.get(table, Counts())
            if found.quarantined or emptied:
                raise Refused(
                    "A value cannot be read; look at the form again. Nothing was stored.", code="unreadable"
                )
            if found.read != found.landed + found.unchanged:
                raise Refused(
                    f"The agreements in effect do not cover this student’s {table.replace('_', ' ')} on these days, so it cannot be kept here;"
                    " ask your data steward. Nothing was stored.",
                    code="out_of_scope",
                    citations=["34 CFR 99.30"],
                )
