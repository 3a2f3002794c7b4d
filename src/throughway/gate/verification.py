"""Holds the ledger against its sealed leaves, its signed heads, and a head that somebody kept.

Every leaf is made anew from its entry. So a changed, missing or moved entry shows, and so does a leaf or a head that was
changed to fit it, unless whoever did it also holds the signing key: then only a kept head shows it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from throughway.gate.merkle import Frontier, leaf_hash
from throughway.gate.signing import Head


@dataclass(frozen=True)
class SealedRow:
    """One leaf as it stands in the database, beside what its entry says now (None: gone, or no longer readable)."""

    position: int
    entry: str
    leaf: str  # hexadecimal
    content: bytes | None


@dataclass(frozen=True)
class Fault:
    """The first thing found wrong: the entry's id ("place 17", "head 17" where no entry is left to name), a sentence."""

    where: str
    problem: str


@dataclass(frozen=True)
class Verdict:
    """How the ledger was found: entries there, how many of them are sealed, and the first that is changed or missing."""

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


def first_fault(
    rows: Iterable[SealedRow], heads: Sequence[Head], *, key: str | None, kept: Head | None = None
) -> Fault | None:
    """The first fault in a ledger, or None.

    `rows` and `heads` come in order of position and size; `key` is the community's public key. A head is compared with
    the tree as it was when the head was signed.
    """
    if forged := _first_forged(heads, key):
        return forged
    if kept is not None and kept.key != key:
        return Fault(
            f"head {kept.size}",
            "The kept head was signed with another key than the one that this community seals with.",
        )
    due = sorted({(head.size, head.root) for head in ([*heads, kept] if kept else heads)}, reverse=True)
    tree, since = Frontier(), ""
    for row in rows:
        if fault := _fault_of(row, tree.size):
            return fault
        since = since or row.entry
        tree = tree.grown(bytes.fromhex(row.leaf))
        at_a_head = bool(due) and due[-1][0] == tree.size
        while due and due[-1][0] == tree.size:
            if tree.root.hex() != due.pop()[1]:
                return Fault(since, f"The first {tree.size} entries are not those that were sealed.")
        since = "" if at_a_head else since
    sealed = max((head.size for head in heads), default=0)
    if tree.size > sealed:
        return Fault(since, f"{tree.size} entries have places in the tree, but only {sealed} were sealed.")
    if due:
        return Fault(
            f"place {tree.size}",
            f"{due[0][0]} entries were sealed, and only {tree.size} are left: the end was cut off.",
        )
    return None


def _first_forged(heads: Sequence[Head], key: str | None) -> Fault | None:
    if heads and key is None:
        return Fault(
            "head 0",
            "The key that signed the ledger is not in keys/; restore it from the backup of the keys.",
        )
    for head in heads:
        try:
            whole = head.key == key and head.holds()
        except (ValueError, TypeError):
            whole = False
        if not whole:
            return Fault(
                f"head {head.size}", f"The signature of the head over {head.size} entries does not hold."
            )
    return None


def _fault_of(row: SealedRow, expected: int) -> Fault | None:
    if row.position != expected:
        return Fault(f"place {expected}", f"The entry sealed at place {expected} is missing from the tree.")
    if row.content is None:
        return Fault(row.entry, f"The entry sealed at place {expected} is missing or can no longer be read.")
    if leaf_hash(row.content).hex() != row.leaf:
        return Fault(row.entry, f"The entry sealed at place {expected} was changed after it was sealed.")
    return None
