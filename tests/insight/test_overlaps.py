"""Overlaps: who was in two programs of one kind at once, held against a slow count; and that only protected figures leave."""

import json
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.insight.asking import counted as counted_on_site
from tests.insight.asking import preview
from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import LAST_FALL, school_year
from tests.kept import kept
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.insight.overlaps.actions import REPORT
from throughway.insight.overlaps.figures import NamedPair, raw_tables
from throughway.insight.overlaps.queries import (
    DAYS,
    HOURS_A_WEEK,
    SEVERAL,
    OverlapQueries,
    absent_programs,
)
from throughway.insight.reports.actions import make_report, preview_report
from throughway.measures.overlaps import Complement, OverlapRules, shipped
from throughway.measures.sql import year_end, year_start
from throughway.partners import OPERATOR
from throughway.publication.actions import act_on
from throughway.publication.selectors import release, releases
from throughway.publication.states import ReleaseAct

ON = date(2026, 11, 25)
NAMES = {"harbor": "Harbor", "north": "North", "south": "South"}
FALL = date(2025, 9, 1)
LAST = LAST_FALL.year + 1  # of the tests through the gate, whose pages count the last years
IN_FALL = date(LAST, 11, 25)


def program(id, code, provider=None, name=""):
    return {
        "program_identifier": id,
        "program_name": name,
        "program_subtype": code,
        "organization_id": provider,
    }


def stay(person, id, first, last=None, status="Exited"):
    return {
        "person_id": person,
        "program_identifier": id,
        "program_participation_start_date": first,
        "program_participation_exit_date": last,
        "program_participation_status": status,
    }


def service(person, id, on, minutes):
    return {
        "person_id": person,
        "program_identifier": id,
        "service_date": on,
        "service_quantity": minutes,
        "service_quantity_unit": "minute",
    }


def queries(access, rules=None):
    return OverlapQueries(access, everything("harbor", "north", "south"), rules or shipped(), ON, NAMES)


CLUB = program("harbor/club", "after_school", "harbor/elm", "Club")
TUTORING = program("north/tutoring", "tutoring", None, "Tutoring")
GYM = program("harbor/gym", "sports", "harbor/rec", "Gym")
LESSONS = program("south/lessons", "academic_enrichment", None, "Lessons")


@pytest.mark.parametrize(
    ("programs", "complements", "found"),
    [
        ([CLUB, TUTORING], (), ["Club (Elm) and Tutoring (North)"]),
        ([CLUB, GYM], (), []),  # other kinds
        ([CLUB, {**TUTORING, "organization_id": "harbor/elm"}], (), []),  # one provider
        ([CLUB, {**TUTORING, "program_subtype": None}], (), []),  # nobody says what it is
        ([CLUB, TUTORING], (Complement("harbor/club", "tutoring", "it is one course"),), []),
        ([CLUB, TUTORING], (Complement("harbor/gym", "tutoring", "another"),), ["Club (Elm) and Tutoring (North)"]),
        ([GYM, {**GYM, "program_identifier": "north/gym", "organization_id": None}], (), ["Gym (Harbor) and Gym (North)"]),
    ],
)  # fmt: skip
def test_which_programs_are_compared(programs, complements, found):
    access = FakeAccess()
    access.put("program", *programs)
    access.put("organization", {"organization_id": "harbor/elm", "organization_name": "Elm"})
    rules = OverlapRules(shipped().kinds, complements, 14)
    asked = queries(access, rules)
    assert [pair.name for pair in asked.pairs(asked.programs())] == found


def counted(access, years=(2025, 2026, 2027), rules=None):
    """{(year, pair or SEVERAL, days, hours): persons}"""
    asked = queries(access, rules)
    pairs = asked.pairs(asked.programs())
    return {
        (each.year, *at): set(persons.tolist())
        for each in asked.overlaps(pairs, years)
        for at, persons in each.students.items()
    }


def test_days_and_hours_in_both():
    access = FakeAccess()
    access.put("program", CLUB, TUTORING, GYM)
    access.put(
        "program_participation",
        stay(1, "harbor/club", FALL, FALL + timedelta(99)),
        stay(1, "north/tutoring", FALL + timedelta(50), FALL + timedelta(200)),  # 50 days in both
        stay(2, "harbor/club", FALL, FALL + timedelta(99)),
        stay(2, "north/tutoring", FALL + timedelta(87), FALL + timedelta(200)),  # 13 days
        stay(3, "harbor/club", FALL, None, "Active"),  # goes on
        stay(3, "north/tutoring", FALL, None, "Active"),
        stay(4, "harbor/club", FALL, None, "Exited"),  # has ended, nobody knows when
        stay(4, "north/tutoring", FALL, None, "Active"),
        stay(5, "harbor/club", None, None, "WaitingList"),  # waiting is not taking part
        stay(5, "north/tutoring", FALL, None, "Active"),
        stay(6, "harbor/gym", FALL, None, "Active"),  # another kind
        stay(6, "north/tutoring", FALL, None, "Active"),
        # two records of one stay are one stay
        stay(7, "harbor/club", FALL, FALL + timedelta(9)),
        stay(7, "harbor/club", FALL, FALL + timedelta(9)),
        stay(7, "north/tutoring", FALL, FALL + timedelta(200)),
    )
    access.put(
        "service_received",
        *(service(1, "harbor/club", FALL + timedelta(50 + 7 * n), 60) for n in range(8)),
        *(service(1, "north/tutoring", FALL + timedelta(50 + 7 * n), 90) for n in range(8)),
        service(3, "harbor/club", FALL, 60),
    )
    pair = "Club (Harbor) and Tutoring (North)"
    assert counted(access) == {
        (2026, pair, DAYS[1], HOURS_A_WEEK[1]): {1},  # 8 × 150 minutes in 50 days: 2.8 hours a week
        (2026, pair, DAYS[2], HOURS_A_WEEK[3]): {3},
        (2027, pair, DAYS[2], HOURS_A_WEEK[3]): {3},
    }


def test_a_student_in_three_programs_is_told_apart():
    access = FakeAccess()
    access.put("program", CLUB, TUTORING, LESSONS)
    access.put(
        "program_participation",
        *(
            stay(1, each["program_identifier"], FALL, FALL + timedelta(30))
            for each in (CLUB, TUTORING, LESSONS)
        ),
    )
    assert counted(access) == {(2026, SEVERAL, "", ""): {1}}


def test_many_pairs_are_shown_by_kind():
    access = FakeAccess()
    clubs = [program(f"harbor/{n:02}", "after_school", f"harbor/p{n}", f"Club {n}") for n in range(8)]
    access.put("program", *clubs)
    access.put(
        "program_participation",
        *(
            stay(person, f"harbor/{n:02}", FALL, FALL + timedelta(20))
            for person, n in [(1, 0), (1, 1), (2, 3), (2, 7)]
        ),
    )
    assert counted(access) == {
        (2026, "Two programs for help with school work", DAYS[0], HOURS_A_WEEK[3]): {1, 2}
    }


def test_a_complement_is_not_counted():
    access = FakeAccess()
    access.put("program", CLUB, TUTORING, LESSONS)
    access.put(
        "program_participation",
        *(
            stay(1, id, FALL, FALL + timedelta(30))
            for id in ("harbor/club", "north/tutoring", "south/lessons")
        ),
    )
    rules = OverlapRules(
        shipped().kinds,
        (Complement("tutoring", "harbor/club", "x"), Complement("tutoring", "south/lessons", "x")),
        14,
    )
    assert counted(access, rules=rules) == {
        (2026, "Club (Harbor) and Lessons (South)", DAYS[1], HOURS_A_WEEK[3]): {1}
    }


IDS = ("harbor/club", "north/tutoring", "south/lessons")
SPELLS = st.tuples(
    st.integers(1, 3), st.sampled_from(IDS), st.integers(0, 700), st.one_of(st.none(), st.integers(0, 90))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SPELLS, max_size=12))
def test_as_a_slow_count_day_by_day(spells):
    access = FakeAccess()
    access.put("program", CLUB, TUTORING, LESSONS)
    start = date(2024, 11, 1)
    days = defaultdict(set)
    for person, id, first, length in spells:
        begins = start + timedelta(first)
        ends = None if length is None else begins + timedelta(length)
        access.put("program_participation", stay(person, id, begins, ends, "Active"))
        last = min(ends or ON, ON)
        days[person, id] |= {begins + timedelta(n) for n in range((last - begins).days + 1)}
    access.put("program_participation", stay(9, "harbor/club", date(2020, 1, 1), date(2020, 1, 2)))
    found = defaultdict(set)
    for at, persons in counted(access).items():
        found[at[0], at[1], at[2]] |= persons
    expected = defaultdict(set)
    words = {
        "harbor/club": "Club (Harbor)",
        "north/tutoring": "Tutoring (North)",
        "south/lessons": "Lessons (South)",
    }
    for person in (1, 2, 3):
        for year in (2025, 2026, 2027):
            pairs = {}
            for one in IDS:
                for other in IDS[IDS.index(one) + 1 :]:
                    both = {
                        d
                        for d in days[person, one] & days[person, other]
                        if year_start(year) <= d <= year_end(year)
                    }
                    if len(both) >= 14:
                        pairs[f"{words[one]} and {words[other]}"] = len(both)
            if len(pairs) == 1:
                [(pair, n)] = pairs.items()
                expected[year, pair, DAYS[0] if n <= 30 else DAYS[1] if n <= 90 else DAYS[2]].add(person)
            elif pairs:
                expected[year, SEVERAL, ""].add(person)
    assert found == expected


def test_what_cannot_be_compared_is_a_sentence():
    access = FakeAccess()
    access.put(
        "program",
        CLUB,
        {**TUTORING, "program_subtype": None},
        {**GYM, "program_subtype": "sports"},
        {**GYM, "program_subtype": "arts"},
        LESSONS,
    )
    access.put(
        "program_participation", stay(1, "harbor/club", FALL, FALL), stay(1, "north/unlisted", FALL, FALL)
    )
    asked = queries(access)
    found = dict(absent_programs(asked.programs(), asked.attended(), [2025, 2026]))
    assert "No list of programs names north/unlisted" in found["1 program"]
    assert "do not say, or say differently, what kind" in found["Tutoring (North)"]
    assert "do not say, or say differently" in found["Gym (Harbor)"]
    assert "No record says that anybody takes part" in found["Lessons (South)"]
    assert (
        found["Club (Harbor)"] == "Its records begin after 2024-25, so overlaps of that time are not known."
    )


def document(**more):
    lines = [making.line("program.*", "counting"), making.line("program_participation.*", "counting"),
             making.line("service_received.*", "counting"), making.line("organization.*", "counting"), making.line("person.*", "matching")]  # fmt: skip
    lines = [each | {"from": ["harbor"]} if "person" not in each["element"] else each for each in lines]
    terms = making.sharing()["terms"] | {"effective": "2025-07-01", "minimum_cell": 10}
    return making.sharing(schedule=lines, terms=terms) | more


@pytest.fixture
@kept
def town(community):
    settle()


def settle():
    """Two of Harbor's providers give help with school work: 25 students had both in the last school year, 12 of them for more than 90 days."""
    making.register()
    making.in_effect(document())
    making.land("program", "harbor", [
        {"program_identifier": "harbor/club", "program_name": "Club", "program_subtype": "after_school", "organization_id": "elm"},
        {"program_identifier": "harbor/tutoring", "program_name": "Tutoring", "program_subtype": "tutoring", "organization_id": "oak"},
        {"program_identifier": "harbor/camp", "program_name": "Camp", "program_subtype": "summer", "organization_id": "oak"},
    ])  # fmt: skip
    making.land("organization", "harbor", [{"organization_id": "elm", "organization_name": "Elm Friends"},
                                           {"organization_id": "oak", "organization_name": "Oak House"}])  # fmt: skip
    rows = []
    for n in range(100, 125):
        last = LAST_FALL + timedelta(120 if n < 112 else 20)
        for id in ("club", "tutoring"):
            rows.append({"person_record": n, "program_identifier": f"harbor/{id}", "program_participation_start_date": LAST_FALL,
                         "program_participation_exit_date": last, "program_participation_status": "Exited"})  # fmt: skip
    making.land("program_participation", "harbor", rows)


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    def test_counted_protected_and_registered(self, town):
        made = make_report(
            REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=IN_FALL
        )
        assert json.loads(json.dumps(made)) == made
        assert made["headline"] == f"25 students were in two programs of one kind in {school_year(LAST)}"
        assert made["talk"] == [
            "Club (Elm Friends) and Tutoring (Oak House): 25 students had help with school work from both. Does each know of the other, "
            "and who leads?"
        ]
        assert {"what": "Camp (Oak House)", "why": "No record says that anybody takes part in it. That does not mean zero: its partner may send "
                "no enrollments."} in made["absent"]  # fmt: skip
        days = next(each for each in made["sections"] if each["id"] == f"days-{LAST}")
        [row] = days["rows"]
        assert row["figures"]["students"] == 25
        assert not isinstance(row["figures"][DAYS[1]], int)  # nobody: an empty group is not shown as zero
        assert not all(
            isinstance(row["figures"][band], int) for band in (DAYS[0], DAYS[2])
        )  # nor told by the rest
        kept = release(made["release"], OPERATOR)
        assert [r["title"] for r in releases(OPERATOR)] == [REPORT.title]
        assert kept["tables"] == made["tables"]

    def test_a_preview_has_no_figure(self, town):
        found = preview_report(
            REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=IN_FALL
        )
        assert found["shown"] > 0
        assert not any("shown" in cell for table in found["tables"] for cell in table["cells"])
        assert releases(OPERATOR) == []

    @pytest.mark.parametrize("name", ["report.html", "report.pdf", "report.xlsx"])
    def test_a_file_to_take_along(self, town, tmp_path, name):
        reader = making.reader("evaluator@hub.example")
        make_report(REPORT, actor=reader, purpose="counting", on=IN_FALL, out=tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1_000

    def test_another_format_is_refused_before_anything_is_counted(self, town, tmp_path):
        with pytest.raises(Refused, match="A release is written as"):
            make_report(
                REPORT,
                actor=making.reader("evaluator@hub.example"),
                purpose="counting",
                on=IN_FALL,
                out=tmp_path / "report.doc",
            )
        assert releases(OPERATOR) == []

    def test_without_a_pair_there_is_a_sentence(self, community):
        making.register()
        making.in_effect(document())
        making.land("program", "harbor", [{"program_identifier": "harbor/club", "program_name": "Club"}])
        with pytest.raises(Refused, match="No two programs of one kind and different providers") as refused:
            make_report(REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=IN_FALL)
        assert refused.value.code == "no_figures"
        assert "what kind of support it gives" in refused.value.message

    def test_pages(self, town):
        client = signed_in(making.reader("evaluator@hub.example"))
        assert "Count and see a preview" in client.get("/overlaps/").content.decode()
        seen = preview(client, "/overlaps/count/", {"purpose": "counting"})
        assert "Nothing has been published yet" in seen
        assert "25 students" not in seen
        assert "Choose a purpose" in client.post("/overlaps/count/", {}, follow=True).content.decode()
        told = counted_on_site(client, "/overlaps/count/", {"purpose": "counting", "publish": "yes"})
        [made] = releases(OPERATOR)
        assert "The figures are counted and registered" in told
        assert f'href="/overlaps/{made["id"]}/"' in told
        page = client.get(f"/overlaps/{made['id']}/").content.decode()
        assert "25 students were in two programs of one kind" in page
        assert "What to talk about" in page
        assert f"/overlaps/{made['id']}/" in client.get(f"/releases/{made['id']}/").content.decode()
        assert client.get(f"/services/{made['id']}/").status_code == 404
        assert client.get("/overlaps/ZZZZZZZZ/").status_code == 404
        if made["state"] == "waiting":
            act_on(ReleaseAct.AGREE, release=made["id"], by=making.reader("officer@harbor.example"))
        assert "25 students" in client.get("/overlaps/").content.decode()


def test_every_student_is_at_one_place_and_the_parts_add_up():
    access = FakeAccess()
    access.put("program", CLUB, TUTORING, LESSONS)
    access.put(
        "program_participation",
        *(stay(n, "harbor/club", FALL, FALL + timedelta(10 + 4 * n)) for n in range(1, 60)),
        *(stay(n, "north/tutoring", FALL, FALL + timedelta(200)) for n in range(1, 60)),
        *(stay(n, "south/lessons", FALL, FALL + timedelta(200)) for n in range(50, 60)),
    )
    asked = queries(access)
    pairs = asked.pairs(asked.programs())
    tables = raw_tables(
        asked.overlaps(pairs, [2026]), [NamedPair(pair.name, pair.kind.words, (2026,)) for pair in pairs]
    )
    of = {table.title: {tuple(c.at.values()): c.count for c in table.cells} for table in tables}
    students, by_days, by_hours = of.values()
    assert students["2026",] == 59
    assert sum(n for at, n in students.items() if len(at) == 2) == 59
    for pair in pairs:
        whole = students["2026", pair.name]
        assert sum(n for at, n in by_days.items() if at[1] == pair.name) == whole
        assert sum(n for at, n in by_hours.items() if at[1] == pair.name) == whole
