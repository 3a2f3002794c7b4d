"""The reports on trends: outcomes over classes, in all; by school; by program. Counted through the gate, protected, registered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings

from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.gate.linkage_recall import recall
from throughway.insight.actions import ReportBody, ReportDraft, draft, visible_data_of
from throughway.insight.commitments.participation import ParticipationQueries
from throughway.insight.milestone_queries import MilestoneQueries
from throughway.insight.pipeline_tables import MILESTONE
from throughway.insight.reports.actions import ReportKind
from throughway.insight.selectors import partners_not_seen
from throughway.insight.trends.choices import (
    TREND_OUTCOMES,
    Target,
    TrendChoices,
    check_baselines,
    choices_of,
)
from throughway.insight.trends.figures import TrendSeries, heading_to_json, trend_series
from throughway.insight.trends.page import NOTHING_SHOWN, page_of, page_of_parts, shows_a_part
from throughway.insight.trends.tables import (
    CLASS,
    PROGRAM,
    TrendClass,
    spare_tables,
    trend_classes,
    trend_tables,
    with_programs,
)
from throughway.measures.measure import Measure, MeasuredClass
from throughway.measures.policy import MeasurePolicy, community_policy
from throughway.measures.sql import ENROLLED, text
from throughway.measures.stays import PART, standing
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.store import Community
from throughway.store.record_numbers import Numbers, distinct
from throughway.vocabulary.participation import ParticipationStatus

CLASSES = 5  # the latest of each outcome


@dataclass(frozen=True)
class TrendScope:
    """What one report counts. `outcomes`: those that it shows; `kinds`: the kinds of group by which it counts those in `by_group`, in
    their `latest` classes, and in the oldest if `oldest`: each figure more makes the audit with earlier releases slower."""

    id: str
    outcomes: tuple[str, ...]
    kinds: tuple[str, ...]
    by_group: frozenset[str]
    latest: int
    oldest: bool = False
    programs: bool = False

    @property
    def part(self) -> str:
        """What the report has a section for each of; empty where it is of outcomes in all."""
        return "program" if self.programs else "school" if "school" in self.kinds else ""

    def counted_by_group(self, classes: Sequence[TrendClass]) -> set[tuple[str, str]]:
        """The classes, by outcome and label, that are counted by group."""
        found: set[tuple[str, str]] = set()
        for id in self.by_group:
            keys = [each.key for each in classes if each.id == id]
            found |= {*keys[-self.latest :], *(keys[:1] if self.oldest else [])}
        return found


EVERY = TrendScope(
    "trends", tuple(m.id for m in TREND_OUTCOMES), ("low income",),
    frozenset({"reading", "math", "graduation", "enrollment", "completion"}), latest=1, oldest=True,
)  # fmt: skip
SCHOOL_OUTCOMES = ("readiness", "reading", "math", "graduation")
SCHOOLS = TrendScope("school-trends", SCHOOL_OUTCOMES, ("school",), frozenset(SCHOOL_OUTCOMES), latest=2)
PROGRAM_OUTCOMES = ("reading", "math", "graduation", "enrollment")
PROGRAMS = TrendScope(
    "program-trends", PROGRAM_OUTCOMES, (), frozenset(PROGRAM_OUTCOMES), latest=1, programs=True
)


def trends_draft(scope: TrendScope, access: GovernedAccess) -> ReportDraft:
    """One report on trends, counted and protected. Refused where the purpose shows no enrollment, where the community's file is wrong, and
    where a target compares with a class that was not counted."""
    community: Community = settings.COMMUNITY
    choices, policy = choices_of(community), community_policy(community)
    visible = visible_data_of(access.grants)
    if not visible.shows(*ENROLLED):
        raise Refused(
            f"Purpose {access.purpose} does not show enrollment days, schools and grades, so no class can be counted; an agreement must list "
            "school_enrollment in its schedule for this purpose.",
            code="not_granted",
        )
    measures = [m for m in TREND_OUTCOMES if m.id in scope.outcomes]
    queries = MilestoneQueries(access, visible, policy, access.on)
    names = partner_names()
    found = list(
        queries.every_class(measures, lambda m: CLASSES * choices.classes_together(m.id), scope.kinds)
    )
    classes = trend_classes(found, choices.together or {})
    kinds, disclosures = list(scope.kinds), list(queries.disclosures)
    if scope.programs:
        took_part, more = _took_part(access, names)
        due = {(m.measure.id, m.class_year or 0): m.measure.due(m.class_year, policy).toordinal() for each in classes for m in each.measured if m.class_year}  # fmt: skip
        classes = with_programs(classes, took_part, due)
        kinds, disclosures = [f"{PROGRAM}{name}" for name in took_part], [*disclosures, *more]
    tables, relations = trend_tables(classes, kinds, scope.counted_by_group(classes))
    targets = [t for t in choices.targets if t.outcome in scope.outcomes]
    check_baselines(targets, _years(classes))
    headings = [_heading(m, found, classes, choices, policy) for m in measures]
    known = recall()
    about: dict[str, Any] = {
        "page": f"{scope.id}:release", "headings": headings, "kinds": kinds, "targets": [t.to_json() for t in targets],
        "recall": known.low if known else None,
    }  # fmt: skip

    def compose(joint: JointTables) -> ReportBody:
        series = trend_series(headings, joint.tables, kinds, targets, about["recall"])
        absent = [(s.name, s.why or NOTHING_SHOWN) for s in series if s.newest is None]
        empty = len(absent) == len(series)
        if scope.part:  # whose outcomes in all can be withheld where those of a school are shown, and shown where none of a program is
            empty = not shows_a_part(series, scope.part)
            absent = absent or [(f"Each {scope.part}", NOTHING_SHOWN)] if empty else []
        return ReportBody(about=about, absent=absent, empty=empty)

    return draft(
        access, report=scope.id, title=KINDS_BY_ID[scope.id].title, disclosures=disclosures, compose=compose,
        reads=_reads(measures, scope),
        counted=CountedTables(
            tables, access.minimum_cell, relations, _keys(classes, policy), rule=access.publication_rule, spare=spare_tables(kinds),
        ),
    )  # fmt: skip


def _took_part(access: GovernedAccess, names: Mapping[str, str]) -> tuple[dict[str, list[tuple[int, Numbers]]], list[str]]:  # fmt: skip
    """By program, named as in the release, who took part, by the number of the first day; and the ledger's entries."""
    queries = ParticipationQueries(access, visible_data_of(access.grants), access.on)
    partners = queries.visible.partners(*PART)
    if not partners:
        raise Refused(f"No agreement of purpose {access.purpose} shows who takes part in programs.", code="not_granted")  # fmt: skip
    called = {
        p.id: f"{p.name or p.key}, {names.get(p.partner, p.partner)}" for p in queries.programs(partners)
    }
    rows, disclosure = access.figures(
        "SELECT program_identifier, person_id, MIN(program_participation_start_date) AS first FROM program_participation "
        f"WHERE {standing()} = {text(ParticipationStatus.TOOK_PART)} GROUP BY program_identifier, person_id"
    )
    by_day: dict[str, dict[int, list[int]]] = {}
    for row in rows.to_pylist():
        if row["program_identifier"] in called and row["first"]:
            days = by_day.setdefault(called[row["program_identifier"]], {})
            days.setdefault(row["first"].toordinal(), []).append(int(row["person_id"]))
    found = {
        name: [
            (first, distinct(np.array(sorted(persons), np.int64))) for first, persons in sorted(days.items())
        ]
        for name, days in sorted(by_day.items())
    }
    return found, [*queries.disclosures, disclosure]


def _heading(
    measure: Measure, found: Iterable[MeasuredClass], classes: Iterable[TrendClass], choices: TrendChoices, policy: MeasurePolicy
) -> dict[str, str]:  # fmt: skip
    """An outcome as a release stores it; `why`: why it has no class."""
    own = [m for m in found if m.measure.id == measure.id]
    why = ""
    if not any(each.id == measure.id for each in classes):
        many = choices.classes_together(measure.id)
        why = (
            next((m.cure for m in own if m.cure), "")
            or f"Fewer than {many} classes in a row can be judged yet."
        )
    elif all(m.why_unseen for m in own):
        why = next((m.cure for m in own if m.cure), "")
    return heading_to_json(measure.id, measure.definition(policy), measure.window(policy), why)


def _years(classes: Iterable[TrendClass]) -> dict[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    for each in classes:
        found.setdefault(each.id, []).extend(each.years)
    return {id: sorted(years) for id, years in found.items()}


def _keys(classes: Iterable[TrendClass], policy: MeasurePolicy) -> dict[tuple[str, str], str]:
    """What each class counts: its outcome under its definition, and its years."""
    found: dict[tuple[str, str], str] = {}
    for each in classes:
        measure = each.measured[0].measure
        found[MILESTONE, measure.name] = f"{measure.id} {measure.definition(policy)} {measure.window(policy)}"
        found[CLASS, each.label] = each.label
    return found


def _reads(measures: Iterable[Measure], scope: TrendScope) -> set[str]:
    """The tables that it reads."""
    needed = {source[0] for m in measures for sources in m.needs for source in sources} | {ENROLLED[0]}
    return needed | ({"program_participation", "program"} if scope.programs else set())


def series_of(release: Published) -> tuple[TrendSeries, ...]:
    """The outcomes of one release of a report on trends. It counts no class by partner: whose part of one is not seen, the newest pipeline
    shows."""
    about = release.about
    targets = [Target.from_json(each) for each in about["targets"]]
    found = trend_series(about["headings"], release.tables, about["kinds"], targets, about["recall"])
    unseen = partners_not_seen()
    return tuple(replace(series, unseen=unseen.get(series.id, {})) for series in found)


PARTS = (
    ("school-trends:newest", "Trends by school"), ("program-trends:newest", "Trends by program"), ("experiences:newest", "Experiences"),
)  # fmt: skip
WHOLE = (("trends:newest", "Trends"), ("experiences:newest", "Experiences"))
REPORT = ReportKind(
    EVERY.id, "Trends",
    "What share of each class reached an outcome, from kindergarten to a living wage, year after year, with targets and gaps.",
    partial(trends_draft, EVERY), lambda release: page_of(series_of(release), release.about["recall"]), PARTS,
)  # fmt: skip
SCHOOL_REPORT = ReportKind(
    SCHOOLS.id, "Trends by school", "The outcomes of each school's own classes, year after year.",
    partial(trends_draft, SCHOOLS), lambda release: page_of_parts(series_of(release), "school"), WHOLE,
)  # fmt: skip
PROGRAM_REPORT = ReportKind(
    PROGRAMS.id, "Trends by program",
    "The outcomes of those who took part in a program and of those who did not. It describes them, and does not show what the program did.",
    partial(trends_draft, PROGRAMS), lambda release: page_of_parts(series_of(release), "program"), WHOLE,
)  # fmt: skip
KINDS_BY_ID: Mapping[str, ReportKind] = {kind.id: kind for kind in (REPORT, SCHOOL_REPORT, PROGRAM_REPORT)}
