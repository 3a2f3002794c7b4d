"""Writes Riverbend to a folder: feeds as real systems export them, agreements, crosswalks, and the truth."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template

from throughway.core.refusals import Refused
from throughway.demo import edfi, feeds, lakeside, truth
from throughway.demo.caseloads import assign, write_caseloads, write_sites
from throughway.demo.consents import write_consents
from throughway.demo.enrollment import known_until
from throughway.demo.partners import LAKESIDE, RIVERBEND
from throughway.demo.town import live
from throughway.vocabulary.school_calendar import school_year_of

# What Riverbend decided about its measures, as its settings say it.
DECIDED = "\n[measures]\nnone_reported_is_lost = true\n"
FEWEST = 50  # fewer do not fill two districts and a program


def simulate(folder: Path, *, students: int, seed: int, today: date) -> int:
    """Writes `feeds/`, `agreements/`, `crosswalks/` and `truth/`; returns the ending year of the current school year.

    The same students, seed and month give the same bytes, save that workbooks hold the time of writing.
    """
    if students < FEWEST:
        raise Refused(f"Riverbend needs at least {FEWEST} students (--students).", code="too_few")
    if any((folder / name).is_dir() and any((folder / name).iterdir()) for name in ("feeds", "truth")):
        raise Refused(f"{folder} holds feeds already; name a new folder.", code="folder_taken")
    town = live(students, seed, today)
    ours, theirs = (folder / "feeds" / p for p in (RIVERBEND, LAKESIDE))
    edfi.export(ours / "edfi", town)
    lakeside.export(theirs, town)
    feeds.write(folder / "feeds", town, town.stream("feeds"))
    write_papers(folder, today, students)
    caseloads = assign(town)
    write_caseloads(folder / "caseloads.csv", town, caseloads)
    write_sites(folder / "sites.csv", town, caseloads)
    write_consents(folder / "consents", town, caseloads)
    truth.write(folder / "truth", town)
    return town.year


KINDS = ("agreements", "crosswalks", "rules", "systems")
SOON = timedelta(days=75)  # within the notice of renewal that agreements ask for
SEATS_FOR = 5_000  # students, for whom these seats are promised; in a smaller town as many fewer
PROMISED_SEATS = {
    "homework_seats": 180, "career_seats": 60, "tutoring_seats": 90, "fewer_tutoring_seats": 60, "mentoring_seats": 40,
}  # fmt: skip


def write_papers(folder: Path, today: date, students: int = SEATS_FOR) -> None:
    """Writes a folder for each kind of document, with days such that the agreements have their intended states today and seats for so many
    students, and the table of proficiency levels of Riverbend's tests, its choices for trends, and its rules of need."""
    words = paper_days(today) | {
        name: str(max(round(seats * students / SEATS_FOR), 1)) for name, seats in PROMISED_SEATS.items()
    }
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for paper in files("throughway.demo").joinpath("papers", kind).iterdir():
            text = Template(paper.read_text("utf-8")).safe_substitute(words)
            (folder / kind / paper.name).write_text(text, encoding="utf-8")
    table = files("throughway.demo").joinpath("papers", "proficiency.csv").read_bytes()
    (folder / "proficiency.csv").write_bytes(table)
    for name in ("trends.yaml", "needs.yaml"):
        text = files("throughway.demo").joinpath("papers", name).read_text("utf-8")
        (folder / name).write_text(Template(text).substitute(words), encoding="utf-8")


def paper_days(today: date) -> dict[str, str]:
    """The values of the documents' placeholders: `$start` and `$year` are the years in which the current school year begins and
    ends, `$first` that in which the oldest alumni were in school, `$soon` a day a few weeks ahead, `$known` the last day of
    which there are records."""
    year = school_year_of(today)
    return {
        "first": str(year - 15),
        "before": str(year - 3),
        "last": str(year - 2),
        "start": str(year - 1),
        "year": str(year),
        "next": str(year + 1),
        "soon": str(today + SOON),
        "known": str(known_until(today)),
    }
