"""CSV as OneRoster allows it: UTF-8, one row a line, quotes doubled; anything else is a fault with its place."""

import re
from collections.abc import Iterator
from typing import IO

LONGEST = 1 << 20  # bytes of one line

_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|\Z)')


class CsvFault(Exception):
    """A line that cannot be told apart into cells, or a file that is no text."""

    def __init__(self, code: str, row: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.row = row
        self.message = message


def lines_of(stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without ends and BOM; CsvFault (`csv.invalid_encoding`) where it is no UTF-8."""
    row = 0
    while raw := stream.readline(LONGEST):
        row += 1
        try:
            line = raw.decode("utf-8-sig" if row == 1 else "utf-8")
        except UnicodeDecodeError:
            raise CsvFault("csv.invalid_encoding", row, "the text is not UTF-8") from None
        if not raw.endswith(b"\n") and len(raw) == LONGEST:
            raise CsvFault("csv.invalid_encoding", row, "a line is longer than any row can be")
        line = line.removesuffix("\n").removesuffix("\r")
        if line:
            yield row, line


def cells_of(line: str, row: int) -> list[str]:
    """The cells of a line; CsvFault where quotes do not close or stand in the middle of a cell."""
    if "\r" in line:
        raise CsvFault("csv.bare_carriage_return", row, "a carriage return stands inside a row")
    if '"' not in line:
        return line.split(",")
    cells = []
    at = 0
    while True:
        found = _CELL.match(line, at)
        if found is None:
            raise CsvFault("csv.unescaped_quote", row, "a quote is not doubled or not closed")
        quoted, plain, end = found.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if not end:
            return cells
