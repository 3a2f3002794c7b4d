"""The reminders due on a day, their text, and the mail server."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.partners.actor import Actor
from throughway.partners.open_step import SOON, OpenStep
from throughway.site.open_steps.selectors import Nudged, WaitingStep, key
from throughway.store.settings_file import SettingsFile

LATE_EVERY = 7  # days between reminders of a step whose day has passed
OPEN_EVERY = 14  # days between reminders of a step that has no due day
NUDGED_FOR = timedelta(days=7)  # how long a mail about a press is tried
REMINDER_SUBJECT = "Something waits for you in Throughway · Algo le espera en Throughway"
LINK_SUBJECT = "A sign-in link was given · Se dio un enlace de acceso"
PASSWORD = "THROUGHWAY_MAIL_PASSWORD"  # in the environment; never in a file
PORTS = {"starttls": 587, "tls": 465, "none": 25}


def stage(step: OpenStep, on: date) -> str:
    """The last day on which a reminder of this step fell due, as a name that changes when the next one does.

    A reminder is sent when a step begins to wait, SOON days before its due day, on that day, and every LATE_EVERY days after it;
    one without a due day every OPEN_EVERY days.
    """
    left = None if step.due is None else (step.due - on).days
    if left is None:
        return f"open {max(0, (on - step.since).days) // OPEN_EVERY}"
    if left > SOON:
        return "new"
    if left > 0:
        return "soon"
    return f"late {-left // LATE_EVERY}"


@dataclass(frozen=True)
class ReminderNotice:
    """What one person is reminded of. `new`: the (key, stage) of each step that is mentioned for the first time; `waiting` and
    `late` count all that waits for the person."""

    email: str
    new: tuple[tuple[str, str], ...]
    waiting: int
    late: int


def reminders_due(
    people: Iterable[Actor],
    steps: Sequence[OpenStep],
    sent: Collection[tuple[str, str, str]],
    on: date,
    nudges: Mapping[str, Nudged] = {},
) -> list[ReminderNotice]:
    """One notice for each person with a step that reached a new stage, or of which somebody reminded. `sent`: (email, key, stage) of every
    reminder so far; `nudges`: the newest by key."""
    asked = {name: each.day for name, each in nudges.items() if on - each.day < NUDGED_FOR}
    found = []
    for person in people:
        own = [s for s in steps if s.is_for(person)]
        stages = dict.fromkeys((key(s), stage(s, on)) for s in own)
        stages |= {(name, f"nudged {asked[name]}"): None for s in own if (name := key(s)) in asked}
        new = tuple(each for each in stages if (person.email, *each) not in sent)
        if new:
            late = sum(WaitingStep(s, on).is_overdue for s in own)
            found.append(ReminderNotice(person.email, new, len(own), late))
    return found


def reminder_text(notice: ReminderNotice, address: str) -> str:
    """The body, in English and in Spanish; `address` is the page of open steps."""
    return (
        f"{_reminder_in_english(notice)}\n\n{address}\n\n—\n\n{_reminder_in_spanish(notice)}\n\n{address}\n"
    )


def link_text(own: bool, address: str) -> str:
    """The body about a sign-in link: to the account's holder (`own`), or to others of its partner."""
    english, spanish = _OWN_LINK if own else _OTHERS_LINK
    return f"{english}\n\n{address}\n\n—\n\n{spanish}\n\n{address}\n"


_OWN_LINK = (
    "A sign-in link was given for your account in Throughway. Whoever opens it first chooses a new passphrase, and the old one no "
    "longer opens. If you did not ask for it, tell your organization's privacy officer and the operator of the site at once.",
    "Se dio un enlace de acceso para su cuenta de Throughway. Quien lo abra primero elige una contraseña nueva, y la anterior ya no "
    "sirve. Si usted no lo pidió, avise de inmediato a la persona encargada de privacidad de su organización y a quien opera el sitio.",
)
_OTHERS_LINK = (
    "A sign-in link was given for an account of your organization: one that may sign agreements for it, or one for which somebody "
    "outside of it gave the link or asked for it. Sign in to see for whom, by whom and who asked for it:",
    "Se dio un enlace de acceso para una cuenta de su organización: una que puede firmar acuerdos por ella, o una cuyo enlace dio o "
    "pidió alguien de fuera. Inicie sesión para ver para quién, quién lo dio y quién lo pidió:",
)


def _reminder_in_english(notice: ReminderNotice) -> str:
    one = notice.waiting == 1
    count = "One step waits" if one else f"{notice.waiting} steps wait"
    late = (
        "."
        if not notice.late
        else ", and it is overdue."
        if one
        else f"; {notice.late} {'is' if notice.late == 1 else 'are'} overdue."
    )
    return f"{count} for you{late} This mail does not say what it is about; sign in to read and answer:"


def _reminder_in_spanish(notice: ReminderNotice) -> str:
    one = notice.waiting == 1
    count = "Un paso le espera" if one else f"{notice.waiting} pasos le esperan"
    late = (
        "."
        if not notice.late
        else "; su plazo ya pasó."
        if one
        else f"; de ellos, {notice.late} con el plazo vencido."
    )
    return f"{count}{late} Este correo no dice de qué se trata; inicie sesión para leer y responder:"


@dataclass(frozen=True)
class MailServer:
    """The mail server, the sender, and the URLs in the mail: of the open steps, and of the home page."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    home: str

    @property
    def page(self) -> str:
        return f"{self.home}open-steps/"


def mail_server(settings: SettingsFile) -> MailServer | None:
    """The mail server in the settings; None where the community sends no mail."""
    mail = settings.mail
    if mail is None:
        return None
    port = mail.port or PORTS[mail.security]
    password = os.environ.get(PASSWORD, "")
    return MailServer(
        mail.host, port, mail.security, mail.user, password, mail.sender, f"{settings.site.home}/"
    )
