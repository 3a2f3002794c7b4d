"""Why nothing of a file is in the store: all of it was set aside, is out of scope, or no agreement or reader takes it in."""

from collections.abc import Mapping
from pathlib import Path

from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.intake.load_report import Counts, total
from throughway.intake.set_aside_list import groups


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
