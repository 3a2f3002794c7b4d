"""The index of the names that linkage keeps. Only to read few of them: nothing here may be shown."""

from throughway.core.cache import Cache
from throughway.identity.actions.run_record import load_state
from throughway.identity.incremental.linkage_state import KnownRecords
from throughway.identity.name_index import NameIndex, name_index

# With the records, so that their `id()` is not used again.
_INDEX = Cache[tuple[KnownRecords, NameIndex]](1)


def index_of_names() -> NameIndex | None:
    """None where linkage keeps nothing: before its first run, and after a destruction until the next."""
    state = load_state()
    if state is None:
        return None
    return _INDEX.of(id(state.known), lambda: (state.known, name_index(state.known.rows)))[1]
