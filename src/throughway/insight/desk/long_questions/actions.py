"""Hands a long question over, counts it, reads its answer out once more through the gate, and destroys both.

Question and answer are student data: what somebody asks about may name a student. So both rest sealed, under a data key of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.destruction.selectors import is_under_way
from throughway.gate.actions import GovernedAccess, QueryResult, enter, limited_to
from throughway.gate.actions.decisions import current_decision
from throughway.gate.actions.ledger_entries import record_early_refusal
from throughway.gate.held_answer import HeldAnswer
from throughway.insight.desk.answer_limits import COLUMNS, MOST, SHOWN
from throughway.insight.models import LongQuestion
from throughway.partners import Actor
from throughway.partners.asked_work.actions import ask, withdraw
from throughway.partners.asked_work.work import AskedNow, Work
from throughway.partners.selectors import actor
from throughway.store.sealed_text import TextSealer, destroy_key, new_key

KIND = "question"
LASTS = timedelta(hours=24)
MOST_OPEN = 3  # of one person
SECONDS = 120.0  # that one statement may run, as on the command line
MOST_BYTES = 20_000_000  # of one answer that is kept
PASSING = {"busy", "clock"}  # refusals that say nothing against the answer

DESTROYED = (
    "Records were destroyed meanwhile, so every answer that waited to be read was destroyed too. Ask again."
)
ENDED = "An agreement under which it was asked names you no longer, so the question was not kept."
TOO_LARGE = "The answer is too large to be kept; name fewer columns, or shorten long texts."


def hand_over(*, sql: str, access: GovernedAccess) -> int:
    """Asks the background process to count it; returns its number. Refused, and recorded, where this person has as many as one may."""
    from throughway.insight.desk.long_questions.tasks import count_question

    by, now, community = access.actor, datetime.now(UTC), settings.COMMUNITY
    if LongQuestion.objects.filter(by=by.email, until__gt=now).count() >= MOST_OPEN:
        message = (
            f"The question takes long, and you have {MOST_OPEN} such questions already, the most there may be;"
            " cancel one below, or narrow this one."
        )
        raise record_early_refusal(
            Refused(message, code="long_questions"), actor=by, purpose=access.purpose, asked=sql
        )
    agreement = access.agreements[0]
    with new_key(community, agreement) as key:
        sealed = TextSealer(community).seal(sql, agreement=agreement, key=key, place=_place(key, "sql"))
        with transaction.atomic():
            row = LongQuestion.objects.create(
                by=by.email, partner=by.partner or "", purpose=access.purpose, agreement=agreement, agreements=access.agreements,
                key=key, sql=sealed, asked_at=now, until=now + LASTS,
            )  # fmt: skip
            ask(QUESTION, task=count_question, kind=KIND, about=str(row.pk), by=by)
    return row.pk


def _count(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    row = LongQuestion.objects.filter(pk=int(asked.about), gone="").first()
    if row is None:  # canceled, or destroyed
        return COUNTED
    _check_own(row, by)
    access = enter(actor=by, purpose=row.purpose)
    with limited_to(SECONDS):
        # No more is kept than its page shows.
        held = access.hold(text_of(row), most=MOST, rows=SHOWN, columns=COLUMNS)
    content = held.to_bytes()
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE, code="too_large")
    sealed = TextSealer(settings.COMMUNITY).seal_bytes(
        content, agreement=row.agreement, key=row.key, place=_place(row.key, "answer")
    )
    # Nothing is kept of a question that was canceled or destroyed while it was counted.
    LongQuestion.objects.filter(pk=row.pk, gone="").update(answer=sealed, agreements=access.agreements)
    return COUNTED


def _counted(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    """What an earlier start got done: an answer is not counted twice."""
    return COUNTED if LongQuestion.objects.filter(pk=int(asked.about)).exclude(answer=b"").exists() else {}


COUNTED: Mapping[str, Any] = {"found": {"counted": True}}
QUESTION = Work(
    does=_count,
    done_before=_counted,
    running="This question is being counted already.",
    stopped="The work on it was stopped before it was done. Ask again; if it happens again, tell whoever runs the server.",
    broken="The work on it stopped because of an error in the program; tell whoever runs the server.",
)


def read(*, row: LongQuestion, by: Actor) -> tuple[QueryResult, HeldAnswer]:
    """Releases the answer to who asked, decided anew and recorded as an answer of its own. What is refused now is destroyed."""
    if is_under_way():
        raise Refused(
            "Records are being destroyed at this moment; open the answer again in some minutes.", code="busy"
        )
    sealer = TextSealer(settings.COMMUNITY)
    sql = text_of(row)
    held = HeldAnswer.from_bytes(
        sealer.open_bytes(
            bytes(row.answer), agreement=row.agreement, key=row.key, place=_place(row.key, "answer")
        )
    )
    try:
        _check_own(row, by)
        return enter(actor=by, purpose=row.purpose).release(held, sql), held
    except Refused as refused:
        if refused.code not in PASSING:
            _destroy([row], f"It is not shown, and was destroyed. {refused.message}")
        raise


def text_of(row: LongQuestion) -> str:
    """The question as it was asked, for who asked alone."""
    return TextSealer(settings.COMMUNITY).open(
        bytes(row.sql), agreement=row.agreement, key=row.key, place=_place(row.key, "sql")
    )


def cancel(row: LongQuestion) -> None:
    """Destroys the question and its answer, and forgets that it was asked."""
    _forget([row])


def forget_long_questions(gone: Gone) -> Mapping[str, int]:
    """Destroys every one, whoever asked and whatever goes: an answer can hold any record, and can be asked for anew."""
    rows = list(LongQuestion.objects.filter(gone=""))
    _destroy(rows, DESTROYED)
    return {"questions and answers that waited to be read": len(rows)} if rows else {}


def destroy_old(now: datetime) -> int:
    """Destroys what is older than a day, what belongs to an account that is closed or has changed, and what an agreement, a role or a
    training no longer opens; returns how many."""
    old = list(LongQuestion.objects.filter(until__lte=now))
    _forget(old)
    rest = [row for row in LongQuestion.objects.filter(gone="") if not _still_open(row)]
    _destroy(rest, ENDED)
    return len(old) + len(rest)


def _still_open(row: LongQuestion) -> bool:
    """Asks no register of families' choices: these are looked at when the answer is read."""
    try:
        by = actor(row.by)
        _check_own(row, by)
    except Refused:
        return False
    grants = current_decision(by, row.purpose, date.today()).grants
    return set(row.agreements) <= {grant.agreement for grant in grants}


def _check_own(row: LongQuestion, by: Actor) -> None:
    if (by.email, by.partner or "") != (row.by, row.partner):
        raise Refused("Your account acts for another organization than when you asked.", code="not_allowed")


def _destroy(rows: Sequence[LongQuestion], why: str) -> None:
    """Destroys questions and answers; that there were any, and why they went, is told to who asked until they would have ended."""
    LongQuestion.objects.filter(pk__in=[row.pk for row in rows]).update(sql=b"", answer=b"", gone=why)
    _destroy_keys(rows)


def _forget(rows: Sequence[LongQuestion]) -> None:
    with transaction.atomic():
        LongQuestion.objects.filter(pk__in=[row.pk for row in rows]).delete()
        withdraw(KIND, [str(row.pk) for row in rows])
    _destroy_keys(rows)


def _destroy_keys(rows: Iterable[LongQuestion]) -> None:
    for row in rows:
        destroy_key(settings.COMMUNITY, row.agreement, row.key)


def _place(key: str, what: str) -> str:
    return f"long question {key} {what}"
