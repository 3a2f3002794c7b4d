"""Holds the ledger against its sealed leaves, its signed heads, and a head that somebody kept.

Every leaf is made anew from its entry. So a changed, missing or moved entry shows, and so does a leaf or a head that was
changed to fit it, unless whoever did it also holds the signing key: then only a kept head shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from throughway.ledger.leaf_pairing import LeafRow, LedgerFault, changed
from throughway.ledger.merkle_tree import SIZE, Frontier
from throughway.ledger.segments import Leaves
from throughway.ledger.signed_heads import SignedHead


@dataclass(frozen=True)
class VerificationResult:
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


def fault_of_heads(
    heads: Sequence[SignedHead], *, key: str | None, kept: SignedHead | None = None
) -> LedgerFault | None:
    """A head that was not signed with the community's public `key`, or a kept one that another key signed."""
    if heads and key is None:
        return LedgerFault(
            "head 0",
            "The key that signed the ledger is not in keys/; restore it from the backup of the keys.",
        )
    for head in heads:
        try:
            whole = head.key == key and head.holds()
        except (ValueError, TypeError):
            whole = False
        if not whole:
            return LedgerFault(
                f"head {head.size}", f"The signature of the head over {head.size} entries does not hold."
            )
    if kept is not None and kept.key != key:
        return LedgerFault(
            f"head {kept.size}",
            "The kept head was signed with another key than the one that this community seals with.",
        )
    return None


class GrowingTree:
    """Grows the tree from its leaves in their order, and compares it with each head as it was when that was signed. `entry_at`
    gives the id of the entry that is sealed at a place, to name it."""

    def __init__(
        self, heads: Sequence[SignedHead], kept: SignedHead | None, entry_at: Callable[[int], str]
    ) -> None:
        self._tree = Frontier()
        self._due = sorted(
            {(head.size, head.root) for head in ([*heads, kept] if kept else heads)}, reverse=True
        )
        self._sealed = max((head.size for head in heads), default=0)
        self._since = 0  # how many leaves the last head spoke of
        self._entry_at = entry_at
        self.fault: LedgerFault | None = None

    @property
    def due(self) -> list[int]:
        """The numbers of leaves, ascending, at which it is held against a head."""
        return sorted({size for size, _ in self._due})

    def grow(self, leaves: Leaves) -> None:
        """Takes the next leaves; after a fault, none."""
        if self.fault:
            return
        if isinstance(leaves, list):
            hashes, broken = self._in_order(leaves)
            self._take(hashes)
            self.fault = self.fault or broken
        elif leaves[0] != self._tree.size:
            self.fault = _missing(self._tree.size)
        elif leaves[1] * SIZE == len(leaves[2]):
            self._take([leaves[2][at : at + SIZE] for at in range(0, len(leaves[2]), SIZE)])
        else:
            self._tree = self._tree.grown_by_whole(leaves[2], leaves[1])
            self._hold_against_heads()

    def _take(self, hashes: list[bytes]) -> None:
        while hashes and not self.fault:
            until = self._due[-1][0] - self._tree.size if self._due else len(hashes)
            lot, hashes = hashes[:until], hashes[until:]
            self._tree = self._tree.grown_by(lot)
            self._hold_against_heads()

    def _in_order(self, rows: Sequence[LeafRow]) -> tuple[list[bytes], LedgerFault | None]:
        """The hashes as far as their places follow each other, and what is wrong after them."""
        hashes: list[bytes] = []
        for expected, (position, entry, leaf) in enumerate(rows, self._tree.size):
            if position != expected:
                return hashes, _missing(expected)
            try:
                hashes.append(bytes.fromhex(leaf))
            except (ValueError, TypeError):
                return hashes, changed(entry, position)
        return hashes, None

    def _hold_against_heads(self) -> None:
        size = self._tree.size
        roots = set()
        while self._due and self._due[-1][0] == size:
            roots.add(self._due.pop()[1])
        if roots - {self._tree.root.hex()}:
            problem = f"The first {size} entries are not those that were sealed."
            self.fault = LedgerFault(self._entry_at(self._since), problem, size - 1)
        elif roots:
            self._since = size

    def fault_at_the_end(self) -> LedgerFault | None:
        """What is wrong once no leaf is left."""
        size = self._tree.size
        if self.fault:
            return self.fault
        if size > self._sealed:
            problem = f"{size} entries have places in the tree, but only {self._sealed} were sealed."
            return LedgerFault(self._entry_at(self._since), problem, size)
        if self._due:
            problem = f"{self._due[0][0]} entries were sealed, and only {size} are left: the end was cut off."
            return LedgerFault(f"place {size}", problem, size)
        return None


def _missing(place: int) -> LedgerFault:
    return LedgerFault(
        f"place {place}", f"The entry sealed at place {place} is missing from the tree.", place
    )
