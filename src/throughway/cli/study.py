"""`study`: the registered studies of programs."""

import click

from throughway.cli.command import Cell, CommandResult, Settings, acting, command, group, listed

study = group("study", "The registered studies of programs.")


@command(study, "list")
def list_studies(settings: Settings) -> CommandResult:
    """List the registered studies, newest first, and where each stands."""
    from throughway.evidence.selectors import studies, study_to_json

    acting(settings)
    shown: dict[str, Cell] = {
        "id": "id", "registered on": "registered_on", "state": "state", "program": "program", "title": "title",
    }  # fmt: skip
    found = [study_to_json(each) for each in studies()]
    return listed("studies", found, shown, "No study is registered yet.")


@command(study, "take-back")
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; everybody who signs in can read it.")
def take_back(settings: Settings, id: str, reason: str) -> CommandResult:
    """Take back a study of which no outcome was read, so that its corrected text can be registered."""
    from throughway.evidence.actions.taking_back import take_back as act
    from throughway.evidence.selectors import study_to_json

    made = act(id=id, reason=reason, by=acting(settings))
    return CommandResult(
        study_to_json(made), f"Study {made.id} is taken back; the corrected text can be registered."
    )
