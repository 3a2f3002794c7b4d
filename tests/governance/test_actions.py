"""Bodies, seats, meetings, votes and requests: who may do what, and what comes of it."""

from datetime import date, timedelta

import pytest
from django.db import Error, connection, transaction

from tests.agreements.documents import MOU, changed, text_of
from tests.governance.world import (
    BACKBONE,
    BODY,
    BRIGHT,
    HILLS,
    LAB,
    SCHOOLS,
    asked,
    at_the_vote,
    cast,
    found,
    memorandum,
    register,
    study,
    wanted,
    who,
)
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.agreements import selectors as agreed
from throughway.core.refusals import Refused
from throughway.governance import selectors
from throughway.governance.actions import bodies, data_requests, motions
from throughway.governance.bodies import MotionResult, VoteChoice
from throughway.governance.data_request import RequestState
from throughway.governance.models import GovernanceEvent, SeatVote
from throughway.governance.triggers import GOVERNANCE
from throughway.partners import OPERATOR, Role
from throughway.store import Community

pytestmark = pytest.mark.django_db
GOVERNOR, DESK = who(BACKBONE), who(BACKBONE, Role.DATA_STEWARD)


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    register()


def refused(code: str, act: object, **said: object) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**said)  # type: ignore[operator]
    assert caught.value.code == code, caught.value.message
    return caught.value


# ---------- bodies and seats ----------


def board(by: object = OPERATOR) -> None:
    bodies.found_body(
        id="board", name="School board", kind="board", rule="majority", quorum=1, partner=SCHOOLS, by=by
    )  # type: ignore[arg-type]


def test_only_the_backbone_founds_community_bodies() -> None:
    said = {"id": "x", "name": "X", "kind": "council", "rule": "majority", "quorum": 2}
    refused("not_allowed", bodies.found_body, by=who(SCHOOLS), **said)
    refused("not_allowed", bodies.found_body, by=who(BACKBONE, Role.EVALUATOR), **said)
    assert bodies.found_body(by=DESK, **said).id == "x"  # type: ignore[arg-type]
    refused("exists", bodies.found_body, by=GOVERNOR, **said)


def test_a_board_belongs_to_its_partner() -> None:
    refused("not_allowed", board, by=GOVERNOR)
    board(by=who(SCHOOLS))
    seat = {"body": "board", "office": "President"}
    holder = who(SCHOOLS, Role.CASE_WORKER).email
    refused("not_allowed", bodies.seat, partner=SCHOOLS, holder=holder, by=GOVERNOR, **seat)
    refused("other_partner", bodies.seat, partner=LAB, holder=who(LAB).email, by=who(SCHOOLS), **seat)
    bodies.seat(partner=SCHOOLS, holder=holder, chair=True, by=who(SCHOOLS), **seat)
    # its chair governs it, and several of one partner sit on it
    bodies.seat(partner=SCHOOLS, holder=who(SCHOOLS).email, by=who(SCHOOLS, Role.CASE_WORKER), **seat)
    assert len(selectors.in_office(date.today(), "board")) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "parliament"}, "unknown_word"),
        ({"rule": "lot"}, "unknown_word"),
        ({"decides": ["war"]}, "unknown_word"),
        ({"quorum": 0}, "bad_quorum"),
        ({"id": "Not An Id"}, "bad_id"),
        ({"name": "  "}, "missing"),
        ({"kind": "board"}, "whose"),
        ({"partner": SCHOOLS}, "whose"),
        ({"kind": "board", "partner": "nobody"}, "unknown_partner"),
        ({"charter": "x" * 3000}, "too_long"),
    ],
)
def test_invalid_bodies_are_refused(changes: dict[str, object], code: str) -> None:
    said = {"id": "x", "name": "X", "kind": "council", "rule": "majority", "quorum": 2, **changes}
    refused(code, bodies.found_body, by=OPERATOR, **said)
    assert not selectors.bodies()


def test_seat_is_held_by_its_partners_user_for_a_term() -> None:
    seats, today = found(), date.today()
    give = {"body": BODY, "office": "Director", "by": GOVERNOR}
    refused("seated", bodies.seat, partner=SCHOOLS, holder=who(SCHOOLS, Role.PRIVACY_OFFICER).email, **give)
    refused("other_partner", bodies.seat, partner=LAB, holder=who(HILLS).email, **give)
    refused("unknown_user", bodies.seat, partner=LAB, holder="nobody@example.org", **give)
    refused("chair", bodies.seat, partner=LAB, holder=who(LAB).email, chair=True, **give)
    refused("bad_days", bodies.seat, partner=LAB, holder=who(LAB).email, last=today - timedelta(1), **give)
    refused("not_allowed", bodies.unseat, number=seats[BRIGHT], by=who(BRIGHT))
    bodies.unseat(number=seats[SCHOOLS], last=today, by=who(SCHOOLS))  # the chair governs
    tomorrow = today + timedelta(1)
    assert seats[SCHOOLS] not in {s.number for s in selectors.in_office(tomorrow, BODY)}
    bodies.seat(partner=SCHOOLS, holder=who(SCHOOLS, Role.PRIVACY_OFFICER).email, first=tomorrow, **give)


def test_meeting_is_called_and_attendance_recorded() -> None:
    seats, today = found(), date.today()
    refused("not_allowed", bodies.call_meeting, body=BODY, day=today, place="remote", by=who(BRIGHT))
    meeting = bodies.call_meeting(body=BODY, day=today, place="City hall", by=GOVERNOR)
    later = bodies.call_meeting(body=BODY, day=today + timedelta(7), place="remote", by=who(SCHOOLS))
    refused("too_early", bodies.record_meeting, number=later.number, present=[], by=GOVERNOR)
    refused("unknown_seat", bodies.record_meeting, number=meeting.number, present=[9999], by=GOVERNOR)
    held = bodies.record_meeting(
        number=meeting.number, present=[seats[SCHOOLS], seats[BRIGHT]], minutes="Minutes 12", by=GOVERNOR
    )
    assert (held.present, held.minutes) == (frozenset({seats[SCHOOLS], seats[BRIGHT]}), "Minutes 12")


# ---------- votes ----------


def moved(**said: object) -> int:
    return motions.move(body=BODY, kind="other", title="Adopt the plan", by=who(BRIGHT), **said).number  # type: ignore[arg-type]


def test_vote_can_change_until_closed_and_is_logged() -> None:
    found()
    motion = moved()
    refused("not_allowed", motions.vote, number=motion, choice="yes", by=who(LAB))
    refused("not_allowed", motions.vote, number=motion, choice="yes", by=who(BRIGHT, Role.PRIVACY_OFFICER))
    refused("unknown_word", motions.vote, number=motion, choice="maybe", by=who(BRIGHT))
    for choice in ("no", "no", "yes"):
        motions.vote(number=motion, choice=choice, by=who(BRIGHT))
    assert [cast.choice for cast in selectors.motion(motion).votes] == [VoteChoice.YES]
    assert [v.choice for v in SeatVote.objects.order_by("id")] == ["no", "yes"]
    assert GovernanceEvent.objects.filter(what="vote", about=f"motion:{motion}").count() == 2
    cast(motion, riverbend_schools="yes")
    refused("not_allowed", motions.close_vote, number=motion, by=who(BRIGHT))
    decision = motions.close_vote(number=motion, reason="As planned.", minutes="Minutes 3", by=who(SCHOOLS))
    assert decision.result is MotionResult.PASSED
    assert decision.reason == "All who did not abstain voted for it. As planned."
    assert {(v["partner"], v["choice"]) for v in decision.votes} == {(SCHOOLS, "yes"), (BRIGHT, "yes")}
    assert refused("closed", motions.vote, number=motion, choice="no", by=who(BRIGHT)).message == (
        "The vote was closed: it passed."
    )
    refused("closed", motions.close_vote, number=motion, by=GOVERNOR)
    assert len(selectors.decisions()) == 1


def test_quorum_counts_votes_and_presence() -> None:
    seats = found(quorum=3)
    meeting = bodies.call_meeting(body=BODY, day=date.today(), place="remote", by=GOVERNOR).number
    one, two = moved(meeting=meeting), moved(meeting=meeting)
    for motion in (one, two):
        cast(motion, riverbend_schools="yes", bright_futures="yes")
    assert motions.close_vote(number=one, by=GOVERNOR).result is MotionResult.NO_QUORUM
    bodies.record_meeting(number=meeting, present=list(seats.values()), minutes="M", by=GOVERNOR)
    decision = motions.close_vote(number=two, by=GOVERNOR)
    assert (decision.result, decision.minutes) == (MotionResult.PASSED, "M")


def test_vote_counts_only_while_the_seat_is_held() -> None:
    seats = found(quorum=1)
    motion = moved()
    cast(motion, riverbend_schools="yes", bright_futures="no")
    from throughway.governance.models import BodySeat

    BodySeat.objects.filter(pk=seats[BRIGHT]).update(
        first=date.today() - timedelta(9), last=date.today() - timedelta(1)
    )
    assert motions.close_vote(number=motion, by=GOVERNOR).result is MotionResult.PASSED


def test_body_decides_only_what_its_charter_allows() -> None:
    bodies.found_body(
        id="council", name="C", kind="council", rule="majority", quorum=1, decides=["grant"], by=OPERATOR
    )
    said = {"body": "council", "title": "Something", "by": GOVERNOR}
    refused("not_its_matter", motions.move, kind="other", **said)
    refused("from_its_page", motions.move, kind="grant", **said)
    refused("unknown_agreement", motions.move, kind="approve", agreement="nowhere", **said)
    refused("missing", motions.move, kind="approve", **said)
    refused("not_allowed", motions.move, **{**said, "kind": "grant", "by": who(LAB)})


@pytest.mark.parametrize("table", GOVERNANCE.tables)
def test_votes_answers_and_decisions_are_append_only(table: str) -> None:
    found()
    study()
    _, motion = at_the_vote()
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    motions.close_vote(number=motion, by=GOVERNOR)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            assert cursor.fetchone()[0] > 0
            with pytest.raises(Error, match="append-only"), transaction.atomic():
                cursor.execute(statement)


# ---------- agreements before a body ----------


def test_abstainers_records_stay_out() -> None:
    found(seated=(SCHOOLS, HILLS, BACKBONE))
    study(activate=False)
    motion = motions.move(
        body=BODY, kind="approve", title="Approve the study", agreement="reading-study", by=GOVERNOR
    )
    cast(motion.number, riverbend_schools="yes", hills_schools="abstain", riverbend_backbone="yes")
    decision = motions.close_vote(number=motion.number, by=GOVERNOR)
    assert decision.abstained == (HILLS,)
    assert "Records of Hills Schools stay out of it." in decision.followed[-1].words
    standing = agreed.one("reading-study")
    assert standing.abstaining == (HILLS,)
    assert HILLS not in standing.document.parties_with("discloser")  # type: ignore[arg-type]


def test_only_an_abstaining_giver_stays_out() -> None:
    found(rule="majority")
    study(activate=False)
    motion = motions.move(
        body=BODY, kind="approve", title="Approve", agreement="reading-study", by=GOVERNOR
    ).number
    cast(motion, riverbend_schools="no", bright_futures="abstain", riverbend_backbone="yes")
    assert motions.close_vote(number=motion, by=GOVERNOR).result is MotionResult.FAILED
    assert agreed.one("reading-study").abstaining == ()


def to_approval() -> str:
    """A memorandum that is open to others, so that a board must decide, settled and waiting for approvals."""
    values = changed(
        MOU,
        ("joinder", {"open_to": ["lea"]}),
        ("parties.0.roles", ["discloser"]),
        ("parties.1.roles", ["recipient"]),
    )
    id = agreements.add(text=text_of(values), by=OPERATOR).document.id
    for act in (agreements.submit, agreements.offer, agreements.agree):
        act(id=id, by=who(SCHOOLS))
    return id


def test_board_vote_is_its_partners_approval() -> None:
    id = to_approval()
    board()
    seat = {"body": "board", "partner": SCHOOLS, "office": "President", "by": who(SCHOOLS)}
    bodies.seat(holder=who(SCHOOLS, Role.CASE_WORKER).email, chair=True, **seat)  # type: ignore[arg-type]
    chair = who(SCHOOLS, Role.CASE_WORKER)
    motion = motions.move(body="board", kind="approve", title="The memorandum", agreement=id, by=chair).number
    motions.vote(number=motion, choice="yes", by=chair)
    decision = motions.close_vote(number=motion, minutes="Minutes 5", by=chair)
    # The chair is no leader, so the decision stands and waits for one who records it.
    assert decision.waits
    assert [step.kind for step in selectors.open_steps(date.today())] == ["carry_out"]
    done = motions.carry_out(number=decision.number, by=who(SCHOOLS))
    assert not done.waits
    assert any(a.capacity == "board" and a.partner == SCHOOLS for a in agreed.prepared_status(id).approved)
    refused("done", motions.carry_out, number=decision.number, by=who(SCHOOLS))


def test_changed_text_is_not_approved() -> None:
    found()
    id = memorandum()
    motion = motions.move(body=BODY, kind="approve", title="Approve", agreement=id, by=GOVERNOR).number
    agreements.add(text=text_of(changed(MOU, ("title", "Another title"))), by=OPERATOR)
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    decision = motions.close_vote(number=motion, by=GOVERNOR)
    assert decision.result is MotionResult.PASSED
    assert decision.waits
    assert "changed after the motion was made" in decision.followed[-1].words
    refused("changed", motions.carry_out, number=decision.number, by=GOVERNOR)


def test_admission_only_to_open_agreements() -> None:
    found()
    agreements.add(text=text_of(changed(MOU, ("joinder", {"open_to": ["lea"]}))), by=OPERATOR)
    said = {"body": BODY, "kind": "admit", "title": "Admit", "agreement": MOU["id"], "by": GOVERNOR}
    refused("not_open", motions.move, partner=BRIGHT, **said)
    refused("party", motions.move, partner=SCHOOLS, **said)
    motion = motions.move(partner=HILLS, **said).number
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    decision = motions.close_vote(number=motion, by=GOVERNOR)
    assert decision.followed[-1].words == "Hills Schools may sign “Working together” and join it."


# ---------- data requests ----------


def test_request_becomes_a_license_without_abstainers() -> None:
    found(seated=(SCHOOLS, HILLS, BACKBONE))
    study()
    number, motion = at_the_vote()
    cast(motion, riverbend_schools="yes", hills_schools="abstain", riverbend_backbone="yes")
    decision = motions.close_vote(number=motion, by=DESK)
    request = selectors.request(number)
    assert (request.state, decision.result) == (RequestState.GRANTED, MotionResult.PASSED)
    license = agreed.one(request.license)
    document = license.document
    assert (document.tier, document.under) == ("dul", ("reading-study",))
    assert document.partners == (SCHOOLS, LAB)
    assert [(e.from_, e.basis_details["on_behalf_of"]) for e in document.purposes] == [((SCHOOLS,), SCHOOLS)]
    assert document.terms.expires == request.wanted.until
    assert document.project is not None
    assert document.project.irb is not None
    assert document.project.irb.number == "IRB-7"
    assert agreed.past_acts(document.id)[0].by == DESK.email
    assert [f.message for f in agreed.findings(document.id) if f.blocks] == []


def test_a_refusing_discloser_gives_nothing() -> None:
    found()
    study()
    number, motion = at_the_vote({SCHOOLS: "yes", HILLS: "no"})
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    motions.close_vote(number=motion, by=DESK)
    assert HILLS not in agreed.one(selectors.request(number).license).document.partners


def test_failed_vote_refuses_and_no_quorum_repeats() -> None:
    found(quorum=3)
    study()
    number, motion = at_the_vote()
    motions.close_vote(number=motion, by=DESK)
    assert selectors.request(number).state is RequestState.WITH_DISCLOSERS
    again = data_requests.put_to_vote(number=number, body=BODY, by=DESK).number
    cast(again, riverbend_schools="no", bright_futures="yes", riverbend_backbone="yes")
    motions.close_vote(number=again, reason="Too wide.", by=DESK)
    request = selectors.request(number)
    assert request.state is RequestState.REFUSED
    assert request.reason == "It must be unanimous, but one voted against it. Too wide."


def test_nothing_is_given_when_all_abstain() -> None:
    found(seated=(SCHOOLS, HILLS, BACKBONE))
    study()
    number, motion = at_the_vote()
    cast(motion, riverbend_schools="abstain", hills_schools="abstain", riverbend_backbone="yes")
    motions.close_vote(number=motion, by=DESK)
    request = selectors.request(number)
    assert (request.state, request.license) == (RequestState.REFUSED, "")
    assert "nothing to give" in request.reason


def test_chair_closes_and_backbone_drafts_the_license() -> None:
    found()
    study()
    number, motion = at_the_vote()
    cast(motion, riverbend_schools="yes", bright_futures="yes")
    decision = motions.close_vote(number=motion, by=who(SCHOOLS))  # the chair, of a district
    assert decision.waits
    assert selectors.request(number).license == ""
    motions.carry_out(number=decision.number, by=DESK)
    assert agreed.one(selectors.request(number).license)


def test_refusal_without_a_vote_is_logged_with_its_reason() -> None:
    study()
    number = asked()
    refused("missing", data_requests.refuse_request, number=number, reason=" ", by=DESK)
    refused("not_allowed", data_requests.refuse_request, number=number, reason="No.", by=who(SCHOOLS))
    data_requests.refuse_request(
        number=number, reason="A study must be for a school.", citations=["34 CFR 99.31(a)(6)"], by=DESK
    )
    (decision,) = selectors.decisions()
    assert (decision.body, decision.request, decision.citations) == (None, number, ("34 CFR 99.31(a)(6)",))
    refused("is_refused", data_requests.accept_request, number=number, by=DESK)


def test_who_may_take_each_step() -> None:
    found()
    study()
    refused("not_allowed", data_requests.request_data, wanted=wanted(), by=who(LAB, Role.CASE_WORKER))
    refused("not_allowed", data_requests.request_data, wanted=wanted(), by=OPERATOR)
    number, lab = asked(), who(LAB, Role.EVALUATOR)
    refused("not_allowed", data_requests.accept_request, number=number, by=lab)
    data_requests.return_request(number=number, missing="Say which grades.", by=DESK)
    refused("not_allowed", data_requests.change_request, number=number, wanted=wanted(), by=who(SCHOOLS))
    data_requests.change_request(number=number, wanted=wanted(why="For grade 3."), by=lab)
    assert selectors.request(number).missing == ""
    refused("is_received", data_requests.answer_request, number=number, answer="yes", by=who(SCHOOLS))
    data_requests.accept_request(number=number, by=DESK)
    refused("is_complete", data_requests.change_request, number=number, wanted=wanted(), by=lab)
    data_requests.forward_request(number=number, by=DESK)
    refused("not_allowed", data_requests.answer_request, number=number, answer="yes", by=who(BRIGHT))
    refused(
        "not_allowed",
        data_requests.answer_request,
        number=number,
        answer="yes",
        by=who(SCHOOLS, Role.CASE_WORKER),
    )
    refused("missing", data_requests.answer_request, number=number, answer="no", by=who(SCHOOLS))
    refused("unanswered", data_requests.put_to_vote, number=number, body=BODY, by=DESK)
    for partner in (SCHOOLS, HILLS):
        data_requests.answer_request(number=number, answer="abstain", by=who(partner))
    refused("nothing", data_requests.put_to_vote, number=number, body=BODY, by=DESK)
    data_requests.answer_request(number=number, answer="yes", by=who(SCHOOLS))  # it thought again
    motion = data_requests.put_to_vote(number=number, body=BODY, by=DESK)
    refused(
        "is_to_vote", data_requests.answer_request, number=number, answer="no", reason="No.", by=who(SCHOOLS)
    )
    refused("to_vote", data_requests.refuse_request, number=number, reason="No.", by=DESK)
    refused("not_allowed", data_requests.withdraw_request, number=number, by=DESK)
    data_requests.withdraw_request(number=number, by=lab)
    assert refused("closed", motions.vote, number=motion.number, choice="yes", by=who(SCHOOLS)).message == (
        "The vote was closed: the request was withdrawn."
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, "missing"),
        ({"elements": ("nothing.here",)}, "unknown_element"),
        ({"elements": ()}, "missing"),
        ({"of": ("nobody",)}, "unknown_partner"),
        ({"until": date(2020, 1, 1)}, "bad_days"),
        ({"under": ("nowhere",)}, "unknown_agreement"),
        ({"method": "x" * 3000}, "too_long"),
    ],
)
def test_invalid_requests_are_refused(changes: dict[str, object], code: str) -> None:
    study()
    refused(code, data_requests.request_data, wanted=wanted(**changes), by=who(LAB, Role.EVALUATOR))


def test_hidden_agreement_answers_like_a_missing_one() -> None:
    study()
    theirs = refused("unknown_agreement", data_requests.request_data, wanted=wanted(), by=who(BRIGHT))
    none = refused(
        "unknown_agreement", data_requests.request_data, wanted=wanted(under=("nowhere",)), by=who(BRIGHT)
    )
    assert theirs.message == none.message


def test_each_open_step_has_an_owner_and_a_day() -> None:
    found()
    study()
    today = date.today()

    def steps() -> list[tuple[str, str]]:
        found_steps = selectors.open_steps(today)
        assert all(step.due for step in found_steps)
        return [(step.kind, step.waits_for) for step in found_steps]

    number = asked()
    assert steps() == [("lead_request", BACKBONE)]
    data_requests.return_request(number=number, missing="The method.", by=DESK)
    assert steps() == [("complete_request", LAB)]
    data_requests.change_request(number=number, wanted=wanted(), by=who(LAB, Role.EVALUATOR))
    data_requests.accept_request(number=number, by=DESK)
    data_requests.forward_request(number=number, by=DESK)
    assert steps() == [("answer_request", SCHOOLS), ("answer_request", HILLS)]
    for partner in (SCHOOLS, HILLS):
        data_requests.answer_request(number=number, answer="yes", by=who(partner))
    assert steps() == [("lead_request", BACKBONE)]
    motion = data_requests.put_to_vote(number=number, body=BODY, by=DESK).number
    assert steps() == [("vote", SCHOOLS), ("vote", BRIGHT), ("vote", BACKBONE)]
    cast(motion, riverbend_schools="yes", bright_futures="yes", riverbend_backbone="yes")
    assert steps() == [("close_vote", BACKBONE)]
    motions.close_vote(number=motion, by=DESK)
    assert steps() == []


def test_motion_only_about_visible_agreements() -> None:
    found()
    study(activate=False)
    said = {"body": BODY, "kind": "approve", "title": "Approve", "by": who(BRIGHT)}
    theirs = refused("unknown_agreement", motions.move, agreement="reading-study", **said)
    none = refused("unknown_agreement", motions.move, agreement="nowhere", **said)
    assert theirs.message.replace("reading-study", "nowhere") == none.message
