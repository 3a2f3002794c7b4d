"""Previews of studies, before they are registered: whom one would compare, what it could tell, and what is missing. No outcome is read."""

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings

from throughway.core.refusals import Refused
from throughway.evidence.actions.council_acts import check_specification, smallest_effect_of
from throughway.evidence.actions.studies import (
    PARTICIPATION_READ,
    check_chooses_nothing,
    check_covered_by,
    check_installed,
    check_purpose,
    group_tables,
    linked_share,
)
from throughway.evidence.permissions import check_can_register
from throughway.evidence.registered_study import StudyDocument
from throughway.evidence.selectors import WHAT_WORKS
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, draft, report_access, visible_data_of
from throughway.measures.policy import community_policy
from throughway.partners import Actor
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, joint_tables

if TYPE_CHECKING:  # these import the extra's libraries
    from throughway.evidence.student_rows import StudentRows
    from throughway.evidence.study_plan import StudyPlan

RUN_ALONE = (
    "No outcome is read before the study is registered, so nobody knows yet whether its effect may be shown."
)
MOSTLY_LINKED = 9  # of ten


def preview_what_works(
    *,
    actor: Actor,
    purpose: str,
    document: StudyDocument,
    decision: int | None = None,
    on: date | None = None,
) -> dict[str, Any]:
    """What a release would show and withhold of whom the study compares, and as `study` what it could tell. Registers and publishes nothing.
    Refused where the study would be refused before an outcome is read."""
    check_purpose(document, purpose)
    _check_may_preview(document, actor)
    check_specification(document, decision)
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        check_covered_by(access, document)
        queries = _rows_of(access, document)
        plan, rows = _plan(access, document, queries), queries.students()
        tables = group_tables(document, rows, np.ones(len(rows.frame), bool), access.minimum_cell)[1]
        made = draft(
            access, report=WHAT_WORKS, title=document.title, disclosures=queries.disclosures, reads=PARTICIPATION_READ,
            counted=CountedTables(tables, access.minimum_cell, subject=document.sha256, rule=access.publication_rule),
            compose=lambda joint: ReportBody(about={}, absent=[("Effect", RUN_ALONE)], empty=False),
        )  # fmt: skip
        # A table from outside may be counted in outcomes, so it is held against by the run alone.
        joint = joint_tables(made.counted, report=WHAT_WORKS, purpose=purpose, disclosures=made.disclosures)
        return {**made.previewed(joint, made.compose(joint)), "study": plan.to_json()}


def plan_study(*, document: StudyDocument, by: Actor, decision: int | None = None) -> "StudyPlan":
    """What a study could tell, with all that stands in its way, and without a figure of a release. Refused for whoever may not register it,
    and where its purpose does not let this reader in."""
    _check_may_preview(document, by)
    from throughway.evidence.study_plan import StudyPlan

    stops = []
    with report_access(actor=by, purpose=document.purpose, on=None) as access:
        try:
            check_specification(document, decision)
        except Refused as refused:
            stops.append(refused.message)
        try:
            check_covered_by(access, document)
            plan = _plan(access, document, _rows_of(access, document))
        except Refused as refused:
            if refused.code not in ("not_covered", "study_rows"):
                raise
            plan = StudyPlan(stops=[refused.message])
    return StudyPlan(plan.groups, plan.power, [*stops, *plan.stops], plan.missing)


def _check_may_preview(document: StudyDocument, by: Actor) -> None:
    check_can_register(by)
    check_chooses_nothing(document)
    check_installed()


def _rows_of(access: GovernedAccess, document: StudyDocument) -> "StudentRows":
    from throughway.evidence.student_rows import StudentRows

    return StudentRows(
        access, visible_data_of(access.grants), community_policy(settings.COMMUNITY), document, access.on
    )


def _plan(access: GovernedAccess, document: StudyDocument, queries: "StudentRows") -> "StudyPlan":
    from throughway.evidence.study_plan import plan_of

    share = linked_share(access.joining(PARTICIPATION_READ), document.partner)
    unlinked = share is not None and share < MOSTLY_LINKED
    partner = partner_names().get(document.partner, document.partner)
    return plan_of(
        document, queries.compared, sum(len(queries.participants.asked(year)) for year in document.school_years), access.minimum_cell,
        smallest_effect_of(document.outcome),
        [f"Of ten records of {partner} about {share} are linked to another partner’s; the others are in no group."] if unlinked else [],
    )  # fmt: skip
