"""The folder of a community that `init` or `demo` makes: whole, or as it was before; never taken for whole between.

A locked file marks it meanwhile. If the process is killed, the mark stays without its lock: no command opens the folder, and the next
attempt first removes what was made. A database on a server has a mark of its own (`actions/filling.py`).
"""

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from throughway.core.refusals import Refused
from throughway.store import database_record
from throughway.store.community import Community
from throughway.store.settings_file import SETTINGS

MARK = ".unfinished"


@contextmanager
def making(community: Community) -> Iterator[Collection[str]]:
    """Marks the folder while the block fills it. Yields, of a folder that an interrupted attempt had left and that was removed, the id
    of its database ("" where it had none yet); nothing where there was no such folder.

    Refused where the folder holds a community, or where another process is making one there.
    """
    left = _clear(community)
    community.check_new()
    root = community.root
    there = root.is_dir()
    before = sorted(path.name for path in root.iterdir()) if there else []
    root.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(root / MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _busy(community) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, json.dumps({"there": there, "before": before}).encode())
        os.fsync(handle)
        try:
            yield left
        except BaseException:
            _take_away(community, there, before)
            raise
        (root / MARK).unlink()
    finally:
        os.close(handle)


def check_whole(community: Community) -> None:
    """Refused where the folder is being made, or where that was interrupted."""
    if (community.root / MARK).exists():
        raise Refused(
            f"{community.root} is not whole: `init` or `demo` is making it now, or was interrupted. Give that command again with this "
            "folder; it removes what an interrupted one left.",
            code="half_initialised",
        )


def _clear(community: Community) -> list[str]:
    """Removes what an interrupted attempt left; the id of its database, if there was such an attempt."""
    try:
        handle = os.open(community.root / MARK, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(community) from None
        try:
            mark = json.loads((community.root / MARK).read_text(encoding="utf-8"))
        except ValueError:  # killed before it had written the mark, and made anything
            mark = {"there": True, "before": [path.name for path in community.root.iterdir()]}
        id = ""
        with suppress(Refused):
            record = database_record.read(community)
            id = record.id if record else ""
        _take_away(community, mark["there"], mark["before"])
        return [id]
    finally:
        os.close(handle)


def _take_away(community: Community, there: bool, before: Collection[str]) -> None:
    """Removes what was made in the folder; what was there before, and what somebody else put there since, stays."""
    root = community.root
    community.database.unlink(missing_ok=True)  # it was not there, though its folder may have been
    for made in (community.data, community.keys):
        if made.name not in before:
            shutil.rmtree(made, ignore_errors=True)
    for made in (community.agreements, community.crosswalks, community.feeds):
        if made.name not in before:
            with suppress(OSError):  # not empty: somebody put something there
                made.rmdir()
    if SETTINGS not in before:
        (root / SETTINGS).unlink(missing_ok=True)
    (root / MARK).unlink(missing_ok=True)
    if not there:
        with suppress(OSError):
            root.rmdir()


def _busy(community: Community) -> Refused:
    return Refused(
        f"Somebody else is making a community in {community.root} now; wait until that has ended, or choose another folder.",
        code="busy",
    )
