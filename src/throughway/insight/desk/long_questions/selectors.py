"""The long questions of one person, as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from throughway.core.refusals import Refused
from throughway.insight.desk.long_questions.actions import KIND, QUESTION, text_of
from throughway.insight.models import LongQuestion
from throughway.partners import Actor
from throughway.partners.asked_work.selectors import asked_now
from throughway.partners.asked_work.work import WAITING, AskedNow

WAITS, READY, REFUSED, GONE = "waits", "ready", "refused", "gone"


@dataclass(frozen=True)
class LongQuestionNow:
    """`state`: being counted, its answer can be read, it was refused or stopped, or it was destroyed; `message` says why. `again`: the
    background process was stopped in it and began it anew."""

    row: LongQuestion
    sql: str
    state: str
    message: str
    again: bool

    @property
    def number(self) -> int:
        return self.row.pk

    @property
    def first_line(self) -> str:
        lines = [line for line in self.sql.splitlines() if line.strip()]
        return lines[0].strip() if lines else ""


def long_questions(reader: Actor) -> Sequence[LongQuestionNow]:
    """The reader's own, the newest first."""
    asked = {each.about: each for each in asked_now(QUESTION, KIND, date.today(), by=reader.email)}
    rows = LongQuestion.objects.filter(by=reader.email, until__gt=datetime.now(UTC)).order_by("-pk")
    return [_now(row, asked.get(str(row.pk))) for row in rows]


def long_question(reader: Actor, number: int) -> LongQuestionNow | None:
    """None where the reader asked none of that number, or it has ended."""
    return next((each for each in long_questions(reader) if each.number == number), None)


def _now(row: LongQuestion, asked: AskedNow | None) -> LongQuestionNow:
    again = asked is not None and asked.again
    if row.gone:
        return LongQuestionNow(row, "", GONE, row.gone, again)
    try:
        sql = text_of(row)
    except Refused as lost:  # its key is gone
        return LongQuestionNow(row, "", GONE, lost.message, again)
    if row.answer:
        return LongQuestionNow(row, sql, READY, "", again)
    if asked is not None and asked.state == WAITING:
        return LongQuestionNow(row, sql, WAITS, "", again)
    return LongQuestionNow(row, sql, REFUSED, (asked and asked.message) or QUESTION.stopped, again)
