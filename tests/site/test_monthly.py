"""The page of the month: what two releases changed, what to talk about for each reader, and one sheet of paper."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest

from tests.gate import making
from tests.insight.test_reach import CLUB, reported, row
from tests.insight.test_reach import town as town
from tests.site.people import signed_in
from throughway.agreements.service_commitments import Promise
from throughway.insight.commitments.figures import NonParticipants, PromiseFigures, PromiseYear
from throughway.insight.figures import Figures, Milestone, MilestoneHeading, partners_not_seen
from throughway.insight.trends.figures import TrendPoint, TrendSeries
from throughway.paper import typeset
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.selectors import releases
from throughway.site.home.page import HomeContext
from throughway.site.home.views import the_month
from throughway.site.monthly.headline import (
    MOST_HEADLINES,
    HeadlineFigure,
    hours_not_shown,
    not_reached,
    of_everybody,
    of_group,
    of_programs,
    of_school,
)
from throughway.site.monthly.month import (
    MOST_CHANGES,
    MOST_DUE,
    MOST_TALK,
    MonthlyLine,
    MonthlyPage,
    blocks,
    figure_changes,
    group_points,
    school_outcome,
)
from throughway.site.monthly.selectors import monthly_page
from throughway.supports.actions import add_support, change_support
from throughway.supports.entry import SupportEntry, SupportStatement, as_json
from throughway.supports.models import DirectoryEvent
from throughway.supports.selectors import forget_recent_entries
from throughway.vocabulary.participation import ParticipationStatus

TODAY = date(2026, 11, 29)


def table(*cells, by=("program", "school year", "standing")):
    return ProtectedTable("Students", by, tuple(ProtectedCell(at, "students", shown) for at, shown in cells))


def at(program="Club, Harbor", year="2027", **more):
    return {"program": program, "school year": year, **more}


def changes(now, before, names=("Club, Harbor",)):
    return [each.text for each in figure_changes([table(*now)], [table(*before)], names)]


def test_only_figures_that_both_releases_show_as_numbers_are_compared():
    before = [
        (at(), 40),
        (at(standing="waiting"), 20),
        (at(year="2026"), 30),
        (at("Gym, Harbor"), 11),
        (at(standing="applied"), "0–14"),
    ]
    now = [
        (at(), 52),
        (at(standing="waiting"), None),
        (at(year="2026"), 30),
        (at("Gym, Harbor"), 29),
        (at(standing="applied"), 20),
    ]
    assert changes(now, before) == ["Club, Harbor, 2026-27: 52, 40 before"]
    assert changes(now, before, ("Club, Harbor", "Gym, Harbor")) == [
        "Gym, Harbor, 2026-27: 29, 11 before", "Club, Harbor, 2026-27: 52, 40 before",
    ]  # fmt: skip


def test_figures_without_a_school_year_are_of_another_class_and_not_compared():
    now, before = (
        ({"milestone": "Graduate", "partner": "Harbor"}, 40),
        ({"milestone": "Graduate", "partner": "Harbor"}, 60),
    )
    made = [
        ProtectedTable("Students", ("milestone", "partner"), (ProtectedCell(a, "students", n),))
        for a, n in (now, before)
    ]
    assert figure_changes(made[:1], made[1:], ("Harbor",)) == []


def test_a_full_month_fits_on_one_sheet():
    long = "A line with many words, such as the title of an agreement between two districts and a program about records of attendance"
    lines = [MonthlyLine(f"{long} ({n})", when="29 November 2026") for n in range(MOST_DUE)]
    talk = [MonthlyLine(f"{n}: {long}. {long}") for n in range(MOST_TALK)]
    figures = [HeadlineFigure("61%", f"{long}; {long}")] * MOST_HEADLINES
    page = MonthlyPage(
        "Riverbend Schools",
        TODAY - timedelta(days=31),
        TODAY,
        lines[:MOST_CHANGES],
        talk,
        lines,
        long,
        figures,
        long,
        talk,
    )
    paper = pypdf.PdfReader(
        io.BytesIO(typeset(title=page.title, blocks=blocks(page), subject="The month", made_on=TODAY))
    )
    assert len(paper.pages) == 1
    text = " ".join(paper.pages[0].extract_text().split())
    assert "Three things to talk about" in text
    assert text.count("And 2 more reports, on the page.") == 1


def test_a_long_title_is_cut_and_not_what_happened_to_it():
    title = "Transcripts of students who asked Next Step for advice on college, and their first year there"
    changed = [MonthlyLine(f"“{title}” was suspended", when="30 November 2026")]
    page = MonthlyPage("Oak", TODAY, TODAY, changed, [], [], "")
    paper = pypdf.PdfReader(io.BytesIO(typeset(title=page.title, blocks=blocks(page))))
    text = " ".join(paper.pages[0].extract_text().split())
    assert (
        "30 November 2026: “Transcripts of students who asked Next Step for advice on c…” was suspended"
        in text
    )


def test_fewer_than_three_are_not_called_three():
    page = MonthlyPage("Oak", TODAY, TODAY, [], [MonthlyLine("One thing.")], [], "")
    assert page.talk_heading == "To talk about"
    text = " ".join(
        p.extract_text()
        for p in pypdf.PdfReader(io.BytesIO(typeset(title=page.title, blocks=blocks(page)))).pages
    )
    assert "Nothing is due." in text


def series(own, every, id="reading", name="Read well in grade 3"):
    """An outcome with the shares of one school and of all students, by class."""

    def points(shares):
        return tuple(TrendPoint(label, None, None, None, share, None, None) for label, share in shares)

    return TrendSeries(id, name, "K-12", "", "", False, points(every), {"school": {"Elm": points(own)}}, None)


def test_a_school_is_told_by_its_newest_class_beside_all_students():
    reading = series([("2025", 60), ("2026", 48)], [("2025", 50), ("2026", 61)])
    math = series([("2026", None)], [("2026", 70)], "math", "Are on track in grade 8 math")
    ahead = series([("2026", 90)], [("2026", 70)], "graduation", "Graduate from high school")
    assert school_outcome([reading, math, ahead], "Elm") == (
        "“Read well in grade 3”: 48% at Elm, 61% of all students, in 2025-26."
    )
    assert school_outcome([math, ahead], "Elm") == school_outcome([reading], "Oak") == ""
    assert [(each.value, each.label) for each in of_school([reading, math, ahead], "Elm")] == [
        ("48%", "Read well in grade 3, 2025-26; of all students, 61%"),
        ("90%", "Graduate from high school, 2025-26; of all students, 70%"),
    ]


def milestone(whole, **schools):
    """A milestone with the started, reached, lost, not seen and share lost of everybody and of schools."""
    heading = MilestoneHeading(
        "math", "Are on track in grade 8 math", "math", "before grade 8 math", "", "", "eighth graders", (), False, False, 2026, None, 2022,
        None, False,
    )  # fmt: skip
    of = {"school": tuple(Figures(name, *figures) for name, figures in schools.items())}
    return Milestone(heading, "milestone", Figures("", *whole), 90, (), of)


def test_a_school_without_a_share_says_how_many_it_lost_of_its_class():
    one = milestone(
        (186, "55–68", 118, "0–13", None), Elm=(101, "24–37", 64, "0–13", None), Oak=("60–75", 24, 35, "0–13", 59),
        Ash=(None, None, 20, None, None), Fir=(30, 20, "0–12", "0–10", None),
    )  # fmt: skip

    def said(school):
        return [(each.value, each.label) for each in of_group([one], "school", school)]

    assert said("Elm") == [
        (
            "64 of 88–101",
            "eighth graders we can see did not reach “Are on track in grade 8 math”, 2025-26; of all students, 118 of 173–186",
        )
    ]
    assert said("Oak") == [("41%", "Are on track in grade 8 math, 2025-26")]
    assert said("Ash") == said("Fir") == said("Yew") == []


def test_points_of_a_school_stand_beside_its_district_and_all_students():
    one = milestone(
        (186, "55–68", 118, "0–13", None), Elm=(101, "24–37", 64, "0–13", None), Oak=(60, "0–60", "10–25", "0–13", None),
        Ash=(30, 30, "0–12", "0–10", None), Fir=(None, None, 20, None, None),
    )  # fmt: skip
    districts = (
        Figures("Harbor", 161, 50, 89, "0–13", None),
        Figures("North", 101, "24–37", 64, "0–13", None),
    )
    one = replace(one, groups=one.groups | {"partner": districts})
    what = "eighth graders we can see did not reach “Are on track in grade 8 math”, 2025-26"
    assert group_points([one], "school", "Elm", "Harbor") == [
        f"Elm: 64 of 88–101 {what}; in Harbor 89 of 139; of all students 118 of 173–186."
    ]
    # The only such school of its district: the district says the same.
    assert group_points([one], "school", "Elm", "North") == [
        f"Elm: 64 of 88–101 {what}; of all students 118 of 173–186."
    ]
    assert group_points([one], "school", "Oak", "Harbor") == [
        f"Oak: at least 10 of at most 60 {what}; in Harbor 89 of 139; of all students 118 of 173–186."
    ]
    assert (
        group_points([one], "school", "Ash")
        == group_points([one], "school", "Fir")
        == group_points([one], "school", "Yew")
        == []
    )
    assert group_points([one], "partner", "Harbor") == [
        f"Harbor: 89 of 139 {what}; of all students 118 of 173–186."
    ]


def test_no_share_of_all_where_a_partner_s_class_is_not_seen():
    """84 of 176 graduates are of a district that sent no diploma: what the others reached is no share of all."""
    seen = Figures("Harbor", 92, 80, 12, 0, 13)
    unseen = Figures("North", 84, "0–10", "0–10", "64–84", None)
    whole = (176, "80–90", "12–22", "64–84", 13)
    alone = replace(
        milestone(whole, Elm=(50, 40, 10, 0, 20)), unseen_partners=partners_not_seen([seen, unseen])
    )
    every = replace(alone, unseen_partners=partners_not_seen([seen]))
    assert (alone.unseen_partners, every.unseen_partners) == (("North",), ())
    assert [each.value for each in of_everybody([every])] == ["87%"]
    assert [*of_everybody([alone])] == []
    assert [
        "of all" in each.label for one in (every, alone) for each in of_group([one], "school", "Elm")
    ] == [True, False]
    assert "of all students" not in group_points([alone], "school", "Elm")[0]


def test_one_share_has_one_denominator_here_and_in_the_pipeline():
    """77 of 198 seen, of a class of 214: both pages say 198, and 39 %."""
    one = milestone((214, 121, 77, 16, 39))
    share, words = not_reached(one.whole)
    assert words == f"77 of {one.whole.seen}" == "77 of 198"
    assert round(100 * share) == one.percent_lost


def test_where_most_are_lost_beyond_everybodys_share_stands_first():
    few = milestone((200, 150, 50, 0, 25), Elm=(60, 44, 16, 0, 27))
    many = milestone((200, 150, 50, 0, 25), Elm=(60, 30, 30, 0, 50))
    first, second = group_points([few, many], "school", "Elm")
    assert first.endswith(
        "of all students 50 of 200. That is 15 more than at everybody’s share."
    )  # 30 - 60 * 50 / 200
    assert second.endswith("That is 1 more than at everybody’s share.")


def promise(
    program="Tutoring", partner="harbor", students=15, seats=90, hours=1.0, halves=(), waiting=None, year=2027
):
    standings = ((ParticipationStatus.WAITING, waiting),)
    made = PromiseYear(year, students, (), NonParticipants(standings), halves)
    said = Promise("a", "", partner, program, (), seats, hours, date(2026, 7, 1), date(2028, 6, 30))
    return PromiseFigures(said, (made,))


def entry(name, **said):
    return SupportEntry(1, "k", "harbor", "Harbor", SupportStatement(name, **said), None, None, TODAY)


def told(promises, entries=(), programs=()):
    return [(each.value, each.label) for each in of_programs("harbor", promises, programs, entries, TODAY)]


def test_a_program_opens_on_promised_seats_who_waits_and_hours():
    halves = (("half of them or more", 11), ("less than half, or none recorded", "0–10"))
    assert told(
        [promise(halves=halves), promise("Club", students="0–12", waiting=12), promise("Gym", "north")],
        [entry("Tutoring", waiting=25), entry("Club", waiting=80), entry("Chess", waiting=9)],
    ) == [
        ("15 of 90", "promised seats of Tutoring taken so far in 2026-27"),
        ("25", "wait for Tutoring, as we say in the directory"),
        ("12", "wait for Club in 2026-27"),  # published, so not what the directory says
        ("11 of 15", "had half or more of the promised hours of Tutoring so far in 2026-27"),
    ]
    assert told([promise(year=2026)]) == [("15 of 90", "promised seats of Tutoring taken in 2025-26")]
    assert hours_not_shown("harbor", [promise(halves=halves), promise("Club", hours=None)]) == ""
    assert hours_not_shown("harbor", [promise(), promise("Club", hours=2.0)]).startswith(
        "How many had the promised hours in Tutoring and Club is not shown"
    )


def leader(partner):
    return add_user(
        email=f"leader@{partner}.example", partner=partner, role=Role.LEADER, password="four herons stand in mist", by=OPERATOR
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
class TestForAReader:
    def test_before_anything_is_published_it_says_so(self, town):
        page = monthly_page(leader("north"), date.today())
        assert page.whose == "North"
        assert (page.headline, page.note) == ([], "")
        assert page.talk == []
        assert "has published no figures yet" in page.sources

    def test_a_director_talks_about_own_programs_and_sees_what_changed(self, town):
        director = leader("harbor")
        reported()
        page = monthly_page(director, date.today())
        assert [line.text for line in page.talk] == [
            "At least 20 students who are eligible for Club (grades 2 to 3) did not take part in 2025-26; it has 45 seats."
        ]
        home = the_month(HomeContext(director, date.today()))
        assert [line.text for line in home.lines] == [line.text for line in page.talk]
        assert home.more
        assert home.more.href == "/month/"
        assert [(each.value, each.label) for each in page.headline] == [
            ("40", "took part in Club in 2025-26; 60 are eligible")
        ]
        assert "“Whom each program reaches” was published" in [line.text for line in page.changed]
        # A year later 30 more have taken part.
        more = [
            row(n, start=date(2025, 10, 1), last=date(2026, 5, 1), status="Exited") for n in range(400, 430)
        ]
        making.land(
            "program_participation", "harbor", [{"person_record": e.pop("person_id"), **e} for e in more]
        )
        reported()
        assert len(releases(OPERATOR)) == 2
        changed = [line.text for line in monthly_page(director, date.today()).changed]
        assert changed[0] == "Club, Harbor, took part, 2025-26: 70, 40 before"

    def test_seats_are_compared_with_a_month_ago(self, town):
        director = leader("harbor")
        made = add_support(
            partner="harbor", said=SupportStatement("Gym", seats_open=2, seats_all=50), by=OPERATOR
        )
        then = SupportStatement("Gym", seats_open=9, seats_all=50)
        DirectoryEvent.objects.create(
            entry_id=made.number, what="added", said=as_json(then), at=datetime.now(UTC) - timedelta(days=40), by="operator"
        )  # fmt: skip
        since = date.today() - timedelta(days=31)
        line = next(
            line.text for line in monthly_page(director, date.today()).changed if line.text.startswith("Gym")
        )
        assert line == f"Gym: 2 seats free of 50; on {since.day} {since:%B %Y}, 9 seats free of 50"

    def test_the_home_leads_to_it_and_it_prints(self, town, django_assert_max_num_queries):
        reader = signed_in(leader("harbor"))
        assert 'href="/month/"' in reader.get("/").content.decode()
        with django_assert_max_num_queries(40):
            page = reader.get("/month/")
        assert page.status_code == 200
        assert reader.get("/month/month.pdf").content.startswith(b"%PDF")
        assert signed_in(making.reader("worker@harbor.example")).get("/month/").status_code == 404

    def test_what_if_is_asked_of_own_programs_alone_and_stores_nothing(self, town):
        making.land(
            "program",
            "harbor",
            [{"program_identifier": "harbor/gym", "program_name": "Gym", "program_capacity_maximum": 30, "program_staff_hours_per_week": 15.0},
             {"program_identifier": CLUB, "program_staff_hours_per_week": 90.0}],
        )  # fmt: skip
        extra = [row(n, "harbor/gym", date(2025, 9, 8), date(2026, 5, 1), "Exited") for n in range(500, 530)]
        making.land(
            "program_participation", "harbor", [{"person_record": e.pop("person_id"), **e} for e in extra]
        )
        director = signed_in(leader("harbor"))
        assert "Nothing is published yet" in director.get("/reach/what-if/").content.decode()
        reported()
        ask = {"amount": "5", "unit": "seats", "giving": "harbor/gym", "gaining": CLUB}
        page = director.get("/reach/what-if/", ask).content.decode()
        assert "5 more seats in Club would reach 5 more students" in page
        assert "What this assumes" in page
        assert "Gym (30 seats, 15 hours)" in page
        by_hours = director.get("/reach/what-if/", ask | {"unit": "hours"}).content.decode()
        assert "2 more seats in Club would reach 2 more students" in by_hours
        assert "Gym would have 10 seats fewer" in by_hours
        assert (
            "5 hours a week are 10.00 seats of Gym (15 hours for 30 seats), so it loses 10; and 2.50 seats of Club (90 hours for 45 seats), so it "
            "gains 2."
        ) in by_hours
        ended = SupportStatement(
            "Gym", program="harbor/gym", ends=date.today() - timedelta(days=1), seats_open=30
        )
        gym = add_support(partner="harbor", said=ended, by=OPERATOR)
        forget_recent_entries()
        over = director.get("/reach/what-if/", ask)
        assert "The season has ended, so there is no seat to move: Gym." in over.content.decode()
        assert "5 more seats" not in over.content.decode()
        change_support(number=gym.number, said=replace(ended, ends=None), by=OPERATOR)
        forget_recent_entries()
        refused = director.get("/reach/what-if/", ask | {"amount": "many"})
        assert (refused.status_code, "as a number above zero" in refused.content.decode()) == (400, True)
        assert "fewer than two" in signed_in(leader("north")).get("/reach/what-if/", ask).content.decode()
