"""Who works with whom: who sees the register, how an assignment ends, and what the case worker meets after it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.casework.town import PERSON, TODAY, WORKER, allow, page, settle, signed_in, works_with
from tests.gate import making
from throughway.casework.student_list import departures
from throughway.core.refusals import Refused
from throughway.gate.actions.caseloads import end_caseload
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.partners.assigning import assign, end_assignments
from throughway.partners.caseload import Assigned
from throughway.partners.models import User
from throughway.partners.selectors import actor, assignments_open_to, caseload_of

TOWN = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


def in_town(test: Callable[..., None]) -> Callable[..., None]:
    return TOWN[0](TOWN[1](test))


YESTERDAY = TODAY - timedelta(days=1)


def of(email: str) -> str:
    return f"/students/caseloads/{User.objects.get(email=email).pk}/"


@in_town
def test_a_keeper_ends_it_and_the_page_is_there_no_more(tmp_path: Path) -> None:
    settle()
    works_with(11, 12)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"))
    worker, officer = signed_in(), signed_in("officer@north.example")
    assert page(worker, f"/students/{PERSON}/")[0] == 200
    found = officer.post("/students/caseloads/", {"partner": "north", "record_key": "n-11"}).content.decode()
    assert "Who works with this student" in found
    assert WORKER in found
    assert "n-11" not in found.replace('value="n-11"', "")
    assert "2 students are on this caseload" in page(officer, of(WORKER))[1]
    end = f"{of(WORKER)}11/end/"
    assert f'value="{YESTERDAY}"' in page(officer, end)[1]
    assert officer.post(end, {"last": "soon"}).status_code == 422
    assert officer.post(end, {"last": YESTERDAY}).headers["Location"] == of(WORKER)
    assert caseload_of(WORKER, TODAY) == [("north", 12)]
    assert page(worker, f"/students/{PERSON}/")[0] == 404
    text = page(worker, "/students/")[1]
    assert f"One student left your list on {TODAY.day} {TODAY:%B %Y}; it no longer opens that page." in text
    assert "Ada" not in text
    assert page(officer, end)[0] == 404
    assert "Ended assignments" in page(officer, of(WORKER))[1]


@in_town
def test_a_colleague_takes_over_in_the_same_act(tmp_path: Path) -> None:
    settle()
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    other = "colleague@harbor.example"
    partners.add_user(email=other, partner="harbor", role="case_worker", by=OPERATOR)
    officer, end = signed_in("officer@north.example"), f"{of(WORKER)}11/end/"
    assert f'<option value="{other}"' in page(officer, end)[1]
    # Nobody else can take over, and then nothing has ended.
    for stranger in ("evaluator@harbor.example", "officer@north.example", WORKER):
        assert officer.post(end, {"last": YESTERDAY, "to": stranger}).status_code == 422
        with pytest.raises(Refused, match="Choose a colleague"):
            end_assignments(
                email=WORKER, record=11, last=YESTERDAY, to=stranger, by=actor("officer@north.example")
            )
    assert caseload_of(WORKER, TODAY) == [("north", 11)]
    assert officer.post(end, {"last": YESTERDAY, "to": other}).status_code == 302
    assert (caseload_of(WORKER, TODAY), caseload_of(other, TODAY)) == ([], [("north", 11)])
    assert page(signed_in(other), f"/students/{PERSON}/")[0] == 200
    assert page(signed_in(), f"/students/{PERSON}/")[0] == 404


@in_town
def test_keepers_manage_only_their_partners_caseloads() -> None:
    settle()
    works_with(12)
    assign(assigned=[Assigned("evaluator@hub.example", "harbor", 22, TODAY)], by=OPERATOR)
    north, harbor, hub = (actor(f"officer@{p}.example") for p in ("north", "harbor", "hub"))
    assert [len(assignments_open_to(who)) for who in (north, harbor, hub, OPERATOR)] == [1, 2, 2, 2]
    assert page(signed_in(north.email), of("evaluator@hub.example"))[0] == 404
    assert (
        signed_in(north.email).post(f"{of('evaluator@hub.example')}22/end/", {"last": YESTERDAY}).status_code
        == 404
    )
    with pytest.raises(Refused, match="nothing can be ended"):
        end_assignments(email="evaluator@hub.example", record=22, last=YESTERDAY, by=north)
    with pytest.raises(Refused, match="can change only the registers of your own partner"):
        end_caseload(email=WORKER, partner="north", record_key="n-12", last=YESTERDAY, by=harbor)
    with pytest.raises(Refused, match="no student of that number"):
        end_caseload(email=WORKER, partner="north", record_key="n-99", last=YESTERDAY, by=north)
    for who in (WORKER, "evaluator@hub.example"):
        with pytest.raises(Refused, match="can change the registers"):
            end_assignments(email=WORKER, record=12, last=YESTERDAY, by=actor(who))
    end_caseload(email=WORKER, partner="north", record_key="n-12", last=YESTERDAY, by=north)
    assert caseload_of(WORKER, TODAY) == []


@in_town
def test_an_assignment_may_be_taken_back_or_end_later() -> None:
    settle()
    assign(assigned=[Assigned(WORKER, "north", 11, TODAY), Assigned(WORKER, "north", 12, TODAY)], by=OPERATOR)
    hub = actor("officer@hub.example")
    (ended,) = end_assignments(email=WORKER, record=11, last=YESTERDAY - timedelta(days=5), by=hub)
    assert (ended.first, ended.last) == (TODAY, YESTERDAY)
    (later,) = end_assignments(email=WORKER, record=12, last=TODAY + timedelta(days=7), by=hub)
    assert later.on(TODAY + timedelta(days=7))
    assert caseload_of(WORKER, TODAY) == [("north", 12)]
    text = page(signed_in("officer@hub.example"), of(WORKER))[1]
    assert "taken back" in text
    assert "until " in text


@in_town
def test_readers_who_may_look_up_find_the_link(tmp_path: Path) -> None:
    settle()
    assert "/persons/look-up/" not in page(signed_in(), "/students/")[1]
    document = making.sharing(id="intake-2026")
    document["purposes"] = [{**p, "roles": ["case_worker"], "recipients": ["harbor"]} for p in document["purposes"]
                            if p["kind"] == "linkage" and p["from"] == ["harbor"]]  # fmt: skip
    document["purposes"][0] |= {"serves": []}
    document["schedule"] = [making.line("person.*", "matching")]
    making.in_effect(document)
    assert "/persons/look-up/" in page(signed_in(), "/students/")[1]
    assert page(signed_in(), "/persons/look-up/")[0] == 200


def test_a_list_names_recent_departures() -> None:
    today = date(2026, 11, 26)

    def one(record: int, first: int, last: int | None) -> Assigned:
        return Assigned(
            "w@x.example",
            "x",
            record,
            today - timedelta(first),
            None if last is None else today - timedelta(last),
        )

    every = [one(1, 90, 20), one(2, 90, 20), one(3, 90, 1), one(4, 90, 62), one(5, 90, 20), one(5, 10, None), one(6, 90, None),
             one(7, -5, None), one(8, 90, 30), one(8, 29, 20), one(9, 5, 6)]  # fmt: skip
    assert departures(every, today) == [
        "One student left your list on 26 November 2026; it no longer opens that page.",
        "3 students left your list on 7 November 2026; it no longer opens their pages.",
    ]
