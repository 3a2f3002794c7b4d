"""The schema of every table's files: columns and sort order.

All files of one table have one schema, so that the engine may read any list of them together. A file older than one of the
vocabulary's columns lacks it: `engine.reading` puts an empty column in its place. A plain file has no column of free text:
that rests in the vault (`free_text`).
"""

import pyarrow as pa

from throughway.vocabulary import TABLES

# Tables of the program itself, in addition to those of the vocabulary.
OWN: dict[str, tuple[tuple[str, str], ...]] = {
    # A partner's record keys of learners and guardians, and the random numbers that replace them in facts.
    "record_key": (("kind", "VARCHAR"), ("key", "VARCHAR"), ("record", "BIGINT")),
    # One purpose's random codes of persons; its `partner` in the manifest is their name, `agreement/purpose`.
    "pseudonym": (("person", "BIGINT"), ("code", "VARCHAR")),
    # The same for values of elements that it shows as pseudonyms.
    "value_code": (("number", "BIGINT"), ("element", "VARCHAR"), ("value", "VARCHAR"), ("code", "VARCHAR")),
    # Names of those who signed a consent: `holder` replaces the name in the events of this learner's record.
    "consent_signer": (("record", "BIGINT"), ("holder", "BIGINT"), ("signer", "VARCHAR")),
    # Which records are one person, across partners.
    "person_link": (("record", "BIGINT"), ("person", "BIGINT")),
    # Linkage state between runs, so that a few new records need not be compared with all others again.
    "person_known": (("part", "VARCHAR"), ("number", "BIGINT"), ("content", "BLOB")),
}
# Rows superseded by a correction are stored in a history table with the same columns.
HISTORY = "~history"
# Free text of the rows of a plain file rests in vault files of that file alone, by the number of the row (`StoredFile.text_of`).
TEXT = "~text"

OWN_VAULTED = frozenset({"record_key", "pseudonym", "value_code", "consent_signer", "person_known"})
OWN_ORDER = {"pseudonym": ("person",), "value_code": ("number",), "person_known": ("number",)}

ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "BLOB": pa.large_binary(),
}


def base(table: str) -> str:
    """The table whose rows, superseded rows or free text these are."""
    return table.removesuffix(TEXT).removesuffix(HISTORY)


def free_text(table: str) -> tuple[str, ...]:
    """The columns of a plain table that rest in the vault."""
    return () if table.endswith(TEXT) or base(table) in OWN else TABLES[base(table)].free_text


def columns(table: str) -> tuple[tuple[str, str], ...]:
    """(column, engine type) of the table's rows, in order, with their free text; KeyError for an unknown table."""
    if table.endswith(TEXT):
        kept = {"record", "person_record", *free_text(base(table))}
        return tuple(column for column in columns(base(table)) if column[0] in kept)
    return OWN[base(table)] if base(table) in OWN else TABLES[base(table)].landed


def file_columns(table: str) -> tuple[tuple[str, str], ...]:
    """The same of the table's files: those of a plain table hold no free text."""
    return tuple(column for column in columns(table) if column[0] not in free_text(table))


def vaulted(table: str) -> bool:
    """Whether the table's files are stored in the vault, each sealed as a whole."""
    if table.endswith(TEXT):
        return True
    return base(table) in OWN_VAULTED if base(table) in OWN else TABLES[base(table)].vaulted


def order(table: str) -> tuple[str, ...]:
    """Columns by which the rows of a file are sorted: the person's record, the day, the row's own key."""
    if base(table) in OWN:
        return OWN_ORDER.get(base(table), ("record",))
    known = TABLES[base(table)]
    if table.endswith(TEXT):
        return ("person_record", "record") if known.of_person else ("record",)
    return (*(["person_record"] if known.of_person else []), *known.starts, "record")


def numbered_by(table: str) -> str | None:
    """The column with record numbers of learners; None in tables without persons."""
    table = base(table)
    if table in OWN:
        return None if table in OWN_ORDER else "record"
    return "person_record" if TABLES[table].of_person else None


def schema(table: str) -> pa.Schema:
    return pa.schema([(name, ARROW[kind]) for name, kind in columns(table)])


def empty(table: str) -> pa.Table:
    """The table without rows."""
    return schema(table).empty_table()
