"""Gathers the page of the month for one reader: public releases, facts of the directory and of agreements, and what is due."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from throughway.casework.referrals.referral import LATE
from throughway.casework.referrals.selectors import unanswered
from throughway.core.prose import counted, day, listed
from throughway.evidence.selectors import decisions_due
from throughway.insight.commitments.figures import PromiseFigures
from throughway.insight.commitments.selectors import SERVICES, promises
from throughway.insight.counts.selectors import publication_states
from throughway.insight.figures import Milestone
from throughway.insight.needs.actions import REPORT as NEEDS_REPORT
from throughway.insight.needs.page import need_of_group, need_talk
from throughway.insight.reach.figures import ProgramReach
from throughway.insight.reach.page import talking_points
from throughway.insight.reach.selectors import REACH, programs_in
from throughway.insight.selectors import Report, newest_report
from throughway.insight.trends.actions import SCHOOL_REPORT, series_of
from throughway.insight.trends.figures import TrendSeries
from throughway.partners import OPERATOR, Actor
from throughway.partners.selectors import partner_names, sites_of
from throughway.partners.site_assignment import SiteKind
from throughway.publication.selectors import Published, published, registered
from throughway.site.home.changes import recent_changes
from throughway.site.home.page import HomeContext
from throughway.site.monthly.headline import (
    MOST_HEADLINES,
    HeadlineFigure,
    hours_not_shown,
    of_everybody,
    of_group,
    of_programs,
    of_school,
)
from throughway.site.monthly.month import (
    A_MONTH,
    MOST_CHANGES,
    MOST_DUE,
    MOST_TALK,
    MonthlyLine,
    MonthlyPage,
    figure_changes,
    group_points,
    school_outcome,
)
from throughway.site.open_steps.selectors import open_steps, waiting
from throughway.supports.entry import FEW_WAIT, SupportEntry
from throughway.supports.selectors import ended_programs, recent_entries, stated_on

REPORTS = ("services", "reach", "needs", "overlaps", "trends")  # kinds whose figures name a school year
FOLLOWED = frozenset(
    {"carry_out_finding", "measure_again"}
)  # open steps that the decisions themselves stand for


def monthly_page(actor: Actor, today: date) -> MonthlyPage:
    """The page for the reader's school, where the reader is responsible for one; else for the reader's organization."""
    month = _Month(actor, today)
    own = month.own_figures
    headline = own if month.schools or month.is_district else [*own, *of_everybody(month.milestones)]
    headline = headline or [*of_everybody(month.milestones)]
    return MonthlyPage(
        month.whose, today - A_MONTH, today,
        [*month.changes()][:MOST_CHANGES], _once(month.talk())[:MOST_TALK], [*month.due()][:MOST_DUE],
        month.sources(), headline[:MOST_HEADLINES], month.not_shown(own, headline), month.unpublished(),
    )  # fmt: skip


def for_the_home(actor: Actor, today: date) -> tuple[list[MonthlyLine], list[MonthlyLine]]:
    """What to talk about, and where reports stand that are asked for and not public: as on the page of the month."""
    month = _Month(actor, today)
    return _once(month.talk())[:MOST_TALK], month.unpublished()


def _once(lines: Iterable[MonthlyLine]) -> list[MonthlyLine]:
    """The lines, each sentence once."""
    return [*{line.text: line for line in lines}.values()]


@dataclass
class _Month:
    actor: Actor
    today: date

    @cached_property
    def partner(self) -> str:
        return partner_names().get(self.actor.partner or "", self.actor.partner or "")

    @cached_property
    def context(self) -> HomeContext:
        return HomeContext(self.actor, self.today)

    @cached_property
    def public(self) -> Mapping[str, Sequence[str]]:
        """The public releases of each kind of report, newest first."""
        known: dict[str, list[str]] = {}
        for each in registered(self.actor):
            if each.standing.is_public and "report" in each.about:
                known.setdefault(each.about["report"], []).append(each.id)
        return known

    def _newest(self, report: str) -> Published | None:
        ids = self.public.get(report, ())
        return published(ids[0], OPERATOR) if ids else None

    @cached_property
    def pipeline(self) -> Report | None:
        return newest_report()

    @cached_property
    def services(self) -> Published | None:
        return self._newest(SERVICES)

    @cached_property
    def reach(self) -> Published | None:
        return self._newest(REACH)

    @cached_property
    def needs(self) -> Published | None:
        return self._newest(NEEDS_REPORT.id)

    @cached_property
    def programs(self) -> Sequence[ProgramReach]:
        """The seats of a season that has ended are left out: they are no seats."""
        ended = ended_programs(self.today)
        found = programs_in(self.reach) if self.reach else ()
        return [replace(each, seats=None) if each.id in ended else each for each in found]

    @cached_property
    def schools(self) -> list[str]:
        """The names of the schools for which the reader is responsible, as the newest report of needs names them."""
        names = self.needs.about.get("schools", {}) if self.needs else {}
        sites = (site for site in sites_of(self.actor, self.today) if site.kind is SiteKind.SCHOOL)
        return sorted(names[site.id] for site in sites if site.id in names)

    @property
    def whose(self) -> str:
        return listed(self.schools) or self.partner

    @cached_property
    def own(self) -> list[SupportEntry]:
        """Those of seasons that run or are to come."""
        mine = [each for each in recent_entries() if each.partner == self.actor.partner]
        return [each for each in mine if not each.has_ended(self.today)]

    @cached_property
    def by_school(self) -> Published | None:
        """The newest trends by school, for a reader who is responsible for one."""
        return self._newest(SCHOOL_REPORT.id) if self.schools else None

    @cached_property
    def school_trends(self) -> Sequence[TrendSeries]:
        return series_of(self.by_school) if self.by_school else ()

    @cached_property
    def milestones(self) -> Sequence[Milestone]:
        """Those of the newest pipeline, without its early signs."""
        return [milestone for milestone in self.every_milestone if not milestone.heading.sign]

    @property
    def every_milestone(self) -> Sequence[Milestone]:
        return self.pipeline.page.figures.milestones if self.pipeline else ()

    @property
    def is_district(self) -> bool:
        return any(
            f.name == self.partner for each in self.every_milestone for f in each.groups.get("partner", ())
        )

    @cached_property
    def promised(self) -> Sequence[PromiseFigures]:
        return promises(self.actor, self.today, self.services)

    @cached_property
    def own_figures(self) -> Sequence[HeadlineFigure]:
        """The figures of the reader's school or district; or of the programs that the reader's organization runs."""
        own = [each for school in self.schools for each in of_school(self.school_trends, school)]
        if not own:
            of = [("school", school) for school in self.schools] or [("partner", self.partner)]
            own = [each for kind, name in of for each in of_group(self.every_milestone, kind, name)]
        if own or self.schools:
            return own
        return of_programs(self.actor.partner or "", self.promised, self.programs, self.own, self.today)

    def not_shown(self, own: Sequence[HeadlineFigure], shown: Sequence[HeadlineFigure]) -> str:
        """That no figure is of the reader's school or organization, or which of its programs' is not shown, in a sentence; empty where
        there is nothing to say."""
        if not own:
            return self.none_of_ours() if shown else ""
        return (
            ""
            if self.schools or self.is_district
            else hours_not_shown(self.actor.partner or "", self.promised)
        )

    def none_of_ours(self) -> str:
        """That the figures that stand first are of everybody, in a sentence."""
        community = settings.COMMUNITY.settings.community.name or "the community"
        together = (
            " Several classes counted together (trends.yaml) can be large enough." if self.schools else ""
        )
        return (
            f"These shares are of all students of {community}. No share is published of {self.whose} alone: there is none, or it is of too few "
            f"students to show.{together}"
        )

    def unpublished(self) -> list[MonthlyLine]:
        """Where reports stand that are asked for and not public."""
        return [MonthlyLine(each.sentence, each.href) for each in publication_states(self.actor, self.today)]

    def changes(self) -> Iterator[MonthlyLine]:
        """Published figures of the reader's own programs and schools, seats of own programs, then agreements and releases."""
        own = [each.label for each in self.programs if each.partner == self.actor.partner]
        own += [f"{each.said.name}, {self.partner}" for each in self.own]
        since = self.today - A_MONTH
        known = (self.public.get(report, ()) for report in REPORTS)
        for now, before in (ids[:2] for ids in known if len(ids) > 1):
            newer = published(now, OPERATOR)
            if newer.standing.public_on is not None and newer.standing.public_on >= since:
                href = reverse("publication:release", args=[now])
                for change in figure_changes(
                    newer.tables, published(before, OPERATOR).tables, [*own, *self.schools, self.partner]
                ):
                    yield MonthlyLine(change.text, href)
        earlier = stated_on(since, [each.number for each in self.own])
        for each in self.own:
            then, now_words = earlier.get(each.number), each.said.seats_words
            if then is not None and now_words and then.seats_words not in ("", now_words):
                yield MonthlyLine(
                    f"{each.said.name}: {now_words}; on {day(since)}, {then.seats_words}", reverse("supports:entry", args=[each.number])
                )  # fmt: skip
        for item in recent_changes(self.context):
            yield MonthlyLine(item.text, item.href, item.when)

    def talk(self) -> Iterator[MonthlyLine]:
        """What is the reader's own: of the school beside its district or of the district, then of the programs of the organization; then
        what holds for everybody."""
        yield from self.of_groups
        if self.own:
            yield from self._short_promises(own=True)
            yield from self._own_waits()
        for each in unanswered(self.today):
            if each.partner == self.partner:
                text = f"Referrals to us without an answer for {LATE} days or more: {each.words}."
                yield MonthlyLine(text, reverse("casework:unanswered") if self.actor.role == "leader" else "")
        reached = self._reached()
        if self.own:
            yield from reached
        without_help = need_talk(self.needs.about, self.needs.tables) if self.needs else []
        yield from (MonthlyLine(each, reverse("needs:newest")) for each in without_help[:1])
        yield from reached[:1]
        yield from self._short_promises(own=False)
        if self.pipeline and self.milestones:
            yield MonthlyLine(f"{self.pipeline.page.headline}.", reverse("insight:pipeline"))
        yield from reached[1:]

    def _own_waits(self) -> Iterator[MonthlyLine]:
        """The own program for which most wait, as the directory says it."""
        waits = [(each.said.waiting or 0, each) for each in self.own if (each.said.waiting or 0) >= FEW_WAIT]
        for _, each in sorted(waits, key=lambda one: (-one[0], one[1].said.name))[:1]:
            words = ", ".join(filter(None, (each.said.waiting_words, each.said.seats_words)))
            yield MonthlyLine(f"{each.said.name}: {words}.", reverse("supports:entry", args=[each.number]))

    @cached_property
    def of_groups(self) -> Sequence[MonthlyLine]:
        """Of each of the reader's schools with its district beside it, then of the district: milestones, and needs without help."""
        found: list[MonthlyLine] = []
        for school in self.schools:
            points = self._points("school", school, self.partner)
            outcome = school_outcome(self.school_trends, school)
            found += points[:1]
            found += [MonthlyLine(outcome, reverse("school-trends:newest"))] if outcome else []
            found += [*self._need_of("school", school), *points[1:]]
        own_need = self._need_of("partner", self.partner)
        if self.schools:
            return [*found, *own_need]
        lines = self._points("partner", self.partner)
        return [*lines[:1], *own_need, *lines[1:]]

    def _points(self, kind: str, name: str, district: str = "") -> list[MonthlyLine]:
        """Milestones of one school or district; those whose number stands first on the page already come last."""
        said = group_points(self.every_milestone, kind, name, district)
        said.sort(key=lambda each: any(f": {figure.value} " in each for figure in self.own_figures))
        return [MonthlyLine(each, reverse("insight:pipeline")) for each in said]

    def _need_of(self, kind: str, name: str) -> list[MonthlyLine]:
        need = need_of_group(self.needs.about, self.needs.tables, kind, name) if self.needs else ""
        return [MonthlyLine(need, reverse("needs:newest"))] if need else []

    def _reached(self) -> list[MonthlyLine]:
        own = [each for each in self.programs if each.partner == self.actor.partner]
        said = talking_points(own or self.programs)
        return [MonthlyLine(sentence, reverse("reach:newest")) for sentence in said]

    def _short_promises(self, *, own: bool) -> Iterator[MonthlyLine]:
        """The promise with most promised seats not taken, by the newest public figures; of the own ones, or of all."""
        found = []
        for each in self.promised:
            year = max(each.years, key=lambda year: year.year, default=None)
            if (
                year
                and each.promise.seats
                and isinstance(year.students, int)
                and year.students < each.promise.seats
                and (not own or each.promise.partner == self.actor.partner)
            ):
                short = each.promise.seats - year.students
                beside = f"; {each.beside}" if each.beside else ""
                text = f"{each.promise.program}: {counted(each.promise.seats, 'seat')} promised, {year.students:,} took part in {year.words}{beside}."
                found.append((short, text))
        if found:
            yield MonthlyLine(max(found)[1], reverse("services:newest"))

    def due(self) -> Iterator[MonthlyLine]:
        """Decisions after studies that the reader's organization carries out, then the reader's open steps, the most pressing first."""
        decided = decisions_due(self.today, within_days=A_MONTH.days)
        for each in decided:
            if each.owner_partner == self.actor.partner:
                when = day(each.next_day) if each.next_day else ""
                yield MonthlyLine(f"Decided after the study “{each.title}”: {each.owner} reports", when=when)
        steps = [
            w
            for w in waiting(open_steps(self.today), self.today)
            if w.step.is_for(self.actor) and w.step.kind not in FOLLOWED
        ]
        titles = {s.document.id: s.document.title for s in self.context.all_standings}
        for step in sorted(steps, key=lambda w: (w.step.due or date.max, w.step.title)):
            about = titles.get(step.step.agreement or "", "")
            text = f"{step.step.title}: {about}" if about else step.step.title
            yield MonthlyLine(text, step.href, day(step.step.due) if step.step.due else "")

    def sources(self) -> str:
        """Which releases the page quotes."""
        made = self.pipeline
        found = [
            f"{what} (release {each.id}, {day(each.on)})"
            for what, each in (
                ("pipeline", made.release if made else None),
                ("services", self.services),
                ("needs", self.needs),
                ("reach", self.reach),
                ("trends by school", self.by_school),
            )
            if each is not None
        ]
        community = str(settings.COMMUNITY.settings.community.name or "The community")
        if not found:
            return f"{community} has published no figures yet."
        return f"Figures are {community}’s newest public ones: {listed(found)}. Small figures are withheld, so that no child can be picked out."
