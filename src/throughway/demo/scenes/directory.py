"""The directory of supports: partners send their directories, and their people bring the seats from their own records."""

from pathlib import Path

from throughway.core.prose import counted
from throughway.demo.feeds.directory import FILE
from throughway.demo.partners import LEADERS, Say
from throughway.partners.actor import OPERATOR
from throughway.partners.selectors import actor
from throughway.supports.actions import load_directory, take_from_records
from throughway.supports.selectors import entries


def fill(folder: Path, say: Say) -> None:
    for path in sorted((folder / "feeds").glob(f"*/{FILE}")):
        partner = path.parent.name
        load_directory(path=path, partner=partner, by=OPERATOR)
        take_from_records(partner=partner, by=actor(LEADERS[partner]))
    found = entries()
    free = sum(each.said.seats_open or 0 for each in found)
    say(
        f"  {counted(len(found), 'support')} of {counted(len({e.partner for e in found}), 'partner')}, {counted(free, 'seat')} free"
    )
