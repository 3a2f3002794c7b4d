"""What a student's page tells from rows: attendance, supports, strengths, consents, the next step."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.casework.attendance import AttendanceStatus, attendance_of, by_month, year_of
from throughway.casework.closed_access import closed
from throughway.casework.consent_banner import Decided, consents_of
from throughway.casework.next_step import NextStep, steps
from throughway.casework.referrals.referral import referrals_of as sent_here
from throughway.casework.student_facts import (
    LoadedReferral,
    Support,
    marks_of,
    referrals_of,
    results_of,
    school_days,
    supports_of,
    words,
)
from throughway.casework.student_list import in_order, narrowed
from throughway.casework.student_page import strengths
from throughway.casework.student_summary import StudentSummary, identify_student, summarize
from throughway.casework.timeline import timeline_events
from throughway.casework.year_chart import LINE, year_chart
from throughway.consent.enums import ConsentDecision
from throughway.gate.available_purposes import OpenPurpose

TODAY = date(2026, 3, 20)


def mark(day: date, status: str = "Present", **more: object) -> dict[str, object]:
    return {
        "attendance_event_date": day,
        "attendance_status": status,
        "attendance_event_type": "DailyAttendance",
        **more,
    }


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_half_a_day_missed_counts_and_program_days_do_not() -> None:
    tables = {"attendance_day": [
        mark(ago(1), "UnexcusedAbsence", attendance_event_duration_day=0.4),
        mark(ago(2), "ExcusedAbsence", attendance_event_duration_day=0.5),
        mark(ago(3), "UnexcusedAbsence"), mark(ago(3)),
        mark(ago(4)), mark(ago(5), "Unheard"),
        {**mark(ago(6), "UnexcusedAbsence"), "attendance_event_type": "ProgramAttendance"},
        mark(ago(400), "UnexcusedAbsence"),
    ]}  # fmt: skip
    assert school_days(tables, ago(30)) == {ago(4): False, ago(3): True, ago(2): True, ago(1): False}


@given(st.dictionaries(st.dates(date(2025, 8, 20), TODAY), st.booleans(), max_size=120))
def test_every_day_missed_is_one_block_within_the_chart(days: dict[date, bool]) -> None:
    year = year_of(days, TODAY)
    chart = year_chart(year, [Support("Mentoring", "", ago(3), None)])
    assert chart is not None
    assert len(set(chart.blocks)) == sum(days.values()) == year.missed
    assert all(0 <= x <= 100 - chart.block and LINE < y < chart.height for x, y in chart.blocks)
    spans = [*chart.known, *chart.unknown, *(span for _, span in chart.supports)]
    assert all(0 <= span.start < span.end <= 100 for span in spans)
    assert sum(n for _, n in by_month(days)) == year.missed


def test_no_praise_when_only_absences_are_reported() -> None:
    absences = year_of({ago(90): True, ago(60): True}, TODAY)
    both = year_of({ago(n): n == 90 for n in range(40, 120)}, TODAY)
    assert (absences.marks_presence, both.marks_presence) == (False, True)
    assert strengths(absences, stands({ago(1): False}), [], TODAY) == []
    assert strengths(both, stands({ago(40): False}), [], TODAY) == [
        "No day missed in the four weeks to 8 February 2026"
    ]
    for year, sentence in ((absences, "No absence is sent after"), (both, "Nothing is sent after")):
        chart = year_chart(year, [])
        assert chart is not None
        assert sentence in chart.alternative
        assert len(chart.unknown) == 1


@pytest.mark.parametrize(
    "status", ["WaitingList", "Applied", "Referred", "Eligible", "Declined", "NotEligible"]
)
def test_waiting_or_declined_programs_are_no_supports(status: str) -> None:
    row = {"program_identifier": "harbor/tutoring", "program_participation_status": status}
    for start in (None, ago(100)):
        assert (
            supports_of(
                {"program_participation": [{**row, "program_participation_start_date": start}]}, {}, {}
            )
            == []
        )
    served = {**row, "program_participation_status": "Withdrew", "program_participation_start_date": ago(100)}
    assert len(supports_of({"program_participation": [served]}, {}, {})) == 1


def test_marks_of_a_session_count_as_sessions_of_the_program() -> None:
    """Present and late count, once for the version that stands; absent does not."""

    def session(days: int, mark: str, *, superseded: bool = False) -> dict[str, object]:
        return {
            "session_date": ago(days),
            "session_mark": mark,
            "superseded": superseded,
            "program_identifier": "harbor/circle",
        }

    tables = {
        "program_participation": [
            {"program_identifier": "harbor/circle", "program_participation_start_date": ago(30), "program_participation_status": "Active"}
        ],
        "session_attendance": [session(9, "present"), session(5, "absent", superseded=True), session(5, "late"), session(2, "absent")],
    }  # fmt: skip
    (support,) = supports_of(tables, {"harbor/circle": "Reading Circle"}, {"harbor": "Harbor"})
    assert (support.name, support.sessions, support.last) == ("Reading Circle", 2, ago(5))


def test_supports_are_listed_by_program_with_their_sessions() -> None:
    tables = {
        "program_participation": [
            {"program_identifier": "harbor/homework-club", "program_participation_start_date": ago(100),
             "program_participation_exit_date": None},
            {"program_identifier": "harbor/mentoring", "program_participation_start_date": ago(90),
             "program_participation_exit_date": ago(50), "exit_reason": "MentorMoved"},
        ],
        "service_received": [
            *({"program_identifier": "harbor/homework-club", "service_date": ago(n)} for n in (5, 12, 19)),
            {"student_support_service_type": "BusPass", "organization_id": "north/1", "service_date": ago(30)},
        ],
    }  # fmt: skip
    found = supports_of(
        tables, {"harbor/homework-club": "Homework Club"}, {"harbor": "Harbor", "north": "North"}
    )
    assert [(s.name, s.partner, s.sessions, s.end, s.why_ended) for s in found] == [
        ("Homework Club", "Harbor", 3, None, ""),
        ("Mentoring", "Harbor", 0, ago(50), "Mentor moved"),
        ("Bus pass", "North", 1, ago(30), ""),
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [("homework-club", "Homework club"), ("02214", ""), ("WaitingList", "Waiting list"), ("", "")],
)
def test_codes_are_written_in_words(code: str, said: str) -> None:
    assert words(code) == said


def test_the_timeline_is_newest_first_with_absences_grouped() -> None:
    days = {ago(n): n in (60, 59, 58, 57, 56, 53) for n in range(40, 100)}
    sent = LoadedReferral(ago(20), "Harbor", "sent", "", None)
    told = timeline_events(
        days,
        [Support("Mentoring", "Harbor", ago(90), ago(50), 4)],
        [sent],
        {},
        names={},
        partners={},
        school="North",
        today=TODAY,
    )
    assert told[0].what == "Referral"
    assert [(event.on, event.title) for event in told] == [
        (ago(20), "Referred to Harbor"),
        (ago(50), "Mentoring ended"),
        (ago(53), "Missed 6 days since 19 January 2026"),
        (ago(90), "Mentoring began"),
    ]
    assert told[2].text == "This is a reason to talk, not a judgment."


def test_referrals_made_on_the_site_are_events_and_drafts_and_protected_answers_are_none() -> None:
    told = [("ask", 12, ""), ("check", 11, ""), ("send", 10, ""), ("accept", 9, ""), ("try", 8, ""), ("start", 7, ""),
            ("go_on", 5, ""), ("end", 3, "goal_met"), ("close", 2, "")]  # fmt: skip
    rows = [
        {"entry_id": "a", "version": n, "event_kind": kind, "event_date": ago(days), "event_reason": reason, "referral_state": "closed",
         "author_partner": "north" if kind in ("ask", "check", "send", "close") else "harbor"}
        for n, (kind, days, reason) in enumerate(told, start=1)
    ]  # fmt: skip
    rows += [
        {"entry_id": "b", "version": n, "event_kind": kind, "event_date": ago(1), "referral_state": "answered",
         "author_partner": "clinic"} for n, kind in enumerate(("connected", "not_connected", "cannot_say"), start=1)
    ]  # fmt: skip
    names = {"north": "North", "harbor": "Harbor"}
    referred = [
        (each, "Reading Help" if each.id == "a" else "A clinic") for each in sent_here(rows, names=names)
    ]
    found = timeline_events({}, [], [], {}, referred=referred, names={}, partners={}, school="", today=TODAY)
    assert [(e.on, e.what, e.partner, e.title, e.text) for e in found] == [
        (ago(3), "Referral", "Harbor", "Reading Help: ended", "Reached the goal"),
        (ago(7), "Referral", "Harbor", "Reading Help: started", ""),
        (ago(9), "Referral", "Harbor", "Reading Help: accepted", ""),
        (ago(10), "Referral", "North", "Referred to Reading Help", ""),
    ]


def test_a_referral_waits_until_it_is_answered() -> None:
    rows = [{"referral_date": ago(20), "receiving_organization_id": "harbor/x", "referral_status": s, "referral_closed_date": c}
            for s, c in (("sent", None), ("accepted", None), ("done", ago(2)))]  # fmt: skip
    assert [r.waits for r in referrals_of({"referral": rows}, {}, {"harbor": "Harbor"})] == [
        True,
        False,
        False,
    ]


def stands(days: dict[date, bool], through: date | None = None) -> AttendanceStatus:
    rows = [mark(d, "UnexcusedAbsence" if missed else "Present") for d, missed in days.items()]
    spell = {"organization_id": "north/1", "enrollment_entry_date": date(2025, 9, 1)}
    return attendance_of(
        {"attendance_day": rows, "school_enrollment": [spell] if through else []}, {"north": through}, TODAY
    )


def spells(*told: tuple[str, date, date | None]) -> list[dict[str, object]]:
    return [
        {
            "organization_id": at,
            "enrollment_entry_date": entry,
            "enrollment_exit_date": left,
            "entry_grade_level": "07",
        }
        for at, entry, left in told
    ]


SENT = {"north": ago(10), "lake": date(2025, 6, 5), "club": ago(1)}
COVERED = [
    # spells, absences, last mark of a year ago → sender, to which day, missed lately
    (spells(("north/1", ago(200), None)), [ago(37), ago(38), ago(12)], None, ("north", ago(10), 2)),
    (spells(("north/1", ago(200), None)), [], None, ("north", ago(10), 0)),
    (spells(("north/1", ago(900), None)), [], None, ("north", ago(10), 0)),
    (spells(("north/1", ago(200), ago(50))), [ago(51)], None, ("north", ago(50), 1)),
    (spells(("lake/1", ago(500), date(2025, 6, 5))), [], date(2025, 6, 4), ("lake", None, 0)),
    (spells(("lake/1", ago(500), None)), [], date(2025, 6, 4), ("lake", None, 0)),
    (spells(("north/1", ago(600), ago(400))), [], ago(420), ("north", None, 0)),
    (spells(("unheard/1", ago(200), None)), [], None, ("", None, 0)),
    ([], [ago(3)], None, ("", ago(3), 1)),
    ([], [], None, ("", None, 0)),
]


@pytest.mark.parametrize(("schools", "absent", "before", "expected"), COVERED)
def test_attendance_is_known_only_where_records_cover_the_year(
    schools: list[dict[str, object]],
    absent: list[date],
    before: date | None,
    expected: tuple[str, date | None, int],
) -> None:
    rows = [mark(d, "ExcusedAbsence") for d in absent] + ([mark(before)] if before else [])
    found = attendance_of({"attendance_day": rows, "school_enrollment": schools}, SENT, TODAY)
    assert (found.partner, found.through, found.lately) == expected


def test_attendance_names_its_last_day_and_its_sender() -> None:
    names = {"lake": "Lakeside Schools"}
    assert stands({ago(2): True}, ago(1)).words(names) == "Missed 1 day in the four weeks to 19 March 2026"
    assert stands({}, ago(1)).words(names) == "No absence in the four weeks to 19 March 2026"
    old = {
        "attendance_day": [mark(date(2025, 6, 5))],
        "school_enrollment": spells(("lake/1", ago(500), None)),
    }
    assert (
        attendance_of(old, SENT, TODAY).words(names)
        == "No attendance from Lakeside Schools since 5 June 2025"
    )
    assert attendance_of({}, SENT, TODAY).words(names) == ""
    # A partner whose records go on is not told as silent: no row of this student that may be shown is all that is known.
    left = {**old, "school_enrollment": spells(("lake/1", ago(500), date(2025, 6, 5)))}
    still = attendance_of(left, {"lake": ago(1)}, TODAY).words(names)
    assert (
        still
        == "No attendance since 5 June 2025 that you may see; Lakeside Schools sends it up to 19 March 2026"
    )


def test_a_partner_that_sends_absences_alone_is_not_told_as_silent_since_the_last_one() -> None:
    """In summer nothing of the new year has come in; up to the last day of the old one the student missed nothing more."""
    names, sent = {"lake": "Lakeside Schools"}, {"lake": date(2025, 6, 5)}
    since_may = {"attendance_day": [mark(date(2025, 4, 2), "ExcusedAbsence")]}
    for stays, last in (
        (spells(("lake/1", ago(500), None)), "5 June 2025"),
        (spells(("lake/1", ago(500), date(2025, 6, 5)), ("lake/1", ago(100), None)), "5 June 2025"),
        (spells(("lake/1", ago(500), date(2025, 5, 9))), "9 May 2025"),
        (spells(("north/1", ago(500), None)), "2 April 2025"),  # of another partner's school it is not known
        ([], "2 April 2025"),
    ):
        found = attendance_of({**since_may, "school_enrollment": stays}, sent, TODAY)
        assert found.words(names).endswith(f" since {last}")


def test_no_praise_on_old_or_incomplete_data() -> None:
    whole = {ago(n): False for n in range(10, 150)}
    gap = {d: missed for d, missed in whole.items() if not ago(90) < d < ago(60)}
    for days, praised in ((whole, ["No day missed from 22 October 2025 to 10 March 2026"]), (gap, [])):
        year = year_of(days, TODAY)
        assert strengths(year, stands(days), [], TODAY) == praised
        later = TODAY + timedelta(days=60)
        assert strengths(year_of(days, later), attendance_of({}, {}, later), [], later) == []


def test_regular_attendance_of_a_program_is_a_strength() -> None:
    club = Support("Homework Club", "Harbor", ago(200), None, 12, ago(4))
    ended = Support("Chess", "Harbor", ago(400), None, 30, ago(90))
    silent = Support("Mentoring", "Harbor", ago(400), None)
    assert strengths(year_of({}, TODAY), stands({}), [club, ended, silent], TODAY) == [
        "Came to Homework Club 12 times, last on 16 March 2026"
    ]


def test_results_and_marks_are_shown_as_reported() -> None:
    reading = {"assessment_title": "Reading", "assessment_administration_start_date": ago(300)}
    tables = {
        "assessment_result": [
            {**reading, "assessment_result_score_value": "364", "assessment_score_metric_type": "03479"},
            {**reading, "assessment_performance_level_label": "Below Basic"},
            {"assessment_identifier": "MATH-4", "assessment_administration_start_date": ago(30), "reason_not_tested": "ParentRefusal"},
            {"assessment_title": "Writing"},
        ],
        "course_grade": [
            {"course_title": "Algebra", "marking_period_name": "Fall 2025", "student_course_section_grade_earned": "F"},
            {"course_identifier": "ENG-1", "numeric_grade_earned": 71.5},
        ],
    }  # fmt: skip
    assert [(r.on, r.test, r.result) for r in results_of(tables)] == [
        (ago(30), "MATH-4", "Not tested: parent refusal"),
        (ago(300), "Reading", "Below Basic; Scale score 364"),
        (None, "Writing", "no result reported"),
    ]
    assert [(m.course, m.when, m.mark) for m in marks_of(tables)] == [
        ("Algebra", "Fall 2025", "F"),
        ("ENG-1", "", "71.5"),
    ]


def next_step(*known: Any) -> NextStep | None:
    return next(iter(steps(*known)), None)


CASES = [
    # consent ends in, referral sent ago, days missed lately → what comes next
    (10, 30, 6, "consent"),
    (46, 30, 6, "referral"),
    (None, 13, 6, "attendance"),
    (None, None, 4, None),
]


@pytest.mark.parametrize(("ends", "sent", "missed", "kind"), CASES)
def test_one_thing_comes_next(ends: int | None, sent: int | None, missed: int, kind: str | None) -> None:
    attendance = stands({ago(n): n <= missed for n in range(1, 25)})
    waiting = [LoadedReferral(ago(sent), "Harbor", "sent", "", None)] if sent else []
    until = TODAY + timedelta(days=ends) if ends else None
    given = consents_of([CHOICE], [CHOICE], [decided(ConsentDecision.YES, 9, until)])
    found = next_step(attendance, waiting, given, TODAY, "Ada")
    assert (found.kind if found else None) == kind


def test_absences_matter_for_six_weeks_then_consent_is_asked() -> None:
    nothing, asked = consents_of([], [], []), consents_of([CHOICE], [], [])
    days = {ago(n): True for n in range(44, 50)}
    old = {ago(n): True for n in range(46, 52)}
    assert next_step(stands(days), [], nothing, TODAY, "Ada") is not None
    assert next_step(stands(old), [], nothing, TODAY, "Ada") is None
    assert getattr(next_step(stands(old), [], asked, TODAY, "Ada"), "kind", "") == "ask"


def test_an_ended_consent_is_not_called_unanswered() -> None:
    asked = consents_of([CHOICE], [], [])
    ended = consents_of([CHOICE], [], [decided(ConsentDecision.YES, 400, TODAY - timedelta(days=1))])
    never, lapsed = (next_step(stands({}), [], given, TODAY, "Ada") for given in (asked, ended))
    assert "nobody has recorded an answer" in getattr(never, "why", "")
    assert "its consent has ended" in getattr(lapsed, "why", "")


CHOICE = (RequiredFamilyChoice("a", "casework", Basis.CONSENT), "north")


def decided(decision: ConsentDecision, on: int, until: date | None = None, **more: str) -> Decided:
    said = {"agreement": "a", "purpose": "casework", "discloser": "north", **more}
    return Decided(
        **said, decision=decision, signed_on=ago(on), until=until, relation="mother", language="en"
    )


@pytest.mark.parametrize(
    ("said", "consented", "given", "refused", "ended"),
    [
        ([], False, 0, 0, 0),
        ([decided(ConsentDecision.YES, 9, TODAY)], True, 1, 0, 0),
        ([decided(ConsentDecision.YES, 9, purpose="*")], True, 1, 0, 0),
        ([decided(ConsentDecision.YES, 9, ago(1))], False, 0, 0, 1),
        ([decided(ConsentDecision.YES, 9), decided(ConsentDecision.WITHDRAWN, 3)], False, 0, 1, 0),
        ([decided(ConsentDecision.NO, 3)], False, 0, 1, 0),
        ([decided(ConsentDecision.NO, 3, agreement="b")], False, 0, 0, 0),
        ([decided(ConsentDecision.NO, 3, discloser="harbor")], False, 0, 0, 0),
        ([decided(ConsentDecision.NO, 3, purpose="other")], False, 0, 0, 0),
    ],
)
def test_what_a_family_decided(
    said: list[Decided], consented: bool, given: int, refused: int, ended: int
) -> None:
    found = consents_of([CHOICE], [CHOICE] if consented else [], said)
    assert (len(found.given), len(found.refused), len(found.ended)) == (given, refused, ended)


def student(name: str, missed: int = 0) -> StudentSummary:
    first, _, last = name.partition(" ")
    tables = {
        "person": [{"first_name": first, "last_or_surname": last}],
        "attendance_day": [mark(ago(n), "ExcusedAbsence") for n in range(missed)],
    }
    nothing = consents_of([], [], [])
    return summarize(1, tables, feeds={}, consents=nothing, partners={}, today=TODAY)


def test_a_list_ignores_accents_and_starts_with_things_to_do() -> None:
    students = [student("Zoë Peña"), student("Ana Río", missed=7), student("Bo Li")]
    assert [x.name for x in narrowed(students, words="pena ZOE")] == ["Zoë Peña"]
    assert [x.name for x in narrowed(students, chip="talk")] == ["Ana Río"]
    assert [x.name for x in in_order(students)] == ["Ana Río", "Bo Li", "Zoë Peña"]


def test_identity_shows_only_granted_parts() -> None:
    assert identify_student({}, {}, {}, TODAY).shown == "A student"
    tables = {
        "person": [{"first_name": "Marisol"}, {"first_name": "Marisol", "last_or_surname": "Puente", "birthdate": date(2013, 3, 21)}],
        "school_enrollment": [
            {"enrollment_entry_date": ago(500), "entry_grade_level": "06", "organization_id": "north/1"},
            {"enrollment_entry_date": ago(200), "entry_grade_level": "07", "organization_id": "north/2"},
        ],
    }  # fmt: skip
    found = identify_student(tables, {"north/2": "Lincoln Middle School"}, {"north": "North"}, TODAY)
    assert (found.name, found.details) == ("Marisol Puente", "Grade 7, Lincoln Middle School · age 12")


@pytest.mark.parametrize(
    ("entry", "left", "year", "where"),
    [
        (ago(200), None, None, "Grade 7, North"),
        (ago(200), ago(3), None, "Grade 7, North until 17 March 2026"),
        (ago(560), date(2025, 6, 5), None, "Grade 7 in 2024-25, North"),
        (ago(560), date(2025, 2, 19), "2025", "Grade 7 in 2024-25, North until 19 February 2025"),
        (ago(560), None, "2026", "Grade 7, North"),
        (ago(900), date(2025, 6, 5), None, "Grade 7 in 2023-24, North until 5 June 2025"),
    ],
)
def test_a_grade_of_an_earlier_year_says_which(
    entry: date, left: date | None, year: str | None, where: str
) -> None:
    stay = {**spells(("north/1", entry, left))[0], "school_year": year}
    assert identify_student({"school_enrollment": [stay]}, {}, {"north": "North"}, TODAY).where == where


def test_a_name_does_not_depend_on_the_order_of_rows() -> None:
    rows = [
        {"first_name": "Alejandro", "last_or_surname": "Vega"},
        {"first_name": "Alex", "last_or_surname": "Vega"},
        {"first_name": "Alex", "last_or_surname": "Vega"},
        {"last_or_surname": "Vega-Vega"},
    ]
    for turned in (rows, rows[::-1]):
        assert identify_student({"person": turned}, {}, {}, TODAY).name == "Alex Vega"
    full = {**rows[0], "preferred_first_name": "Jandro", "preferred_last_or_surname": None}
    assert identify_student({"person": [*rows, full]}, {}, {}, TODAY).name == "Jandro Vega"
    slips = [
        {"first_name": "Maon", "last_or_surname": "Moorgate"},
        {"first_name": "Mason", "last_or_surname": "Moorgate"},
    ]
    assert identify_student({"person": slips}, {}, {}, TODAY).name == "Mason Moorgate"


@pytest.mark.parametrize(
    ("reaches", "caseload", "sites", "kind"),
    [
        ("caseload", 0, 0, "caseload"),
        ("caseload", 0, 1, "caseload"),  # nor a site under one by caseload
        ("caseload", 1, 0, None),
        ("site", 0, 0, "site"),
        ("site", 1, 0, "site"),  # a caseload opens nothing under a purpose by site
        ("site", 0, 1, None),
        ("caseload site", 0, 0, "caseload"),
        ("caseload site", 0, 1, None),
        ("roster site", 0, 0, None),
        ("roster", 0, 0, None),
        ("all caseload", 0, 0, None),
    ],
)
def test_nobody_is_assigned_yet(reaches: str, caseload: int, sites: int, kind: str | None) -> None:
    openings = [_opening(Reach(reach)) for reach in reaches.split()]
    found = closed(
        openings, set(), caseload=caseload, sites=sites, names=dict, suspensions=lambda id: [], today=TODAY
    )
    assert (found.kind if found else None) == kind


def _opening(reach: Reach) -> OpenPurpose:
    return OpenPurpose(
        f"by-{reach}", "i", PurposeKind.CASEWORK, AccessForm.IDENTIFIED, reach, "a", "A", ("north",), (), TODAY, Basis.SCHOOL_OFFICIAL,
    )  # fmt: skip


def test_no_agreement_is_the_first_reason() -> None:
    found = closed([], set(), caseload=0, sites=0, names=dict, suspensions=lambda id: [], today=TODAY)
    assert found is not None
    assert found.kind == "none"
