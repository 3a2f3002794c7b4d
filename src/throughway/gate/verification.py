"""Holds the ledger against its sealed leaves, its signed heads, and a head that somebody kept.

Every leaf is made anew from its entry. So a changed, missing or moved entry shows, and so does a leaf or a head that was
changed to fit it, unless whoever did it also holds the signing key: then only a kept head shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.gate.merkle import Frontier
from throughway.gate.signing import Head

SIZE = 32  # bytes of a hash
LeafRow = tuple[int, str, str]  # position, the entry's id, the leaf's hash in hexadecimal


@dataclass(frozen=True)
class Fault:
    """Something found wrong: the entry's id ("place 17", "head 17" where no entry is left to name), a sentence.

    `position` orders faults: the first is the one that is told.
    """

    where: str
    problem: str
    position: int = -1


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


def first(*faults: Fault | None) -> Fault | None:
    """The fault at the lowest place; of two at one place, the one named first."""
    return min((f for f in faults if f), key=lambda fault: fault.position, default=None)


def fault_of_heads(heads: Sequence[Head], *, key: str | None, kept: Head | None = None) -> Fault | None:
    """A head that was not signed with the community's public `key`, or a kept one that another key signed."""
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
    if kept is not None and kept.key != key:
        return Fault(
            f"head {kept.size}",
            "The kept head was signed with another key than the one that this community seals with.",
        )
    return None


class GrowingTree:
    """Grows the tree from its leaves in their order, and compares it with each head as it was when that was signed."""

    def __init__(self, heads: Sequence[Head], kept: Head | None = None) -> None:
        self._tree = Frontier()
        self._due = sorted(
            {(head.size, head.root) for head in ([*heads, kept] if kept else heads)}, reverse=True
        )
        self._sealed = max((head.size for head in heads), default=0)
        self._since = ""  # the first entry after the last head
        self.fault: Fault | None = None

    def grow(self, leaves: Sequence[LeafRow]) -> None:
        """Takes the next leaves; after a fault, none."""
        while leaves and not self.fault:
            size = self._tree.size
            until = self._due[-1][0] - size if self._due else len(leaves)
            lot, leaves = leaves[:until], leaves[until:]
            self._since = self._since or lot[0][1]
            hashes = self._in_order(lot)
            self._tree = self._tree.grown_by(hashes)
            if not self.fault:
                self._hold_against_heads()

    def _in_order(self, lot: Sequence[LeafRow]) -> list[bytes]:
        """The hashes as far as their places follow each other."""
        if (together := _together(lot, self._tree.size)) is not None:
            return together
        hashes = []
        for expected, (position, entry, leaf) in enumerate(lot, self._tree.size):
            if position != expected:
                problem = f"The entry sealed at place {expected} is missing from the tree."
                self.fault = Fault(f"place {expected}", problem, expected)
                break
            try:
                hashes.append(bytes.fromhex(leaf))
            except (ValueError, TypeError):
                self.fault = changed(entry, position)
                break
        return hashes

    def _hold_against_heads(self) -> None:
        size = self._tree.size
        due = [root for at, root in self._due if at == size]
        del self._due[len(self._due) - len(due) :]
        if any(self._tree.root.hex() != root for root in due):
            problem = f"The first {size} entries are not those that were sealed."
            self.fault = Fault(self._since, problem, size - 1)
        elif due:
            self._since = ""

    def fault_at_the_end(self) -> Fault | None:
        """What is wrong once no leaf is left."""
        size = self._tree.size
        if self.fault:
            return self.fault
        if size > self._sealed:
            problem = f"{size} entries have places in the tree, but only {self._sealed} were sealed."
            return Fault(self._since, problem, size)
        if self._due:
            problem = f"{self._due[0][0]} entries were sealed, and only {size} are left: the end was cut off."
            return Fault(f"place {size}", problem, size)
        return None


def _together(lot: Sequence[LeafRow], start: int) -> list[bytes] | None:
    """All hashes at once, which is faster; None where they must be looked at one by one."""
    texts = [leaf for _, _, leaf in lot]
    # Places come in their order and none twice.
    if (lot[0][0], lot[-1][0]) != (start, start + len(lot) - 1) or {*map(type, texts)} != {str}:
        return None
    try:
        joined = bytes.fromhex("".join(texts))
    except ValueError:
        return None
    if {*map(len, texts)} != {2 * SIZE} or len(joined) != SIZE * len(lot):
        return None
    return [joined[at : at + SIZE] for at in range(0, len(joined), SIZE)]


class Pairs:
    """Pairs leaves with their entries, whichever of the two comes first; both come in nearly the same order, so that few
    wait at any time."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self._leaves: dict[str, LeafRow] = {}
        self.fault: Fault | None = None

    def take(self, digests: Mapping[str, str], leaves: Sequence[LeafRow]) -> None:
        """`digests`: the hash that each entry has now, empty where its students are not those that were written."""
        there, waiting = self._digests, self._leaves
        there.update(digests)
        come = [waiting.pop(entry) for entry in waiting.keys() & digests.keys()]
        for position, entry, leaf in [*come, *leaves]:
            digest = there.pop(entry, None)
            if digest is None:
                waiting[entry] = (position, entry, leaf)
            elif digest != leaf:
                self.fault = first(self.fault, changed(entry, position))

    def fault_at_the_end(self) -> Fault | None:
        """What is wrong once no leaf and no entry is left; entries without a leaf are those not sealed yet."""
        gone = [
            Fault(
                entry, f"The entry sealed at place {position} is missing or can no longer be read.", position
            )
            for position, entry, _ in self._leaves.values()
        ]
        return first(self.fault, *gone)

    def unreadable(self) -> Fault | None:
        """An entry without a leaf whose set of students is not the one that was written."""
        return next(
            (
                Fault(entry, "An entry that is not sealed yet can no longer be read.")
                for entry, digest in self._digests.items()
                if not digest
            ),
            None,
        )


def changed(entry: str, position: int) -> Fault:
    return Fault(entry, f"The entry sealed at place {position} was changed after it was sealed.", position)
