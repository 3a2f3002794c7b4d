"""Publishes a community's own question: counted through the gate, protected, registered, and only then shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, links_in_force
from throughway.gate.actions.decided_access import AGGREGATE
from throughway.gate.actions.ledger_entries import record_early_refusal
from throughway.gate.comparison_warning import comparison_warning
from throughway.insight.actions import ReportBody, ReportDraft, draft, registration, report_access
from throughway.insight.questions.builder import MORE_THAN_ONE, PROGRAM
from throughway.insight.questions.pools import offered, with_pools
from throughway.insight.questions.question import Question, question
from throughway.insight.questions.selectors import whose_programs
from throughway.insight.questions.tables import NOT_RECORDED, QuestionTables, question_tables
from throughway.insight.unlinked_records import sentences
from throughway.ledger.entry_search import contributing_records
from throughway.partners import Actor
from throughway.publication import ProtectedTable
from throughway.publication.amounts import protect_amounts, rule_sentence
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.report_files import check_format, write_release
from throughway.publication.selectors import published
from throughway.publication.tables import place
from throughway.store.record_numbers import any_of, inside

QUESTION = "question"
# One sentence for nobody, for few, and for figures that may not be shown: each other sentence would tell which.
NO_FIGURE = (
    "The question would show no figure, so nothing is published: fewer than {minimum} students answer it, or nobody, or none of its figures "
    "may be shown beside the others and earlier releases."
)
NO_GROUPS = (NOT_RECORDED, MORE_THAN_ONE)  # pooled only with small groups


@dataclass(frozen=True)
class QuestionDraft:
    """A question that is counted and protected but not registered."""

    question: Question
    report: ReportDraft
    notes: tuple[str, ...]

    def preview(self) -> dict[str, Any]:
        """What would be shown and withheld, without the figures, and what was asked. `pools`: the text of the question with small groups
        together, where more may be shown then, and a sentence for each pool that it adds; None otherwise."""
        joint, body = self.report.protected()
        found = self.report.previewed(joint, body)
        linkage = sentences(self.report.common["linkage"], ())
        asked = self.question
        pools = offered(asked.groups, asked.pools, (*joint.tables, *body.tables), no_groups=NO_GROUPS)
        more = [each for each in pools if each not in asked.pools]
        return {
            **found, "notes": [*linkage, *found["notes"]], **asked_to_json(asked, self.notes),
            "pools": {"sql": with_pools(asked.sql, pools), "lines": [each.line for each in more], "sentences": [each.sentence for each in more]} if more else None,
        }  # fmt: skip


def report_question(
    *, actor: Actor, purpose: str, sql: str, title: str = "", minimum_cell: int | None = None, on: date | None = None,
    out: Path | None = None,
) -> dict[str, object]:  # fmt: skip
    """Counts a question in SQL under a purpose of form aggregate, registers it protected, and returns its figures with their release.

    `minimum_cell`: a higher minimum than the agreements'. Refused where the question cannot be counted by student or protected, where
    not one figure could be shown, and where an earlier release tells about these students.
    """
    if out is not None:
        check_format(out)
    with _asked(actor, purpose, sql, title, on) as (access, asked):
        made = question_draft(access, asked, minimum_cell)
        pairs = made.report.undecided()
        release = made.report.publish(actor)
        found = published(release.id, actor)
        if out is not None:
            write_release(out, found)
        return {
            **registration(release),
            **asked_to_json(asked, made.notes),
            "tables": [table.to_json() for table in found.tables],
            "pairs": pairs,
            **({"report": str(out)} if out is not None else {}),
        }


def preview_question(
    *,
    actor: Actor,
    purpose: str,
    sql: str,
    title: str = "",
    minimum_cell: int | None = None,
    on: date | None = None,
) -> dict[str, Any]:
    """What `report_question` would show and withhold; publishes nothing. Refused under the same conditions."""
    with _asked(actor, purpose, sql, title, on) as (access, asked):
        return question_draft(access, asked, minimum_cell).preview()


@contextmanager
def _asked(
    actor: Actor, purpose: str, sql: str, title: str, on: date | None
) -> Iterator[tuple[GovernedAccess, Question]]:
    """Access for the report and the question; a question that is refused is recorded, as every request is."""
    with report_access(actor=actor, purpose=purpose, on=on) as access:
        try:
            asked = question(sql, title)
        except Refused as refused:
            cited = Refused(refused.message, code=refused.code, citations=refused.citations or [AGGREGATE])
            raise record_early_refusal(cited, actor=actor, purpose=purpose, on=on, asked=sql) from None
        yield access, asked


def question_draft(access: GovernedAccess, asked: Question, minimum_cell: int | None = None) -> QuestionDraft:
    """The question, counted and protected."""
    minimum = _minimum(access, minimum_cell)
    answer, disclosure = access.figures(asked.by_student)
    if pc.count_distinct(answer["person_id"]).as_py() < minimum:
        raise Refused(NO_FIGURE.format(minimum=minimum), code="no_figures")
    _check_students(answer, disclosure)
    raw = question_tables(asked, answer)
    runs = whose_programs(access.grants) if PROGRAM in asked.reads else ""
    notes = (
        *comparison_warning(asked.by_student, by_student=True),
        *raw.notes,
        *([f"The programs counted are those of {runs}."] if runs else []),
        *([rule_sentence(minimum)] if raw.amounts else []),
    )

    def compose(joint: JointTables) -> ReportBody:
        amounts = joint.amounts_shown(_amounts(raw, joint.tables, minimum))
        tables = (*joint.tables, *amounts)
        return ReportBody(
            about=asked_to_json(asked, notes), absent=[], tables=amounts,
            empty=all(cell.withheld for table in tables for cell in table.cells),
        )  # fmt: skip

    made = draft(
        access, report=QUESTION, title=asked.title, disclosures=[disclosure], compose=compose, reads=asked.reads,
        counted=CountedTables(raw.tables, minimum, subject=asked.sha256, rule=access.publication_rule),
        no_figure=NO_FIGURE.format(minimum=minimum),
    )  # fmt: skip
    return QuestionDraft(asked, made, notes)


def asked_to_json(asked: Question, notes: tuple[str, ...]) -> dict[str, object]:
    """What was asked: the text and its hash, and what a reader of the figures must know."""
    return {
        "question": {
            "sql": asked.sql,
            "sha256": asked.sha256,
            "groups": list(asked.groups),
            "figures": [{"name": f.name, "kind": str(f.kind)} for f in asked.figures],
            "notes": list(notes),
        }
    }


def _amounts(
    raw: QuestionTables, counts: tuple[ProtectedTable, ...], minimum: int
) -> tuple[ProtectedTable, ...]:
    shown = {
        place(c.at) for table in counts for c in table.cells if c.statistic == "students" and not c.withheld
    }
    return protect_amounts(raw.amounts, shown=shown, minimum_cell=minimum)


def _minimum(access: GovernedAccess, asked: int | None) -> int:
    """The minimum cell of the release; Refused where it is below the agreements'."""
    if asked is not None and asked < access.minimum_cell:
        raise Refused(
            f"The agreements of purpose {access.purpose} set a minimum of {access.minimum_cell} students for a figure; ask for that or more.",
            code="minimum",
        )
    return asked or access.minimum_cell


def _check_students(answer: pa.Table, disclosure: str) -> None:
    """Refused where a row is about nobody whose records were read: a figure counts students and nothing else."""
    counted = np.unique(answer["person_id"].to_numpy().astype(np.int64))
    read = contributing_records([disclosure]).records
    known = any_of((read, np.unique(links_in_force().persons_of(read))))
    if not inside(counted, known).all():
        raise Refused(
            "The question counts numbers that are no students; take person_id from the tables as it is.",
            code="question",
        )
