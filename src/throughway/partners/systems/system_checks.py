"""Whether what is said of a data system can stand, and what a file or a form says of one."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from throughway.core.refusals import Refused, nearest
from throughway.partners.systems.holdings import Holding, holdings_of, together
from throughway.partners.systems.system import Refresh, Regime, SystemStatement

LONGEST = 200
LONGEST_NOTE = 2000
W = TypeVar("W", bound=StrEnum)
PARTS = ("name", "owner", "steward", "regime", "refresh", "note", "holdings")


def checked(said: SystemStatement, *, offices: bool = True) -> SystemStatement:
    """The same, trimmed; Refused with one sentence when something is missing, too long, or no office."""
    name, owner, steward, note = (_plain(text) for text in (said.name, said.owner, said.steward, said.note))
    if not name:
        raise Refused("A data system needs a name, such as Student information system.", code="missing_name")
    for what, text in (("owner", owner), ("steward", steward)):
        if offices and not text:
            raise Refused(
                f"Name the {what} of {_short(name)}: an office, such as Office of technology.",
                code=f"missing_{what}",
            )
        if "@" in text:
            raise Refused(
                f"The {what} of {_short(name)} is an e-mail address; name an office, for people come and go.",
                code="no_office",
            )
    if max(map(len, (name, owner, steward))) > LONGEST or len(note) > LONGEST_NOTE:
        raise Refused(
            f"Names of a system and its offices have at most {LONGEST} characters, a note {LONGEST_NOTE:,}; shorten {_short(name)}.",
            code="too_long",
        )
    if said.regime is Regime.OTHER and not note:
        raise Refused(f"{_short(name)} is under another law; name the law in the note.", code="missing_note")
    if not said.holdings:
        raise Refused(f"Say what {_short(name)} holds: at least one element.", code="no_holdings")
    return SystemStatement(name, owner, steward, said.regime, said.refresh, note, together(said.holdings))


def word(kind: type[W], value: object, *, where: str, what: str) -> W:
    """The word of a list; Refused, naming the list and the nearest, when it is none."""
    text = str(value if value is not None else "").strip().lower()
    if text in set(kind):
        return kind(text)
    near = nearest(text, [each.value for each in kind])
    hint = f"; the nearest is {near[0]}" if near else ""
    raise Refused(f"{where} has no {what} that is known{hint}; choose {', '.join(kind)}.", code=f"bad_{what}")


def said_of(values: Mapping[str, object], *, where: str) -> SystemStatement:
    """What plain values of a file say; `where` begins the sentence of a refusal."""
    unknown = sorted(values.keys() - {*PARTS})
    if unknown:
        near = nearest(unknown[0], PARTS)
        raise Refused(
            f"{where} has a field {ascii(unknown[0])[1:-1][:60]}, which a system does not have{f'; {near[0]} is meant perhaps' if near else ''}.",
            code="bad_field",
        )
    texts = {part: _text(values.get(part), where, part) for part in ("name", "owner", "steward", "note")}
    listed = values.get("holdings")
    if not isinstance(listed, list):
        raise Refused(f"{where} needs holdings: a list of elements with from and to.", code="no_holdings")
    holdings: list[Holding] = []
    for place, each in enumerate(listed, 1):
        holdings += _holding(each, f"{where}, holding {place},")
    return SystemStatement(
        **texts, regime=word(Regime, values.get("regime"), where=where, what="regime"),
        refresh=word(Refresh, values.get("refresh"), where=where, what="refresh"), holdings=tuple(holdings),
    )  # fmt: skip


def day(value: object, *, where: str) -> date | None:
    """The day, None where there is none; Refused when it cannot be read."""
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    try:
        if len(text) != len("2026-09-01"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{where} has a day that cannot be read; write it as 2026-09-01.", code="bad_day"
        ) from None


def _holding(value: object, where: str) -> tuple[Holding, ...]:
    if isinstance(value, str):
        value = {"element": value}
    if not isinstance(value, Mapping) or not {"element"} <= value.keys() <= {"element", "from", "to"}:
        raise Refused(
            f"{where} is not of the shape {{element: table.column, from: day, to: day}}.", code="bad_holding"
        )
    first, last = day(value.get("from"), where=where), day(value.get("to"), where=where)
    return holdings_of(str(value["element"]).strip(), first, last, where=where)


def _text(value: object, where: str, part: str) -> str:
    if isinstance(value, (list, Mapping, bool)):
        raise Refused(f"{where} has a list or a section as its {part}; write a text.", code="bad_field")
    return "" if value is None else str(value)


def _plain(text: str) -> str:
    """Without blanks at its ends, and without characters that no database keeps or no screen shows."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise Refused(
            "A text of a data system holds half a character or a NUL; type it again.", code="bad_text"
        )
    return text.strip()


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
