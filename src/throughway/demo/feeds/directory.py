"""The directories of supports, as each partner's own system exports them: HSDS 3.0 in JSON, without seats, which are in the list of programs."""

import uuid
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from throughway.demo.partners import PARTNERS
from throughway.demo.population import words
from throughway.demo.town import Town
from throughway.measures.eligibility import condition
from throughway.supports.entry import SupportEntry, SupportStatement, WayHome, WeeklySession
from throughway.supports.hsds.writing import page

FILE = "directory.json"
SUMMER = "next-step/summer-bridge"


def directories(folder: Path, town: Town, rng: np.random.Generator) -> None:
    """`words/supports.csv` has one row for each program; `assured` is how many days ago its partner last looked at it."""
    listed, names = words("programs.csv"), {partner.id: partner.name for partner in PARTNERS}
    programs = {str(id): row for row, id in enumerate(listed["program"])}
    today = date.fromisoformat(str(town.known))
    entries: dict[str, list[SupportEntry]] = {}
    table = words("supports.csv")
    for place, id in enumerate(map(str, table["program"])):
        row = {column: str(values[place]) for column, values in table.items()}
        partner = id.partition("/")[0]
        said = replace(_statement(row, town), name=str(listed["name"][programs[id]]), program=id)
        assured = today - timedelta(days=int(row["assured"]))
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"riverbend/{id}"))
        entries.setdefault(partner, []).append(
            SupportEntry(place, key, partner, names[partner], said, assured, None, assured)
        )
    for partner, own in entries.items():
        (folder / partner / FILE).write_text(page(own), encoding="utf-8")


def _statement(row: dict[str, str], town: Town) -> SupportStatement:
    opens, closes = (time.fromisoformat(row[at]) if row[at] else None for at in ("opens", "closes"))
    starts, ends = _summer(town.year) if row["program"] == SUMMER else _season(town)
    return SupportStatement(
        name="", description=row["description"], place=row["place"], street=row["street"], city="Riverbend", state="RI",
        postal_code=row["postal_code"], sessions=tuple(WeeklySession(day, opens, closes) for day in row["days"].split()),
        starts=starts, ends=ends, languages=tuple(row["languages"].split()), subjects=tuple(row["subjects"].split()), lowest_grade=row["lowest"], highest_grade=row["highest"],
        rules=tuple(condition(row[name], where="A rule") for name in ("rules",) if row[name]), way_home=WayHome(row["way_home"]),
        transport=row["transport"], cost=Decimal(row["cost"]), cost_words=row["cost_words"], office=row["office"], phone=row["phone"],
        public=row["public"] == "yes",
    )  # fmt: skip


def _summer(year: int) -> tuple[date, date]:
    return date(year - 1, 7, 6), date(year - 1, 8, 14)


def _season(town: Town) -> tuple[date, date]:
    """The days of a program of the school year; once they are over, those of the next year, for which students are referred now."""
    first, last = date(town.year - 1, 9, 8), date(town.year, 6, 12)
    if last < town.today:
        return first.replace(year=town.year), last.replace(year=town.year + 1)
    return first, last
