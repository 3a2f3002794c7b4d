"""Why nothing of a file comes in: its rows cannot be read, or no agreement needs what they hold."""

from collections.abc import Iterable, Mapping

from throughway.intake.checked import Checked
from throughway.intake.contract import Need
from throughway.refusals import Refused
from throughway.store.engine import Engine


def unwanted(engine: Engine, found: Iterable[Checked], needed: Mapping[str, Need], partner: str) -> Refused:
    """The refusal of a file of which no table comes in."""
    for rows in found:
        if rows.table in needed and not rows.mapped and (fault := _first_fault(engine, rows)):
            where, problem = fault
            return Refused(
                f"No row of {rows.table} can be read ({where}: {problem}); correct the file, or export it again.",
                code="unreadable",
            )
    named = ", ".join(sorted(rows.table for rows in found)) or "nothing"
    return Refused(
        f"No agreement in effect needs any of what this file of {partner} holds ({named}); amend an agreement's schedule, or"
        " do not send it.",
        code="not_covered",
    )


def _first_fault(engine: Engine, rows: Checked) -> tuple[str, str] | None:
    """Where the first row was set aside and why; None when none was."""
    first = engine.run(
        f"SELECT _file, _row, _faults FROM {rows.relation} WHERE _aside ORDER BY _file, _row LIMIT 1"
    ).to_pylist()
    for row in first:
        for bit, fault in enumerate(rows.faults):
            if row["_faults"] & (1 << bit) and fault.scope == "row":
                return f"{row['_file']}, row {row['_row']}", fault.problem
    return None
