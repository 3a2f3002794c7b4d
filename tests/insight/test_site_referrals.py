"""Referrals made on the site count in the report on needs, each at the status where it stands, and once where a system sent it too."""

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.casework.referring import asked, lets_refer, moved, referring, send
from tests.casework.town import PERSON, TODAY
from tests.gate import making
from tests.insight.fake_access import FakeAccess, everything
from throughway.casework.referrals.models import Referral
from throughway.casework.referrals.transitions import ReferralMove as M
from throughway.casework.referrals.transitions import ReferralSide as Side
from throughway.casework.referrals.transitions import ReferralState, moves_from, transition
from throughway.insight.actions import report_access
from throughway.insight.needs.actions import counted_needs
from throughway.insight.needs.queries import NeedQueries
from throughway.insight.needs.statuses import STEPS, NeedStatus, NeedStep
from throughway.measures.needs import shipped
from throughway.measures.policy import POLICY
from throughway.partners import OPERATOR
from throughway.supports.actions import add_support
from throughway.supports.entry import SupportStatement
from throughway.vocabulary.school_calendar import school_year_of

ON = date(2026, 11, 25)
FALL = date(2025, 10, 1)
SUPPORTS = {"1": "tutoring", "2": "food", "3": "mentoring"}
S = ReferralState
STEP_OF = {
    S.ASKED: None, S.CHECKED: None, S.SENT: NeedStep.UNANSWERED, S.ASKED_BACK: NeedStep.UNANSWERED, S.ACCEPTED: NeedStep.WAITING,
    S.TRIED_ONCE: NeedStep.WAITING, S.TRIED_TWICE: NeedStep.WAITING, S.NOT_REACHED: NeedStep.NOT_REACHED, S.WAITLISTED: NeedStep.WAITING,
    S.FULL: NeedStep.WAITING, S.FAMILY_NO: NeedStep.DECLINED, S.NOT_STARTED: NeedStep.OTHER, S.STARTED: NeedStep.SERVED,
    S.ENDED: NeedStep.SERVED, S.ANSWERED: NeedStep.UNTOLD,
}  # fmt: skip
DECLINED = {"language": NeedStep.LANGUAGE, "not_eligible": NeedStep.NOT_ELIGIBLE, "hours": NeedStep.OTHER}


def event(entry, version, kind, state, *, person=1, on=FALL, support="1", to="tutors", reason=""):
    return {
        "person_id": person, "entry_id": entry, "version": version, "event_kind": kind, "referral_state": state, "event_date": on,
        "support_id": support, "receiving_partner": to, "event_reason": reason, "superseded": False, "sending_partner": "harbor",
    }  # fmt: skip


def queries(access):
    return NeedQueries(access, everything("harbor", "tutors"), shipped(), POLICY, ON, SUPPORTS)


def steps(access, kind="tutoring", year=2026):
    """By student, the furthest step of what was asked for; None where it was only noted."""
    number = next(n for n, each in enumerate(shipped().asked_kinds()) if each.id == kind)
    rows = queries(access).asked(year)
    who, step = rows.furthest([number])
    found = {int(p): STEPS[n] for p, n in zip(who, step, strict=True)}
    return {int(p): found.get(int(p)) for p in rows.who(number)}


def walk(chance):
    """The events of one referral, as the table of moves lets it live, and the step at which it stands, as a person would say."""
    state, events, began = None, [], False
    reason, sent, before_closing = "", False, None
    for version in range(1, chance.randint(2, 12)):
        if state is None:
            move = transition(None, M.ASK, Side.SENDER)
        else:
            sides = (
                (Side.SENDER, Side.PROTECTED_RECEIVER)
                if chance.random() < 0.1
                else (Side.SENDER, Side.RECEIVER)
            )
            possible = [each for side in sides for each in moves_from(state, side)]
            if not possible:
                break
            kept = [each for each in possible if each.move not in (M.WITHDRAW, M.ASK)]
            move = chance.choice(kept if kept and chance.random() < 0.98 else possible)
        reason = chance.choice([*DECLINED]) if move.move is M.DECLINE else ""
        state = move.end
        began |= move.move is M.START
        sent |= move.move is M.SEND
        if state is not S.CLOSED:
            before_closing = state, reason
        events.append((version, str(move.move), str(state), reason, sent))
    stands, why = before_closing
    if began:
        step = NeedStep.SERVED
    elif stands is S.DECLINED:
        step = DECLINED[why]
    elif stands is S.WITHDRAWN:
        step = NeedStep.OTHER if sent else "left out"
    else:
        step = STEP_OF[stands]
    return events, step


def test_every_life_of_a_referral_as_a_person_would_say_it():
    access, expected, ends = FakeAccess(), {}, set()
    chance = random.Random(5)
    for person in range(1, 3_000):
        events, step = walk(chance)
        ends.add(events[-1][2])
        access.put("referral_event", *(
            event(f"r{person}", version, kind, state, person=person, to="tutors" if sent else "", reason=reason)
            for version, kind, state, reason, sent in events
        ))  # fmt: skip
        if step != "left out":
            expected[person] = step
    assert steps(access) == expected
    assert ends == {str(each) for each in S}


def test_a_referral_is_of_the_year_in_which_it_was_sent():
    access = FakeAccess()
    summer = date(2026, 6, 20)
    access.put("referral_event", event("a", 1, "ask", "asked", on=summer, to=""), event("a", 2, "send", "sent", on=date(2026, 7, 4)),
               event("b", 1, "ask", "asked", on=summer, to="", person=2))  # fmt: skip
    assert (steps(access, year=2026), steps(access, year=2027)) == ({2: None}, {1: NeedStep.UNANSWERED})


def test_the_kind_of_support_is_what_was_asked_for():
    access = FakeAccess()
    access.put("referral_event", event("a", 1, "send", "sent", support="2"), event("b", 1, "send", "sent", support="99", person=2))  # fmt: skip
    asked_for = queries(access).asked(2026)
    assert steps(access, "food") == {1: NeedStep.UNANSWERED}
    assert asked_for.who(-1).tolist() == [2]  # a support that the directory does not have
    assert asked_for.partners == ["tutors"]


def feed(person, status, outcome=None, *, on=FALL, to="tutors/desk"):
    return {"person_id": person, "referral_reason": "tutoring", "referral_status": status, "referral_outcome": outcome,
            "referral_date": on, "receiving_organization_id": to}  # fmt: skip


@pytest.mark.parametrize(
    ("system", "here", "step"),
    [
        (("sent", None), ("family_no", "family_no"), NeedStep.DECLINED),  # the site has the answer
        (("declined", "ParentDeclined"), ("send", "sent"), NeedStep.DECLINED),  # the system has it
        (("sent", None), ("send", "sent"), NeedStep.UNANSWERED),
        (("accepted", "WaitingList"), ("start", "started"), NeedStep.SERVED),
    ],
)
def test_a_referral_that_a_system_sends_too_counts_once(system, here, step):
    access = FakeAccess()
    access.put("referral", feed(1, *system, on=FALL + timedelta(3)))
    access.put("referral_event", event("a", 1, "send", "sent"), event("a", 2, *here))
    rows = queries(access).asked(2026)
    assert steps(access) == {1: step}
    assert {STEPS[n] for n in rows.of_partner(0)[1]} == {step}
    # An application in the receiver's own system is the same.
    access = FakeAccess()
    access.put("program", {"program_identifier": "tutors/reading", "program_subtype": "tutoring"})
    access.put("program_participation", {"person_id": 1, "program_identifier": "tutors/reading", "program_participation_status": "Referred",
               "program_application_date": FALL + timedelta(5)})  # fmt: skip
    access.put("referral_event", event("a", 1, "send", "sent"), event("a", 2, "family_no", "family_no"))
    assert steps(access) == {1: NeedStep.DECLINED}


def test_a_second_referral_is_another():
    """To another partner, or months later: who waits for an answer there still does."""
    access = FakeAccess()
    access.put("referral", feed(1, "sent", to="others/desk"), feed(2, "sent", on=FALL + timedelta(90)))
    access.put("referral_event", *(event(f"r{p}", v, *of, person=p) for p in (1, 2) for v, of in enumerate([("send", "sent"), ("family_no", "family_no")], 1)))  # fmt: skip
    assert steps(access) == {1: NeedStep.UNANSWERED, 2: NeedStep.UNANSWERED}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
def test_counted_through_the_gate_as_the_registers_say(tmp_path: Path) -> None:
    """A reader of counts, who is shown no referral, counts those that the agreement lets be counted, as the site's own register has them."""

    def change(document):
        lets_refer(document)
        document["schedule"].append(making.line("referral_event.*", "counting", **{"from": ["harbor"]}))

    referring(tmp_path, change=change)
    made = []
    for kind in ("tutoring", "food", "mentoring"):
        said = SupportStatement(f"Help with {kind}", kind, seats_open=3, seats_all=5)
        made.append(asked(add_support(partner="tutors", said=said, by=OPERATOR).number))
    for id in made[:2]:
        send(id)
    moved(made[0], M.WAITLIST, until=TODAY + timedelta(20))
    expected = {
        "Tutoring": NeedStatus.WAITING,
        "Food": NeedStatus.UNANSWERED,
        "Mentoring of students": NeedStatus.UNKNOWN,  # asked for, and not sent: what became of it no record tells
    }
    assert Counter(Referral.objects.values_list("state", flat=True)) == {
        "waitlisted": 1,
        "sent": 1,
        "asked": 1,
    }
    with report_access(actor=making.reader("evaluator@hub.example"), purpose="counting", on=None) as access:
        needs = counted_needs(access, [school_year_of(access.on)]).needs
    found = {
        each.name: {s: who.tolist() for s, who in each.outcomes.by_status.items() if who.size}
        for each in needs
    }
    assert found == {name: {status: [PERSON]} for name, status in expected.items()}
