"""The report of reach: counted through the gate, and what its page shows."""

from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, ReportDraft, draft, visible_data_of
from throughway.insight.commitments.selectors import hours_sections
from throughway.insight.reach.counting import ReachQueries, quarters_of
from throughway.insight.reach.figures import absent, no_records, program_reaches, stored
from throughway.insight.reach.page import reach_page
from throughway.insight.reach.programs import counted_rules
from throughway.insight.reach.selectors import REACH, programs_in
from throughway.insight.reach.tables import (
    MONTHS_TITLE,
    ProgramYear,
    classes,
    raw_tables,
    relations,
    sums,
    titles_by,
)
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.page import ReportPage
from throughway.measures.sql import ENROLLED
from throughway.measures.stays import PART
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.supports.selectors import entries
from throughway.vocabulary.school_calendar import school_year_of

TITLE = "Whom each program reaches"
READS = frozenset(
    {
        "program",
        "program_participation",
        "school_enrollment",
        "person",
        "person_race",
        "person_status",
    }
)


def reach_draft(access: GovernedAccess) -> ReportDraft:
    """Every program of the records or the directory, counted and protected: for the school year that runs, and by group for the last
    whole one."""
    visible, names = visible_data_of(access.grants), partner_names()
    if not visible.shows(*PART):
        raise Refused(
            f"Purpose {access.purpose} does not show who takes part in any program; an agreement must list program_participation in its "
            "schedule for this purpose: program, first day and status.",
            code="not_granted",
        )
    queries = ReachQueries(access, visible, access.on)
    stated = {each.said.program: each.said for each in entries() if each.said.program and not each.closed}
    programs = queries.programs(stated, names)
    rules = {each.id: counted_rules(each.rules, visible) for each in programs}
    years = (school_year_of(access.on), school_year_of(access.on) - 1)
    taking = {year: queries.taking(year) for year in years}
    groups = queries.groups(years[-1]) if visible.shows(*ENROLLED) else {}
    monthly = queries.monthly(years[-1])
    counted, kept = [], []
    for program in programs:
        shown = queries.shows_part(program.partner)
        named = [year for year in years if shown and program.id in taking[year]]
        why = "" if named else no_records(names.get(program.partner, program.partner), years, shown=shown)
        kept.append(stored(program, rules[program.id], why))
        for year in named:
            whole = year == years[-1]
            counted.append(
                ProgramYear(
                    program.label, year, taking[year][program.id],
                    queries.eligible(rules[program.id], year) if whole else None,
                    groups if whole else {},
                    {} if whole else quarters_of(year, access.on),
                    monthly and not whole,
                )
            )  # fmt: skip

    def compose(joint: JointTables) -> ReportBody:
        found = program_reaches(kept, years, joint.tables)
        reasons = [(each.label, absent(each)) for each in found]
        return ReportBody(
            about={"page": "reach:release", "programs": kept, "years": list(years)},
            absent=[each for each in reasons if each[1]],
            empty=all(why for _, why in reasons),
        )

    keys = {each.label: f"{each.id} {rules[each.id].key}" for each in programs}
    return draft(
        access, report=REACH, title=TITLE, disclosures=queries.disclosures, compose=compose,
        reads=READS & {grant.table for grant in access.grants},
        counted=CountedTables(
            raw_tables(counted), access.minimum_cell, relations(counted), classes(counted, keys), rule=access.publication_rule,
            spare=(MONTHS_TITLE, *(title for kind in reversed(groups) for title in titles_by(kind))), extra=(MONTHS_TITLE,),
            never_shown=sums(counted),
        ),
    )  # fmt: skip


def page(found: Published) -> ReportPage:
    return reach_page(programs_in(found))


REPORT = ReportKind(
    REACH,
    TITLE,
    "Each program’s participants beside the students who are eligible by its own rules, who applied, who waits, and what it costs.",
    reach_draft,
    page,
    (("services:newest", "Services promised"),),
    hours_sections,
)
