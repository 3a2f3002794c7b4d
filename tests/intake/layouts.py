"""How many columns of known layouts `throughway inspect` recognizes.

    python -m tests.intake.layouts LAYOUTS.csv [...]        one line for each file, and what is not right

A file of layouts has a row for each column: `layout`, `origin`, `heading`, `element` (those that are right, with | between them; empty where
the vocabulary has none; * stands for any table), and `cells`: what stands in the rows, with / between them, where {n} counts the rows, {k} runs from 1 to 4 and {d}
through the days of a month. Where no row of a layout has cells, `origin` is a file beside the file of layouts, which is looked at itself.
"""

import csv
import io
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.inspection import inspect

ROWS = 40


@dataclass(frozen=True)
class JudgedColumn:
    """A column whose element is known, and what was guessed."""

    layout: str
    heading: str
    wanted: tuple[str, ...]
    guess: ElementGuess

    @property
    def right(self) -> bool:
        found = self.guess.element or ""
        return found in self.wanted or f"*.{found.partition('.')[2]}" in self.wanted

    @property
    def wrong_without_a_doubt(self) -> bool:
        return not self.right and not self.guess.is_doubt


@dataclass(frozen=True)
class Recognized:
    columns: Sequence[JudgedColumn]

    @property
    def right(self) -> float:
        return sum(each.right for each in self.columns) / len(self.columns)

    @property
    def wrong(self) -> float:
        return sum(each.wrong_without_a_doubt for each in self.columns) / len(self.columns)

    @property
    def doubts(self) -> float:
        return sum(each.guess.is_doubt for each in self.columns) / len(self.columns)

    def __str__(self) -> str:
        return (
            f"{len({each.layout for each in self.columns})} layouts, {len(self.columns)} columns, {self.right:.1%} right,"
            f" {self.wrong:.1%} wrong without a doubt, {self.doubts:.1%} doubts"
        )


def layouts_of(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of a file of layouts, by layout."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        found[row["layout"]].append(row)
    return found


def judged(layouts: Mapping[str, Sequence[Mapping[str, str]]], folder: Path, beside: Path | None = None) -> Recognized:  # fmt: skip
    """The guesses for the columns of layouts. `folder`: an empty one for files. `beside`: where the files named as origin are."""
    return Recognized([each for name, rows in layouts.items() for each in _judged(name, rows, folder, beside)])  # fmt: skip


def _judged(
    name: str, rows: Sequence[Mapping[str, str]], folder: Path, beside: Path | None
) -> Iterator[JudgedColumn]:
    if beside is not None and not any(row["cells"] for row in rows):
        path = beside / rows[0]["origin"]
    else:
        path = folder / ("programs.csv" if "program" in name else "students.csv")
        path.write_text(table_of({row["heading"]: row["cells"] for row in rows}), encoding="utf-8")
    into = Path(tempfile.mkdtemp(dir=folder))
    columns = {guess.name.strip(): guess for guess in inspect(path, into=into).tables[0].columns}
    for row in rows:
        guess = columns[row["heading"].strip()]
        yield JudgedColumn(name, row["heading"], tuple(row["element"].split("|")), guess)


def table_of(cells: Mapping[str, str]) -> str:
    """A file with a row of headings and ROWS others. `cells`: by heading, as a file of layouts has them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(cells)
    writer.writerows([_cell(text, n) for text in cells.values()] for n in range(ROWS))
    return out.getvalue()


def _cell(text: str, n: int) -> str:
    parts = [text] if "{d}" in text else text.split("/")
    return (
        parts[n % len(parts)]
        .replace("{n}", str(100 + n))
        .replace("{k}", str(n % 4 + 1))
        .replace("{d}", f"{n % 28 + 1:02}")
    )


def main(paths: Sequence[str]) -> None:
    for path in map(Path, paths):
        with tempfile.TemporaryDirectory() as folder:
            found = judged(layouts_of(path), Path(folder), path.parent)
        for each in found.columns:
            if not each.right:
                doubt = "doubt" if each.guess.is_doubt else "WRONG"
                sys.stdout.write(
                    f"{doubt} {each.layout}: {each.heading} is {' or '.join(each.wanted[:2]) or 'no element'};"
                    f" guessed {each.guess.element or 'none'} ({each.guess.confidence:.0%}: {each.guess.reason})\n"
                )
        sys.stdout.write(f"{path.name}: {found}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
