"""Reach: who took part, who waits and who could come, held against a slow count; and that only protected figures leave."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import spell
from tests.kept import kept
from tests.publication.attacker import ranges
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.insight.reach.actions import REPORT
from throughway.insight.reach.counting import BEFORE, NO_DAY, ReachQueries, Taking, month_words, quarters_of
from throughway.insight.reach.figures import program_reaches, stored
from throughway.insight.reach.page import reach_page
from throughway.insight.reach.programs import CountedRules, ProgramFacts, counted_rules
from throughway.insight.reach.tables import MONTHS_TITLE, ProgramYear, raw_tables, relations, sums
from throughway.insight.reports.actions import make_report, preview_report
from throughway.insight.reports.page import NOT_TOLD
from throughway.measures.eligibility import EligibilityRule, condition
from throughway.partners import OPERATOR
from throughway.publication.joint_release import CountedTables
from throughway.publication.selectors import release, releases
from throughway.publication.tables import place
from throughway.supports.actions import add_support
from throughway.supports.entry import SupportStatement
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus, standing

ON = date(2026, 11, 25)
CLUB, GYM = "harbor/club", "harbor/gym"
TOOK_PART, WAITING, APPLIED = (
    ParticipationStatus.TOOK_PART,
    ParticipationStatus.WAITING,
    ParticipationStatus.APPLIED,
)
FALL = date(2025, 9, 8)


def row(person, program=CLUB, start=None, last=None, status=None, applied=None, year=None):
    return {
        "person_id": person, "program_identifier": program, "program_participation_start_date": start,
        "program_participation_exit_date": last, "program_participation_status": status, "program_application_date": applied,
        "school_year": year,
    }  # fmt: skip


def queries(access, without=()):
    return ReachQueries(access, everything("north", "harbor", without=without), ON)


def test_the_rules_that_records_answer_are_counted_and_the_others_named():
    rules = tuple(
        condition(line, where="A rule")
        for line in ("grade is 06 or 07", "age at least 11", "income is low", "reads_below is Yes")
    )
    found = counted_rules(rules, everything("north", without=("person.birthdate",)))
    assert found.words == "grades 6 to 7"
    assert found.left_out == (
        "No agreement of this purpose shows birth dates, so its ages are not counted.",
        "Its rule “low” is in no record; a family is asked.",
        "Its rule on reading below the State standard is not counted here; only grades, ages, schools and statuses are.",
    )
    assert counted_rules(rules, everything("north")).words == "grades 6 to 7 and age: at least 11"


def test_the_directory_states_grades_and_rules_and_the_records_seats_and_amounts():
    access = FakeAccess()
    access.put("program", {
        "program_identifier": CLUB, "program_name": "Club", "minimum_age": 0, "maximum_age": 14, "program_capacity_maximum": 40,
        "program_cost_per_seat": 600.0, "program_funding_amount": 24_000.0,
    })  # fmt: skip
    said = SupportStatement("Homework Club", program=CLUB, lowest_grade="02", highest_grade="04")
    club, gym = queries(access).programs(
        {CLUB: said, GYM: SupportStatement("Club", program=GYM)}, {"harbor": "Harbor"}
    )
    assert [str(rule) for rule in club.rules] == ["grade is 02 or 03 or 04", "age at most 14"]
    assert (club.seats_all, club.cost_per_seat, club.funding) == (40, 600.0, 24_000.0)
    assert (gym.label, gym.seats_all, gym.rules) == ("Club, Harbor", None, ())


def test_two_programs_of_one_name_have_labels_of_their_own():
    access = FakeAccess()
    access.put("program", *({"program_identifier": id, "program_name": "Club"} for id in (CLUB, GYM)))
    assert [each.label for each in queries(access).programs({}, {"harbor": "Harbor"})] == [
        "Club, Harbor (harbor/club)", "Club, Harbor (harbor/gym)",
    ]  # fmt: skip


DAYS = st.one_of(st.none(), st.dates(date(2025, 5, 1), date(2026, 11, 20)))
ROWS = st.lists(
    st.builds(
        row, st.integers(1, 6), st.sampled_from([CLUB, GYM]), DAYS, DAYS, st.sampled_from([*MEANINGS, "Odd"]), DAYS,
        st.sampled_from([None, "2026", "2027"]),
    ),
    max_size=12,
)  # fmt: skip


def slow_taking(rows, year):
    """Person by person: standing and month of application, by program."""
    first, last = date(year - 1, 7, 1), min(date(year, 6, 30), ON)
    took, asked = defaultdict(list), defaultdict(list)
    for each in rows:
        start, end, status = (
            each[f"program_participation_{name}"] for name in ("start_date", "exit_date", "status")
        )
        applied, place = each["program_application_date"], (each["program_identifier"], each["person_id"])
        stands = standing(status, start)
        if stands is TOOK_PART:
            goes_on = MEANINGS[status or ""].goes_on
            if start <= last and (end >= first if end else goes_on or start >= first):
                took[place].append(applied)
        else:
            of = each["school_year"] or next((d.year + (d.month >= 7) for d in (applied, start) if d), None)
            if of is not None and int(of) == year:
                asked[place].append((list(ParticipationStatus).index(stands), applied))
    found = defaultdict(set)
    for (program, person), days in took.items():
        found[program, TOOK_PART, slow_month(days, first)].add(person)
    for (program, person), places in asked.items():
        if (program, person) not in took:
            stands = list(ParticipationStatus)[min(place for place, _ in places)]
            found[program, stands, slow_month([day for _, day in places], first)].add(person)
    return found


def slow_month(days, first):
    known = [day for day in days if day]
    return NO_DAY if not known else BEFORE if min(known) < first else f"{min(known):%B %Y}"


@given(ROWS, st.sampled_from([2026, 2027]))
@settings(max_examples=40, deadline=None)
def test_everybody_stands_in_one_place_as_a_slow_count_says(rows, year):
    access = FakeAccess()
    access.put("program_participation", *rows)
    found = queries(access).taking(year)
    counted = {
        (program, *key): set(persons.tolist())
        for program, taking in found.items()
        for key, persons in taking.by_month.items()
    }
    assert counted == slow_taking(rows, year)
    for taking in found.values():
        whole = [person for persons in taking.by_standing.values() for person in persons.tolist()]
        assert len(whole) == len(set(whole))


def test_without_days_of_application_a_quarter_is_not_made_up():
    access = FakeAccess()
    access.put(
        "program_participation",
        row(1, start=FALL, status="Active"),
        row(2, status="WaitingList", year="2026"),
    )
    taking = queries(access, without=("program_participation.program_application_date",)).taking(2026)[CLUB]
    assert not taking.dated
    (table,) = raw_tables([ProgramYear("Club", 2026, taking, quarters=quarters_of(2026, ON))])
    assert not any("quarter" in name for cell in table.cells for name in cell.at)


def test_quarters_end_with_the_day_of_counting():
    assert quarters_of(2027, ON) == {
        BEFORE: (BEFORE,), "July to September 2026": ("July 2026", "August 2026", "September 2026"),
        "October to December 2026": ("October 2026", "November 2026"), NO_DAY: (NO_DAY,),
    }  # fmt: skip
    assert [*quarters_of(2026, ON)][3:] == ["January to March 2026", "April to June 2026", NO_DAY]
    assert quarters_of(2026, ON)["April to June 2026"] == ("April 2026", "May 2026", "June 2026")


def test_of_a_year_that_is_over_only_those_who_took_part_are_counted():
    taking = year_of(took=40, waiting=15).taking
    whole, now = raw_tables([ProgramYear("Club", 2026, taking)]), raw_tables([year_of(took=40, waiting=15, could=None, year=2027)])  # fmt: skip
    assert [(dict(c.at), c.count) for t in whole for c in t.cells] == [
        ({"program": "Club", "school year": "2026", "standing": "took part"}, 40)
    ]
    assert len(now[0].cells) == 1 + len(ParticipationStatus)


def test_months_are_parts_of_their_quarters_and_a_small_one_is_not_told_by_the_others():
    year = year_of(took=60, waiting=24, year=2027, dated=True, applied=30, monthly=True)
    by_month = dict(year.taking.by_month) | {
        (WAITING, "July 2026"): np.arange(60, 81), (WAITING, "August 2026"): np.arange(81, 84),
    }  # fmt: skip
    year = replace(year, taking=replace(year.taking, by_month=by_month))
    tables = CountedTables(raw_tables([year]), 10, relations([year]), spare=(MONTHS_TITLE,))
    true = {frozenset(c.at.items()): c.count for t in tables.tables for c in t.cells}
    rows = [dict(at) for at in true if ("waiting since the month", "August 2026") in at]
    assert [true[frozenset(at.items())] for at in rows] == [3]
    [club] = program_reaches([stored(FACTS, CountedRules((), ()), "")], (2027, 2026), tables.protected())
    months = club.this_year.months
    assert [*months] == [f"{name} 2026" for name in ("July", "August", "September", "October", "November")]
    assert club.this_year.waiting == 24
    waiting = [months[m]["waiting since the month"] for m in ("July 2026", "August 2026")]
    assert not any(isinstance(n, int) for n in waiting)  # 24 less 21 would tell the three
    sections = [s for s in reach_page([club]).sections if s.id == "months"]
    assert not any(n == 3 for section in sections for row in section.rows for n in row.cells)


def test_beside_those_who_took_part_in_another_report_nothing_tells_that_nobody_waits():
    year = year_of(took=18, year=2027)
    tables, known = raw_tables([year]), relations([year])
    at = {"program": "Club", "school year": "2027"}
    took, waits = (place({**at, "standing": str(each)}) for each in (TOOK_PART, WAITING))

    def told(counted):
        documents = [table.to_json() for table in counted.protected([took], ranges=False)]
        return ranges(documents, known={took: 18})[waits]

    low, high = told(CountedTables(tables, 10, known, never_shown=sums([year])))
    assert low == 0
    assert high >= 10
    assert told(CountedTables(tables, 10, known)) == (0, 0)  # what the sum would tell


def test_a_small_community_is_not_counted_by_month():
    access = FakeAccess()
    access.put("school_enrollment", *(spell(n) for n in range(1, 4)))
    assert not queries(access).monthly(2026)
    assert queries(access).enrolls(3, 2026)
    assert not queries(access).enrolls(4, 2026)
    year = year_of(took=60, waiting=24, year=2027, dated=True)
    assert not any("month" in name for t in raw_tables([year]) for c in t.cells for name in c.at)
    [club] = shown(year)
    [applied] = [section for section in reach_page([club]).sections if section.id in ("applied", "months")]
    assert applied.words[0].endswith("Months are counted where at least 10,000 students are enrolled.")


def eligible(access, *lines, year=2026, without=()):
    rules = tuple(condition(line, where="A rule") for line in lines)
    asked = queries(access, without)
    found = asked.eligible(counted_rules(rules, asked.visible), year)
    return None if found is None else found.tolist()


def test_who_could_come_meets_every_rule_that_can_be_counted():
    access = FakeAccess()
    access.put(
        "school_enrollment", spell(1, grade="06"), spell(2, grade="07"), spell(3, grade="08"), spell(4, grade="07", school="ms"),
        spell(5, year=2025, grade="07"),
    )  # fmt: skip
    access.put(
        "person", *({"person_id": n, "birthdate": date(2015 - n, 3, 1)} for n in (1, 2, 3)), {"person_id": 4}
    )
    access.put("person_status", {"person_id": 2, "english_learner_status": "Yes", "valid_from": date(2024, 9, 1)},
               {"person_id": 4, "english_learner_status": "Yes", "valid_to": date(2025, 6, 30)})  # fmt: skip
    assert eligible(access, "grade is 06 or 07") == [1, 2, 4]
    assert eligible(access, "grade is 06 or 07", "school is north/hs") == [1, 2]
    assert eligible(access, "grade is 06 or 07", "english_learner is Yes") == [2]
    assert eligible(access, "age at least 13", "age at most 13") == [
        2,
        3,
    ]  # 13 on some day of the school year
    assert eligible(access, "age at least 13", without=("person.birthdate",)) is None
    assert eligible(access, "income is low") is None
    assert eligible(access, "grade is 06", without=("school_enrollment",)) is None


def year_of(
    took=40,
    waiting=0,
    could=400,
    *,
    groups=(),
    label="Club",
    year=2026,
    dated=False,
    applied=0,
    monthly=False,
):
    """A program in a year: participants first, then who waits, then who applied; 2026 is over."""
    persons = np.arange(took + waiting + applied)
    parts = {
        TOOK_PART: persons[:took],
        WAITING: persons[took : took + waiting],
        APPLIED: persons[took + waiting :],
    }
    month = month_words(date(year - 1, 7, 1)) if dated else NO_DAY
    taking = Taking(parts, {(standing, month): each for standing, each in parts.items()}, dated)
    made, first = {}, 0
    for name, size in groups:
        made[name] = np.arange(first, first + size)
        first += size
    return ProgramYear(
        label, year, taking, None if could is None else np.arange(could), {"sex": made} if groups else {},
        quarters_of(year, ON) if year == 2027 else {}, monthly and year == 2027,
    )  # fmt: skip


def protected(*years):
    return CountedTables(raw_tables(years), 10).protected()


FACTS = ProgramFacts(CLUB, "Club", "Club", "harbor", seats_all=50, funding=24_000.0, cost_per_seat=500.0)


def shown(*years, facts=FACTS, rules=None):
    kept = [stored(facts, rules or CountedRules((EligibilityRule("grade", ("02",)),), ()), "")]
    return program_reaches(kept, (2027, 2026), protected(*years))


def test_participants_beside_those_who_could_come_and_who_waits():
    (club,) = shown(year_of(took=40, waiting=25), year_of(took=30, waiting=24, year=2027))
    assert (club.whole_year.participants, club.whole_year.could, club.this_year.waiting) == (40, 400, 24)
    assert club.cost_of_one == (800.0, 800.0)
    page = reach_page([club])
    assert page.headline == "40 students took part in Club in 2025-26; 400 are eligible"
    assert page.talk == [
        "24 students wait for Club in 2026-27; it has 50 seats.",
        "At least 360 students who are eligible for Club (grade 2) did not take part in 2025-26; it has 50 seats and 24 students wait, so nobody else could come now.",
    ]


def test_how_many_did_not_come_is_not_zero_where_it_is_not_known():
    (club,) = shown(year_of(took=40, could=400))
    assert club.whole_year is not None
    for year, away in (
        (club.whole_year, 360),
        (replace(club.whole_year, standings={"took part": "0–22"}), 378),
        (replace(club.whole_year, standings={}), NOT_TOLD),
        (replace(club.whole_year, could=None), NOT_TOLD),
    ):
        [line] = reach_page([replace(club, whole_year=year)]).sections[0].rows
        assert line.cells[1] == away


def test_a_group_of_four_is_not_told_by_its_rest():
    (club,) = shown(year_of(took=40, could=400, groups=[("Female", 4), ("Male", 396)]))
    (girls, boys) = club.whole_year.groups["sex"]
    assert club.whole_year.participants == 40
    assert not isinstance(girls.took_part, int)
    assert not isinstance(boys.took_part, int)
    assert not isinstance(girls.could, int)


@pytest.mark.parametrize("could", [None, 400])
def test_that_all_participants_are_of_one_group_is_not_told(could):
    """Without a row of the other group, 40 of 40 would say it of each child."""
    all_of_one = replace(
        year_of(took=40, could=could), groups={"disability": {"yes": np.arange(40), "no": np.arange(40, 400)}}
    )
    figures = {
        c.at["disability"]: c.shown
        for t in protected(all_of_one)
        for c in t.cells
        if c.at.keys() >= {"disability", "standing"}
    }
    assert figures.keys() == {"yes", "no"}
    assert not any(isinstance(each, int) for each in figures.values())


def test_no_figure_tells_the_few_participants_who_could_not_come():
    """Three of forty are in no school of the purpose: neither their number nor that of the others is among the figures."""
    tables = raw_tables([year_of(took=40, could=400)])
    of_all = {cell.count for table in tables for cell in table.cells}
    (rest,) = (
        t
        for t in raw_tables([ProgramYear("Club", 2026, year_of().taking, np.arange(3, 400))])
        if "could" in t.title
    )
    assert [cell.count for cell in rest.cells] == [397]
    assert not {37, 3} & of_all


@pytest.mark.parametrize(
    ("facts", "year", "why"),
    [
        (ProgramFacts(CLUB, "Club", "Club", "harbor"), year_of(year=2027), "Its funding is not recorded"),
        (FACTS, year_of(took=4, year=2027), "This report does not show how many took part this year"),
        (FACTS, year_of(year=2026), "This report does not show how many took part this year"),
    ],
)
def test_a_cost_without_its_parts_is_a_sentence(facts, year, why):
    (club,) = shown(year, facts=facts)
    assert club.cost_of_one is None
    assert club.why_no_cost.startswith(why)


def test_a_program_that_nobody_can_say_who_could_come_to_is_a_sentence():
    (club,) = shown(
        year_of(could=None), rules=CountedRules((), ("Its rule “low” is in no record; a family is asked.",))
    )
    (reached,) = (section for section in reach_page([club]).sections if section.id == "reach")
    (line,) = reached.rows
    assert line.why == "Took part: 40. Its rule “low” is in no record; a family is asked."


def document(**more):
    schedule = [
        making.line("program.*", "counting", **{"from": ["harbor"]}),
        making.line("program_participation.*", "counting", **{"from": ["harbor"]}),
        making.line("school_enrollment.*", "counting", **{"from": ["north"]}),
        making.line("person.*", "matching"),
    ]
    terms = making.sharing()["terms"] | {"effective": "2025-07-01", "minimum_cell": 10}
    return making.sharing(schedule=schedule, terms=terms) | more


@pytest.fixture
@kept
def town(community):
    """Harbor's club of grades 2 and 3 with 40 students in 2025-26 and 15 who wait, and a gym that no record names."""
    making.register()
    making.in_effect(document())
    making.land(
        "program", "harbor",
        [{"program_identifier": CLUB, "program_name": "Club", "program_capacity_maximum": 45},
         {"program_identifier": GYM, "program_name": "Gym"}],
    )  # fmt: skip
    made = [row(n, start=FALL, last=date(2026, 5, 1), status="Exited") for n in range(100, 140)]
    made += [
        row(n, status="WaitingList", applied=FALL - timedelta(days=9), year="2026") for n in range(140, 155)
    ]
    making.land(
        "program_participation", "harbor", [{"person_record": each.pop("person_id"), **each} for each in made]
    )
    schooled = [spell(n, grade="02" if n % 2 else "04") for n in range(200, 320)]
    making.land(
        "school_enrollment", "north", [{"person_record": each.pop("person_id"), **each} for each in schooled]
    )
    add_support(
        partner="harbor", said=SupportStatement("Club", program=CLUB, lowest_grade="02", highest_grade="03"), by=OPERATOR
    )  # fmt: skip


def reported(**more):
    return make_report(
        REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON, **more
    )


@pytest.mark.django_db(transaction=True)
class TestThroughTheGate:
    def test_a_report_is_protected_and_registered(self, town):
        made = reported()
        assert json.loads(json.dumps(made)) == made
        assert made["headline"] == "40 students took part in Club in 2025-26; 60 are eligible"
        kept_release = release(made["release"], OPERATOR)
        shown_figures = {
            tuple(sorted(c["at"].items())): c["shown"] for t in kept_release["tables"] for c in t["cells"]
        }
        at = [("program", "Club, Harbor"), ("school year", "2026"), ("standing", "took part")]
        assert shown_figures[tuple(at)] == 40
        why = {each["what"]: each["why"] for each in made["absent"]}
        assert why["Gym, Harbor"].startswith("No record says who takes part in it in 2025-26 and 2026-27.")
        assert 0 not in {c["shown"] for t in kept_release["tables"] for c in t["cells"]}

    def test_a_purpose_without_participation_is_refused_in_a_sentence(self, community):
        making.register()
        making.in_effect(document(schedule=[making.line("program.*", "counting", **{"from": ["harbor"]}),
                                            making.line("person.*", "matching")]))  # fmt: skip
        with pytest.raises(Refused, match="does not show who takes part in any program") as refused:
            reported()
        assert refused.value.code == "not_granted"
        assert releases(OPERATOR) == []

    def test_a_preview_names_figures_and_shows_none(self, town):
        found = preview_report(
            REPORT, actor=making.reader("evaluator@hub.example"), purpose="counting", on=ON
        )
        assert found["preview"] is True
        assert not any("shown" in cell for table in found["tables"] for cell in table["cells"])
        assert releases(OPERATOR) == []

    def test_the_page_is_open_to_all_and_names_what_is_missing(self, town, django_assert_max_num_queries):
        reported()
        reader = signed_in(making.reader("worker@harbor.example"))
        with django_assert_max_num_queries(15):
            page = reader.get("/reach/").content.decode()
        assert "40 students took part in Club in 2025-26; 60 are eligible" in page
        assert "That does not mean nobody does" in page
        assert "withheld" in page
