"""A partner's programs as its own loaded records have them: the statements that they fill, and which fields those speak of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughway.measures.needs import CATEGORIES
from throughway.supports.entry import MAX_LINE, SupportStatement
from throughway.vocabulary import CODE_SETS

A_YEAR = timedelta(days=365)


def questions(today: date) -> tuple[str, str]:
    """The programs, and how many wait for each: some systems never close an application, so one of more than a year ago waits no more.
    Programs are no student data. Those who wait are, so they are counted under an entry of the ledger."""
    return (
        "SELECT program_identifier, program_name, program_subtype, minimum_age, maximum_age, eligibility_description, "
        "program_capacity_available, program_capacity_maximum FROM program",
        "SELECT program_identifier, count(DISTINCT person_id) FILTER (WHERE program_participation_status = 'WaitingList' "
        f"AND program_participation_exit_date IS NULL AND COALESCE(program_application_date >= DATE '{today - A_YEAR}', TRUE)) AS waiting "
        "FROM program_participation GROUP BY program_identifier",
    )


@dataclass(frozen=True)
class RecordedProgram:
    """One program: the statement, and the fields of it that the records speak of."""

    said: SupportStatement
    given: frozenset[str]


def programs_of(
    columns: Sequence[str],
    programs: Iterable[Sequence[Any]],
    waiting: Iterable[Sequence[Any]],
    *,
    today: date,
) -> list[RecordedProgram]:
    """The answers to `questions` by identifier, those with a name."""
    waits = {row[0]: row[1] for row in waiting}
    rows = [dict(zip(columns, row, strict=True)) for row in programs]
    named = {
        row["program_identifier"]: row for row in rows if row["program_identifier"] and row["program_name"]
    }
    return [_program(named[id], waits.get(id), today) for id in sorted(named)]


def _program(row: Mapping[str, Any], waiting: int | None, today: date) -> RecordedProgram:
    category = row["program_subtype"]
    values: dict[str, Any] = {
        "program": str(row["program_identifier"])[:MAX_LINE],
        "category": category if category in CODE_SETS[CATEGORIES] else None,
        "minimum_age": row["minimum_age"],
        "maximum_age": row["maximum_age"],
        "who": row["eligibility_description"],
        "seats_open": row["program_capacity_available"],
        "seats_all": row["program_capacity_maximum"],
    }
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if {"seats_open", "seats_all"} & given.keys():
        given["seats_on"] = today
    if waiting is not None:
        # Where participants are recorded, so is who waits. That none is recorded does not say that nobody waits: some systems keep no
        # waiting list.
        given["waiting"] = waiting or None
    return RecordedProgram(
        SupportStatement(name=str(row["program_name"])[:MAX_LINE], **given), frozenset(given)
    )
