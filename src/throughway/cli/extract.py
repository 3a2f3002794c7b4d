"""`extract`: a pseudonymous research extract, through the gate, with its codebook and manifest."""

from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, command, say
from throughway.cli.query import reader
from throughway.core.prose import counted


@command(None, "extract")
@click.option(
    "--dul",
    "agreement",
    required=True,
    metavar="ID",
    help="The license that authorizes the extract.",
)
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder that does not exist yet.",
)
@click.option(
    "--purpose",
    default="",
    metavar="P",
    help="The purpose, if the agreement has more than one of form pseudonymous.",
)
def extract(settings: Settings, agreement: str, out: Path, purpose: str) -> CommandResult:
    """Write a research extract under an agreement's own codes."""
    from throughway.extracts import actions

    by = reader(settings, purpose=purpose or agreement, asked=f"extract of {agreement}")
    made = actions.extract(agreement=agreement, out=out.absolute(), purpose=purpose, by=by)
    for warning in made.warnings:
        say(f"Take care: {warning}")
    manifest = made.manifest
    rows = sum(file.get("rows", 0) for file in manifest["files"] if file["name"].endswith(".csv"))
    return CommandResult(
        made.to_json(),
        f"Extract {made.id}: {counted(rows, 'row')} of {counted(manifest['students'], 'student')} in {made.folder}.\n"
        f"Disclosure {manifest['disclosures'][0]}. To be destroyed by {manifest['terms']['destroy_by']}; see terms.txt.",
    )
