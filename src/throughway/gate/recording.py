"""Writes the ledger of disclosures, seals it, and tells what it says.

`append` joins the caller's transaction and is durable when that commits (SQLite runs with `synchronous=FULL`). Entries are
not chained to each other, since a chain would make writers wait for one another; one sealer at a time gives committed
entries their places in a Merkle tree and signs its root, at most once a second as entries come.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from hashlib import sha256
from itertools import islice
from operator import or_
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from throughway.gate.entry import Entry, leaf_content
from throughway.gate.merkle import Frontier, leaf_hash
from throughway.gate.models import LedgerEntry, LedgerHead, LedgerLeaf
from throughway.gate.signing import Head, make_signing_key, public, signing_key
from throughway.gate.verification import Fault, SealedRow, Verdict, first_fault
from throughway.partners.actor import Actor
from throughway.refusals import Refused
from throughway.store.compact import pack, unpack
from throughway.store.reading import here

__all__ = ["Entry", "Verdict", "append", "head", "of_records", "seal", "verify"]

SEAL_EVERY = timedelta(seconds=1)
LATE_COMMIT = timedelta(minutes=1)  # sealing as entries come looks back this far; `seal` looks at all
AT_ONCE = 250  # entries read together: a set of 100,000 students takes about 130 kB
MANY = 100  # numbers above which one range is asked for instead of each number
SEALER = 0x7468726F  # the number of the lock that only one sealer holds on PostgreSQL


def append(entry: Entry) -> str:
    """Writes the entry within the caller's transaction and returns its id; nobody may see the data before it commits."""
    students = np.unique(np.asarray(entry.students, dtype=np.int64))
    packed = pack(students)
    row = LedgerEntry.objects.create(
        at=datetime.now(UTC),
        outcome=entry.outcome,
        actor_email=entry.actor.email,
        actor_partner=entry.actor.partner or "",
        actor_role=entry.actor.role,
        purpose=entry.purpose,
        interest=entry.interest,
        basis=entry.basis,
        on_day=entry.on,
        agreements=[list(agreement) for agreement in entry.agreements],
        disclosers=list(entry.disclosers),
        recipients=list(entry.recipients),
        onward=list(entry.onward),
        elements=list(entry.elements),
        sql_sha256=entry.sql_sha256,
        rows=entry.rows,
        students=packed,
        students_sha256=sha256(packed).hexdigest(),
        students_count=len(students),
        students_low=int(students[0]) if len(students) else None,
        students_high=int(students[-1]) if len(students) else None,
        exempt=entry.exempt,
        reasons=[_plain(reason) for reason in entry.reasons],
    )

    def seal_soon() -> None:
        _seal_soon(row.id, by=entry.actor)

    # Robust: an entry that is written stands, whatever hinders its sealing; the next sealing takes it along.
    transaction.on_commit(seal_soon, robust=True)
    return row.id


def seal(*, by: Actor) -> int:
    """Seals every committed entry that is not sealed yet, waiting for another sealer to end; returns how many.

    Refused when the last sealing no longer fits the tree, or its key is gone: sealing on would bury the trace.
    """
    with transaction.atomic():
        _be_the_sealer(patient=True)
        return _seal(_unsealed(), by)


def verify(head: Mapping[str, object] | None = None) -> Verdict:
    """Holds every sealed entry against its leaf, and the tree against its signed heads and the one that was kept.

    Without a kept head it cannot see that the end was cut off together with its heads. Seals nothing. Refused when `head`
    is no head.
    """
    kept = Head.read(head) if head is not None else None
    signing = signing_key(here().keys)
    heads = [Head(*row) for row in _heads().values_list("size", "root", "at", "key", "signature")]
    fault = first_fault(_sealed_rows(heads), heads, key=public(signing) if signing else None, kept=kept)
    fault = fault or _first_unreadable(_unsealed().values_list("id", flat=True))
    found = LedgerEntry.objects.count(), LedgerLeaf.objects.count()
    if fault:
        return Verdict(*found, ok=False, first_bad=fault.where, problem=fault.problem)
    return Verdict(*found, ok=True)


def head() -> dict[str, object]:
    """The newest signed head, for partners to keep; Refused while nothing has been sealed."""
    row = _heads().values_list("size", "root", "at", "key", "signature").last()
    if row is None:
        raise Refused(
            "The ledger has no sealed entry yet, so there is no head to keep.", code="nothing_sealed"
        )
    return Head(*row).to_json()


def of_records(numbers: Collection[int]) -> list[dict[str, Any]]:
    """Every entry that may concern one of these record numbers, oldest first, without the other students in it."""
    wanted = np.unique(np.fromiter(numbers, dtype=np.int64))
    if not len(wanted):
        return []
    ranges = [(int(n), int(n)) for n in wanted]
    if len(wanted) > MANY:
        ranges = [(int(wanted[0]), int(wanted[-1]))]
    near = reduce(or_, (Q(students_low__lte=high, students_high__gte=low) for low, high in ranges))
    return [
        _told(row)
        for row in LedgerEntry.objects.filter(near).order_by("at", "id").iterator(chunk_size=AT_ONCE)
        if _concerns(row, wanted)
    ]


def _concerns(row: LedgerEntry, wanted: npt.NDArray[np.int64]) -> bool:
    """A set that was made unreadable may concern anyone: never fewer."""
    try:
        return bool(np.isin(wanted, unpack(bytes(row.students)), assume_unique=True).any())
    except ValueError:
        return True


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
        "rows": row.rows,
        "students": row.students_count,
        "exempt": row.exempt,
        "reasons": row.reasons,
    }


def _plain(reason: Any) -> Any:
    """A reason as JSON holds it: a sentence, or a mapping of text."""
    if isinstance(reason, str):
        return reason
    return asdict(reason) if is_dataclass(reason) and not isinstance(reason, type) else dict(reason)


def _heads() -> QuerySet[LedgerHead]:
    return LedgerHead.objects.order_by("size")


def _unsealed() -> QuerySet[LedgerEntry]:
    sealed = LedgerLeaf.objects.filter(entry=OuterRef("id"))
    return LedgerEntry.objects.filter(~Exists(sealed)).order_by("at", "id")


def _seal_soon(id: str, *, by: Actor) -> None:
    """Seals the entry with all that was committed lately, unless a sealing is under way or less than a second ago."""
    last = _heads().last()
    since = datetime.fromisoformat(last.at) if last else datetime.min.replace(tzinfo=UTC)
    waited = datetime.now(UTC) - since
    if timedelta(0) <= waited < SEAL_EVERY or LedgerLeaf.objects.filter(entry=id).exists():
        return
    with transaction.atomic():
        if _be_the_sealer(patient=False):
            _seal(_unsealed().filter(at__gte=since - LATE_COMMIT) if last else _unsealed(), by)


def _be_the_sealer(*, patient: bool) -> bool:
    """True when this transaction is the only one that seals. SQLite's (IMMEDIATE) is the only one that writes at all."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if patient:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        return bool(cursor.fetchone()[0])


def _seal(entries: QuerySet[LedgerEntry], by: Actor) -> int:
    tree, keys = _sealed_tree(), here().keys
    start = tree.size
    for ids in _lots(iter(list(entries.values_list("id", flat=True)))):
        leaves = []
        for id, content in _contents(ids).items():
            if content is not None:  # one that cannot be read stays unsealed, and `verify` names it
                leaf = leaf_hash(content)
                leaves.append(LedgerLeaf(position=tree.size, entry=id, hash=leaf.hex()))
                tree = tree.grown(leaf)
        LedgerLeaf.objects.bulk_create(leaves)
    if tree.size > start:
        signing = signing_key(keys) or make_signing_key(keys)
        head = Head.signed(size=tree.size, root=tree.root, at=datetime.now(UTC).isoformat(), signing=signing)
        peaks = [peak.hex() for peak in tree.peaks]
        LedgerHead.objects.create(**head.to_json(), peaks=peaks, sealed_by=by.email)
    return tree.size - start


def _sealed_tree() -> Frontier:
    """The tree as the last sealing left it; Refused when its row does not hold together or cannot be signed on."""
    last = _heads().last()
    if last is None:
        return Frontier()
    try:
        tree = Frontier(last.size, tuple(map(bytes.fromhex, last.peaks)))
        whole = tree.root.hex() == last.root and LedgerLeaf.objects.filter(position=last.size - 1).exists()
    except (ValueError, TypeError):
        whole = False
    signing = signing_key(here().keys)
    if not whole or signing is None or public(signing) != last.key:
        raise Refused(
            "The ledger no longer fits its last signed head, so nothing more is sealed; run `throughway ledger verify`.",
            code="ledger_broken",
        )
    return tree


def _sealed_rows(heads: Sequence[Head]) -> Iterator[SealedRow]:
    """Every leaf that stood when the heads were read, beside the bytes of its entry."""
    # A sealing that ends meanwhile brings leaves that no head in `heads` speaks of: they are not looked at.
    sealed = heads[-1].size if heads else 0
    beyond = LedgerLeaf.objects.filter(position__gte=sealed).exists()
    leaves = LedgerLeaf.objects.order_by("position")
    if not beyond or _heads().filter(size__gt=sealed).exists():
        leaves = leaves.filter(position__lt=sealed)
    for lot in _lots(leaves.values_list("position", "entry", "hash").iterator(chunk_size=AT_ONCE)):
        contents = _contents([entry for _, entry, _ in lot])
        for position, entry, leaf in lot:
            yield SealedRow(position, entry, leaf, contents[entry])


def _first_unreadable(ids: Iterable[str]) -> Fault | None:
    for lot in _lots(iter(ids)):
        for id, content in _contents(lot).items():
            if content is None:
                return Fault(id, "An entry that is not sealed yet can no longer be read.")
    return None


def _contents(ids: Sequence[str]) -> dict[str, bytes | None]:
    """The bytes that stand for each entry, in the order asked; None for one that is gone or unreadable."""
    try:
        found = {row["id"]: _content(dict(row)) for row in LedgerEntry.objects.filter(id__in=ids).values()}
    except (ValueError, TypeError, AttributeError, DatabaseError):
        # A forged value that its column cannot mean: the halves tell whose it is.
        half = len(ids) // 2
        return _contents(ids[:half]) | _contents(ids[half:]) if half else {ids[0]: None}
    return {id: found.get(id) for id in ids}


def _content(row: dict[str, Any]) -> bytes:
    students = bytes(row.pop("students"))
    said = row | {"at": row["at"].astimezone(UTC).isoformat(), "on_day": row["on_day"].isoformat()}
    return leaf_content(said, students)


def _lots(items: Iterator[Any]) -> Iterator[list[Any]]:
    """The items, so many at once."""
    while lot := list(islice(items, AT_ONCE)):
        yield lot
