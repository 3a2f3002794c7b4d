"""`init` and `check`: the community folder itself."""

from datetime import date
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, command, prepare
from throughway.cli.permissions import keeper, of_backbone
from throughway.core.refusals import Refused
from throughway.store.community import Community


@command(None, "init", opens=False)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="The community's name (default: the folder's name).")
def init(settings: Settings, directory: Path, name: str | None) -> CommandResult:
    """Create an empty community in DIR."""
    community = Community(directory.resolve())
    community.make(name=name or directory.resolve().name)
    prepare(community)
    return CommandResult({"folder": str(community.root)}, f"An empty community is in {community.root}.")


@command(None, "check")
def check(settings: Settings) -> CommandResult:
    """Check the manifest against the files and the ledger against its seals, and search for orphaned files."""
    from throughway.destruction import selectors as destruction
    from throughway.families import selectors as rights
    from throughway.gate.actions.integrity_check import due

    by = keeper(settings, "Whether the folder is intact, and what is overdue in it,")
    if not by.is_operator and not of_backbone(by):
        raise Refused(
            "The folder is checked for all partners together, by its operator and the backbone's people; ask one of them.",
            code="not_allowed",
        )
    today = date.today()
    problems = looked()
    overdue = [*due(), *destruction.due(today), *rights.due(today)]
    sentences = problems or ["All is well: files, manifest and ledger agree."]
    text = "\n".join([*sentences, *(f"Overdue: {sentence}" for sentence in overdue)])
    return CommandResult(
        {"ok": not problems, "problems": problems, "due": overdue}, text, wanting=bool(problems)
    )


def looked() -> list[str]:
    """The problems found, one sentence each."""
    from django.conf import settings

    from throughway.destruction import selectors as destruction
    from throughway.gate.actions.integrity_check import check as look
    from throughway.measures.policy import problems

    return [*look(), *destruction.problems(), *problems(settings.COMMUNITY)]
