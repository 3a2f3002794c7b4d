"""Registers filled in on the site: students by name and from a roster, schools and programs; and what a search by name reads."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.casework.town import MOST as MOST_QUERIES
from tests.casework.town import PERSON, TODAY, WORKER, asked_again, page, settle, signed_in, works_with
from tests.gate import making
from throughway.casework import name_search
from throughway.casework.name_search import find_my_students
from throughway.casework.selectors import reader_of
from throughway.gate.actions import enter
from throughway.identity.actions.linking import link
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners.selectors import actor, caseload_of, sites_of
from throughway.partners.site_assignment import Site, SiteKind
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
ASSIGN, SITES, OFFICER = "/students/caseloads/assign/", "/students/caseloads/sites/", "officer@north.example"


def told() -> list[int]:
    """The students in the last ledger entry."""
    return unpack(bytes(LedgerEntry.objects.order_by("at", "id").last().students)).tolist()  # type: ignore[union-attr]


def ticked(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'name="students" value="(\d+)" id="student-\d+" ?checked', text)]


def shown(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'name="students" value="(\d+)"', text)]


@pytest.mark.parametrize("indexed", [False, True])
def test_students_are_found_by_name_and_several_are_assigned(indexed: bool) -> None:
    settle()
    if indexed:
        link(by=OPERATOR)
    officer = signed_in(OFFICER)
    text = officer.post(ASSIGN, {"find": "1", "words": "ben two"}).content.decode()
    assert shown(text) == [12]
    assert "Ben Two" in text
    assert "Grade 7, Hill School" in text
    assert ticked(text) == []
    assert told() == ([12] if indexed else [11, 12, 13])  # with the index no other student is read
    assert shown(officer.post(ASSIGN, {"find": "1", "words": "zoe"}).content.decode()) == []
    given = {
        "assign": "1",
        "email": WORKER.upper(),
        "students": [12, 13],
        "first": TODAY,
        "last": TODAY + timedelta(30),
    }
    assert officer.post(ASSIGN, given).headers["Location"] == ASSIGN
    assert caseload_of(WORKER, TODAY) == [("north", 12), ("north", 13)]
    assert caseload_of(WORKER, TODAY + timedelta(31)) == []
    again = officer.post(ASSIGN, {"find": "1", "words": "b", "site": "", "email": WORKER})
    assert again.status_code == 200
    assert (
        "assigned already"
        in officer.post(ASSIGN, {"find": "1", "words": "ben", "email": WORKER}).content.decode()
    )


def test_a_roster_is_ticked_whole() -> None:
    settle()
    officer = signed_in(OFFICER)
    roster = {"find": "1", "words": "", "site": "school:north/1"}
    assert ticked(officer.post(ASSIGN, roster).content.decode()) == [11, 12, 13]  # by name
    assert told() == [11, 12, 13]
    assert ticked(officer.post(ASSIGN, roster | {"group": "7"}).content.decode()) == [11, 12, 13]
    assert shown(officer.post(ASSIGN, roster | {"group": "8"}).content.decode()) == []
    assert shown(officer.post(ASSIGN, roster | {"words": "cyd"}).content.decode()) == [13]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"students": []}, "Tick at least one student."),
        ({"students": [21]}, "no student of your organization"),  # of another partner
        ({"students": ["x"]}, "Tick at least one student."),
        ({"email": "nobody@north.example"}, "No open account has that e-mail address"),
        ({"first": TODAY, "last": TODAY - timedelta(1)}, "The last day is before the first."),
        ({"first": "soon"}, "Write a calendar day"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_assigned(change: dict[str, object], why: str) -> None:
    settle()
    given = {"assign": "1", "email": WORKER, "students": [12], "first": TODAY, "last": ""}
    answer = signed_in(OFFICER).post(ASSIGN, given | change)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert caseload_of(WORKER, TODAY) == []
    if change.keys() & {"email", "first"}:
        assert ticked(answer.content.decode()) == [12]  # what was ticked still is


def test_who_has_no_students_and_who_may_not() -> None:
    settle()
    assert "has no students of its own" in page(signed_in("officer@hub.example"), ASSIGN)[1]
    for email in (WORKER, "evaluator@north.example"):
        assert page(signed_in(email), ASSIGN)[0] == page(signed_in(email), SITES)[0] == 404
    assert len(asked_again(signed_in(OFFICER), ASSIGN)) <= MOST_QUERIES
    assert len(asked_again(signed_in(OFFICER), SITES)) <= MOST_QUERIES


def test_a_school_is_assigned_and_ended() -> None:
    settle()
    officer, other = signed_in(OFFICER), "evaluator@north.example"
    given = {"add": "1", "email": other, "site": "school:north/1", "first": TODAY, "last": ""}
    assert "Hill School" in page(officer, SITES)[1]
    assert officer.post(SITES, given | {"email": WORKER}).status_code == 422  # of another partner
    assert officer.post(SITES, given | {"site": "school:north/9"}).status_code == 422
    assert officer.post(SITES, given).headers["Location"] == f"{SITES}?partner=north"
    school = Site(SiteKind.SCHOOL, "north/1")
    assert sites_of(actor(other), TODAY) == {school}
    assert "End it now" in page(officer, SITES)[1]
    end = {"end": "1", "email": other, "kind": "school", "site": "north/1"}
    assert signed_in("officer@harbor.example").post(SITES, end).status_code == 403
    officer.post(SITES, end)
    assert sites_of(actor(other), TODAY) == frozenset()
    assert "taken back" in page(officer, SITES)[1]


def by_name(text: str) -> list[str]:
    worker = making.reader(WORKER)
    found = find_my_students(worker, reader_of(worker, TODAY), text, TODAY)
    return [who.name for _, who in found.students]


@pytest.fixture
def reach() -> Callable[[str], None]:
    """A town in which harbor's case worker reads north's students by that reach, by right of north."""

    def make(reach: str, **line: str) -> None:
        def change(document: dict[str, object]) -> None:
            for entry in document["purposes"]:  # type: ignore[attr-defined]
                if entry["id"] == "casework":
                    entry |= (
                        {**making.OFFICIAL, "reach": reach}
                        if entry["from"] == ["north"]
                        else {"reach": reach}
                    )
            for each in document["schedule"]:  # type: ignore[attr-defined]
                if each["element"] == "person.last_or_surname":
                    each |= line

        settle(change=change)
        link(by=OPERATOR)

    return make


def test_a_search_finds_only_whom_the_reader_may_open(reach: Callable[..., None]) -> None:
    reach("roster")
    assert by_name("ada") == []
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 1, "program_identifier": "art", "program_participation_start_date": date(2026, 8, 1)},
    ])  # fmt: skip
    before = LedgerEntry.objects.count()
    assert by_name("ada") == ["Ada One"]
    assert (
        LedgerEntry.objects.count() == before + 2
    )  # whose name was looked at, and of whom it is said what is next
    assert 12 not in told()
    assert 13 not in told()
    assert by_name("ben") == []  # known to the index, and not the reader's
    assert LedgerEntry.objects.count() == before + 2  # nothing was read, so nothing is recorded


def test_a_masked_name_finds_nobody(reach: Callable[..., None]) -> None:
    reach("caseload", transform="mask")
    works_with(11, 12)
    assert by_name("two") == []
    assert by_name("ben") == ["Ben T…"]


def test_of_many_namesakes_a_few_are_read(
    reach: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reach("caseload")
    works_with(*range(100, 106))
    making.land("person", "north", [
        {"person_record": 100 + n, "first_name": "Mia", "last_or_surname": f"Fox{chr(97 + n)}", "source_record_id": f"n-{100 + n}"}
        for n in range(6)
    ], "sharing-2026")  # fmt: skip
    link(by=OPERATOR, full=True)
    monkeypatch.setattr(name_search, "MOST", 4)
    access = enter(actor=making.reader(WORKER), purpose="casework")
    found = name_search.find_students(access, "mia", TODAY)
    assert (len(found.students), found.more) == (4, True)
    assert len(told()) == 4
    named = [who.name for _, who in name_search.find_students(access, "mia foxc", TODAY).students]
    assert "Mia Foxc" in named  # beside close spellings
    assert len(named) <= 4


def test_records_that_came_after_linkage_are_read_while_they_are_few(
    reach: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reach("caseload")
    works_with(11, 99)
    making.land("person", "north", [
        {"person_record": 99, "first_name": "Zoe", "last_or_surname": "New", "source_record_id": "n-99"},
    ], "sharing-2026")  # fmt: skip
    assert by_name("zoe") == ["Zoe New"]
    monkeypatch.setattr(name_search, "MOST_UNINDEXED", 0)
    worker = making.reader(WORKER)
    found = find_my_students(worker, reader_of(worker, TODAY), "zoe", TODAY)
    assert (found.students, found.unindexed) == ((), True)
    assert PERSON in [
        id for id, _ in find_my_students(worker, reader_of(worker, TODAY), "ada", TODAY).students
    ]
