"""Where the rows of `need` are."""

from throughway.casework.models import StudentNeed
from throughway.casework.needs.need import TABLE
from throughway.casework.typed_entries.selectors import EntryTable

NEEDS = EntryTable(
    table=TABLE,
    model=StudentNeed,
    columns={
        "program_subtype": "kind",
        "need_since": "since",
        "need_source": "source",
        "need_state": "state",
        "need_text": "text",
    },
    sealed=frozenset({"need_text"}),
    noun="need",
    counted="versions of needs",
)
