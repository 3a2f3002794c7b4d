"""What is wrong with staged rows, as bits of their column `_faults`, in the order in which faults were first met."""

from collections.abc import Iterable, Sequence

from throughway.intake.staging import RowFault

BITS = 62  # of a 64-bit integer; the last one stands for every further fault of a table

OTHERWISE = RowFault("", "", "a value cannot be read", "correct it in the source", "cell")


class FaultBook:
    """The faults of each table, and the bit of each."""

    def __init__(self) -> None:
        self._faults: dict[str, list[RowFault]] = {}

    def bit(self, table: str, fault: RowFault) -> int:
        """The bit that says so in a row of the table."""
        faults = self._faults.setdefault(table, [])
        if fault not in faults and len(faults) < BITS:
            faults.append(fault if len(faults) < BITS - 1 else OTHERWISE)
        return 1 << (faults.index(fault) if fault in faults else BITS - 1)

    def of(self, tables: Iterable[str]) -> dict[str, Sequence[RowFault]]:
        """As `Staged.faults` takes them: every table has an entry."""
        return {table: self._faults.get(table, []) for table in tables}
