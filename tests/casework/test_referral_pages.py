"""The pages of referrals: from the match to the answer, for both sides, and what a refused form keeps."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.casework.referring import COLLEAGUE, DETAILS, READING, TUTOR, asked, moved, referring, sent, stands
from tests.casework.town import MOST, PERSON, TODAY, WORKER, asked_again, page, questions, signed_in
from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.casework.models import Referral, ReferralEvent
from throughway.casework.referrals.transitions import ReferralMove as M
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR, assigning
from throughway.partners.models import Partner
from throughway.partners.selectors import actor
from throughway.site.open_steps.reminders import reminder_text, reminders_due
from throughway.site.open_steps.selectors import open_steps, open_to
from throughway.supports import actions as supports
from throughway.supports import selectors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


def filled(client: Client, address: str) -> dict[str, str]:
    """The form as a worker fills it in."""
    text = page(client, address)[1]
    found = re.search(r'name="referral" value="([0-9a-f]{32})"', text)
    based = re.search(r'name="based_on" value="(\d+)"', text)
    assert found
    assert based
    return {
        "referral": found[1], "based_on": based[1], "student_name": "Ada One", "contact_phone": "555-0142", "contact_language": "spa",
        "interpreter_needed": "on", "event_text": "reads slowly", "asked_for": "on",
    }  # fmt: skip


def test_from_the_match_to_the_outcome(tmp_path: Path) -> None:
    support = referring(tmp_path)
    worker, tutor = signed_in(), signed_in(TUTOR)
    address = f"/students/{PERSON}/refer/{support}/"
    assert address in page(worker, f"/students/{PERSON}/supports/")[1]
    assert address in page(worker, f"/students/{PERSON}/")[1]
    form = filled(worker, address)
    shown = page(worker, address)[1]
    for words in (
        "No diagnosis",
        "immigration",
        "child-abuse line",
        "Referrals of harbor to tutors",
        "Refer Ada One to Reading Help",
    ):
        assert words in shown
    assert "Ada" not in shown.split("<title>")[1].split("</title>")[0]
    answer = worker.post(address, form)
    its = f"/students/referrals/{form['referral']}/"
    assert (answer.status_code, answer["Location"]) == (302, its)
    shown = page(worker, its)[1]
    for words in (
        "Tutors will read exactly this",
        "Ada One",
        "555-0142",
        "Spanish",
        "needed",
        "reads slowly",
        "Send it to Tutors",
    ):
        assert words in shown
    assert page(tutor, its)[0] == 404
    assert worker.post(its, {"kind": "send", "based_on": "1"}).status_code == 302
    assert worker.post(its, {"kind": "send", "based_on": "1"}).status_code == 302  # sent twice is sent once
    assert ReferralEvent.objects.count() == 3
    shown = page(tutor, "/students/referrals/")[1]
    for words in ("One referral waits for you", "Ada One", "555-0142", "Accept", "We are full"):
        assert words in shown
    assert "no-store" in tutor.get("/students/referrals/")["Cache-Control"]
    assert tutor.post(its, {"kind": "accept", "based_on": "3"}).status_code == 302
    shown = " ".join(page(worker, f"/students/{PERSON}/")[1].split())
    assert "Accepted; the program calls the family" in shown
    assert "They act next" in shown
    assert tutor.post(its, {"kind": "start", "based_on": "4", "on": str(TODAY)}).status_code == 302
    assert (
        tutor.post(its, {"kind": "end", "based_on": "5", "on": str(TODAY), "reason": "completed"}).status_code
        == 302
    )
    assert "completed the program" in page(worker, its)[1]
    assert worker.post(its, {"kind": "close", "based_on": "6"}).status_code == 302
    assert page(tutor, its)[0] == 404  # what is closed is the receiver's no more
    assert page(worker, its)[0] == 200


def test_a_refused_form_keeps_its_text(tmp_path: Path) -> None:
    support = referring(tmp_path)
    worker = signed_in()
    address = f"/students/{PERSON}/refer/{support}/"
    form = filled(worker, address)
    shown = worker.post(address, {**form, "asked_for": ""})
    assert shown.status_code == 422
    assert "reads slowly" in shown.content.decode()
    agreements.suspend(id="referring-2026", reason="A breach", by=making.reader("officer@harbor.example"))
    kept = worker.post(address, form).content.decode()
    assert "No agreement in effect lets Harbor share this with Tutors" in kept
    assert "reads slowly" in kept
    agreements.resume(id="referring-2026", by=making.reader("officer@harbor.example"))
    supports.close_support(number=support, by=OPERATOR)
    kept = worker.post(address, form).content.decode()
    assert "closed on" in kept
    assert "reads slowly" in kept
    supports.reopen_support(number=support, by=OPERATOR)
    assigning.end_assignments(email=WORKER, record=11, last=TODAY - timedelta(days=1), by=OPERATOR)
    answer = worker.post(address, form)
    assert answer.status_code == 403
    assert "reads slowly" in answer.content.decode()
    assert "You can no longer open" in answer.content.decode()
    assert not Referral.objects.exists()


def test_a_draft_waits_with_its_reason(tmp_path: Path) -> None:
    support = referring(tmp_path)
    id = asked(support)
    worker = signed_in()
    agreements.suspend(id="referring-2026", reason="A breach", by=making.reader("officer@harbor.example"))
    shown = page(worker, f"/students/referrals/{id}/")[1]
    assert "Send it to" not in shown
    assert "No agreement in effect" in shown
    shown = worker.post(f"/students/referrals/{id}/", {"kind": "send", "based_on": "1"}).content.decode()
    assert "555-0142" in shown
    assert stands(id).sent is None
    agreements.resume(id="referring-2026", by=making.reader("officer@harbor.example"))
    # To refer again leads back to the draft, whoever of the team began it.
    shown = page(signed_in(COLLEAGUE), f"/students/{PERSON}/refer/{support}/")[1]
    assert id in shown
    assert DETAILS.best_time in shown


def test_an_answer_that_lacks_something_keeps_its_words(tmp_path: Path) -> None:
    id = sent(referring(tmp_path))
    tutor = signed_in(TUTOR)
    answer = tutor.post(
        f"/students/referrals/{id}/", {"kind": "decline", "based_on": "3", "words": "our bus stops earlier"}
    )
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose the reason" in shown
    assert "our bus stops earlier" in shown
    moved(id, M.ASK_BACK, words="Which days?")
    stale = tutor.post(f"/students/referrals/{id}/", {"kind": "accept", "based_on": "3"})
    assert stale.status_code == 422
    assert "something is missing" not in stale.content.decode()
    assert re.search("Something happened|not possible now", stale.content.decode())


def test_what_the_program_asks_stands_above_the_form_that_answers_it(tmp_path: Path) -> None:
    id = sent(referring(tmp_path))
    assert '<details class="tw-more" open>' not in page(signed_in(TUTOR), f"/students/referrals/{id}/")[1]
    moved(id, M.ASK_BACK, words="Which days?")
    shown = page(signed_in(), f"/students/referrals/{id}/")[1]
    assert re.search(r'“Which days\?”</p>.*?<details class="tw-more" open>', shown, re.S)


def test_full_offers_the_next_that_fit(tmp_path: Path) -> None:
    support = referring(tmp_path)
    other = supports.add_support(
        partner="tutors", said=replace(READING, name="Second Reading"), by=OPERATOR
    ).number
    id = sent(support)
    moved(id, M.FULL)
    shown = page(signed_in(), f"/students/referrals/{id}/")[1]
    assert "The next that fit" in shown
    assert f"/students/{PERSON}/refer/{other}/" in shown
    sent(other)  # side by side
    assert Referral.objects.filter(is_open=True).count() == 2


def test_a_protected_service_sees_three_buttons(tmp_path: Path) -> None:
    id = sent(referring(tmp_path, answers=False))
    Partner.objects.filter(id="tutors").update(stated=["part2"])
    shown = page(signed_in(TUTOR), f"/students/referrals/{id}/")[1]
    assert re.findall(r'name="kind" value="(\w+)"', shown) == ["cannot_say", "connected", "not_connected"]
    moved(id, M.CANNOT_SAY)
    assert "42 CFR part 2" in page(signed_in(), f"/students/referrals/{id}/")[1]


def test_steps_and_mails_name_nobody(tmp_path: Path) -> None:
    id = sent(referring(tmp_path))
    steps = [each for each in open_steps(TODAY) if each.href_args == (id,)]
    assert [(each.waits_for, each.due) for each in steps] == [("tutors", TODAY + timedelta(days=7))]
    (notice,) = reminders_due([actor(TUTOR)], steps, (), TODAY)
    text = reminder_text(notice, "https://example.org") + steps[0].title
    for word in ("Ada", "555", "Harbor"):
        assert word not in text
    assert any(each.step.href_args == (id,) for each in open_to(actor(TUTOR), TODAY))
    for other in ("officer@hub.example", "evaluator@hub.example", WORKER):
        assert not any(each.step.href_args == (id,) for each in open_to(actor(other), TODAY))
    moved(id, M.ASK_BACK, words="Which days?")
    (step,) = [each for each in open_steps(TODAY) if each.href_args == (id,)]
    assert (step.waits_for, step.people) == ("harbor", {WORKER})


def test_leaders_see_counts_by_partner(tmp_path: Path) -> None:
    id = sent(referring(tmp_path))
    leader = signed_in("leader@harbor.example")
    assert "Every referral was answered" in page(leader, "/students/referrals/unanswered/")[1]
    Referral.objects.filter(pk=id).update(sent=TODAY - timedelta(days=31))
    shown = page(leader, "/students/referrals/unanswered/")[1]
    assert "Tutors" in shown
    assert "a few" in shown
    assert "Ada" not in shown
    assert page(leader, f"/students/referrals/{id}/")[0] == 404
    assert page(signed_in(), "/students/referrals/unanswered/")[0] == 404


def test_pages_ask_the_database_little_and_record_each_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "RECENT", 600.0)  # a slow machine asks for the directory again
    support = referring(tmp_path)
    id = sent(support)
    tutor, worker = signed_in(TUTOR), signed_in()
    before = LedgerEntry.objects.count()
    page(tutor, "/students/referrals/")
    assert LedgerEntry.objects.count() == before + 1
    for client, address in ((tutor, "/students/referrals/"), (tutor, f"/students/referrals/{id}/"), (worker, f"/students/referrals/{id}/"),
                            (worker, f"/students/{PERSON}/")):  # fmt: skip
        assert len(asked_again(client, address)) <= MOST, address


def test_what_is_sent_asks_the_database_little(tmp_path: Path) -> None:
    support = referring(tmp_path)
    worker, address = signed_in(), f"/students/{PERSON}/refer/{support}/"
    form = filled(worker, address)
    assert len(asked_again(worker, address)) <= MOST
    assert worker.post(address, form).status_code == 302
    assert len(asked_again(worker, address)) <= MOST  # the draft
    form |= {"based_on": "1", "event_text": "reads slowly, likes dogs"}
    answers = []
    sent = questions(lambda: answers.append(worker.post(address, form)))
    assert len(sent) <= MOST, "\n".join(sql[:90] for sql in sent)
    assert (answers[0].status_code, Referral.objects.get().version) == (302, 2)


@pytest.mark.parametrize(("seats", "offered"), [(0, False), (1, True), (None, True)])
def test_accept_is_offered_only_where_a_seat_may_be_free(
    seats: int | None, offered: bool, tmp_path: Path
) -> None:
    support = referring(tmp_path)
    id = sent(support)
    supports.change_support(number=support, said=replace(READING, seats_open=seats), by=OPERATOR)
    for address in (f"/students/referrals/{id}/", "/students/referrals/"):
        text = page(signed_in(TUTOR), address)[1]
        assert ('value="accept"' in text) is offered
        assert 'value="full"' in text
    text = page(signed_in(TUTOR), f"/students/referrals/{id}/")[1]
    assert ("No seat is free" in text) is not offered
