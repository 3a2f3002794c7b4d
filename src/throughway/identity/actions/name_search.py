"""The records whose name begins with some words, by what linkage keeps. Only to read few of them: nothing here may be shown."""

from collections.abc import Sequence

from throughway.core.cache import Cache
from throughway.identity.actions.run_record import load_state
from throughway.identity.incremental.linkage_state import KnownRecords
from throughway.identity.linkage.candidate_pairs import Integers
from throughway.identity.name_index import NameIndex, name_index

# With the records, so that their `id()` is not used again.
_INDEX = Cache[tuple[KnownRecords, NameIndex]](1)


def records_named(words: Sequence[str]) -> tuple[Integers, Integers] | None:
    """The record numbers in whose name each of the words begins a word, and the numbers of all records that can be found so. None
    where linkage keeps nothing: before its first run, and after a destruction until the next."""
    state = load_state()
    if state is None:
        return None
    index = _INDEX.of(id(state.known), lambda: (state.known, name_index(state.known.rows)))[1]
    return index.find(words), index.known
