"""Whom a partner serves on a day."""

from datetime import date

import pytest
from sqlglot import exp

from tests.gate.making import rows
from throughway.gate.row_scope import served
from throughway.partners.site_assignment import Site, SiteKind
from throughway.store.engine import DuckDBEngine

DAY = date(2026, 9, 1)


def name(table: str, partner: str) -> str:
    return f"{table} of {partner}"


def relation(table: str, partner: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name(table, partner), quoted=True))


@pytest.mark.parametrize(("on", "found"), [(DAY, [41, 42]), (date(2026, 8, 1), [41]), (date(2020, 1, 1), [])])
def test_those_with_a_spell_there_on_the_day_and_never_nobody(on: date, found: list[int]) -> None:
    enrolled = [
        {
            "person_record": 41,
            "record": 1,
            "enrollment_entry_date": date(2026, 7, 1),
            "enrollment_exit_date": DAY,
        },
        {"person_record": None, "record": 2, "enrollment_entry_date": date(2026, 7, 1)},  # whose is not known
    ]
    taking_part = [
        {"person_record": n, "record": n, "program_participation_start_date": date(2026, 8, 15)}
        for n in (41, 42)
    ]
    with DuckDBEngine(threads=1) as engine:
        engine.register(name("school_enrollment", "harbor"), rows("school_enrollment", enrolled))
        engine.register(name("program_participation", "harbor"), rows("program_participation", taking_part))
        sql = served("harbor", relation=relation, on=on).sql(dialect="duckdb")
        assert sorted(engine.run(sql)["record"].to_pylist()) == found


@pytest.mark.parametrize(
    ("sites", "found"),
    [
        (None, [41, 42, 43, 44]),
        ([], []),
        ([Site(SiteKind.SCHOOL, "7")], [41]),
        ([Site(SiteKind.PROGRAM, "7")], [43]),
        ([Site(SiteKind.SCHOOL, "7"), Site(SiteKind.PROGRAM, "9")], [41, 44]),
        ([Site(SiteKind.SCHOOL, "8"), Site(SiteKind.SCHOOL, "7")], [41, 42]),
        ([Site(SiteKind.SCHOOL, "it's; 7")], []),
    ],
)
def test_of_those_served_the_ones_at_these_sites(sites: list[Site] | None, found: list[int]) -> None:
    """A school and a program of one id are two sites; a spell without a school is at none."""
    enrolled = [
        {
            "person_record": n,
            "record": n,
            "enrollment_entry_date": date(2026, 7, 1),
            "organization_id": school,
        }
        for n, school in ((41, "7"), (42, "8"), (43, None))
    ]
    taking_part = [
        {
            "person_record": n,
            "record": n,
            "program_participation_start_date": DAY,
            "program_identifier": program,
        }
        for n, program in ((43, "7"), (44, "9"))
    ]
    with DuckDBEngine(threads=1) as engine:
        engine.register(name("school_enrollment", "harbor"), rows("school_enrollment", enrolled))
        engine.register(name("program_participation", "harbor"), rows("program_participation", taking_part))
        sql = served("harbor", relation=relation, on=DAY, sites=sites).sql(dialect="duckdb")
        assert sorted(engine.run(sql)["record"].to_pylist()) == found


@pytest.mark.parametrize(
    ("status", "start", "end", "is_served"),
    [
        ("Active", DAY, None, True),
        (None, DAY, None, True),
        ("Exited", DAY, DAY, True),
        ("Withdrew", DAY, DAY, True),
        ("Exited", DAY, None, False),  # over, nobody recorded when
        ("Active", None, None, False),
        (None, None, None, False),
        (None, None, DAY, False),
        ("WaitingList", DAY, None, False),
        ("WaitingList", None, None, False),
        ("Applied", None, None, False),
        ("Referred", DAY, None, False),
        ("Eligible", DAY, None, False),
        ("Declined", None, None, False),
        ("Withdrew", None, None, False),
        ("Other", DAY, None, False),
    ],
)
def test_who_waits_for_a_program_is_not_served_by_it(
    status: str | None, start: date | None, end: date | None, is_served: bool
) -> None:
    row = {
        "person_record": 41, "record": 1, "program_participation_status": status,
        "program_participation_start_date": start, "program_participation_exit_date": end,
    }  # fmt: skip
    with DuckDBEngine(threads=1) as engine:
        engine.register(name("school_enrollment", "harbor"), rows("school_enrollment", []))
        engine.register(name("program_participation", "harbor"), rows("program_participation", [row]))
        sql = served("harbor", relation=relation, on=DAY).sql(dialect="duckdb")
        assert engine.run(sql).num_rows == is_served
