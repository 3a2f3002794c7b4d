"""`caseload`: who works with which student."""

from datetime import date
from pathlib import Path

import click

from throughway.cli.frame import Outcome, Settings, acting, columns, command, group

caseload = group("caseload", "Who works with which student.")


@command(caseload, "add")
@click.argument("file", type=click.Path(path_type=Path))
def add(settings: Settings, file: Path) -> Outcome:
    """Assign the students of a CSV (email,partner,record_key,from,to) to users."""
    from throughway.gate.actions.assigning import add_caseload

    done = add_caseload(path=file, by=acting(settings))
    said = f"{done.new:,} assignments are in the register, {done.unchanged:,} stood there already."
    if done.not_loaded:
        said += f" Of {done.not_loaded:,} students no record has come in yet; their assignments hold from the day that one does."
    return Outcome({"added": done.new, "unchanged": done.unchanged, "not_loaded": done.not_loaded}, said)


@command(caseload, "list")
def list_caseload(settings: Settings) -> Outcome:
    """List assignments, the ended ones too. Students stand under the platform's numbers."""
    from throughway.partners.reading import assignments

    today = date.today()
    found = [
        {
            "email": a.email,
            "partner": a.partner,
            "record": a.record,
            "from": a.first,
            "to": a.last,
            "today": a.on(today),
        }
        for a in assignments()
    ]
    rows = [
        [str(a["email"]), str(a["partner"]), str(a["record"]), str(a["from"]), str(a["to"] or "")]
        for a in found
    ]
    return Outcome(
        {"caseload": found},
        columns(rows, ["e-mail", "partner", "record", "from", "to"])
        if rows
        else "No student is assigned yet: throughway caseload add FILE",
    )
