"""Row groups of Parquet files, put together anew without being read: their bytes are copied, and only the footer is written.

A person stands in one or two row groups of a file that is sorted by person, so that to leave the person out only these need be
written again. Format: Apache Parquet, src/main/thrift/parquet.thrift; the numbers of its fields stand below.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq

from throughway.store import parquet_footer
from throughway.store.parquet_footer import I64, LIST, STRUCT, Many, Struct

MAGIC = b"PAR1"
PIECE = 1 << 20  # bytes copied at once
# FileMetaData
SCHEMA, ROWS, GROUPS = 2, 3, 4
# RowGroup
COLUMNS, GROUP_ROWS, GROUP_OFFSET, ORDINAL = 1, 3, 5, 7
# ColumnChunk: where the chunk begins, its metadata, and an index of its pages, which readers do without
CHUNK_OFFSET, CHUNK, PAGE_INDEX = 2, 3, (4, 5, 6, 7)
# ColumnMetaData
COMPRESSED, DATA, INDEX, DICTIONARY, BLOOM, BLOOM_BYTES = 7, 9, 10, 11, 14, 15


def that_may_hold(path: Path, column: str, numbers: Collection[int]) -> list[int]:
    """The row groups whose bounds of a column of whole numbers take in one of these; all that tell no bounds."""
    with pq.ParquetFile(path) as file:
        told = file.metadata
        at = file.schema_arrow.names.index(column)
        found = []
        for group in range(told.num_row_groups):
            bounds = told.row_group(group).column(at).statistics
            if bounds is None or not bounds.has_min_max:
                if bounds is None or bounds.null_count != told.row_group(group).num_rows:
                    found.append(group)
            elif any(bounds.min <= number <= bounds.max for number in numbers):
                found.append(group)
        return found


def merge_row_groups(parts: Sequence[tuple[Path, Sequence[int]]], into: Path) -> int:
    """Writes these row groups of these files, in this order, as one file; gives its rows.

    ValueError when the files have not one schema, or a footer is not as it should be: then nothing is at `into`.
    """
    footers = {path: footer(path) for path in dict(parts)}
    first = footers[parts[0][0]]
    if any(other[SCHEMA] != first[SCHEMA] for other in footers.values()):
        raise ValueError("the files have not one schema")
    groups: list[Struct] = []
    try:
        with into.open("xb") as out:
            out.write(MAGIC)
            for path, wanted in parts:
                with path.open("rb") as source:
                    for number in wanted:
                        group = footers[path][GROUPS][1].values[number]
                        groups.append(_copied(source, out, group, len(groups)))
            rows = sum(group[GROUP_ROWS][1] for group in groups)
            told = parquet_footer.written({**first, ROWS: (I64, rows), GROUPS: (LIST, Many(STRUCT, groups))})
            out.write(told + len(told).to_bytes(4, "little") + MAGIC)
        with pq.ParquetFile(into) as made, pq.ParquetFile(parts[0][0]) as before:
            if made.metadata.num_rows != rows or made.schema_arrow != before.schema_arrow:
                raise ValueError("what was put together does not read as it should")
    except (ValueError, KeyError, OSError) as error:
        into.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise
        raise ValueError(str(error)) from None
    return int(rows)


def footer(path: Path) -> Struct:
    """What the file says of itself at its end."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or length + 12 > size:
            raise ValueError("this is no Parquet file, or it is encrypted")
        file.seek(size - 8 - length)
        return parquet_footer.read(file.read(length))


def _copied(source: IO[bytes], out: IO[bytes], group: Struct, number: int) -> Struct:
    """The group with its new places, whose bytes are in `out` now."""
    begins = out.tell()
    chunks = [_copied_chunk(source, out, chunk) for chunk in group[COLUMNS][1].values]
    for chunk in chunks:
        _copy_bloom(source, out, chunk[CHUNK][1])
    found = {**group, COLUMNS: (LIST, Many(STRUCT, chunks))}
    if GROUP_OFFSET in group:
        found[GROUP_OFFSET] = (I64, begins)
    if ORDINAL in group:
        found[ORDINAL] = (group[ORDINAL][0], number)
    return found


def _copied_chunk(source: IO[bytes], out: IO[bytes], chunk: Struct) -> Struct:
    told: Struct = dict(chunk[CHUNK][1])
    places = [place for place in (DATA, INDEX, DICTIONARY) if place in told and told[place][1] > 0]
    start = min(told[place][1] for place in places)
    moved = out.tell() - start
    _copy(source, out, start, told[COMPRESSED][1])
    for place in places:
        told[place] = (I64, told[place][1] + moved)
    found = {at: value for at, value in chunk.items() if at not in PAGE_INDEX}
    found[CHUNK] = (STRUCT, told)
    if found[CHUNK_OFFSET][1] > 0:
        found[CHUNK_OFFSET] = (I64, found[CHUNK_OFFSET][1] + moved)
    return found


def _copy_bloom(source: IO[bytes], out: IO[bytes], told: Struct) -> None:
    """The filter that tells which values a chunk has not; without its length, it is left out, and readers do without."""
    start, length = told.pop(BLOOM, None), told.get(BLOOM_BYTES)
    if start is not None and length is not None:
        told[BLOOM] = (I64, out.tell())
        _copy(source, out, start[1], length[1])


def _copy(source: IO[bytes], out: IO[bytes], start: int, length: int) -> None:
    # Read and written, never as shared blocks of a copying file system: the source is overwritten later.
    source.seek(start)
    while length > 0:
        piece = source.read(min(length, PIECE))
        if not piece:
            raise ValueError("the file is shorter than its footer says")
        out.write(piece)
        length -= len(piece)
