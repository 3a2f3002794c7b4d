"""Writes needs of students: which, since when and who said so, and how a need ends."""

from datetime import date

from throughway.casework.needs.need import NeedSource, NeedState, check_change
from throughway.casework.needs.selectors import NEEDS
from throughway.casework.typed_entries.actions import Values, save_entry
from throughway.partners.actor import Actor


def save_need(
    *, person: int, purpose: str, need: str, based_on: int, kind: str, since: date, source: NeedSource, text: str, by: Actor
) -> None:  # fmt: skip
    """Writes a new need, or what is known of it; see `save_entry`. Refused (usage) where it may not be noted."""
    values = {
        "program_subtype": kind,
        "need_since": since,
        "need_source": str(source),
        "need_text": text,
    }
    if not based_on:
        values["need_state"] = str(NeedState.OPEN)
    _save(person, purpose, need, based_on, values, by)


def set_need_state(
    *, person: int, purpose: str, need: str, based_on: int, state: NeedState, by: Actor
) -> None:
    """Closes a need as met, as no longer there or as noted by mistake, or opens it again."""
    _save(person, purpose, need, based_on, {"need_state": str(state)}, by)


def _save(person: int, purpose: str, need: str, based_on: int, values: Values, by: Actor) -> None:
    save_entry(
        NEEDS,
        person=person,
        purpose=purpose,
        entry=need,
        based_on=based_on,
        values=values,
        by=by,
        check=lambda before, after: check_change(before, after, date.today()),
    )
