"""Rules of verification: the signed heads, the leaves in their order, and each leaf's entry, read once from first to last.

Every leaf is made anew from its entry. So a changed, missing or moved entry shows, and so does a leaf or a head that was
changed to fit it, unless whoever did it also holds the signing key: then only a kept head shows it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from throughway.core.refusals import Refused
from throughway.ledger.merkle_tree import Frontier
from throughway.ledger.signed_heads import SignedHead

LeafRow = tuple[int, str, str]  # position, the entry's id, the leaf's hash in hexadecimal


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


@dataclass(frozen=True)
class LedgerFault:
    """Something found wrong: the entry's id ("place 17", "head 17" where no entry is left to name), a sentence, and the position,
    by which the first fault is found."""

    where: str
    problem: str
    position: int = -1


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


class SealedEntries:
    """Takes the leaves in their order, each with its entry's hash; grows their tree and compares it with every signed head.

    `entry_at` gives the id of the entry that is sealed at a position, to name it.
    """

    def __init__(
        self, heads: Sequence[SignedHead], kept: SignedHead | None, entry_at: Callable[[int], str]
    ) -> None:
        self.sealed = max((head.size for head in heads), default=0)
        self._tree = Frontier()
        self._due = sorted(
            {(head.size, head.root) for head in ([*heads, kept] if kept else heads)}, reverse=True
        )
        self._last_head = 0  # the size of the last head that the tree agreed with
        self._entry_at = entry_at
        self._of_tree: LedgerFault | None = None
        self._of_entry: LedgerFault | None = None

    @property
    def broken(self) -> bool:
        """Whether a leaf is missing or a head does not agree: no later leaf need be read."""
        return self._of_tree is not None

    def take(self, leaves: Sequence[LeafRow], digests: Mapping[str, str]) -> None:
        """The next leaves; `digests`: the leaf hash of each of their entries as it stands now, empty where its set of students
        is not the one that was written, absent where the entry is gone."""
        hashes, gap = self._in_order(leaves)
        self._of_entry = self._of_entry or next(
            (
                _fault_of_entry(position, entry, digests)
                for position, entry, leaf in leaves[: len(hashes)]
                if digests.get(entry) != leaf
            ),
            None,
        )
        self._grow(hashes)
        self._of_tree = self._of_tree or gap

    def _in_order(self, leaves: Sequence[LeafRow]) -> tuple[list[bytes], LedgerFault | None]:
        """The hashes as far as their positions follow each other, and what is wrong after them."""
        hashes: list[bytes] = []
        for expected, (position, entry, leaf) in enumerate(leaves, self._tree.size):
            if position != expected:
                problem = f"The entry sealed at place {expected} is missing from the tree."
                return hashes, LedgerFault(f"place {expected}", problem, expected)
            try:
                hashes.append(bytes.fromhex(leaf))
            except (ValueError, TypeError):
                return hashes, _changed(entry, position)
        return hashes, None

    def _grow(self, hashes: Sequence[bytes]) -> None:
        """Grows the tree head by head, up to the first head that does not agree."""
        while hashes and not self.broken:
            until = self._due[-1][0] - self._tree.size if self._due else len(hashes)
            self._tree, hashes = self._tree.grown_by(hashes[:until]), hashes[until:]
            self._compare_with_heads()

    def _compare_with_heads(self) -> None:
        size, roots = self._tree.size, set[str]()
        while self._due and self._due[-1][0] == size:
            roots.add(self._due.pop()[1])
        if roots - {self._tree.root.hex()}:
            problem = f"The first {size} entries are not those that were sealed."
            self._of_tree = LedgerFault(self._entry_at(self._last_head), problem, size - 1)
        elif roots:
            self._last_head = size

    def fault(self, leaves: int) -> LedgerFault | None:
        """The first fault once the last leaf was taken; `leaves`: how many there are in all, also after the last head."""
        of_tree = self._of_tree or self._fault_of_length(leaves)
        found = [fault for fault in (of_tree, self._of_entry) if fault]
        return min(found, key=lambda fault: fault.position, default=None)

    def _fault_of_length(self, leaves: int) -> LedgerFault | None:
        if leaves > self.sealed:
            problem = f"{leaves} entries have places in the tree, but only {self.sealed} were sealed."
            return LedgerFault(self._entry_at(self._last_head), problem, leaves)
        if self._due:
            size = self._tree.size
            problem = f"{self._due[0][0]} entries were sealed, and only {size} are left: the end was cut off."
            return LedgerFault(f"place {size}", problem, size)
        return None


def _fault_of_entry(position: int, entry: str, digests: Mapping[str, str]) -> LedgerFault:
    if entry in digests:
        return _changed(entry, position)
    return LedgerFault(
        entry, f"The entry sealed at place {position} is missing or can no longer be read.", position
    )


def _changed(entry: str, position: int) -> LedgerFault:
    return LedgerFault(
        entry, f"The entry sealed at place {position} was changed after it was sealed.", position
    )


# A transaction may commit, and so be sealed, a while after its entry was written.
TOLERATED = timedelta(seconds=20)
BEHIND = timedelta(minutes=10)  # by which clocks of several computers may differ


def clock_is_behind(newest: datetime | None, now: datetime, wrong_until: datetime | None = None) -> bool:
    """Whether the clock is behind the ledger's newest entry: then an agreement that has ended might seem to be in effect.
    `wrong_until`: moments of the ledger until then are known to be too late, from a clock that once ran ahead."""
    if newest is None or (wrong_until is not None and newest <= wrong_until):
        return False
    return newest > now + BEHIND


def wrong_until(settings: Mapping[str, Any]) -> datetime | None:
    """Until when the ledger's moments are known to be wrong, as `throughway.toml` says; Refused where it says no moment."""
    said = settings.get("clock", {}).get("ledger_wrong_until")
    if said is None:
        return None
    if not isinstance(said, datetime):
        raise Refused(
            "ledger_wrong_until in throughway.toml, section [clock], must be a moment such as 2026-11-25T12:00:00Z.",
            code="settings",
        )
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def set_back(sealed: Iterable[tuple[str, datetime]], wrong_until: datetime | None = None) -> tuple[int, str]:
    """Of entries in the order of their sealing: how many say a moment well before one that was sealed before them, and the
    id of the first. Moments until `wrong_until` are known to be wrong, and what comes after one of them is not counted."""
    newest, count, first = None, 0, ""
    for id, at in sealed:
        known = wrong_until is not None and newest is not None and newest <= wrong_until
        if newest is not None and at < newest - TOLERATED and not known:
            count, first = count + 1, first or id
        newest = at if newest is None else max(at, newest)
    return count, first
