"""The page and every file of one release say the same, of every kind of release: the same figures in the same order, the same notes, the
same day and the same years."""

import base64
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import openpyxl
import pytest
from lxml import html
from pypdf import PdfReader

from tests.demo.conftest import Riverbend
from tests.demo.release_faces import KINDS
from throughway.core.prose import day, school_year

Face = Mapping[str, Any]
Line = tuple[tuple[str, ...], str]  # the place of a figure in words, and the figure in words
YEAR = re.compile(r"(?:19|20)\d\d")
OF_COLLEGE = {
    "Complete a credential",
    "Stay in college to the second fall",
}  # classes named by the year after their own


@pytest.fixture(scope="module")
def faces(riverbend: Riverbend) -> dict[str, Face]:
    found: dict[str, Face] = riverbend.town.module("tests.demo.release_faces", riverbend.who("data_steward"))
    assert found.keys() == {*KINDS, "question"}
    return found


def value(at: Mapping[str, str], dimension: str) -> str:
    """A year of a report's table as a reader knows it; everything else as it is registered."""
    if dimension not in at:
        return "all"
    text = at[dimension]
    if YEAR.fullmatch(text):
        more = dimension.startswith("class") and at.get("milestone") in OF_COLLEGE
        return school_year(int(text) + more)
    return text


def words(cell: Mapping[str, Any]) -> str:
    shown = cell["shown"]
    if shown is None:
        return "withheld"
    if isinstance(shown, str):
        return shown
    return f"{shown}%" if cell["statistic"] == "rate" else f"{shown:,}"


def registered(face: Face) -> list[tuple[str, list[Line]]]:
    """The tables as they are registered, each with its figures in order."""
    return [
        (table["title"], [(tuple(value(c["at"], d) for d in table["by"]), words(c)) for c in table["cells"]])
        for table in face["document"]["tables"]
    ]


def text(node: Any) -> str:
    return " ".join(node.text_content().split())


def of_html(content: str, after: str) -> list[tuple[str, list[Line]]]:
    """The tables of a page, each under its heading. `after`: where the figures begin."""
    page = html.fromstring(content)
    found = []
    for table in page.xpath("//table"):
        title = text(table.xpath("preceding::h2[1]")[0])
        wide = len(table.xpath("./thead/tr/th"))
        rows = [[text(td) for td in tr.xpath("./td")] for tr in table.xpath("./tbody/tr")]
        counts = "Counts" in [text(th) for th in table.xpath("./thead/tr/th")]
        assert all(len(row) == wide for row in rows), after
        found.append((title, [(tuple(row[: -2 if counts else -1]), row[-1]) for row in rows]))
    return found


def of_csv(face: Face) -> tuple[list[tuple[str, list[Line]]], list[tuple[str, str]]]:
    """The tables, and what stands below them: a name and a text."""
    rows = list(csv.DictReader(io.StringIO(decoded(face, "tables.csv"))))
    by = {table["title"]: table["by"] for table in face["document"]["tables"]}
    tables: dict[str, list[Line]] = {}
    about = []
    for row in rows:
        if row["table"] == "About this release":
            about.append((row["statistic"], row["shown"]))
            continue
        places = tuple(row[dimension] for dimension in by[row["table"]])
        tables.setdefault(row["table"], []).append((places, shown_in_csv(row)))
    return list(tables.items()), about


def shown_in_csv(row: Mapping[str, str]) -> str:
    shown = row["shown"].removeprefix("'")
    return words({"shown": None if row["withheld"] == "yes" else int(shown) if shown.isdigit() else shown, "statistic": row["statistic"]})  # fmt: skip


def of_xlsx(content: bytes) -> tuple[list[tuple[str, list[Line]]], list[list[str]]]:
    first, *sheets = openpyxl.load_workbook(io.BytesIO(content))
    tables = []
    for sheet in sheets:
        (title, *_), _, *rows = sheet.iter_rows(values_only=True)
        cells = [{"shown": None if row[-1] == "yes" else row[-2], "statistic": row[-3]} for row in rows]
        tables.append((title, [(tuple(map(str, row[:-3])), words(cell)) for row, cell in zip(rows, cells, strict=True)]))  # fmt: skip
    return tables, [[str(v) for v in row if v is not None] for row in first.iter_rows(values_only=True)]


FOOT = re.compile(r"Fingerprint \(SHA-256\) \w+\s+Page \d+ of \d+\s*$")  # of each page of paper


PARTED = 800  # letters within which the parts of a row stand


def without_space(content: str) -> str:
    return re.sub(r"\s+", "", content)


def pdf_text(face: Face) -> str:
    pages = PdfReader(io.BytesIO(base64.b64decode(face["release.pdf"]))).pages
    return without_space("".join(FOOT.sub("", page.extract_text()) for page in pages))


def each(faces: Mapping[str, Face]) -> Iterator[tuple[str, Face, list[tuple[str, list[Line]]]]]:
    for kind, face in faces.items():
        yield kind, face, registered(face)


def decoded(face: Face, name: str) -> str:
    return base64.b64decode(face[name]).decode()


def test_the_page_and_each_file_have_the_same_figures_in_the_same_order(faces: dict[str, Face]) -> None:
    for kind, face, tables in each(faces):
        assert tables, kind
        assert of_html(face["page"], kind) == tables
        assert of_html(decoded(face, "release.html"), kind) == tables
        assert of_csv(face)[0] == tables
        assert of_xlsx(base64.b64decode(face["tables.xlsx"]))[0] == tables
        assert json.loads(decoded(face, "tables.json"))["tables"] == face["document"]["tables"]
        paper, at = pdf_text(face), 0
        for title, lines in tables:
            at = paper.index(without_space(title), at)
            for places, figure in lines:
                row = "".join(map(without_space, places))
                if (found := paper.find(row, at)) >= 0:
                    at = found + len(row)
                    assert without_space(figure) in paper[at : at + 60], (kind, title, places, figure)
                else:  # a row that a new page parts, with the head of the table between
                    near = paper[at : at + PARTED]
                    assert [w for place in (*places, figure) for w in place.split() if w not in near] == []


def test_the_page_and_each_file_have_the_same_notes(faces: dict[str, Face]) -> None:
    for kind, face, _ in each(faces):
        notes = face["document"]["notes"]
        assert notes, kind
        listed = [
            text(li) for li in html.fromstring(face["page"]).xpath("//section[@aria-labelledby='notes']//li")
        ]
        assert listed == notes, kind
        alone = html.fromstring(decoded(face, "release.html"))
        assert [text(li) for li in alone.xpath("//ul[not(@class)]/li")] == notes, kind
        about = of_csv(face)[1]
        assert [said.removeprefix("'") for name, said in about if name == "note"] == notes, kind
        assert [row[0] for row in of_xlsx(base64.b64decode(face["tables.xlsx"]))[1] if len(row) == 1][1:] == notes, kind  # fmt: skip
        assert json.loads(decoded(face, "tables.json"))["notes"] == notes
        paper = pdf_text(face)
        assert [note for note in notes if without_space(note) not in paper] == [], kind


def test_the_report_s_own_page_says_each_note(faces: dict[str, Face]) -> None:
    """With its heading before it in the registry, where on its own page it stands below the heading."""
    for kind, face, _ in each(faces):
        if kind == "question":  # its page is that of the registry
            continue
        page = text(html.fromstring(face["drawn"]))
        missing = [n for n in face["document"]["notes"] if not said(n, page)]
        assert missing == [], kind


def said(note: str, page: str) -> bool:
    parts = note.split(": ")
    return any(": ".join(parts[n:]) in page for n in range(len(parts)))


def test_the_page_and_each_file_have_the_same_day_and_name_a_year_as_a_reader_knows_it(
    faces: dict[str, Face],
) -> None:
    years = 0
    for kind, face, tables in each(faces):
        on = day(date.fromisoformat(face["on"]))
        last_days = face["document"]["data_through"]
        files = [face["page"], decoded(face, "release.html"), decoded(face, "tables.csv")]
        files += [
            "\n".join(map(" ".join, of_xlsx(base64.b64decode(face["tables.xlsx"]))[1])),
            PdfReader(io.BytesIO(base64.b64decode(face["release.pdf"]))).pages[0].extract_text(),
        ]
        for content in files:
            flat = " ".join(content.split()).replace("’", "’")
            assert on in flat, kind
            assert all(without_space(day(date.fromisoformat(last))) in without_space(flat) for last in {*last_days.values()}), kind  # fmt: skip
        placed = [place for _, lines in tables for places, _ in lines for place in places]
        assert [place for place in placed if YEAR.fullmatch(place)] == []
        years += sum(re.fullmatch(r"20\d\d-\d\d", place) is not None for place in placed)
    assert years > 100
