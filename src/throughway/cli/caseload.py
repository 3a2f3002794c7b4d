"""`caseload`: who works with which student."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.query import day
from throughway.core.prose import counted
from throughway.partners.caseload import Assigned

caseload = group("caseload", "Who works with which student.")


@command(caseload, "add")
@click.argument("file", type=click.Path(path_type=Path))
def add(settings: Settings, file: Path) -> CommandResult:
    """Assign the students of a CSV (email,partner,record_key,from,to) to users."""
    from throughway.gate.actions.caseloads import add_caseload

    done = add_caseload(path=file, by=acting(settings))
    said = (
        f"Added to the register: {counted(done.new, 'assignment')}; {done.unchanged:,} stood there already."
    )
    if done.not_loaded:
        said += f" No record has come in yet of {counted(done.not_loaded, 'student')}; an assignment holds from the day that one does."
    return CommandResult(
        {"added": done.new, "unchanged": done.unchanged, "not_loaded": done.not_loaded}, said
    )


@command(caseload, "end")
@click.argument("email")
@click.option("--partner", required=True, metavar="ID", help="Whose number names the student.")
@click.option("--record-key", required=True, metavar="KEY", help="The student, by the partner's own number.")
@click.option(
    "--on",
    "last",
    callback=day,
    metavar="DAY",
    help="The last day; without it yesterday, so that it ends now.",
)
def end(settings: Settings, email: str, partner: str, record_key: str, last: date | None) -> CommandResult:
    """End what one user works on with one student: from the next click on the list no longer opens the student to the user."""
    from throughway.gate.actions.caseloads import end_caseload

    until = last or date.today() - timedelta(days=1)
    ended = end_caseload(email=email, partner=partner, record_key=record_key, last=until, by=acting(settings))
    closed = max(until + timedelta(days=1), ended[0].first)
    when = "now" if closed <= date.today() else f"{closed} on"
    return CommandResult(
        {"ended": [_told(a, date.today()) for a in ended]},
        f"{ended[0].email} no longer reaches this student by the list from {when}; what was seen until then stays in the ledger.",
    )


@command(caseload, "list")
def list_caseload(settings: Settings) -> CommandResult:
    """List assignments, the ended ones too. Students stand under the platform's numbers."""
    from throughway.partners.selectors import assignments_open_to

    today = date.today()
    found = [_told(each, today) for each in assignments_open_to(acting(settings))]
    rows = [
        [str(a["email"]), str(a["partner"]), str(a["record"]), str(a["from"]), str(a["to"] or ""),
         "now" if a["today"] else "ended" if a["to"] and a["to"] < today else "to come"]
        for a in found
    ]  # fmt: skip
    return CommandResult(
        {"caseload": found},
        columns(rows, ["e-mail", "partner", "record", "from", "to", "holds"])
        if rows
        else "No student is assigned yet: throughway caseload add FILE",
    )


def _told(each: Assigned, today: date) -> dict[str, Any]:
    return {
        "email": each.email,
        "partner": each.partner,
        "record": each.record,
        "from": each.first,
        "to": each.last,
        "today": each.on(today),
    }
