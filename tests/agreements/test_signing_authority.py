"""Who may sign for a partner: registered or not, in which role, with a board or not, with its vote or not."""

from datetime import date, timedelta
from itertools import product

import pytest

from tests.agreements.documents import ABSENT, PARTNERS, STUDY, changed, document_of, text_of
from tests.agreements.documents import CASEWORK as UNDER_ANOTHER
from tests.kept import kept
from tests.site.people import signed_in
from throughway.agreements import actions
from throughway.agreements.selectors import one, open_steps, past_acts
from throughway.agreements.signatures import given_of
from throughway.agreements.signing_authority import BoardVote, check_may_sign, check_voted
from throughway.agreements.signing_pdf import signing_paper
from throughway.agreements.states import AgreementState
from throughway.core.refusals import Refused
from throughway.governance.actions.bodies import found_body, seat
from throughway.governance.actions.motions import close_vote, move, vote
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user, reopen_user
from throughway.partners.leaving.actions import close_user, end_signatory, set_last_day
from throughway.partners.signatories.actions import agree_to_signatory, decline_signatory, register_signatory
from throughway.partners.signatories.selectors import signing_register, signing_registers
from throughway.partners.signatories.signatory import (
    AuthorityKind,
    Signatory,
    SignatoryAsked,
    SigningRegister,
)
from throughway.store import Community

ID = "reading-study"
CASEWORK = changed(UNDER_ANOTHER, ("under", ABSENT))
SCHOOLS, LAB = "riverbend-schools", "reading-lab"
TODAY = date.today()
PAPER = signing_paper(document_of(STUDY), {})
AS_SUPERINTENDENT = {"name": "Dana Diaz", "office": "Superintendent", "authority": "Board policy 1450"}


def who(role: Role = Role.LEADER, partner: str = SCHOOLS) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


def code(act: object, **said: object) -> str:
    with pytest.raises(Refused) as refused:
        act(**said)  # type: ignore[operator]
    return refused.value.code


# ---- the rule ----

REGISTERED = ("nobody", "another", "this one")
BOARDS = ("none", "its authority", "here", "both")


def may_sign(registered: str, role: Role, board: str, voted: bool) -> bool:
    """The same rule, told once more in another way."""
    if role not in (Role.LEADER, Role.PRIVACY_OFFICER) or registered == "another":
        return False
    if registered == "nobody" and role is not Role.LEADER:
        return False
    by_its_authority = registered == "this one" and board in ("its authority", "both")
    asks = by_its_authority or board in ("here", "both")
    return voted or not asks


@pytest.mark.parametrize("registered", REGISTERED)
@pytest.mark.parametrize("board", BOARDS)
def test_who_may_sign(registered: str, board: str) -> None:
    kind = AuthorityKind.BOARD_VOTE if board in ("its authority", "both") else AuthorityKind.OFFICE
    for role, voted in product(Role, (False, True)):
        by = who(role)
        email = {"another": "other@riverbend-schools.example"}.get(registered, by.email)
        entry = Signatory(SCHOOLS, email, "Dana Diaz", "Superintendent", "Policy", kind, TODAY, "operator")
        register = SigningRegister(SCHOOLS, () if registered == "nobody" else (entry,))
        boards = ("The board",) if board in ("here", "both") else ()
        try:
            signatory = check_may_sign(by, register, ID, TODAY)
            check_voted(SCHOOLS, ID, signatory, BoardVote(boards, "decision 4" if voted else ""))
            found = True
        except Refused:
            found = False
        assert found == may_sign(registered, role, board, voted), (role, voted)


def test_who_was_taken_off_the_register_leaves_nobody_to_sign_by_role() -> None:
    gone = Signatory(
        SCHOOLS, who().email, "D", "O", "A", AuthorityKind.OFFICE, TODAY - timedelta(days=9), "operator", last=TODAY
    )  # fmt: skip
    with pytest.raises(Refused, match="has none now"):
        check_may_sign(who(), SigningRegister(SCHOOLS, (gone,)), ID, TODAY)


# ---- in the register ----

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> Community:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    for partner in (SCHOOLS, LAB, "bright-futures", "riverbend-backbone"):
        for role in (Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD):
            add_user(email=who(role, partner).email, partner=partner, role=role, by=OPERATOR)
    add_user(email="second@riverbend-schools.example", partner=SCHOOLS, role=Role.LEADER, by=OPERATOR)
    named = {"title": "Superintendent", "authority": "Board policy 1450"}
    actions.add(text=text_of(changed(STUDY, ("parties.0.signatory", named))), by=OPERATOR)
    return community


def register(role: Role = Role.LEADER, kind: str = "office", by: Actor = OPERATOR, **words: str) -> object:
    return register_signatory(email=who(role).email, kind=kind, by=by, **{**AS_SUPERINTENDENT, **words})


def test_a_privacy_officer_binds_nobody_by_typing_an_office() -> None:
    words = {"title": "Intern of the privacy office", "authority": "none that I know of"}
    assert code(actions.sign, id=ID, by=who(Role.PRIVACY_OFFICER), **words) == "not_allowed"
    paper = {"party": SCHOOLS, "paper": PAPER, "signer": "Pat Hill", "on": TODAY}
    assert code(actions.sign_on_paper, id=ID, by=who(Role.PRIVACY_OFFICER), **words, **paper) == "not_allowed"
    page = signed_in(who(Role.PRIVACY_OFFICER)).get(f"/agreements/{ID}/")
    assert "signs reading-study only where riverbend-schools registered it" in page.content.decode()
    assert signed_in(who(Role.PRIVACY_OFFICER)).get(f"/agreements/{ID}/sign/").status_code == 404
    assert one(ID).signed_by == ()


def test_the_office_is_the_one_that_the_partner_registered() -> None:
    register(Role.PRIVACY_OFFICER, office="Deputy superintendent", authority="Delegation of 3 May 2026")
    assert code(actions.sign, id=ID, by=who()) == "not_allowed"  # a leader, and not registered
    officer = who(Role.PRIVACY_OFFICER)
    assert code(actions.sign, id=ID, by=officer, title="Superintendent") == "not_as_registered"
    actions.sign(id=ID, by=officer)
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert (given.signer, given.title, given.authority) == (
        "Dana Diaz", "Deputy superintendent", "Delegation of 3 May 2026",
    )  # fmt: skip
    assert "by the operator of the folder" in given.known[1]
    assert given.to_json()["stands"] == "registered"


def test_a_leader_who_is_not_registered_signs_by_role() -> None:
    actions.sign(id=ID, by=who(), signer="Dana Diaz")
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert given.to_json()["stands"] == "by_role"
    page = signed_in(who(partner=LAB)).get(f"/agreements/{ID}/").content.decode()
    assert "Dana Diaz" in page
    assert "By role, not registered." in page


def test_the_site_asks_a_registered_signatory_for_no_office() -> None:
    register()
    client = signed_in(who())
    page = client.get(f"/agreements/{ID}/sign/")
    assert page.context["form"] is None
    assert (
        "You sign as Dana Diaz, Superintendent, by this authority: Board policy 1450."
        in page.content.decode()
    )
    done = client.post(f"/agreements/{ID}/sign/", {"version": page.context["version"]}, follow=True)
    assert "Signed for Riverbend Schools." in done.content.decode()


def test_a_paper_is_signed_by_whom_the_partner_had_registered_on_its_day() -> None:
    register()
    paper = {"id": ID, "party": SCHOOLS, "paper": PAPER, "by": OPERATOR, "title": "Clerk"}
    assert code(actions.sign_on_paper, signer="Pat Hill", on=TODAY, **paper) == "not_registered"
    assert (
        code(actions.sign_on_paper, signer="dana  DIAZ", on=TODAY, **paper) == "not_as_registered"
    )  # not as Clerk
    actions.sign_on_paper(signer="dana  DIAZ", on=TODAY, **{**paper, "title": ""})
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert (given.signer, given.title) == ("Dana Diaz", "Superintendent")


def test_a_paper_of_before_the_register_is_by_role() -> None:
    register()
    paper = {"id": ID, "party": SCHOOLS, "paper": PAPER, "by": OPERATOR, "title": "Superintendent"}
    actions.sign_on_paper(signer="Pat Hill", on=date(2020, 1, 1), **paper)
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert given.to_json()["stands"] == "by_role"


def test_a_paper_of_before_the_register_is_entered_by_the_operator_alone() -> None:
    register(kind="board_vote")
    paper = {"id": ID, "party": SCHOOLS, "paper": PAPER, "title": "Superintendent", "on": date(2020, 1, 1)}
    assert code(actions.sign_on_paper, signer="Dana Diaz", by=who(), **paper) == "not_registered"


def test_whose_account_is_closed_is_off_the_register() -> None:
    leader = who().email
    register()
    close_user(email=leader, by=OPERATOR)
    reopen_user(email=leader, by=OPERATOR)
    assert code(actions.sign, id=ID, by=who()) == "not_allowed"
    register()
    set_last_day(email=leader, last_day=TODAY + timedelta(days=3), by=OPERATOR)
    found = signing_register(SCHOOLS)
    assert [bool(found.of(leader, TODAY + timedelta(days=n))) for n in (0, 3, 4)] == [True, True, False]


def test_a_request_ends_with_the_account_it_is_about() -> None:
    register(Role.PRIVACY_OFFICER, by=who(Role.DATA_STEWARD))
    close_user(email=who(Role.PRIVACY_OFFICER).email, by=OPERATOR)
    assert code(agree_to_signatory, email=who(Role.PRIVACY_OFFICER).email, by=who()) == "not_asked"
    assert signing_registers() == {}


def test_open_steps_wait_for_whom_the_partner_registered() -> None:
    def waits_for(actor: Actor) -> bool:
        return any(step.kind == "sign" and step.is_for(actor) for step in open_steps(TODAY))

    assert (waits_for(who()), waits_for(who(Role.PRIVACY_OFFICER))) == (True, False)
    register(Role.PRIVACY_OFFICER)
    assert (waits_for(who()), waits_for(who(Role.PRIVACY_OFFICER))) == (False, True)


# ---- nobody becomes a signatory alone ----


def test_two_people_of_the_partner_register_one() -> None:
    officer, leader = who(Role.PRIVACY_OFFICER), who()
    asked = register(Role.PRIVACY_OFFICER, by=officer)
    assert isinstance(asked, SignatoryAsked)
    assert signing_register(SCHOOLS).since is None  # nothing holds before the second agrees
    for alone in (officer, who(Role.DATA_STEWARD), who(partner=LAB), OPERATOR):
        assert code(agree_to_signatory, email=officer.email, by=alone) == "not_allowed"
    found = agree_to_signatory(email=officer.email, by=leader)
    assert (found.by, found.asked_by) == (leader.email, officer.email)
    assert code(agree_to_signatory, email=officer.email, by=leader) == "not_asked"


def test_a_word_of_the_operator_stands_beside_it() -> None:
    register(Role.PRIVACY_OFFICER, by=who(Role.DATA_STEWARD))
    by_command = Actor(who().email, SCHOOLS, Role.LEADER, on_operators_word=True)
    assert agree_to_signatory(email=who(Role.PRIVACY_OFFICER).email, by=by_command).by == "operator"


def test_who_keeps_the_register() -> None:
    for stranger in (
        who(partner=LAB),
        who(Role.DATA_STEWARD, "riverbend-backbone"),
        who(Role.PRIVACY_OFFICER, "riverbend-backbone"),
    ):
        assert code(register, by=stranger) == "not_allowed"
        assert code(end_signatory, email=who().email, by=stranger) == "not_allowed"
    assert code(register, role=Role.DATA_STEWARD) == "wrong_role"
    assert code(register, office=" ") == "missing"
    assert code(register, kind="vote") == "unknown_kind"


def test_declined_and_ended() -> None:
    register(Role.PRIVACY_OFFICER, by=who(Role.DATA_STEWARD))
    decline_signatory(email=who(Role.PRIVACY_OFFICER).email, by=who())
    assert signing_register(SCHOOLS).since is None
    register()
    end_signatory(email=who().email, by=OPERATOR)
    assert code(actions.sign, id=ID, by=who()) == "not_allowed"
    assert code(end_signatory, email=who().email, by=OPERATOR) == "not_registered"


# ---- the board ----


def board() -> None:
    leader = who()
    found_body(
        id="board", name="The board", kind="board", partner=SCHOOLS, rule="majority", quorum=1, by=leader
    )
    for email in (leader.email, "second@riverbend-schools.example"):
        seat(body="board", partner=SCHOOLS, holder=email, office="Member", by=leader)


def decide(*voters: str, choice: str = "yes") -> None:
    motion = move(body="board", kind="approve", title="The reading study", agreement=ID, by=who())
    for email in voters:
        vote(number=motion.number, choice=choice, by=Actor(email, SCHOOLS, Role.LEADER))
    close_vote(number=motion.number, by=who())


SECOND = "second@riverbend-schools.example"


def test_a_board_that_is_here_votes_first() -> None:
    board()
    assert code(actions.sign, id=ID, by=who()) == "no_vote"
    paper = {"id": ID, "party": SCHOOLS, "paper": PAPER, "by": OPERATOR, "title": "Superintendent"}
    assert code(actions.sign_on_paper, signer="Pat Hill", on=date(2020, 1, 1), **paper) == "no_vote"
    page = signed_in(who()).get(f"/agreements/{ID}/").content.decode()
    assert "You cannot sign it. The board must first approve exactly this text" in page
    decide(who().email)  # the signer alone is no board
    assert code(actions.sign, id=ID, by=who()) == "no_vote"
    decide(SECOND, choice="no")
    assert code(actions.sign, id=ID, by=who()) == "no_vote"
    decide(who().email, SECOND)
    actions.sign(id=ID, by=who())
    (given,) = given_of(past_acts(ID), one(ID).version)
    assert "approved by the board: decision 3 of The board" in given.known[1]


def test_a_vote_is_on_one_text() -> None:
    board()
    decide(who().email, SECOND)
    actions.add(text=text_of(changed(STUDY, ("title", "Another title"))), by=OPERATOR)
    assert code(actions.sign, id=ID, by=who()) == "no_vote"


def test_a_later_vote_against_it_counts() -> None:
    board()
    decide(who().email, SECOND)
    decide(who().email, SECOND, choice="no")
    assert code(actions.sign, id=ID, by=who()) == "no_vote"


def test_where_the_authority_is_a_vote_it_is_needed_though_no_board_is_here() -> None:
    register(kind="board_vote")
    assert code(actions.sign, id=ID, by=who()) == "no_vote"
    board()
    decide(SECOND)
    actions.sign(id=ID, by=who())


def test_a_policy_is_no_vote_whatever_its_name() -> None:
    register(authority="Board policy 1450, as the board voted")
    assert SCHOOLS in actions.sign(id=ID, by=who()).signed_by


def test_typed_minutes_approve_nothing_where_the_board_is_here() -> None:
    board()
    officer = who(Role.PRIVACY_OFFICER)
    health = changed(STUDY, ("joinder", {"open_to": ["lea"]}))
    actions.add(text=text_of(health), by=OPERATOR)
    for act in (actions.submit, actions.offer, actions.agree):
        act(id=ID, by=officer)
    said = {"id": ID, "capacity": "board", "by": who()}
    assert code(actions.approve, minutes="Minutes of 12 May 2026, item 7", **said) == "no_vote"
    decide(who().email, SECOND)  # carried out: it is on record as the board's approval
    assert ("riverbend-schools", "board") in [(n.partner, n.capacity) for n in one(ID).approved]


# ---- one person in several parts ----


def test_one_person_in_three_parts_stands_on_the_paper() -> None:
    register(Role.PRIVACY_OFFICER)
    officer = who(Role.PRIVACY_OFFICER)
    actions.sign(id=ID, by=officer)
    actions.sign(id=ID, by=who(partner=LAB))
    actions.activate(id=ID, by=officer)
    ours, theirs = given_of(past_acts(ID), one(ID).version)
    words = "one person is signatory, privacy officer and data steward"
    assert (ours.known_openly[0], theirs.one_person) == (words, "")
    page = signed_in(who(partner=LAB)).get(f"/agreements/{ID}/").content.decode()
    assert f"O{words[1:]}." in page


# ---- the end ----


@pytest.fixture
def casework() -> str:
    id = actions.add(text=text_of(CASEWORK), by=OPERATOR).document.id
    for partner in one(id).document.partners:
        actions.sign(id=id, by=who(partner=partner))
    actions.activate(id=id, by=who(Role.DATA_STEWARD))
    return id


def test_one_of_three_leaves_and_does_not_end_it(casework: str) -> None:
    keeper = who(Role.DATA_STEWARD)
    with pytest.raises(Refused, match=f"throughway agreement leave {casework}") as refused:
        actions.terminate(id=casework, by=keeper)
    assert refused.value.code == "not_allowed"
    left = actions.leave(id=casework, by=keeper)
    assert dict(left.leaving) == {SCHOOLS: TODAY + timedelta(days=30)}
    assert code(actions.terminate, id=casework, by=keeper) == "not_allowed"  # it waits for its day
    # The other two are two, so that either ends it.
    ended = actions.terminate(id=casework, by=who(Role.PRIVACY_OFFICER, "bright-futures"))
    assert ended.state is AgreementState.TERMINATED


def test_whom_the_text_names_ends_it_for_all() -> None:
    named = changed(CASEWORK, ("terms.ended_by", ["bright-futures"]))
    id = actions.add(text=text_of(named), by=OPERATOR).document.id
    for partner in one(id).document.partners:
        actions.sign(id=id, by=who(partner=partner))
    actions.activate(id=id, by=who(Role.DATA_STEWARD))
    assert code(actions.terminate, id=id, by=who(Role.DATA_STEWARD)) == "not_allowed"
    ended = actions.terminate(id=id, by=who(Role.DATA_STEWARD, "bright-futures"))
    assert ended.state is AgreementState.TERMINATED


def test_who_may_end_it_is_a_party() -> None:
    stranger = changed(CASEWORK, ("terms.ended_by", ["reading-lab"]))
    actions.add(text=text_of(stranger), by=OPERATOR)
    with pytest.raises(Refused, match="reading-lab is not a party") as refused:
        actions.sign(id=str(stranger["id"]), by=who())
    assert refused.value.code == "blocked"


def test_a_draft_of_three_binds_nobody_and_any_party_ends_it() -> None:
    id = actions.add(text=text_of(CASEWORK), by=OPERATOR).document.id
    assert actions.terminate(id=id, by=who(Role.DATA_STEWARD)).state is AgreementState.TERMINATED
