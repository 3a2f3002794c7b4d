"""The words of a reminder. A mail travels outside the house: it names no agreement, no partner and no student, and says only
how much waits and where to look."""

from throughway.site.open_steps.reminders import ReminderNotice

SUBJECT = "Something waits for you in Throughway · Algo le espera en Throughway"


def letter(notice: ReminderNotice, address: str) -> str:
    """The body, in English and in Spanish; `address` is the page of open steps."""
    return f"{_english(notice)}\n\n{address}\n\n—\n\n{_spanish(notice)}\n\n{address}\n"


LINK_SUBJECT = "A sign-in link was given · Se dio un enlace de acceso"


def link_letter(own: bool, address: str) -> str:
    """The body about a sign-in link: to the account's holder (`own`), or to others of its partner."""
    english, spanish = _OWN if own else _OTHERS
    return f"{english}\n\n{address}\n\n—\n\n{spanish}\n\n{address}\n"


_OWN = (
    "A sign-in link was given for your account in Throughway. Whoever opens it first chooses a new passphrase, and the old one no "
    "longer opens. If you did not ask for it, tell your organization's privacy officer and the operator of the site at once.",
    "Se dio un enlace de acceso para su cuenta de Throughway. Quien lo abra primero elige una contraseña nueva, y la anterior ya no "
    "sirve. Si usted no lo pidió, avise de inmediato a la persona encargada de privacidad de su organización y a quien opera el sitio.",
)
_OTHERS = (
    "A sign-in link was given for an account that may sign agreements for your organization. Sign in to see for whom, by whom and "
    "who asked for it:",
    "Se dio un enlace de acceso para una cuenta que puede firmar acuerdos por su organización. Inicie sesión para ver para quién, "
    "quién lo dio y quién lo pidió:",
)


def _english(notice: ReminderNotice) -> str:
    one = notice.waiting == 1
    count = "One step waits" if one else f"{notice.waiting} steps wait"
    late = (
        "."
        if not notice.late
        else ", and its day has passed."
        if one
        else f"; of {notice.late} the day has passed."
    )
    return f"{count} for you{late} This mail does not say what it is about; sign in to read and answer:"


def _spanish(notice: ReminderNotice) -> str:
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
