"""Asks the door who took part in a promised program in each school year, and how many hours a week they came to.

Hours are told as counts of students, never as a sum: a sum of hours can tell of the one who had most of them. A student's
hours a week are those of the school year over the weeks in which the program served anybody while the student was enrolled.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from throughway.insight.measures import Sight
from throughway.insight.measures.sql import Ctes, day, query, text, year_end, year_start
from throughway.insight.services.matching import Program

PART = ("program_participation", "program_identifier", "program_participation_start_date")
NAMED = ("program", "program_identifier", "program_name")
HOURS = (
    "service_received",
    "program_identifier",
    "service_quantity",
    "service_quantity_unit",
    "service_date",
)
PER_HOUR = {"minute": 60, "hour": 1}  # units of which so many make an hour


class FiguresDoor(Protocol):
    def figures(self, sql: str) -> tuple[Any, str]: ...


@dataclass(frozen=True)
class Delivered:
    """True counts of one program in one school year: never shown. `bands`: students by how far their hours came."""

    year: int
    students: int
    bands: Mapping[str, int]


ALL, HALF, LESS, NONE = "all promised hours", "half of them or more", "less than half", "no hours recorded"
BANDS = (ALL, HALF, LESS, NONE)


class Asking:
    """One counting of promises through one door. Keeps the ids of all that was read."""

    def __init__(self, door: FiguresDoor, sight: Sight, on: date) -> None:
        self.door, self.sight, self.on = door, sight, on
        self.disclosures: list[str] = []

    def programs(self, partners: Iterable[str]) -> list[Program]:
        """The programs of these partners that are shown, with their names where these are."""
        listed = [p for p in sorted(set(partners)) if self.shows_part(p)]
        if not listed:
            return []
        starts = " OR ".join(f"program_identifier LIKE {text(p + '/%')}" for p in listed)
        names: dict[str, str] = {}
        if self.sight.shows(*NAMED):
            rows = self._rows(
                f"SELECT program_identifier AS id, MIN(program_name) AS name FROM program WHERE {starts} GROUP BY program_identifier"
            )
            names = {str(row["id"]): str(row["name"] or "") for row in rows if row["id"]}
        rows = self._rows(
            f"SELECT DISTINCT program_identifier AS id FROM program_participation WHERE {starts}"
        )
        ids = names.keys() | {str(row["id"]) for row in rows if row["id"]}
        return [Program(id, names.get(id, "")) for id in sorted(ids)]

    def delivered(self, program: Program, years: Iterable[int], hours: float | None) -> Iterator[Delivered]:
        """Who took part in a program in each of these school years. `hours` a week, against which theirs are held; None where
        none are promised, or none are shown."""
        for year in years:
            rows = self._rows(query(self._took_part(program.id, year, hours), _counted(hours)))
            bands = {str(row["band"]): int(row["students"]) for row in rows}
            known = {band: bands.get(band, 0) for band in BANDS} if hours else {}
            yield Delivered(year, sum(bands.values()), known)

    def shows_part(self, partner: str) -> bool:
        return partner in self.sight.partners(*PART)

    def shows_hours(self, partner: str) -> bool:
        return partner in self.sight.partners(*HOURS)

    def _took_part(self, id: str, year: int, hours: float | None) -> Ctes:
        first, last = day(year_start(year)), day(min(year_end(year), self.on))
        finish = self.sight.column("program_participation", "program_participation_exit_date", "DATE")
        found: Ctes = {
            "spell": f"""
                SELECT person_id, COALESCE(program_participation_start_date, {first}) AS start, COALESCE({finish}, {last}) AS finish
                FROM program_participation
                WHERE program_identifier = {text(id)} AND COALESCE(program_participation_start_date, {first}) <= {last}
                  AND COALESCE({finish}, {last}) >= {first}""",
            "enrolled": "SELECT DISTINCT person_id FROM spell",
        }
        if not hours:
            return found
        unit = " ".join(f"WHEN {text(u)} THEN service_quantity / {n}.0" for u, n in PER_HOUR.items())
        return {
            **found,
            "given": f"""
                SELECT person_id, service_date, CASE service_quantity_unit {unit} END AS hours FROM service_received
                WHERE program_identifier = {text(id)} AND service_date >= {first} AND service_date <= {last}""",
            "week": "SELECT DISTINCT DATE_TRUNC('week', service_date) AS monday FROM given",
            "open_weeks": """
                SELECT s.person_id, COUNT(DISTINCT w.monday) AS weeks FROM spell AS s
                JOIN week AS w ON w.monday >= DATE_TRUNC('week', s.start) AND w.monday <= s.finish GROUP BY s.person_id""",
            "had": "SELECT person_id, SUM(hours) AS hours FROM given WHERE hours IS NOT NULL GROUP BY person_id",
            "share": f"""
                SELECT e.person_id, h.hours / NULLIF(o.weeks * {float(hours)}, 0) AS share FROM enrolled AS e
                LEFT JOIN had AS h ON h.person_id = e.person_id LEFT JOIN open_weeks AS o ON o.person_id = e.person_id""",
        }

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        table, disclosure = self.door.figures(sql)
        self.disclosures.append(disclosure)
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


def _counted(hours: float | None) -> str:
    if not hours:
        return f"SELECT {text(NONE)} AS band, COUNT(*) AS students FROM enrolled"
    return f"""
        SELECT CASE WHEN share >= 1 THEN {text(ALL)} WHEN share >= 0.5 THEN {text(HALF)} WHEN share > 0 THEN {text(LESS)}
          ELSE {text(NONE)} END AS band, COUNT(*) AS students
        FROM share GROUP BY 1"""
