"""What the directory answers, and what in it waits for its partners."""

from collections.abc import Collection, Sequence
from datetime import date
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection

from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.measures.needs import Need, NeedRules, rules_of
from throughway.measures.policy import community_policy
from throughway.partners.open_step import OpenStep
from throughway.partners.register_stamps import RegisterStamp
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import partner_names
from throughway.supports.entry import SupportEntry, SupportStatement, from_json
from throughway.supports.matching import SupportMatches, match
from throughway.supports.models import DirectoryEntry, DirectoryEvent
from throughway.supports.permissions import KEEPERS
from throughway.supports.student import Tables, visible_student

RECENT = 2.0  # seconds
_STAMP = RegisterStamp("max(id)", "max(at)", "count(*)", table=DirectoryEvent._meta.db_table)
_ENTRIES = Cache[tuple[SupportEntry, ...]](4)
_LATELY: list[tuple[tuple[str, object], float, Sequence[SupportEntry]]] = []


@cached_per_request
def entries() -> Sequence[SupportEntry]:
    """Every entry, closed ones included, by name; read anew when an event was added."""
    key = (_STAMP.now(), tuple(sorted(partner_names().items())))
    return _ENTRIES.of(key, _read)


def _read() -> tuple[SupportEntry, ...]:
    names = partner_names()
    return tuple(
        entry_of(row, names.get(row.partner_id, row.partner_id))
        for row in DirectoryEntry.objects.order_by("name", "id")
    )


def recent_entries() -> Sequence[SupportEntry]:
    """The entries as they were a moment ago, for a page that asks much else of the database: at most RECENT seconds old."""
    where = (str(settings.COMMUNITY.root), connection.settings_dict["NAME"])
    for known, at, found in _LATELY:
        if known == where and monotonic() - at <= RECENT:
            return found
    found = entries()
    _LATELY[:] = [(where, monotonic(), found)]
    return found


def forget_recent_entries() -> None:
    _LATELY.clear()


def entry_of(row: DirectoryEntry, partner_name: str = "") -> SupportEntry:
    return SupportEntry(
        row.pk,
        str(row.key),
        row.partner_id,
        partner_name or row.partner.name,
        row.statement,
        row.confirmed,
        row.closed,
        row.changed,
    )


def entry(number: int) -> SupportEntry:
    """The entry of that number; Refused (unknown_support) when there is none."""
    found = next((each for each in entries() if each.number == number), None)
    if found is None:
        raise Refused("The directory has no such entry; go back to the list.", code="unknown_support")
    return found


def public_entries(on: date) -> list[SupportEntry]:
    """What everybody may see: open entries whose partner made them public and stands by them."""
    return [each for each in entries() if each.said.public and not each.closed and each.is_confirmed(on)]


def free_seats_by_program(on: date) -> dict[str, int | None]:
    """By program of the directory, the seats that are free today; None where its partner does not state them. A program of which every
    season has ended is left out: it has no seats."""
    found: dict[str, int | None] = {}
    for each in recent_entries():
        if each.said.program and not each.has_ended(on):
            free, others = each.free_seats(on), found.get(each.said.program, 0)
            found[each.said.program] = None if free is None or others is None else others + free
    return found


def ended_programs(on: date) -> frozenset[str]:
    """The programs of the directory of which every season has ended, or whose entries are closed."""
    known = {each.said.program for each in recent_entries() if each.said.program}
    return frozenset(known - free_seats_by_program(on).keys())


def history(number: int) -> list[dict[str, Any]]:
    """The events of an entry, newest first."""
    events = DirectoryEvent.objects.filter(entry_id=number).order_by("-id")
    return [{"what": event.get_what_display(), "at": event.at, "by": event.by} for event in events]


def stated_on(on: date, numbers: Collection[int]) -> dict[int, SupportStatement]:
    """What partners stated of these entries at the end of a day, by number; entries that came later are left out."""
    events = DirectoryEvent.objects.filter(entry_id__in=numbers, at__date__lte=on).order_by("id")
    return {event.entry_id: from_json(event.said) for event in events}


def open_steps(on: date) -> list[OpenStep]:
    """One step for each entry that its partner should confirm."""
    found = []
    for each in entries():
        since = each.asks_since(on)
        if since is not None:
            title = f"Confirm that the directory is still right: {each.said.name}"
            due = each.stands_until or each.changed
            found.append(
                OpenStep("confirm_support", title, each.partner, KEEPERS, since, due, "supports:entry", (str(each.number),))
            )  # fmt: skip
    return found


def need_rules() -> NeedRules:
    """The community's rules of need. Refused (settings) with what is wrong in its file."""
    return rules_of(settings.COMMUNITY)


def matches_for(tables: Tables, *, on: date, named: Sequence[Need] = ()) -> SupportMatches:
    """The supports for one student. `tables`: the rows that the gate has shown to the reader, by table; nothing else is read. `named`:
    needs that the reader names. Refused (settings) where a file of the community is wrong."""
    community = settings.COMMUNITY
    student = visible_student(tables, policy=community_policy(community), today=on)
    return match(recent_entries(), student, rules_of(community), on=on, named=named)
