"""The report on overlaps: counted through the gate, and what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings

from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, ReportDraft, draft, visible_data_of
from throughway.insight.overlaps.figures import (
    YEAR,
    NamedPair,
    method,
    overlap_page,
    pairs_to_json,
    raw_tables,
)
from throughway.insight.overlaps.queries import (
    ComparedPair,
    OverlapQueries,
    OverlapYear,
    absent_programs,
)
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.page import ReportPage
from throughway.measures.overlaps import OverlapRules, rules_of
from throughway.measures.sql import year_end, year_start
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.vocabulary.school_calendar import school_year_of

OVERLAPS = "overlaps"
YEARS = 3  # school years: this one, and those before it


@dataclass(frozen=True)
class CountedOverlaps:
    """Overlaps as counted: never shown. `compared`: the pairs of programs; `pairs`: the same as they are named in a release, each with the
    school years in which both programs have records; `absent`: what cannot be compared, and why."""

    queries: OverlapQueries
    compared: Sequence[ComparedPair]
    pairs: Sequence[NamedPair]
    found: Sequence[OverlapYear]
    absent: Sequence[tuple[str, str]]


def counted_overlaps(access: GovernedAccess, years: Sequence[int]) -> CountedOverlaps:
    """The overlaps of these school years. Refused where the purpose shows no participation or no kinds of program, and where no two
    programs can be compared."""
    rules = rules_of(settings.COMMUNITY)
    queries = OverlapQueries(access, visible_data_of(access.grants), rules, access.on, partner_names())
    if not queries.shows_stays():
        raise Refused(
            f"Purpose {access.purpose} does not show who takes part in programs: program, first day and status. An agreement must list "
            "program_participation in its schedule for this purpose.",
            code="not_granted",
        )
    programs, attended = queries.programs(), queries.attended()
    compared = [p for p in queries.pairs(programs) if p.one.id in attended and p.other.id in attended]
    years_of: dict[tuple[str, str], set[int]] = {}
    for pair in compared:
        in_both = years_of.setdefault((pair.name, pair.kind.words), set())
        in_both.update(
            year
            for year in years
            if all(
                attended[each.id][0] <= year_end(year) and attended[each.id][1] >= year_start(year)
                for each in (pair.one, pair.other)
            )
        )
    pairs = [NamedPair(name, kind, tuple(sorted(of))) for (name, kind), of in years_of.items()]
    absent = absent_programs(programs, attended, years)
    counted_years = sorted({year for pair in pairs for year in pair.years})
    if not counted_years:
        raise Refused(
            "No two programs of one kind and different providers have records of the same school year, so there is no overlap to count. "
            + " ".join(f"{what}: {why}" for what, why in absent),
            code="no_figures",
        )
    return CountedOverlaps(queries, compared, pairs, queries.overlaps(compared, counted_years), absent)


def overlaps_draft(access: GovernedAccess) -> ReportDraft:
    """Overlaps, counted and protected. Refused where the purpose shows no participation or no kinds of program, and where no two programs
    can be compared."""
    this_year = school_year_of(access.on)
    made = counted_overlaps(access, range(this_year - YEARS + 1, this_year + 1))
    queries, rules, absent = made.queries, made.queries.rules, made.absent
    counted_years = [each.year for each in made.found]
    tables = raw_tables(made.found, made.pairs)

    def compose(joint: JointTables) -> ReportBody:
        return ReportBody(
            about={
                "page": "overlaps:release", "pairs": pairs_to_json(made.pairs), "years": counted_years, "method": method(rules),
                "absent": [{"what": what, "why": why} for what, why in absent],
            },
            absent=absent or [("Overlaps", "Every figure is zero or below the smallest number that may be shown.")],
            empty=not any(isinstance(cell.shown, int) for table in joint.tables for cell in table.cells),
        )  # fmt: skip

    return draft(
        access, report=OVERLAPS, title=REPORT.title, disclosures=queries.disclosures, compose=compose,
        counted=CountedTables(
            tables, access.minimum_cell, classes=_classes(counted_years, made.compared, rules), rule=access.publication_rule
        ),
        reads={"program", "program_participation", "service_received", "organization"} & {g.table for g in access.grants},
    )  # fmt: skip


def _classes(
    years: Sequence[int], compared: Sequence[ComparedPair], rules: OverlapRules
) -> dict[tuple[str, str], str]:
    """Each school year, with the rules and the pairs that were compared."""
    pairs = sorted((pair.one.id, pair.other.id) for pair in compared)
    told = sha256(repr((pairs, rules.digest)).encode()).hexdigest()[:16]
    return {(YEAR, str(year)): f"{year} {told}" for year in years}


def page(found: Published) -> ReportPage:
    return overlap_page(found.about, found.tables)


REPORT = ReportKind(
    OVERLAPS,
    "Overlaps to look at",
    "Students who have the same kind of support from two providers on the same days: a reason for two programs to talk, not a verdict.",
    overlaps_draft,
    page,
)
