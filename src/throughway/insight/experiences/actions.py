"""The report on experiences: counted through the gate, protected, registered."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from throughway.agreements.enums import Basis
from throughway.consent.selectors.decisions import consented
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, ReportDraft, draft, visible_data_of
from throughway.insight.comments.counting import (
    COMMENT,
    NEEDED,
    QUESTION,
    SPARE,
    THEME,
    CommentYear,
    comment_rows,
    comment_tables,
    comment_years,
    not_counted,
)
from throughway.insight.comments.selectors import codings
from throughway.insight.experiences.counting import (
    CONSTRUCT,
    SURVEY,
    TABLE,
    TOPIC,
    YEAR,
    SurveyQueries,
    SurveyYear,
    survey_tables,
)
from throughway.insight.experiences.page import experience_page
from throughway.insight.experiences.protected_topics import Consents
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.page import ReportPage
from throughway.insight.reports.selectors import newest_of
from throughway.insight.trends.actions import SCHOOL_REPORT, series_of
from throughway.insight.trends.choices import AskedGroup, choices_of
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.store.record_numbers import Numbers, every

EXPERIENCES = "experiences"
YEARS = 3  # the last of each survey


def experiences_draft(access: GovernedAccess) -> ReportDraft:
    """Surveys, counted and protected. Refused where the purpose does not show answers with their protected topic, and where no survey can
    be counted."""
    choices = choices_of(settings.COMMUNITY)
    queries = SurveyQueries(
        access, visible_data_of(access.grants), choices, access.on, family_consents(access)
    )
    if why := queries.why_not():
        raise Refused(f"No survey can be counted under purpose {access.purpose}: {why}.", code="not_granted")
    found = queries.years(YEARS)
    if not found:
        reasons = " ".join(f"{what}: {why}" for what, why in queries.absent) or "No answers have come in."
        raise Refused(f"No survey can be counted, so nothing is published. {reasons}", code="no_figures")
    tables, relations = survey_tables(found)
    comments = _comments(queries, found)
    of_comments, between = comment_tables(comments, found)
    if queries.visible.shows(TABLE, *NEEDED):
        queries.absent += not_counted(comments)
    lines = {each.name: each for each in choices.surveys}
    absent = [{"what": what, "why": why} for what, why in queries.absent]

    def compose(joint: JointTables) -> ReportBody:
        shown = any(not c.withheld for table in joint.tables for c in table.cells)
        return ReportBody(
            about={"page": f"{EXPERIENCES}:release", "absent": absent},
            absent=queries.absent or [("Surveys", "Every figure is below the smallest number that may be shown, or would reveal one.")],
            empty=not shown,
        )  # fmt: skip

    keys = {(SURVEY, each.survey): _key(lines[each.survey]) for each in found}
    keys |= {(YEAR, str(each.year)): str(each.year) for each in found}
    keys |= {(CONSTRUCT, construct): construct for each in found for construct in each.answers}
    keys |= {(QUESTION, each.question): f"question {each.question}" for each in comments}
    keys |= {(THEME, theme): f"theme {theme}" for each in comments for theme in each.themes}
    return draft(
        access, report=EXPERIENCES, title=REPORT.title, disclosures=queries.disclosures, compose=compose,
        # The answers to two subjects can differ in a few students, so they are compared with each other too.
        counted=CountedTables(
            (*tables, *of_comments), access.minimum_cell, (*relations, *between), keys, subject=EXPERIENCES,
            rule=access.publication_rule, spare=SPARE,
        ),
        reads={TABLE, "school_enrollment", "program_participation", "organization"} & {g.table for g in access.grants},
    )  # fmt: skip


def family_consents(access: GovernedAccess) -> Consents:
    """Whose consent was in force on a day and is on that of the report, under a grant that shows answers on protected topics by consent."""

    def given(agreement: str, partner: str, day: date) -> Numbers | None:
        choices = {
            choice
            for grant in access.grants
            if (grant.table, grant.agreement, grant.discloser) == (TABLE, agreement, partner)
            and TOPIC in grant.columns
            for choice in grant.choices
            if choice.basis is Basis.CONSENT
        }
        if not choices:
            return None
        return every(consented(each.agreement, each.purpose, partner, (day, access.on)) for each in choices)

    return given


def _comments(queries: SurveyQueries, found: Sequence[SurveyYear]) -> list[CommentYear]:
    """The comments of the surveys that are counted; none where the purpose shows none."""
    visible = queries.visible
    if not visible.shows(TABLE, *NEEDED) or set(visible.partners(TABLE, COMMENT)) - set(
        visible.partners(TABLE, *NEEDED)
    ):
        return []
    rows = queries.rows(comment_rows(visible, "person_id"))
    return comment_years(rows, codings(), found, queries.choices)


def _key(asked: AskedGroup) -> str:
    """What a survey counts: its name, whom it asked, and what is favorable."""
    return f"{asked.name} {asked.partner} {asked.program} {' '.join(asked.grades)} {asked.favorable} {asked.consent}".rstrip()


def page(found: Published) -> ReportPage:
    schools = newest_of(SCHOOL_REPORT.id)
    return experience_page(found.about, found.tables, series_of(schools) if schools else ())


REPORT = ReportKind(
    EXPERIENCES,
    "Experiences",
    "What students answer in surveys about belonging, safety and the help they get, with how many of those asked answered.",
    experiences_draft,
    page,
    (("trends:newest", "Trends"), ("school-trends:newest", "Trends by school")),
)
