"""Decisions as arrays, read once and then only what came since; and what holds on a day."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from throughway.consent.consent_state import (
    NOTHING,
    ConsentStatus,
    Events,
    status_for_purpose,
    together,
    without_limited_signers,
)
from throughway.consent.enums import ANY, STUDENT, ConsentDecision
from throughway.consent.limits import LimitKind, RightsLimit
from throughway.consent.models import ConsentEvent
from throughway.consent.right_holders import NEVER, Transfers
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.adults import Adult, files_of, same_adults
from throughway.consent.selectors.rights_requests import (
    FamilyStatement,
    every_statement,
    limits_of,
    without_rights,
)
from throughway.partners.request_cache import cached_per_request

Stamp = tuple[str, int, object, str | None]  # moments as the database gives them
Placed = tuple[int | None, int | None]
FIELDS = ("purpose", "record", "holder", "signed_on", "expires", "decision", "relation")
KEPT = 64


# Plain SQL, since every disclosure asks it twice: what models ask takes twenty times as long.
NEWEST = """
SELECT (SELECT max(id) FROM consent_consentevent),
       (SELECT at FROM consent_consentevent ORDER BY id DESC LIMIT 1),
       (SELECT id || ' ' || at FROM consent_rightevent WHERE about = %s ORDER BY id DESC LIMIT 1),
       (SELECT max(w.event_id) FROM consent_rightwords w JOIN consent_rightevent e ON e.id = w.event_id WHERE e.step = 'statement'),
       (SELECT count(*) FROM consent_rightwords w JOIN consent_rightevent e ON e.id = w.event_id WHERE e.step = 'statement')
"""


@cached_per_request
def _newest() -> tuple[Stamp, Placed]:
    """Of decisions, limits and statements the newest, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [RightsSubject.LIMIT.value])
        id, at, limit, statement, many = cursor.fetchone()
    return (str(connection.settings_dict["NAME"]), id or 0, at, limit), (statement, many)


def consent_stamp() -> Stamp:
    """Changes with every event, and with every limit on an adult. Events are written one writer after another, so that the last
    one tells of all; its moment tells apart numbers that were rolled back and given anew."""
    return _newest()[0]


def statements(partners: Collection[str]) -> list[FamilyStatement]:
    """The statements that go along with these partners' records (34 CFR 99.21(c)); read anew when one is placed, or goes with the
    records."""
    newest, placed = _newest()
    if not placed[0]:
        return []
    key = (newest[0], *placed)
    known = _PLACED.get(key)
    if known is None:
        _PLACED.clear()
        known = _PLACED[key] = every_statement()
    return [each for each in known if each.partner in partners]


_PLACED: dict[tuple[object, ...], list[FamilyStatement]] = {}


@dataclass(frozen=True, eq=False)
class _Held:
    """By purpose, what was said up to one stamp of one partner's records under one agreement: on one purpose and on all, or on
    each."""

    stamp: Stamp
    by_purpose: dict[str, Events]


_HELD: OrderedDict[tuple[str, str, str], _Held] = OrderedDict()
_WORDS: OrderedDict[tuple[object, ...], tuple[Transfers, ConsentStatus]] = OrderedDict()


def consent_status(
    agreement: str, purpose: str, discloser: str, on: date, transfers: Transfers
) -> ConsentStatus:
    """Whose consent, refusal and opt-out stand on that day, for one purpose of an agreement, or for any of it (`*`).

    Any: whoever consented to one purpose at least, and is refused for all.
    """
    held = _up_to_date(discloser, agreement, purpose)
    elsewhere = _limited_elsewhere(held.stamp, discloser, on)
    key = (held.stamp, agreement, purpose, discloser, on, elsewhere)
    known = _WORDS.get(key)
    if known is None or known[0] is not transfers:
        silent = without_rights(discloser, on)
        heard = {
            name: without_limited_signers(without_limited_signers(events, silent), elsewhere, also_no=False)
            for name, events in held.by_purpose.items()
        }
        known = _WORDS[key] = (transfers, status_for_purpose(heard, purpose, on, transfers))
        while len(_WORDS) > KEPT:
            _WORDS.popitem(last=False)
    return known[1]


def limits_on(records: Collection[int], on: date) -> list[RightsLimit]:
    """The limits that hold on the day for any adult of any of these records."""
    return [each for each in _limits(consent_stamp()) if each.record in records and each.on(on)]


def _limits(now: Stamp) -> Sequence[RightsLimit]:
    """Every limit, read anew with each that is recorded or lifted."""
    if now[3] is None:
        return ()
    if now not in _LIMITS:
        _LIMITS.clear()
        _LIMITS[now] = limits_of()
    return _LIMITS[now]


_LIMITS: dict[Stamp, list[RightsLimit]] = {}
_ELSEWHERE: OrderedDict[tuple[object, ...], frozenset[Adult]] = OrderedDict()


def _limited_elsewhere(now: Stamp, partner: str, on: date) -> frozenset[Adult]:
    """Adults whose rights an order takes on another record of the same student: their yes does not count, their no does."""
    standing = [each for each in _limits(now) if each.kind is LimitKind.RIGHTS and each.on(on)]
    if not standing:
        return frozenset()
    # Names that come in are a new file; a withdrawal adds none, so that the next read is quick.
    key = (now[0], now[3], partner, on, *files_of(partner))
    if key not in _ELSEWHERE:
        _ELSEWHERE[key] = same_adults(standing, partner)
        while len(_ELSEWHERE) > KEPT:
            _ELSEWHERE.popitem(last=False)
    return _ELSEWHERE[key]


def _up_to_date(partner: str, agreement: str, purpose: str) -> _Held:
    now, known = consent_stamp(), _HELD.get((partner, agreement, purpose))
    if known is not None and known.stamp == now:
        return known
    # Events are never changed, so of the same database only later ones are read.
    same = known is not None and known.stamp[0] == now[0] and _still_there(known.stamp)
    before = known if same and known is not None else _Held(("", 0, None, None), {})
    found = ConsentEvent.objects.filter(
        partner=partner, agreement=agreement, id__gt=before.stamp[1], id__lte=now[1]
    )
    if purpose != ANY:
        found = found.filter(purpose__in=(purpose, ANY))
    by_purpose: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for about, *rest in found.order_by("id").values_list(*FIELDS):
        by_purpose[about].append((*rest,))
    later = {name: _as_events(rows) for name, rows in by_purpose.items()}
    both = {
        name: together(before.by_purpose.get(name, NOTHING), later.get(name, NOTHING))
        for name in {*before.by_purpose, *later}
    }
    held = _HELD[partner, agreement, purpose] = _Held(now, both)
    while len(_HELD) > KEPT:
        _HELD.popitem(last=False)
    return held


def _still_there(known: Stamp) -> bool:
    _, last, moment, _ = known
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM consent_consentevent WHERE id = %s", [last])
        return moment is not None and cursor.fetchone() == (moment,)


def _as_events(rows: Sequence[tuple[Any, ...]]) -> Events:
    record, holder, signed, expires, decision, relation = zip(*rows, strict=True)
    days = {day: day.toordinal() if day else NEVER for day in {*signed, *expires}}
    return Events(
        record=np.array(record, dtype=np.int64),
        holder=np.array(holder, dtype=np.int64),
        signed=np.array([days[day] for day in signed], dtype=np.int64),
        until=np.array([days[day] for day in expires], dtype=np.int64),
        refuses=np.array([said != ConsentDecision.YES for said in decision], dtype=np.bool_),
        student=np.array([said in STUDENT for said in relation], dtype=np.bool_),
    )
