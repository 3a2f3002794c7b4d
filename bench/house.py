"""`python -m bench.house`: counts how large the source is and how much of it two commands run, into docs/house.csv and docs/house.md.

Counted under src/throughway, in Python files: every line, and the statements of the syntax tree (`ast.stmt`), which neither comments nor
the folding of lines change. A room is a package right below it; migrations stand apart. Classes at the top of a module are compared
by name; nested ones, such as Meta, and those of migrations are not. Templates, style sheets and scripts are counted in lines, without those of
others (static/vendor). `bench/trace.py` says what is counted of a command that runs.

docs/house.csv holds each figure as it was before the modules were moved and as it is now. The page is made of it alone. The suite (tests/docs/test_house.py)
compares a new count with the CSV and asks for `make house` when the rooms differ, when the lines or statements in all differ by more than
2 %, or when a class name has come to be used for a second thing. Exact figures would fail at every commit, and the two commands would cost
the suite a quarter of a minute, so the suite asks for neither. Broken import rules fail `make check`.
"""

import ast
import configparser
import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.loading import CROSSWALK, write_csv
from bench.town import town

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "throughway"
FIGURES = ROOT / "docs" / "house.csv"
PAGE = ROOT / "docs" / "house.md"

# The kinds of figure: the first column of the CSV. The second says of what.
LINES, STATEMENTS, MODULE, FILES, FUNCTIONS, RULES, CLASSES = (
    "lines", "statements", "lines of a long module", "files run", "functions run", "import rules", "modules with the class"
)  # fmt: skip
LONGEST = 10
BESIDE, MIGRATIONS, PYTHON, SCREENS = (
    "modules beside the rooms", "migrations", "all Python", "templates, style sheets and scripts"
)  # fmt: skip
BROKEN, EXCUSED = "broken", "imports excused"
LOAD, QUERY = "load of a CSV file with three rows", "query that shows three rows"

Figures = dict[tuple[str, str], int]  # (kind, of what) → number


def measure() -> Figures:
    """Every figure of the page. Takes about 15 seconds."""
    return counted(SOURCE) | screens(SOURCE) | imports() | runs()


def counted(source: Path) -> Figures:
    """Lines and statements by room and in all, the longest modules, and the names that more than one module gives to a class."""
    figures: Counter[tuple[str, str]] = Counter()
    modules: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for path in source.rglob("*.py"):
        place = path.relative_to(source)
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        lines, statements = len(text.splitlines()), sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
        migration = "migrations" in place.parts
        for row in (PYTHON, MIGRATIONS if migration else place.parts[0] if place.parts[1:] else BESIDE):
            figures[LINES, row] += lines
            figures[STATEMENTS, row] += statements
        if not migration:
            modules[place.as_posix()] = lines
            classes.update({node.name for node in tree.body if isinstance(node, ast.ClassDef)})
    return (
        dict(figures)
        | {(MODULE, place): lines for place, lines in _largest_first(modules)[:LONGEST]}
        | {(CLASSES, name): number for name, number in classes.items() if number > 1}
    )


def screens(source: Path) -> Figures:
    """Lines of templates, style sheets and scripts, without those of others."""
    own = (
        path
        for path in source.rglob("*")
        if path.is_file() and "vendor" not in path.parts
        if path.suffix in (".css", ".js") or "templates" in path.parts
    )
    return {(LINES, SCREENS): sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own)}


def imports() -> Figures:
    """How many rules of .importlinter are broken, and how many imports they excuse."""
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [lint], cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}, stdout=subprocess.PIPE, text=True
    )
    verdict = re.search(r"Contracts: \d+ kept, (\d+) broken", ran.stdout)
    if not verdict:
        raise ValueError(f"lint-imports came to no verdict; run it: {lint}")
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    excused = sum(len(rules[rule].get("ignore_imports", "").split("\n")[1:]) for rule in rules.sections())
    return {(RULES, BROKEN): int(verdict[1]), (RULES, EXCUSED): excused}


def runs() -> Figures:
    """Files and functions that each of the two commands runs, in a small community made for them, each in a process of its own."""
    with town(1) as (community, [district], reader):
        attendance, crosswalk = community.root / "attendance.csv", community.root / "attendance.yaml"
        write_csv(attendance, students=3, days=1)
        crosswalk.write_text(CROSSWALK, encoding="utf-8")
        load = ("load", attendance, "--partner", district, "--format", "csv", "--crosswalk", crosswalk)
        question = "SELECT attendance_event_date, attendance_status FROM attendance_day"
        query = ("query", question, "--as", reader.email, "--purpose", "study")
        figures: Figures = {}
        for name, words in ((LOAD, load), (QUERY, query)):
            command = [sys.executable, "-m", "bench.trace", *map(str, words)]
            ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            called = json.loads(ran.stdout)
            figures |= {(FILES, name): len(called), (FUNCTIONS, name): sum(map(len, called.values()))}
        return figures


def read(path: Path) -> tuple[Figures, Figures]:
    """The figures of before and of now."""
    before, now = {}, {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for figures, column in ((before, "before"), (now, "now")):
                if row[column]:
                    figures[row["figure"], row["of"]] = int(row[column])
    return before, now


def write(path: Path, before: Figures, now: Figures) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("figure", "of", "before", "now"))
        for kind, of in sorted(before.keys() | now.keys()):
            rows.writerow((kind, of, before.get((kind, of), ""), now.get((kind, of), "")))


def page(before: Figures, now: Figures) -> str:
    """The page of the manual, in Markdown."""
    repeated = _largest_first(_of(CLASSES, now))
    parts = [
        "# The size of the house",
        "This page shows how large the source is, room by room, and how much of it one command runs. Look here for what a "
        "change should make smaller, and run `make house` to bring the figures up to date.",
        "*Before* is the state of 28 November 2026, just before the modules were moved to new rooms. What is counted stands at the head of `bench/house.py` and `bench/trace.py`; every figure is in [house.csv](house.csv).",
        "## Lines and statements",
        "\n".join(_sizes(before, now)),
        "## The longest modules",
        "\n".join(_longest(before, now)),
        "## What one command runs",
        "Without imports and the start of Django, each in a new process.",
        "\n".join(_runs(before, now)),
        "## Imports that climb",
        _climbing(now),
        "## Class names used for more than one thing",
        f"Before: {len(_of(CLASSES, before)):,}. Now: {len(repeated):,}{', with the number of modules that define each:' if repeated else '.'}",
        ", ".join(f"`{name}` {number}" for name, number in repeated),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _sizes(before: Figures, now: Figures) -> Iterator[str]:
    yield "| room | lines before | lines now | statements before | statements now |"
    yield "|---|--:|--:|--:|--:|"
    rooms = {of for figures in (before, now) for of in _of(LINES, figures)}
    last = (BESIDE, MIGRATIONS, PYTHON, SCREENS)
    for room in (*sorted(rooms - set(last)), *last):
        numbers = [
            _number(figures.get((kind, room))) for kind in (LINES, STATEMENTS) for figures in (before, now)
        ]
        yield f"| {room if room in last else f'`{room}`'} | {' | '.join(numbers)} |"


def _longest(before: Figures, now: Figures) -> Iterator[str]:
    yield "| before | lines | now | lines |"
    yield "|---|--:|---|--:|"
    lists = [_largest_first(_of(MODULE, figures)) for figures in (before, now)]
    for (old, old_lines), (new, new_lines) in zip(*lists, strict=True):
        yield f"| `{old}` | {old_lines:,} | `{new}` | {new_lines:,} |"


def _runs(before: Figures, now: Figures) -> Iterator[str]:
    yield "| command | files before | files now | functions before | functions now |"
    yield "|---|--:|--:|--:|--:|"
    for name in (LOAD, QUERY):
        numbers = [
            _number(figures.get((kind, name))) for kind in (FILES, FUNCTIONS) for figures in (before, now)
        ]
        yield f"| {name} | {' | '.join(numbers)} |"


def _climbing(now: Figures) -> str:
    broken, excused = now[RULES, BROKEN], now[RULES, EXCUSED]
    if not broken and not excused:
        return "None: every rule of `.importlinter` is kept, and none excuses an import."
    return f"Rules of `.importlinter` that are broken: {broken}. Imports that they excuse: {excused}. `make check` names them."


def _of(kind: str, figures: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {of: number for (figure, of), number in figures.items() if figure == kind}


def _largest_first(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def main() -> None:
    before, _ = read(FIGURES)
    now = measure()
    written = page(before, now)
    write(FIGURES, before, now)
    PAGE.write_text(written, encoding="utf-8")
    print(written)


if __name__ == "__main__":
    main()
