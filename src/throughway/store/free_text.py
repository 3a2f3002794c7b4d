"""Free text of a plain table's rows: apart from them in the vault, and read with them.

    survey_response        plain    record, person_record, survey_question_code …
    survey_response~text   sealed   record, person_record, response_comment …; `text_of` names the plain file

A row without text is not in the sealed file. What an earlier version stored in the plain file itself is read from there until
`throughway check --repair` seals it.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from throughway.store import schemas
from throughway.store.engine import Engine, reading


def joined(engine: Engine, name: str, table: str, paths: Sequence[Path], texts: pa.Table) -> str:
    """The relation of all columns of the rows in these plain files; `texts`, their free text, is registered under the name."""
    plain = f"({reading(paths, schemas.columns(table))})"
    if not texts.num_rows:
        return plain
    engine.register(name, texts)
    columns = ", ".join(
        f"coalesce(text.{column}, plain.{column}) AS {column}"
        if column in schemas.free_text(table)
        else f"plain.{column} AS {column}"
        for column, _ in schemas.columns(table)
    )
    return (
        f'(SELECT {columns} FROM {plain} AS plain LEFT JOIN "{name}" AS text ON text.record = plain.record)'
    )


def has_text(table: str, row: str = "") -> str:
    """The condition that a row has free text."""
    return " OR ".join(f"{row}{column} IS NOT NULL" for column in schemas.free_text(table)) or "false"


def split(
    engine: Engine, table: str, rows: str, path: Path, *, order_by: Sequence[str] = ()
) -> tuple[int, pa.Table]:
    """Writes a relation with all columns of a plain table to a file without its free text; returns how many rows there are, and the
    text. `order_by`: without it the rows keep their order."""
    plain = ", ".join(column for column, _ in schemas.file_columns(table))
    count = engine.write(f"SELECT {plain} FROM {rows}", path, order_by=order_by)
    return count, text_of(engine, table, rows)


def text_of(engine: Engine, table: str, rows: str) -> pa.Table:
    """The free text of the rows of a relation, in memory."""
    sealed = table + schemas.TEXT
    if not schemas.free_text(table):
        return pa.table({})
    columns = ", ".join(column for column, _ in schemas.columns(sealed))
    found = engine.run(f"SELECT {columns} FROM {rows} WHERE {has_text(table)}")
    return found.cast(schemas.schema(sealed))
