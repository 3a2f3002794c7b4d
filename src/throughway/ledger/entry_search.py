"""Finds the ledger entries that concern some students, the students that some entries concern, and what a partner received."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Q

from throughway.ledger.access_channels import BETWEEN, REPORT
from throughway.ledger.bloom_filter import COLUMNS, passes_sql, sieve_of
from throughway.ledger.entry import LOOKED
from throughway.ledger.models import LedgerEntry
from throughway.ledger.visibility import about_records_of, rows_shown, with_texts
from throughway.store.record_numbers import Numbers, any_of, both, unpack
from throughway.store.selectors import snapshot

CHECKED_AT_ONCE = 1_000  # entries whose Bloom filters are checked together
AT_ONCE = 250  # entries read together: a set of 100,000 students takes about 130 kB
MANY = 100  # numbers above which one range is asked for instead of each number


def of_records(numbers: Collection[int], *, looks: bool = False) -> list[dict[str, Any]]:
    """Every entry that may concern one of these record numbers, without the other students in it.

    `looks`: those too by which somebody asked who saw the record.
    """
    wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
    if not len(wanted):
        return []
    # The sets first, and all else only of the entries that concern them; reports read the same students again.
    concerned = lru_cache(maxsize=MANY)(partial(_concerns, wanted=wanted))
    found = [id for id, packed in _near(wanted, looks) if concerned(packed)]
    rows = [
        row
        for at in range(0, len(found), AT_ONCE)
        for row in LedgerEntry.objects.filter(id__in=found[at : at + AT_ONCE]).defer("students")
    ]
    return [_told(row) for row in sorted(rows, key=lambda row: (row.at, row.id))]


def records_entered(numbers: Collection[int]) -> frozenset[int]:
    """Those of these record numbers that some entry concerns, and all of them where an entry cannot be read."""
    wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
    if not len(wanted):
        return frozenset()
    found: set[int] = set()
    for _, packed in _near(wanted, looks=True):
        try:
            found |= set(both(wanted, unpack(bytes(packed))).tolist())
        except ValueError:
            return frozenset(wanted.tolist())
        if len(found) == len(wanted):
            break
    return frozenset(found)


@dataclass(frozen=True, eq=False)
class ContributingRecords:
    """All whose rows can have contributed to some entries, as sorted record numbers, and the partners that disclosed them.
    `whole` is False where an entry is missing or cannot be read, so that there may be more."""

    records: Numbers
    disclosers: tuple[str, ...]
    whole: bool


def contributing_records(entries: Collection[str]) -> ContributingRecords:
    """Of which students these entries tell. The questions of one report mostly read the same set, which is opened once."""
    rows = list(LedgerEntry.objects.filter(id__in=entries).values_list("id", "students_sha256", "disclosers"))
    one_of_each = {digest: id for id, digest, _ in rows}
    sets, whole = [], len(rows) == len(set(entries))
    for packed in LedgerEntry.objects.filter(id__in=one_of_each.values()).values_list("students", flat=True):
        try:
            sets.append(unpack(bytes(packed)))
        except ValueError:
            whole = False
    return ContributingRecords(any_of(sets), tuple(sorted({d for *_, listed in rows for d in listed})), whole)


def publication_reasons(since: datetime, until: datetime) -> list[str]:
    """The reasons of all entries of this time that say what was published."""
    found = LedgerEntry.objects.filter(outcome="published", at__gte=since, at__lte=until)
    return [reason for reasons in found.values_list("reasons", flat=True) for reason in reasons]


@dataclass(frozen=True)
class ElementsRead:
    """One entry by which somebody read elements, `table.column`. `rows`: rows were shown, not only protected figures of a report."""

    on: date
    elements: frozenset[str]
    rows: bool


def readings_of_elements(partner: str, elements: Collection[str]) -> list[ElementsRead]:
    """Each entry by which people of the partner read one of these elements, oldest first."""
    entries = with_texts(LedgerEntry.objects.filter(outcome="released", actor_partner=partner), "elements")
    named = Q()
    for element in sorted(elements):
        named |= Q(elements_text__contains=f'"{element}"')
    rows = entries.filter(named).order_by("at", "id").values_list("at", "elements", "way")
    return [
        ElementsRead(at.date(), frozenset(read), REPORT not in way.split(BETWEEN))
        for at, read, way in rows.iterator(chunk_size=AT_ONCE)
    ]


def _near(wanted: npt.NDArray[np.int64], looks: bool) -> Iterator[tuple[str, bytes]]:
    """Id and set of each entry that the sieve lets pass."""
    passes = f"s.low <= {int(wanted[-1])} AND s.high >= {int(wanted[0])}"
    if len(wanted) <= MANY:
        passes = passes_sql(wanted.tolist(), "s")
    other = "" if looks else f"AND e.outcome <> '{LOOKED}'"
    # The joined tables in this order: SQLite keeps to it with CROSS JOIN, and so reads the narrow table whole and no other.
    sql = (
        "SELECT e.id, e.students FROM gate_ledgersieve s CROSS JOIN gate_ledgerentry e "
        f"WHERE e.id = s.entry AND ({passes}) {other}"
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while lot := cursor.fetchmany(AT_ONCE):
            yield from ((id, bytes(packed)) for id, packed in lot)


def _concerns(packed: bytes, wanted: npt.NDArray[np.int64]) -> bool:
    """A set that was made unreadable may concern anyone whom the sieve lets pass: never fewer."""
    try:
        held = unpack(packed)
    except ValueError:
        return True
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return bool(len(held)) and bool((held[place] == wanted).any())


def _told(row: LedgerEntry) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(),
        "outcome": row.outcome,
        "actor": {"email": row.actor_email, "partner": row.actor_partner or None, "role": row.actor_role},
        "purpose": row.purpose,
        "interest": row.interest,
        "basis": row.basis,
        "on": row.on_day.isoformat(),
        "agreements": [{"id": id, "version": version} for id, version in row.agreements],
        "disclosers": row.disclosers,
        "recipients": row.recipients,
        "onward": row.onward,
        "elements": row.elements,
        "rows": rows_shown(row),
        "students": row.students_count,
        "exempt": row.exempt,
        "threat": row.threat,
        "way": row.way,
        "reasons": row.reasons,
    }


def bloom_filter_problems() -> list[str]:
    """One sentence where an entry could not be found from its students any more."""
    columns = ", ".join(f"s.{name}" for name in COLUMNS)
    wrong: list[str] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, e.students, e.students_low, e.students_high, s.low, s.high, {columns} "
            "FROM gate_ledgerentry e LEFT JOIN gate_ledgersieve s ON s.entry = e.id"
        )
        while lot := cursor.fetchmany(CHECKED_AT_ONCE):
            wrong += [
                id for id, packed, low, high, *found in lot if found != [low, high, *_words(packed, found)]
            ]
    if not wrong:
        return []
    return [
        f"{len(wrong):,} entries of the ledger cannot be found from their students, the first is {min(wrong)}: the table "
        "gate_ledgersieve was changed outside Throughway. Restore it from the newest backup of the database."
    ]


def _words(packed: object, found: list[object]) -> tuple[object, ...]:
    try:
        return sieve_of(unpack(bytes(packed)))  # type: ignore[call-overload]
    except (ValueError, TypeError):
        return tuple(found[2:])  # that the set was changed is told by its seal


KEYS = "record_key"


@dataclass(frozen=True)
class ReceivedRecords:
    """One entry by which records reached somebody: its id, who received them, the agreements, the elements (none named: any), and
    the discloser's students about whom any can have."""

    id: str
    recipients: frozenset[str]
    agreements: tuple[str, ...]
    elements: tuple[str, ...]
    students: frozenset[int]


def given_to(recipients: Collection[str], *, since: datetime, discloser: str) -> list[ReceivedRecords]:
    """What of the discloser's was released, or passed on, to any of these partners from that moment on, in its order."""
    found = about_records_of(
        discloser, LedgerEntry.objects.filter(outcome__in=("passed_on", "released"), at__gte=since)
    )
    to = Q(actor_partner__in=sorted(recipients), outcome="released")
    for each in sorted(recipients):
        to |= Q(recipients_text__contains=f'"{each}"')
    rows = found.filter(to).order_by("at", "id")
    fields = ("id", "outcome", "actor_partner", "recipients", "agreements", "elements", "students")
    with snapshot() as stored:
        own = np.unique(
            any_of(numbers for file, numbers in stored.holding(KEYS) if file.partner == discloser)
        )
    return [
        ReceivedRecords(
            id,
            frozenset(recipients) & ({*onto} | ({reader} if outcome == "released" else set())),
            tuple(agreement for agreement, _ in agreements),
            tuple(elements),
            frozenset(both(unpack(bytes(packed)), own).tolist()),
        )
        for id, outcome, reader, onto, agreements, elements, packed in rows.values_list(*fields).iterator(
            chunk_size=250
        )
    ]


def received(partner: str, discloser: str) -> Numbers:
    """Record numbers of the discloser's learners about whom anything can have reached the partner: never fewer. The manifest
    tells which numbers are the discloser's, and no key is read."""
    entries = LedgerEntry.objects.filter(outcome="released", actor_partner=partner)
    named = about_records_of(discloser, entries)
    packed = {bytes(each) for each in named.values_list("students", flat=True).iterator(chunk_size=250)}
    shown = any_of(unpack(each) for each in packed)
    with snapshot() as stored:
        own = any_of(numbers for file, numbers in stored.holding(KEYS) if file.partner == discloser)
    return both(np.unique(shown), np.unique(own))
