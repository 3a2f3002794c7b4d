"""Two numbers of one system are two students, unless the system itself says that they are one.

A student information system gives each student one number. So two records that one partner's system numbered are never one person without
a person's ruling, however alike they are: twins have one birth date, one home, and often names that differ in a letter. Records without
such a number are judged by their evidence alone: those whose key is made of names, and the entries of a list, such as sign-ups, where
each visit has a number.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.comparisons import Truths, surely_twice

# A system is a list of entries where so large a share of its records, and so many, are another one again. Twins are not counted: they have
# different first names.
LIST, FEWEST = 0.15, 10
NO_SYSTEM = -1


@dataclass(frozen=True, eq=False)
class OwnNumbers:
    """One entry a record. `system`: the system whose number it has, NO_SYSTEM where it has none of its own. `student`: equal for the
    records that the system itself says are one student."""

    system: Integers
    student: Integers

    def two_students(self, pairs: CandidatePairs) -> Truths:
        """For each pair: whether one system numbered both records, as two students."""
        one, other = self.system[pairs.left], self.system[pairs.right]
        apart = self.student[pairs.left] != self.student[pairs.right]
        found: Truths = (one == other) & (one != NO_SYSTEM) & apart
        return found


def own_numbers(rows: pa.Table, lists: Collection[str] = ()) -> OwnNumbers:
    """The numbers of the rows of `comparable`. `lists`: systems that are lists of entries (see `lists_of_entries`)."""
    names = rows["system"].combine_chunks().cast(pa.string())
    names = pc.if_else(pc.is_in(names, pa.array(sorted(lists), pa.string())), None, names)
    system = pc.fill_null(names.dictionary_encode().indices, NO_SYSTEM).to_numpy().astype(np.int64)
    master = pc.fill_null(rows["master"].combine_chunks().dictionary_encode().indices, -1).to_numpy()
    return OwnNumbers(system, np.where(master >= 0, master, len(system) + np.arange(len(system))))


def lists_of_entries(rows: pa.Table, pairs: CandidatePairs) -> tuple[str, ...]:
    """The systems of the rows whose numbers are those of entries."""
    numbers = own_numbers(rows)
    within = numbers.two_students(pairs) & surely_twice(pairs.rungs)
    again = np.unique(np.concatenate([pairs.left[within], pairs.right[within]]))
    names = np.array(rows["system"].to_pylist(), dtype=object)
    return tuple(
        sorted(
            name
            for name in set(names[again].tolist())
            if (number := (names[again] == name).sum()) >= FEWEST and number >= LIST * (names == name).sum()
        )
    )
