"""`deployment`: the files with which a server runs a community, filled in for it."""

import re
import sys
from importlib import resources
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, command
from throughway.cli.serve import PORT
from throughway.core.refusals import Refused
from throughway.store.community import Community

TEMPLATES = resources.files("throughway.cli").joinpath("server_files")
MODES = {"throughway.env": 0o600, "owner.env": 0o600, "throughway-admin": 0o755}  # others: 0644
# What a unit file, a shell and a web server all take as it is.
PLAIN = re.compile(r"[A-Za-z0-9/._-]+\Z")
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+\Z")


@command(None, "deployment", opens=False)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", required=True, help="The name under which other machines ask for the site.")
@click.option("--user", default="throughway", show_default=True, help="The system user that runs the site.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="The site's port."
)
@click.option(
    "--backups",
    type=click.Path(path_type=Path),
    default=Path("/var/backups/throughway"),
    show_default=True,
    help="The folder of the nightly backups, with data/ and keys/ in it.",
)
def deployment(
    settings: Settings, directory: Path, host: str, user: str, port: int, backups: Path
) -> CommandResult:
    """Write the files with which a server runs the community into DIR: units, secrets, Caddy, nginx."""
    values = {
        "folder": str(Community.locate(settings.community).root),
        "directory": str(directory.resolve()),
        "backups": str(backups.resolve()),
        "program": str(Path(sys.executable).with_name("throughway")),
        "user": user,
        "port": str(port),
        "host": host.lower(),
    }
    for what, value in values.items():
        if not (HOST if what == "host" else PLAIN).match(value):
            raise Refused(
                f"The {what} {value!r} cannot stand in these files; use letters, digits, hyphens, dots and no spaces.",
                code="bad_value",
            )
    files = filled(values)
    there = sorted(name for name in files if (directory / name).exists())
    if there:
        raise Refused(
            f"{directory} already holds {', '.join(there)}; choose another folder, or move them away.",
            code="exists",
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).touch(mode=MODES.get(name, 0o644))
        (directory / name).chmod(MODES.get(name, 0o644))
        (directory / name).write_text(text, encoding="utf-8")
    return CommandResult(
        {"folder": values["directory"], "files": sorted(files)},
        f"{len(files)} files are in {values['directory']}; the first lines of each say where it goes.",
    )


def filled(values: dict[str, str]) -> dict[str, str]:
    """The files by name, with each `@word@` replaced by its value."""
    word = re.compile("@(" + "|".join(values) + ")@")
    return {
        each.name: word.sub(lambda found: values[found[1]], each.read_text(encoding="utf-8"))
        for each in TEMPLATES.iterdir()
        if each.is_file()
    }
