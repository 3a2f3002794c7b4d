"""How the account of services is counted, in sentences made of the table of statuses that counted it."""

from throughway.core.prose import listed
from throughway.insight.services.participation_queries import ALL, HALF, LESS, NONE
from throughway.vocabulary import codes_of, element
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus

STATUS = "program_participation.program_participation_status"


def method() -> tuple[str, ...]:
    """Who took part; who stands apart, and in which year; how hours are told."""
    labels = codes_of(element(STATUS)) or {}

    def meant(standing: ParticipationStatus, *, dated: bool) -> str:
        found = (
            labels[status]
            for status, m in MEANINGS.items()
            if status and (m.with_first_day if dated else m.without_first_day) is standing
        )
        return listed([f"“{label}”" for label in found])

    return (
        "Students who took part have a first day in the program, no later than the school year (1 July to 30 June) and the day of "
        f"counting, and a status that means taking part: {meant(ParticipationStatus.TOOK_PART, dated=True)}, or no status. A stay without a "
        "last day goes on only while its status says so. One student counts once in a year.",
        "Students who did not take part are counted apart: on a waiting list "
        f"({meant(ParticipationStatus.WAITING, dated=False)}); applied or referred ({meant(ParticipationStatus.APPLIED, dated=False)}); declined or not "
        f"eligible ({meant(ParticipationStatus.DECLINED, dated=False)}); withdrawn before a first day ({meant(ParticipationStatus.WITHDREW, dated=False)}). "
        "The school year is that of the seat, else of the application.",
        f"Hours are told as students: how many had {ALL} a week, {HALF}, {LESS}, or {NONE}. A student’s hours a week are counted over "
        "the weeks in which the program served anybody while the student was enrolled. Where two agreements promise different "
        "hours for a program, the larger number is meant.",
    )
