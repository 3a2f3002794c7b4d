"""What people write into the forms of agreements' rooms, however odd: kept as it is written, or refused in a sentence."""

import re
from collections.abc import Iterator
from datetime import date
from time import monotonic

import pytest
from django.test import Client

from tests.agreements.documents import AUDIT, changed, text_of
from tests.governance import world
from tests.governance.world import BACKBONE, BODY, HILLS, LAB, SCHOOLS, who
from tests.kept import kept
from tests.site.people import signed_in
from throughway.agreements import actions as agreements
from throughway.agreements.exchange import read
from throughway.agreements.exchange.export_formats import FORMS
from throughway.core.refusals import Refused
from throughway.governance.actions import bodies, motions
from throughway.negotiation import actions as negotiation
from throughway.negotiation.drafting import actions as drafting
from throughway.partners import Actor, Role
from throughway.store import Community

pytestmark = pytest.mark.django_db
OFFICER, STEWARD = Role.PRIVACY_OFFICER, Role.DATA_STEWARD
ODD = {
    "markup": "<script>alert(1)</script><b onmouseover=x>\"'",
    "right to left": "\u202eevil\u2066 \u200f\ufeff",
    "no character": "nul\x00 and \x1b[31m\x07\x0b",
    "formula": "=1+1",
    "lines": "one\r\nBcc: all@example.org\r\n\r\ntwo",
    "long": "long " * 3_000,
    "digits": "9" * 5_000,
    "other digits": "²",
    "more other digits": "٣",
    "minus": "-1",
    "path": "../../../../etc/passwd",
    "template": "{{ request }}{% debug %}",
    "percent": "%s%n%00",
    "not a day": "0000-00-00",
    "far": "9999-12-31",
    "empty": "",
}
FEW = 2
MARKED = re.compile(rb"<script>alert|<b onmouseover")
NUMBERED = re.compile(r"/governance/(meetings|motions|requests)/[0-9]+/")
KEPT = (f"/governance/bodies/{BODY}/", "/governance/", "/open-steps/",
        "/agreements/reading-study/", "/agreements/tutoring-evaluation/",
        "/negotiation/tutoring-evaluation/", f"/partners/{SCHOOLS}/systems/", "/register/")  # fmt: skip
NUMBERS = ("proposal", "revision", "remove", "meeting", "quorum", "present", "row0-seats")


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    world.register()


def forms() -> Iterator[tuple[Actor, str, dict[str, str], tuple[str, ...]]]:
    """Who sends which form where, and which of its fields are written oddly."""
    author = who(SCHOOLS, OFFICER)
    world.study()
    added = agreements.add(text=text_of(AUDIT), by=author)
    id = added.document.id
    agreements.submit(id=id, by=author)
    agreements.offer(id=id, by=author)
    made = negotiation.propose(
        id=id, version=added.version, path="title", value="Another title", why="Because", by=author
    )
    draft = drafting.open_agreement(id="reading-study", by=who(LAB)).number
    world.found()
    governor = who(BACKBONE)
    meeting = bodies.call_meeting(body=BODY, day=date.today(), place="remote", by=governor).number
    motion = motions.move(body=BODY, kind="other", title="A motion", by=governor).number
    request = world.asked()
    n = f"/negotiation/{id}/"
    yield who(LAB), f"{n}comment/", {"comment": "x", "at": "title"}, ("comment", "at", "proposal")
    yield who(LAB), f"{n}proposals/{made.number}/", {"do": "refuse", "why": "x"}, ("why", "do")
    yield (
        who(LAB),
        f"{n}propose/?at=title",
        {"confirm": "1", "why": "x", "version": added.version},
        ("why", "version", "value", "title"),
    )
    for act, said in (
        ("suspend", {"reason": "x"}), ("amend", {"text": "x"}), ("renew", {"until": "2031-01-01"}),
        ("terminate", {"reason": "x"}),
    ):  # fmt: skip
        yield who(SCHOOLS, OFFICER), f"/agreements/reading-study/{act}/", said, tuple(said)
    yield who(SCHOOLS, OFFICER), "/agreements/review/", {"text": "x"}, ("text",)
    yield who(SCHOOLS, OFFICER), "/agreements/review/", {"text": "x", "add": "1"}, ("text",)
    text = {"title": "x", "id": "reading-study", "tier": "dsa", "revision": "0", "text": "x"}
    for section, fields in (
        ("name", ("title", "id", "tier", "under", "revision")), ("parties", ("more",)), ("students", ("remove", "add")),
        ("terms", ("effective", "minimum_cell")), ("services", ("row0-program", "row0-seats")), ("onward", ("row0-party",)),
        ("clauses", ("breach_notice",)), ("project", ("method",)), ("text", ("text",)),
    ):  # fmt: skip
        yield who(LAB), f"/drafts/{draft}/{section}/", text, fields
    yield who(LAB), f"/drafts/{draft}/schedule/", {"remove": "0:x", "revision": "0"}, ("remove", "table")
    yield (
        who(LAB),
        f"/drafts/{draft}/schedule/0/",
        {"necessity": "x", "revision": "0"},
        ("necessity", "transform"),
    )
    yield (
        who(LAB),
        f"/drafts/{draft}/purposes/0/",
        {"interest": "x", "revision": "0"},
        ("interest", "id", "basis"),
    )
    yield (
        who(LAB),
        "/drafts/new/?template=consent",
        {"title": "x", "id": "x"},
        ("title", "id", "effective", "under"),
    )
    yield governor, "/governance/bodies/new/", {
        "id": "b", "name": "B", "kind": "council", "rule": "majority", "quorum": "1", "decides": "other", "charter": "x",
    }, ("id", "name", "kind", "quorum", "charter", "decides")  # fmt: skip
    yield governor, f"/governance/bodies/{BODY}/seat/", {
        "holder": who(LAB).email, "office": "x", "first": "", "last": "",
    }, ("holder", "office", "first", "last")  # fmt: skip
    yield (
        governor,
        f"/governance/bodies/{BODY}/meeting/",
        {"day": "2030-01-01", "place": "x", "note": "x"},
        ("day", "place", "note"),
    )
    yield governor, f"/governance/bodies/{BODY}/motion/", {
        "kind": "other", "title": "x", "text": "x", "due": "", "meeting": "", "agreement": "", "partner": "",
    }, ("kind", "title", "text", "due", "meeting", "agreement", "partner")  # fmt: skip
    yield (
        governor,
        f"/governance/meetings/{meeting}/",
        {"minutes": "x", "present": ""},
        ("minutes", "present"),
    )
    yield (
        governor,
        f"/governance/motions/{motion}/vote/",
        {"choice": "yes", "why": "x"},
        ("choice", "why", "at"),
    )
    yield who(BACKBONE, STEWARD), f"/governance/requests/{request}/", {
        "act": "return", "return-missing": "x"}, ("act", "return-missing")  # fmt: skip
    yield who(LAB), "/governance/requests/new/", {
        "step": "question", "title": "x", "question": "x", "why": "x"}, ("step", "title", "question", "why", "back", "until")  # fmt: skip
    yield who(HILLS), "/governance/leave/reading-study/", {"reason": "x"}, ("reason",)
    yield (
        who(SCHOOLS, OFFICER),
        "/destruction/hold/reading-study/",
        {"notice": "x", "why": "x"},
        ("notice", "why"),
    )
    yield (
        who(SCHOOLS, OFFICER),
        "/destruction/order/agreement/reading-study/",
        {"why": "x", "sure": "on"},
        ("why",),
    )
    yield who(SCHOOLS, STEWARD), f"/partners/{SCHOOLS}/systems/new/", {
        "name": "x", "owner": "x", "steward": "x", "regime": "ferpa", "refresh": "nightly", "note": "x",
    }, ("name", "owner", "steward", "regime", "note", "first_person", "last_person")  # fmt: skip


def test_any_form_input_is_kept_or_refused() -> None:
    broken: list[tuple[object, ...]] = []
    turn = 0
    clients: dict[str, Client] = {}
    kept: set[str] = set()
    names = list(ODD)
    for actor, address, body, fields in forms():
        client = clients.setdefault(actor.email, signed_in(actor))
        kept |= {found[0] for found in [NUMBERED.match(address)] if found}
        for field in fields:
            # Numbers break on digits; of the rest each field meets a few, another few in each form.
            turn += FEW
            some = names if field in NUMBERS else [names[(turn + n) % len(names)] for n in range(FEW)]
            for name in some:
                odd = ODD[name]
                try:
                    said = client.post(address, {**body, field: odd})
                except Exception as error:
                    broken.append((address, field, name, f"{type(error).__name__}: {str(error)[:90]}"))
                    continue
                if said.status_code >= 500 or MARKED.search(said.content):
                    broken.append((address, field, name, said.status_code))
    for address in (*KEPT, *sorted(kept)):
        said = clients[who(BACKBONE).email].get(address)
        if said.status_code != 200 or MARKED.search(said.content):
            broken.append((address, said.status_code))
    assert broken == []


@pytest.mark.parametrize("odd", ["\x07", "\x1b[31m", "\u202e", "\u2066", "\x9b"])
def test_signed_texts_hold_no_invisible_characters(odd: str) -> None:
    with pytest.raises(Refused) as found:
        agreements.add(text=text_of(changed(AUDIT, ("title", f"An {odd}evaluation"))), by=who(SCHOOLS))
    assert "nobody sees" in found.value.message
    assert odd not in found.value.message


def test_papers_in_any_script_can_be_downloaded() -> None:
    words = "=cmd|' /C calc'!A0 <b>&amp; Ñandú 学区 مدرسة \U0001f600 A\u200dB\n# x\n- y"
    odd = changed(
        AUDIT, ("title", words), ("clauses.termination", words), ("purposes.0.interest", words),
        ("schedule.0.necessity", words),
    )  # fmt: skip
    agreements.add(text=text_of(odd), by=who(SCHOOLS))
    client = signed_in(who(SCHOOLS))
    for form in FORMS:
        assert client.get(f"/agreements/{AUDIT['id']}/papers/{form}/").status_code == 200, form
    for page in ("", "papers/", "side-by-side/", "sql/"):
        said = client.get(f"/agreements/{AUDIT['id']}/{page}")
        assert (said.status_code, b"<b>&" in said.content) == (200, False), page


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)
LARGE = {
    "bomb": BOMB, "deep": "[" * 100_000, "deep in JSON": '{"a":' * 50_000, "one line": "- [x] " * 100_000,
    "rules": "-" * 500_000, "commas": "," * 1_000_000, "lines": "\n" * 1_000_000, "twice": '{"id":"a","id":"b"}',
}  # fmt: skip


@pytest.mark.parametrize("name", list(LARGE))
def test_expanding_documents_are_refused_at_once(name: str) -> None:
    """By import in each form, and where a text is pasted."""
    for form in ("odcs", "odrl", "ndpa"):
        start = monotonic()
        with pytest.raises(Refused):
            read(form, LARGE[name])
        assert monotonic() - start < 30, form
    draft = drafting.begin(
        chosen="consent", parties={"school": [SCHOOLS]}, id="a-draft", title="A draft", by=who(SCHOOLS)
    )
    client = signed_in(who(SCHOOLS))
    for address in (f"/drafts/{draft.number}/text/", "/agreements/review/"):
        start = monotonic()
        assert client.post(address, {"text": LARGE[name], "revision": "0"}).status_code == 200
        assert monotonic() - start < 30, address


def test_ten_megabytes_are_too_many() -> None:
    client = signed_in(who(SCHOOLS))
    for address in ("/agreements/review/", "/drafts/new/?template=consent", "/governance/requests/new/"):
        assert client.post(address, {"text": "x" * 10_000_000}).status_code == 413
