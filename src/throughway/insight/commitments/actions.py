"""Counts what was delivered of what was promised: through the gate, through disclosure, into the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.service_commitments import Promise, promised
from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import one_question
from throughway.gate.linkage_recall import recall
from throughway.insight.actions import (
    ReportAccess,
    Unpublished,
    access_of,
    data_days,
    joining_of,
    registration,
    visible_data_of,
)
from throughway.insight.commitments.figures import absent, accounts, raw_tables, stated, to_json
from throughway.insight.commitments.participation import Delivered, ParticipationQueries, Program, match
from throughway.insight.commitments.selectors import SERVICES
from throughway.insight.linkage_coverage import about as about_linkage
from throughway.insight.linkage_coverage import linkage_tables
from throughway.partners import Actor
from throughway.partners.selectors import partner_names
from throughway.publication.protection import protect
from throughway.publication.selectors import published

TITLE = "What was promised, and who took part"


@dataclass(frozen=True)
class _Matched:
    """A promise with its program; `why` says why it has none, `why_hours` why its hours are not held against anything."""

    promise: Promise
    program: Program | None
    why: str = ""
    why_hours: str = ""


def report_services(*, actor: Actor, purpose: str, on: date | None = None) -> dict[str, object]:
    """Counts, for each promise that the purpose shows, the students who took part by school year, registers the counts
    protected, and returns them. Refused where the purpose gives other than protected figures, or shows no promised program;
    where not one figure could be shown; and where an earlier report of services covers these students."""
    access = access_of(actor=actor, purpose=purpose, on=on)
    with one_question(actor=actor, purpose=purpose):
        return reported(access, actor=actor, purpose=purpose)


def preview_services(*, actor: Actor, purpose: str, on: date | None = None) -> dict[str, object]:
    """What `report_services` would show and withhold; publishes nothing. Refused as it is."""
    access = access_of(actor=actor, purpose=purpose, on=on)
    with one_question(actor=actor, purpose=purpose):
        return prepare(access, purpose=purpose).preview()


def reported(access: ReportAccess, *, actor: Actor, purpose: str) -> dict[str, object]:
    """Publishes the report through an access that is open."""
    release = prepare(access, purpose=purpose).publish(actor)
    found = published(release.id, actor)
    return {
        **registration(found),
        "promises": [to_json(account) for account in accounts(found.about["promises"], found.tables)],
    }


def prepare(access: ReportAccess, *, purpose: str) -> Unpublished:
    """The report through an access that is open, protected."""
    on, every = access.on, agreement_statuses(access.on)
    asking = ParticipationQueries(access, visible_data_of(access.grants), on)
    names = partner_names()
    promises = promised(every)
    programs = asking.programs(p.partner for p in promises)
    matched = [_matched(promise, programs, asking, names) for promise in promises]
    if not any(each.program for each in matched):
        reasons = (
            " ".join(dict.fromkeys(each.why for each in matched))
            or "No agreement in effect promises a service."
        )
        raise Refused(
            f"Nothing that was promised can be counted under purpose {purpose}. {reasons}", code="not_granted"
        )
    found = {_called(program, names): _delivered(program, matched, asking) for program in _programs(matched)}
    tables = protect(raw_tables(found), minimum_cell=access.minimum_cell)
    kept = [
        stated(each.promise, _called(each.program, names) if each.program else "", each.why, each.why_hours)
        for each in matched
    ]
    told = accounts(kept, tables)
    missing = asking.unmapped() if not all(each.why or each.shows_a_figure for each in told) else ""
    titles = {s.document.id: s.document for s in every}
    lacking = [absent(account, missing) for account in told]
    joins = joining_of(access)
    return Unpublished(
        report=SERVICES, title=TITLE, tables=(*tables, *linkage_tables(joins, names)), purpose=purpose, on=on, grants=access.grants,
        minimum_cell=access.minimum_cell, review_days=access.review_days, disclosures=asking.disclosures,
        empty=all(lacking),
        absent=[
            (f"{each.promise.program}, {names.get(each.promise.partner, each.promise.partner)}", why)
            for each, why in zip(matched, lacking, strict=True) if why
        ],
        about={
            "page": "services:release", "promises": kept, "data_through": data_days(access, names), "linkage": about_linkage(joins, recall(), names),
            "agreements": [
                {"id": id, "title": titles[id].title, "until": day(titles[id].terms.expires)}
                for id in access.agreements if id in titles
            ],
        },
    )  # fmt: skip


def _matched(
    promise: Promise, programs: Sequence[Program], asking: ParticipationQueries, names: dict[str, str]
) -> _Matched:
    whose = names.get(promise.partner, promise.partner)
    if not asking.shows_part(promise.partner):
        return _Matched(
            promise,
            None,
            f"No agreement of this purpose shows who takes part in programs of {whose}: program, first day and status.",
        )
    found = match(promise, programs)
    if not found:
        return _Matched(
            promise,
            None,
            f"No program in the records of {whose} is called {promise.program}; name it in the agreement as its records do.",
        )
    if len(found) > 1:
        return _Matched(
            promise,
            None,
            f"{len(found)} programs of {whose} are called {promise.program}; name one in the agreement by its id.",
        )
    hours = ""
    if promise.hours_per_week and not asking.shows_hours(promise.partner):
        hours = f"No agreement of this purpose shows the hours of help that students of {whose} had."
    return _Matched(promise, found[0], why_hours=hours)


def _programs(matched: Sequence[_Matched]) -> list[Program]:
    return sorted({each.program for each in matched if each.program}, key=lambda p: p.id)


def _delivered(
    program: Program, matched: Sequence[_Matched], asking: ParticipationQueries
) -> list[Delivered]:
    """One counting for all promises of one program, held against the most hours that any of them promises: two that differ
    by a few hours would tell of the students between them."""
    of_program = [each for each in matched if each.program == program]
    years = sorted({year for each in of_program for year in each.promise.years(asking.on)})
    hours = [each.promise.hours_per_week for each in of_program if not each.why_hours]
    return list(asking.delivered(program, years, max((h for h in hours if h), default=None)))


def _called(program: Program, names: dict[str, str]) -> str:
    """What a program is called in a release: its name may stand at several partners."""
    return f"{program.name or program.key}, {names.get(program.partner, program.partner)}"
