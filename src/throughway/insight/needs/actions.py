"""The report on needs: counted through the gate, and what its page shows."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from django.conf import settings

from throughway.core.prose import capital, listed, school_year
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess
from throughway.insight.actions import ReportBody, ReportDraft, draft, visible_data_of
from throughway.insight.needs.page import limits, method, need_page
from throughway.insight.needs.queries import REFERRAL, NeedQueries
from throughway.insight.needs.site_referrals import MADE_HERE
from throughway.insight.needs.statuses import AskedRows, NeedStatus, outcomes
from throughway.insight.needs.tables import (
    ANY,
    ASKED_FOR,
    BY_RULE,
    NEED,
    OF_PARTNER,
    PARTNER,
    UNNAMED,
    YEAR,
    AskedPartner,
    CountedNeed,
    by_step,
    needs_to_json,
    raw_tables,
    relations,
    served_by,
)
from throughway.insight.reports.actions import ReportKind
from throughway.insight.reports.page import ReportPage
from throughway.measures.needs import AskedNeed, Need, NeedRules, rules_of
from throughway.measures.policy import community_policy
from throughway.measures.stays import PART
from throughway.partners.selectors import partner_names
from throughway.publication.joint_release import CountedTables, JointTables
from throughway.publication.selectors import Published
from throughway.store.record_numbers import NOBODY, Numbers, any_of
from throughway.supports.selectors import entries
from throughway.vocabulary import CODE_SETS
from throughway.vocabulary.school_calendar import school_year_of

NEEDS = "needs"
YEARS = 2  # school years: this one and the one before
READ = frozenset(
    {"program", "program_participation", "service_received", "referral", "referral_event", "need", "survey_response", "school_enrollment", "attendance_day",
     "assessment_result", "course_grade", "person_language", "person_status", "organization"}
)  # fmt: skip


class CountingNeeds:
    """One count of needs: the needs of each school year, and what cannot be told, with the reason."""

    def __init__(self, queries: NeedQueries, by_choice: frozenset[str], names: dict[str, str]) -> None:
        self.queries, self.by_choice, self.names = queries, by_choice, names
        self.absent: list[tuple[str, str]] = []
        self.needs: list[CountedNeed] = []
        self.partners: list[AskedPartner] = []

    def count(self, year: int) -> None:
        """Counts one school year."""
        active, helped, asked = (
            self.queries.with_records(year),
            self.queries.helped(year),
            self.queries.asked(year),
        )
        if not active and not asked.persons.size:
            self.absent.append(
                (
                    school_year(year),
                    "No record of a program, a service or a referral of this school year has come in. That does not mean zero.",
                )
            )
            return
        for place, each in enumerate(self.queries.asked_kinds):
            who = asked.who(place)
            if who.size:
                self._add(
                    capital(each.words),
                    year,
                    ASKED_FOR,
                    who,
                    each.answered_by,
                    active,
                    helped,
                    asked,
                    (place,),
                )
        if (who := asked.who(-1)).size:
            self._unnamed(year, who, asked)
        enrolled = self.queries.enrolled(year)
        for need in self.queries.rules.needs:
            self._by_rule(need, year, enrolled, active, helped, asked)
        called = {-1: UNNAMED} | {n: capital(each.words) for n, each in enumerate(self.queries.asked_kinds)}
        for number, partner in enumerate(asked.partners):
            at = {called[need]: alone for need, alone in asked.asked_at(number).items()}
            found = AskedPartner(
                self.names.get(partner, partner), year, by_step(asked.of_partner(number)), tuple(at), tuple(n for n in at if at[n])
            )  # fmt: skip
            if not found.says_nothing_new:
                self.partners.append(found)

    def _by_rule(
        self, need: Need, year: int, enrolled: Numbers, active: frozenset[str], helped: dict[str, Numbers], asked: AskedRows
    ) -> None:  # fmt: skip
        name = capital(need.words)
        found = self.queries.by_rule(need, year, enrolled) if enrolled.size else None
        if found is None:
            elements = sorted({path for rule in need.when for path in rule.of.elements})
            self.say(
                name,
                f"No agreement of this purpose shows {listed(elements)} for all students, so the rule cannot be counted."
                if enrolled.size
                else f"No enrollment of {school_year(year)} is shown or has come in.",
            )
            return
        if not found.need.size and not found.none.size:
            self.say(
                name,
                f"No record of {school_year(year)} says of any student whether it is so. That does not mean zero.",
            )
            return
        related = [
            place
            for place, each in enumerate(self.queries.asked_kinds)
            if not set(each.answered_by).isdisjoint(need.answered_by)
        ]
        self._add(name, year, BY_RULE, found.need, need.answered_by, active, helped, asked, related, found.none, found.untold)  # fmt: skip

    def _add(
        self, name: str, year: int, found_by: str, who: Numbers, answered_by: Sequence[str], active: frozenset[str],
        helped: dict[str, Numbers], asked: AskedRows, places: Sequence[int], none: Numbers | None = None, untold: Numbers | None = None,
    ) -> None:  # fmt: skip
        all_records = self._all_records(name, year, answered_by, active)
        counted = outcomes(
            need=who, served=any_of((NOBODY, *(helped[code] for code in answered_by if code in helped))),
            asked=asked.furthest(places), all_records=all_records,
        )  # fmt: skip
        found = counted.folded() if found_by == BY_RULE else counted
        impossible = {NeedStatus.UNKNOWN} if all_records and found_by == BY_RULE else set()
        if not all_records or (found_by == ASKED_FOR and not (asked.steps < 0).any()):
            impossible.add(NeedStatus.NEVER)
        possible = tuple(
            s for s in NeedStatus if s in found.by_status and (s not in impossible or found.by_status[s].size)
        )
        self.needs.append(CountedNeed(name, year, found_by, found, possible, none, untold))

    def _unnamed(self, year: int, who: Numbers, asked: AskedRows) -> None:
        found = outcomes(need=who, served=NOBODY, asked=asked.furthest((-1,)), all_records=False)
        possible = tuple(status for status in found.by_status if status is not NeedStatus.NEVER)
        self.needs.append(CountedNeed(UNNAMED, year, ASKED_FOR, found, possible))
        self.say(
            UNNAMED,
            "Some referrals give a reason that needs.yaml does not name, so nobody knows which support answers it. Add the reason to its "
            "list `asked`.",
        )  # fmt: skip

    def _partner(self, program: str) -> str:
        id = program.partition("/")[0]
        return self.names.get(id, id)

    def _all_records(self, name: str, year: int, answered_by: Sequence[str], active: frozenset[str]) -> bool:
        """Whether every listed program that answers a need sent records of the year of all its students; says so where not."""
        answering = sorted(id for id, code in self.queries.programs.items() if code in answered_by)
        kinds = listed(CODE_SETS["program_subtype"][code].lower() for code in answered_by)
        if not answering:
            self.say(
                name,
                f"No list of programs that this purpose shows names one for {kinds}; who was not asked for is not known.",
            )
            return False
        silent = [id for id in answering if id not in active]
        if silent:
            known = self.queries.program_names
            called = [f"{known[id]} ({self._partner(id)})" if id in known else id for id in silent]
            self.say(
                name,
                f"{listed(called)} sent no records of {school_year(year)}, so nobody knows whom it served; who was not asked for is not known.",
            )
        chosen = sorted({self._partner(id) for id in answering if id.partition("/")[0] in self.by_choice})
        if chosen:
            self.say(
                name,
                f"Records of {listed(chosen)} are shown only of families who chose it; of the others it is not known.",
            )
        return not silent and not chosen

    def say(self, what: str, why: str) -> None:
        if (what, why) not in self.absent:
            self.absent.append((what, why))


def counted_needs(access: GovernedAccess, years: Iterable[int]) -> CountingNeeds:
    """The needs of these school years, as counted: never shown. Refused where the purpose shows neither participation nor referrals."""
    visible, names = visible_data_of(access.grants), partner_names()
    if not any(visible.shows(*each) for each in (PART, REFERRAL, MADE_HERE)):
        raise Refused(
            f"Purpose {access.purpose} shows neither who takes part in programs nor referrals. An agreement must list program_participation or "
            "referral in its schedule for this purpose.",
            code="not_granted",
        )  # fmt: skip
    rules = rules_of(settings.COMMUNITY).covered_by(access.grants)
    supports = {str(each.number): each.said.category for each in entries()}
    queries = NeedQueries(access, visible, rules, community_policy(settings.COMMUNITY), access.on, supports)
    by_choice = frozenset(
        g.discloser for g in access.grants if g.choices and g.table in ("program_participation", "service_received", "referral", "referral_event")
    )  # fmt: skip
    counting = CountingNeeds(queries, by_choice, names)
    for survey in queries.without_answers():
        counting.say(
            f"Survey “{survey}”",
            "No answer of a survey of exactly this name has come in. See how the file names it, and write it so in needs.yaml.",
        )
    for year in years:
        counting.count(year)
    return counting


def needs_draft(access: GovernedAccess) -> ReportDraft:
    """Needs and help, counted and protected. Refused where the purpose shows neither participation nor referrals, and where no need can be
    counted."""
    this_year = school_year_of(access.on)
    counting = counted_needs(access, range(this_year, this_year - YEARS, -1))
    queries, names = counting.queries, counting.names
    if not counting.needs:
        raise Refused(
            "No need can be counted. " + " ".join(f"{what}: {why}" for what, why in counting.absent),
            code="no_figures",
        )
    # Groups, reasons and partners are counted of the last whole school year, or of this one where there is no other.
    year = min(each.year for each in counting.needs)
    groups = queries.groups(year)
    groups |= {
        kind: {names.get(name, name): persons for name, persons in of.items()}
        for kind, of in groups.items()
        if kind == OF_PARTNER
    }
    tables = raw_tables(counting.needs, counting.partners, groups, year)

    def compose(joint: JointTables) -> ReportBody:
        return ReportBody(
            about={
                "page": "needs:release", "needs": needs_to_json(counting.needs), "year": year,
                "groups": list(groups), "schools": queries.organizations, "method": method([need.words for need in queries.rules.needs]),
                "limits": limits(queries.rules.needs),
                "absent": [{"what": what, "why": why} for what, why in counting.absent],
            },
            absent=counting.absent or [("Needs", "Every figure is zero or below the smallest number that may be shown.")],
            empty=not any(isinstance(cell.shown, int) for table in joint.tables for cell in table.cells),
        )  # fmt: skip

    return draft(
        access, report=NEEDS, title=REPORT.title, disclosures=queries.disclosures, compose=compose,
        reads=READ & {grant.table for grant in access.grants},
        counted=CountedTables(
            tables, access.minimum_cell, relations(counting.needs, year, counting.partners, groups), _classes(counting, queries.rules),
            rule=access.publication_rule, spare=tuple(served_by(kind) for kind in groups),
        ),
    )  # fmt: skip


def _classes(counting: CountingNeeds, rules: NeedRules) -> dict[tuple[str, str], str]:
    """Each need of each school year, under the rules by which it was counted."""
    told = _digest(rules.needs, rules.asked)
    return (
        {(YEAR, str(each.year)): f"{each.year} {told}" for each in counting.needs}
        | {(NEED, name): name for name in (*ANY.values(), *(each.name for each in counting.needs))}
        | {(PARTNER, each.name): each.name for each in counting.partners}
    )


def _digest(needs: Iterable[Need], asked: Iterable[AskedNeed]) -> str:
    said = [*map(repr, needs), *map(repr, asked)]
    return sha256(repr(said).encode()).hexdigest()[:16]


def page(found: Published) -> ReportPage:
    return need_page(found.about, found.tables)


REPORT = ReportKind(
    NEEDS,
    "Needs against help",
    "Of students with a need: who is served, who waits, who got no answer, and who was never referred.",
    needs_draft,
    page,
)
