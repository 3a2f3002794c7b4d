"""Registers studies, and makes their findings: rows through the gate, the estimate in the process, the result protected and registered."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import transaction

from throughway.core.refusals import Refused
from throughway.evidence.actions.council_acts import check_specification, judged_by, smallest_effect_of
from throughway.evidence.actions.taking_back import begin_reading, check_stands
from throughway.evidence.agreement_coverage import check_covered
from throughway.evidence.estimator_process import estimated
from throughway.evidence.follow_up import REPLY_DAYS, reply_until
from throughway.evidence.models import RegisteredStudy, StudyFinding
from throughway.evidence.permissions import check_can_register
from throughway.evidence.read_before import OutcomeReading, sentences
from throughway.evidence.registered_study import ComparedWith, StudyDocument, parsed_document
from throughway.evidence.report_lines import StudyContext, lines
from throughway.evidence.report_lines import sentences as said
from throughway.evidence.selectors import WHAT_WORKS, KnownStudy, earlier_p, studies, study
from throughway.evidence.study import Design
from throughway.evidence.study_measures import PARTICIPATION
from throughway.evidence.verdict import Verdict
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import (
    ReportBody,
    ReportDraft,
    draft,
    registration,
    report_access,
    visible_data_of,
)
from throughway.ledger.entry_search import readings_of_elements
from throughway.measures.policy import community_policy
from throughway.partners import Actor
from throughway.partners.selectors import partner_names
from throughway.publication import RawTable
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.report_files import check_format, write_release
from throughway.publication.selectors import Published, published
from throughway.store import Community

if TYPE_CHECKING:  # it imports the extra's libraries
    from throughway.evidence.student_rows import StudyRows

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PARTICIPATION_READ = frozenset({"program_participation", "school_enrollment"})
PART = f"{PARTICIPATION[0]}.{PARTICIPATION[2]}"
NOT_INSTALLED = "Effects are estimated with libraries that are not installed here; install the extra effects of Throughway, as the manual says under Serving."


@transaction.atomic
def register_study(*, document: StudyDocument, by: Actor, decision: int | None = None) -> KnownStudy:
    """Registers a study, or returns it where the same text is registered already. What the ledger says of earlier reading of the outcome
    is kept with it, and the smallest effect that matters to the community. `decision`: of the council, that opens a second specification.
    Refused for whoever may not register studies, and for a study that chooses its own word."""
    check_can_register(by)
    same = RegisteredStudy.objects.filter(sha256=document.sha256)
    known = same.filter(taken_back=None).first()
    if known is not None:
        return study(known.pk)
    check_chooses_nothing(document)
    check_specification(document, decision)
    names = partner_names()
    partner = by.partner or ""
    read = [
        OutcomeReading(e.on, e.elements, e.rows)
        for e in readings_of_elements(partner, document.measured.elements)
    ]
    row = RegisteredStudy.objects.create(
        id="".join(secrets.choice(LETTERS) for _ in range(8)), title=document.title, document=document.model_dump(mode="json"),
        sha256=document.sha256, again=same.count(), question=document.question, program=document.program, purpose=document.purpose,
        outcomes_read=list(sentences(read, PART, names.get(partner, partner))),
        smallest=smallest_effect_of(document.outcome), decision=decision, at=datetime.now(UTC), by=by.email, partner=partner,
    )  # fmt: skip
    return study(row.pk)


def check_chooses_nothing(document: StudyDocument) -> None:
    if document.smallest_effect is not None:
        raise Refused(
            "A study does not name its smallest_effect: the community’s council sets it for each outcome, below [smallest_effects] in the settings; leave it out.",
            code="study",
        )
    if not document.title.endswith("?"):
        raise Refused(
            "The title of a study is a question, because its finding is read below it; end it with a question mark.",
            code="study",
        )


def report_what_works(
    *,
    actor: Actor,
    purpose: str,
    document: StudyDocument | None = None,
    decision: int | None = None,
    on: date | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Runs the study, which is registered first; without one, every registered study of the purpose that has no finding yet. Returns the
    findings with their releases. Refused where a study does not open, and where there is none to run."""
    if out is not None:
        check_format(out)
    if document is not None:
        check_purpose(document, purpose)
        chosen = [register_study(document=document, by=actor, decision=decision)]
    else:
        chosen = [each for each in studies(purpose=purpose) if not each.findings and each.taken_back is None]
        if not chosen:
            raise Refused(
                f"No study that is registered for purpose {purpose} waits for its finding; name one with --study FILE.",
                code="no_study",
            )
    found = [run_study(id=each.id, by=actor, on=on) for each in chosen]
    if out is not None:
        write_release(out, published(str(found[0]["release"]), actor))
    return {
        "release": found[0]["release"],
        "studies": found,
        **({"report": str(out)} if out is not None else {}),
    }


def run_study(*, id: str, by: Actor, on: date | None = None) -> dict[str, Any]:
    """Makes the finding of a registered study and registers its release. Refused where it has one already: the same students are counted
    once."""
    found = study(id)
    _check_runs(found)
    document = parsed_document(dict(found.document))
    with report_access(actor=by, purpose=document.purpose, on=on) as access:
        made, words = study_draft(access, document, found)

        def with_its_finding(release: str) -> None:
            # Two who run it at one moment: the second finds the first one's finding.
            RegisteredStudy.objects.select_for_update().get(pk=found.id)
            _check_no_finding(study(found.id))
            verdict, p = words[-1]
            StudyFinding.objects.create(
                study_id=found.id, release=release, verdict=verdict, p=p, program_partner=document.partner,
                reply_until=reply_until(_today()), at=datetime.now(UTC), by=by.email,
            )  # fmt: skip

        return finding_to_json(found, made.publish(by, with_its_finding))


def check_installed() -> None:
    """Refused where the extra with the libraries of the estimator is not installed."""
    if find_spec("sklearn") is None:
        raise Refused(NOT_INSTALLED, code="not_installed")


def check_may_run(id: str, by: Actor) -> None:
    """Refused where the study has its finding or was taken back, and where the agreements do not let this reader in or do not cover it."""
    found = study(id)
    _check_runs(found)
    document = parsed_document(dict(found.document))
    with report_access(actor=by, purpose=document.purpose, on=None) as access:
        check_covered_by(access, document)


def check_covered_by(access: GovernedAccess, document: StudyDocument) -> None:
    check_covered(
        document, grants=access.grants, visible=visible_data_of(access.grants), linked=access.linked, reader=access.actor.partner or "",
        names=partner_names(),
    )  # fmt: skip


def _check_runs(found: KnownStudy) -> None:
    check_stands(found)
    _check_no_finding(found)


def _check_no_finding(found: KnownStudy) -> None:
    if found.findings:
        raise Refused(
            f"Study {found.id} has its finding, release {found.findings[-1]}; register a study of other school years to measure again.",
            code="measured",
        )


def check_purpose(document: StudyDocument, purpose: str) -> None:
    if document.purpose != purpose:
        raise Refused(
            f"The study names purpose {document.purpose}, and you asked under {purpose}; ask under the purpose that it names.",
            code="purpose",
        )


def _today() -> date:
    community: Community = settings.COMMUNITY
    return community.today()


def study_draft(
    access: GovernedAccess, document: StudyDocument, registered: KnownStudy
) -> tuple[ReportDraft, list[tuple[Verdict, float | None]]]:
    """The study, estimated and protected but not registered; and the word and the p of its finding, the last of the list once it is composed:
    releases that are registered meanwhile may withhold more. Refused where the agreements do not cover it."""
    check_installed()
    from throughway.evidence.effects_beside import earlier_effects
    from throughway.evidence.published_finding import TITLE
    from throughway.evidence.student_rows import StudentRows

    names = partner_names()
    visible = visible_data_of(access.grants)
    check_covered_by(access, document)
    community: Community = settings.COMMUNITY
    queries = StudentRows(
        access, visible, community_policy(community), document, access.on,
        before_outcomes=lambda: begin_reading(id=registered.id, by=access.actor),
    )  # fmt: skip
    rows = queries.rows()
    smallest = (
        registered.smallest if registered.smallest is not None else smallest_effect_of(document.outcome)
    )
    found = estimated(judged_by(document, smallest), rows, access.minimum_cell, earlier_p(document))
    groups, tables = group_tables(document, rows, found.used, access.minimum_cell)
    coverage = access.joining(PARTICIPATION_READ)
    context = StudyContext(
        document=document, days=[(each.year, each.first, each.zero) for each in rows.days], grants=access.grants, names=names,
        linked_share=linked_share(coverage, document.partner), comparison_ratio=_ratio(groups), cost=rows.cost_per_seat,
        binary=rows.binary,
    )  # fmt: skip
    behind = {at: persons for each in found.students for at, persons in each.places().items()}
    # The program sees its finding before others do, whatever days the agreements give.
    access.review_days = max(access.review_days, REPLY_DAYS)

    composed: list[tuple[Verdict, float | None]] = []

    def compose(joint: JointTables) -> ReportBody:
        shown = found.published(earlier_effects(joint.earlier, WHAT_WORKS, TITLE, joint.least_difference))
        composed.append((shown.verdict, shown.p))
        effects, told = shown.table(access.minimum_cell), shown.to_json()
        finding = {**told, **context.facts(), "lines": lines(context, told)}
        return ReportBody(
            about={
                "page": "studies:finding",
                "study": registered.id,
                "sha256": document.sha256,
                "finding": finding,
                "sentences": list(said(finding)),
            },
            absent=[] if shown.effect and shown.effect.estimate is not None else [("Effect", shown.reason)],
            empty=all(cell.withheld for table in (*joint.tables, *effects) for cell in table.cells),
            tables=effects,
        )

    made = draft(
        access, report=WHAT_WORKS, title=document.title, disclosures=queries.disclosures, compose=compose,
        reads=PARTICIPATION_READ,
        counted=CountedTables(tables, access.minimum_cell, subject=document.sha256, rule=access.publication_rule, behind=behind),
    )  # fmt: skip
    return made, composed


def group_tables(
    document: StudyDocument, rows: "StudyRows", used: np.ndarray, minimum_cell: int
) -> tuple[Mapping[str, np.ndarray], tuple[RawTable, ...]]:
    """The persons of each group, and their counts before protection. `used`: the rows behind the estimate."""
    from throughway.evidence.study_tables import compared, raw_tables

    groups = compared(rows, used)
    asked = document.design is Design.LOTTERY or document.compared_with is ComparedWith.APPLICANTS
    return groups, raw_tables(groups, rows, minimum_cell, asked_are_compared=asked)


def linked_share(coverage: Any, partner: str) -> int | None:
    """How many of ten of the program's records are linked to another partner's; None where that is not known or would tell of few."""
    for each in coverage.counts if coverage else ():
        linked = each.records - each.unlinked
        if each.partner == partner and each.records and linked >= coverage.minimum_cell:
            return int(10 * linked / each.records)
    return None


def _ratio(groups: Mapping[str, np.ndarray]) -> float | None:
    """Participants for each comparison student, to one figure."""
    treated, others = (len(groups[name]) for name in list(groups)[:2])
    return float(f"{treated / others:.1g}") if others else None


def finding_to_json(found: KnownStudy, release: Published) -> dict[str, Any]:
    """A finding as a document for programs."""
    return {
        **registration(release),
        "study": found.id,
        "sha256": found.sha256,
        "registered_on": found.on.isoformat(),
        "outcomes_read_before": list(found.outcomes_read),
        "other_specifications": list(found.others),
        "verdict": release.about["finding"]["verdict"],
        "causal": release.about["finding"]["causal"],
        "finding": release.about["finding"],
        "sentences": release.about["sentences"],
        "tables": [table.to_json() for table in release.tables],
    }
