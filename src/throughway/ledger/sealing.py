"""Seals the ledger: one sealer at a time assigns committed entries their positions in the tree and signs its root."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from throughway.core.refusals import Refused
from throughway.ledger.hmac_digests import ENTRY_KEY, hmac_key, is_ours
from throughway.ledger.leaf_encoding import columns_sql, digests, id_in
from throughway.ledger.merkle_tree import Frontier
from throughway.ledger.models import LedgerEntry, LedgerHead, LedgerLeaf
from throughway.ledger.signed_heads import SignedHead, make_signing_key, signing_key
from throughway.ledger.signing_keys import may_have_signed, trusted_keys
from throughway.partners.actor import OPERATOR, Actor
from throughway.store.selectors import current_community

SEAL_EVERY = timedelta(seconds=1)
LATE_COMMIT = timedelta(seconds=20)  # automatic sealing looks back this far; `seal` looks at all entries
AT_ONCE = 500  # entries sealed together; SQLite takes at most 999 values in one statement
SEALER = 0x7468726F  # the number of the lock that only one sealer holds on PostgreSQL


def seal(*, by: Actor) -> int:
    """Seals every committed entry that is not sealed yet, waiting for another sealer to finish; returns the number sealed.

    Refused when the last sealing no longer matches the tree, or its key is missing: sealing on would hide the evidence.
    """
    with transaction.atomic():
        be_the_sealer(patient=True)
        return _seal(unsealed(), by)


def seal_what_came_before_macs() -> None:
    """Seals the entries that were written before MACs were introduced, as they are, and makes the MAC key.

    Only once: does nothing where the key already exists, since otherwise anyone with write access to the database could have forged
    entries sealed. A ledger that no longer matches its seals is left unchanged, for `verify` to report.
    """
    keys = current_community().keys
    if not current_community().exists or (keys / ENTRY_KEY).exists():
        return
    with suppress(Refused), transaction.atomic():
        be_the_sealer(patient=True)
        _seal(unsealed(), OPERATOR, only_ours=False)
    hmac_key(keys, ENTRY_KEY)


def seal_soon(id: str, *, by: Actor) -> None:
    """Seals the entry together with recently committed ones, unless another sealing is in progress or was done less than a second
    ago."""
    database, now = connection.settings_dict["NAME"], monotonic()
    if now - _LOOKED.get(database, -inf) < SEAL_EVERY.total_seconds():
        return
    _LOOKED[database] = now
    last = heads().last()
    since = datetime.fromisoformat(last.at) if last else datetime.min.replace(tzinfo=UTC)
    waited = datetime.now(UTC) - since
    if timedelta(0) <= waited < SEAL_EVERY or LedgerLeaf.objects.filter(entry=id).exists():
        return
    with transaction.atomic():
        if be_the_sealer(patient=False):
            # Where the clock was set back, entries have times before the last head's.
            lately = min(since, datetime.now(UTC)) - LATE_COMMIT if last else None
            _seal(unsealed().filter(at__gte=lately) if lately else unsealed(), by)


# When this process last checked whether a sealing is due, by database, so that not every append queries the database.
_LOOKED: dict[str, float] = {}


def head() -> dict[str, object]:
    """The newest signed head, for partners to keep; Refused while nothing has been sealed."""
    row = heads().values_list("size", "root", "at", "key", "signature").last()
    if row is None:
        raise Refused(
            "The ledger has no sealed entry yet, so there is no head to keep.", code="nothing_sealed"
        )
    return SignedHead(*row).to_json()


def heads() -> QuerySet[LedgerHead]:
    return LedgerHead.objects.order_by("size")


def unsealed() -> QuerySet[LedgerEntry]:
    sealed = LedgerLeaf.objects.filter(entry=OuterRef("id"))
    return LedgerEntry.objects.filter(~Exists(sealed)).order_by("at", "id")


def be_the_sealer(*, patient: bool) -> bool:
    """True when this transaction is the only one that seals, until it ends. On SQLite an IMMEDIATE transaction is the only writer."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if patient:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        return bool(cursor.fetchone()[0])


def _seal(entries: QuerySet[LedgerEntry], by: Actor, *, only_ours: bool = True) -> int:
    tree, keys = _sealed_tree(), current_community().keys
    start = tree.size
    waiting = list(entries.values_list("id", flat=True))
    for first in range(0, len(waiting), AT_ONCE):
        whole = _sealable(waiting[first : first + AT_ONCE], only_ours=only_ours)
        LedgerLeaf.objects.bulk_create(
            LedgerLeaf(position=position, entry=id, hash=leaf)
            for position, (id, leaf) in enumerate(whole, tree.size)
        )
        tree = tree.grown_by([bytes.fromhex(leaf) for _, leaf in whole])
    if tree.size > start:
        signing = signing_key(keys) or make_signing_key(keys)
        head = SignedHead.signed(
            size=tree.size, root=tree.root, at=datetime.now(UTC).isoformat(), signing=signing
        )
        peaks = [peak.hex() for peak in tree.peaks]
        LedgerHead.objects.create(**head.to_json(), peaks=peaks, sealed_by=by.email)
    return tree.size - start


def _sealable(ids: Sequence[str], *, only_ours: bool) -> list[tuple[str, str]]:
    """These entries with the hashes of their leaves, in hexadecimal. Leaves out, for `verify` to report, entries whose set of students
    was changed; with `only_ours` also entries without a valid MAC, which this program did not write."""
    keys, marks = current_community().keys, ", ".join(["%s"] * len(ids))
    columns = columns_sql(connection.vendor, "e")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT e.mac, {columns} FROM gate_ledgerentry e WHERE e.id IN ({marks})", list(ids))
        rows = cursor.fetchall()
    found = digests(row[1:] for row in rows)
    ours = {id_in(lines) for mac, lines, *_ in rows if not only_ours or is_ours(bytes(lines), mac, keys)}
    return [(id, found[id]) for id in ids if id in ours and found[id]]


def _sealed_tree() -> Frontier:
    """The tree as of the last sealing; Refused when its row is inconsistent or its signature does not match."""
    last = heads().last()
    if last is None:
        return Frontier()
    try:
        tree = Frontier(last.size, tuple(map(bytes.fromhex, last.peaks)))
        whole = tree.root.hex() == last.root and LedgerLeaf.objects.filter(position=last.size - 1).exists()
    except (ValueError, TypeError):
        whole = False
    if not whole or not may_have_signed(last.key, last.size, trusted_keys(current_community().keys)):
        raise Refused(
            "The ledger no longer matches its last signed head, so nothing more can be sealed; run "
            "`throughway ledger verify`.",
            code="ledger_broken",
        )
    return tree
