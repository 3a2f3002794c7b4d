"""Stays of students in programs as SQL: who took part, from when to when, and the hours of help that the records show."""

from datetime import date

from throughway.measures.sql import Ctes, VisibleData, day, text, texts
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

PART = (
    "program_participation", "program_identifier", "program_participation_start_date", "program_participation_status",
)  # fmt: skip
HOURS = (
    "service_received", "program_identifier", "service_quantity", "service_quantity_unit", "service_date",
)  # fmt: skip
PER_HOUR = {"minute": 60, "hour": 1}  # units per hour
STATUS = "COALESCE(program_participation_status, '')"


def standing() -> str:
    """SQL: the student's standing from a row of `program_participation`."""
    cases = " ".join(
        f"WHEN {text(status)} THEN CASE WHEN program_participation_start_date IS NULL THEN {text(m.without_first_day)}"
        f" ELSE {text(m.with_first_day)} END"
        for status, m in MEANINGS.items()
    )
    return f"CASE {STATUS} {cases} ELSE {text(ParticipationStatus.UNKNOWN)} END"


def going_on() -> str:
    """SQL: whether a stay without a last day goes on by its status."""
    return f"{STATUS} IN {texts(s for s, meaning in MEANINGS.items() if meaning.goes_on)}"


def service_hours() -> str:
    """SQL: the hours of a row of `service_received`; NULL where its quantity is no time."""
    units = " ".join(f"WHEN {text(u)} THEN service_quantity / {n}.0" for u, n in PER_HOUR.items())
    return f"CASE service_quantity_unit {units} END"


def stays_of(visible: VisibleData, on: date) -> Ctes:
    """`part`: each stay with its first and last day, up to a day; `stay`: those of one student in one program, joined where they overlap
    or touch. A stay that has ended by its status and has no last day is left out: nobody knows how long it lasted."""
    start, finish = (
        "program_participation_start_date",
        visible.column("program_participation", "program_participation_exit_date", "DATE"),
    )
    last = day(on)
    return {
        "part": f"""
            SELECT person_id, program_identifier AS program, {start} AS start,
              CASE WHEN {finish} < {last} THEN {finish} ELSE {last} END AS finish
            FROM program_participation
            WHERE {start} <= {last} AND {standing()} = {text(ParticipationStatus.TOOK_PART)}
              AND program_identifier IS NOT NULL
              AND ({finish} >= {start} OR ({finish} IS NULL AND {going_on()}))""",
        "ordered": """
            SELECT person_id, program, start, finish, MAX(finish) OVER (PARTITION BY person_id, program ORDER BY start, finish
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM part""",
        "numbered": """
            SELECT person_id, program, start, finish, SUM(CASE WHEN start <= before THEN 0 ELSE 1 END) OVER (
              PARTITION BY person_id, program ORDER BY start, finish ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place
            FROM ordered""",
        "stay": """
            SELECT person_id, program, MIN(start) AS start, MAX(finish) AS finish FROM numbered
            GROUP BY person_id, program, place""",
    }
