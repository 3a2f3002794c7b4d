"""The community's papers, agreements, crosswalks, rules and lists of data systems, with the days of the school year that is under way."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template

from throughway.demo.years import known_until
from throughway.vocabulary.school_calendar import school_year_of

KINDS = ("agreements", "crosswalks", "rules", "systems")
SOON = timedelta(days=75)  # within the notice of renewal that agreements ask for


def write_papers(folder: Path, today: date) -> None:
    """Writes a folder for each kind of paper, so that the agreements stand on the day as they are meant to, and the table of what
    the levels of Riverbend's tests mean."""
    words = days(today)
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for paper in files("throughway.demo").joinpath("papers", kind).iterdir():
            text = Template(paper.read_text("utf-8")).safe_substitute(words)
            (folder / kind / paper.name).write_text(text, encoding="utf-8")
    table = files("throughway.demo").joinpath("papers", "proficiency.csv").read_bytes()
    (folder / "proficiency.csv").write_bytes(table)


def days(today: date) -> dict[str, str]:
    """What the papers' words stand for: `$start` and `$year` are the years in which the current school year begins and
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
