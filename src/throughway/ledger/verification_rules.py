"""Rules of verification: the signed heads, the leaves in order, and each leaf's entry, read once from first to last.

Every leaf is recomputed from its entry. So a changed, missing or moved entry is detected, and so is a leaf or a head changed to match
it, unless the attacker also has the signing key: then only a kept head shows it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from throughway.ledger.merkle_tree import Frontier
from throughway.ledger.signed_heads import SignedHead
from throughway.ledger.signing_keys import may_have_signed

# Position, the entry's id, the leaf's hash in hexadecimal; and the hash of the entry as stored now: empty where its set of students is
# not the one that was written, None where the entry is missing.
LeafRow = tuple[int, str, str, str | None]
GROWN_AT_ONCE = 2_000


@dataclass(frozen=True)
class VerificationResult:
    """Result of verifying the ledger: number of entries, number sealed, and the first that is changed or missing."""

    entries: int
    sealed: int
    ok: bool
    first_bad: str | None = None
    problem: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "entries": self.entries,
            "sealed": self.sealed,
            "ok": self.ok,
            "first_bad": self.first_bad,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class LedgerFault:
    """A fault: the entry's id ("place 17", "head 17" where no entry can be named), a sentence, and the position, by which the first
    fault is found."""

    where: str
    problem: str
    position: int = -1


def fault_of_heads(
    heads: Sequence[SignedHead], *, trusted: Mapping[str, float], kept: SignedHead | None = None
) -> LedgerFault | None:
    """A head that no key of the community signed, or a kept head that another key signed. `trusted`: the community's public keys, each
    with the most entries of a head that it may have signed (`signing_keys.py`)."""
    if heads and not trusted:
        return LedgerFault(
            "head 0",
            "The key that signed the ledger is not in keys/; restore it from the backup of the keys.",
        )
    for head in heads:
        try:
            whole = may_have_signed(head.key, head.size, trusted) and head.holds()
        except (ValueError, TypeError):
            whole = False
        if not whole:
            return LedgerFault(
                f"head {head.size}", f"The signature of the head over {head.size} entries is not valid."
            )
    if kept is not None and kept.key not in trusted:
        return LedgerFault(
            f"head {kept.size}",
            "The kept head was signed with a key other than this community's sealing key.",
        )
    if kept is not None and not may_have_signed(kept.key, kept.size, trusted):
        return LedgerFault(
            f"head {kept.size}",
            "The kept head was signed with an earlier key of this community, after that key had been replaced.",
        )
    return None


def fault_of_leaves(
    leaves: Iterable[LeafRow],
    heads: Sequence[SignedHead],
    kept: SignedHead | None,
    *,
    entry_at: Callable[[int], str],
    sealed_since: Callable[[], bool],
) -> LedgerFault | None:
    """The first fault among the leaves in order: grows their tree and compares it with every head and the kept one.

    `entry_at` gives the id of the entry at a position, to name it; `sealed_since`: whether a head over more entries was signed
    meanwhile.
    """
    roots: dict[int, set[str]] = {}
    for head in [*heads, kept] if kept else heads:
        roots.setdefault(head.size, set()).add(head.root)
    sealed = max((head.size for head in heads), default=0)
    changed: LedgerFault | None = None  # the first entry that differs from what was sealed

    def first(fault: LedgerFault) -> LedgerFault:
        return min((fault, changed), key=lambda each: each.position) if changed else fault

    tree, pending, size, agreed = Frontier(), list[bytes](), 0, 0
    for position, entry, leaf, digest in leaves:
        if position != size:
            missing = f"The entry sealed at place {size} is missing from the tree."
            return first(LedgerFault(f"place {size}", missing, size))
        if digest != leaf and changed is None:
            changed = _changed(entry, position) if digest is not None else _gone(entry, position)
        try:
            pending.append(bytes.fromhex(leaf))
        except (ValueError, TypeError):
            return first(_changed(entry, position))
        size += 1
        if size in roots or len(pending) == GROWN_AT_ONCE:
            tree, pending = tree.grown_by(pending), []
        if size in roots:
            if roots.pop(size) != {tree.root.hex()}:
                others = f"The first {size} entries are not the ones that were sealed."
                return first(LedgerFault(entry_at(agreed), others, size - 1))
            agreed = size
    if size > sealed and not sealed_since():
        more = f"{size} entries have places in the tree, but only {sealed} were sealed."
        return first(LedgerFault(entry_at(agreed), more, size))
    if roots:
        cut = f"{max(roots)} entries were sealed, and only {size} are left: the last entries were cut off."
        return first(LedgerFault(f"place {size}", cut, size))
    return changed


def _gone(entry: str, position: int) -> LedgerFault:
    return LedgerFault(
        entry, f"The entry sealed at place {position} is missing or can no longer be read.", position
    )


def _changed(entry: str, position: int) -> LedgerFault:
    return LedgerFault(
        entry, f"The entry sealed at place {position} was changed after it was sealed.", position
    )


# A transaction may commit, and so be sealed, a while after its entry was written.
TOLERATED = timedelta(seconds=20)
BEHIND = timedelta(minutes=10)  # allowed clock difference between several computers


def clock_is_behind(newest: datetime | None, now: datetime, wrong_until: datetime | None = None) -> bool:
    """Whether the clock is behind the ledger's newest entry: an agreement that has ended might then seem to be in effect.
    `wrong_until`: ledger times until then are known to be too late, from a clock that once ran ahead."""
    if newest is None or (wrong_until is not None and newest <= wrong_until):
        return False
    return newest > now + BEHIND


def set_back(sealed: Iterable[tuple[str, datetime]], wrong_until: datetime | None = None) -> tuple[int, str]:
    """Among entries in order of sealing: how many have a time well before that of an earlier sealed one, and the id of the first.
    Times until `wrong_until` are known to be wrong, and what comes after one of them is not counted."""
    newest, count, first = None, 0, ""
    for id, at in sealed:
        known = wrong_until is not None and newest is not None and newest <= wrong_until
        if newest is not None and at < newest - TOLERATED and not known:
            count, first = count + 1, first or id
        newest = at if newest is None else max(at, newest)
    return count, first
