"""Sending reminders: the one thing that this room writes."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction

from throughway.coordination.letter import SUBJECT, letter
from throughway.coordination.models import Reminder
from throughway.coordination.post import Post, post
from throughway.coordination.reading import open_steps, told
from throughway.coordination.reminding import Notice, notices
from throughway.partners.actor import Actor
from throughway.partners.reading import users
from throughway.refusals import Refused

WAIT = 20  # seconds for the mail server


@dataclass(frozen=True)
class Reminded:
    """`due`: people for whom a reminder was due. `sent`: to how many it went. `failed`: why the server took no more."""

    due: int
    sent: int
    failed: str = ""


def remind(*, on: date, by: Actor) -> Reminded:
    """Sends each person one mail about all that began to wait, or came nearer to its day, since the last one.

    What the server does not take is not written down, so that the next run sends it. Refused where the community has said
    no mail server, or may not ask.
    """
    if not by.is_operator:
        raise Refused("Reminders are sent by the operator of the folder; leave --as out.", code="not_allowed")
    way = post(settings.COMMUNITY.settings)
    if way is None:
        raise Refused(
            "This community sends no mail; write its mail server under [mail] in throughway.toml (see docs/operations.md).",
            code="no_mail",
        )
    due = notices(users(), open_steps(on), told(), on)
    return _send(due, way)


def _send(due: Sequence[Notice], way: Post) -> Reminded:
    sent = 0
    connection = _connection(way)
    try:
        for notice in due:
            sent += _send_one(notice, way, connection)
    except (smtplib.SMTPException, OSError) as error:
        return Reminded(len(due), sent, type(error).__name__)
    finally:
        connection.close()
    return Reminded(len(due), sent)


def _send_one(notice: Notice, way: Post, connection: BaseEmailBackend) -> bool:
    """Writes that the person was told, then sends; neither without the other. Another run that told them first wins."""
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            Reminder.objects.bulk_create(
                Reminder(email=notice.email, step=step, stage=stage, at=now) for step, stage in notice.told
            )
            mail = EmailMessage(
                SUBJECT, letter(notice, way.page), way.sender, [notice.email], connection=connection
            )
            mail.send()
    except IntegrityError:
        return False
    return True


def _connection(way: Post) -> BaseEmailBackend:
    found: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=way.host, port=way.port, username=way.user,
        password=way.password, use_tls=way.security == "starttls", use_ssl=way.security == "tls", timeout=WAIT,
    )  # fmt: skip
    return found
