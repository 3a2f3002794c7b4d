"""Counts, through the gate, what students answered in surveys, among those who were asked; and tables of it to be protected.

A survey is counted where `trends.yaml` says whom it asked and which answers are favorable. A student's answers to one construct (safety,
belonging) in one school year are averaged, and favorable where the average is at or above that number. Who was asked and gave no answer is
counted as such, so that every share stands beside its response rate.

Questions on topics that 20 USC 1232h protects are counted only under families' consents (`protected_topics`); where the agreements do not
show which these are, a survey is counted only if the community says that it has none. Answers without a student are left out. Comments are
counted in `insight.comments`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from throughway.insight.experiences.protected_topics import Consents, protected_answers, under_consent
from throughway.insight.gate_questions import FiguresAccess, GateQuestions
from throughway.insight.trends.choices import AskedGroup, TrendChoices
from throughway.measures.sql import (
    VisibleData,
    day,
    query,
    school_year,
    spells,
    text,
    texts,
    within,
    year_end,
    year_start,
)
from throughway.measures.stays import PART, going_on, standing
from throughway.publication import RawCell, RawTable, Relation
from throughway.publication.tables import place
from throughway.store.record_numbers import NOBODY, Numbers, distinct, inside
from throughway.vocabulary import CODE_SETS
from throughway.vocabulary.participation import ParticipationStatus

TABLE = "survey_response"
COLUMNS = ("survey_identifier", "survey_construct", "response_number", "response_date", "respondent_type")
TOPIC = "ppra_protected_topic"
SURVEY, YEAR, CONSTRUCT, ANSWER, SCHOOL, SHARE = (
    "survey",
    "school year",
    "construct",
    "answer",
    "school",
    "share",
)
FAVORABLE, OTHER, NONE, WITHOUT = "favorable", "other", "none", "no consent"
ANSWERS = (FAVORABLE, OTHER, NONE)
ANSWERED = (FAVORABLE, OTHER)
CONSENTED = "consented"
WORTH = {FAVORABLE: 4.0, OTHER: 3.0, NONE: 2.0, WITHOUT: 1.0}
CONSTRUCTS = CODE_SETS["survey_construct"]
BY_SCHOOL = ("safety", "belonging")  # the constructs that are counted school by school, in the newest year
STUDENT = "student"


@dataclass(frozen=True)
class SurveyYear:
    """One survey in one school year. True figures: never shown. `asked`: those asked; `answers[construct]`: by student, whether the
    average is favorable; `schools`: of those asked, by the name of their school; `consented`: of those asked, by protected subject, those
    whose family consented."""

    survey: str
    year: int
    asked: Numbers
    answers: Mapping[str, Mapping[int, bool]]
    schools: Mapping[str, Numbers]
    consented: Mapping[str, Numbers] = field(default_factory=dict)

    def kinds(self, construct: str) -> tuple[str, ...]:
        return (*ANSWERS, WITHOUT) if construct in self.consented else ANSWERS

    def part(self, construct: str, answer: str, among: Numbers | None = None) -> Numbers:
        among = self.asked if among is None else among
        given = self.answers[construct]
        if construct in self.consented:
            there = inside(among, self.consented[construct])
            if answer == WITHOUT:
                return among[~there]
            among = among[there]
        found = [p for p in among.tolist() if _answer(given.get(p)) == answer]
        return np.array(found, np.int64)


def _answer(favorable: bool | None) -> str:
    return NONE if favorable is None else FAVORABLE if favorable else OTHER


def topics_shown(visible: VisibleData) -> bool:
    """Whether every partner shows which questions touch a topic that 20 USC 1232h protects."""
    return set(visible.partners(TABLE)) == set(visible.partners(TABLE, TOPIC))


class SurveyQueries(GateQuestions):
    """The queries of one report. `absent`: what is not counted, and why."""

    def __init__(
        self, access: FiguresAccess, visible: VisibleData, choices: TrendChoices, on: date, consents: Consents
    ) -> None:
        super().__init__(access, visible, on)
        self.choices, self.consents = choices, consents
        self.absent: list[tuple[str, str]] = []

    def why_not(self) -> str:
        """Why no answer can be counted, in a sentence; empty where answers can be."""
        if not self.visible.tables.get(TABLE):
            return "it shows no answers to surveys; an agreement must list survey_response in its schedule"
        short = set(self.visible.partners(TABLE)) - set(self.visible.partners(TABLE, *COLUMNS))
        if short:
            return f"the answers of {', '.join(sorted(short))} come without one of {', '.join(COLUMNS)}"
        return ""

    def years(self, most: int) -> list[SurveyYear]:
        """Each survey in its last school years, at most so many."""
        found: dict[tuple[AskedGroup, int], list[dict[str, Any]]] = {}
        unknown: dict[str, str] = {}
        for row in self._rows(self._answers()):
            asked = self.choices.asked(str(row["survey"]))
            if asked is None:
                unknown[str(row["survey"])] = UNDECIDED
            elif not (topics_shown(self.visible) or asked.nothing_protected):
                unknown[asked.name] = TOPICS_UNKNOWN
            else:
                found.setdefault((asked, int(row["year"])), []).append(row)
        sql = protected_answers(TOPIC, ANSWERED_ROWS)
        rows = self.rows(sql) if self.visible.shows(TABLE, TOPIC) else []
        protected = under_consent(rows, self.choices, self.consents, UNDECIDED)
        for asked, year, row in protected.rows:
            found.setdefault((asked, year), []).append(row)
        self.absent += sorted({*unknown.items(), *protected.absent})
        return list(self._counted(found, protected.consented, most))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows that name a student's record, to be set beside what people said of it."""
        return self._rows(sql, numbered=True)

    def _counted(
        self,
        found: Mapping[tuple[AskedGroup, int], list[dict[str, Any]]],
        consented: Mapping[tuple[AskedGroup, int], Mapping[str, Numbers]],
        most: int,
    ) -> Iterator[SurveyYear]:
        for asked in dict.fromkeys(group for group, _ in found):
            for year in sorted(year for group, year in found if group == asked)[-most:]:
                rows = found[asked, year]
                who, schools = self._asked(asked, year, min(row["first"] for row in rows))
                if not who.size:
                    self.absent.append((f"{asked.name}, {year - 1}-{year % 100:02d}", NOBODY_ASKED))
                    continue
                given = {
                    subject: self._persons(asked, records, who)
                    for subject, records in consented.get((asked, year), {}).items()
                }
                yield SurveyYear(asked.name, year, who, _averages(rows, asked, who, given), schools, given)

    def _persons(self, asked: AskedGroup, records: Numbers, who: Numbers) -> Numbers:
        """Those of `who` with one of these records in the table that says whom the survey asked."""
        table = "program_participation" if asked.program else "school_enrollment"
        rows = self.rows(f"SELECT DISTINCT person_id, person_record FROM {table} WHERE person_id IS NOT NULL")
        held = {*records.tolist()}
        persons = {int(row["person_id"]) for row in rows if row["person_record"] in held}
        return np.array([person for person in who.tolist() if person in persons], np.int64)

    def _answers(self) -> str:
        """Each student's answers by survey, school year and construct: how many, their sum, and the first day of the survey."""
        year = school_year("response_date")
        counted = f"{self.visible.column(TABLE, TOPIC)} IS NULL AND {ANSWERED_ROWS}"
        return f"""
            SELECT a.survey, a.year, a.construct, a.person_id, a.total, a.answers, f.first FROM (
              SELECT survey_identifier AS survey, {year} AS year, survey_construct AS construct, person_id,
                SUM(response_number) AS total, COUNT(*) AS answers
              FROM survey_response WHERE {counted} GROUP BY survey_identifier, {year}, survey_construct, person_id) AS a
            JOIN (
              SELECT survey_identifier AS survey, {year} AS year, MIN(response_date) AS first
              FROM survey_response WHERE {counted} GROUP BY survey_identifier, {year}) AS f
            ON f.survey = a.survey AND f.year = a.year"""

    def _asked(self, asked: AskedGroup, year: int, first: date) -> tuple[Numbers, dict[str, Numbers]]:
        """Those whom a survey asked on its first day; of schools, by the name of the school."""
        if asked.program:
            if not self.visible.shows(*PART):
                return NOBODY, {}
            rows = self._rows(self._took_part(asked.program, year, first))
            return distinct(np.array(sorted(int(r["person_id"]) for r in rows), np.int64)), {}
        parts = {
            **spells(self.visible),
            "there": f"""
                SELECT DISTINCT person_id, organization_id FROM spell
                WHERE {within('partner', [asked.partner])} AND grade IN {texts(asked.grades)} AND start <= {day(first)}
                  AND COALESCE(finish, {day(first)}) >= {day(first)} AND (stated = {year} OR stated IS NULL)""",
        }  # fmt: skip
        named = self.visible.shows("organization", "organization_id", "organization_name")
        name = "MIN(o.organization_name)" if named else "CAST(NULL AS VARCHAR)"
        join = "LEFT JOIN organization AS o ON o.organization_id = t.organization_id" if named else ""
        rows = self._rows(
            query(
                parts,
                f"SELECT t.person_id AS person_id, {name} AS school FROM there AS t {join} GROUP BY t.person_id",
            )
        )
        schools: dict[str, list[int]] = {}
        for row in rows:
            schools.setdefault(str(row["school"] or "Not recorded"), []).append(int(row["person_id"]))
        return (
            np.array(sorted(int(r["person_id"]) for r in rows), np.int64),
            {name: np.array(sorted(persons), np.int64) for name, persons in sorted(schools.items())},
        )

    def _took_part(self, program: str, year: int, first: date) -> str:
        start, last = day(year_start(year)), day(min(year_end(year), first))
        finish = self.visible.column("program_participation", "program_participation_exit_date", "DATE")
        began = "program_participation_start_date"
        return f"""
            SELECT DISTINCT person_id FROM program_participation
            WHERE program_identifier = {text(program)} AND {standing()} = {text(ParticipationStatus.TOOK_PART)} AND {began} <= {last}
              AND CASE WHEN {finish} IS NOT NULL THEN {finish} >= {start} ELSE {going_on()} OR {began} >= {start} END"""


ANSWERED_ROWS = (
    "response_number IS NOT NULL AND response_date IS NOT NULL AND survey_construct IS NOT NULL AND "
    f"survey_identifier IS NOT NULL AND person_id IS NOT NULL AND respondent_type = {text(STUDENT)}"
)
UNDECIDED = "trends.yaml does not say whom this survey asked and which answers are favorable, so neither a share nor a response rate is known."
TOPICS_UNKNOWN = (
    "No agreement shows which questions touch a topic that 20 USC 1232h protects (survey_response.ppra_protected_topic), and trends.yaml does not "
    "say of this survey that none does (protected_topics: none), so its answers are not counted."
)
NOBODY_ASKED = (
    "By the records nobody was among those asked when the survey began: no enrollment or participation of that day is shown. That is not "
    "zero; the response rate is not known, so the answers are not counted."
)


def _averages(
    rows: Iterable[Mapping[str, Any]], asked: AskedGroup, who: Numbers, consented: Mapping[str, Numbers]
) -> dict[str, dict[int, bool]]:
    """Whether each student's average is favorable, by construct, of those who were asked, and consented where that is needed."""
    sums: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        found = sums.setdefault(CONSTRUCTS.get(str(row["construct"]), str(row["construct"])), {}).setdefault(
            int(row["person_id"]), [0.0, 0.0]
        )
        found[0] += float(row["total"])
        found[1] += float(row["answers"])
    counted = {construct: {*consented.get(construct, who).tolist()} for construct in sums}
    return {
        construct: {
            p: total / many >= asked.favorable
            for p, (total, many) in persons.items()
            if p in counted[construct]
        }
        for construct, persons in sorted(sums.items())
    }


def survey_tables(found: Sequence[SurveyYear]) -> tuple[tuple[RawTable, ...], tuple[Relation, ...]]:
    """The tables, and that all constructs of one survey and year have one number of students who were asked."""
    cells: list[RawCell] = []
    shares: list[RawCell] = []
    by_school: list[RawCell] = []
    school_shares: list[RawCell] = []
    relations: list[Relation] = []
    newest = {each.survey: each.year for each in sorted(found, key=lambda each: each.year)}
    for each in found:
        first: dict[str, str] | None = None
        for construct in each.answers:
            at = {SURVEY: each.survey, YEAR: str(each.year), CONSTRUCT: construct}
            made = list(
                _cells(
                    at, {answer: each.part(construct, answer) for answer in each.kinds(construct)}, each.asked
                )
            )
            cells += made
            shares += _shares(at, made)
            if first is not None:
                relations.append(Relation(first, [at]))
            first = first or at
            if (
                newest[each.survey] == each.year
                and construct in {CONSTRUCTS[code] for code in BY_SCHOOL}
                and len(each.schools) > 1
            ):
                for school, persons in each.schools.items():
                    parts = {answer: each.part(construct, answer, persons) for answer in ANSWERS}
                    of_school = list(_cells({**at, SCHOOL: school}, parts, persons))
                    by_school += of_school
                    school_shares += _shares({**at, SCHOOL: school}, of_school)
    by = (SURVEY, YEAR, CONSTRUCT, ANSWER)
    tables = [
        RawTable("Students who were asked, by answer", by, tuple(cells)),
        RawTable("Share who answered, and share favorable", (*by[:3], SHARE), tuple(shares)),
        RawTable("Students who were asked, by school and answer", (*by, SCHOOL), tuple(by_school)),
        RawTable("Share who answered, and share favorable, by school", (*by[:3], SHARE, SCHOOL), tuple(school_shares)),
    ]  # fmt: skip
    return tuple(t for t in tables if t.cells), tuple(relations)


def _cells(at: Mapping[str, str], parts: Mapping[str, Numbers], asked: Numbers) -> Iterator[RawCell]:
    yield RawCell(dict(at), count=asked.size, public=True, persons=asked)
    for answer, persons in parts.items():
        assert inside(persons, asked).all()
        yield RawCell({**at, ANSWER: answer}, count=persons.size, worth=WORTH[answer], persons=persons)


def _shares(at: Mapping[str, str], made: Sequence[RawCell]) -> Iterator[RawCell]:
    counts = {c.at.get(ANSWER, ""): c.count for c in made}
    answered, could = (sum(counts[answer] for answer in among) for among in (ANSWERED, ANSWERS))

    def places(answers: Iterable[str]) -> tuple[frozenset[tuple[str, str]], ...]:
        return tuple(place({**at, ANSWER: answer}) for answer in answers)

    yield RawCell({**at, SHARE: "answered"}, "rate", numerator=answered, denominator=could, of=places(ANSWERED), among=places(ANSWERS))  # fmt: skip
    yield RawCell({**at, SHARE: FAVORABLE}, "rate", numerator=counts[FAVORABLE], denominator=answered, of=places([FAVORABLE]), among=places(ANSWERED))  # fmt: skip
    if WITHOUT in counts:
        yield RawCell({**at, SHARE: CONSENTED}, "rate", numerator=could, denominator=counts[""], of=places(ANSWERS), among=places((*ANSWERS, WITHOUT)))  # fmt: skip
