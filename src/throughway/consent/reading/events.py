"""Decisions as arrays, read once and then only what came since; and what holds on a day."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection

from throughway.consent.holders import NEVER, Transfers
from throughway.consent.models import ConsentEvent
from throughway.consent.state import NOTHING, Events, Words, chosen, together
from throughway.consent.words import ANY, STUDENT, Decision
from throughway.partners.moment import once

Stamp = tuple[str, int, datetime | None]
FIELDS = (
    "id",
    "partner",
    "agreement",
    "purpose",
    "record",
    "holder",
    "signed_on",
    "expires",
    "decision",
    "relation",
)
KEPT = 64


@once
def stamp() -> Stamp:
    """Changes with every event. Events are written one writer after another, so that the last one tells of all; its moment
    tells apart numbers that were rolled back and given anew."""
    last = ConsentEvent.objects.order_by("-id").values_list("id", "at").first()
    return (str(connection.settings_dict["NAME"]), *(last or (0, None)))


@dataclass(frozen=True, eq=False)
class _Held:
    """Everything up to one stamp; `places` are the rows of one (partner, agreement, purpose)."""

    stamp: Stamp
    events: Events
    places: dict[tuple[str, str, str], list[int]]


_held: _Held | None = None
_WORDS: OrderedDict[tuple[object, ...], tuple[Transfers, Words]] = OrderedDict()


def words(agreement: str, purpose: str, discloser: str, on: date, transfers: Transfers) -> Words:
    """Whose consent, refusal and opt-out stand on that day, for one purpose of an agreement, or for any of it (`*`).

    Any: whoever consented to one purpose at least, and is refused for all.
    """
    held = _up_to_date()
    key = (held.stamp, agreement, purpose, discloser, on)
    known = _WORDS.get(key)
    if known is None or known[0] is not transfers:
        known = _WORDS[key] = (transfers, _words(held, agreement, purpose, discloser, on, transfers))
        while len(_WORDS) > KEPT:
            _WORDS.popitem(last=False)
    return known[1]


def _words(
    held: _Held, agreement: str, purpose: str, discloser: str, on: date, transfers: Transfers
) -> Words:
    asked = {
        p: held.events.only(np.array(places, dtype=np.int64))
        for (d, a, p), places in held.places.items()
        if (d, a) == (discloser, agreement) and (purpose == ANY or p in (purpose, ANY))
    }
    return chosen(asked, purpose, on, transfers)


def _up_to_date() -> _Held:
    global _held
    now, known = stamp(), _held
    if known is not None and known.stamp == now:
        return known
    # Events are never changed, so of the same database only later ones are read.
    same = known is not None and known.stamp[0] == now[0] and _still_there(known.stamp)
    before = known if same and known is not None else _Held(("", 0, None), NOTHING, {})
    rows = list(
        ConsentEvent.objects.filter(id__gt=before.stamp[1], id__lte=now[1])
        .order_by("id")
        .values_list(*FIELDS)
    )
    first = len(before.events.record)
    places = {key: list(of_one) for key, of_one in before.places.items()}
    for place, (_, partner, agreement, purpose, *_) in enumerate(rows, start=first):
        places.setdefault((partner, agreement, purpose), []).append(place)
    _held = _Held(now, together(before.events, _as_events(rows)), places)
    return _held


def _still_there(known: Stamp) -> bool:
    _, last, moment = known
    return moment is not None and ConsentEvent.objects.filter(id=last, at=moment).exists()


def _as_events(rows: Sequence[tuple[object, ...]]) -> Events:
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    *_, record, holder, signed, expires, decision, relation = columns
    return Events(
        record=np.array(record, dtype=np.int64),
        holder=np.array(holder, dtype=np.int64),
        signed=np.array([d.toordinal() for d in signed], dtype=np.int64),
        until=np.array([d.toordinal() if d else NEVER for d in expires], dtype=np.int64),
        refuses=np.array([d != Decision.YES for d in decision], dtype=np.bool_),
        student=np.array([r in STUDENT for r in relation], dtype=np.bool_),
    )
