"""Promised beside delivered: which program is meant, who counts as taking part, and that only protected figures leave."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.insight.asking import counted, preview
from tests.insight.fake_access import FakeAccess, everything
from tests.kept import kept
from tests.site.people import signed_in
from throughway.agreements.service_commitments import Promise
from throughway.core.refusals import Refused
from throughway.insight.commitments.actions import REPORT
from throughway.insight.commitments.figures import (
    STATUS_LABELS,
    method,
    promise_figures,
    promise_to_json,
    raw_tables,
    relations,
    to_json,
)
from throughway.insight.commitments.participation import (
    ALL,
    HALF,
    LESS,
    NONE,
    OTHERS,
    Delivered,
    ParticipationQueries,
    Program,
    match,
)
from throughway.insight.commitments.selectors import hours_sections
from throughway.insight.reports.actions import make_report
from throughway.ledger.models import LedgerEntry
from throughway.measures.stays import hours_given
from throughway.partners import OPERATOR
from throughway.publication.actions import act_on
from throughway.publication.joint_release import CountedTables
from throughway.publication.selectors import release, releases
from throughway.publication.states import ReleaseAct
from throughway.vocabulary.participation import ParticipationStatus

CLUB, GYM = Program("harbor/club-1", "Homework Club"), Program("harbor/late-gym", "Late Gym")
ON = date(2026, 11, 25)


def promise(**changes):
    return Promise(**{
        "agreement": "a", "title": "A", "partner": "harbor", "program": "Homework club", "schools": (), "seats": 20,
        "hours_per_week": 2.0, "first": date(2025, 7, 1), "last": date(2027, 6, 30), **changes,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("homework  club", [CLUB]),
        ("club-1", [CLUB]),
        ("harbor/club-1", [CLUB]),
        ("Late_Gym", [GYM]),
        ("Club", []),
        ("Homework Club at Lincoln", []),
        ("", []),
    ],
)
def test_programs_match_by_id_or_name_only(program, found):
    other = Program("north/homework-club", "Homework Club")
    assert list(match(promise(program=program), [CLUB, GYM, other, Program("harbor/x", "")])) == found


def test_two_of_one_name_are_both_told_and_an_id_decides():
    second = Program("harbor/club-2", "Homework Club")
    assert match(promise(), [CLUB, second]) == (CLUB, second)
    assert match(promise(program="club-2"), [CLUB, second]) == (second,)


def spell(person, first, last=None, program="harbor/club-1"):
    return {"person_id": person, "program_identifier": program, "program_participation_start_date": first,
            "program_participation_exit_date": last}  # fmt: skip


def service(person, day, quantity, unit="minute", program="harbor/club-1"):
    return {"person_id": person, "program_identifier": program, "service_date": day, "service_quantity": quantity,
            "service_quantity_unit": unit}  # fmt: skip


MONDAY = date(2025, 9, 1)


@pytest.fixture
def access():
    """Two weeks of a club; whoever stayed for both and had 240 minutes had two hours a week."""
    access = FakeAccess()
    weeks = [MONDAY, MONDAY + timedelta(weeks=1)]
    access.put("program", {"program_identifier": "harbor/club-1", "program_name": "Homework Club"})
    access.put(
        "program_participation",
        *(spell(person, MONDAY, date(2026, 5, 1)) for person in (1, 2, 3, 4)),
        spell(1, date(2026, 5, 2)),  # comes back: one student all the same, and stays into the next year
        spell(5, weeks[1]),  # came in the second week
        spell(6, date(2024, 9, 1), date(2025, 6, 30)),  # had left before the year
        spell(7, MONDAY, program="harbor/late-gym"),
    )
    access.put(
        "service_received",
        *(service(1, day, 120) for day in weeks),
        *(service(2, day, 1, "hour") for day in weeks),
        service(3, weeks[0], 30),
        service(4, weeks[0], 3, "session"),
        service(5, weeks[1], 120),
    )
    return access


def test_who_took_part_and_how_far_their_hours_came(access):
    queries = ParticipationQueries(access, everything("harbor"), ON)
    assert queries.programs(["harbor", "north"]) == [CLUB, Program("harbor/late-gym", "")]
    found = list(queries.delivered(CLUB, [2026, 2027], 2.0))
    nobody = dict.fromkeys(OTHERS, 0)
    assert found[0] == Delivered(2026, 5, {ALL: 2, HALF: 1, LESS: 1, NONE: 1}, nobody)
    assert (found[1].year, found[1].students, found[1].bands[NONE]) == (2027, 2, 2)
    assert list(queries.delivered(GYM, [2026], None)) == [Delivered(2026, 1, {}, nobody)]
    assert len(queries.disclosures) == len(access.asked)


def test_without_hours_in_the_agreement_none_are_asked(access):
    queries = ParticipationQueries(
        access, everything("harbor", without=("service_received", "session_attendance")), ON
    )
    assert queries.shows_part("harbor")
    assert not queries.shows_hours("harbor")
    list(queries.delivered(CLUB, [2026], None))
    assert not any("service_received" in sql for sql in access.asked)


def mark(person, day, mark="present", hours=1.5, *, version=1, superseded=False, program="harbor/club-1"):
    return {"person_id": person, "program_identifier": program, "session_date": day, "session_mark": mark, "session_hours": hours,
            "version": version, "superseded": superseded}  # fmt: skip


def test_marks_made_on_the_site_count_as_hours_once(access):
    """Student 4, whose services have no time, came to two sessions of an hour; what the system sent of student 1 counts as it was sent."""
    days = [MONDAY, MONDAY + timedelta(weeks=1)]
    access.put(
        "session_attendance",
        mark(4, days[1], "present", 1.0),
        mark(4, MONDAY + timedelta(days=1), "late", 1.0),
        mark(4, MONDAY + timedelta(days=2), "absent", 2.0),
        mark(4, MONDAY + timedelta(days=3), "present", 2.0, superseded=True),
        mark(4, MONDAY + timedelta(days=3), "absent", 2.0, version=2),
        *(mark(1, day, "present", 50.0) for day in days),
        mark(4, MONDAY, "present", 50.0),  # the system sent this session too
    )
    queries = ParticipationQueries(access, everything("harbor"), ON)
    [found, *_] = queries.delivered(CLUB, [2026], 2.0)
    assert found.bands == {ALL: 2, HALF: 2, LESS: 1, NONE: 0}
    typed_alone = ParticipationQueries(access, everything("harbor", without=("service_received",)), ON)
    assert typed_alone.shows_hours("harbor")
    [alone, *_] = typed_alone.delivered(CLUB, [2026], 2.0)
    assert alone.bands == {ALL: 2, HALF: 0, LESS: 0, NONE: 3}


DAYS = [MONDAY + timedelta(days=n) for n in range(3)]
SENT = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(DAYS), st.sampled_from([30, 60, None])), max_size=5
)
MARKS = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(DAYS), st.sampled_from(["present", "late", "absent"]),
              st.sampled_from([1.0, 2.0, None]), st.booleans()),
    max_size=6,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(sent=SENT, marks=MARKS)
def test_hours_given_agree_with_a_slow_count(sent, marks):
    access = FakeAccess()
    access.put("service_received", *(service(p, d, q, "minute") for p, d, q in sent))
    access.put("session_attendance", *(mark(p, d, m, h, superseded=old) for p, d, m, h, old in marks))
    sql = hours_given(everything("harbor"), CLUB.id, MONDAY, MONDAY + timedelta(days=5))
    table, _ = access.figures(f"SELECT person_id, service_date, hours FROM ({sql})")
    found = sorted((r["person_id"], r["service_date"], r["hours"] or -1) for r in table.to_pylist())
    wanted = [(p, d, q / 60 if q else -1) for p, d, q in sent]
    fed = {(p, d) for p, d, _ in sent}
    came: dict = {}
    for p, d, m, h, old in marks:
        if m != "absent" and not old and (p, d) not in fed:
            came.setdefault((p, d), []).append(h or -1)
    wanted += [(p, d, max(hours)) for (p, d), hours in came.items()]
    assert found == sorted(wanted)


def test_a_release_says_of_each_promise_its_own_years():
    waiting = {ParticipationStatus.WAITING: 25}
    tables = raw_tables({
        "Club": [Delivered(2026, 30, {}, waiting), Delivered(2027, 28, {}, {}), Delivered(None, 0, {}, {ParticipationStatus.UNKNOWN: 14})],
    })  # fmt: skip
    from throughway.publication.protection import protect

    (told,) = promise_figures(
        [promise_to_json(promise(last=date(2026, 6, 30)), "Club", "", "")], protect(tables, minimum_cell=10)
    )
    assert [(year.year, year.students, year.words) for year in told.years] == [(2026, 30, "2025-26")]
    assert (STATUS_LABELS[ParticipationStatus.WAITING], 25) in told.years[0].others.lines
    assert (STATUS_LABELS[ParticipationStatus.APPLIED], None) in told.years[
        0
    ].others.lines  # nobody: as withheld as a few
    assert not told.years[0].others.all_withheld
    assert (STATUS_LABELS[ParticipationStatus.UNKNOWN], 14) in told.no_year.lines
    found = to_json(told)
    assert found["years"][0]["did_not_take_part"]["waiting"] == 25
    assert found["no_year"]["unknown"] == 14


def club(bands, *, year=2026):
    """A club in a year, with these numbers in each band of hours, and its persons."""
    persons, first = {}, 0
    for band, size in bands.items():
        persons[band] = np.arange(first, first + size)
        first += size
    every = np.arange(first)
    return {"Club": [Delivered(year, first, bands, {}, {**persons, "": every})]}


@pytest.mark.parametrize(
    ("bands", "shown"),
    [
        # Two of the four bands are empty: the halves show both numbers, the bands could show one.
        ({ALL: 0, HALF: 22, LESS: 14, NONE: 0}, {"half of them or more": 22, "less than half, or none recorded": 14}),
        ({ALL: 0, HALF: 43, LESS: 116, NONE: 0}, {"half of them or more": 43, "less than half, or none recorded": 116}),
        # All four are large enough.
        ({ALL: 40, HALF: 30, LESS: 20, NONE: 15}, {ALL: 40, HALF: 30, LESS: 20, NONE: 15}),
    ],
)  # fmt: skip
def test_where_the_four_bands_are_too_small_two_take_their_place(bands, shown):
    raw = raw_tables(club(bands))
    tables = CountedTables(raw, 10, relations(raw)).protected(ranges=False)
    (told,) = promise_figures([promise_to_json(promise(last=date(2026, 6, 30)), "Club", "", "")], tables)
    (year,) = told.years
    assert dict(year.hours) == shown
    assert year.students == sum(bands.values())
    found = to_json(told)["years"][0]
    assert found["hours"].keys() == bands.keys()
    assert set(found["half_of_hours"].values()) <= {
        sum(bands[b] for b in p) for p in ((ALL, HALF), (LESS, NONE))
    } | {None}


@pytest.mark.parametrize(
    ("bands", "may_show"),
    [({ALL: 0, HALF: 0, LESS: 25, NONE: 0}, {None}), ({ALL: 3, HALF: 4, LESS: 9, NONE: 12}, {None, 12})],
)
def test_a_half_that_would_reveal_a_small_one_is_withheld_too(bands, may_show):
    raw = raw_tables(club(bands))
    table, _ = CountedTables(raw, 10, relations(raw)).protected(ranges=False)
    assert [len(c.at) for c in raw[0].cells if c.public] == [
        2
    ]  # all who took part: who runs the club knows how many come
    parts = [c.shown for c in table.cells if len(c.at) > 2]
    assert len(parts) == 6
    assert set(parts) <= may_show


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_each_half_is_the_sum_of_its_bands(sizes):
    """Recounted from the persons: nobody is in both halves, and together they are all who took part."""
    bands = dict(zip((ALL, HALF, LESS, NONE), sizes, strict=True))
    table, _ = raw_tables(club(bands))
    halves = {
        c.at["half of the promised hours"]: c for c in table.cells if "half of the promised hours" in c.at
    }
    more, less = (set(halves[half].persons.tolist()) for half in halves)
    assert (
        (len(more), len(less))
        == tuple(c.count for c in halves.values())
        == (sizes[0] + sizes[1], sizes[2] + sizes[3])
    )
    assert not more & less
    assert more | less == set(range(sum(sizes)))
    for each in relations((table,)):
        parts = [next(c for c in table.cells if c.at == part).count for part in each.parts]
        assert sum(parts) == next(c for c in table.cells if c.at == each.total).count


def place(person, status, start=None, **more):
    return {**spell(person, start), "program_participation_status": status, **more}


def test_only_participants_count_as_served():
    access, first = FakeAccess(), date(2025, 9, 1)
    applied = {"program_application_date": date(2025, 8, 20)}
    access.put(
        "program_participation",
        place(1, "Active", first), place(2, "Exited", first, program_participation_exit_date=date(2025, 12, 1)),
        place(3, "Withdrew", first), place(4, None, first),  # 3 left early, nobody recorded when
        place(11, "WaitingList", **applied), place(12, "WaitingList", school_year="2026"), place(13, "WaitingList", first),
        place(14, "Applied", **applied), place(15, "Referred", **applied), place(16, "Eligible", school_year="2026"),
        place(17, "Declined", school_year="2026"), place(18, "NotEligible", **applied),
        place(19, "Withdrew", school_year="2026"),
        place(20, "Active", school_year="2026"), place(21, None, **applied), place(22, "Other", first),
        place(1, "WaitingList", school_year="2026"),  # waited first: took part all the same
        place(14, "WaitingList", school_year="2026"),  # the first of two standings
        place(23, "WaitingList"),  # of no year
    )  # fmt: skip
    queries = ParticipationQueries(access, everything("harbor"), ON)
    last, now, undated = queries.delivered(CLUB, [2026, 2027], None)
    waits = {
        ParticipationStatus.WAITING: 4,
        ParticipationStatus.APPLIED: 2,
        ParticipationStatus.DECLINED: 2,
        ParticipationStatus.WITHDREW: 1,
        ParticipationStatus.UNKNOWN: 3,
    }
    assert last == Delivered(2026, 4, {}, waits)
    assert now == Delivered(2027, 2, {}, dict.fromkeys(OTHERS, 0))  # 1 and 4 have no last day and go on
    assert undated == Delivered(None, 0, {}, {**dict.fromkeys(OTHERS, 0), ParticipationStatus.WAITING: 1})


def test_a_row_without_a_first_day_has_not_begun():
    access = FakeAccess()
    access.put(
        "program_participation",
        *(place(n, "Active") for n in range(1, 6)),
        *(place(n, None) for n in range(6, 9)),
    )
    found = list(ParticipationQueries(access, everything("harbor"), ON).delivered(CLUB, [2026, 2027], 2.0))
    assert [each.students for each in found] == [0, 0, 0]
    assert found[2].others[ParticipationStatus.UNKNOWN] == 8


def test_without_the_status_nobody_can_be_counted():
    column = "program_participation.program_participation_status"
    assert not ParticipationQueries(FakeAccess(), everything("harbor", without=(column,)), ON).shows_part(
        "harbor"
    )


def test_the_method_names_every_status_that_means_taking_part():
    took_part, others, _ = method()
    assert took_part.count("“") == 3
    for label in ("Active in program", "Exited program", "Withdrew/refused program"):
        assert f"“{label}”" in took_part
    for label in ("On a waiting list", "Applied and has no place", "Referred to program", "Declined a place"):
        assert f"“{label}”" in others


def document(**more):
    lines = [making.line("program.*", "counting"), making.line("program_participation.*", "counting"),
             making.line("service_received.*", "planning", "counting"), making.line("person.*", "matching")]  # fmt: skip
    lines = [
        each | {"from": ["harbor"]} if "program" in each["element"] or "service" in each["element"] else each
        for each in lines
    ]
    services = [
        {"partner": "harbor", "program": "Homework Club", "seats": 40, "hours_per_week": 2},
        {"partner": "harbor", "program": "After-school at Lincoln", "seats": 9},
        {"partner": "north", "program": "Summer school"},
    ]
    terms = making.sharing()["terms"] | {"effective": "2025-07-01", "minimum_cell": 10}
    return making.sharing(schedule=lines, services=services, terms=terms) | more


@pytest.fixture
@kept
def town(community):
    """Harbor's club with 25 students in 2025-26: 12 had the hours, 11 half of them, 2 none."""
    making.register()
    making.in_effect(document())
    making.land(
        "program", "harbor", [{"program_identifier": "harbor/club-1", "program_name": "Homework Club"}]
    )
    stays = [{"person_record": n, "program_identifier": "harbor/club-1", "program_participation_start_date": MONDAY,
              "program_participation_exit_date": date(2026, 5, 1)} for n in range(100, 125)]  # fmt: skip
    making.land("program_participation", "harbor", stays)
    had = [{"person_record": n, "program_identifier": "harbor/club-1", "service_date": MONDAY,
            "service_quantity": 120.0 if n < 112 else 60.0, "service_quantity_unit": "minute"} for n in range(100, 123)]  # fmt: skip
    making.land("service_received", "harbor", had)


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    def test_promised_beside_delivered_protected_and_registered(self, town):
        made = make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        assert json.loads(json.dumps(made)) == made
        lincoln, club, summer = made["promises"]
        assert "No program in the records of Harbor is called After-school at Lincoln" in lincoln["why"]
        assert (
            summer["why"]
            == "No agreement of this purpose shows who takes part in programs of North: program, first day and status."
        )
        years = {year["year"]: year for year in club["years"]}
        assert years[2026]["students"] == 25
        shown = years[2026]["hours"]
        assert not isinstance(shown[NONE], int)  # two students
        # and one more, so that they are not the rest
        assert [band for band in (ALL, HALF, LESS) if not isinstance(shown[band], int)]
        kept = release(made["release"], OPERATOR)
        assert [r["title"] for r in releases(OPERATOR)] == ["What was promised, and who took part"]
        assert not {2, 12, 11} <= {c["shown"] for t in kept["tables"] for c in t["cells"]}
        published = LedgerEntry.objects.get(outcome="published")
        assert set(made["disclosures"]) == set(
            LedgerEntry.objects.filter(outcome="released").values_list("id", flat=True)
        )
        assert published.agreements[0][0] == "sharing-2026"

    def test_of_two_programs_of_one_name_neither_is_counted(self, town):
        twin = {"program_identifier": "harbor/club-2", "program_name": "Homework Club"}
        making.land("program", "harbor", [twin])
        with pytest.raises(
            Refused,
            match="2 programs of Harbor are called Homework Club; name one in the agreement by its id",
        ):
            make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        assert releases(OPERATOR) == []

    @pytest.mark.parametrize(
        ("who", "purpose", "code"),
        [
            ("evaluator@hub.example", "planning", "not_aggregate"),
            ("evaluator@harbor.example", "counting", "not_allowed"),
            ("officer@hub.example", "counting", "not_allowed"),
        ],
    )
    def test_there_is_no_other_way_in(self, town, who, purpose, code):
        with pytest.raises(Refused) as refused:
            make_report(REPORT, actor=making.reader(who), purpose=purpose, on=ON)
        assert refused.value.code == code
        assert releases(OPERATOR) == []

    def test_where_nothing_can_be_counted_it_says_why(self, community):
        making.register()
        making.in_effect(making.sharing(services=[{"partner": "harbor", "program": "Homework Club"}]))
        with pytest.raises(Refused, match="who takes part in programs of Harbor") as refused:
            make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        assert refused.value.code == "not_granted"

    def test_the_page_shows_promises_gaps_and_who_can_count(self, town):
        officer = signed_in(making.reader("officer@harbor.example"))
        page = officer.get("/services/").content.decode()
        assert "Two partners promise three programs" in page
        assert "evaluators of Hub can" in page
        assert (
            "No agreement in effect allows the count. An agreement must show who takes part in programs of North"
            in page
        )
        assert "see a preview" not in page
        assert officer.post("/services/count/", {"purpose": "counting"}).status_code == 404

    def test_who_may_counts_from_the_page(self, town, django_assert_max_num_queries):
        client = signed_in(making.reader("evaluator@hub.example"))
        assert "Count and see a preview" in client.get("/services/").content.decode()
        assert (
            "Choose a purpose"
            in client.post("/services/count/", {"purpose": "planning"}, follow=True).content.decode()
        )
        seen = preview(client, "/services/count/", {"purpose": "counting"})
        assert "Nothing has been published yet" in seen
        assert "No program in the records of Harbor is called After-school at Lincoln" in seen
        assert releases(OPERATOR) == []
        chosen = {"purpose": "counting", "publish": "yes"}
        assert "The figures are counted and registered" in counted(client, "/services/count/", chosen)
        (made,) = releases(OPERATOR)
        for email in ("evaluator@hub.example", "worker@harbor.example", "officer@north.example"):
            reader = signed_in(making.reader(email))
            for address in ("/services/", f"/services/{made['id']}/"):
                with django_assert_max_num_queries(15):
                    page = reader.get(address).content.decode()
                assert "25</strong> students took part, 40 seats promised" in page
                assert "withheld" in page
        assert f"/services/{made['id']}/" in client.get(f"/releases/{made['id']}/").content.decode()

    def test_other_reports_tell_the_hours_to_those_who_may_see_the_promise(self, town):
        from throughway.partners import actions as partners

        partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
        far = partners.add_user(email="leader@far.example", partner="far", role="leader", by=OPERATOR)
        reader = making.reader("worker@harbor.example")
        assert list(hours_sections(reader)) == []
        make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        [section] = hours_sections(reader)
        [row] = section.rows  # the other two promise no hours
        assert row.name == "Homework Club, Harbor: 2 hours a week, 2025-26"
        seats, took_part, more, less = row.cells
        assert (seats, took_part) == (40, 25)
        assert all(n is None or not isinstance(n, int) or n in (23, 2) for n in (more, less))
        assert 2 not in (more, less)  # 12 and 11 had half of them or more, two none
        assert list(hours_sections(far)) == []

    def test_a_withdrawn_count_is_not_called_uncounted(self, town):
        made = make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        act_on(
            ReleaseAct.WITHDRAW,
            release=made["release"],
            reason="Two programs were counted as one",
            by=OPERATOR,
        )
        page = signed_in(making.reader("evaluator@hub.example")).get("/services/").content.decode()
        assert "No public release includes it." in page
        assert "Nobody has counted it" not in page

    def test_others_agreements_and_releases_stay_theirs(self, town):
        from throughway.partners import actions as partners
        from throughway.publication.actions import publish

        partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
        far = partners.add_user(email="leader@far.example", partner="far", role="leader", by=OPERATOR)
        make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON)
        page = signed_in(far).get("/services/").content.decode()
        assert "No agreement promises a service" in page
        assert "Homework Club" not in page
        other = publish(
            report="other",
            review_days=0,
            title="T",
            tables=[],
            purpose="p",
            on=ON,
            agreements=[],
            minimum_cell=10,
            disclosures=[],
            by=far,
        ).id
        assert signed_in(far).get(f"/services/{other}/").status_code == 404
        assert signed_in(far).get("/services/ZZZZZZZZ/").status_code == 404


def test_visitors_are_sent_to_sign_in(client, db, community):
    with CaptureQueriesContext(connection):
        assert client.get("/services/").status_code == 302
