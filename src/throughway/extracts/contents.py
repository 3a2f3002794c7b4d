"""What goes into an extract: for each table the columns that the agreement gives, and never what would join two extracts."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import columns_of
from throughway.vocabulary import TABLES

# How a row came to the platform: two extracts could be joined by the batch and the moment of a row that came alone.
LEFT_OUT = frozenset({"batch_id", "recorded_at"})


def columns(grants: Iterable[Grant]) -> dict[str, list[str]]:
    """Table → its columns in an extract, in the vocabulary's order, as the schedule names them: none that is derived in
    reading. A table of which nothing would be told is left out."""
    found: dict[str, list[str]] = {}
    of_tables = sorted(grants, key=lambda grant: grant.table)
    for table, of_one in groupby(of_tables, key=lambda grant: grant.table):
        names = [n for n in columns_of(of_one) if n not in LEFT_OUT and n not in TABLES[table].derived]
        if names:
            found[table] = names
    return found


def questions(tables: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Table → the question for all of it."""
    return {table: f"SELECT {', '.join(names)} FROM {table}" for table, names in tables.items()}
