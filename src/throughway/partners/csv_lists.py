"""Reads a list from a CSV: each row with its line number, and one sentence for each fault."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.core.refusals import Refused

LARGEST = 200 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class CsvRow:
    """One row: its cells by column, without blanks at their ends. `name`: how a refusal calls it, where it is no line of a file."""

    number: int
    cells: Mapping[str, str]
    name: str = ""

    def text(self, column: str, what: str) -> str:
        """The cell; Refused when it is empty. `what` ends the sentence "Line 3 has no …"."""
        value = self.cells[column]
        if not value:
            raise self.wrong(f"has no {what} ({column})")
        return value

    def day(self, column: str) -> date | None:
        """The day in the cell, None where it is empty; Refused when it is none."""
        value = self.cells[column]
        if not value:
            return None
        try:
            if len(value) != len("2026-09-01"):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise self.wrong(f"has a day in {column} that cannot be read; write it as 2026-09-01") from None

    def wrong(self, what: str, *, code: str = "bad_line", citations: Sequence[str] = ()) -> Refused:
        """A refusal of the whole file for this line. `what` never repeats a key or a name."""
        return Refused(
            f"{self.name or f'Line {self.number}'} {what}; nothing was changed.",
            code=code,
            citations=citations,
        )


def lines_of(path: Path, columns: Sequence[str]) -> list[CsvRow]:
    """The rows of a file with these columns, in any order. Refused when it is not such a file; empty lines are passed over."""
    named = ",".join(columns)
    try:
        if path.stat().st_size > LARGEST:
            raise Refused(f"{path.name} is larger than 200 MB; split it.", code="too_large")
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise Refused(f"There is no file {path.name}; check the path.", code="no_file") from None
    except UnicodeDecodeError:
        raise Refused(f"{path.name} is not a text in UTF-8; save it as CSV UTF-8.", code="bad_file") from None
    try:
        return list(_lines(csv.reader(io.StringIO(text, newline=""), strict=True), path.name, columns))
    except csv.Error:
        raise Refused(
            f"{path.name} cannot be read as CSV; its first line is {named}.", code="bad_file"
        ) from None


def _lines(reader: Iterator[list[str]], name: str, columns: Sequence[str]) -> Iterator[CsvRow]:
    heading = [cell.strip().lower() for cell in next(reader, [])]
    missing = [column for column in columns if column not in heading]
    unknown = [column for column in heading if column not in columns]
    if missing or unknown or len(set(heading)) < len(heading):
        wrong = f"lacks {', '.join(missing)}" if missing else f"has {len(unknown)} columns too many"
        raise Refused(f"{name} {wrong}; its first line is {','.join(columns)}.", code="bad_file")
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        line = CsvRow(reader.line_num, dict(zip(heading, cells, strict=False)))  # type: ignore[attr-defined]
        if len(cells) != len(heading):
            raise line.wrong(f"has {len(cells)} cells where the first line has {len(heading)}")
        yield line
