"""`backup` and `restore`: a community as two archives, data and keys, which are kept apart."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, acting, command, filling, moved_to, say
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.gate import backups
from throughway.store.community import Community

FILE = click.Path(path_type=Path, dir_okay=False)


@command(None, "backup")
@click.argument("data", metavar="DATA", type=FILE)
@click.argument("keys", metavar="KEYS", type=FILE)
def backup(settings: Settings, data: Path, keys: Path) -> CommandResult:
    """Write the community to two new archives, DATA and KEYS. Store them in separate places."""
    from throughway.gate.actions.backups import back_up

    made = back_up(data=data, keys=keys, by=acting(settings))
    text = (
        f"Data, {counted(made.data, 'file')}: {data}. Keys, {counted(made.keys, 'file')}: {keys}. Keep them in two places, with two people if"
        " you can: neither alone reveals who anyone is."
    )
    if made.problems:
        text = "\n".join([text, "The backup is not whole. Keep the last one that was.", *made.problems])
    return CommandResult(
        {
            "data": str(data),
            "keys": str(keys),
            "at": made.at,
            "files": {"data": made.data, "keys": made.keys},
            "problems": list(made.problems),
        },
        text,
        wanting=bool(made.problems),
    )


@command(None, "restore", opens=False)
@click.argument("data", metavar="DATA", type=FILE)
@click.argument("keys", metavar="KEYS", type=FILE)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="The certificate of a destruction after the backup; may be repeated.",
)
def restore(
    settings: Settings, data: Path, keys: Path, directory: Path, certificates: tuple[Path, ...]
) -> CommandResult:
    """Restore a community from its two archives into the new folder DIR, and check it against its manifest."""
    documents = [_read(path) for path in certificates]
    root = directory.resolve()
    with backups.bring_back(data, keys, root) as (marks, part, left):
        if left:
            say(
                f"An earlier restore into {root.name} was interrupted; what it left beside the folder was removed."
            )
        problems, role = _filled(Community(part), marks[backups.DATA], documents, left, settings)
    moved_to(Community(root))
    of, with_keys = marks[backups.DATA], marks[backups.KEYS]
    lines = [f"The community of {of.at} is in {root}."]
    if of.id != with_keys.id:
        lines.append(
            f"Its keys are those of {with_keys.at}: what was destroyed or came in between the two does not open."
        )
    document = {
        "folder": str(root), "data": of.at, "keys": with_keys.at, "one_backup": of.id == with_keys.id, "problems": problems,
        "rights": role,
    }  # fmt: skip
    return CommandResult(document, "\n".join([*lines, *problems, *role]))


def _filled(
    community: Community,
    mark: backups.ArchiveHeader,
    certificates: Sequence[dict[str, object]],
    left: Collection[str],
    settings: Settings,
) -> tuple[list[str], list[str]]:
    """Restores the database of an unpacked community, applies the certificates, and answers what is wrong, and what its role may."""
    backups.check_engine(mark, community)
    with filling(community, left):
        from django.db import connections

        from throughway.cli.folder import looked
        from throughway.destruction.actions.certificates import apply_certificate
        from throughway.gate.actions.backups import fill
        from throughway.gate.actions.integrity_check import rights

        foreign = fill(mark)
        for certificate in certificates:
            apply_certificate(document=certificate, by=acting(settings))
        found = [*foreign, *looked()], rights()
    connections.close_all()  # a SQLite file is moved with its folder
    return found


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Refused(
            f"{path.name} is not a certificate of destruction; give its certificate.json.",
            code="bad_certificate",
        )
    return found
