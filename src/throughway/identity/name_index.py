"""Finds records by the words of a name, from the standardized names that linkage keeps between runs."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import Integers, record_numbers
from throughway.identity.linkage.word_lists import FAKE_NAMES, PARTICLES, SUFFIXES

NAMES = ("givens", "surnames")  # lists of words of each row (see `standardization`)
# Words that standardization leaves out of names: particles, and what people write for an unknown name.
SKIPPED = frozenset((*PARTICLES, *SUFFIXES, *FAKE_NAMES))
AFTER = "\U0010ffff"  # sorts after every letter


def words_of(text: str) -> list[str]:
    """The words of a name in lower case, without accents and apostrophes, as standardization splits them."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", "")).casefold()
    return re.findall(r"[^\W\d_]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def has_name(shown: str, words: Sequence[str]) -> bool:
    """Whether each of the words begins a word of the name."""
    parts = words_of(shown)
    return all(any(part.startswith(word) for part in parts) for word in words)


@dataclass(frozen=True, eq=False)
class NameIndex:
    """`words`: every word of every name, sorted; `records`: the record number of each. `known`: the numbers of all records, rising."""

    words: Sequence[str]
    records: Integers
    known: Integers

    def find(self, words: Sequence[str]) -> Integers:
        """The record numbers, rising, in whose name each of the words begins a word. Single letters and words that are left
        out of names are passed over; where nothing else is given, none."""
        found: Integers | None = None
        for word in dict.fromkeys(words):
            if len(word) > 1 and word not in SKIPPED:
                low, high = bisect_left(self.words, word), bisect_left(self.words, word + AFTER)
                these = np.unique(self.records[low:high])
                found = these if found is None else np.intersect1d(found, these, assume_unique=True)
        return found if found is not None else self.known[:0]


def name_index(rows: pa.Table) -> NameIndex:
    """`rows`: the records as `standardization` prepares them, by rising record number."""
    numbers = record_numbers(rows)
    words, records = [], []
    for column in NAMES:
        lists = rows[column].combine_chunks()
        if isinstance(lists, pa.ChunkedArray):
            lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], lists.type)
        words.append(pc.list_flatten(lists).cast(pa.string()))
        records.append(numbers[pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)])
    every = pa.concat_arrays(words)
    order = pc.sort_indices(every)
    return NameIndex(
        every.take(order).to_pylist(), np.concatenate(records)[order.to_numpy(zero_copy_only=False)], numbers
    )
