"""Experiences: who was asked, who answered and how, against a plain count; what is left out; a survey with three answers."""

from collections import defaultdict
from datetime import date
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import spell
from throughway.insight.experiences.counting import (
    ANSWERS,
    NOBODY_ASKED,
    TOPICS_UNKNOWN,
    UNDECIDED,
    SurveyQueries,
    _averages,
    survey_tables,
)
from throughway.insight.experiences.page import COLUMNS, experience_page
from throughway.insight.experiences.protected_topics import NOT_NAMED, TOPICS
from throughway.insight.reports.page import STRONG_PARTS, ReportRow, ReportSection
from throughway.insight.trends.choices import AskedGroup, TrendChoices
from throughway.publication.joint_release import CountedTables

ON = date(2026, 11, 25)
SPRING = date(2026, 3, 10)
CLIMATE = AskedGroup(("Climate",), 4, partner="north", grades=("04", "05"))
CLUB = AskedGroup(("Club",), 4, program="harbor/club")


def answer(
    person, number, construct="safety", survey="Climate, spring", on=SPRING, who="student", topic=None
):
    return {
        "person_id": person, "survey_identifier": survey, "survey_construct": construct, "response_number": number, "response_date": on,
        "respondent_type": who, "ppra_protected_topic": topic, "response_comment": "Ms. Rivera is mean",
    }  # fmt: skip


def counted(access, *groups, visible=None, most=3, consents=lambda agreement, partner, day: None):
    queries = SurveyQueries(
        access,
        visible or everything("north", "harbor"),
        TrendChoices(surveys=groups or (CLIMATE, CLUB)),
        ON,
        consents,
    )
    return queries.years(most), queries.absent


def told(year, construct):
    return [year.part(construct, answer).tolist() for answer in ANSWERS]


def pupils(*persons, **how):
    return [spell(p, **{"grade": "04", "school": "elm", **how}) for p in persons]


def test_those_asked_are_the_grades_of_the_partner_on_the_first_day():
    access = FakeAccess()
    access.put(
        "school_enrollment",
        *pupils(1, 2, 3, 4),
        *pupils(5, grade="06"),
        *pupils(6, partner="south"),
        *pupils(7, leave=date(2026, 1, 9)),
    )
    access.put(
        "survey_response",
        answer(1, 4),
        answer(2, 3),
        answer(4, 5, on=date(2026, 3, 14)),
        *(answer(p, 5) for p in (5, 6, 7)),
    )
    [year], absent = counted(access)
    assert year.asked.tolist() == [1, 2, 3, 4]
    assert told(year, "Safety") == [[1, 4], [2], [3]]
    assert absent == []


def test_answers_of_one_subject_are_averaged():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(1, 2))
    access.put("survey_response", answer(1, 5), answer(1, 3), answer(2, 5), answer(2, 2))
    [year], _ = counted(access)
    assert told(year, "Safety") == [[1], [2], []]


def test_time_grows_with_the_number_of_answers_and_no_faster():
    """20,000 took seven seconds, and three times as many a minute, when who was counted was listed anew for each student."""
    rows = [
        {"construct": "safety", "person_id": person, "total": 8, "answers": 2} for person in range(60_000)
    ]
    began = process_time()
    found = _averages(rows, CLIMATE, np.arange(30_000), {})
    assert process_time() - began < 20
    assert found == {"Safety": dict.fromkeys(range(30_000), True)}


def test_protected_topics_guardians_and_comments_are_left_out():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(1, 2, 3))
    access.put(
        "survey_response",
        answer(1, 5),
        answer(2, 5, topic="income"),
        answer(3, 5, who="guardian"),
        answer(None, 5),
    )
    [year], absent = counted(access)
    assert told(year, "Safety") == [[1], [], [2, 3]]
    assert absent == [(f"Climate: {TOPICS['income']}", NOT_NAMED)]
    assert not any("response_comment" in sql for sql in access.asked)


def test_without_the_topic_a_survey_counts_only_where_somebody_says_that_it_has_none():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(1))
    access.put("survey_response", answer(1, 5))
    hidden = everything("north", without=("survey_response.ppra_protected_topic",))
    assert counted(access, CLIMATE, visible=hidden) == ([], [("Climate", TOPICS_UNKNOWN)])
    said = AskedGroup(("Climate",), 4, partner="north", grades=("04",), nothing_protected=True)
    [year], absent = counted(access, said, visible=hidden)
    assert (told(year, "Safety"), absent) == ([[1], [], []], [])


def test_what_nobody_has_decided_is_a_sentence_and_no_zero():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(1))
    access.put("survey_response", answer(1, 5, survey="Other"), answer(1, 5, survey="Club, spring"))
    assert counted(access) == ([], [("Other", UNDECIDED), ("Club, 2025-26", NOBODY_ASKED)])


def test_those_asked_by_a_program_took_part_by_then():
    access = FakeAccess()

    def stay(person, first, last=None, status="Exited"):
        return {"person_id": person, "program_identifier": "harbor/club", "program_participation_start_date": first,
                "program_participation_exit_date": last, "program_participation_status": status}  # fmt: skip

    access.put("program_participation", stay(1, date(2025, 9, 1), date(2025, 12, 1)), stay(2, date(2026, 4, 1), date(2026, 6, 1)),
               stay(3, date(2024, 9, 1), date(2025, 6, 1)), stay(4, date(2025, 9, 1), None, "Active"), stay(5, None, None, "WaitingList"))  # fmt: skip
    access.put("survey_response", *(answer(p, 5, survey="Club, spring") for p in (1, 2, 3, 5)))
    [year], _ = counted(access)
    assert (year.asked.tolist(), told(year, "Safety")) == ([1, 4], [[1], [], [4]])


def test_only_the_last_years():
    access = FakeAccess()
    access.put(
        "school_enrollment", *(spell(1, year=y, grade="04", school="elm") for y in (2023, 2024, 2025, 2026))
    )
    access.put("survey_response", *(answer(1, 5, on=date(y, 3, 1)) for y in (2023, 2024, 2025, 2026)))
    assert [each.year for each in counted(access, most=2)[0]] == [2025, 2026]


ROWS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(1, 5), st.sampled_from(("safety", "belonging"))),
    min_size=1,
    max_size=60,
)


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, asked=st.sets(st.integers(1, 40), min_size=1))
def test_every_cell_is_a_plain_count(rows, asked):
    access = FakeAccess()
    schools = {p: ("elm" if p % 2 else "oak") for p in asked}
    access.put("school_enrollment", *(spell(p, grade="04", school=schools[p]) for p in asked))
    access.put(
        "organization",
        {"organization_id": "north/elm", "organization_name": "Elm"},
        {"organization_id": "north/oak", "organization_name": "Oak"},
    )
    access.put("survey_response", *(answer(p, n, construct) for p, n, construct in rows))
    years, _ = counted(access)
    tables, relations = survey_tables(years)
    given_ = defaultdict(list)
    for p, n, construct in rows:
        given_[p, construct.capitalize()].append(n)
    for table in tables:
        for cell in (c for c in table.cells if c.statistic == "students"):
            among = [p for p in asked if cell.at.get("school") in (None, schools[p].capitalize())]
            of = [given_[p, cell.at["construct"]] for p in among]
            kind = {
                "favorable": lambda n: n and sum(n) / len(n) >= 4,
                "other": lambda n: n and sum(n) / len(n) < 4,
                "none": lambda n: not n,
                None: lambda n: True,
            }[cell.at.get("answer")]
            assert cell.count == sum(bool(kind(n)) for n in of), cell.at
    cells = {frozenset(c.at.items()): c.count for t in tables for c in t.cells if c.statistic == "students"}
    for relation in relations:
        assert cells[frozenset(relation.total.items())] == sum(
            cells[frozenset(part.items())] for part in relation.parts
        )


def test_of_a_survey_with_three_answers_nothing_is_shown_and_the_page_says_so():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(*range(1, 41)))
    access.put("survey_response", answer(1, 5), answer(2, 1), answer(3, 4))
    years, _ = counted(access)
    tables, relations = survey_tables(years)
    shown = CountedTables(tables, 10, relations, subject="experiences").protected()
    page = experience_page({"absent": []}, shown, ())
    [section] = page.sections
    assert all(row.why or not isinstance(row.cells[0], int) for row in section.rows)
    figures = {(c.statistic, *sorted(c.at.items())): c.shown for t in shown for c in t.cells}
    assert not any(
        isinstance(v, int)
        for (s, *at), v in figures.items()
        if ("answer", "favorable") in at or ("answer", "other") in at
    )


def test_a_page_of_enough_answers():
    access = FakeAccess()
    access.put("school_enrollment", *pupils(*range(1, 101)))
    access.put("survey_response", *(answer(p, 5 if p <= 50 else 1) for p in range(1, 81)))
    years, _ = counted(access)
    tables, relations = survey_tables(years)
    page = experience_page(
        {"absent": [{"what": "Other", "why": UNDECIDED}]},
        CountedTables(tables, 10, relations, subject="experiences").protected(),
        (),
    )
    assert page.headline == "Safety: 63% of those who answered are favorable (Climate, 2025-26)"
    [row] = page.sections[0].rows
    assert (row.cells[:4], row.cells[-1]) == ((50, 30, 20, 63), 80)
    assert page.absent == [("Other", UNDECIDED)]
    assert np.all(years[0].asked == np.arange(1, 101))


@pytest.mark.parametrize("without", ["survey_response", "survey_response.response_number"])
def test_a_purpose_that_shows_no_answers_is_told_why(without):
    queries = SurveyQueries(
        FakeAccess(), everything("north", without=(without,)), TrendChoices(), ON, lambda *asked: None
    )
    assert queries.why_not()


def test_sometimes_is_no_loss_in_color():
    """Not favorable holds the middle answers; the strong color is for what is lost."""
    row = ReportRow("2025-26", (40, 100, 10, 28.6, "", 93.3))
    section = ReportSection("safety", "Safety", [], "School year", COLUMNS, [row])
    kinds = [part.kind for part in section.drawn[0].bar]
    assert len(kinds) == len(set(kinds)) == 3
    assert not set(kinds) & set(STRONG_PARTS)
