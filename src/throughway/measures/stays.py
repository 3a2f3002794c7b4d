"""Stays of students in programs as SQL: who took part, from when to when, and the hours of help that the records show."""

from datetime import date

from throughway.measures.sql import Ctes, VisibleData, day, school_year, text, texts, year_end, year_start
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

PART = (
    "program_participation", "program_identifier", "program_participation_start_date", "program_participation_status",
)  # fmt: skip
HOURS = (
    "service_received", "program_identifier", "service_quantity", "service_quantity_unit", "service_date",
)  # fmt: skip
# Attendance that people mark on the site, with the planned hours of each session.
MARKED = (
    "session_attendance", "program_identifier", "session_date", "session_mark", "session_hours", "superseded",
)  # fmt: skip
CAME = ("present", "late")  # codes of session_mark
PER_HOUR = {"minute": 60, "hour": 1}  # units per hour
STATUS = "COALESCE(program_participation_status, '')"
START = "program_participation_start_date"


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


def took_part(visible: VisibleData, year: int, on: date) -> str:
    """SQL: whether a row says that its student took part in a school year, up to a day. A stay that has ended without a last day belongs
    to the year in which it began."""
    first, last = day(year_start(year)), day(min(year_end(year), on))
    finish = visible.column("program_participation", "program_participation_exit_date", "DATE")
    return f"""{START} <= {last} AND {standing()} = {text(ParticipationStatus.TOOK_PART)}
              AND CASE WHEN {finish} IS NOT NULL THEN {finish} >= {first}
                       ELSE {going_on()} OR {START} >= {first} END"""


def application_day(visible: VisibleData) -> str:
    """SQL: the day of the application; NULL where it is not shown."""
    return visible.column("program_participation", "program_application_date", "DATE")


def year_without_stay(visible: VisibleData) -> str:
    """SQL: the school year of a row whose student did not take part: of the seat, else of the application, else of the first day."""
    stated = visible.column("program_participation", "school_year")
    applied = school_year(application_day(visible))
    return f"COALESCE(TRY_CAST({stated} AS INTEGER), {applied}, {school_year(START)})"


def service_hours() -> str:
    """SQL: the hours of a row of `service_received`; NULL where its quantity is no time."""
    units = " ".join(f"WHEN {text(u)} THEN service_quantity / {n}.0" for u, n in PER_HOUR.items())
    return f"CASE service_quantity_unit {units} END"


def hours_given(visible: VisibleData, program: str, first: date, last: date) -> str:
    """SELECT of the hours of help that students had in a program from one day to another: `person_id`, `service_date`, `hours` (NULL where
    they are not known). From services that systems send, and from marks made on the site: the planned hours of a session to which the
    student came. A session that both have counts once, as the system sent it."""
    days = f"BETWEEN {day(first)} AND {day(last)}"
    sent = f"""
        SELECT person_id, service_date, {service_hours()} AS hours FROM service_received
        WHERE program_identifier = {text(program)} AND service_date {days}"""
    marked = f"""
        SELECT person_id, session_date AS service_date, MAX(session_hours) AS hours FROM session_attendance
        WHERE program_identifier = {text(program)} AND session_date {days} AND session_mark IN {texts(CAME)} AND NOT superseded
        GROUP BY person_id, session_date"""
    if not visible.shows(*MARKED):
        return sent
    if not visible.shows(*HOURS):
        return marked
    return f"""
        {sent}
        UNION ALL
        SELECT m.person_id, m.service_date, m.hours FROM ({marked}) AS m
        LEFT JOIN (SELECT DISTINCT person_id, service_date FROM ({sent}) AS s) AS s
          ON s.person_id = m.person_id AND s.service_date = m.service_date
        WHERE s.person_id IS NULL"""


def stays_of(visible: VisibleData, on: date) -> Ctes:
    """`part`: each stay with its first and last day, up to a day; `program_stay`: those of one student in one program, joined where they overlap
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
        "program_stay": """
            SELECT person_id, program, MIN(start) AS start, MAX(finish) AS finish FROM numbered
            GROUP BY person_id, program, place""",
    }
