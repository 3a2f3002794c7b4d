"""Tables that others have published: how they are entered, and what a release withholds because of them."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.publication.test_earlier_releases import BY
from tests.publication.test_joint_release import BOTH, LATE, counted, publish, shown
from tests.site.people import settle, signed_in
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.publication import RawCell, RawTable
from throughway.publication.actions import (
    add_outside_table,
    forget_members,
    record_outside_members,
    remove_outside_table,
)
from throughway.publication.models import OutsideMembers
from throughway.publication.outside_counts import PlacedFigure, known_figures, placed
from throughway.publication.outside_tables import OutsideFigure, read_outside_table
from throughway.publication.selectors import joint_notes, outside_table, outside_tables, published
from throughway.publication.tables import place

ON = date(2026, 6, 30)


def test_a_table_is_read_with_totals_ranges_percents_and_marks():
    found = read_outside_table(
        '\ufeffschool, Students ,PERCENT,outcome\nHill,"1,412",,\nHill,10–19,87.4%,reached\n,*,,ALL\n\nMill,n<10,>95,lost\n'
    )
    assert [(f.at, f.statistic, f.between, f.withheld) for f in found] == [
        ({"school": "Hill"}, "students", (1412, 1412), False),
        ({"school": "Hill", "outcome": "reached"}, "students", (10, 19), False),
        ({"school": "Hill", "outcome": "reached"}, "percent", None, False),
        ({}, "students", None, True),
        ({"school": "Mill", "outcome": "lost"}, "students", None, True),
        ({"school": "Mill", "outcome": "lost"}, "percent", None, False),
    ]
    assert [OutsideFigure.from_json(f.to_json()) for f in found] == list(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The table is empty"),
        ("school,number\nHill,4\n", "needs a column students or percent"),
        ("school,school,students\nHill,x,4\n", "a name of its own"),
        ("school,students\nHill\n", "Line 2 has 1 values, and the first line names 2 columns"),
        ("school,students\nHill,about 40\n", "students in line 2 is no figure"),
        ("school,students\nHill,-4\n", "students in line 2 is no figure"),
        ("school,students\nHill,19-10\n", "students in line 2 is no figure"),
        ("school,percent\nHill,120\n", "percent in line 2 is no figure"),
        ("school,students\nHill,40\nHill,41\n", "Line 3 names the same students"),
        ("school,students\nHill,\n", "has no figure"),
        (f"school,students\n{'x' * 81},40\n", "more than 80 characters"),
        ("school,students\n" + "Hill,1\n" * 5_001, "more than 5,000 lines"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        read_outside_table(text)
    assert refused.value.code == "outside_table"
    assert "about 40" not in refused.value.message


def figures_of(csv: str, tables, minimum: int = 10):
    persons, found = placed(read_outside_table(csv), tables)
    known = known_figures((PlacedFigure.from_json(f.to_json()) for f in found), persons, minimum)
    return {f.at: (f.persons.size, f.shown, f.differs) for f in known}


def test_each_figure_is_taken_to_count_ours_and_differs_by_the_difference():
    tables = counted(graduate=(range(100), range(100, 140))).tables
    graduate, reached = (
        place({"milestone": "graduate"}),
        place({"milestone": "graduate", "outcome": "reached"}),
    )
    lost = place({"milestone": "graduate", "outcome": "lost"})
    csv = "milestone,outcome,students\ngraduate,,143\ngraduate,reached,*\ngraduate,lost,35-50\n"
    assert figures_of(csv, tables) == {
        graduate: (140, (140, 140), 3), reached: (100, None, 0), lost: (40, (35, 50), 0)
    }  # fmt: skip
    assert figures_of(csv, tables, minimum=20)[lost] == (
        40,
        (40, 40),
        0,
    )  # too narrow to leave a question open
    narrow = csv.replace("35-50", "31-35")
    assert figures_of(narrow, tables)[lost] == (40, (40, 40), -5)
    percent = "milestone,outcome,percent\ngraduate,reached,71.4\n"
    assert figures_of(percent, tables) == {
        graduate: (140, (140, 140), 0), reached: (100, (100, 100), 0), place({"milestone": "graduate", "outcome": ""}): (40, (40, 40), 0)
    }  # fmt: skip


def test_a_percent_at_a_share_of_ours_tells_both_its_counts():
    yes, no = place({"club": "Yes"}), place({"club": "No"})
    cells = [RawCell(dict(at), count=n, persons=np.arange(n) + 100 * i) for i, (at, n) in enumerate(((yes, 30), (no, 20)))]  # fmt: skip
    share = RawCell({}, "rate", numerator=30, denominator=50, of=(yes,), among=(yes, no))
    tables = (RawTable("Students", ("club",), tuple(cells)), RawTable("Share", (), (share,)))
    found = figures_of("percent\n60\n", tables)
    assert sorted(found.values()) == [(30, (30, 30), 0), (50, (50, 50), 0)]
    assert list(figures_of("percent\n*\n", tables).values()) == [(30, None, 0)]


def add(csv: str, tables=None, *, purpose: str = "report", title: str = "Graduation by State count") -> str:
    made = add_outside_table(
        title=title, publisher="Department of Education", source="https://state.example/2026", on=ON, figures=csv, by=OPERATOR
    )  # fmt: skip
    if tables is not None:
        record_outside_members(
            table=made.id, purpose=purpose, agreements=["riverbend-2026"], disclosures=[], tables=tables.tables, by=BY
        )  # fmt: skip
    return made.id


@pytest.mark.django_db
class TestTogetherWithAnOutsideTable:
    STATE = "milestone,outcome,students\ngraduate,,140\ngraduate,reached,100\n"

    def test_a_late_record_is_withheld_and_the_page_names_the_table(self, community):
        add(self.STATE, counted(**BOTH))
        release = publish(counted(**LATE))
        after = shown(release)
        assert [after["graduate", o] for o in ("reached", "lost")] == [None, None]
        assert after["graduate", ""] == 140  # as the State says
        assert after["enroll", "reached"] == 75
        (note,) = joint_notes(published(release, OPERATOR).about)
        assert note == (
            "2 counts withheld, because together with the table “Graduation by State count” (Department of Education, 30 June 2026) "
            "from outside they would tell about fewer than 10 students."
        )

    def test_where_the_numbers_agree_the_same_figure_is_shown(self, community):
        add(self.STATE, counted(**BOTH))
        assert shown(publish(counted(**BOTH)))["graduate", "reached"] == 100

    @pytest.mark.parametrize(("state", "ours"), [(101, None), (99, None), (109, None), (110, 100), (60, 100)])
    def test_a_number_near_ours_is_not_put_beside_it(self, community, state, ours):
        """The late student is in theirs already: 101 and 100 tell about one."""
        add(self.STATE.replace("100", str(state)), counted(**BOTH))
        assert shown(publish(counted(**BOTH)))["graduate", "reached"] == ours

    @pytest.mark.parametrize(("theirs", "ours"), [(121, None), (141, 80)])
    def test_differences_that_cancel_each_other_are_seen(self, community, theirs, ours):
        """Theirs are 121, 20 and 20 where ours are 100, 10 and 10: their 81 for the rest and our 80 tell of one."""
        classes = {
            "every": (range(100), range(200, 300)), "a": (range(10), range(200, 230)), "b": (range(10, 20), range(230, 260)),
            "rest": (range(20, 100), range(260, 300)),
        }  # fmt: skip
        rows = "".join(f"{name},reached,{n}\n" for name, n in (("every", theirs), ("a", 20), ("b", 20)))
        add("milestone,outcome,students\n" + rows, counted(**classes))
        found = shown(publish(counted(rest=classes["rest"])))
        assert found["rest", "reached"] == ours

    def test_a_difference_for_other_students_explains_nothing_away(self, community):
        """An earlier release has 60 where they have 65: that says nothing about their 101 and our 100."""
        both = counted(**BOTH)
        publish(counted(enroll=BOTH["enroll"]), purpose="another")
        add(
            self.STATE.replace("100", "101").replace("140", "141") + "enroll,reached,65\nenroll,,95\n",
            both,
        )
        after = shown(publish(both))
        assert (after["graduate", "reached"], after["graduate", ""]) == (None, None)

    def test_their_number_with_a_few_late_students_is_not_put_beside_ours(self, community):
        """Nine of our ten late students are in theirs: 110 and 109 tell about the tenth."""
        before = counted(graduate=(range(100), range(100, 140)))
        add("milestone,outcome,students\ngraduate,reached,109\n", before)
        late = counted(graduate=([*range(100), *range(300, 310)], range(100, 140)))
        assert shown(publish(late))["graduate", "reached"] is None

    def test_a_figure_that_they_withhold_does_not_follow_from_ours(self, community):
        tables = {"graduate": (range(100), range(100, 112))}
        add("milestone,outcome,students\ngraduate,,112\ngraduate,lost,*\n", counted(**tables))
        after = shown(publish(counted(**tables)))
        assert [after["graduate", o] for o in ("reached", "lost")] == [None, None]

    def test_a_class_stays_because_of_it(self, community):
        first = publish(counted(**BOTH))
        ten_late = {"graduate": (range(110), range(110, 150)), "enroll": LATE["enroll"]}
        add(
            "milestone,outcome,students\ngraduate,reached,109\n",
            counted(graduate=(range(109), range(109, 149))),
        )
        second = publish(counted(**ten_late))
        assert shown(second)["graduate", "reached"] == 100
        (note,) = joint_notes(published(second, OPERATOR).about)
        assert f"as published in release {first}" in note
        assert "together with the table “Graduation by State count”" in note

    def test_an_uncounted_table_stops_every_release(self, community):
        add(self.STATE)
        with pytest.raises(Refused, match="no purpose has counted its students yet") as refused:
            publish(counted(**BOTH))
        assert refused.value.code == "covered"

    def test_a_removed_table_is_no_longer_checked_and_stays_listed(self, community):
        table = add(self.STATE, counted(**BOTH))
        made = remove_outside_table(table=table.lower(), reason="Another year", by=OPERATOR)
        assert made.removal_reason == "Another year"
        assert not OutsideMembers.objects.exists()
        assert shown(publish(counted(**LATE)))["graduate", "reached"] == 101
        assert outside_tables() == []
        assert [t.id for t in outside_tables(removed=True)] == [table]
        with pytest.raises(Refused, match="removed already"):
            remove_outside_table(table=table, reason="Again", by=OPERATOR)

    def test_a_table_that_is_added_during_the_audit_is_not_missed(self, community):
        from tests.publication.test_earlier_releases import read
        from throughway.publication import actions
        from throughway.publication.joint_release import joint_tables

        tables, entry = counted(**BOTH), read(1, 2)
        joint = joint_tables(tables, report="pipeline", purpose="report", disclosures=[entry])
        add(self.STATE, tables)
        with pytest.raises(actions.RegistryChanged):
            actions.publish(
                report="pipeline", title="Late", tables=joint.tables, purpose="report", on=ON, agreements=[], joint=joint,
                minimum_cell=10, review_days=0, disclosures=[entry], by=BY,
            )  # fmt: skip

    def test_names_that_our_counts_do_not_have_are_refused(self, community):
        with pytest.raises(
            Refused,
            match="names “milestone: gradute”, “milestone: x”, “milestone: y” and 2 other places, which our own counts",
        ) as refused:
            add("milestone,students\ngradute,140\nx,1\ny,1\nz,1\nv,1\n", counted(**BOTH))
        assert refused.value.code == "outside_table"

    def test_the_end_of_an_agreement_takes_the_persons_with_it(self, community):
        add(self.STATE, counted(**BOTH))
        gone = Gone("riverbend-2026", {}, frozenset(), frozenset())
        assert forget_members(gone) == {"tables from outside whose counted students were forgotten": 1}
        assert not OutsideMembers.objects.exists()
        with pytest.raises(Refused, match="no purpose has counted"):
            publish(counted(**BOTH))

    def test_a_forgotten_student_is_found_in_no_figure(self, community):
        add(self.STATE, counted(**BOTH))
        forget_members(Gone(None, {"north": frozenset({7})}, frozenset(), frozenset()))
        after = shown(publish(counted(graduate=([*range(7), *range(8, 100)], range(100, 140)))))
        assert after["graduate", "reached"] in (None, 99)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by", "may"),
    [
        (OPERATOR, True), (Actor("d@hub.example", "hub", "data_steward"), True), (Actor("p@hub.example", "hub", "privacy_officer"), True),
        (BY, False), (Actor("l@hub.example", "hub", "leader"), False), (Actor("c@hub.example", "hub", "case_worker"), False),
    ],
)  # fmt: skip
def test_who_keeps_the_tables_from_outside(community, by, may):
    given = {"title": "T", "publisher": "P", "source": "S", "on": ON, "figures": "students\n40\n", "by": by}
    if may:
        table = add_outside_table(**given).id
        remove_outside_table(table=table, reason="Wrong", by=by)
    else:
        with pytest.raises(Refused, match="Only a data steward"):
            add_outside_table(**given)
        table = add("students\n40\n")
        with pytest.raises(Refused, match="Only a data steward"):
            remove_outside_table(table=table, reason="Wrong", by=by)
        assert outside_table(table).removed is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"publisher": "x" * 201}, {"source": ""}, {"on": date.today() + timedelta(days=3)}],
)
def test_a_table_without_its_source_is_refused(community, wrong):
    given = {
        "title": "T",
        "publisher": "P",
        "source": "S",
        "on": ON,
        "figures": "students\n40\n",
        "by": OPERATOR,
    }
    with pytest.raises(Refused) as refused:
        add_outside_table(**{**given, **wrong})
    assert refused.value.code == "outside_table"
    assert outside_tables(removed=True) == []


@pytest.mark.django_db
def test_a_steward_adds_and_removes_a_table_on_the_page(community):
    people = settle()
    client = signed_in(people[Role.DATA_STEWARD])
    assert "None yet." in client.get("/releases/outside/").content.decode()
    given = {"title": "Report card", "publisher": "The State", "source": "https://state.example/card", "on": "2026-06-30",
             "question": "", "figures": "milestone\toutcome\tstudents\ngraduate\treached\t100\ngraduate\t\t*\n\t\t\n"}  # fmt: skip
    refused = client.post("/releases/outside/add/", given | {"figures": "a,b\n1,2"})
    assert refused.status_code == 422
    assert "needs a column students or percent" in refused.content.decode()
    assert client.post("/releases/outside/add/", given | {"question": "SELECT 1"}).status_code == 422
    page = client.post("/releases/outside/add/", given, follow=True).content.decode()
    assert "The table is recorded, with 2 figures." in page
    assert "2 figures, 1 of them withheld there" in page
    (table,) = outside_tables()
    assert table.figures[0].at == {"milestone": "graduate", "outcome": "reached"}
    assert table.by == people[Role.DATA_STEWARD].email
    remove = f"/releases/outside/{table.id}/remove/"
    assert "keep a table that is right" in client.get(remove).content.decode()
    assert client.post(remove, {"reason": ""}).status_code == 422
    page = client.post(remove, {"reason": "Another year"}, follow=True).content.decode()
    assert "Whoever has read it still knows" in page
    assert "“Another year”" in page
    assert client.get("/releases/outside/ZZZZZZZZ/remove/").status_code == 404
    assert "/releases/outside/" in client.get("/releases/").content.decode()
    assert "/releases/outside/" not in signed_in(people[Role.LEADER]).get("/releases/").content.decode()
    assert signed_in(people[Role.LEADER]).get("/releases/outside/").status_code == 404
