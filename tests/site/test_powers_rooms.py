"""Acts that people try for whom they are not, or too late: each line says who, does what, and meets which refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.agreements.documents import AUDIT, STUDY, changed, text_of
from tests.governance import world
from tests.governance.world import BACKBONE, BRIGHT, HILLS, LAB, SCHOOLS, who
from tests.kept import kept
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.agreements.models import AgreementEvent
from throughway.agreements.selectors import findings_on, one
from throughway.core.refusals import Refused
from throughway.destruction.models import Destruction
from throughway.governance import selectors
from throughway.governance.actions import motions
from throughway.negotiation.drafting import actions as drafting
from throughway.negotiation.drafting.selectors import reviewed
from throughway.partners import OPERATOR, Role
from throughway.partners import actions as partners
from throughway.partners.leaving.actions import close_user
from throughway.partners.models import User
from throughway.partners.selectors import actor
from throughway.store import Community

pytestmark = pytest.mark.django_db
OFFICER, STEWARD, WORKER = Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.CASE_WORKER
ID = AUDIT["id"]


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    world.register()


def refused(act: Callable[..., Any], **said: Any) -> str:
    with pytest.raises(Refused) as found:
        act(**said)
    return found.value.code


def signed_in(partner: str, role: Role = OFFICER) -> Client:
    return client_of(who(partner, role).email)


OTHER = text_of(changed(AUDIT, ("title", "Quite another text")))


@pytest.mark.parametrize("state", ["draft", "review", "negotiation", "approval", "terminated", "active"])
def test_nobody_else_replaces_an_existing_text(state: str) -> None:
    """And learns nothing of it but that its id is taken, however it stands, even with exactly its text."""
    author = who(SCHOOLS, OFFICER)
    version = agreements.add(text=text_of(AUDIT), by=author).version
    steps = ("submit", "offer", "agree")[: ("review", "negotiation", "approval").index(state) + 1] if state in (
        "review", "negotiation", "approval") else ()  # fmt: skip
    for step in steps:
        getattr(agreements, step)(id=ID, by=author)
    if state == "active":
        for partner in (SCHOOLS, LAB):
            agreements.sign(id=ID, by=who(partner))
        agreements.activate(id=ID, by=author)
    if state == "terminated":
        agreements.terminate(id=ID, by=author, reason="Hush")
    said = set()
    for text in (OTHER, text_of(AUDIT)):
        with pytest.raises(Refused) as found:
            agreements.add(text=text, by=who(HILLS))
        said.add((found.value.code, found.value.message))
        page = signed_in(HILLS).post("/agreements/review/", {"text": text, "add": "1"})
        assert page.status_code == 403
        assert "Hush" not in page.content.decode()
    assert len(said) == 1
    assert (one(ID).version, str(one(ID).state)) == (version, state)


def test_only_the_author_changes_a_draft() -> None:
    author = who(SCHOOLS, OFFICER)
    agreements.add(text=text_of(AUDIT), by=author)
    agreements.submit(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    agreements.offer(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    agreements.agree(id=ID, by=author)
    assert refused(agreements.add, text=OTHER, by=who(LAB)) == "not_allowed"
    assert agreements.add(text=OTHER, by=author).state == "negotiation"


def test_a_partner_that_an_amendment_names_reads_and_signs_it() -> None:
    world.study()
    later = changed(world.BOTH, ("parties", [*world.BOTH["parties"], {"partner": BRIGHT, "roles": [],
                    "signatory": {"title": "Director", "authority": "Bylaws"}}]))  # fmt: skip
    agreements.amend(id="reading-study", text=text_of(later), by=who(SCHOOLS))
    client = signed_in(BRIGHT, Role.LEADER)
    assert client.get("/agreements/reading-study/later/").status_code == 200
    assert client.get("/agreements/reading-study/sign/").status_code == 200
    assert "A study of reading" in client.get("/agreements/").content.decode()


def open_study() -> None:
    agreements.add(text=text_of(changed(STUDY, ("joinder", {"open_to": ["lea"]}))), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        agreements.sign(id="reading-study", by=who(partner))
    agreements.activate(id="reading-study", by=who(SCHOOLS, OFFICER))


def test_possible_party_reads_only_the_text_in_effect() -> None:
    open_study()
    agreements.suspend(id="reading-study", by=who(SCHOOLS), reason="Hush: a quarrel")
    agreements.resume(id="reading-study", by=who(SCHOOLS))
    later = changed(STUDY, ("title", "Hush: amended"), ("joinder", {"open_to": ["lea"]}))
    agreements.amend(id="reading-study", text=text_of(later), by=who(SCHOOLS))
    client = signed_in(HILLS)
    page = client.get("/agreements/reading-study/")
    assert page.status_code == 200
    assert "Hush" not in page.content.decode()
    assert client.get("/agreements/reading-study/later/").status_code == 404
    assert "later text" not in page.content.decode().lower()
    assert client.get("/negotiation/reading-study/").status_code == 404


def test_a_draft_is_reviewed_by_all_rules_and_against_every_bar() -> None:
    """Else its author hears of them first when somebody signs."""
    leader = who(LAB)
    partners.bar(party=LAB, agency=SCHOOLS, finding="Finding 7", found_on=date.today(), by=OPERATOR)
    world.study(activate=False)
    draft = drafting.open_agreement(id="reading-study", by=leader)
    kept = {f.id for f in findings_on(one("reading-study").document) if f.blocks}
    assert {f.id for f in reviewed(draft.values) if f.blocks} == kept != set()


SIGNED = {"title": "x", "authority": "x", "version": "x", "reason": "x", "sure": "on", "why": "x"}


def test_binding_acts_require_reauthentication() -> None:
    world.study()
    agreements.add(text=text_of(AUDIT), by=OPERATOR)
    open_to = changed(STUDY, ("id", "open-study"), ("joinder", {"open_to": ["lea"]}),
                      ("purposes.0.id", "study-open"), ("schedule.0.purposes", ["study-open"]))  # fmt: skip
    agreements.add(text=text_of(open_to), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        agreements.sign(id="open-study", by=who(partner))
    agreements.activate(id="open-study", by=who(SCHOOLS, OFFICER))
    before = AgreementEvent.objects.count()
    for partner, role, address in (
        (LAB, Role.LEADER, f"/agreements/{ID}/sign/"), (HILLS, OFFICER, "/governance/join/open-study/"),
        (HILLS, OFFICER, "/governance/leave/reading-study/"),
        (SCHOOLS, OFFICER, "/agreements/open-study/suspend/"), (SCHOOLS, OFFICER, "/agreements/open-study/terminate/"),
        (SCHOOLS, OFFICER, f"/destruction/order/partner/{SCHOOLS}/"), (SCHOOLS, OFFICER, "/destruction/order/agreement/reading-study/"),
    ):  # fmt: skip
        user = User.objects.get(email=who(partner, role).email)
        user.set_password(
            "a passphrase of one's own"
        )  # without one nobody signs in, and none can be asked for
        user.save()
        said = signed_in(partner, role).post(address, SIGNED)
        to = said.headers.get("Location", "").split("?")[0]
        assert (address, said.status_code, to) == (address, 302, "/account/confirm/")
    assert (AgreementEvent.objects.count(), Destruction.objects.count()) == (before, 0)


def test_one_whose_account_is_closed_does_nothing_more() -> None:
    """Signed in still, and named on the command line; a seat that is held and a vote that is open do not help."""
    agreements.add(text=text_of(AUDIT), by=OPERATOR)
    world.found()
    motion = motions.move(body=world.BODY, kind="other", title="A motion", by=who(BACKBONE)).number
    client = signed_in(SCHOOLS, Role.LEADER)
    close_user(email=who(SCHOOLS).email, by=OPERATOR)
    for address in (f"/agreements/{ID}/sign/", f"/governance/motions/{motion}/vote/", "/drafts/new/"):
        said = client.post(address, {**SIGNED, "choice": "yes"})
        assert said.status_code == 302
        assert said.headers["Location"].startswith("/sign-in/")
    assert refused(actor, email=who(SCHOOLS).email)
    assert one(ID).signed_by == ()
    assert not selectors.motion(motion).votes


LATE: tuple[tuple[Any, ...], ...] = (
    ("signs for another partner's people", "sign", LAB, STEWARD, "not_allowed", {}),
    ("signs as the desk of the community", "sign", BACKBONE, Role.LEADER, "not_allowed", {}),
    ("signs on another hash", "sign", LAB, Role.LEADER, "changed", {"version": "0" * 64}),
    ("signs twice", "sign", SCHOOLS, Role.LEADER, "already_signed", {}),
    ("signs twice in another office", "sign", SCHOOLS, Role.LEADER, "already_signed", {"title": "Counsel"}),
    ("signs though nobody registered it", "sign", SCHOOLS, OFFICER, "not_allowed", {"title": "Superintendent"}),
    ("takes the long way back after a signature", "agree", SCHOOLS, OFFICER, "is_partly_signed", {}),
    ("approves what asks for no approval", "approve", LAB, OFFICER, "is_partly_signed", {"capacity": "privacy_officer"}),
    ("puts it into effect before all have signed", "activate", SCHOOLS, OFFICER, "is_partly_signed", {}),
    ("suspends what is not in effect", "suspend", SCHOOLS, OFFICER, "is_partly_signed", {}),
    ("suspends though it gives nothing", "suspend", LAB, OFFICER, "not_allowed", {}),
    ("joins what is closed", "join", HILLS, Role.LEADER, "not_open", SIGNED | {}),
    ("leaves what it is no party to", "leave", HILLS, Role.LEADER, "not_allowed", {}),
    ("certifies before the end", "certify", LAB, Role.LEADER, "is_partly_signed", {"copies": "x", "method": "x"}),
    ("closes before the end", "close", SCHOOLS, OFFICER, "is_partly_signed", {}),
    ("winds down before the end", "wind_down", SCHOOLS, OFFICER, "is_partly_signed", {}),
    ("ends what others agreed", "terminate", HILLS, OFFICER, "not_allowed", {}),
    ("ends it as the operator", "terminate", None, None, "not_allowed", {}),
    ("amends what was never in effect", "amend", SCHOOLS, Role.LEADER, "never_active", {"text": OTHER}),
    ("renews what others agreed", "renew", HILLS, Role.LEADER, "never_active", {}),
)  # fmt: skip


@pytest.mark.parametrize("line", LATE, ids=[line[0] for line in LATE])
def test_who_may_not_or_comes_too_late(line: tuple[Any, ...]) -> None:
    _, act, partner, role, code, said = line
    agreements.add(text=text_of(AUDIT), by=OPERATOR)
    agreements.sign(id=ID, by=who(SCHOOLS))
    before = AgreementEvent.objects.count()
    by = who(partner, role) if partner else OPERATOR
    given = {name: value for name, value in said.items() if name in JOINS or act != "join"}
    assert refused(getattr(agreements, act), id=ID, by=by, **given) == code
    assert AgreementEvent.objects.count() == before


JOINS = ("title", "authority")
