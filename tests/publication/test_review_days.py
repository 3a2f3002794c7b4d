"""A release that waits: who meets it and who does not, on pages, by the API and the command line; how it becomes public; and a false
one that is withdrawn."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, transaction

from tests.site.people import add, program, settle, signed_in
from throughway.cli import main
from throughway.core.refusals import Refused
from throughway.ledger.entry import Entry
from throughway.ledger.recording import append
from throughway.partners import OPERATOR, Role
from throughway.partners.selectors import users
from throughway.publication import ProtectedCell, ProtectedTable, actions, selectors
from throughway.publication.models import Release, ReleaseEvent
from throughway.publication.states import ReleaseAct, ReleaseState
from throughway.site.open_steps.reminders import reminders_due
from throughway.site.open_steps.selectors import open_steps

pytestmark = pytest.mark.django_db
TABLE = ProtectedTable(
    "Students", ("milestone",), (ProtectedCell({"milestone": "Graduate"}, "students", 1240),)
)
DAYS = 14


@pytest.fixture
def people(community):
    """Oak and Bank disclose; the evaluator of Spine publishes; Far has no part in it."""
    from throughway.partners.actions import add_partner

    found = settle()
    add_partner(id="far", name="Far Schools", kind="lea", by=OPERATOR)
    return {
        "oak": found[Role.PRIVACY_OFFICER],
        "worker": found[Role.CASE_WORKER],
        "bank": next(user for user in users() if user.partner == "bank"),
        "spine": add("evaluator", "spine", Role.EVALUATOR),
        "steward": next(user for user in users() if user.email == "steward@spine.example"),
        "far": add("leader", "far", Role.LEADER),
    }


def registered(
    people,
    *,
    report="pipeline",
    students=(1, 2),
    days=DAYS,
    disclosers=("bank", "oak"),
    two_people=False,
    by="spine",
):
    entry = append(
        Entry(
            "released", people[by], "report", date(2026, 3, 1), disclosers=disclosers, rows=1,
            students=np.array(students, dtype=np.int64),
        )
    )  # fmt: skip
    return actions.publish(
        report=report, title="A count", tables=[TABLE], purpose="report", on=date(2026, 6, 30), agreements=[("a", "1" * 64)],
        minimum_cell=10, review_days=days, disclosures=[entry], by=people[by], two_people=two_people,
    )  # fmt: skip


@pytest.fixture
def release(people):
    return registered(people).id


def days_later(monkeypatch, days):
    """The community's clock, so many days on."""
    from throughway.store import Community

    monkeypatch.setattr(
        Community, "today", lambda self: self.day_of(datetime.now(UTC)) + timedelta(days=days)
    )


def test_it_waits_and_says_until_when(people, release):
    found = selectors.published(release, people["oak"])
    today = datetime.now(UTC).date()
    assert (found.standing.state, found.standing.public_on) == (
        ReleaseState.WAITING,
        today + timedelta(days=DAYS),
    )
    assert found.standing.missing == ("bank", "oak")


PLACES = ("/releases/{}/", "/releases/{}/tables.csv", "/releases/{}/tables.json", "/api/releases/{}")


@pytest.mark.parametrize("place", PLACES)
def test_nobody_else_meets_it(people, release, place):
    def opened(who):
        door = program(people[who]) if place.startswith("/api") else signed_in(people[who])
        return door.get(place.format(release))

    assert opened("far").status_code == 404
    for who in ("oak", "worker", "bank", "spine"):
        assert "1240" in opened(who).content.decode().replace(",", "")


def test_no_list_names_it_to_others(people, release, monkeypatch):
    page = signed_in(people["far"]).get("/releases/").content.decode()
    assert release not in page
    assert "Nothing has been published yet" in page
    assert program(people["far"]).get("/api/releases").json() == {"releases": []}
    assert "Not public before" in signed_in(people["worker"]).get("/releases/").content.decode()
    assert selectors.newest("pipeline") is None
    days_later(monkeypatch, DAYS)
    assert release in signed_in(people["far"]).get("/releases/").content.decode()
    assert selectors.newest("pipeline") == release


def said(*words, community):
    done = CliRunner().invoke(main, [*words, "--community", str(community.root), "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_command_line_tells_the_same(people, release, community):
    assert said("publish", "list", "--as", people["far"].email, community=community) == (0, {"releases": []})
    code, told = said("publish", "list", "--as", people["oak"].email, community=community)
    assert (code, [(r["id"], r["state"]) for r in told["releases"]]) == (0, [(release, "waiting")])
    assert told["releases"][0]["public_on"] == (datetime.now(UTC).date() + timedelta(days=DAYS)).isoformat()
    code, told = said("publish", "show", release, "--as", people["far"].email, community=community)
    assert (code, told["error"]["code"]) == (1, "unknown_release")
    code, told = said("publish", "show", release, community=community)
    assert (code, told["state"], told["disclosers"]) == (0, "waiting", ["bank", "oak"])


def test_it_is_public_when_every_discloser_agrees(people, release, community):
    for who in ("oak", "bank"):
        assert selectors.newest("pipeline") is None
        code, told = said("publish", "agree", release, "--as", people[who].email, community=community)
        assert code == 0
    assert told["state"] == "public"
    assert selectors.newest("pipeline") == release
    with pytest.raises(Refused, match="public, so nobody can object"):
        actions.act_on(ReleaseAct.OBJECT, release=release, reason="Late", by=people["oak"])


def test_an_objection_holds_it_until_it_is_answered(people, release, community, monkeypatch):
    actions.act_on(
        ReleaseAct.OBJECT, release=release, reason="The  schools of\n Oak are small", by=people["oak"]
    )
    days_later(monkeypatch, 3 * DAYS)
    assert selectors.published(release, OPERATOR).standing.state is ReleaseState.HELD
    with pytest.raises(Refused, match="No release"):
        selectors.published(release, people["far"])
    assert (
        "The schools of Oak are small"
        in signed_in(people["bank"]).get(f"/releases/{release}/").content.decode()
    )
    with pytest.raises(Refused, match="can answer objections"):
        actions.act_on(ReleaseAct.ANSWER, release=release, reason="No", by=people["bank"])
    code, told = said(
        "publish",
        "answer",
        release,
        "--reason",
        "They are grouped",
        "--as",
        people["spine"].email,
        community=community,
    )
    assert (code, told["objections"]) == (0, [])
    assert told["public_on"] == (datetime.now(UTC).date() + timedelta(days=DAYS)).isoformat()


def test_an_objection_is_taken_back_by_its_partner_alone(people, release):
    actions.act_on(ReleaseAct.OBJECT, release=release, reason="Wait", by=people["oak"])
    with pytest.raises(Refused, match="bank has no objection"):
        actions.act_on(ReleaseAct.TAKE_BACK, release=release, by=people["bank"])
    assert (
        actions.act_on(ReleaseAct.TAKE_BACK, release=release, by=people["oak"]).standing.state
        is ReleaseState.WAITING
    )


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_an_objection_needs_its_reason(people, release, reason):
    with pytest.raises(Refused):
        actions.act_on(ReleaseAct.OBJECT, release=release, reason=reason, by=people["oak"])
    assert not ReleaseEvent.objects.exists()


def test_who_may_not_act_for_a_discloser(people, release):
    for who in ("worker", "spine"):
        with pytest.raises(Refused, match="privacy officer"):
            actions.act_on(ReleaseAct.AGREE, release=release, by=people[who])
    with pytest.raises(Refused, match="No release"):
        actions.act_on(ReleaseAct.AGREE, release=release, by=people["far"])


def test_days_are_those_of_the_communitys_time_zone(people, release, community, monkeypatch):
    settings = community.root / "throughway.toml"
    settings.write_text('[community]\nname = "Testville"\ntime_zone = "Pacific/Kiritimati"\n')
    from throughway.store import Community

    east = Community(community.root)
    monkeypatch.setattr("django.conf.settings.COMMUNITY", east)
    at = Release.objects.get(id=release).at
    assert selectors.published(release, OPERATOR).standing.registered == (at + timedelta(hours=14)).date()
    settings.write_text('[community]\nname = "Testville"\ntime_zone = "Riverbend"\n')
    monkeypatch.setattr("django.conf.settings.COMMUNITY", Community(community.root))
    with pytest.raises(Refused, match="IANA"):
        selectors.published(release, OPERATOR)


def test_whom_it_waits_for_is_an_open_step_and_mailed(people, release, monkeypatch):
    today = datetime.now(UTC).date()
    steps = [step for step in open_steps(today) if step.kind == "review release"]
    assert [(s.waits_for, s.due) for s in steps] == [
        ("bank", today + timedelta(days=DAYS)), ("oak", today + timedelta(days=DAYS)),
    ]  # fmt: skip
    assert people["oak"].email in {n.email for n in reminders_due(users(), steps, set(), today)}
    assert open_steps(today + timedelta(days=DAYS)) == [
        s for s in open_steps(today) if s.kind != "review release"
    ]
    actions.act_on(ReleaseAct.AGREE, release=release, by=people["oak"])
    actions.act_on(ReleaseAct.OBJECT, release=release, reason="Wait", by=people["bank"])
    kinds = {(step.kind, step.waits_for) for step in open_steps(today)}
    assert ("answer objection", "spine") in kinds
    assert not {kind for kind, _ in kinds} & {"review release"}


def test_the_page_offers_what_the_reader_may_do(people, release):
    def buttons(who):
        page = signed_in(people[who]).get(f"/releases/{release}/").content.decode()
        return {
            act
            for act in ("agree", "object", "take_back", "answer", "withdraw")
            if f'name="act" value="{act}"' in page
        }

    assert buttons("oak") == {"agree", "object"}
    assert buttons("worker") == set()
    assert buttons("spine") == buttons("steward") == {"withdraw"}
    door = signed_in(people["oak"])
    act = {"act": "object", "reason": "The schools of Oak are small"}
    page = door.post(f"/releases/{release}/act/", act, follow=True).content.decode()
    assert "Your objection holds the release" in page
    assert buttons("oak") == {"take_back"}
    assert buttons("spine") == {"answer", "withdraw"}
    assert (
        "Give the reason"
        in door.post(f"/releases/{release}/act/", {"act": "object"}, follow=True).content.decode()
    )
    assert door.post(f"/releases/{release}/act/", {"act": "appear"}).status_code == 404
    assert signed_in(people["far"]).post(f"/releases/{release}/act/", act).status_code == 404


@pytest.fixture
def withdrawn(people):
    release = registered(people, days=0).id
    assert selectors.newest("pipeline") == release
    done = signed_in(people["steward"]).post(
        f"/releases/{release}/act/", {"act": "withdraw", "reason": "Those who wait were counted"}, follow=True
    )
    assert "is withdrawn" in done.content.decode()
    return release


def test_a_withdrawn_release_stays_in_the_registry_without_its_figures(people, withdrawn, community):
    door = signed_in(people["far"])
    for page in ("/releases/", f"/releases/{withdrawn}/"):
        told = door.get(page).content.decode()
        assert "Those who wait were counted" in told
        assert "1,240" not in told
    for who in ("far", "spine", "oak"):
        for file in ("csv", "json"):
            assert signed_in(people[who]).get(f"/releases/{withdrawn}/tables.{file}").status_code == 403
    told = program(people["spine"]).get(f"/api/releases/{withdrawn}").json()
    assert (told["state"], told["tables"]) == ("withdrawn", [])
    code, told = said("publish", "show", withdrawn, community=community)
    assert (code, told["tables"]) == (0, [])
    assert told["withdrawn"]["reason"] == "Those who wait were counted"
    assert selectors.newest("pipeline") is None
    assert Release.objects.get(id=withdrawn).tables == [TABLE.to_json()]  # kept for the audit


def test_a_withdrawn_release_is_withdrawn_for_good(people, withdrawn):
    with pytest.raises(Refused, match="withdrawn, so it cannot be withdrawn"):
        actions.act_on(ReleaseAct.WITHDRAW, release=withdrawn, reason="Again", by=OPERATOR)


def test_a_release_withdrawn_before_it_was_public_stays_hidden(people, release, community):
    code, told = said("publish", "withdraw", release, "--reason", "A wrong year", community=community)
    assert (code, told["state"]) == (0, "withdrawn")
    assert release not in signed_in(people["far"]).get("/releases/").content.decode()
    assert "A wrong year" in signed_in(people["oak"]).get("/releases/").content.decode()


def test_a_release_and_its_acts_are_never_changed(people, release):
    actions.act_on(ReleaseAct.AGREE, release=release, by=people["oak"])
    for rows, change in (
        (Release.objects, {"title": "Another"}), (ReleaseEvent.objects, {"reason": "Another"}),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change)


class TestTwoPeople:
    """An agreement asks for a second person: Oak's privacy officer publishes figures of Oak and Bank."""

    @pytest.fixture
    def release(self, people):
        people["second"] = add("second", "oak", Role.LEADER)
        return registered(people, days=DAYS, two_people=True, by="oak").id

    def test_the_days_alone_make_nothing_public(self, people, release, community, monkeypatch):
        days_later(monkeypatch, 10 * DAYS)
        assert selectors.newest("pipeline") is None
        assert signed_in(people["far"]).get(f"/releases/{release}/").status_code == 404
        page = signed_in(people["worker"]).get(f"/releases/{release}/").content.decode()
        assert "Not public: a second person must agree" in page
        assert "other than its publisher" in page
        code, told = said("publish", "show", release, community=community)
        assert (code, told["state"], told["public_on"], told["needs_approval"]) == (0, "waiting", "", True)

    def test_one_person_alone_cannot(self, people, release, monkeypatch):
        days_later(monkeypatch, DAYS)
        with pytest.raises(Refused, match=r"You published release .* asks for two people") as refused:
            actions.act_on(ReleaseAct.AGREE, release=release, by=people["oak"])
        assert refused.value.code == "two_people"
        door = signed_in(people["oak"])
        assert 'value="agree"' not in door.get(f"/releases/{release}/").content.decode()
        page = door.post(f"/releases/{release}/act/", {"act": "agree"}, follow=True).content.decode()
        assert "another leader, privacy officer or data steward" in page
        assert not ReleaseEvent.objects.exists()
        assert selectors.newest("pipeline") is None

    def test_a_person_cannot_agree_twice(self, people, release):
        actions.act_on(ReleaseAct.AGREE, release=release, by=people["second"])
        with pytest.raises(Refused, match="oak has already agreed"):
            actions.act_on(ReleaseAct.AGREE, release=release, by=people["second"])

    @pytest.mark.parametrize("who", ["second", "bank"])
    def test_a_second_person_agrees_with_the_button(self, people, release, monkeypatch, who):
        days_later(monkeypatch, DAYS)
        door = signed_in(people[who])
        assert 'value="agree"' in door.get(f"/releases/{release}/").content.decode()
        page = door.post(f"/releases/{release}/act/", {"act": "agree"}, follow=True).content.decode()
        assert "You have agreed, the last to do so: it is public now." in page
        assert selectors.newest("pipeline") == release
        (event,) = ReleaseEvent.objects.all()
        assert (event.act, event.by, event.partner) == ("agree", people[who].email, people[who].partner)

    def test_who_may_not_be_the_second_person(self, people, release):
        with pytest.raises(Refused, match="privacy officer"):
            actions.act_on(ReleaseAct.AGREE, release=release, by=people["worker"])
        for who in ("spine", "far"):
            with pytest.raises(Refused, match="No release"):
                actions.act_on(ReleaseAct.AGREE, release=release, by=people[who])

    def test_it_is_an_open_step_of_the_others(self, people, release):
        today = datetime.now(UTC).date()
        steps = [
            step for step in open_steps(today + timedelta(days=2 * DAYS)) if step.kind == "agree to release"
        ]
        assert [(s.waits_for, s.due) for s in steps] == [("bank", None), ("oak", None)]
        for who, waits in (("second", True), ("oak", False), ("bank", True), ("worker", False)):
            assert any(step.is_for(people[who]) for step in steps) == waits
        actions.act_on(ReleaseAct.AGREE, release=release, by=people["second"])
        assert [s.waits_for for s in open_steps(today) if s.kind == "review release"] == ["bank"]

    def test_without_days_of_review_it_waits_for_the_second_person_alone(self, people):
        release = registered(people, days=0, two_people=True, by="oak").id
        assert selectors.newest("pipeline") is None
        actions.act_on(ReleaseAct.AGREE, release=release, by=people["bank"])
        assert selectors.newest("pipeline") == release

    def test_figures_of_no_partner_are_refused(self, people):
        with pytest.raises(Refused, match="counts no partner's records"):
            registered(people, disclosers=(), two_people=True)


def test_who_agreed_reads_who_is_still_to_agree(people, release, community):
    def agreed(who):
        words = ["publish", "agree", release, "--as", people[who].email, "--community", str(community.root)]
        return CliRunner().invoke(main, words).output.strip()

    assert agreed("oak").endswith("or until all of these agree: bank.")
    assert agreed("bank") == f"Release {release} is public."
