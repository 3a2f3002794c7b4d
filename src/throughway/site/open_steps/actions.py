"""Sending reminders: the one thing that this room writes."""

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.selectors import links_given, users
from throughway.site.open_steps.letter import LINK_SUBJECT, SUBJECT, letter, link_letter
from throughway.site.open_steps.mail import MailServer, post
from throughway.site.open_steps.models import Reminder
from throughway.site.open_steps.reminders import ReminderNotice, notices
from throughway.site.open_steps.selectors import open_steps, told

WAIT = 20  # seconds for the mail server
LINKS = timedelta(days=7)  # how long a mail about a link that was given is tried


@dataclass(frozen=True)
class Reminded:
    """`due`: people for whom a reminder was due. `sent`: to how many it went. `failed`: why the server took no more."""

    due: int
    sent: int
    failed: str = ""


def remind(*, on: date, by: Actor) -> Reminded:
    """Sends each person one mail about all that began to wait, or came nearer to its day, since the last one; and one about each
    sign-in link that was given for their account, or for one that may sign for their partner.

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
    sent_before = told()
    due = [
        *_about_links(on, sent_before, way),
        *map(_reminder(way), notices(users(), open_steps(on), sent_before, on)),
    ]
    return _send(due, way)


@dataclass(frozen=True)
class Mail:
    """One mail to one person. `told`: the (step, stage) of each thing that it tells of for the first time."""

    email: str
    told: tuple[tuple[str, str], ...]
    subject: str
    body: str


def _reminder(way: MailServer) -> Callable[[ReminderNotice], Mail]:
    return lambda notice: Mail(notice.email, notice.told, SUBJECT, letter(notice, way.page))


def _about_links(on: date, sent: set[tuple[str, str, str]], way: MailServer) -> list[Mail]:
    found = []
    for link in links_given(on - LINKS):
        key = (f"link {link.number}", "given")
        for email in sorted(link.told):
            if (email, *key) not in sent:
                found.append(Mail(email, (key,), LINK_SUBJECT, link_letter(email == link.email, way.home)))
    return found


def _send(due: Sequence[Mail], way: MailServer) -> Reminded:
    sent = 0
    connection = _connection(way)
    try:
        for mail in due:
            sent += _send_one(mail, way, connection)
    except (smtplib.SMTPException, OSError) as error:
        return Reminded(len(due), sent, type(error).__name__)
    finally:
        connection.close()
    return Reminded(len(due), sent)


def _send_one(mail: Mail, way: MailServer, connection: BaseEmailBackend) -> bool:
    """Writes that the person was told, then sends; neither without the other. Another run that told them first wins."""
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            Reminder.objects.bulk_create(
                Reminder(email=mail.email, step=step, stage=stage, at=now) for step, stage in mail.told
            )
            EmailMessage(mail.subject, mail.body, way.sender, [mail.email], connection=connection).send()
    except IntegrityError:
        return False
    return True


def _connection(way: MailServer) -> BaseEmailBackend:
    found: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=way.host, port=way.port, username=way.user,
        password=way.password, use_tls=way.security == "starttls", use_ssl=way.security == "tls", timeout=WAIT,
    )  # fmt: skip
    return found
