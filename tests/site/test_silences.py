"""Where a home used to be silent: other people's lapsed training, accounts that nobody uses, files without a registered feed, backups."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

from tests.gate import making
from tests.site.people import client_of
from tests.site.test_home import DESK, TODAY, home, load
from throughway.gate.actions.backups import back_up
from throughway.gate.backups import LATE
from throughway.partners import OPERATOR, Role
from throughway.partners import actions as partners
from throughway.partners.models import AccessToken, User
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import DORMANT, actor, dormant
from throughway.site.backups import SHOWN
from throughway.site.home.page import HomeContext, WaitingItem, count
from throughway.site.home.waiting import step_items
from throughway.site.open_steps import selectors
from throughway.store.models import BackupMade
from throughway.training import actions as training
from throughway.training.selectors import lapsed

OFFICER = "officer@harbor.example"
LATEST = datetime.now(UTC)


@pytest.fixture
def register(transactional_db: None, community: object) -> None:
    making.register()
    partners.add_user(email=DESK, partner="hub", role="data_steward", by=OPERATOR)
    document = making.sharing()
    document["terms"]["training"] = ["ferpa-basics"]
    making.in_effect(document)
    load("b1")


def record(email: str, days: int) -> None:
    training.record(email=email, course="ferpa-basics", on=TODAY - timedelta(days=days), by=OPERATOR)


def test_the_officer_hears_of_other_people_s_lapsed_training(register: None) -> None:
    """Of the own partner's people, of whom an agreement asks it, without the reader."""
    reader = "evaluator@harbor.example"
    assert lapsed(actor(OFFICER), TODAY) == [reader]
    assert "Required training of 1 person has ended or was never taken" in home(OFFICER)
    record(reader, 400)
    assert lapsed(actor(OFFICER), TODAY) == [reader]
    record(reader, 10)
    assert lapsed(actor(OFFICER), TODAY) == []
    assert "Required training of" not in home(OFFICER)
    assert lapsed(actor(reader), TODAY) == []  # keeps nobody's account
    assert "evaluator@north.example" in lapsed(actor("officer@hub.example"), TODAY)  # the backbone keeps all


def test_accounts_that_nobody_uses_are_named(register: None) -> None:
    old = LATEST - DORMANT - timedelta(days=2)
    assert dormant(actor(OFFICER), TODAY) == []
    User.objects.filter(partner="harbor").update(added_at=old)
    User.objects.filter(email=OFFICER).update(last_login=LATEST)
    assert {user.email for user in dormant(actor(OFFICER), TODAY)} == {
        "evaluator@harbor.example",
        "worker@harbor.example",
    }
    assert "Nobody has used 2 accounts for 90 days" in home(OFFICER)
    assert client_of(OFFICER).get("/partners/people/").content.decode().count("not used for 90 days") == 2
    User.objects.filter(email="worker@harbor.example").update(last_login=LATEST - DORMANT + timedelta(days=1))
    assert [user.email for user in dormant(actor(OFFICER), TODAY)] == ["evaluator@harbor.example"]
    program = User.objects.get(email="evaluator@harbor.example")
    AccessToken.objects.create(
        user=program, handle="h", digest="d", name="nightly", scope="read", partner="harbor", role="evaluator", made=old, made_by=OFFICER,
        until=LATEST + timedelta(days=9), used=LATEST,
    )  # fmt: skip
    assert dormant(actor(OFFICER), TODAY) == []
    User.objects.filter(email="worker@harbor.example").update(last_login=old, is_active=False)
    assert dormant(actor(OFFICER), TODAY) == []


def test_the_last_backup_is_known(register: None, tmp_path: Path) -> None:
    """Where there is none, the page says what to do; one that lacks something counts as none."""
    missing, page = "No whole backup of the last 7 days is recorded", client_of("officer@harbor.example")

    def told() -> tuple[bool, str]:
        answer = page.get("/backups/")
        assert answer.status_code == 200
        return missing in home(DESK), answer.content.decode()

    late, text = told()
    assert late
    assert "No backup is recorded" in text
    assert "make a backup today" in text
    back_up(data=tmp_path / "data.tgz", keys=tmp_path / "keys.tgz", by=OPERATOR)
    late, text = told()
    assert not late
    assert "The last whole backup was made today" in text
    assert "make a backup today" not in text
    BackupMade.objects.update(at=LATEST - LATE)
    assert "The last whole backup was made 7 days ago" in told()[1]
    assert not told()[0]
    BackupMade.objects.update(at=LATEST - LATE - timedelta(days=1))
    BackupMade.objects.bulk_create(BackupMade(at=LATEST, by="operator", problems=2) for _ in range(SHOWN))
    late, text = told()
    assert late
    assert "The last whole backup was made 8 days ago" in text
    assert "lacks 2 things" in text
    assert "make a backup today" in text
    BackupMade.objects.filter(problems=0).delete()
    assert "No whole backup is recorded" in told()[1]
    assert missing not in home("officer@hub.example")  # the steward alone is asked
    assert client_of("worker@harbor.example").get("/backups/").status_code == 404


def test_the_steward_hears_of_files_without_a_registered_feed(register: None) -> None:
    assert "No feed is registered for 1 partner that sends files" in home(DESK)
    load("b2", "harbor")
    text = home(DESK)
    assert "No feed is registered for 2 partners that send files" in text
    assert "the next file of Harbor and North is late" in text


def things(page: str) -> int:
    """How many things a page says are waiting, and how many it lists."""
    tree = html.fromstring(page)
    [said] = [t for h in tree.xpath("//h1") if (t := " ".join(h.text_content().split()))]
    found = re.match(r"(\w+) things? (?:is|are) waiting", said)
    number = 0 if found is None else [count(n) for n in range(99)].index(found[1])
    listed = tree.xpath("//section[@aria-label='Next step']") + tree.xpath(
        "//section[@aria-label='What else is waiting']//ul/li"
    )
    folded = [
        int(n) - 1
        for li in listed
        for n in re.findall(r"(\d+) more steps? of agreements", li.text_content())[:1]
    ]
    assert number == len(listed) + sum(folded), said
    return number


def test_home_and_open_steps_count_the_same_things(register: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many steps beside what only a home used to say: each page says as many as it lists, and both as many as the other."""
    late = [
        OpenStep("vote", f"Vote {n}", partner, frozenset(Role), TODAY, TODAY + timedelta(days=n), "home")
        for n in range(-3, 4)
        for partner in ("hub", "harbor")
    ]
    monkeypatch.setattr(selectors, "SOURCES", (lambda on: late,))
    for email in User.objects.values_list("email", flat=True):
        client = client_of(email)
        at_home, open_ = (client.get(address).content.decode() for address in ("/", "/open-steps/"))
        assert things(at_home) == things(open_), email
        if email in (DESK, OFFICER):
            assert things(at_home) > 7
            assert "more steps of agreements" in at_home
            assert "more steps of agreements" not in open_


KINDS = ("vote", "answer further disclosures", "referral_answer", "renew")


@pytest.mark.parametrize("role", Role)
def test_whatever_the_role_every_open_step_of_the_reader_is_on_the_home(
    register: None, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """A case worker may hold a seat of the council, and a leader answers who received records further: no role's own list leaves a step out."""
    steps = [
        OpenStep(kind, f"Do {n}", "hub", frozenset(Role), TODAY, TODAY + timedelta(days=n), "home")
        for n, kind in enumerate(KINDS)
    ]
    monkeypatch.setattr(selectors, "SOURCES", (lambda on: steps,))
    partners.add_user(email="new@hub.example", partner="hub", role=role, by=OPERATOR)
    text = client_of("new@hub.example").get("/open-steps/").content.decode()
    assert [step.title in text for step in steps] == [True] * len(KINDS)
    assert things(text) >= len(KINDS)


def test_an_item_of_a_home_stands_for_its_own_kind_of_step_and_agreement(
    register: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads "Sign: the later text" still reads that the present one ends."""
    steps = [
        OpenStep(kind, f"{kind} {about}", "hub", frozenset(Role), TODAY, None, "home", agreement=about)
        for kind, about in (("sign", "a"), ("renew", "a"), ("sign", "b"), ("correct", None))
    ]
    monkeypatch.setattr(selectors, "SOURCES", (lambda on: steps,))
    item = WaitingItem("Sign: a", "", "", "", covers=frozenset({"sign", "correct"}), about="a")
    found = step_items(HomeContext(actor(DESK), TODAY), [item])
    assert {each.title for each in found} == {"renew a", "sign b", "correct None"}
