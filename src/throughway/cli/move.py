"""`move`: from SQLite into PostgreSQL."""

import click

from throughway.cli.command import CommandResult, Settings, acting, command
from throughway.core.prose import counted
from throughway.core.refusals import Refused


@command(None, "move")
@click.option(
    "--to",
    required=True,
    metavar="URL",
    help="The empty PostgreSQL database, as the role that owns it: postgresql://…",
)
def move(settings: Settings, to: str) -> CommandResult:
    """Move the operational database from the SQLite file into PostgreSQL."""
    from django.conf import settings as configured

    from throughway.gate.actions import moving
    from throughway.site.background import is_running
    from throughway.site.settings import database

    community = configured.COMMUNITY
    if configured.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        raise Refused("This community already lives in PostgreSQL; nothing was moved.", code="exists")
    if not to.startswith(("postgresql://", "postgres://")):
        raise Refused(
            "That is not the address of a PostgreSQL database; write postgresql://ROLE:PASSWORD@HOST/NAME.",
            code="bad_address",
        )
    if is_running(community.data):
        raise Refused("The site is being served; end `throughway serve`, then move.", code="busy")
    former = community.database.with_name(f"{community.database.name}{moving.MOVED}")
    rows = moving.move(to=database(to), by=acting(settings))
    return CommandResult(
        {"rows": rows, "file": str(former)},
        f"{counted(rows, 'row')} copied and compared, and the ledger verified. From now on name the database in THROUGHWAY_DATABASE_URL. "
        f"The former database is {former}; delete it once you have a backup of the new one.",
    )
