"""Saves, changes and deletes the questions of an evaluator."""

from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.insight.desk.plain_words import words_of
from throughway.insight.desk.saved_text import check_can_save, check_title
from throughway.insight.models import SavedQuestion
from throughway.partners import Actor
from throughway.partners.selectors import partner_names

MOST = 200  # saved questions of one person


@transaction.atomic
def save_question(*, title: str, sql: str, purpose: str, shared: bool, by: Actor) -> SavedQuestion:
    """Refused where the text could tell who a student is, and where this person has saved as many as one may."""
    _check_names_nobody(title, sql)
    if SavedQuestion.objects.filter(by=by.email).count() >= MOST:
        raise Refused(
            f"You have saved {MOST} questions, the most there may be; delete one first.", code="saved"
        )
    return SavedQuestion.objects.create(
        title=title, sql=sql, purpose=purpose, shared=shared, partner=by.partner or "", by=by.email, changed_at=datetime.now(UTC)
    )  # fmt: skip


@transaction.atomic
def change_question(*, number: int, title: str, sql: str, purpose: str, shared: bool, by: Actor) -> None:
    """Refused where it is not this person's own question, or where the text could tell who a student is."""
    row = _own(number, by)
    _check_names_nobody(title, sql)
    row.title, row.sql, row.purpose, row.shared, row.changed_at = (
        title,
        sql,
        purpose,
        shared,
        datetime.now(UTC),
    )
    row.save()


@transaction.atomic
def delete_question(*, number: int, by: Actor) -> None:
    _own(number, by).delete()


def _check_names_nobody(title: str, sql: str) -> None:
    names, today = words_of([*partner_names(), *partner_names().values()]), date.today()
    check_title(title, names, today)
    check_can_save(sql, names, today=today)


def _own(number: int, by: Actor) -> SavedQuestion:
    row = SavedQuestion.objects.filter(pk=number, by=by.email, partner=by.partner or "").first()
    if row is None:
        raise Refused("There is no such question of yours.", code="unknown_question")
    return row
