"""Which database a community lives in: its engine, and a random id that the folder and the database both keep.

A forgotten or mistaken THROUGHWAY_DATABASE_URL would otherwise show an empty community, or another one.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.store import durable_files
from throughway.store.community import Community

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAME = "database.json"
UNFINISHED = "throughway_unfinished"  # the table that marks a server's database while it is filled
APART = (
    "The database is not the one that keeps the manifest of this store; point THROUGHWAY_DATABASE_URL or the community folder to the "
    "other of the two, or restore both from one backup."
)


@dataclass(frozen=True)
class DatabaseRecord:
    """`engine`: Django's name of the vendor; `id`: hexadecimal, new for each database that a community ever lived in."""

    engine: str
    id: str


def place(community: Community) -> Path:
    return community.data / NAME


def read(community: Community) -> DatabaseRecord | None:
    """What the folder records; None in a folder that no version with such records has opened."""
    try:
        found = json.loads(place(community).read_bytes())
        return DatabaseRecord(engine=str(found["engine"]), id=str(found["id"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"data/{NAME}, which records the community's database, cannot be read; bring it back from a copy of the folder, or delete "
            "it: the database must then prove by the store's name that it is this community's.",
            code="other_database",
        ) from error


def write(community: Community, record: DatabaseRecord) -> None:
    durable_files.write(place(community), json.dumps(asdict(record)).encode() + b"\n")


def check_engine(community: Community) -> None:
    """Refused where the database that is named is of another engine than the one that the folder records. Connects to nothing."""
    record, url = read(community), community.database_url
    if record is not None and record.engine == POSTGRESQL and not url:
        raise Refused(
            f"The community in {community.root} lives in a PostgreSQL database, and THROUGHWAY_DATABASE_URL is not set; set it to the "
            "address of that database.",
            code="other_database",
        )
    if record is not None and record.engine == SQLITE and url:
        raise Refused(
            f"The community in {community.root} lives in its own SQLite file, and THROUGHWAY_DATABASE_URL or [database] of "
            "throughway.toml names a server; leave that out.",
            code="other_database",
        )


def check_file(community: Community) -> None:
    """Refused where the folder's SQLite file is missing; nothing is created."""
    if not community.database.is_file():
        where = community.database.relative_to(community.root)
        server = (
            ""
            if read(community)
            else ", or name its server in THROUGHWAY_DATABASE_URL if it lives in PostgreSQL"
        )
        raise Refused(
            f"{community.root} is only half a community: {where} is missing; bring it back from a backup{server}, or make a new "
            "community with: throughway init DIR",
            code="half_initialised",
        )


def sqlite_address(community: Community) -> str:
    """The file's address for SQLite. It is never made by connecting: an empty community would take the place of a missing one."""
    return f"{community.database.as_uri()}?mode=rw"
