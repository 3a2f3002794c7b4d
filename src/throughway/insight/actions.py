"""Drafts of reports: counted through the gate, protected, registered, and only then shown on a page."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from throughway.agreements.selectors import agreement_statuses
from throughway.core.prose import day, listed
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, enter, one_question
from throughway.gate.decision import agreements_of
from throughway.gate.linkage_recall import recall
from throughway.identity.review.selectors import undecided
from throughway.insight.figures import MilestoneHeading, heading
from throughway.insight.milestone_queries import MilestoneQueries
from throughway.insight.pipeline_tables import RawPipeline, pipeline_tables
from throughway.insight.questions.question import question
from throughway.insight.questions.tables import question_tables
from throughway.insight.selectors import notes
from throughway.insight.unlinked_records import about as about_linkage
from throughway.insight.unlinked_records import coarse, linkage_relations, linkage_tables
from throughway.ledger.entry_search import contributing_records
from throughway.measures.policy import MeasurePolicy, community_policy
from throughway.measures.sql import ENROLLED, VisibleData
from throughway.partners import Actor
from throughway.partners.selectors import partner_names
from throughway.publication import ProtectedTable, RawTable
from throughway.publication.actions import RegistryChanged, publish, record_outside_members
from throughway.publication.joint_release import CountedTables, JointTables, joint_tables
from throughway.publication.policy import RULES
from throughway.publication.selectors import OutsideKnowledge, Published, iso, joint_notes, outside_tables
from throughway.publication.states import ReleaseState
from throughway.store import Community
from throughway.vocabulary import TABLES


@dataclass(frozen=True)
class ReportBody:
    """What a report says of its protected tables. `tables`: those that are computed from them; `about`: what its page needs besides
    figures; `absent`: what has no figure and why, one sentence each; `empty`: no figure is shown."""

    about: Mapping[str, Any]
    absent: Sequence[tuple[str, str]]
    empty: bool
    tables: tuple[ProtectedTable, ...] = ()


@dataclass(frozen=True)
class ReportDraft:
    """A report that is counted but not registered. `others`: protected tables of records rather than students; `common`: what every
    report includes besides its figures; `compose` says what the report shows of its tables. `no_figure`: the one sentence with which it is
    refused where no figure is shown, whatever the reason, if its reader chose whom it counts; else the reasons are told."""

    report: str
    title: str
    access: GovernedAccess
    counted: CountedTables
    others: tuple[ProtectedTable, ...]
    disclosures: Sequence[str]
    common: Mapping[str, Any]
    compose: Callable[[JointTables], ReportBody]
    no_figure: str = ""

    def joint(self) -> tuple[JointTables, ReportBody]:
        """The report, safe together with every earlier release and table from outside. Refused where every figure would stay as an earlier
        release published it, and where a table from outside cannot be counted."""
        count_outside_tables(self.access)
        try:
            if self.no_figure and not self.counted.tables:
                raise Refused(self.no_figure, code="no_figures")
            joint = joint_tables(
                self.counted, report=self.report, purpose=self.access.purpose, disclosures=self.disclosures, others=self.others
            )  # fmt: skip
        except Refused as refused:
            if self.no_figure and refused.code == "cannot_protect":
                raise Refused(self.no_figure, code="no_figures") from None
            raise
        return joint, self.compose(joint)

    def protected(self) -> tuple[JointTables, ReportBody]:
        """The same; refused too where no figure is shown."""
        joint, body = self.joint()
        if body.empty and self.no_figure:
            raise Refused(self.no_figure, code="no_figures")
        if body.empty:
            beside = joint_notes(joint.about())
            named: dict[str, list[str]] = {}
            for what, sentence in body.absent:
                named.setdefault(sentence, []).append(what)
            why = " ".join(
                dict.fromkeys(
                    [
                        *(f"{listed(dict.fromkeys(what))}: {sentence}" for sentence, what in named.items()),
                        *beside,
                    ]
                )
            )
            raise Refused(
                f"“{self.title}” would show no figure, so nothing is published. {why}".strip(),
                code="covered" if joint.repeats or joint.withheld else "no_figures",
            )
        return joint, body

    def publish(self, by: Actor, within: Callable[[str], None] = lambda release: None) -> Published:
        """Registers the report; audits it again where another release was registered meanwhile. `within(release id)` runs in the
        transaction that registers it."""
        access = self.access
        while True:
            joint, body = self.protected()
            try:
                return publish(
                    report=self.report, title=self.title, tables=(*joint.tables, *body.tables), purpose=access.purpose,
                    on=access.on, agreements=agreements_of(access.grants), minimum_cell=self.counted.minimum_cell,
                    review_days=access.review_days, disclosures=self.disclosures, by=by,
                    about={**body.about, **self.common}, joint=joint, two_people=access.needs_approval,
                    within=within,
                )  # fmt: skip
            except RegistryChanged:
                continue

    def preview(self) -> dict[str, Any]:
        """What would be shown and withheld, without the figures: figures of two days can reveal one student, as two releases can.
        Refused as `protected`."""
        return self.previewed(*self.protected())

    def undecided(self) -> str:
        """What pairs of records that nobody has decided mean for the figures, in a sentence; empty where none wait."""
        return undecided(contributing_records(self.disclosures).disclosers).sentence

    def previewed(self, joint: JointTables, body: ReportBody) -> dict[str, Any]:
        """The same of tables that are protected already."""
        every = (*joint.tables, *body.tables)
        tables = [
            {
                "title": table.title,
                "by": list(table.by),
                "shown": sum(not c.withheld for c in table.cells),
                "ranges": sum(c.ranged for c in table.cells),
                "withheld": sum(c.withheld for c in table.cells),
                "cells": [
                    {"at": dict(c.at), "statistic": c.statistic, "withheld": c.withheld, "range": c.ranged}
                    for c in table.cells
                ],
            }
            for table in every
        ]
        return self.told(
            sum(not c.withheld for table in every for c in table.cells),
            sum(c.ranged for table in every for c in table.cells),
            sum(c.withheld for table in every for c in table.cells),
            joint_notes(joint.about()),
        ) | {
            "absent": [{"what": what, "why": sentence} for what, sentence in body.absent],
            "tables": tables,
        }

    def told(self, shown: int, ranges: int, withheld: int, notes: Sequence[str]) -> dict[str, Any]:
        """How many figures a preview says, and what is known without any figure."""
        community: Community = settings.COMMUNITY
        access = self.access
        return {
            "preview": True,
            "title": self.title,
            "purpose": access.purpose,
            "as_of": access.on.isoformat(),
            "data_through": self.common["data_through"],
            "minimum_cell": self.counted.minimum_cell,
            "agreements": [id for id, _ in agreements_of(access.grants)],
            "disclosures": list(self.disclosures),
            "rule": RULES[self.counted.rule].to_json(),
            "state": str(
                ReleaseState.WAITING if access.review_days or access.needs_approval else ReleaseState.PUBLIC
            ),
            "public_on": (community.today() + timedelta(days=access.review_days)).isoformat(),
            "two_people": access.needs_approval,
            "disclosers": list(contributing_records(self.disclosures).disclosers),
            "pairs": self.undecided(),
            "shown": shown,
            "ranges": ranges,
            "withheld": withheld,
            "absent": [],
            "notes": list(notes),
            "tables": [],
        }


@contextmanager
def report_access(*, actor: Actor, purpose: str, on: date | None) -> Iterator[GovernedAccess]:
    """Access through the gate for one report; Refused where the purpose's form is not aggregate."""
    access = enter(actor=actor, purpose=purpose, on=on)
    if access.form != "aggregate":
        raise Refused(
            f"A report shows only counts, but purpose {purpose} has form {access.form}; use a purpose with form aggregate.",
            code="not_aggregate",
        )
    with one_question(actor=actor, purpose=purpose):
        yield access


def draft(
    access: GovernedAccess,
    *,
    report: str,
    title: str,
    counted: CountedTables,
    disclosures: Sequence[str],
    compose: Callable[[JointTables], ReportBody],
    reads: Collection[str] | None = None,
    no_figure: str = "",
) -> ReportDraft:
    """The draft of a report, with what every report includes besides its figures: records that could not be linked, the last day of
    the data, and the agreements.

    `reads`: the tables that it reads, of which it then says only in tens of percent how many records are linked; else all of the
    purpose. `no_figure`: as in `ReportDraft`.
    """
    names = partner_names()
    tables_read = {grant.table for grant in access.grants} if reads is None else set(reads)
    coverage = access.joining(tables_read)
    titles = {s.document.id: s.document for s in agreement_statuses(access.on)}
    common = {
        "data_through": data_days(access, names, tables_read),
        "linkage": about_linkage(coverage, recall(), names)
        | ({} if reads is None else {"coarse": coarse(coverage, names)}),
        "agreements": [
            {"id": id, "title": titles[id].title, "until": day(titles[id].terms.expires)}
            if id in titles
            else {"id": id, "title": id, "until": ""}
            for id in access.agreements
        ],
    }
    others: tuple[ProtectedTable, ...] = ()
    if reads is None:
        others = linkage_tables(coverage, names)
        common["relations"] = linkage_relations(coverage, names)
    return ReportDraft(report, title, access, counted, others, disclosures, common, compose, no_figure)


def data_days(access: GovernedAccess, names: Mapping[str, str], tables: Collection[str]) -> dict[str, str]:
    """The latest day in each partner's records of these tables, by partner name, as 2026-11-20: for all of its records together,
    never for one student's. Calendars, which have future days, do not count."""
    found: dict[str, date] = {}
    for table in sorted(table for table in tables if TABLES[table].of_person):
        for partner, last in access.last_days(table).items():
            if last is not None:
                found[partner] = max(last, found.get(partner, last))
    return {names.get(partner, partner): found[partner].isoformat() for partner in sorted(found)}


def visible_data_of(grants: Iterable[Any]) -> VisibleData:
    """The columns that the grants show unchanged; a transformed column cannot be used for counting."""
    tables: dict[str, dict[str, frozenset[str]]] = {}
    for grant in grants:
        plain = {name for name, transform in grant.columns.items() if transform.name == "none"}
        partner = tables.setdefault(grant.table, {})
        partner[grant.discloser] = partner.get(grant.discloser, frozenset()) | plain
    return VisibleData(tables)


def registration(release: Published) -> dict[str, object]:
    """The registration of a report, in the form that every report returns."""
    return {
        "release": release.id,
        "title": release.title,
        "purpose": release.purpose,
        "as_of": release.on.isoformat(),
        "data_through": release.data_through,
        "minimum_cell": release.minimum_cell,
        "agreements": list(release.agreements),
        "disclosures": list(release.disclosures),
        "state": str(release.standing.state),
        "public_on": iso(release.standing.public_on),
        "two_people": release.two_people,
        "rule": release.rule,
        "disclosers": list(release.standing.disclosers),
        "notes": list(notes(release)),
    }


@dataclass(frozen=True)
class CountedPipeline:
    """The pipeline as counted, before protection."""

    headings: Sequence[MilestoneHeading]
    raw: RawPipeline
    disclosures: Sequence[str]


def counted_pipeline(
    access: GovernedAccess, visible: VisibleData, policy: MeasurePolicy, on: date
) -> CountedPipeline:
    """Refused where the purpose shows no enrollment."""
    names = partner_names()
    if not visible.shows(*ENROLLED):
        raise Refused(
            f"Purpose {access.purpose} does not show enrollment days, schools and grades, so no student can be counted; "
            "an agreement must list school_enrollment in its schedule for this purpose.",
            code="not_granted",
        )
    queries = MilestoneQueries(access, visible, policy, on)
    found = [m.renamed("partner", names) for m in queries.milestones()]
    steps = [replace(step, measured=step.measured.renamed("partner", names)) for step in queries.steps(found)]
    step_to = {step.measure.id: step for step in steps}
    headings = [heading(m, step_to.get(m.measure.id), policy) for m in found]
    return CountedPipeline(headings, pipeline_tables(found, steps), queries.disclosures)


def count_outside_tables(access: GovernedAccess) -> None:
    """Counts, under the purpose, the students of each table from outside that was not counted under it yet: those of our own figures at
    the same places. Refused where a table can be counted under this purpose no more than it was under another."""
    for table in outside_tables():
        if access.purpose in table.counted_for:
            continue
        try:
            counted, disclosures = _our_counts(access, table)
            record_outside_members(
                table=table.id, purpose=access.purpose, agreements=list(access.agreements), disclosures=disclosures, tables=counted,
                by=access.actor,
            )  # fmt: skip
        except Refused as refused:
            if table.counted_for:
                continue  # another purpose has said whom it counts
            raise Refused(
                f"No release can be checked with the table {table.name} from outside under purpose {access.purpose}: {refused.message}",
                code="covered", citations=refused.citations,
            ) from refused  # fmt: skip


def _our_counts(access: GovernedAccess, table: OutsideKnowledge) -> tuple[Sequence[RawTable], Sequence[str]]:
    """Our own counts in whose terms a table from outside was entered, and the ledger's entries for what was read."""
    if not table.question:
        visible = visible_data_of(access.grants)
        made = counted_pipeline(access, visible, community_policy(settings.COMMUNITY), table.on)
        return made.raw.tables, made.disclosures
    asked = question(table.question, table.title)
    answer, disclosure = access.figures(asked.by_student)
    return question_tables(asked, answer).tables, [disclosure]
