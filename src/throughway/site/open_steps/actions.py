"""Sends reminders, and records which were sent."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction

from throughway.casework.student_tasks.selectors import tasks_due
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.selectors import links_given, users
from throughway.site.open_steps.models import Nudge, Reminder
from throughway.site.open_steps.reminders import (
    LINK_SUBJECT,
    REMINDER_SUBJECT,
    MailServer,
    link_text,
    mail_server,
    reminder_text,
    reminders_due,
)
from throughway.site.open_steps.selectors import WaitingStep, key, nudges, open_steps, open_to, reminders_sent

WAIT = 20  # seconds for the mail server
LINKS = timedelta(days=7)  # how long a mail about a link that was given is tried


@dataclass(frozen=True)
class Reminded:
    """`due`: people for whom a reminder was due. `sent`: number of mails sent. `failed`: why the server refused further ones."""

    due: int
    sent: int
    failed: str = ""


def remind(*, on: date, by: Actor) -> Reminded:
    """Sends each person one mail about every step that began to wait, or came nearer to its due day, since the last one; and one about
    each sign-in link that was given for their account, or for one that may sign for their partner.

    What the mail server does not accept is sent by the next run. Refused where no mail server is set, and for everybody but the operator.
    """
    if not by.is_operator:
        raise Refused("Reminders are sent by the operator of the folder; leave --as out.", code="not_allowed")
    server = mail_server(settings.COMMUNITY.settings)
    if server is None:
        raise Refused(
            "This community sends no mail; write its mail server under [mail] in throughway.toml (see docs/operations.md).",
            code="no_mail",
        )
    sent = reminders_sent()
    mails = _link_mails(on, sent, server) + [
        Mail(each.email, each.new, REMINDER_SUBJECT, reminder_text(each, server.page))
        for each in reminders_due(users(), [*open_steps(on), *tasks_due(on)], sent, on, nudges())
    ]
    return _send(mails, server)


def nudge(*, step: str, by: Actor, on: date) -> WaitingStep:
    """Reminds a partner of a step that is late: its people see who asked and when beside the step, and the next mail to them tells of it.
    `step`: its key. Refused where the actor may not see the step, it is not late, or somebody reminded of it today."""
    found = next((each for each in open_to(by, on) if key(each.step) == step), None)
    if found is None:
        raise Refused("That step is no longer open.", code="unknown_step")
    if found.nudged is not None and found.nudged.day >= on:
        raise Refused(
            f"{found.reminded} One reminder a day is enough; its people see it on their home.",
            code="nudged_today",
        )
    if not found.may_be_nudged(by):
        raise Refused(
            "A leader, privacy officer or data steward can send a reminder of a step that is late and waits for others.",
            code="not_allowed",
        )
    try:
        with transaction.atomic():
            Nudge.objects.create(
                step=step, partner=found.step.waits_for, day=on, at=datetime.now(UTC), by=by.email, by_partner=by.partner or ""
            )  # fmt: skip
    except IntegrityError:  # another pressed at the same moment
        raise Refused("Somebody sent a reminder of it a moment ago.", code="nudged_today") from None
    return found


@dataclass(frozen=True)
class Mail:
    """One mail to one person. `new`: the (step, stage) of each thing that it mentions for the first time."""

    email: str
    new: tuple[tuple[str, str], ...]
    subject: str
    body: str


def _link_mails(on: date, sent: set[tuple[str, str, str]], server: MailServer) -> list[Mail]:
    found = []
    for link in links_given(on - LINKS):
        key = (f"link {link.number}", "given")
        for email in sorted(link.recipients):
            if (email, *key) not in sent:
                found.append(Mail(email, (key,), LINK_SUBJECT, link_text(email == link.email, server.home)))
    return found


def _send(mails: Sequence[Mail], server: MailServer) -> Reminded:
    sent = 0
    connection = _connection(server)
    try:
        if mails:
            connection.open()  # one sign-in at the server for all
        for mail in mails:
            sent += _send_one(mail, server, connection)
    except (smtplib.SMTPException, OSError) as error:
        return Reminded(len(mails), sent, type(error).__name__)
    finally:
        connection.close()
    return Reminded(len(mails), sent)


def _send_one(mail: Mail, server: MailServer, connection: BaseEmailBackend) -> bool:
    """Records the reminder and sends it, both or neither; False where another run has sent it first."""
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            Reminder.objects.bulk_create(
                Reminder(email=mail.email, step=step, stage=stage, at=now) for step, stage in mail.new
            )
            EmailMessage(mail.subject, mail.body, server.sender, [mail.email], connection=connection).send()
    except IntegrityError:
        return False
    return True


def _connection(server: MailServer) -> BaseEmailBackend:
    found: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=server.host, port=server.port, username=server.user,
        password=server.password, use_tls=server.security == "starttls", use_ssl=server.security == "tls", timeout=WAIT,
    )  # fmt: skip
    return found
