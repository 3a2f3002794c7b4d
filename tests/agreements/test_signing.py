"""A signature is as it was given: on a day on which its text existed, in the signer's own office, and with how the signer was known."""

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.agreements.documents import ABSENT, PARTNERS, STUDY, changed, document_of, text_of
from tests.kept import kept
from tests.site.people import signed_in
from throughway.agreements import actions
from throughway.agreements.models import AgreementEvent, SignedPaper
from throughway.agreements.selectors import one, past_acts
from throughway.agreements.signatures import LARGEST, ON_SITE, given_of
from throughway.agreements.signing_pdf import signing_paper
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user
from throughway.store import Community

pytestmark = pytest.mark.django_db
ID = "reading-study"
SCHOOLS, LAB = "riverbend-schools", "reading-lab"
TODAY = date.today()
PAPER = signing_paper(document_of(STUDY), {})
BY_HAND = {"signer": "Pat Hill", "title": "Superintendent", "authority": "Board policy 9"}


def who(partner: str, role: Role = Role.LEADER) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> Community:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    for partner in (SCHOOLS, LAB, "river-college"):
        for role in (Role.LEADER, Role.PRIVACY_OFFICER, Role.CASE_WORKER, Role.DATA_STEWARD):
            add_user(email=who(partner, role).email, partner=partner, role=role, by=OPERATOR)
    actions.add(text=text_of(changed(STUDY, ("parties.0.signatory", {"title": "Superintendent", "authority": "Policy 1450"}))),
                by=OPERATOR)  # fmt: skip
    return community


def code(act: object, **said: object) -> str:
    with pytest.raises(Refused) as refused:
        act(**said)  # type: ignore[operator]
    return refused.value.code


def run(house: Community, *words: str) -> object:
    return CliRunner().invoke(main, ["--community", str(house.root), *words], catch_exceptions=False)


# ---- the day ----


@pytest.mark.parametrize("on", [date(2020, 1, 1), TODAY - timedelta(days=1)])
def test_nobody_signed_a_text_before_it_was_here(on: date) -> None:
    assert code(actions.sign, id=ID, by=who(SCHOOLS), on=on) == "before_text"
    assert code(actions.sign, id=ID, by=who(SCHOOLS), on=TODAY + timedelta(days=1)) == "too_early"
    assert one(ID).signed_by == ()
    assert actions.sign(id=ID, by=who(SCHOOLS), on=TODAY).signed_by == (SCHOOLS,)


def test_a_changed_text_cannot_be_signed_in_the_past() -> None:
    actions.add(text=text_of(changed(STUDY, ("title", "Another title"))), by=OPERATOR)
    assert code(actions.sign, id=ID, by=who(SCHOOLS), on=TODAY - timedelta(days=3)) == "before_text"


def test_it_does_not_take_effect_before_its_last_signature() -> None:
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who(partner))
    officer = who(SCHOOLS, Role.PRIVACY_OFFICER)
    assert code(actions.activate, id=ID, by=officer, on=TODAY - timedelta(days=1)) == "too_early"
    assert actions.activate(id=ID, by=officer, on=TODAY).in_effect


def test_records_were_not_gone_before_the_agreement_began() -> None:
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who(partner))
    officer = who(SCHOOLS, Role.PRIVACY_OFFICER)
    actions.activate(id=ID, by=officer)
    actions.terminate(id=ID, by=officer, reason="Over")
    actions.wind_down(id=ID, by=officer)
    said = {"id": ID, "by": who(LAB), "copies": "None", "method": "Purged"}
    assert code(actions.certify, on=date(2001, 1, 1), **said) == "too_early"


# ---- the office ----

OFFICES = [
    (Role.LEADER, "", "", "Superintendent", "Policy 1450"),
    (Role.LEADER, "Acting superintendent", "Policy 7", "Acting superintendent", "Policy 7"),
    (Role.LEADER, "Deputy superintendent", "", "Deputy superintendent", ""),
]


@pytest.mark.parametrize(("role", "title", "authority", "office", "bound"), OFFICES)
def test_the_office_is_the_signers_own(
    role: Role, title: str, authority: str, office: str, bound: str
) -> None:
    actions.sign(id=ID, by=who(SCHOOLS, role), title=title, authority=authority)
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert (given.title, given.authority) == (office, bound)


def test_nobody_is_offered_the_words_of_another_party() -> None:
    def initial(partner: str) -> object:
        return signed_in(who(partner)).get(f"/agreements/{ID}/sign/").context["form"].initial

    # The operator wrote it.
    assert initial(SCHOOLS) == {"title": "Superintendent", "authority": "Policy 1450"}
    actions.terminate(id=ID, by=who(SCHOOLS, Role.PRIVACY_OFFICER))
    theirs = changed(
        STUDY, ("id", "theirs"), ("purposes.0.id", "theirs"), ("schedule.0.purposes", ["theirs"])
    )
    actions.add(text=text_of(theirs), by=who(LAB))
    page = signed_in(who(SCHOOLS)).get("/agreements/theirs/sign/")
    assert page.context["form"].initial == {}
    actions.sign(id="theirs", by=who(SCHOOLS))
    (given,) = given_of(past_acts("theirs"), one("theirs").version)
    assert (given.title, given.authority) == ("Leader", "")


# ---- how the signer was known ----

WORD = "on the word of the operator of the folder"


def test_signatures_on_the_operators_word_say_so(house: Community) -> None:
    said = run(house, "agreement", "sign", ID, "--as", who(SCHOOLS).email, "--json")
    assert said.exit_code == 0  # type: ignore[attr-defined]
    actions.sign(id=ID, by=who(LAB), how=ON_SITE)
    actions.activate(id=ID, by=who(SCHOOLS, Role.PRIVACY_OFFICER))
    page = signed_in(who(LAB)).get(f"/agreements/{ID}/").content.decode()
    assert page.lower().count(WORD) == 2  # beside the signature, and in the history
    shown = json.loads(run(house, "agreement", "show", ID, "--json").stdout)  # type: ignore[attr-defined]
    ours, labs = shown["signatures"]
    assert (ours["on_operators_word"], labs["on_operators_word"]) == (True, False)
    assert WORD in ours["known"]
    assert "account added on" in labs["known"]
    assert WORD in shown["plain"].replace("\n  ", " ").replace("\n", " ")
    register = Client().get(f"/register/{ID}/").content.decode()
    assert "on the word of the operator of this site" in register
    assert "signed in to this site" in register
    files = signed_in(who(LAB))
    assert WORD in files.get(f"/agreements/{ID}/papers/plain/").content.decode().replace("\n  ", " ").replace(
        "\n", " "
    )


def test_outsiders_see_no_signer() -> None:
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who(partner))
    assert signed_in(who("river-college")).get(f"/agreements/{ID}/").status_code == 404


APPROVING = [
    ("submit", Role.PRIVACY_OFFICER, ()),
    ("offer", Role.PRIVACY_OFFICER, ()),
    ("agree", Role.PRIVACY_OFFICER, ()),
    ("approve", Role.DATA_STEWARD, ("--capacity", "steward")),
]


def test_approvals_on_the_operators_word_say_so(house: Community) -> None:
    for act, role, options in APPROVING:
        assert run(house, "agreement", act, ID, *options, "--as", who(SCHOOLS, role).email).exit_code == 0  # type: ignore[attr-defined]
    officer = who(SCHOOLS, Role.PRIVACY_OFFICER)
    actions.approve(id=ID, capacity="privacy_officer", by=officer)
    answer = signed_in(who(LAB)).get(f"/agreements/{ID}/")
    done = {told.what: told.who for told in answer.context["history"]}
    assert done["Riverbend Schools settled the text"] == f"privacy officer, {officer.email}, {WORD}"
    assert (
        done["Riverbend Schools approved it"]
        == f"data steward, {who(SCHOOLS, Role.DATA_STEWARD).email}, {WORD}"
    )
    approvals = {line.words: line.notes for line in answer.context["approvals"] if line.kind == "ok"}
    assert approvals == {"data steward": (f"O{WORD[1:]}.",), "privacy officer": ()}


@pytest.mark.parametrize("act", ["suspend", "terminate"])
@pytest.mark.parametrize("reason", ["", "A breach"])
def test_the_history_says_where_no_reason_was_given(house: Community, act: str, reason: str) -> None:
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who(partner))
    officer = who(SCHOOLS, Role.PRIVACY_OFFICER)
    actions.activate(id=ID, by=officer)
    options = ("--reason", reason) if reason else ()
    assert run(house, "agreement", act, ID, *options, "--as", officer.email).exit_code == 0  # type: ignore[attr-defined]
    told = signed_in(who(LAB)).get(f"/agreements/{ID}/").context["history"][0]
    assert (told.why, "No reason was given." in told.notes) == (reason, not reason)


# ---- on paper ----


def test_the_operator_may_enter_a_signed_paper(house: Community, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(PAPER)
    words = ("agreement", "sign", ID, "--paper", str(file), "--party", SCHOOLS, "--signer", "Pat Hill", "--title",
             "Superintendent", "--on", "2020-01-01", "--json")  # fmt: skip
    assert json.loads(run(house, *words).stdout)["state"] == "partly_signed"  # type: ignore[attr-defined]
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert (given.on, given.by, given.paper) == (date(2020, 1, 1), "operator", sha256(PAPER).hexdigest())
    assert given.known[:2] == (
        "by role, not registered",
        "on paper by Pat Hill, entered by the operator of the folder",
    )
    assert one(ID).signed_by == (SCHOOLS,)
    assert json.loads(run(house, "agreement", "show", ID, "--json").stdout)["signatures"][0][
        "on_operators_word"
    ]  # type: ignore[attr-defined]
    again = run(house, *words)
    assert again.exit_code == 1  # type: ignore[attr-defined]
    page = signed_in(who(LAB)).get(f"/agreements/{ID}/").content.decode()
    assert "entered by the operator" in page
    address = f"/agreements/{ID}/signed/{given.paper}/"
    assert address in page
    answer = signed_in(who(LAB)).get(address)
    assert answer.content == PAPER
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert signed_in(who("river-college")).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert signed_in(who(LAB)).get(f"/agreements/{ID}/signed/{'0' * 64}/").status_code == 404


def test_a_signer_uploads_the_signed_paper_of_their_own_partner() -> None:
    client = signed_in(who(SCHOOLS))
    page = client.get(f"/agreements/{ID}/sign/paper/")
    form = {**BY_HAND, "on": "2024-05-03", "version": page.context["version"]}
    bad = client.post(
        f"/agreements/{ID}/sign/paper/", {**form, "paper": SimpleUploadedFile("a.pdf", b"no" * 500)}
    )
    assert "is not a whole PDF" in bad.content.decode()
    done = client.post(f"/agreements/{ID}/sign/paper/", {**form, "paper": SimpleUploadedFile("a.pdf", PAPER)})
    assert done.headers["Location"] == f"/agreements/{ID}/"
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert given.known[1] == f"on paper by Pat Hill, entered by {who(SCHOOLS).email}"
    assert SignedPaper.objects.count() == 1


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.DATA_STEWARD])
def test_nobody_else_uploads_one(role: Role) -> None:
    assert signed_in(who(SCHOOLS, role)).get(f"/agreements/{ID}/sign/paper/").status_code == 404
    assert (
        code(
            actions.sign_on_paper,
            id=ID,
            by=who(SCHOOLS, role),
            party=SCHOOLS,
            paper=PAPER,
            on=TODAY,
            **BY_HAND,
        )
        == "not_allowed"
    )
    assert (
        code(actions.sign_on_paper, id=ID, by=who(LAB), party=SCHOOLS, paper=PAPER, on=TODAY, **BY_HAND)
        == "not_allowed"
    )
    assert not SignedPaper.objects.exists()


BAD_PAPERS = [
    (b"", "not_pdf"), (b"%PDF-1.7\n" + b"x" * 600, "not_pdf"), (b"<html>" + PAPER, "not_pdf"), (PAPER[: len(PAPER) // 2], "not_pdf"),
    (b"%PDF-" + b"0" * LARGEST + b"%%EOF", "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("paper", "why"), BAD_PAPERS, ids=["empty", "cut", "other", "half", "large"])
def test_only_a_whole_pdf_of_a_sane_size_is_kept(paper: bytes, why: str) -> None:
    assert (
        code(actions.sign_on_paper, id=ID, by=OPERATOR, party=SCHOOLS, paper=paper, on=TODAY, **BY_HAND)
        == why
    )
    assert not SignedPaper.objects.exists()
    assert not AgreementEvent.objects.filter(what="sign").exists()


def test_a_paper_needs_signer_text_and_past_day() -> None:
    given = {"id": ID, "by": OPERATOR, "party": SCHOOLS, "paper": PAPER, "on": TODAY, **BY_HAND}
    assert code(actions.sign_on_paper, **given | {"signer": " "}) == "no_signer"
    assert code(actions.sign_on_paper, **given | {"title": ""}) == "no_signer"
    assert code(actions.sign_on_paper, **given | {"version": "0" * 64}) == "changed"
    assert code(actions.sign_on_paper, **given | {"on": TODAY + timedelta(days=1)}) == "too_early"
    assert code(actions.sign_on_paper, **given | {"party": "river-college"}) == "not_allowed"


def test_a_partner_without_a_named_office_signs_in_its_role() -> None:
    actions.add(text=text_of(changed(STUDY, ("parties.0.signatory", ABSENT))), by=OPERATOR)
    actions.sign(id=ID, by=who(SCHOOLS))
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert (given.title, given.authority) == ("Leader", "")
