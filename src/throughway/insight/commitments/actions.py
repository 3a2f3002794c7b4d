"""Reports on promised services: counted through the gate, protected, and registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.service_commitments import Promise, promised
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import (
    ReportBody,
    ReportDraft,
    draft,
    visible_data_of,
)
from throughway.insight.commitments.figures import (
    NO_YEAR,
    YEAR,
    absent,
    method,
    promise_figures,
    promise_to_json,
    raw_tables,
    relations,
    to_json,
)
from throughway.insight.commitments.participation import Delivered, ParticipationQueries, Program, match
from throughway.insight.commitments.selectors import SERVICES
from throughway.insight.reports.actions import ReportKind
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published


@dataclass(frozen=True)
class _Matched:
    """A promise with its program; `why`: why no program was found, `why_hours`: why its hours cannot be compared."""

    promise: Promise
    program: Program | None
    why: str = ""
    why_hours: str = ""


def services_draft(access: GovernedAccess) -> ReportDraft:
    """For each promise that the purpose shows, the students who participated by school year, protected. Refused where it shows no promised
    program."""
    queries = ParticipationQueries(access, visible_data_of(access.grants), access.on)
    names, promises = partner_names(), promised(agreement_statuses(access.on))
    programs = queries.programs(p.partner for p in promises)
    matched = [_matched(promise, programs, queries, names) for promise in promises]
    if not any(each.program for each in matched):
        reasons = (
            " ".join(dict.fromkeys(each.why for each in matched))
            or "No agreement in effect promises a service."
        )
        raise Refused(
            f"No promised program can be counted under purpose {access.purpose}. {reasons}",
            code="not_granted",
        )
    programs_by_name = {_called(program, names): program for program in _programs(matched)}
    counted = {name: _delivered(program, matched, queries) for name, program in programs_by_name.items()}
    kept = [
        promise_to_json(
            each.promise, _called(each.program, names) if each.program else "", each.why, each.why_hours
        )
        for each in matched
    ]

    def compose(joint: JointTables) -> ReportBody:
        figures = promise_figures(kept, joint.tables)
        missing = queries.unmapped() if not all(each.why or each.shows_a_figure for each in figures) else ""
        reasons_absent = [
            (
                f"{each.promise.program}, {names.get(each.promise.partner, each.promise.partner)}",
                absent(each, missing),
            )
            for each in figures
        ]
        return ReportBody(
            about={"page": "services:release", "promises": kept},
            absent=[each for each in reasons_absent if each[1]],
            empty=all(why for _, why in reasons_absent),
        )

    tables = raw_tables(counted)
    return draft(
        access, report=SERVICES, title=REPORT.title, disclosures=queries.disclosures, compose=compose,
        counted=CountedTables(
            tables, access.minimum_cell, relations(tables), _classes(counted, programs_by_name, matched),
            rule=access.publication_rule,
        ),
    )  # fmt: skip


def _classes(
    counted: Mapping[str, Sequence[Delivered]], programs: Mapping[str, Program], matched: Sequence[_Matched]
) -> dict[tuple[str, str], str]:
    """Each program with the hours that its participants are compared with, and each school year."""
    years = {str(each.year or NO_YEAR) for found in counted.values() for each in found}
    return {
        ("program", name): f"{program.id} {_most_hours(program, matched)}"
        for name, program in programs.items()
    } | {(dimension, year): year for dimension in ("school year", YEAR) for year in years}


def _matched(
    promise: Promise, programs: Sequence[Program], queries: ParticipationQueries, names: dict[str, str]
) -> _Matched:
    whose = names.get(promise.partner, promise.partner)
    found = match(promise, programs)
    why = why_hours = ""
    if not queries.shows_part(promise.partner):
        why = f"No agreement of this purpose shows who takes part in programs of {whose}: program, first day and status."
    elif not found:
        why = f"No program in the records of {whose} is called {promise.program}; use the name from the records in the agreement."
    elif len(found) > 1:
        why = f"{len(found)} programs of {whose} are called {promise.program}; name one in the agreement by its id."
    elif promise.hours_per_week and not queries.shows_hours(promise.partner):
        why_hours = f"No agreement of this purpose shows the hours of help that students of {whose} had."
    return _Matched(promise, None if why else found[0], why, why_hours)


def _programs(matched: Sequence[_Matched]) -> list[Program]:
    return sorted({each.program for each in matched if each.program}, key=lambda p: p.id)


def _delivered(
    program: Program, matched: Sequence[_Matched], queries: ParticipationQueries
) -> list[Delivered]:
    """One count for all promises of one program, compared with the most hours that any of them promises: two counts for slightly
    different hours would reveal the students between them."""
    of_program = [each for each in matched if each.program == program]
    years = sorted({year for each in of_program for year in each.promise.years(queries.on)})
    return list(queries.delivered(program, years, _most_hours(program, matched)))


def _most_hours(program: Program, matched: Sequence[_Matched]) -> float | None:
    """The most hours a week that a promise of this program makes and the records show; None where there are none."""
    hours = [m.promise.hours_per_week for m in matched if m.program == program and not m.why_hours]
    return max((h for h in hours if h), default=None)


def _called(program: Program, names: dict[str, str]) -> str:
    """The name of a program in a release, made unique: several partners may have a program with this name."""
    return f"{program.name or program.key}, {names.get(program.partner, program.partner)}"


def _document(kind: ReportKind, found: Published) -> dict[str, object]:
    return {"promises": [to_json(each) for each in promise_figures(found.about["promises"], found.tables)]}


REPORT = ReportKind(
    SERVICES,
    "What was promised, and who took part",
    "",
    services_draft,
    page=None,
    document=_document,
    notes=lambda kind, found: method(),
)
