"""Pairs the leaves of the ledger's tree with the entries that they were made of, and says which of the two is wrong or gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LeafRow = tuple[int, str, str]  # position, the entry's id, the leaf's hash in hexadecimal


@dataclass(frozen=True)
class LedgerFault:
    """Something found wrong: the entry's id ("place 17", "head 17" where no entry is left to name), a sentence.

    `position` orders faults: the first is the one that is told.
    """

    where: str
    problem: str
    position: int = -1


def first(*faults: LedgerFault | None) -> LedgerFault | None:
    """The fault at the lowest place; of two at one place, the one named first."""
    return min((f for f in faults if f), key=lambda fault: fault.position, default=None)


def changed(entry: str, position: int) -> LedgerFault:
    return LedgerFault(
        entry, f"The entry sealed at place {position} was changed after it was sealed.", position
    )


class LeafPairing:
    """Pairs leaves with their entries, whichever of the two comes first; both come in nearly the same order, so that few
    wait at any time. `digests`: of entries whose leaf has not come; `leaves`: by the id of an entry that has not."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.leaves: dict[str, LeafRow] = {}
        self.fault: LedgerFault | None = None

    def take(self, digests: Mapping[str, str], leaves: Sequence[LeafRow]) -> None:
        """`digests`: the hash that each entry has now, empty where its students are not those that were written."""
        there, waiting = self.digests, self.leaves
        there.update(digests)
        come = [waiting.pop(entry) for entry in waiting.keys() & digests.keys()]
        for position, entry, leaf in [*come, *leaves]:
            digest = there.pop(entry, None)
            if digest is None:
                waiting[entry] = (position, entry, leaf)
            elif digest != leaf:
                self.fault = first(self.fault, changed(entry, position))

    def fault_at_the_end(self) -> LedgerFault | None:
        """What is wrong once no leaf and no entry is left; entries without a leaf are those not sealed yet."""
        gone = [
            LedgerFault(
                entry, f"The entry sealed at place {position} is missing or can no longer be read.", position
            )
            for position, entry, _ in self.leaves.values()
        ]
        return first(self.fault, *gone)

    def unreadable(self) -> LedgerFault | None:
        """An entry without a leaf whose set of students is not the one that was written."""
        return next(
            (
                LedgerFault(entry, "An entry that is not sealed yet can no longer be read.")
                for entry, digest in self.digests.items()
                if not digest
            ),
            None,
        )
