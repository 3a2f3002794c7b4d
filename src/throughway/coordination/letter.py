"""The words of a reminder. A mail travels outside the house: it names no agreement, no partner and no student, and says only
how much waits and where to look."""

from throughway.coordination.reminding import Notice

SUBJECT = "Something waits for you in Throughway · Algo le espera en Throughway"


def letter(notice: Notice, address: str) -> str:
    """The body, in English and in Spanish; `address` is the page of open steps."""
    return f"{_english(notice)}\n\n{address}\n\n—\n\n{_spanish(notice)}\n\n{address}\n"


def _english(notice: Notice) -> str:
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


def _spanish(notice: Notice) -> str:
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
