"""What the reports on help and on trends cost: counted through the gate and protected, over 100,000 students a year and seven school years.

The rows are those of `report_rows`. Counting is what the gate and the figures take; protecting is the audit before a release. Nothing was
published before: beside earlier releases about the same students the audit of the releases comes on top, and is measured in `publishing`.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from itertools import pairwise
from pathlib import Path

from bench.report_rows import District
from bench.row import Row
from throughway.partners.actor import OPERATOR, Actor

STUDENTS = 100_000
YEARS = 7
REPORTS = ("needs", "overlaps", "reach", "trends")
MOST = 5.0  # seconds, of each and of all together

AGREEMENT = """
throughway: agreement/1
id: bench
tier: dsa
title: Reports of one measurement
parties:
  - {{partner: district-0, roles: [discloser], signatory: {{title: Head, authority: Policy}}}}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution 1}}}}
purposes:
  - {{id: report, kind: reporting, recipients: [backbone], roles: [evaluator], interest: Measure, basis: audit_evaluation,
      form: aggregate, basis_details: {{representative: backbone, program_owner: district-0, activity: counts,
      program: "State-supported programs, evaluated as education programs"}}}}
custody: {{basis: school_official, basis_details: {{function: hosting, direct_control: true, annual_notice_criteria: Notice 1}}}}
schedule:
{schedule}
terms:
  effective: {effective}
  expires: {expires}
  minimum_cell: 10
  training: []
  destruction: {{within_days: 60, method: purge}}
clauses:
  destroy_when_no_longer_needed: Destroyed.
  protect_from_further_disclosure: Policies.
  no_redisclosure: None.
  use_only_for_purpose: Only.
"""
SHOWN = (
    "school_enrollment.*", "attendance_day.*", "assessment_result.*", "program.*", "program_participation.*", "service_received.*",
    "referral.*", "referral.referral_reason", "organization.*", "person_language.*", "person_race.*", "person_status.*", "credential.*",
    "postsecondary_enrollment.*",
)  # fmt: skip


def measure() -> list[Row]:
    from django.db import connection

    from throughway.cli.command import prepare_new
    from throughway.store.community import Community
    from throughway.vocabulary.school_calendar import school_year_of

    with tempfile.TemporaryDirectory(prefix="throughway-bench-") as folder:
        try:
            community = Community(Path(folder) / "town")
            community.make(name="Bench")
            prepare_new(community)
            reader, today = _agree(), date.today()
            _fill(District(STUDENTS, YEARS, school_year_of(today), today))
            taken = {name: _report(name, reader) for name in REPORTS}
        finally:
            connection.close()
    counting, protecting = (sum(each.seconds[n] for each in taken.values()) for n in (0, 1))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kilobytes on Linux
    return [
        *(each.row(name) for name, each in taken.items()),
        Row("all reports: count and protect", f"{counting + protecting:.1f} s", "none", f"{counting:.1f} s counting, {protecting:.1f} s protecting",
            f"≤ {MOST:.0f} s", counting + protecting <= MOST),
        Row("memory of all reports, at most", f"{memory:.1f} GB", "none", "", "", True),
    ]  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What one report took, to count and to protect it, by the clock and of the processor. `questions`: how many the gate was asked."""

    seconds: tuple[float, float]
    cpu: tuple[float, float]
    cells: int
    questions: int

    def row(self, name: str) -> Row:
        did = f"counting, {self.questions} questions to the gate", f"protecting {self.cells:,} figures"
        each = zip(self.seconds, did, self.cpu, strict=True)
        how = "; ".join(f"{seconds:.1f} s {what} ({cpu:.1f} s of CPU)" for seconds, what, cpu in each)
        what = f"{name} of {STUDENTS:,} students, {YEARS} school years: count and protect"
        return Row(
            what, f"{sum(self.seconds):.1f} s", "none", how, f"≤ {MOST:.0f} s", sum(self.seconds) <= MOST
        )


def _agree() -> Actor:
    from datetime import timedelta

    from throughway.agreements import actions
    from throughway.partners.actions import add_partner, add_user

    signers = []
    for id, kind in (("district-0", "lea"), ("backbone", "backbone")):
        add_partner(id=id, name=id, kind=kind, by=OPERATOR)
        signers.append(add_user(email=f"leader@{id}.example", partner=id, role="leader", by=OPERATOR))
    steward = add_user(email="steward@backbone.example", partner="backbone", role="data_steward", by=OPERATOR)
    reader = add_user(email="evaluator@backbone.example", partner="backbone", role="evaluator", by=OPERATOR)
    schedule = "\n".join(
        f"  - {{element: {each}, purposes: [report], necessity: It is counted}}" for each in SHOWN
    )
    today = date.today()
    text = AGREEMENT.format(
        schedule=schedule, effective=today - timedelta(days=1), expires=today + timedelta(days=365)
    )
    actions.add(text=text, by=OPERATOR)
    for signer in signers:
        actions.sign(id="bench", by=signer)
    actions.activate(id="bench", by=steward)
    return reader


def _report(name: str, reader: Actor) -> Taken:
    """The better of two, since the first also loads libraries."""
    from throughway.insight.actions import ReportDraft, report_access

    draft: Callable[..., ReportDraft] = import_module(f"throughway.insight.{name}.actions").REPORT.draft
    found = []
    for _ in range(2):
        with report_access(actor=reader, purpose="report", on=None) as access:
            at = [(time.perf_counter(), time.process_time())]
            made = draft(access)
            at.append((time.perf_counter(), time.process_time()))
            made.preview()
            at.append((time.perf_counter(), time.process_time()))
        seconds, cpu = (tuple(later[n] - earlier[n] for earlier, later in pairwise(at)) for n in (0, 1))
        cells = sum(len(table.cells) for table in made.counted.tables)
        found.append(Taken(seconds, cpu, cells, len(made.disclosures)))  # type: ignore[arg-type]
    return min(found, key=lambda each: sum(each.seconds))


def _fill(district: District) -> None:
    """Lands the rows as intake would, one file a table and school year."""
    from throughway.store.actions import landing, record_keys
    from throughway.store.engine import DuckDBEngine
    from throughway.store.free_text import split
    from throughway.vocabulary import TABLES

    record_keys.reserve_records(district.people)
    files = []
    with landing.staging() as folder, DuckDBEngine() as engine:
        for year in district.school_years:
            for table, made in district.rows_of(year).items():
                columns = ", ".join(
                    f"CAST({made.get(name, 'NULL')} AS {kind}) AS {name}"
                    for name, kind in TABLES[table].landed
                )
                path = folder / f"{table}-{year}.parquet"
                order = ("person_record",) if TABLES[table].of_person else ("record",)
                rows = f"(SELECT {columns} FROM {made['from']})"
                _, text = split(engine, table, rows, path, order_by=order)
                files.append(
                    landing.NewFile(table, "district-0", year, path=path, text=text, agreements=("bench",))
                )
        landing.land(batch="bench", files=files, replaces=(), by=OPERATOR)
