"""Queries, through the gate, which students have a need in a school year, who was helped, and how far each referral came.

A need is found by a rule over records, or because somebody asked: a referral, an application to a program, a need noted by a person, or an
answer to a survey that the community's rules name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.insight.gate_questions import FiguresAccess, GateQuestions
from throughway.insight.needs.site_referrals import MADE_HERE, NOTED_ONLY, each_once, site_referrals
from throughway.insight.needs.statuses import RANK, AskedRows, NeedStep
from throughway.insight.needs.tables import OF_PARTNER, SCHOOL
from throughway.measures import assessments
from throughway.measures.groups import groups_of, groups_of_persons, shown
from throughway.measures.need_facts import BY_TESTS, as_of, rule_sql
from throughway.measures.needs import AskedNeed, Need, NeedRules
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import (
    ENROLLED,
    VisibleData,
    day,
    query,
    school_year,
    spells,
    stays,
    text,
    texts,
    year_end,
    year_start,
)
from throughway.measures.stays import PART, STATUS, standing, stays_of
from throughway.store.record_numbers import NOBODY, Numbers, any_of, distinct, less
from throughway.vocabulary import CODE_SETS
from throughway.vocabulary.participation import ParticipationStatus

LISTED = ("program", "program_identifier", "program_subtype")
SERVICE = ("service_received", "program_identifier", "service_date")
REFERRAL = ("referral", "referral_date", "referral_reason", "referral_status")
NOTED = ("need", "program_subtype", "need_since", "need_state")
ANSWERED = ("survey_response", "survey_identifier", "survey_question_code", "response_date")
GROUPS = (SCHOOL, OF_PARTNER, "race", "low income")  # the least useful first
LANGUAGE = "language at home"
ENGLISH = "eng"
MOST_LANGUAGES = 3  # shown by name, besides English
NOBODY_ASKED = "CAST(NULL AS VARCHAR) AS partner, CAST(NULL AS DATE) AS asked_on, 0 AS on_site"


@dataclass(frozen=True)
class Found:
    """Who has a need by the rules in a school year, who does not, and of which enrolled students the records do not say; sorted."""

    need: Numbers
    none: Numbers
    untold: Numbers


NAME_OF_SURVEY = "LOWER(TRIM(survey_identifier))"


class NeedQueries(GateQuestions):
    """Needs and help. `supports`: the kind of support of each entry of the
    directory, by its number."""

    def __init__(
        self, access: FiguresAccess, visible: VisibleData, rules: NeedRules, policy: MeasurePolicy, on: date,
        supports: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        super().__init__(access, visible, on)
        self.rules, self.supports = rules, supports
        self.asked_kinds: list[AskedNeed] = rules.asked_kinds()
        self._policy = policy

    @cached_property
    def policy(self) -> MeasurePolicy:
        """The policy with the lines of the proficiency table about tests in the records, because the table may be long."""
        asked = assessments.names_of_tests(self.visible, self._policy, every_grade=True)
        if asked is None:
            return self._policy
        named = set(self._table(asked)["test"].to_pylist())
        return replace(self._policy, levels=tuple(each for each in self._policy.levels if each.test in named))

    @cached_property
    def programs(self) -> dict[str, str]:
        """The kind of support of each listed program; empty where the lists do not say, or differ."""
        if not self.visible.shows(*LISTED):
            return {}
        rows = self._table(f"SELECT program, code FROM ({KIND}) AS kind")
        return {str(id): str(code or "") for id, code in zip(rows["program"].to_pylist(), rows["code"].to_pylist(), strict=True)}  # fmt: skip

    @cached_property
    def program_names(self) -> dict[str, str]:
        """The name of each listed program, where the lists say it."""
        named = self.visible.column("program", "program_name")
        rows = self._table(
            f"SELECT program_identifier AS id, MIN({named}) AS name FROM program WHERE program_identifier IS NOT NULL GROUP BY ALL"
        ).to_pylist()
        return {str(row["id"]): str(row["name"]) for row in rows if row["name"]}

    def with_records(self, year: int) -> frozenset[str]:
        """The programs that have any record of the school year."""
        first, last = self._days(year)
        parts = []
        if self.visible.shows(*PART):
            year_of = self._year_of_application()
            parts.append(f"SELECT program FROM part WHERE start <= {last} AND finish >= {first}")
            parts.append(
                f"SELECT program_identifier AS program FROM program_participation WHERE {year_of} = {year}"
            )
        if self.visible.shows(*SERVICE):
            parts.append(
                f"SELECT program_identifier AS program FROM service_received WHERE service_date BETWEEN {first} AND {last}"
            )
        if not parts:
            return frozenset()
        ctes = stays_of(self.visible, self.on) if self.visible.shows(*PART) else {}
        rows = self._table(query(ctes, " UNION ".join(parts)))
        return frozenset(str(program) for program in rows["program"].to_pylist() if program)

    def helped(self, year: int) -> dict[str, Numbers]:
        """By kind of support, who was in a program of that kind or had a service of it in the school year."""
        if not self.programs:
            return {}
        first, last = self._days(year)
        ctes = {"kind": KIND}
        parts = []
        if self.visible.shows(*PART):
            ctes |= stays_of(self.visible, self.on)
            parts.append(
                f"SELECT s.person_id, k.code FROM part AS s JOIN kind AS k ON k.program = s.program WHERE s.start <= {last} AND s.finish >= {first}"
            )
        if self.visible.shows(*SERVICE):
            parts.append(
                "SELECT r.person_id, k.code FROM service_received AS r JOIN kind AS k ON k.program = r.program_identifier "
                f"WHERE r.service_date BETWEEN {first} AND {last}"
            )
        if not parts:
            return {}
        rows = self._table(
            query(
                ctes,
                f"SELECT person_id, code FROM ({' UNION '.join(parts)}) AS helped WHERE code IS NOT NULL",
            )
        )
        return _by(rows, "code")

    def asked(self, year: int) -> AskedRows:
        """Referrals, applications, needs that people noted and answers to surveys of the school year. A referral that both a system and the
        site have counts once."""
        parts = [*self._referrals(year), *self._applications(year), *self._noted(year), *self._answers(year)]
        made_here = self.visible.shows(*MADE_HERE)
        if made_here:
            first, last = year_start(year), min(year_end(year), self.on)
            parts.append(site_referrals(self.visible, self.asked_kinds, self.supports, first, last))
        if not parts:
            return AskedRows(NOBODY, NOBODY, NOBODY, NOBODY)
        ctes = {"kind": KIND} if self.programs else {}
        select = (
            each_once("asked")
            if made_here
            else "SELECT DISTINCT person_id, need, step, partner FROM asked WHERE need IS NOT NULL"
        )
        rows = self._table(query({**ctes, "asked": " UNION ALL ".join(parts)}, select))
        partners = sorted({str(each) for each in pc.unique(rows["partner"]).to_pylist() if each})
        number = {each: place for place, each in enumerate(partners)}
        codes = [number.get(str(each or ""), -1) for each in rows["partner"].to_pylist()]
        return AskedRows(
            _numbers(rows, "person_id"), _numbers(rows, "need"), _numbers(rows, "step"), np.array(codes, np.int64), partners
        )  # fmt: skip

    def enrolled(self, year: int) -> Numbers:
        """Who is enrolled in a school in the school year, up to the day of counting."""
        if not self.visible.shows(*ENROLLED):
            return NOBODY
        last = as_of(year, self.on)
        return distinct(
            _numbers(self._table(query({**spells(self.visible), **stays(year, last)}, "SELECT person_id FROM home")), "person_id")
        )  # fmt: skip

    def by_rule(self, need: Need, year: int, enrolled: Numbers) -> Found | None:
        """Who of the enrolled has the need by its rules; None where the purpose does not show what one of them is read from."""
        met: list[Numbers] = []
        failed: list[Numbers] = []
        for rule in need.when:
            asked = rule_sql(
                rule, self.visible, self.policy if rule.fact in BY_TESTS else self._policy, year, self.on
            )
            if asked is None:
                return None
            yes, no = self._of_rule(asked)
            met.append(yes)
            failed.append(no)
        some = any_of([NOBODY, *failed])
        need_of = [enrolled, *met]
        has = need_of[0]
        for each in need_of[1:]:
            has = np.intersect1d(has, each, assume_unique=True)
        none = np.intersect1d(enrolled, some, assume_unique=True)
        return Found(has, none, less(less(enrolled, has), none))

    def groups(self, year: int) -> dict[str, dict[str, Numbers]]:
        """Of each kind of group, who is in each: of the students enrolled in the school year. Not by school where each partner has one."""
        found: dict[str, dict[str, Numbers]] = {}
        if self.visible.shows(*ENROLLED):
            last = as_of(year, self.on)
            kinds = tuple(k for k in GROUPS if k in shown(self.visible))
            result = {
                **spells(self.visible),
                **stays(year, last),
                "result": "SELECT person_id, organization_id, partner, 'x' AS outcome, CAST(NULL AS VARCHAR) AS cause FROM home",
            }
            rows = self._table(groups_of_persons(self.visible, result, last, (year, year)))
            names = [name for name in rows.column_names if name != "person_id"]
            schools = {id: id for id in pc.unique(rows["organization_id"]).to_pylist()} | self.schools
            parts: dict[str, dict[str, list[Numbers]]] = {kind: {} for kind in kinds}
            for row in rows.group_by(names).aggregate([("person_id", "list")]).to_pylist():
                persons = np.array(row["person_id_list"], np.int64)
                for kind, group in groups_of(row, kinds, schools).items():
                    parts[kind].setdefault(group, []).append(persons)
            found = {kind: {group: distinct(np.concatenate(each)) for group, each in of.items()} for kind, of in parts.items()}  # fmt: skip
            if SCHOOL in found and len(found[SCHOOL]) <= len(found[OF_PARTNER]):
                found.pop(SCHOOL)
        if self.visible.shows("person_language", "iso_639_2_language_code"):
            found[LANGUAGE] = self._languages()
        return found

    @cached_property
    def schools(self) -> dict[str, str]:
        """The name of each school, with its partner where schools of several partners have the same name."""
        partner = {id: id.partition("/")[0] for id in self.organizations}
        alike = Counter(name for name, _ in {(self.organizations[id], partner[id]) for id in partner})
        return {
            id: name if alike[name] == 1 else f"{name} ({partner[id]})"
            for id, name in self.organizations.items()
        }

    def _languages(self) -> dict[str, Numbers]:
        """By the language at home other than English, if there is one; the most spoken by name, the others together."""
        code = "iso_639_2_language_code"
        rows = self._table(f"""
            SELECT person_id, CASE WHEN COUNT(DISTINCT CASE WHEN {code} <> '{ENGLISH}' THEN {code} END) = 0 THEN '{ENGLISH}'
              WHEN COUNT(DISTINCT CASE WHEN {code} <> '{ENGLISH}' THEN {code} END) = 1 THEN MAX(CASE WHEN {code} <> '{ENGLISH}' THEN {code} END)
              ELSE '' END AS language
            FROM person_language WHERE {code} IS NOT NULL GROUP BY person_id""")
        by_code = _by(rows, "language")
        most = sorted((c for c in by_code if c not in ("", ENGLISH)), key=lambda c: (-by_code[c].size, c))
        found: dict[str, list[Numbers]] = {}
        for code_, persons in by_code.items():
            named = code_ == ENGLISH or code_ in most[:MOST_LANGUAGES]
            name = CODE_SETS["C000317"].get(code_, code_).partition(";")[0] if named else "Another language"
            found.setdefault(name, []).append(persons)
        return {name: distinct(np.concatenate(each)) for name, each in found.items()}

    def _of_rule(self, asked: Sequence[str]) -> tuple[Numbers, Numbers]:
        """Who meets a rule, and who does not. Of several queries, the latest `taken` of a student counts."""
        tables = [self._table(sql) for sql in asked]
        persons = np.concatenate([NOBODY, *(_numbers(t, "person_id") for t in tables)])
        met = np.concatenate([NOBODY, *(_numbers(t, "met") for t in tables)])
        might = np.concatenate([NOBODY, *(_numbers(t, "might") for t in tables)])
        if len(tables) > 1:
            taken = np.concatenate(
                [t["taken"].to_numpy().astype("datetime64[D]").astype(np.int64) for t in tables]
            )
            order = np.lexsort((-taken, persons))
            persons, met, might, taken = persons[order], met[order], might[order], taken[order]
            start = np.r_[True, persons[1:] != persons[:-1]] if len(persons) else np.zeros(0, np.bool_)
            latest = taken[np.flatnonzero(start)][np.cumsum(start) - 1] == taken if len(persons) else start
            persons, met, might = persons[latest], met[latest], might[latest]
            unmet, able = distinct(persons[met == 0]), distinct(persons[might == 1])
            return less(distinct(persons), unmet), less(distinct(persons), able)
        return distinct(persons[met == 1]), distinct(persons[might == 0])

    def _referrals(self, year: int) -> Iterable[str]:
        if not self.visible.shows(*REFERRAL):
            return []
        outcome = self.visible.column("referral", "referral_outcome")
        receiver = self.visible.column("referral", "receiving_organization_id")
        cases = " ".join(
            f"WHEN reason IN {texts(each.reasons)} THEN {place}"
            for place, each in enumerate(self.asked_kinds)
            if each.reasons
        )
        first, last = self._days(year)
        steps = " ".join(f"WHEN {condition} THEN {RANK[step]}" for condition, step in REFERRAL_STEPS)
        return [
            f"""SELECT person_id, CASE {cases} ELSE -1 END AS need, CASE {steps} ELSE {RANK[NeedStep.UNTOLD]} END AS step,
                  SPLIT_PART(receiver, '/', 1) AS partner, asked_on, 0 AS on_site FROM (
                SELECT person_id, referral_date AS asked_on, LOWER(TRIM(referral_reason)) AS reason, referral_status AS status, {outcome} AS outcome, {receiver} AS receiver
                FROM referral WHERE referral_date BETWEEN {first} AND {last}) AS sent"""
        ]

    def _applications(self, year: int) -> Iterable[str]:
        if not self.programs or not self.visible.shows(*PART):
            return []
        cases = " ".join(
            f"WHEN k.code IN {texts(each.answered_by)} THEN {place}"
            for place, each in enumerate(self.asked_kinds)
        )
        steps = " ".join(
            f"WHEN standing = {text(each)} THEN {RANK[step]}" for each, step in APPLICATION_STEPS.items()
        )
        application = self.visible.column("program_participation", "program_application_date", "DATE")
        return [
            f"""SELECT a.person_id, CASE {cases} END AS need,
                  CASE WHEN status = 'NotEligible' THEN {RANK[NeedStep.NOT_ELIGIBLE]} {steps} ELSE {RANK[NeedStep.UNTOLD]} END AS step,
                  SPLIT_PART(a.program, '/', 1) AS partner, a.asked_on, 0 AS on_site FROM (
                SELECT person_id, program_identifier AS program, {STATUS} AS status, {standing()} AS standing, {application} AS asked_on FROM program_participation
                WHERE {self._year_of_application()} = {year}
                  AND ({application} IS NOT NULL OR {standing()} <> {text(ParticipationStatus.TOOK_PART)})) AS a
                JOIN kind AS k ON k.program = a.program"""
        ]

    def _year_of_application(self) -> str:
        """SQL: the school year for which a student asked for a place: that of the seat, else of the application."""
        stated = self.visible.column("program_participation", "school_year")
        application = self.visible.column("program_participation", "program_application_date", "DATE")
        return f"COALESCE(TRY_CAST({stated} AS INTEGER), {school_year(application)})"

    def _noted(self, year: int) -> Iterable[str]:
        """Needs that people typed: those open in the school year, and those that were met in it."""
        if not self.visible.shows(*NOTED, "superseded"):
            return []
        first, last = self._days(year)
        cases = " ".join(
            f"WHEN program_subtype IN {texts(each.answered_by)} THEN {place}"
            for place, each in enumerate(self.asked_kinds)
        )
        return [
            f"""SELECT person_id, CASE {cases} END AS need,
                  CASE WHEN need_state = 'met' THEN {RANK[NeedStep.SERVED]} ELSE {NOTED_ONLY} END AS step, {NOBODY_ASKED}
                FROM need WHERE NOT superseded AND need_state IN ('open', 'met') AND need_since <= {last}
                  AND (need_state = 'open' OR need_since >= {first})"""
        ]

    def without_answers(self) -> list[str]:
        """The names of surveys of the rules of which no answer has come in, as far as the purpose shows answers."""
        signs = [each.survey for each in self.asked_kinds if each.survey is not None]
        if not signs or not self.visible.shows(*ANSWERED):
            return []
        came = set(
            self._table(f"SELECT DISTINCT {NAME_OF_SURVEY} AS name FROM survey_response")["name"].to_pylist()
        )
        return list(
            dict.fromkeys(sign.survey.names[0] for sign in signs if not came & set(sign.survey.names))
        )

    def _answers(self, year: int) -> Iterable[str]:
        """Answers to the questions that the community's rules name, of surveys whose notice said so; never one that is marked with a
        protected topic (20 USC 1232h(b)), where the purpose shows the mark."""
        if not self.visible.shows(*ANSWERED):
            return
        first, last = self._days(year)
        column = partial(self.visible.column, "survey_response")
        topic, by, value = column("ppra_protected_topic"), column("respondent_type"), column("response_value")
        number = column("response_number", "DOUBLE")
        for place, each in enumerate(self.asked_kinds):
            sign = each.survey
            if sign is None:
                continue
            said = [f"LOWER(TRIM(value)) IN {texts(a.lower() for a in sign.answers)}"] if sign.answers else []
            said += [f"number >= {sign.at_least}"] if sign.at_least is not None else []
            said += [f"number <= {sign.at_most}"] if sign.at_most is not None else []
            yield f"""SELECT person_id, {place} AS need, {NOTED_ONLY} AS step, {NOBODY_ASKED} FROM (
                SELECT person_id, {value} AS value, {number} AS number,
                  ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY response_date DESC, {number} DESC, {value}) AS nth
                FROM survey_response WHERE {NAME_OF_SURVEY} IN {texts(sign.survey.names)}
                  AND survey_question_code = {text(sign.question.code)} AND person_id IS NOT NULL
                  AND response_date BETWEEN {first} AND {last} AND response_date >= {day(sign.survey.since)} AND {topic} IS NULL
                  AND COALESCE({by}, 'student') ILIKE 'student') AS answers
                WHERE nth = 1 AND {" AND ".join(said)}"""

    def _days(self, year: int) -> tuple[str, str]:
        return day(year_start(year)), day(min(year_end(year), self.on))


# A program and its kind of support; none where its lists differ.
KIND = """SELECT program_identifier AS program, CASE WHEN MIN(program_subtype) = MAX(program_subtype) THEN MIN(program_subtype) END AS code
    FROM program WHERE program_identifier IS NOT NULL GROUP BY program_identifier"""
# The step of a referral, by the first condition that holds.
REFERRAL_STEPS = (
    ("status = 'first_service' OR (status = 'done' AND outcome = 'Enrolled')", NeedStep.SERVED),
    ("outcome = 'Enrolled'", NeedStep.ENROLLED),
    ("outcome = 'WaitingList'", NeedStep.WAITING),
    ("outcome = 'LanguageNotOffered'", NeedStep.LANGUAGE),
    ("outcome = 'NotEligible'", NeedStep.NOT_ELIGIBLE),
    ("outcome = 'Unreachable'", NeedStep.NOT_REACHED),
    ("outcome = 'ParentDeclined'", NeedStep.DECLINED),
    ("outcome IS NOT NULL OR status IN ('declined', 'withdrawn')", NeedStep.OTHER),
    ("status = 'accepted'", NeedStep.ENROLLED),
    ("status = 'sent'", NeedStep.UNANSWERED),
)
APPLICATION_STEPS: Mapping[ParticipationStatus, NeedStep] = {
    ParticipationStatus.TOOK_PART: NeedStep.SERVED,
    ParticipationStatus.WAITING: NeedStep.WAITING,
    ParticipationStatus.APPLIED: NeedStep.UNANSWERED,
    ParticipationStatus.DECLINED: NeedStep.DECLINED,
    ParticipationStatus.WITHDREW: NeedStep.OTHER,
    ParticipationStatus.UNKNOWN: NeedStep.UNTOLD,
}


def _numbers(table: pa.Table, column: str) -> Numbers:
    found: Numbers = table[column].to_numpy().astype(np.int64)
    return found


def _by(table: pa.Table, column: str) -> dict[str, Numbers]:
    """The persons of each value of a column, sorted."""
    found = table.group_by(column).aggregate([("person_id", "list")]).to_pydict()
    return {
        str(value): distinct(np.array(persons, np.int64))
        for value, persons in zip(found[column], found["person_id_list"], strict=True)
    }
