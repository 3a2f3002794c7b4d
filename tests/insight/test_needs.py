"""Needs and help: what became of each, held against a slow count; and that only protected figures leave."""

import json
import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.insight.asking import counted
from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import LAST_FALL, school_year
from tests.kept import kept
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.insight.actions import report_access
from throughway.insight.needs.actions import REPORT, counted_needs
from throughway.insight.needs.page import limits, need_of_group, need_page
from throughway.insight.needs.queries import NeedQueries
from throughway.insight.needs.statuses import (
    RANK,
    STATUS_OF,
    STEPS,
    AskedRows,
    Helped,
    NeedStatus,
    NeedStep,
    Outcomes,
    outcomes,
    overall,
)
from throughway.insight.needs.tables import (
    ANY_RULE,
    BY_RULE,
    SAID,
    SAID_BY,
    CountedNeed,
    raw_tables,
    relations,
)
from throughway.insight.reports.actions import make_report
from throughway.measures.eligibility import FACTS
from throughway.measures.need_facts import BY_TESTS
from throughway.measures.needs import RECORDED_HELP, parsed, shipped
from throughway.measures.policy import POLICY
from throughway.measures.proficiency import ProficiencyLevel
from throughway.partners import OPERATOR
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.joint_release import CountedTables
from throughway.publication.selectors import releases
from throughway.supports.student import visible_student

ON = date(2026, 11, 25)
FALL = date(2025, 9, 1)
LAST = LAST_FALL.year + 1  # of the tests through the gate, whose pages count the last years
IN_FALL = date(LAST, 11, 25)
CLUB, TUTORING, FOOD = "harbor/club", "north/tutoring", "south/food"
PROGRAMS = [
    {"program_identifier": CLUB, "program_subtype": "after_school"},
    {"program_identifier": TUTORING, "program_subtype": "tutoring"},
    {"program_identifier": FOOD, "program_subtype": "food"},
]


def queries(access, visible=None, rules=None):
    return NeedQueries(
        access, visible or everything("harbor", "north", "south"), rules or shipped(), POLICY, ON
    )


def referral(person, reason, status, outcome=None, on=FALL, to="south/pantry"):
    return {"person_id": person, "referral_reason": reason, "referral_status": status, "referral_outcome": outcome,
            "referral_date": on, "receiving_organization_id": to}  # fmt: skip


def place(person, program, status, first=None, last=None, applied=FALL):
    return {"person_id": person, "program_identifier": program, "program_participation_status": status,
            "program_participation_start_date": first, "program_participation_exit_date": last,
            "program_application_date": applied}  # fmt: skip


def steps_of(asked, kind):
    number = next(n for n, each in enumerate(shipped().asked_kinds()) if each.id == kind)
    who, step = asked.furthest([number])
    return {int(person): STEPS[n] for person, n in zip(who, step, strict=True)}


REFERRALS = [
    ("sent", None, NeedStep.UNANSWERED),
    ("accepted", None, NeedStep.ENROLLED),
    ("accepted", "Enrolled", NeedStep.ENROLLED),
    ("accepted", "WaitingList", NeedStep.WAITING),
    ("first_service", None, NeedStep.SERVED),
    ("done", "Enrolled", NeedStep.SERVED),
    ("done", None, NeedStep.UNTOLD),
    ("declined", None, NeedStep.OTHER),
    ("declined", "ParentDeclined", NeedStep.DECLINED),
    ("declined", "LanguageNotOffered", NeedStep.LANGUAGE),
    ("declined", "NotEligible", NeedStep.NOT_ELIGIBLE),
    ("declined", "Unreachable", NeedStep.NOT_REACHED),
    ("declined", "Other", NeedStep.OTHER),
    ("withdrawn", None, NeedStep.OTHER),
    (None, None, NeedStep.UNTOLD),
]


def by_rule(name, has, none, untold, first=0):
    """A need of these many students from `first` on, none of whom has a referral, in a year in which all of these are enrolled."""
    every = np.roll(np.arange(has + none + untold), -first)
    who, not_so, unknown = (np.sort(part) for part in np.split(every, [has, has + none]))
    found = Outcomes({NeedStatus.NEVER: who}, {})
    return CountedNeed(name, 2026, BY_RULE, found, (NeedStatus.NEVER,), not_so, unknown)


@pytest.mark.parametrize(("has", "none"), [(9, 38), (0, 90), (38, 9)])
def test_a_need_does_not_tell_how_many_another_need_has_beside_all_enrolled(has, none):
    """36, 50 and 75 are 161 enrolled; of them 38 without a need and 114 of whom nothing is known leave 9 with it."""
    needs = [
        by_rule("Reads below", 36, 50, 75), by_rule("Missed days", 80, 81, 0, 60),
        by_rule("Failed a course", has, none, 161 - has - none, 20),
    ]  # fmt: skip
    tables = CountedTables(raw_tables(needs, [], {}, 2026), 10, relations(needs, 2026)).protected()
    shown: dict[str, list[object]] = {}
    for cell in (c for t in tables for c in t.cells if SAID in c.at):
        shown.setdefault(cell.at[SAID_BY], []).append(cell.shown)
    hidden = {name: sum(not isinstance(n, int) for n in parts) for name, parts in shown.items()}
    assert hidden["Reads below"] == 0  # so all who are enrolled are known
    assert hidden["Failed a course"] > 1
    assert hidden["Missed days"] > 1


def test_how_far_each_referral_came():
    access = FakeAccess()
    access.put(
        "referral",
        *(referral(n, " FOOD", status, outcome) for n, (status, outcome, _) in enumerate(REFERRALS)),
    )
    assert steps_of(queries(access).asked(2026), "food") == {
        n: step for n, (*_, step) in enumerate(REFERRALS)
    }


APPLICATIONS = [
    ("WaitingList", None, NeedStep.WAITING),
    ("Applied", None, NeedStep.UNANSWERED),
    ("Referred", None, NeedStep.UNANSWERED),
    ("Declined", None, NeedStep.DECLINED),
    ("NotEligible", None, NeedStep.NOT_ELIGIBLE),
    ("Withdrew", None, NeedStep.OTHER),
    ("Active", None, NeedStep.UNTOLD),
    ("Active", FALL, NeedStep.SERVED),
    ("Exited", FALL, NeedStep.SERVED),
]


def test_how_far_each_application_came():
    access = FakeAccess()
    access.put("program", *PROGRAMS)
    access.put("program_participation", *(place(n, TUTORING, status, first) for n, (status, first, _) in enumerate(APPLICATIONS)),
               place(50, TUTORING, "Active", FALL, applied=None))  # took part, and nobody asked  # fmt: skip
    assert steps_of(queries(access).asked(2026), "tutoring") == {
        n: step for n, (*_, step) in enumerate(APPLICATIONS)
    }
    assert steps_of(queries(access).asked(2027), "tutoring") == {}


def test_an_unnamed_reason_is_kept_apart_and_the_furthest_step_counts():
    access = FakeAccess()
    access.put("referral", referral(1, "shoes", "sent"), referral(2, "food", "sent"), referral(2, "food box", "accepted", "WaitingList"),
               referral(2, "food", "declined", "ParentDeclined"))  # fmt: skip
    asked = queries(access).asked(2026)
    assert asked.who(-1).tolist() == [1]
    assert steps_of(asked, "food") == {2: NeedStep.WAITING}
    assert asked.partners == ["south"]


def test_a_noted_need_and_an_answer_count_without_a_referral():
    access = FakeAccess()
    noted = {
        "person_id": 1,
        "program_subtype": "food",
        "need_since": FALL,
        "need_state": "open",
        "superseded": False,
    }
    access.put("need", noted, {**noted, "person_id": 2, "need_state": "met"}, {**noted, "person_id": 3, "need_state": "wrong"},
               {**noted, "person_id": 4, "superseded": True}, {**noted, "person_id": 5, "need_since": date(2026, 9, 1)})  # fmt: skip
    answer = {
        "person_id": 11,
        "survey_identifier": "Fall check-in 2025",
        "survey_question_code": "F1",
        "response_number": 1,
        "response_date": FALL,
        "respondent_type": "Student",
    }
    access.put("survey_response", answer, {**answer, "person_id": 12, "response_number": 4},
               {**answer, "person_id": 13, "ppra_protected_topic": "mental"},
               {**answer, "person_id": 14, "response_date": FALL + timedelta(9), "response_number": 5}, {**answer, "person_id": 14},
               {**answer, "person_id": 15, "survey_identifier": "Fall check-in 2025 for families"}, {**answer, "person_id": 16, "survey_question_code": "F2"},
               {**answer, "person_id": 17, "response_date": FALL - timedelta(20)}, {**answer, "person_id": 18, "respondent_type": "guardian"})  # fmt: skip
    rules = parsed(
        "throughway: needs/1\nneeds:\n  - {id: a, words: missed, when: [days_missed at least 1], answered_by: [mentoring]}\n"
        "asked:\n  - {id: mentor, words: a mentor, answered_by: [mentoring], survey: {survey: check-in, question: F1, at_most: 2}}\n"
        "surveys:\n  - {id: check-in, name: [Fall check-in 2024, fall check-in 2025], partner: north, notice: Notice 4, since: 2025-08-25, consent: false,"
        " questions: [{code: F1, words: An adult helps me, topic: none}]}\n"
    )
    asked = queries(access, rules=rules).asked(2026)
    number = {each.id: n for n, each in enumerate(rules.asked_kinds())}
    assert asked.who(number["food"]).tolist() == [1, 2]
    assert (
        asked.who(number["mentor"]).tolist() == [11]
    )  # the latest answer of the year to that question, given by the student under the notice, never on a protected topic
    assert asked.furthest([number["food"]])[0].tolist() == [2]


def enrolled(person, grade="03", school="harbor/elm", first=FALL):
    return {
        "person_id": person,
        "organization_id": school,
        "enrollment_entry_date": first,
        "entry_grade_level": grade,
    }


def test_rules_over_records():
    access = FakeAccess()
    access.put("school_enrollment", *(enrolled(n) for n in range(1, 8)))
    days = [FALL + timedelta(n) for n in range(12)]

    def marks(person, missed, kind="DailyAttendance"):
        return [{"person_id": person, "attendance_event_date": each, "attendance_event_type": kind,
                 "attendance_status": "UnexcusedAbsence" if n < missed else "Present"} for n, each in enumerate(days)]  # fmt: skip

    access.put(
        "attendance_day",
        *marks(1, 10),
        *marks(2, 9),
        *marks(3, 12, "ClassSectionAttendance"),
        *marks(99, 12),
        *marks(4, 5),
        *marks(4, 5),
    )
    grade = {"course_title": "Algebra", "grade_level_when_course_taken": "03"}
    access.put("course_grade", {"person_id": 1, "student_course_section_grade_earned": "F", **grade},
               {"person_id": 2, "student_course_section_grade_earned": "B", **grade},
               {"person_id": 3, "student_course_section_grade_earned": "F", **grade, "grade_level_when_course_taken": "02"})  # fmt: skip
    asked = queries(access)
    needs = {need.id: need for need in shipped().needs}
    students = asked.enrolled(2026)
    assert students.tolist() == [1, 2, 3, 4, 5, 6, 7]
    missed = asked.by_rule(needs["attendance"], 2026, students)
    assert (missed.need.tolist(), missed.none.tolist(), missed.untold.tolist()) == ([1], [2, 4], [3, 5, 6, 7])
    failed = asked.by_rule(needs["courses"], 2026, students)
    assert (failed.need.tolist(), failed.none.tolist()) == ([1], [2])
    hidden = everything("harbor", without=("attendance_day.attendance_status",))
    assert queries(access, hidden).by_rule(needs["attendance"], 2026, students) is None


def test_the_latest_test_that_a_standard_decides():
    access = FakeAccess()
    access.put("school_enrollment", *(enrolled(n) for n in range(1, 6)))

    def result(person, label, on, grade="03"):
        return {"person_id": person, "assessment_title": "i-Ready Diagnostic", "assessment_identifier": "x", "assessment_academic_subject": "13373",
                "assessment_administration_start_date": on, "grade_level_when_assessed": grade, "assessment_performance_level_label": label}  # fmt: skip

    def level(label, reached):
        return ProficiencyLevel(test="i-ready diagnostic", subject="13373", grade="", label=label, cut=None, metric="", reached=reached, source="a test", line=1)  # fmt: skip

    policy = type(POLICY)(levels=(level("below", False), level("at", True)))
    access.put("assessment_result", result(1, "Below", FALL), result(2, "Below", FALL), result(2, "At", FALL + timedelta(1)),
               result(3, "Below", FALL), result(3, "At", FALL), result(4, "Odd", FALL), result(5, "Below", date(2020, 9, 1)))  # fmt: skip
    asked = NeedQueries(access, everything("harbor"), shipped(), policy, ON)
    found = asked.by_rule(shipped().needs[0], 2026, asked.enrolled(2026))
    assert found.need.tolist() == [1]
    assert found.none.tolist() == [2]
    assert found.untold.tolist() == [3, 4, 5]  # of one day two levels; a level nobody decided; too old


PEOPLE = st.sets(st.integers(1, 8))
ROWS = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(STEPS)), max_size=12)


def numbers(found):
    return np.array(sorted(found), np.int64)


@settings(max_examples=200, deadline=None)
@given(PEOPLE, PEOPLE, ROWS, st.booleans())
def test_outcomes_as_a_slow_count(need, served, rows, all_records):
    columns = np.array([[p, 0, RANK[s], 0] for p, s in rows], np.int64).reshape(-1, 4).T
    asked = AskedRows(*columns, partners=["a"])
    found = outcomes(
        need=numbers(need), served=numbers(served), asked=asked.furthest([0]), all_records=all_records
    )
    for person in need:
        mine = [s for p, s in rows if p == person]
        if person in served:
            status = NeedStatus.SERVED
        elif not mine:
            status = NeedStatus.NEVER if all_records else NeedStatus.UNKNOWN
        else:
            furthest = min(mine, key=RANK.__getitem__)
            status = STATUS_OF[furthest]
            if furthest is NeedStep.ENROLLED and not all_records:
                status = NeedStatus.UNKNOWN  # accepted; whether it began, no record tells
        assert [s for s, who in found.by_status.items() if person in who.tolist()] == [status]
    assert found.persons.tolist() == sorted(need)
    assert sum(who.size for who in found.by_reason.values()) == found.by_status[NeedStatus.ENDED].size
    folded = found.folded()
    assert folded.persons.tolist() == sorted(need)
    assert {h: folded.of(h).tolist() for h in Helped} == {h: found.of(h).tolist() for h in Helped}


def test_over_several_needs_each_student_is_once_and_at_the_worst():
    one = Outcomes({NeedStatus.SERVED: numbers({1, 2, 3}), NeedStatus.NEVER: numbers({4})}, {})
    other = Outcomes({NeedStatus.WAITING: numbers({1}), NeedStatus.UNKNOWN: numbers({2, 4})}, {})
    found = overall([one, other])
    assert {h: who.tolist() for h, who in found.items()} == {
        Helped.SERVED: [3],
        Helped.NOT_SERVED: [1, 4],
        Helped.UNKNOWN: [2],
    }


def test_groups_by_language_and_partner():
    access = FakeAccess()
    access.put("school_enrollment", enrolled(1), enrolled(2, school="north/oak"))
    access.put("person_language", *({"person_id": p, "iso_639_2_language_code": code} for p, code in
               [(1, "eng"), (1, "spa"), (2, "eng"), (3, "spa"), (3, "vie"), (4, "hmn"), (5, "ara"), (6, "kor"), (7, "kor")]))  # fmt: skip
    found = queries(access).groups(2026)
    assert {name: who.tolist() for name, who in found["partner"].items()} == {"harbor": [1], "north": [2]}
    language = {name: who.tolist() for name, who in found["language at home"].items()}
    assert language["English"] == [2]
    assert language["Korean"] == [6, 7]
    assert language["Another language"] == [1, 3]  # the fourth language, and one student who has two
    assert sorted(p for who in language.values() for p in who) == [1, 2, 3, 4, 5, 6, 7]


def test_groups_by_the_last_school_of_the_year():
    """Schools of two partners with one name are told apart; one that no list names goes by its id."""
    access = FakeAccess()
    access.put("school_enrollment", enrolled(1), enrolled(1, school="harbor/oak", first=FALL + timedelta(90)), enrolled(2, school="north/oak"),
               enrolled(3, school="north/ash"), enrolled(4))  # fmt: skip
    assert "school" in queries(access).groups(2026)
    named = {"harbor/elm": "Elm", "harbor/oak": "Oak", "north/oak": "Oak"}
    access.put("organization", *({"organization_id": id, "organization_name": name} for id, name in named.items()))  # fmt: skip
    found = queries(access).groups(2026)["school"]
    assert {name: who.tolist() for name, who in found.items()} == {
        "Elm": [4], "Oak (harbor)": [1], "Oak (north)": [2], "north/ash": [3],
    }  # fmt: skip
    one_each = FakeAccess()
    one_each.put("school_enrollment", enrolled(1), enrolled(2, school="north/oak"))
    assert "school" not in queries(one_each).groups(2026)  # the rows by partner say it already


def document(**more):
    tables = (
        "program.*",
        "program_participation.*",
        "service_received.*",
        "referral.*",
        "referral.referral_reason",
        "organization.*",
    )
    lines = [making.line(each, "counting") | {"from": ["harbor"]} for each in tables] + [
        making.line("person.*", "matching")
    ]
    terms = making.sharing()["terms"] | {"effective": "2025-07-01", "minimum_cell": 10}
    return making.sharing(schedule=lines, terms=terms) | more


@pytest.fixture
@kept
def town(community):
    """60 students were referred for food in the last school year: 25 were served, 15 wait, 20 have no answer; and 4 for shoes."""
    making.register()
    making.in_effect(document())
    making.land("program", "harbor", [
        {"program_identifier": "harbor/food", "program_name": "Food", "program_subtype": "food"},
        {"program_identifier": "harbor/camp", "program_name": "Camp", "program_subtype": "summer"},
    ])  # fmt: skip
    rows = []
    for n in range(100, 160):
        status, outcome = (
            ("done", "Enrolled") if n < 125 else ("accepted", "WaitingList") if n < 140 else ("sent", None)
        )
        rows.append({"person_record": n, "referral_date": LAST_FALL, "referral_reason": "Food", "referral_status": status, "referral_outcome": outcome})  # fmt: skip
    rows += [
        {
            "person_record": n,
            "referral_date": LAST_FALL,
            "referral_reason": "Shoes",
            "referral_status": "sent",
        }
        for n in range(160, 164)
    ]
    making.land("referral", "harbor", rows)
    making.land("service_received", "harbor", [
        {"person_record": n, "program_identifier": "harbor/food", "service_date": LAST_FALL, "service_quantity": 1.0, "service_quantity_unit": "session"}
        for n in range(100, 125)
    ])  # fmt: skip


def released(*cells):
    """A release's table of all needs together: school, number of students, number not served."""
    found = []
    for school, students, not_served in cells:
        at = {"school year": "2026", "need": ANY_RULE} | ({"school": school} if school else {})
        found += [
            ProtectedCell(at, "students", students),
            ProtectedCell({**at, "served or not": "not served"}, "students", not_served),
        ]
    return [ProtectedTable("Served or not", ("school year", "need", "served or not"), tuple(found))]


def test_all_needs_together_stand_first_where_no_single_need_can_be_shown():
    about = {"needs": [], "year": 2026, "groups": ["school"], "method": [], "absent": []}
    tables = released(
        ("", 466, 427), ("Elm", 84, 61), ("Oak", 40, "5–24"), ("Fir", 20, "0–20"), ("Yew", 9, None)
    )
    page = need_page(about, tables)
    assert page.headline == (
        "In 2025-26, 427 of 466 students with a need in the records were not served for at least one need"
    )
    assert page.sections[0].id == "all-needs"
    assert page.sections[0].rows[0].cells[0] == 466
    assert need_of_group(about, tables, "school", "Elm") == (
        "Elm: 61 of 84 students with a need in the records were not served for at least one need, 2025-26; of all students 427 of 466."
    )
    assert need_of_group(about, tables, "school", "Oak").startswith("Oak: at least 5 of 40 students with")
    assert [need_of_group(about, tables, "school", name) for name in ("Fir", "Yew", "Ash")] == [""] * 3


def test_a_page_says_how_old_a_test_may_be_and_whose_help_is_not_counted():
    """Of the rule itself; of an earlier release, which holds no rules, those that come with the program and that it counted."""
    about = {
        "needs": [{"name": "Reads below the State standard", "found_by": BY_RULE, "years": [2026]}],
        "year": 2026, "groups": [], "method": [], "absent": [],
    }  # fmt: skip
    cells = [
        ProtectedCell({"school year": "2026", "need": "Reads below the State standard"}, "students", 516)
    ]
    tables = [*released(("", 924, 849)), ProtectedTable("Needs", ("school year", "need"), tuple(cells))]
    days = FACTS["reads_below"].newest_days
    found = {section.id: " ".join(section.words) for section in need_page(about, tables).sections}
    assert (
        f"“Reads below the State standard”: the newest result of the {days} days" in found[f"{BY_RULE}-2026"]
    )
    assert "mathematics" not in found[f"{BY_RULE}-2026"]
    assert all(RECORDED_HELP in found[id] for id in ("all-needs", f"{BY_RULE}-2026"))
    assert RECORDED_HELP in " ".join(need_page(about, tables).notes)
    own = limits(need for need in shipped().needs if need.id == "attendance")
    assert own == [RECORDED_HELP]  # a rule over the days of the year has no age
    assert own[0] in " ".join(need_page(about | {"limits": own}, tables).sections[1].words)
    assert "newest result" not in " ".join(need_page(about | {"limits": own}, tables).notes)


@pytest.mark.parametrize("fact", BY_TESTS)
@pytest.mark.parametrize("more", [0, 1])
def test_a_test_counts_up_to_the_age_that_the_rule_says(fact, more):
    """One number, in the sentence, in the count of all students and on a student's page."""
    [days] = {
        int(n)
        for need in shipped().needs
        for each in need.limits
        for n in re.findall(r"of the (\d+) days", each)
    }
    subject = (POLICY.reading_subjects if fact == "reads_below" else POLICY.math_subjects)[0]
    row = {
        "person_id": 1, "assessment_title": "State test", "assessment_identifier": "x", "assessment_academic_subject": subject,
        "grade_level_when_assessed": "05", "assessment_performance_level_label": "Below",
        "assessment_administration_start_date": ON - timedelta(days + more),
    }  # fmt: skip
    level = ProficiencyLevel(test="state test", subject=subject, grade="", label="below", cut=None, metric="", reached=False, source="a test", line=1)  # fmt: skip
    policy = type(POLICY)(levels=(level,))
    alone = visible_student({"assessment_result": [row]}, policy=policy, today=ON).facts
    assert alone.get(fact) == (None if more else {"Yes"})
    access = FakeAccess()
    access.put("assessment_result", row)
    need = next(each for each in shipped().needs if each.when[0].fact == fact)
    asked = NeedQueries(access, everything("harbor"), shipped(), policy, ON)
    assert asked.by_rule(need, 2027, numbers({1})).need.size == (not more)


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    def test_counted_protected_and_registered(self, town, tmp_path):
        made = make_report(
            REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=IN_FALL, out=tmp_path / "needs.xlsx"
        )  # fmt: skip
        assert json.loads(json.dumps({**made, "report": ""})) == {**made, "report": ""}
        [any_help] = made["sections"][0]["rows"]
        assert made["sections"][0]["id"] == "all-needs"
        assert any_help["figures"]["students"] == 64
        assert any_help["figures"]["not served"] == 15 + 20 + 4
        asked = next(section for section in made["sections"] if section["id"] == f"asked-{LAST}")
        rows = {row["name"]: row["figures"] for row in asked["rows"]}
        assert rows["Food"]["students"] == 60
        assert rows["Food"][str(NeedStatus.SERVED)] == 25
        assert not isinstance(rows["Food"][str(NeedStatus.DECLINED)], int)  # nobody: not shown as zero
        assert rows["Food"][str(NeedStatus.NEVER)] == "—"  # who was not referred is not in these records
        shoes = rows["A reason that the rules do not name"]
        assert not any(isinstance(figure, int) for figure in shoes.values())  # a group of four
        why = {each["what"]: each["why"] for each in made["absent"]}
        assert "needs.yaml does not name" in why["A reason that the rules do not name"]
        assert f"No enrollment of {school_year(LAST)} is shown" in why["Reads below the State standard"]
        assert "No record of a program, a service or a referral" in why[school_year(LAST + 1)]
        assert (
            made["talk"][0].startswith("Food: 20 students have no answer, in ")
            or "Food: 15 students wait" in made["talk"][0]
        )
        assert (tmp_path / "needs.xlsx").stat().st_size > 1_000

    def test_pages(self, town):
        client = signed_in(making.reader("evaluator@hub.example"))
        told = counted(client, "/needs/count/", {"purpose": "counting", "publish": "yes"})
        [made] = releases(OPERATOR)
        assert f'href="/needs/{made["id"]}/"' in told
        page = client.get(f"/needs/{made['id']}/").content.decode()
        assert f"Help that was asked for, {school_year(LAST)}" in page
        assert "What to talk about" in page
        assert f"/needs/{made['id']}/" in client.get(f"/releases/{made['id']}/").content.decode()

    @pytest.mark.parametrize(
        ("consent", "partner", "counts"),
        [("false", "harbor", True), ("true", "harbor", False), ("false", "north", False)],
    )
    def test_answers_count_only_as_their_surveys_notice_asks(self, community, consent, partner, counts):
        """The agreement rests on no family's consent, and shows answers to harbor's surveys alone."""
        making.register()
        lines = [*document()["schedule"], making.line("survey_response.*", "counting") | {"from": ["harbor"]}]
        making.in_effect(document(schedule=lines))
        making.land("survey_response", "harbor", [
            {"person_record": n, "survey_identifier": "Fall check-in 2025", "survey_question_code": "F1", "response_number": 1.0,
             "response_date": FALL, "respondent_type": "Student"}
            for n in range(100, 120)
        ])  # fmt: skip
        survey = f"{{id: check-in, name: [Fall check-in 2024, fall check-in 2025], partner: {partner}, notice: Notice 4, since: 2025-08-25, consent: {consent}"
        community.needs.write_text(
            "throughway: needs/1\nneeds:\n  - {id: a, words: missed, when: [days_missed at least 1], answered_by: [mentoring]}\n"
            "asked:\n  - {id: mentor, words: a mentor, answered_by: [mentoring], survey: {survey: check-in, question: F1, at_most: 2}}\n"
            f"surveys:\n  - {survey}, questions: [{{code: F1, words: An adult helps me, topic: none}}]}}\n",
            encoding="utf-8",
        )
        with report_access(actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON) as access:
            needs = counted_needs(access, [2026]).needs
        found = {each.name: each.outcomes.persons.size for each in needs}
        assert found.get("A mentor", 0) == (20 if counts else 0)

    def test_without_records_there_is_a_sentence(self, community):
        making.register()
        making.in_effect(document())
        with pytest.raises(Refused, match="No need can be counted") as refused:
            make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        assert refused.value.code == "no_figures"
        assert "That does not mean zero" in refused.value.message

    def test_a_purpose_that_shows_neither(self, community):
        making.register()
        lines = [
            making.line("organization.*", "counting") | {"from": ["harbor"]},
            making.line("person.*", "matching"),
        ]
        making.in_effect(document(schedule=lines))
        with pytest.raises(Refused, match="shows neither who takes part in programs nor referrals"):
            make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
