"""Picks up what arrived in the community's folder `feeds`. What landed is removed; what was refused goes to `feeds/stopped`."""

import os
import stat
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.intake import actions as loads
from throughway.intake.feeds.status import ExpectedFeed
from throughway.intake.selectors import expected_feeds
from throughway.partners import Actor
from throughway.store.selectors import current_community

STOPPED = "stopped"  # the folder, in `feeds`, for files that were refused
SETTLED = 60.0  # seconds without a change after which a file has arrived whole


@dataclass(frozen=True)
class PickedUp:
    """What became of one file. `batch` is empty where nothing was loaded; `message` says why."""

    file: str
    feed: str
    batch: str
    message: str = ""


def pick_up(*, by: Actor, settled: float = SETTLED) -> list[PickedUp]:
    """Loads every file that exactly one feed takes, oldest first. A file that still grows waits; one that no feed takes is left alone."""
    inbox = current_community().feeds
    feeds = [feed for feed in expected_feeds(None, date.today()) if feed.contract.files]
    found = []
    for path in sorted(inbox.iterdir(), key=lambda path: (path.lstat().st_mtime, path.name)):
        taking = [feed for feed in feeds if feed.contract.takes(path.name)]
        if not taking or not _has_arrived(path, settled):
            continue
        if len(taking) > 1:
            names = " and ".join(feed.name for feed in taking)
            found.append(
                PickedUp(
                    path.name, "", "", f"{names} both take files of this name; make their `files` differ."
                )
            )
            continue
        found.append(_load(path, taking[0], by))
    return found


def _has_arrived(path: Path, settled: float) -> bool:
    """A plain file, not a link, that did not change lately."""
    state = path.lstat()
    return stat.S_ISREG(state.st_mode) and time.time() - state.st_mtime >= settled


def _load(path: Path, feed: ExpectedFeed, by: Actor) -> PickedUp:
    crosswalk = current_community().crosswalks / feed.name
    try:
        loaded = loads.load(
            path=path, partner=feed.contract.partner, format=feed.format, crosswalk=crosswalk, by=by
        )
    except Refused as refused:
        if refused.code in ("busy", "agreements_changed", "changed_meanwhile"):
            return PickedUp(path.name, feed.name, "", refused.message)  # tried again with the next run
        _set_apart(path)
        return PickedUp(path.name, feed.name, "", refused.message)
    if loaded.nothing:
        _set_apart(path)
        return PickedUp(path.name, feed.name, loaded.batch, loaded.nothing.message)
    path.unlink()
    return PickedUp(path.name, feed.name, loaded.batch)


def _set_apart(path: Path) -> None:
    """Moves a refused file out of the way of the next run, over an earlier one of its name."""
    folder = path.parent / STOPPED
    folder.mkdir(mode=0o700, exist_ok=True)
    os.replace(path, folder / path.name)
