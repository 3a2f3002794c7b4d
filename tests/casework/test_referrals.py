"""Referrals: sent through the gate as a disclosure, answered by the receiver alone, once each, and destroyed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.casework.referring import (
    COLLEAGUE,
    DETAILS,
    READING,
    SECOND_TUTOR,
    TUTOR,
    asked,
    moved,
    receiving,
    referring,
    send,
    sent,
    stands,
)
from tests.casework.town import CONSENTS, TODAY, WORKER, works_with
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import Referral, ReferralEvent, TextKey
from throughway.casework.referrals.actions import forget_ended
from throughway.casework.referrals.selectors import opened_referrals, unanswered
from throughway.casework.referrals.transitions import ReferralMove as M
from throughway.casework.referrals.transitions import ReferralSide
from throughway.casework.typed_entries.actions import forget
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as decisions
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, assigning
from throughway.partners import actions as partners
from throughway.partners.models import Partner
from throughway.store.record_numbers import unpack
from throughway.supports import actions as supports
from throughway.supports.models import DirectoryEntry
from throughway.supports.selectors import entry as support_entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
SELECT = "SELECT student_name, contact_phone, event_kind, event_text FROM referral_event ORDER BY version"


def seen(by: str = TUTOR, purpose: str = "take-referrals") -> list[tuple[object, ...]]:
    return enter(actor=making.reader(by), purpose=purpose).query(SELECT).rows


def refused(code: str, act: Any) -> str:
    before = ReferralEvent.objects.count()
    with pytest.raises(Refused) as raised:
        act()
    assert raised.value.code == code, raised.value.message
    assert ReferralEvent.objects.count() == before
    for value in ("Ada", "555-0142", "aunt"):
        assert value not in raised.value.message
    return raised.value.message


def last() -> LedgerEntry:
    return LedgerEntry.objects.order_by("at").last()


def test_a_referral_is_a_disclosure_to_the_receiver(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    # A draft is the sender's alone.
    assert seen() == []
    assert [row[0] for row in seen(WORKER, "casework")] == ["Ada One"]
    assert last().outcome == "released"
    send(id)
    entry = last()
    assert (entry.outcome, entry.disclosers, entry.recipients) == ("written", ["harbor"], ["tutors"])
    assert {id for id, _ in entry.agreements} == {"sharing-2026", "referring-2026"}
    assert unpack(bytes(entry.students)).tolist() == [21]
    assert "referral_event.contact_phone" in entry.elements
    rows = ReferralEvent.objects.all()
    assert not any(word in bytes(row.phone) + bytes(row.text) for row in rows for word in (b"555", b"slowly"))
    assert seen() == [("Ada One", "555-0142, ask for Pat", "send", "reads slowly")]
    entry = last()
    assert (entry.outcome, entry.recipients, unpack(bytes(entry.students)).tolist()) == (
        "released", ["tutors"], [21],
    )  # fmt: skip
    moved(id, M.ACCEPT)
    entry = last()
    assert (entry.outcome, entry.disclosers, entry.recipients) == ("written", ["harbor"], [])
    # The sender sees the answer; north, whose student it is too, and hub see nothing.
    assert [row[2] for row in seen(WORKER, "casework")] == ["ask", "check", "send", "accept"]
    for other in ("evaluator@north.example", "evaluator@hub.example"):
        for purpose in ("casework", "take-referrals", "planning"):
            with pytest.raises(Refused):
                seen(other, purpose)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReferralEvent.objects.update(author="somebody")


def test_the_receiver_reads_no_more_than_its_agreement_says(tmp_path: Path) -> None:
    support = referring(tmp_path, shares=["referral_event.*", "referral_event.student_name"])
    assert "not let the receiver read" in refused("not_shared", lambda: asked(support))
    id = asked(support, details=replace(DETAILS, contact_phone="", contact_language="", interpreter_needed=None, best_time="",
                                        way_there="", event_text=""))  # fmt: skip
    send(id)
    assert seen() == [("Ada One", None, "send", None)]


def test_without_an_agreement_or_after_its_end_nothing_is_sent(tmp_path: Path) -> None:
    support = referring(tmp_path, agreed=False)
    assert "No agreement in effect lets Harbor share this with Tutors" in refused(
        "no_agreement", lambda: asked(support)
    )
    assert last().outcome == "refused"
    making.in_effect(receiving())
    id = asked(support)
    agreements.suspend(id="referring-2026", reason="A breach", by=making.reader("officer@harbor.example"))
    assert "suspended" in refused("no_agreement", lambda: send(id))
    agreements.resume(id="referring-2026", by=making.reader("officer@harbor.example"))
    send(id)
    assert stands(id).sent == TODAY


def test_a_consent_that_ends_while_the_form_is_open(tmp_path: Path) -> None:
    support = referring(tmp_path, by_consent=True)
    assert "consent to share this with Tutors is not in force" in refused(
        "no_consent", lambda: asked(support)
    )
    path = tmp_path / "harbor.csv"
    path.write_text(
        f"{CONSENTS}\nharbor,h-21,referring-2026,take-referrals,yes,Pat,mother,{TODAY - timedelta(1)},paper,es,v1,"
    )
    consents.add(path=path, by=OPERATOR)
    id = asked(support)
    mine = next(each.id for each in decisions() if each.partner == "harbor")
    consents.withdraw(id=mine, by=OPERATOR)
    refused("no_consent", lambda: send(id))
    assert (stands(id).state, stands(id).sent) == ("asked", None)
    assert seen() == []


def test_what_was_sent_closes_with_the_consent(tmp_path: Path) -> None:
    support = referring(tmp_path, by_consent=True)
    path = tmp_path / "harbor.csv"
    path.write_text(
        f"{CONSENTS}\nharbor,h-21,referring-2026,take-referrals,yes,Pat,mother,{TODAY - timedelta(1)},paper,es,v1,"
    )
    consents.add(path=path, by=OPERATOR)
    id = sent(support)
    assert len(seen()) == 1
    consents.withdraw(id=next(each.id for each in decisions() if each.partner == "harbor"), by=OPERATOR)
    assert seen() == []
    refused("unknown_row", lambda: moved(id, M.ACCEPT))
    # The sender takes it back; the program's own record stays.
    moved(id, M.WITHDRAW, by=WORKER)
    assert not stands(id).is_open


def test_who_left_the_caseload_sends_nothing(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    assigning.end_assignments(email=WORKER, record=11, last=TODAY - timedelta(days=1), by=OPERATOR)
    refused("unknown_student", lambda: send(id))
    send(id, by=COLLEAGUE)
    assert stands(id).state == "sent"


def test_a_support_that_takes_nobody(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    supports.close_support(number=support, by=OPERATOR)
    assert "Reading Help closed on" in refused("closed", lambda: send(id))
    supports.reopen_support(number=support, by=OPERATOR)
    over = replace(READING, name="Last Year", ends=TODAY - timedelta(days=1))
    old = supports.add_support(partner="tutors", said=over, by=OPERATOR).number
    assert "season of Last Year ended" in refused("closed", lambda: asked(old))
    own = supports.add_support(partner="harbor", said=replace(READING, name="Own"), by=OPERATOR).number
    refused("own_support", lambda: asked(own))
    stale = supports.add_support(partner="tutors", said=replace(READING, name="Stale"), by=OPERATOR).number
    DirectoryEntry.objects.filter(pk=stale).update(confirmed=TODAY - timedelta(days=200))
    supports.change_support(number=own, said=replace(READING, name="Own", seats_open=4), by=OPERATOR)
    assert "Nobody has confirmed lately" in refused("unconfirmed", lambda: asked(stale))
    send(id)


def test_nothing_is_sent_twice(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    asked(support, id=id)  # the same form again
    assert ReferralEvent.objects.count() == 1
    assert "already" in refused("already_open", lambda: asked(support, by=COLLEAGUE))
    send(id)
    entries = LedgerEntry.objects.count()
    send(id)
    assert (ReferralEvent.objects.count(), LedgerEntry.objects.count()) == (3, entries)
    refused("edited_meanwhile", lambda: send(id, by=COLLEAGUE))
    refused("already_open", lambda: asked(support))
    moved(id, M.DECLINE, reason="hours")
    refused("already_open", lambda: asked(support))
    moved(id, M.CLOSE, by=WORKER)
    assert stands(asked(support)).state == "asked"


def test_two_accept_the_last_seat(tmp_path: Path) -> None:
    support = referring(tmp_path)
    supports.change_support(number=support, said=replace(READING, seats_open=1), by=OPERATOR)
    first = sent(support)
    moved(first, M.ACCEPT)
    assert support_entry(support).said.seats_open == 0
    refused("edited_meanwhile", lambda: moved(first, M.ACCEPT, by=SECOND_TUTOR, based_on=3))
    moved(first, M.ACCEPT, based_on=3)  # the same tap twice is one answer
    works_with(22, partner="harbor")
    other = sent(support, person=22)
    assert "No seat is free any more" in refused("no_seat", lambda: moved(other, M.ACCEPT, by=SECOND_TUTOR))
    moved(other, M.WAITLIST, until=TODAY + timedelta(days=20))
    assert stands(other).due == TODAY + timedelta(days=20)
    moved(first, M.NOT_START)
    assert support_entry(support).said.seats_open == 1
    moved(other, M.ACCEPT)
    assert support_entry(support).said.seats_open == 0


def test_the_loop_closes(tmp_path: Path) -> None:
    """Three tries, an answer, a start, an end; each move by its side alone."""
    support = referring(tmp_path)
    id = sent(support)
    refused("not_now", lambda: moved(id, M.START, on=TODAY))
    refused("usage", lambda: moved(id, M.ASK_BACK))
    moved(id, M.ASK_BACK, words="Which days?")
    refused("not_now", lambda: moved(id, M.ACCEPT))
    moved(id, M.ANSWER, by=WORKER, words="Tuesdays")
    assert last().recipients == ["tutors"]
    moved(id, M.ACCEPT)
    for ago in (3, 2):
        moved(id, M.TRY, on=TODAY - timedelta(days=ago))
    assert "later day" in refused("usage", lambda: moved(id, M.TRY, on=TODAY - timedelta(days=2)))
    moved(id, M.TRY, on=TODAY)
    assert stands(id).state == "not_reached"
    moved(id, M.ANSWER, by=WORKER, words="Call the aunt")
    moved(id, M.START, on=TODAY)
    assert support_entry(support).said.seats_open == 1
    refused("usage", lambda: moved(id, M.END, on=TODAY))
    moved(id, M.END, reason="completed", on=TODAY)
    moved(id, M.CLOSE, by=WORKER)
    assert (stands(id).is_open, stands(id).due) == (False, None)
    assert support_entry(support).said.seats_open == 2


def test_another_partner_finds_no_referral(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    refused("unknown_referral", lambda: moved(id, M.ACCEPT))  # it was not sent
    send(id)
    partners.add_partner(id="others", name="Others", kind="cbo", by=OPERATOR)
    partners.add_user(email="other@others.example", partner="others", role="case_worker", by=OPERATOR)
    refused("unknown_referral", lambda: moved(id, M.ACCEPT, by="other@others.example"))
    assert opened_referrals(making.reader("other@others.example"), ["take-referrals", "casework"]) == []
    (mine,) = opened_referrals(making.reader(TUTOR), ["take-referrals"])
    assert (mine.side, mine.waits_for_reader, mine.shown.person) == (ReferralSide.RECEIVER, True, 21)


def test_a_receiver_whose_agreement_gives_no_answers(tmp_path: Path) -> None:
    support = referring(tmp_path, answers=False)
    id = sent(support)
    assert len(seen()) == 1
    refused("not_granted", lambda: moved(id, M.ACCEPT))


@pytest.mark.parametrize("status", ["part2", "victim_services", "child_welfare", "hipaa"])
def test_a_protected_service_answers_three_things(tmp_path: Path, status: str) -> None:
    support = referring(tmp_path, answers=False)
    Partner.objects.filter(id="tutors").update(stated=[status])
    id = sent(support)
    for kind, said in (
        (M.ACCEPT, {}),
        (M.DECLINE, {"reason": "hours"}),
        (M.ASK_BACK, {"words": "Which days?"}),
    ):
        refused("not_now", lambda kind=kind, said=said: moved(id, kind, **said))
    assert "authorization" in refused("usage", lambda: moved(id, M.CONNECTED))
    Referral.objects.filter(pk=id).update(sent=TODAY - timedelta(days=60))
    assert unanswered(TODAY) == []
    moved(id, M.CANNOT_SAY)
    assert [row[2] for row in seen(WORKER, "casework")][-1] == "cannot_say"
    moved(id, M.CLOSE, by=WORKER)
    again = sent(support)
    moved(again, M.CONNECTED, on=TODAY)
    assert stands(again).state == "answered"


def test_leaders_see_counts_after_thirty_days(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = sent(support)
    assert unanswered(TODAY + timedelta(days=29)) == []
    assert [(each.partner, each.words) for each in unanswered(TODAY + timedelta(days=30))] == [
        ("Tutors", "a few")
    ]
    moved(id, M.ASK_BACK, words="Which days?")
    assert unanswered(TODAY + timedelta(days=30)) == []


def test_a_referral_is_destroyed_with_its_record(tmp_path: Path) -> None:
    support = referring(tmp_path)
    moved(sent(support), M.ACCEPT)
    assert TextKey.objects.count() == 2  # of the sender's agreement and of the receiver's
    gone = Gone(agreement=None, records={"harbor": frozenset({21})}, batches=frozenset(), empty=frozenset())
    assert forget(gone)["events of referrals"] == 4
    forget_ended()
    assert not Referral.objects.exists()
