"""Publishes a community's own question: counted through the gate, protected, registered, and only then shown."""

from collections.abc import Iterator, Sequence
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
from throughway.insight.questions.builder import PROGRAM
from throughway.insight.questions.question import Question, question
from throughway.insight.questions.question_in_words import in_words
from throughway.insight.questions.question_joins import join_notes
from throughway.insight.questions.question_rules import AnswerRefused
from throughway.insight.questions.selectors import columns_under, whose_programs
from throughway.insight.questions.tables import QuestionTables, check_groups, question_tables
from throughway.insight.unlinked_records import sentences
from throughway.ledger.entry_search import contributing_records
from throughway.partners import Actor
from throughway.publication import ProtectedTable
from throughway.publication.actions import tell_preview
from throughway.publication.amounts import protect_amounts, rule_sentence
from throughway.publication.earlier_releases import (
    EarlierRelease,
    earlier_releases,
)
from throughway.publication.joint_release import STUDENTS, AsPublished, CountedTables, JointTables
from throughway.publication.previews import Told, ToldFigure, in_steps, told_sentence
from throughway.publication.report_files import check_format, write_release
from throughway.publication.selectors import published
from throughway.publication.tables import place
from throughway.publication.why_withheld import larger_groups
from throughway.store.record_numbers import any_of, inside

QUESTION = "question"
# One sentence for nobody, for few, and for figures that may not be shown: each other sentence would tell which.
NO_FIGURE = (
    "The question would show no figure, so nothing is published: fewer than {minimum} students answer it, or nobody, or it cannot be counted "
    "(a student has several rows where one is needed, a group has nearly one value for each student, is a day or has a very long name, "
    "nobody is in a group of a pool, it makes too many figures, or the SQL fails on a value), or none of its figures may be shown beside "
    "the others and earlier releases."
)
PREVIEW_RULE = (
    "A preview tells in steps how many counts would be shown, and not which. Where its groups differ from those of an earlier preview or "
    "release in fewer than {minimum} students, it tells what that one told. None would be shown too where a student has several rows where "
    "one is needed, where a group has nearly one value for each student, is a day or has a very long name, where nobody is in a group of a "
    "pool, where it makes too many figures, and where the SQL fails on a value."
)


NOT_IN_WORDS = (
    "This question cannot be said back in words; only what the page for figures writes can. Read the SQL."
)


@dataclass(frozen=True)
class QuestionDraft:
    """A question that is counted and protected but not registered. `notes`: what a reader of its figures must know; `always`: those of
    them that follow from the question alone, whoever answers it. `in_words`: what it counts, where that can be said back."""

    question: Question
    report: ReportDraft
    notes: tuple[str, ...]
    always: tuple[str, ...]
    in_words: tuple[str, ...] = ()

    def preview(self) -> dict[str, Any]:
        """How many figures would be shown, in steps, without the figures, and what was asked. The same to the byte for a question that
        nobody answers, that few do, and of which fewer figures than the first step would be shown."""
        report, asked = self.report, self.question
        told = self._told()
        many = {how: in_steps(sum(each is how for each in told)) for how in (Told.RANGE, Told.WITHHELD)}
        shown = in_steps(sum(each is not Told.WITHHELD for each in told))
        linkage = sentences(report.common["linkage"], ())
        rule = PREVIEW_RULE.format(minimum=report.counted.minimum_cell)
        return {
            **report.told(
                shown, many[Told.RANGE] if shown else 0, many[Told.WITHHELD] if shown else 0, notes=[rule, *linkage]
            ),
            **asked_to_json(asked, self.always), "told": told_sentence(shown), "pools": None,
            "in_words": list(self.in_words) or [NOT_IN_WORDS], "shows_more": larger_groups(asked.groups),
        }  # fmt: skip

    def _told(self) -> list[Told]:
        """What is told of each count of enough students. Whom they count is remembered."""
        access, counted = self.report.access, self.report.counted
        figures, earlier = self._figures()
        return tell_preview(
            figures, earlier=earlier, minimum=counted.minimum_cell, agreements=access.agreements,
            disclosures=self.report.disclosures, by=access.actor,
        )  # fmt: skip

    def _figures(self) -> tuple[list[ToldFigure], Sequence[EarlierRelease]]:
        """Each count, as it would be now, and the earlier releases."""
        report, persons = self.report, self.report.counted.persons
        try:
            joint, _ = report.joint()
        except AsPublished:  # each is as it was published
            earlier = earlier_releases(
                any_of(persons.values()), report=report.report, disclosures=report.disclosures
            )
            return [ToldFigure(each, Told.WITHHELD) for each in persons.values()], earlier
        except Refused as refused:
            if refused.code != "no_figures":
                raise
            return [], []
        cells = {place(c.at): c for table in joint.tables for c in table.cells if c.statistic == STUDENTS}
        return [
            ToldFigure(persons[at], Told.of(withheld=cell.withheld, ranged=cell.ranged))
            for at, cell in cells.items()
            if at in persons
        ], joint.earlier


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
    """How much `report_question` would show; publishes nothing. Refused where the question cannot be counted by student."""
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
    """The question, counted. Refused where it cannot be counted, whatever the records say."""
    minimum = _minimum(access, minimum_cell)
    answer, disclosure = access.figures(asked.by_student, failing_is_empty=True)
    check_groups(asked, answer.schema)
    raw = _counted(asked, answer, disclosure, minimum)
    runs = whose_programs(access.grants) if PROGRAM in asked.reads else ""
    words = in_words(asked.sql, columns_under(access.grants), runs)
    always = [
        *comparison_warning(asked.by_student, by_student=True),
        *(join_notes(asked.sql) if not words else ()),
        *(pool.sentence for pool in asked.pools),
    ]
    always += [f"The programs counted are those of {runs}."] if runs else []
    always += [rule_sentence(minimum)] if asked.amounts else []
    notes = (*dict.fromkeys([*always, *raw.notes, *([rule_sentence(minimum)] if raw.amounts else [])]),)

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
    return QuestionDraft(asked, made, notes, tuple(always), tuple(words))


def _counted(asked: Question, answer: pa.Table, disclosure: str, minimum: int) -> QuestionTables:
    """Its tables. None where few students answer it, or nobody, and where its answer is refused: these are one answer, since the record of
    one student can decide between them."""
    if pc.count_distinct(answer["person_id"]).as_py() < minimum:
        return QuestionTables((), (), ())
    try:
        _check_students(answer, disclosure)
        return question_tables(asked, answer)
    except AnswerRefused:
        return QuestionTables((), (), ())


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
    """AnswerRefused where a row is about nobody whose records were read: a figure counts students and nothing else."""
    counted = np.unique(answer["person_id"].to_numpy().astype(np.int64))
    read = contributing_records([disclosure]).records
    known = any_of((read, np.unique(links_in_force().persons_of(read))))
    if not inside(counted, known).all():
        raise AnswerRefused(
            "The question counts numbers that are no students; take person_id from the tables as it is."
        )
