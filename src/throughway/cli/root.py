"""`throughway`: the groups of commands, each loaded only when it is called."""

import importlib
from collections.abc import Mapping

import click

from throughway import __version__
from throughway.cli.command import Settings, common_options

# command → the module that defines it: a command starts without importing the modules of others.
COMMANDS: Mapping[str, str] = {
    "init": "folder",
    "doctor": "doctor",
    "check": "folder",
    "move": "move",
    "keys": "keys",
    "backup": "backups",
    "restore": "backups",
    "partner": "registers",
    "user": "registers",
    "signatory": "signatories",
    "system": "systems",
    "caseload": "assignments",
    "site": "assignments",
    "training": "registers",
    "consent": "registers",
    "right": "rights",
    "agreement": "agreement",
    "governance": "governance",
    "vocabulary": "vocabulary",
    "load": "load",
    "feed": "feed",
    "inspect": "inspect",
    "crosswalk": "inspect",
    "link": "link",
    "query": "query",
    "extract": "extract",
    "report": "publish",
    "publish": "publish",
    "effect": "effect",
    "study": "study",
    "services": "services",
    "supports": "supports",
    "ledger": "ledger",
    "destroy": "destroy",
    "hold": "destroy",
    "certificate": "destroy",
    "steps": "open_steps",
    "remind": "open_steps",
    "simulate": "demo",
    "demo": "demo",
    "serve": "serve",
    "deployment": "deployment",
}


class Commands(click.Group):
    """Finds a command by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(importlib.import_module(f"throughway.cli.{module}"), cmd_name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as unknown:  # click knows no names here to suggest, since none is loaded
            raise click.NoSuchCommand(unknown.command_name, possibilities=COMMANDS, ctx=ctx) from None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="throughway")
@common_options
@click.pass_context
def main(ctx: click.Context, community: str | None, acting: str | None, as_json: bool) -> None:
    """Share student data exactly as signed agreements say."""
    ctx.obj = Settings(community, acting, as_json)
