"""Agreements and crosswalks of the tests of intake, written as people write them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow.parquet as pq

from throughway.agreements.document import read_document, version_of
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.intake.staging import Problem, RowFault, StagedTables

TODAY = date.today()


def in_effect(
    schedule: Sequence[str],
    *,
    id: str = "riverbend",
    population: str = "[]",
    records: str = "{}",
    custody: str = "[]",
    reach: str = "all",
    basis: str = "school_official",
    more: str = "",
) -> AgreementStatus:
    """An agreement in effect between a school, a club and a backbone; `schedule` holds lines of `element: ...`."""
    lines = "\n".join(
        f"  - {{{line}, purposes: [study], necessity: It is the question}}" for line in schedule
    )
    document, findings = read_document(
        f"""
throughway: agreement/1
id: {id}
tier: dsa
title: Attendance and supports
parties:
  - {{partner: school, roles: [discloser, recipient], signatory: {{title: Superintendent, authority: Policy}}}}
  - {{partner: club, roles: [discloser, recipient], signatory: {{title: Director, authority: Bylaws}}}}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution}}}}
purposes:
  - {{id: study, kind: evaluation, from: [school], recipients: [backbone, club], roles: [evaluator], reach: {reach},
      interest: Learn what helps, basis: {basis}, form: identified,
      basis_details: {{function: evaluation, direct_control: true, annual_notice_criteria: Notice}}}}
{more}
schedule:
{lines}
population: {population}
records: {records}
custody: {custody}
terms:
  effective: {TODAY - timedelta(days=30)}
  expires: {TODAY + timedelta(days=300)}
  minimum_cell: 10
  training: []
  destruction: {{within_days: 60, method: shredding}}
clauses:
  use_only_for_purpose: Only for these purposes.
"""
    )
    assert document is not None, findings
    return AgreementStatus(document, version_of(document), AgreementState.ACTIVE, "in effect")


STUDENTS = """
throughway: crosswalk/1
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First, required: true}
      last_or_surname: {from: Last, required: true}
      birthdate: {from: DOB, date: ["%m/%d/%Y", "%Y-%m-%d"]}
      sex: {from: Gender, map: {M: Male, F: Female, X: NotSelected}}
ignore: [Homeroom]
"""

ENROLLMENT = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [Student ID, Entry]
    person: Student ID
    columns:
      enrollment_entry_date: {from: Entry, required: true}
      enrollment_exit_date: {from: Exit}
      entry_grade_level: {from: Grade}
"""

ATTENDANCE = """
throughway: crosswalk/1
tables:
  attendance_day:
    key: [Student ID, Day]
    person: Student ID
    columns:
      attendance_event_date: {from: Day, date: ["%m/%d/%Y", "%Y-%m-%d"]}
      attendance_status: {from: Status, map: {P: Present, A: UnexcusedAbsence}}
"""


def rows_read(staged: StagedTables, table: str) -> int:
    """How many rows of a table a reader found, those set aside and withheld included."""
    staged_rows = pq.read_metadata(staged.tables[table]).num_rows if table in staged.tables else 0
    return staged_rows + staged.quarantined.get(table, 0) + staged.withheld.get(table, 0)


def problems_of(staged: StagedTables) -> list[Problem]:
    """The problems that a reader listed; faults of staged rows are bits of these."""
    return [Problem(**row) for row in pq.read_table(staged.problems).to_pylist()]


def faults_of(staged: StagedTables, table: str, row: Mapping[str, object]) -> list[RowFault]:
    """What a staged row's bits say."""
    bits = int(str(row["_faults"]))
    return [fault for bit, fault in enumerate(staged.faults[table]) if bits >> bit & 1]
