"""Writes Riverbend to a folder: feeds as real systems export them, agreements, crosswalks, and the truth."""

from datetime import date
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.demo import edfi, feeds, oneroster, sheets, truth
from throughway.demo.caseloads import assign, write_caseloads
from throughway.demo.consents import write_consents
from throughway.demo.roster import LAKESIDE, RIVERBEND
from throughway.demo.town import live
from throughway.demo.writing import write_papers

FEWEST = 50  # below that there are not two districts and a program to speak of


def simulate(folder: Path, *, students: int, seed: int, today: date) -> int:
    """Writes `feeds/`, `agreements/`, `crosswalks/` and `truth/`; returns the ending year of the current school year.

    The same students, seed and month give the same bytes.
    """
    if students < FEWEST:
        raise Refused(f"Riverbend needs at least {FEWEST} students (--students).", code="too_few")
    if any((folder / name).is_dir() and any((folder / name).iterdir()) for name in ("feeds", "truth")):
        raise Refused(f"{folder} holds feeds already; name a new folder.", code="folder_taken")
    town = live(students, seed, today)
    ours, theirs = (folder / "feeds" / p for p in (RIVERBEND, LAKESIDE))
    edfi.export(ours / "edfi", town)
    sheets.export(theirs, town)
    oneroster.export(theirs / "oneroster.zip", town)
    feeds.write(folder / "feeds", town, town.stream("feeds"))
    write_papers(folder, today)
    caseloads = assign(town)
    write_caseloads(folder / "caseloads.csv", town, caseloads)
    write_consents(folder / "consents", town, caseloads)
    truth.write(folder / "truth", town)
    return town.year
