"""Queries of the ledger's pages: entries that a reader may see, newest first, and their number.

Every query is restricted to what the reader may see before anything is counted or paged. Pages continue after the last entry shown
(`before`), along the index on the time, so that the hundredth page is as fast as the first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, DateField, F, Func, Q, QuerySet

from throughway.ledger.entry import LOOKED
from throughway.ledger.entry_presenter import EntryFacts, onward_of, reason_of
from throughway.ledger.models import LedgerEntry, LedgerHead, LedgerLeaf
from throughway.ledger.visibility import LedgerVisibility, about_records_of, rows_shown

A_PAGE = 25
SHOWN = ("id", "at", "outcome", "actor_email", "actor_partner", "actor_role", "purpose", "interest", "agreements",
         "rows", "students_count", "on_day", "disclosers", "way")  # fmt: skip
WHOLE = (*SHOWN, "recipients", "onward", "elements", "basis", "exempt", "reasons", "threat")


@dataclass(frozen=True)
class Filters:
    """The filters that a reader chose; empty fields filter nothing. `days`: only the last so many days."""

    outcome: str = ""
    partner: str = ""
    purpose: str = ""
    days: int | None = 84


@dataclass(frozen=True)
class EntryPage:
    """Entries newest first; `earlier` is the id where the next page starts, empty on the last page."""

    lines: Sequence[EntryFacts]
    earlier: str


@dataclass(frozen=True)
class Seals:
    """How much of the ledger is sealed, and the newest signed head; `head` is None while there is none."""

    entries: int
    sealed: int
    head: Mapping[str, Any] | None


def entries(
    sight: LedgerVisibility, filters: Filters, *, before: str = "", now: datetime | None = None
) -> EntryPage:
    """One page of the entries that the reader may see."""
    found = _narrowed(sight, filters, now)
    if before:
        last = sight.entries().filter(id=before).values_list("at", "id").first()
        if last is not None:
            # The first condition lets the index be used; the second separates entries with the same time.
            found = found.filter(at__lte=last[0]).filter(Q(at__lt=last[0]) | Q(id__lt=last[1]))
    rows = list(found.order_by("-at", "-id").values(*SHOWN)[: A_PAGE + 1])
    lines = [_line(row, sight) for row in rows[:A_PAGE]]
    return EntryPage(lines, lines[-1].id if len(rows) > A_PAGE else "")


def days(
    sight: LedgerVisibility, filters: Filters, now: datetime | None = None
) -> list[tuple[date, str, int]]:
    """Entries by day (UTC) and outcome, among those that the reader may see."""
    day = Func(F("at"), function="date", output_field=DateField())
    counted = (
        _narrowed(sight, filters, now).annotate(day=day).values_list("day", "outcome").annotate(n=Count("*"))
    )
    return [(day, outcome, n) for day, outcome, n in counted.order_by("day", "outcome")]


def entry(sight: LedgerVisibility, id: str) -> EntryFacts | None:
    """The whole entry; None when there is none of that id, or the reader may not see it."""
    row = sight.entries().filter(id=id).values(*WHOLE).first()
    return _line(row, sight) if row else None


def any_answer(purposes: Collection[str]) -> bool:
    """Whether anybody was ever given an answer under one of these purposes."""
    return LedgerEntry.objects.filter(
        outcome__in=("released", "published"), purpose__in=list(purposes)
    ).exists()


def sources_of(ids: Collection[str]) -> frozenset[tuple[str, str]]:
    """(partner, table) of what the entries with these ids read: each discloser with each table of its entry."""
    rows = LedgerEntry.objects.filter(id__in=list(ids)).values_list("disclosers", "elements")
    return frozenset(
        (partner, element.partition(".")[0])
        for partners, elements in rows
        for partner in partners
        for element in elements
    )


def seals() -> Seals:
    head = LedgerHead.objects.order_by("size").values("size", "root", "at", "key", "signature").last()
    return Seals(LedgerEntry.objects.count(), LedgerLeaf.objects.count(), head)


def lately(
    sight: LedgerVisibility, *, outcome: str, days_back: int, most: int = 5, now: datetime | None = None
) -> EntryPage:
    """The newest entries with one outcome, for the page of open steps."""
    found = _narrowed(sight, Filters(outcome=outcome, days=days_back), now)
    rows = found.order_by("-at", "-id").values(*WHOLE)[: most + 1]
    lines = [_line(row, sight) for row in rows]
    return EntryPage(lines[:most], lines[most - 1].id if len(lines) > most else "")


def readings_of(partner: str, *, days_back: int, now: datetime | None = None) -> Mapping[str, int]:
    """How often records of the partner were recently released to others, and to how many partners."""
    found = about_records_of(
        partner, LedgerEntry.objects.filter(outcome="released", at__gte=_since(days_back, now))
    )
    to_others = found.exclude(actor_partner=partner)
    return to_others.aggregate(readings=Count("*"), readers=Count("actor_partner", distinct=True))


def own_refusals(email: str, *, days_back: int, now: datetime | None = None) -> list[EntryFacts]:
    """One user's recently refused requests, newest first."""
    found = LedgerEntry.objects.filter(
        actor_email=email, outcome="refused", at__gte=_since(days_back, now)
    ).order_by("-at", "-id")
    own = LedgerVisibility("", everything=True)
    return [_line(row, own) for row in found.values(*WHOLE)[:A_PAGE]]


def line_of(entry: Mapping[str, Any], sight: LedgerVisibility) -> EntryFacts:
    """An entry as `entry_search.of_records` gives it."""
    actor = {f"actor_{name}": value for name, value in entry["actor"].items()}
    agreements = [(each["id"], each["version"]) for each in entry["agreements"]]
    read = {"at": datetime.fromisoformat(entry["at"]), "on_day": date.fromisoformat(entry["on"])}
    return _line(
        {**entry, **actor, **read, "agreements": agreements, "students_count": entry["students"]}, sight
    )


def _narrowed(sight: LedgerVisibility, filters: Filters, now: datetime | None) -> QuerySet[LedgerEntry]:
    found = sight.entries()
    # Requests to see who saw a record are listed only on demand: they are many, and show no record.
    found = found.filter(outcome=filters.outcome) if filters.outcome else found.exclude(outcome=LOOKED)
    if filters.partner:
        found = found.filter(actor_partner=filters.partner)
    if filters.purpose:
        found = found.filter(purpose=filters.purpose)
    return found.filter(at__gte=_since(filters.days, now)) if filters.days else found


def _since(days_back: int, now: datetime | None) -> datetime:
    """Midnight (UTC) so many days back, counting today."""
    today = (now or datetime.now(UTC)).astimezone(UTC).date()
    return datetime.combine(today - timedelta(days=days_back - 1), time.min, UTC)


def _line(row: Mapping[str, Any], sight: LedgerVisibility) -> EntryFacts:
    partner = row["actor_partner"] or None
    return EntryFacts(
        id=row["id"],
        at=row["at"],
        outcome=row["outcome"],
        email=row["actor_email"] if sight.tells_address(partner) else "",
        partner=partner,
        role=row["actor_role"],
        purpose=row["purpose"],
        interest=row["interest"],
        agreements=tuple(id for id, _ in row["agreements"]),
        students=row["students_count"],
        rows=rows_shown(row),
        on=row["on_day"],
        disclosers=tuple(row["disclosers"]),
        recipients=tuple(row.get("recipients", ())),
        onward=tuple(map(onward_of, row.get("onward", ()))),
        elements=tuple(row.get("elements", ())),
        basis=row.get("basis", ""),
        exempt=row.get("exempt", ""),
        reasons=tuple(map(reason_of, row.get("reasons", ()))),
        threat=row.get("threat", ""),
        way=row.get("way", ""),
    )
