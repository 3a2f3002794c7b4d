"""What people who are signed in, and not entitled, learn of what others draft, negotiate, decide, ask for and destroy: nothing.

One community with something of each kind that is closed to the reader. Each address is asked for what is there and for what
never was, and both answers are the same word for word; and no page of all the rooms says a word of what is closed.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from tests.agreements.documents import AUDIT, CLAUSES, changed, text_of
from tests.gate.test_attacks_pages import HX, plain
from tests.gate.test_attacks_pages import _different as different
from tests.governance import world
from tests.governance.world import BACKBONE, BRIGHT, HILLS, LAB, SCHOOLS, who
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.destruction.actions.holds import hold
from throughway.destruction.models import Destruction
from throughway.governance.actions import bodies, motions
from throughway.negotiation import actions as negotiation
from throughway.negotiation.drafting import actions as drafting
from throughway.negotiation.drafting.draft import DraftSection
from throughway.partners import Actor, Role
from throughway.store import Community

pytestmark = pytest.mark.django_db

ACTORS = {
    "leader": who(HILLS),
    "officer": who(HILLS, Role.PRIVACY_OFFICER),
    "steward": who(HILLS, Role.DATA_STEWARD),
    "evaluator": who(HILLS, Role.EVALUATOR),
    "worker": who(HILLS, Role.CASE_WORKER),
}
QUIET = changed(
    AUDIT, ("title", "Hush: an evaluation"), ("clauses", {**CLAUSES, "breach_notice": "Hushclause"})
)
SPARE = "987654"  # the number of nothing


@dataclass(frozen=True)
class Attack:
    """`{}` in the address, or in the body, stands for what is closed and then for what is not there."""

    address: str
    closed: str  # what it is called in the world
    absent: str
    method: str = "get"
    body: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


ACTS = ("submit", "offer", "agree", "approve", "object", "sign", "activate", "suspend", "resume", "amend", "renew",
        "join", "leave", "abstain", "terminate", "wind_down", "certify", "destroy", "close", "begin", "expire",
        "sql", "later", "side-by-side", "papers", "papers/pdf", "papers/odcs", "papers/odrl")  # fmt: skip
SAID = {"reason": "x", "title": "x", "authority": "x", "capacity": "steward", "copies": "x", "method": "x",
        "on": "2026-01-01", "text": "x", "until": "2031-01-01", "version": "x", "sure": "on", "why": "x",
        "notice": "x"}  # fmt: skip


def _both(address: str, closed: str, absent: str = SPARE, **said: str) -> list[Attack]:
    return [
        Attack(address, closed, absent),
        Attack(address, closed, absent, "post", {**SAID, **said}, HX if "/{}/" in address[-4:] else {}),
    ]


def _attacks() -> list[Attack]:
    found = []
    for path in ("", *(f"{act}/" for act in ACTS)):
        found += _both(f"/agreements/{{}}/{path}", "agreement", "loud-evaluation")
    for path in ("", "propose/", "propose/?at=title", "comment/", "versions/", "versions/?from=1&to=1"):
        found += _both(
            f"/negotiation/{{}}/{path}", "agreement", "loud-evaluation", comment="x", title="x", confirm="1"
        )
    for do in ("accept", "refuse", "withdraw"):
        found += _both("/negotiation/tutoring-evaluation/proposals/{}/", "proposal", do=do)
        found += _both("/negotiation/reading-study/proposals/{}/", "proposal", do=do)
    for address in ("/governance/join/{}/", "/governance/leave/{}/", "/drafts/from/{}/", "/register/{}/"):
        found += _both(address, "agreement", "loud-evaluation")
    for kind in ("draft", "shared"):
        for path in ("", "name/", "parties/", "terms/", "text/", "schedule/", "schedule/0/", "schedule/gaps/", "purposes/",
                     "purposes/0/", "custody/0/", "do/finish/", "do/share/", "do/unshare/", "do/discard/"):  # fmt: skip
            found += _both(f"/drafts/{{}}/{path}", kind)
    for path in ("", "seat/", "meeting/", "motion/"):
        found += _both(f"/governance/bodies/{{}}/{path}", "board", "no-board", kind="other")
    found += _both("/governance/meetings/{}/", "board_meeting")
    for motion in ("board_motion", "motion", "grant"):
        for path in ("", "vote/", "close/"):
            found += _both(f"/governance/motions/{{}}/{path}", motion, choice="yes")
    for address in ("/governance/requests/{}/", "/governance/requests/{}/change/"):
        for act in ("answer", "accept", "forward", "put", "return", "refuse", "withdraw"):
            found += _both(address, "request", act=act)
    found += _both("/governance/decisions/{}/", "decision")
    found += _both("/destruction/{}/", "certificate", "ZZZZZZZZ")
    for path in ("certificate.json", "certificate.pdf", "collect/"):
        found += _both(f"/destruction/{{}}/{path}", "certificate", "ZZZZZZZZ")
    found += _both("/destruction/order/agreement/{}/", "agreement", "loud-evaluation")
    found += _both("/destruction/order/partner/{}/", "partner", "nobody-schools")
    found += _both("/destruction/hold/{}/", "agreement", "loud-evaluation")
    found += _both("/destruction/hold/{}/lift/", "hold", "ZZZZZZZZ")
    found += _both("/ledger/use/?partner={}", "partner", "nobody-schools")
    found += _both("/ledger/use/sheet.csv?partner={}", "partner", "nobody-schools")
    for path in ("new/", "1/", "1/retire/", "1/use/"):
        found += _both(
            f"/partners/{SCHOOLS}/systems/{{}}/".replace("{}/", path), "agreement", "loud-evaluation"
        )
    return found


ATTACKS = _attacks()


@pytest.fixture
def closed(community: Community) -> dict[str, str]:
    """A community in which something of each kind is closed to Hills Schools, who share a study with two of the others."""
    return settle()


def settle() -> dict[str, str]:
    world.register()
    world.study()
    author = who(SCHOOLS, Role.PRIVACY_OFFICER)
    added = agreements.add(text=text_of(QUIET), by=author)
    id = added.document.id
    agreements.submit(id=id, by=author)
    agreements.offer(id=id, by=author)
    proposal = negotiation.propose(
        id=id, version=added.version, path="title", value="Hush: another", why="Hushproposal", by=who(LAB)
    )
    negotiation.comment(id=id, text="Hushcomment", by=who(LAB))
    world.found()
    motion = motions.move(
        body=world.BODY, kind="approve", title="Hushmotion", text="Hushmotion", agreement=id, by=who(SCHOOLS)
    )
    _, grant = world.at_the_vote(
        {SCHOOLS: "yes"}, of=(SCHOOLS,), title="Hushrequest", question="Hushquestion"
    )
    request = world.asked(of=(SCHOOLS,), title="Hushrequest two", question="Hushquestion two")
    meeting = bodies.call_meeting(body=world.BODY, day=date.today(), place="remote", by=who(BACKBONE))
    at_meeting = motions.move(
        body=world.BODY,
        kind="approve",
        title="Hushmeeting",
        agreement=id,
        meeting=meeting.number,
        by=who(SCHOOLS),
    )
    decided = motions.move(
        body=world.BODY,
        kind="approve",
        title="Hushdecision",
        agreement=id,
        meeting=meeting.number,
        by=who(SCHOOLS),
    )
    world.cast(decided.number, riverbend_schools="yes", bright_futures="yes", riverbend_backbone="yes")
    decision = motions.close_vote(number=decided.number, by=who(BACKBONE))
    board = _board(id)
    return {
        "agreement": id, "proposal": str(proposal.number), "motion": str(motion.number), "grant": str(grant),
        "request": str(request), "meeting": str(meeting.number), "at_meeting": str(at_meeting.number),
        "decision": str(decision.number), "partner": SCHOOLS, **board, **_drafts(), **_destroyed(id),
    }  # fmt: skip


def _board(agreement: str) -> dict[str, str]:
    leader = who(SCHOOLS)
    bodies.found_body(
        id="schools-board",
        name="Hushboard",
        kind="board",
        rule="majority",
        quorum=1,
        partner=SCHOOLS,
        by=leader,
    )
    bodies.seat(
        body="schools-board", partner=SCHOOLS, holder=leader.email, office="Chair", chair=True, by=leader
    )
    meeting = bodies.call_meeting(body="schools-board", day=date.today(), place="Hushplace", by=leader)
    # About the study, to which those who attack are a party: the board's matter stays its own.
    motion = motions.move(
        body="schools-board", kind="approve", title="Hushboardmotion", agreement="reading-study", by=leader
    )
    return {
        "board": "schools-board",
        "board_meeting": str(meeting.number),
        "board_motion": str(motion.number),
    }


def _drafts() -> dict[str, str]:
    """One of an amendment of the study, its author's alone; one that is shared with others."""
    by = who(LAB)
    draft = drafting.open_agreement(id="reading-study", by=by)
    drafting.change(
        number=draft.number,
        revision=draft.revision,
        section=DraftSection.NAME,
        fields={"title": "Hushdraft"},
        by=by,
    )
    shared = drafting.begin(
        chosen="consent", parties={"school": [SCHOOLS], "program": [BRIGHT], "keeper": [BACKBONE]}, id="hush-draft",
        title="Hushshared", by=who(SCHOOLS),
    )  # fmt: skip
    drafting.share(number=shared.number, by=who(SCHOOLS))
    return {"draft": str(draft.number), "shared": str(shared.number)}


def _destroyed(agreement: str) -> dict[str, str]:
    now = datetime.now(UTC)
    Destruction.objects.create(
        id="HUSHHUSH", kind="agreement", subject=agreement, why="Hushwhy", by=who(SCHOOLS).email, partner=SCHOOLS,
        role="privacy_officer", at=now, step="ordered",
    )  # fmt: skip
    held = hold(kind="agreement", subject=agreement, notice="Hushnotice", why="Hushhold", by=who(SCHOOLS))
    return {"certificate": "HUSHHUSH", "hold": held.code}


def signed_in(actor: Actor) -> Client:
    return client_of(actor.email)


def test_unknown_and_forbidden_look_the_same(closed: dict[str, str]) -> None:
    client = signed_in(ACTORS["officer"])

    def answer(attack: Attack, value: str) -> tuple[Any, ...]:
        address = attack.address.replace("{}", value)
        body = {n: v.replace("{}", value) for n, v in attack.body.items()}
        ask = getattr(client, attack.method)
        said = ask(address, body, headers=attack.headers) if body else ask(address, headers=attack.headers)
        return plain(said, address, value)

    told = []
    for attack in ATTACKS:
        there, absent = answer(attack, closed[attack.closed]), answer(attack, attack.absent)
        if there != absent:
            told.append((attack.method, attack.address, attack.closed, *different(there, absent)))
    assert told == []


PAGES = ("/", "/agreements/", "/open-steps/", "/governance/", "/governance/bodies/steering/", "/governance/meetings/{meeting}/",
         "/governance/decisions/", "/governance/requests/", "/governance/requests/new/", "/governance/join/",
         "/governance/leave/reading-study/", "/drafts/", "/drafts/new/?template=consent", "/destruction/", "/services/",
         "/pipeline/", "/releases/", "/ledger/", "/ledger/use/", "/register", "/register.json", "/agreements/reading-study/",
         "/negotiation/reading-study/", "/negotiation/reading-study/versions/", "/agreements/reading-study/papers/",
         f"/partners/{SCHOOLS}/", f"/partners/{SCHOOLS}/systems/", "/partners/")  # fmt: skip


def test_pages_reveal_nothing_of_closed_agreements(closed: dict[str, str]) -> None:
    told = set()
    for actor in ACTORS.values():
        client = signed_in(actor)
        for page in PAGES:
            text = client.get(page.format(**closed)).content.decode()
            told |= {(page, word) for word in re.findall(r"Hush\w*", text)}
    assert told == set()
