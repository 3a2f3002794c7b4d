"""Makes reports: through the gate, through disclosure, into the registry, and only then onto a page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from throughway.agreements.selectors import agreement_statuses
from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, enter, one_question
from throughway.gate.decision import agreements_of
from throughway.gate.linkage_coverage import LinkageCoverage
from throughway.gate.linkage_recall import recall
from throughway.insight.figures import (
    derived_table,
    heading,
    headings_to_json,
    pipeline,
    step_to_json,
    to_json,
)
from throughway.insight.linkage_coverage import about as about_linkage
from throughway.insight.linkage_coverage import linkage_tables
from throughway.insight.linkage_coverage import sentences as linkage_sentences
from throughway.insight.milestone_queries import FiguresAccess, MilestoneQueries
from throughway.insight.pipeline_tables import pipeline_tables
from throughway.insight.pipeline_text import absent, method
from throughway.insight.report_files import written
from throughway.insight.selectors import PIPELINE, report
from throughway.ledger.entry_search import contributing_records
from throughway.measures import MeasuredClass, MilestoneStep, VisibleData
from throughway.measures.policy import community_policy
from throughway.measures.sql import ENROLLED
from throughway.partners import Actor
from throughway.partners.selectors import partner_names, partners
from throughway.publication import ProtectedTable
from throughway.publication.actions import publish
from throughway.publication.overlap import check_no_overlap
from throughway.publication.protection import protect
from throughway.publication.selectors import Published, iso
from throughway.publication.states import ReleaseState, notice
from throughway.store import Community
from throughway.vocabulary import TABLES

TITLE = "Where students are lost on the way"


class ReportAccess(FiguresAccess, Protocol):
    """What a report needs of access through the gate."""

    @property
    def grants(self) -> Sequence[Any]: ...
    @property
    def form(self) -> str: ...
    @property
    def minimum_cell(self) -> int: ...
    @property
    def review_days(self) -> int: ...
    @property
    def agreements(self) -> Sequence[str]: ...
    @property
    def on(self) -> date: ...
    def joining(self, tables: Collection[str]) -> LinkageCoverage | None: ...
    def last_days(self, table: str) -> Mapping[str, date | None]: ...


@dataclass(frozen=True)
class Unpublished:
    """A report as it would be published: counted and protected, and registered nowhere. `absent`: what has no figure, and why, in a
    sentence each; `empty`: nothing of it has one."""

    report: str
    title: str
    tables: tuple[ProtectedTable, ...]
    purpose: str
    on: date
    grants: Sequence[Any]
    minimum_cell: int
    review_days: int
    disclosures: Sequence[str]
    about: Mapping[str, object]
    absent: Sequence[tuple[str, str]]
    empty: bool

    def check(self) -> None:
        """Refused where nothing of it could be shown, or where an earlier release of the same report covers its students."""
        if self.empty:
            why = " ".join(dict.fromkeys(f"{what}: {sentence}" for what, sentence in self.absent))
            raise Refused(
                f"This report would not show one figure, so nothing is published. {why}".strip(),
                code="no_figures",
            )
        check_no_overlap(report=self.report, disclosures=self.disclosures)

    def publish(self, by: Actor) -> Published:
        self.check()
        return publish(
            report=self.report, title=self.title, tables=self.tables, purpose=self.purpose, on=self.on,
            agreements=agreements_of(self.grants), minimum_cell=self.minimum_cell, review_days=self.review_days,
            disclosures=self.disclosures, by=by, about=self.about,
        )  # fmt: skip

    def preview(self) -> dict[str, object]:
        """What would be shown and what withheld, without a figure: figures of today beside those of another day could tell of one
        student, as two releases can. Refused as `check`."""
        self.check()
        community: Community = settings.COMMUNITY
        cells = [cell for table in self.tables for cell in table.cells]
        shown = sum(not cell.withheld for cell in cells)
        waits = community.today() + timedelta(days=self.review_days)
        return {
            "preview": True,
            "title": self.title,
            "purpose": self.purpose,
            "as_of": self.on.isoformat(),
            "data_through": self.about["data_through"],
            "minimum_cell": self.minimum_cell,
            "agreements": [id for id, _ in agreements_of(self.grants)],
            "disclosures": list(self.disclosures),
            "state": str(ReleaseState.WAITING if self.review_days else ReleaseState.PUBLIC),
            "public_on": waits.isoformat(),
            "disclosers": list(contributing_records(self.disclosures).disclosers),
            "shown": shown,
            "withheld": len(cells) - shown,
            "absent": [{"what": what, "why": sentence} for what, sentence in self.absent],
            "tables": [
                {
                    "title": table.title,
                    "by": list(table.by),
                    "shown": sum(not c.withheld for c in table.cells),
                    "withheld": sum(c.withheld for c in table.cells),
                    "cells": [
                        {"at": dict(c.at), "statistic": c.statistic, "withheld": c.withheld}
                        for c in table.cells
                    ],
                }
                for table in self.tables
            ],
        }


def access_of(*, actor: Actor, purpose: str, on: date | None) -> GovernedAccess:
    """Access through the gate for a report; Refused where the purpose gives other than protected figures."""
    access = enter(actor=actor, purpose=purpose, on=on)
    if access.form != "aggregate":
        raise Refused(
            f"A report shows counts, and purpose {purpose} is of form {access.form}; ask under a purpose of form aggregate.",
            code="not_aggregate",
        )
    return access


def report_pipeline(
    *, actor: Actor, purpose: str, on: date | None = None, out: Path | None = None
) -> dict[str, object]:
    """Counts the pipeline under a purpose of form aggregate, registers it protected, and writes the page.

    Returns the figures with their release and where it stands: it waits where an agreement gives its disclosers days of review.
    Refused where the purpose gives other than protected figures, or does not show when students enrolled and in which
    grade; where not one figure could be shown, with the reasons; and where an earlier pipeline covers these students.
    """
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise Refused(
            f"The report is written as HTML; give --out a name such as {out.stem}.html.", code="format"
        )
    access = access_of(actor=actor, purpose=purpose, on=on)
    with one_question(actor=actor, purpose=purpose):
        return reported(access, actor=actor, purpose=purpose, out=out)


def preview_pipeline(*, actor: Actor, purpose: str, on: date | None = None) -> dict[str, object]:
    """What `report_pipeline` would show and withhold; publishes nothing. Refused as it is."""
    access = access_of(actor=actor, purpose=purpose, on=on)
    with one_question(actor=actor, purpose=purpose):
        return prepare(access, purpose=purpose).preview()


def prepare(access: ReportAccess, *, purpose: str) -> Unpublished:
    """The report through an access that is open, protected."""
    on = access.on
    sight = visible_data_of(access.grants)
    if not sight.shows(*ENROLLED):
        raise Refused(
            f"Purpose {purpose} does not show enrollment days, schools and grades, so nobody can be counted; "
            "an agreement must schedule school_enrollment for it.",
            code="not_granted",
        )
    community: Community = settings.COMMUNITY
    policy = community_policy(community)
    asking = MilestoneQueries(access, sight, policy, on)
    found = [_named(m) for m in asking.milestones()]
    passages = [MilestoneStep(_named(p.measured), p.after, p.since, p.joined) for p in asking.passages(found)]
    raw = pipeline_tables(found, passages)
    tables = protect(raw.tables, minimum_cell=access.minimum_cell, relations=raw.relations)
    steps = {p.measure.id: p for p in passages}
    headings = [heading(m, steps.get(m.measure.id), policy) for m in found]
    how = method(policy, [h.id for h in headings if not h.unseen])
    figures = pipeline(headings, tables, raw.kinds)
    joins, names = joining_of(access), partner_names()
    return Unpublished(
        report=PIPELINE, title=TITLE, tables=(*tables, derived_table(figures), *linkage_tables(joins, names)), purpose=purpose, on=on, grants=access.grants,
        minimum_cell=access.minimum_cell, review_days=access.review_days, disclosures=asking.disclosures,
        empty=all(map(absent, (*figures.milestones, *figures.steps))),
        absent=[(h.name, sentence) for h, m in zip(headings, figures.milestones, strict=True) if (sentence := absent(m))],
        about={
            "page": "insight:release", "headings": headings_to_json(headings), "kinds": list(raw.kinds),
            "data_through": data_days(access, names), "method": how.to_json(), "linkage": about_linkage(joins, recall(), names),
            "partners": [_name(p) for p in sight.partners(*ENROLLED)],
            "agreements": _agreements(access.agreements, on),
        },
    )  # fmt: skip


def joining_of(access: ReportAccess) -> LinkageCoverage | None:
    """How far the records of the purpose's partners can be joined."""
    return access.joining({grant.table for grant in access.grants})


def data_days(access: ReportAccess, names: Mapping[str, str]) -> dict[str, str]:
    """The latest day in the records of each partner that the report reads, by its name, as 2026-11-20. It is said of a partner's
    records as a whole, never of one student's; a calendar, which has days to come, is no record of anybody."""
    found: dict[str, date] = {}
    for table in sorted({grant.table for grant in access.grants if TABLES[grant.table].of_person}):
        for partner, last in access.last_days(table).items():
            if last is not None:
                found[partner] = max(last, found.get(partner, last))
    return {names.get(partner, partner): found[partner].isoformat() for partner in sorted(found)}


def reported(access: ReportAccess, *, actor: Actor, purpose: str, out: Path | None) -> dict[str, object]:
    """Publishes the report through an access that is open."""
    release = prepare(access, purpose=purpose).publish(actor)
    community: Community = settings.COMMUNITY
    path = out or community.reports / f"pipeline-{release.id}.html"
    made = report(release.id, actor)
    written(path, made.page, notice(release.standing))
    return {
        **registration(release),
        "disclosure": release.disclosures[-1],
        "headline": made.page.headline,
        "method": made.page.method.to_json(),
        "milestones": [to_json(m) for m in made.page.figures.milestones],
        "steps": [step_to_json(s) for s in made.page.figures.steps],
        "report": str(path),
    }


def registration(release: Published) -> dict[str, object]:
    """What every report answers when it is registered."""
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
        "disclosers": list(release.standing.disclosers),
        "notes": list(linkage_sentences(release.about.get("linkage", {}), release.tables)),
    }


def visible_data_of(grants: Iterable[Any]) -> VisibleData:
    """The columns that the grants show as they are; a blurred or emptied column cannot be counted by."""
    tables: dict[str, dict[str, frozenset[str]]] = {}
    for grant in grants:
        plain = {name for name, transform in grant.columns.items() if transform.name == "none"}
        partner = tables.setdefault(grant.table, {})
        partner[grant.discloser] = partner.get(grant.discloser, frozenset()) | plain
    return VisibleData(tables)


def _agreements(ids: Iterable[str], on: date) -> list[dict[str, str]]:
    """The agreements by title, and until when they hold."""
    known = {s.document.id: s.document for s in agreement_statuses(on)}
    return [
        {"id": id, "title": known[id].title, "until": day(known[id].terms.expires)}
        if id in known
        else {"id": id, "title": id, "until": ""}
        for id in ids
    ]


def _name(partner: str) -> str:
    facts = partners().get(partner)
    return facts.name if facts else partner


def _named(measured: MeasuredClass) -> MeasuredClass:
    """The same figures, with partners by their names."""
    return measured.renamed("partner", partner_names())
