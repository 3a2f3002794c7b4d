"""Proposals, answers and comments: who may, what becomes of each, and what holds the text."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.agreements.documents import CASEWORK, PARTNERS, STUDY, changed, text_of
from tests.negotiation.parties import (
    BACKBONE,
    BIRTHDATE,
    CASEWORK_ID,
    LAB,
    PROGRAM,
    SCHOOLS,
    STUDY_ID,
    Clock,
    memorandum,
    offered,
    register,
    who,
)
from throughway.agreements import actions as agreements
from throughway.agreements import selectors as texts
from throughway.agreements.actions import common
from throughway.agreements.diff import ADDED, CHANGED, REMOVED
from throughway.agreements.states import AgreementState
from throughway.core.refusals import Refused
from throughway.negotiation import actions, selectors
from throughway.negotiation.models import ProposalAnswer, ProposedChange
from throughway.negotiation.proposals import Proposal, Status
from throughway.partners import OPERATOR, Actor
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (common, texts, actions):
        monkeypatch.setattr(module, "date", Clock)
    register()


@pytest.fixture
def casework() -> str:
    memorandum()
    return offered(CASEWORK, who(SCHOOLS))


@pytest.fixture
def study() -> str:
    return offered(STUDY, who(SCHOOLS))


def propose(id: str, path: str, value: Any, by: Actor, why: str = "Because") -> Proposal:
    version = texts.prepared_status(id).version
    return actions.propose(id=id, version=version, path=path, value=value, why=why, by=by)


def refused(act: Any, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    return caught.value


def text(id: str) -> Any:
    return texts.prepared_status(id).signed_text


def test_accepted_proposal_enters_a_new_text(casework: str) -> None:
    made = propose(casework, f"{BIRTHDATE}.transform", "suppress", who(SCHOOLS))
    assert (made.kind, made.before, made.after, made.status) == (CHANGED, "year", "suppress", Status.OPEN)
    assert actions.accept(proposal=made.number, by=who(PROGRAM)).status is Status.OPEN
    taken = actions.accept(proposal=made.number, by=who(BACKBONE, "leader"))
    now = texts.prepared_status(casework)
    assert taken.status is Status.TAKEN
    assert taken.end is not None
    assert (taken.end.version, taken.end.partner) == (now.version, BACKBONE)
    assert (now.state, now.signed_text.schedule[2].transform) == (AgreementState.NEGOTIATION, "suppress")
    assert selectors.open_proposals(casework) == []


def test_position_is_stored_as_an_identity(casework: str) -> None:
    assert propose(casework, "schedule[2].transform", "none", who(PROGRAM)).path == f"{BIRTHDATE}.transform"


def test_default_values_are_stored_as_absent(casework: str) -> None:
    made = propose(casework, "schedule[2].transform", "none", who(PROGRAM))
    assert (made.kind, made.before, made.after) == (REMOVED, "year", None)
    first = propose(casework, "terms.expires", " 2029-06-30 ", who(PROGRAM))
    assert first.after == "2029-06-30"


def test_adding_and_removing_entries(study: str) -> None:
    line = {
        "element": "attendance_day.attendance_event_date",
        "purposes": "study-reading",
        "necessity": "The outcome",
    }
    more = propose(study, "schedule", line, who(LAB))
    assert (more.kind, more.after["purposes"]) == (ADDED, ["study-reading"])
    actions.accept(proposal=more.number, by=who(SCHOOLS))
    assert [one.element for one in text(study).schedule] == [
        "assessment_result.*",
        "attendance_day.attendance_event_date",
    ]
    less = propose(study, "schedule[0]", None, who(SCHOOLS))
    assert less.kind == REMOVED
    actions.accept(proposal=less.number, by=who(LAB))
    assert [one.element for one in text(study).schedule] == ["attendance_day.attendance_event_date"]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("terms.expires", "next year", "unreadable"),
        ("terms.expires", None, "unreadable"),
        ("schedule[0].transform", "blur", "unreadable"),
        ("schedule[0].colour", "red", "unreadable"),
        ("schedule", {"element": "person.*"}, "unreadable"),
        ("schedule", None, "no_entry"),
        ("schedule", "person.*", "no_entry"),
        ("schedule[0]", {"element": "person.*"}, "too_wide"),
        ("terms", {"minimum_cell": 3}, "too_wide"),
        ("schedule[7].transform", "year", "unknown_place"),
        ("schedule[person%2Ebirthdate; *; nothing].transform", "year", "unknown_place"),
        ("schedule[person%2Ebirthdate; *; nothing]", None, "unknown_place"),
        ("id", "another", "fixed"),
        ("throughway", "agreement/2", "fixed"),
        ("terms.minimum_cell", 10, "no_change"),
        ("schedule[0].transform", "none", "no_change"),
        ("x" * 2000, 1, "unknown_place"),
        ("", 1, "unknown_place"),
        ("title.of", "x", "unknown_place"),
    ],
)
def test_invalid_proposals_are_refused(study: str, path: str, value: Any, code: str) -> None:
    version = texts.prepared_status(study).version
    why = refused(actions.propose, id=study, version=version, path=path, value=value, why="So", by=who(LAB))
    assert why.code == code
    assert not ProposedChange.objects.exists()


def test_who_may_propose(study: str) -> None:
    for by, code in (
        (OPERATOR, "not_allowed"),
        (who(PROGRAM), "not_allowed"),
        (who(LAB, "case_worker"), "not_allowed"),
        (who(LAB, "evaluator"), "not_allowed"),
    ):
        version = texts.prepared_status(study).version
        assert (
            refused(actions.propose, id=study, version=version, path="title", value="T", why="So", by=by).code
            == code
        )
    for role in ("leader", "privacy_officer", "data_steward"):
        assert propose(study, "title", f"By a {role}", who(LAB, role)).role == role


def test_a_reason_is_required(study: str) -> None:
    version = texts.prepared_status(study).version
    why = refused(actions.propose, id=study, version=version, path="title", value="T", why="  ", by=who(LAB))
    assert why.code == "no_reason"
    made = propose(study, "title", "T", who(LAB))
    assert refused(actions.refuse, proposal=made.number, why="", by=who(SCHOOLS)).code == "no_reason"


def test_only_while_the_text_is_in_negotiation() -> None:
    agreements.add(text=text_of(STUDY), by=who(SCHOOLS))
    version = texts.prepared_status(STUDY_ID).version
    asked = {"id": STUDY_ID, "version": version, "path": "title", "value": "T", "why": "So", "by": who(LAB)}
    assert refused(actions.propose, **asked).code == "is_draft"
    agreements.submit(id=STUDY_ID, by=who(SCHOOLS))
    assert refused(actions.propose, **asked).code == "is_review"
    agreements.offer(id=STUDY_ID, by=who(SCHOOLS))
    actions.propose(**asked)


def test_proposal_on_a_replaced_text_is_refused(study: str) -> None:
    old = texts.prepared_status(study).version
    made = propose(study, "title", "Another", who(LAB))
    actions.accept(proposal=made.number, by=who(SCHOOLS))
    why = refused(
        actions.propose, id=study, version=old, path="terms.minimum_cell", value=12, why="So", by=who(LAB)
    )
    assert why.code == "changed"


def test_duplicate_proposal_is_refused(study: str) -> None:
    propose(study, "title", "Another", who(LAB))
    version = texts.prepared_status(study).version
    why = refused(
        actions.propose, id=study, version=version, path="title", value="Another", why="So", by=who(SCHOOLS)
    )
    assert why.code == "already_proposed"


def test_taking_one_proposal_overtakes_its_rival(study: str) -> None:
    first = propose(study, "terms.minimum_cell", 12, who(LAB))
    second = propose(study, "terms.minimum_cell", 15, who(SCHOOLS))
    elsewhere = propose(study, "title", "Another", who(SCHOOLS))
    actions.accept(proposal=first.number, by=who(SCHOOLS))
    second = selectors.proposal(second.number)
    assert second.status is Status.OVERTAKEN
    assert second.end is not None
    assert second.end.why == "The text at this place has changed since."
    assert [open.number for open in selectors.open_proposals(study)] == [elsewhere.number]
    assert refused(actions.accept, proposal=second.number, by=who(LAB)).code == "is_overtaken"


def test_removing_an_entry_overtakes_proposals_within_it(casework: str) -> None:
    less = propose(casework, BIRTHDATE, None, who(PROGRAM))
    within = propose(casework, f"{BIRTHDATE}.necessity", "For eligibility", who(SCHOOLS))
    for partner in (SCHOOLS, BACKBONE):
        actions.accept(proposal=less.number, by=who(partner))
    assert selectors.proposal(within.number).status is Status.OVERTAKEN


def test_accepted_proposal_can_be_taken_later(study: str) -> None:
    first = propose(study, "title", "Another", who(LAB))
    carried = propose(study, "terms.minimum_cell", 12, who(LAB))
    actions.accept(proposal=first.number, by=who(SCHOOLS))
    taken = actions.accept(proposal=carried.number, by=who(SCHOOLS))
    assert taken.status is Status.TAKEN
    assert (text(study).title, text(study).terms.minimum_cell) == ("Another", 12)


def test_changed_text_overtakes_proposals_that_no_longer_fit(study: str) -> None:
    gone = propose(study, "terms.minimum_cell", 12, who(LAB))
    stays = propose(study, "title", "Another", who(LAB))
    agreements.add(text=text_of(changed(STUDY, ("terms.minimum_cell", 20))), by=who(SCHOOLS))
    assert [open.number for open in selectors.open_proposals(study)] == [stays.number]
    assert refused(actions.accept, proposal=gone.number, by=who(SCHOOLS)).code == "is_overtaken"


def test_refusal_ends_a_proposal(casework: str) -> None:
    made = propose(casework, "terms.minimum_cell", 5, who(PROGRAM))
    actions.accept(proposal=made.number, by=who(BACKBONE))
    ended = actions.refuse(proposal=made.number, why="Too few to hide a child", by=who(SCHOOLS))
    assert ended.status is Status.REFUSED
    assert ended.end is not None
    assert (ended.end.why, ended.end.partner) == ("Too few to hide a child", SCHOOLS)
    assert refused(actions.accept, proposal=made.number, by=who(SCHOOLS)).code == "is_refused"


def test_only_the_proposer_withdraws(study: str) -> None:
    made = propose(study, "title", "Another", who(LAB))
    assert refused(actions.accept, proposal=made.number, by=who(LAB, "leader")).code == "own_proposal"
    assert refused(actions.refuse, proposal=made.number, why="So", by=who(LAB)).code == "own_proposal"
    assert refused(actions.withdraw, proposal=made.number, by=who(SCHOOLS)).code == "not_allowed"
    assert actions.withdraw(proposal=made.number, by=who(LAB, "data_steward")).status is Status.WITHDRAWN
    assert refused(actions.accept, proposal=made.number, by=who(SCHOOLS)).code == "is_withdrawn"
    assert refused(actions.withdraw, proposal=made.number, by=who(LAB)).code == "is_withdrawn"


def test_a_party_accepts_once_and_may_refuse_later(casework: str) -> None:
    made = propose(casework, "title", "Another", who(SCHOOLS))
    actions.accept(proposal=made.number, by=who(PROGRAM))
    actions.accept(proposal=made.number, by=who(PROGRAM, "leader"))
    assert ProposalAnswer.objects.count() == 1
    assert (
        actions.refuse(proposal=made.number, why="We looked again", by=who(PROGRAM)).status is Status.REFUSED
    )


def test_taking_waits_for_every_party(casework: str) -> None:
    made = propose(casework, "title", "Another", who(SCHOOLS))
    actions.accept(proposal=made.number, by=who(PROGRAM))
    assert refused(actions.take, proposal=made.number, by=who(PROGRAM)).code == "not_accepted"


def test_open_proposal_blocks_settling_the_text(study: str) -> None:
    made = propose(study, "title", "Another", who(LAB))
    why = refused(agreements.agree, id=study, by=who(SCHOOLS))
    assert "One proposal waits for an answer" in why.message
    actions.withdraw(proposal=made.number, by=who(LAB))
    assert agreements.agree(id=study, by=who(SCHOOLS)).state is AgreementState.APPROVAL


def test_comments_keep_their_place(casework: str) -> None:
    made = propose(casework, "title", "Another", who(SCHOOLS))
    actions.comment(id=casework, text="Why both?", by=who(PROGRAM), path="schedule[2].transform")
    actions.comment(id=casework, text="It reads better", by=who(BACKBONE), proposal=made.number)
    actions.comment(id=casework, text="Thank you all", by=who(SCHOOLS))
    said = selectors.comments(casework)
    assert [(c.path, c.proposal, c.partner, c.role) for c in said] == [
        (f"{BIRTHDATE}.transform", None, PROGRAM, "privacy_officer"),
        ("title", made.number, BACKBONE, "privacy_officer"),
        ("", None, SCHOOLS, "privacy_officer"),
    ]
    for arguments, code in (
        ({"text": " "}, "no_reason"),
        ({"text": "x" * 5000}, "too_long"),
        ({"text": "x", "path": "schedule[9]"}, "unknown_place"),
        ({"text": "x", "proposal": 999}, "unknown_proposal"),
    ):
        assert refused(actions.comment, id=casework, by=who(SCHOOLS), **arguments).code == code


def test_open_steps_name_parties_that_have_not_answered(casework: str) -> None:
    made = propose(casework, "title", "Another", who(SCHOOLS))
    propose(casework, "terms.minimum_cell", 12, who(PROGRAM))
    actions.accept(proposal=made.number, by=who(PROGRAM))
    steps = {step.waits_for: step for step in selectors.open_steps(Clock.today())}
    assert steps.keys() == {SCHOOLS, BACKBONE}
    assert steps[BACKBONE].title == "Answer 2 proposals to change its text"
    assert (steps[SCHOOLS].href_name, steps[SCHOOLS].href_args) == ("negotiation:one", (CASEWORK_ID,))


def test_amendment_is_negotiated_while_the_text_stays_in_effect(study: str) -> None:
    for partner in (SCHOOLS, LAB):
        assert partner in PARTNERS
    agreements.terminate(id=study, by=who(SCHOOLS))
    other = changed(STUDY, ("id", "study-two"))
    agreements.add(text=text_of(other), by=who(SCHOOLS))
    for partner in (SCHOOLS, LAB):
        agreements.sign(id="study-two", by=who(partner, "leader"))
    agreements.activate(id="study-two", by=who(SCHOOLS))
    agreements.amend(id="study-two", text=text_of(changed(other, ("title", "Longer"))), by=who(SCHOOLS))
    agreements.submit(id="study-two", by=who(SCHOOLS))
    agreements.offer(id="study-two", by=who(SCHOOLS))
    made = propose("study-two", "terms.minimum_cell", 12, who(LAB))
    actions.accept(proposal=made.number, by=who(SCHOOLS))
    assert texts.one("study-two").state is AgreementState.ACTIVE
    assert texts.one("study-two").document.terms.minimum_cell == 10
    assert text("study-two").terms.minimum_cell == 12


@pytest.mark.parametrize(
    "table", ["negotiation_proposedchange", "negotiation_proposalanswer", "negotiation_partycomment"]
)
def test_negotiation_records_are_append_only(study: str, table: str) -> None:
    made = propose(study, "title", "Another", who(LAB))
    actions.comment(id=study, text="So", by=who(LAB))
    actions.refuse(proposal=made.number, why="So", by=who(SCHOOLS))
    for statement in (f"UPDATE {table} SET agreement = 'x'", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_proposal_ends_once(study: str) -> None:
    made = propose(study, "title", "Another", who(LAB))
    actions.refuse(proposal=made.number, why="So", by=who(SCHOOLS))
    with pytest.raises(DatabaseError), transaction.atomic():
        ProposalAnswer.objects.create(
            proposal=made.number,
            agreement=study,
            what="take",
            partner=SCHOOLS,
            at="2026-03-02T00:00Z",
            day="2026-03-02",
        )
