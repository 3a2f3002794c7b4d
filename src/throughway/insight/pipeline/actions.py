"""The report of the pipeline: counted through the gate, and the page that is written as a file."""

from pathlib import Path

from django.conf import settings

from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, ReportDraft, counted_pipeline, draft, visible_data_of
from throughway.insight.figures import (
    MilestoneHeading,
    class_key,
    class_pairs,
    derived_table,
    headings_from_json,
    headings_to_json,
    pipeline,
)
from throughway.insight.pipeline_page import page_to_json
from throughway.insight.pipeline_text import absent, method
from throughway.insight.report_files import written
from throughway.insight.reports.actions import ReportKind
from throughway.insight.selectors import PIPELINE, report
from throughway.measures.policy import community_policy
from throughway.measures.sql import ENROLLED
from throughway.partners import OPERATOR
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.publication.states import notice
from throughway.store import Community


def pipeline_draft(access: GovernedAccess) -> ReportDraft:
    """The pipeline, counted and protected."""
    visible, names = visible_data_of(access.grants), partner_names()
    policy = community_policy(settings.COMMUNITY)
    made = counted_pipeline(access, visible, policy, access.on)
    headings, raw = made.headings, made.raw
    classes = {key: class_key(h) for h in headings for key in class_pairs(h)}

    def compose(joint: JointTables) -> ReportBody:
        shown = [_heading_as_published(h, joint) for h in headings]
        figures = pipeline(shown, joint.tables, raw.kinds)
        return ReportBody(
            tables=(derived_table(figures),),
            empty=all(map(absent, (*figures.milestones, *figures.steps))),
            absent=[(m.heading.name, sentence) for m in figures.milestones if (sentence := absent(m))],
            about={
                "page": "insight:release", "headings": headings_to_json(shown), "kinds": list(raw.kinds),
                "method": method(policy, [h.id for h in shown if not h.unseen]).to_json(),
                "partners": [names.get(partner, partner) for partner in visible.partners(*ENROLLED)],
            },
        )  # fmt: skip

    return draft(
        access, report=PIPELINE, title=REPORT.title, disclosures=made.disclosures, compose=compose,
        counted=CountedTables(raw.tables, access.minimum_cell, raw.relations, classes, rule=access.publication_rule),
    )  # fmt: skip


def _heading_as_published(found: MilestoneHeading, joint: JointTables) -> MilestoneHeading:
    """The heading of an earlier release where the class stays as first published."""
    release = joint.repeats.get(frozenset({class_key(found)}))
    before = headings_from_json(release.about["headings"]) if release else ()
    return next((h for h in before if h.id == found.id), found)


def _check(out: Path) -> None:
    if out.suffix.lower() not in (".html", ".htm"):
        raise Refused(
            f"The report is written as HTML; give --out a name such as {out.stem}.html.", code="format"
        )


def _written(found: Published, out: Path | None) -> Path:
    """Writes the page; where no file is named, into the community's folder."""
    community: Community = settings.COMMUNITY
    path = out or community.reports / f"pipeline-{found.id}.html"
    written(path, report(found.id, OPERATOR).page, notice(found.standing))
    return path


def _document(kind: ReportKind, found: Published) -> dict[str, object]:
    page = page_to_json(report(found.id, OPERATOR).page)
    return {"disclosure": found.disclosures[-1], **page}


REPORT = ReportKind(
    PIPELINE, "Where students are lost on the way", "", pipeline_draft, page=None,
    document=_document, check=_check, write=_written, start="insight:count",
    notes=lambda kind, found: report(found.id, OPERATOR).page.notes,
)  # fmt: skip
