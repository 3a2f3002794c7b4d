"""The columns of an extract and its codebook: meaning, codes, transform, and share of missing values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import columns_of
from throughway.gate.describe import by_discloser
from throughway.vocabulary import COMMON, TABLES, Element, code_set, codes_of
from throughway.vocabulary.labels import element_words

# Load metadata: the batch and time of a row that was loaded alone could be used to join two extracts.
LEFT_OUT = frozenset({"batch_id", "recorded_at"})


def columns(grants: Iterable[Grant]) -> dict[str, list[str]]:
    """Table → its columns in an extract, in the vocabulary's order, as named in the schedule: no derived columns. Tables without such
    columns are left out."""
    found: dict[str, list[str]] = {}
    of_tables = sorted(grants, key=lambda grant: grant.table)
    for table, of_one in groupby(of_tables, key=lambda grant: grant.table):
        names = [n for n in columns_of(of_one) if n not in LEFT_OUT and n not in TABLES[table].derived]
        if names:
            found[table] = names
    return found


def questions(tables: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Table → the query for all of it."""
    return {table: f"SELECT {', '.join(names)} FROM {table}" for table, names in tables.items()}


CODEBOOK_COLUMNS = (
    "table", "element", "words", "what it is", "type", "code set",
    "how it is shown", "rows", "missing", "why missing",
)  # fmt: skip
CODE_COLUMNS = ("code set", "code", "label")
SHOWN = {
    "none": "as it is recorded",
    "year": "the year alone",
    "mask": "the first letter",
    "pseudonym": "a random code of this purpose's own",
    "suppress": "left empty",
}
PERSON = "a random code of the purpose {}: the same in every table and every extract for it, and in no other purpose's unless the agreement joins them"


def element_of(table: str, name: str) -> Element:
    return COMMON[name] if name in COMMON else TABLES[table].elements[name]


def codebook(tables: Mapping[str, pa.Table], grants: Sequence[Grant]) -> Iterator[tuple[str, ...]]:
    """A line for each column of each table."""
    for table, rows in tables.items():
        of_table = [grant for grant in grants if grant.table == table]
        for name in rows.column_names:
            found = element_of(table, name)
            missing = rows[name].null_count
            giving = [grant for grant in of_table if name in grant.columns]
            yield (
                table, name, element_words(name), found.description, str(rows.schema.field(name).type),
                code_set(found) if _as_recorded(of_table, name) else "", by_discloser(giving, partial(_way, name)),
                str(rows.num_rows), str(missing), _why(of_table, name) if missing else "",
            )  # fmt: skip


def codes(tables: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """(set, code, label) of every code set that a column of these tables uses, each once."""
    listed_sets: set[str] = set()
    for table, names in tables.items():
        for name in names:
            found = element_of(table, name)
            listed, called = codes_of(found), code_set(found)
            if listed and called not in listed_sets:
                listed_sets.add(called)
                yield from ((called, code, label) for code, label in listed.items())


def _way(name: str, grant: Grant) -> str:
    if name == "person_id":
        return PERSON.format(grant.purpose)
    transform = grant.columns[name]
    if transform.name == "band":
        return f"the lower bound of bands of {transform.width}"
    return SHOWN[transform.name]


def _as_recorded(grants: Sequence[Grant], name: str) -> bool:
    return any(name in g.columns and g.columns[name].name == "none" for g in grants)


def _why(grants: Sequence[Grant], name: str) -> str:
    without = sorted({g.discloser for g in grants if name not in g.columns})
    if all(name in g.columns and g.columns[name].name == "suppress" for g in grants):
        return "the agreement leaves it empty"
    others = f", or of {', '.join(without)}, which does not give it" if without else ""
    return f"not recorded{others}"
