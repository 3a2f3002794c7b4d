"""Names in a partner's file as they are stored: words that the formats, the vocabulary or the crosswalk know, and a number in place
of any other. A sheet may have a column for each student, and a file may be named after one; the record of a load is kept longer than
its rows.
"""

import re
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.map import edfi_map
from throughway.intake.edfi.records import singular
from throughway.intake.nsc import known_headings
from throughway.intake.oneroster.layout import layouts
from throughway.vocabulary import TABLES

ENDINGS = (".csv", ".txt", ".xlsx", ".zip", ".xml", ".jsonl", ".ndjson", ".json")
# A heading that is a day: two parts or three, and no more digits than a day has.
DAY = re.compile(r"(\d{1,2}|\d{4})[/.-]\d{1,2}([/.-](\d{2}|\d{4}))?")
PLAIN = re.compile(r"[\w -]+")  # characters that file systems and HTTP headers accept
SHEET = re.compile(r"(.+)(, sheet \d+)")  # of a workbook of which several sheets are read
NUMBERED = re.compile(r"(upload|load|file|sheet|column|unknown name) \d+")


class QuotesHeading(Refused):
    """A refusal that quotes a heading of the file, or a field of a crosswalk, to its sender; `kept` is the same without it, to be stored."""

    def __init__(self, message: str, *, kept: str, code: str) -> None:
        super().__init__(message, code=code)
        self.kept = kept


class KeptNames:
    """Gives the name under which a heading or file is stored. `places`: the position of a heading, such as `column 14`, which
    replaces an unknown one. `called`: replacements of file names."""

    def __init__(
        self,
        crosswalk: Crosswalk | None = None,
        places: Mapping[str, str] | None = None,
        called: Mapping[str, str] | None = None,
    ) -> None:
        self._own = {*crosswalk.headings()} if crosswalk else set[str]()
        self._places, self._called = places or {}, called or {}
        self._numbers: dict[str, dict[str, int]] = {}

    def heading(self, name: str) -> str:
        """A heading, the name of a field or of a kind of record. The parts of `users.csv: x` and `x + y` are checked one by one."""
        if not name or self._known(name):
            return name
        for between in (": ", " + "):
            if between in name:
                first, _, rest = name.partition(between)
                kept = self.file(first) if between == ": " else self.heading(first)
                return f"{kept}{between}{self.heading(rest)}"
        return self._places.get(name) or self._number("unknown name", name)

    def file(self, name: str) -> str:
        """The name of a file without its folders."""
        if not name or name in self._called:
            return self._called.get(name, name)
        if sheet := SHEET.fullmatch(name):
            return f"{self.file(sheet[1])}{sheet[2]}"
        bare = PurePosixPath(name.replace("\\", "/"))
        ending = bare.suffix.lower() if bare.suffix.lower() in ENDINGS else ""
        if bare.suffix.lower() == ending and PLAIN.fullmatch(bare.stem) and self._known(bare.stem):
            return bare.name
        return f"{self._number('file', name)}{ending}"

    def sentence(self, refused: Refused, path: Path) -> str:
        """The message of a refusal, with the names of the files at a path, and of those in `called`, as they are stored."""
        message = refused.kept if isinstance(refused, QuotesHeading) else refused.message
        for name in sorted({*_names_at(path), *self._called}, key=len, reverse=True):
            if name in message:
                message = message.replace(name, self.file(name))
        return message

    def _known(self, name: str) -> bool:
        folded = _folded(name)
        return (
            name in self._own
            or folded in known_words()
            or bool(DAY.fullmatch(name) or NUMBERED.fullmatch(name))
        )

    def _number(self, kind: str, name: str) -> str:
        numbers = self._numbers.setdefault(kind, {})
        return f"{kind} {numbers.setdefault(name, len(numbers) + 1)}"


@cache
def known_words() -> frozenset[str]:
    """Every name in the vocabulary and the standard formats, folded."""
    words = {*TABLES, *(path for t in TABLES.values() for e in t.elements for path in (e, f"{t.name}.{e}"))}
    for standard in layouts().values():
        words |= {
            *standard.files,
            "manifest",
            *(c.name for columns in standard.files.values() for c in columns),
        }
    words |= known_headings()
    for rule in edfi_map().rules:
        words |= {*rule.sources.values(), *(part.source for part in rule.key)}
    # An expression of the map names several fields: each path of them, and each step.
    words |= {path for word in words for path in re.findall(r"[A-Za-z][\w.]+", word)}
    words |= {step for word in words for step in word.split(".")}
    text = files("throughway.intake").joinpath("maps/edfi_resources.txt").read_text(encoding="utf-8")
    resources = {
        word.lower() for line in text.splitlines() if not line.startswith("#") for word in line.split()
    }
    return frozenset(
        folded
        for word in (*words, *resources, *map(singular, resources))
        if not (folded := _folded(word)).isdigit()
    ) - {""}


def file_name(name: str, otherwise: str) -> str:
    """The name under which a file is stored: its own if that is a known word, else `otherwise`."""
    kept = KeptNames().file(name)
    return kept if kept and not kept.startswith("file 1") else otherwise + kept.removeprefix("file 1")


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _names_at(path: Path) -> Iterable[str]:
    """The name of what is at the path, and of each file in it."""
    names = {path.name}
    if path.is_dir():
        names |= {name for p in path.rglob("*") for name in (p.name, str(p.relative_to(path)))}
    elif path.is_file() and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                names |= {name for n in archive.namelist() for name in (n, PurePosixPath(n).name)}
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            pass
    return names - {""}
