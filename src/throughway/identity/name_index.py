"""Finds records by the words of a name, from the standardized names that linkage keeps between runs."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.close_names import SAME, CloseWords, Scores
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


def alike(shown: Sequence[str], words: Sequence[str], close: Mapping[str, Scores]) -> float:
    """From 0 to 1: how well the words of the shorter name are found in the longer one, each once, whole or close (`close`: for each of
    `words` those that may be the same name). A given name alone is found in a whole name."""
    left, total = list(shown), 0.0
    for word in words:
        scores = close.get(word, {})
        best = max(left, key=lambda each: scores.get(each, 0.0), default="")
        if scores.get(best, 0.0) > 0:
            total += scores[best]
            left.remove(best)
    fewer = min(len(shown), len(words))
    return total / fewer if fewer else 0.0


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

    def find_alike(self, words: Sequence[str], least: int | None = None) -> Integers:
        """The record numbers in whose name at least so many of the words (None: each) begin a word or are close to one, the most alike
        first. Single letters and words that are left out of names are passed over."""
        asked = [w for w in dict.fromkeys(words) if len(w) > 1 and w not in SKIPPED]
        if not asked:
            return self.known[:0]
        scores = np.zeros((len(asked), len(self.known)))
        for row, (word, close) in enumerate(self._close.of(asked).items()):
            begins = bisect_left(self.words, word), bisect_left(self.words, word + AFTER)
            spans = [(*begins, SAME)]
            for other, score in close.items():
                spans.append((bisect_left(self.words, other), bisect_right(self.words, other), score))
            for low, high, score in spans:
                places = np.searchsorted(self.known, self.records[low:high])
                np.maximum.at(scores[row], places, score)
        enough = np.count_nonzero(scores, axis=0) >= min(least or len(asked), len(asked))
        order = np.argsort(-scores.sum(axis=0)[enough], kind="stable")
        found: Integers = self.known[enough][order]
        return found

    @cached_property
    def _close(self) -> CloseWords:
        return CloseWords(self.words)


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
