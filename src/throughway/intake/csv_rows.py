"""Rows of a delimited text, read so that one bad row costs that row alone."""

import csv
from collections.abc import Iterable, Iterator

# A quote that has not closed after so many lines is a mistyped one, not a cell of many lines.
LONGEST_ROW = 1000

csv.field_size_limit(1_000_000)


class Unclosed(Exception):
    """A quote opened and did not close."""


class RewindableLines:
    """Lines that can be taken back, so that reading goes on after the line in which a row broke."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_ROW:
            raise Unclosed
        line = self._returned.pop() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def start_row(self) -> None:
        self.taken.clear()

    def take_back_all_but_first(self) -> None:
        self._returned.extend(reversed(self.taken[1:]))


def rows_of(
    lines: Iterable[str], *, delimiter: str, quote: str, escape: str | None
) -> Iterator[tuple[int, list[str] | None, str]]:
    """Each row's 1-based number, its cells (None when its quotes are broken) and the line that it began with.

    Blank lines count as rows and have no cells, so that numbers are those that a spreadsheet or an editor shows.
    """
    feed = RewindableLines(lines)

    def reader() -> Iterator[list[str]]:
        return csv.reader(
            feed,
            delimiter=delimiter,
            quotechar=quote,
            escapechar=escape,
            doublequote=True,
            strict=True,
            skipinitialspace=True,
        )

    reading, number = reader(), 0
    while True:
        feed.start_row()
        number += 1
        try:
            cells = next(reading)
        except StopIteration:
            return
        except (csv.Error, Unclosed):
            first = feed.taken[0]
            feed.take_back_all_but_first()
            reading = reader()
            yield number, None, first
            continue
        yield number, cells, feed.taken[0] if feed.taken else ""
