"""A release as a file to keep: a page, a PDF, an Excel workbook or a CSV, made of its protected figures alone.

Each says the release's id, its day, its agreements, the minimum and the rules.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

import openpyxl
from django.template.loader import render_to_string
from openpyxl.styles import Font

from throughway.core.prose import data_through, listed
from throughway.core.prose import day as in_words
from throughway.core.refusals import Refused
from throughway.core.spreadsheet import safe
from throughway.paper import Block, Bullets, Facts, PaperHeading, PaperTable, Paragraph, Verbatim, typeset
from throughway.publication.selectors import Published, notes
from throughway.publication.sentences import words_of
from throughway.publication.sheet import TableSheet, by_rows, csv_text, places
from throughway.publication.states import notice
from throughway.publication.tables import ProtectedTable

STYLE = Path(__file__).parent / "templates" / "publication" / "standalone.css"
SHEET_NAME = 31  # the most characters of a sheet's name in Excel


def rule(found: Published) -> str:
    """How its figures are protected, in a sentence."""
    return f"Counts under {found.minimum_cell} are withheld, along with other figures from which they could be worked out."


def facts(found: Published) -> dict[str, str]:
    """What each file says of its source."""
    agreements = [str(a["title"]) for a in found.about.get("agreements", ())] or list(found.agreements)
    lines = {
        "Release": found.id,
        "State": notice(found.standing) or "Public.",
        "As of": in_words(found.on),
        "Data": data_through(found.data_through),
        "Agreements": listed(agreements),
        "Minimum": str(found.minimum_cell),
        "Rule": rule(found),
        "Publication rule": f"{found.rule['name']}. {found.rule_sentence} Source: {found.rule['source']}."
        if found.rule
        else "",
    }
    return {name: text for name, text in lines.items() if text}


def sheets(found: Published) -> list[TableSheet]:
    """Its tables, as its page and its files write them."""
    value = words_of(found.page).value
    return [by_rows(table, value) for table in found.tables]


def as_html(found: Published) -> bytes:
    context = {
        "release": found, "facts": facts(found), "notes": notes(found), "style": _style(),
        "sheets": sheets(found), "question": found.about.get("question"),
    }  # fmt: skip
    return render_to_string("publication/standalone_release.html", context).encode()


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def as_pdf(found: Published) -> bytes:
    blocks: list[Block] = [Facts(tuple(facts(found).items()))]
    if said := notes(found):
        blocks += [PaperHeading("What a reader must know"), Bullets(tuple(said))]
    for sheet in sheets(found):
        blocks.append(PaperHeading(sheet.title))
        if sheet.rule:
            blocks.append(Paragraph(sheet.rule))
        blocks.append(_paper_table(sheet))
    if question := found.about.get("question"):
        blocks += [
            PaperHeading("The question in SQL"),
            Verbatim(question["sql"]),
            Facts((("SHA-256", question["sha256"]),)),
        ]
    return typeset(
        title=found.title, blocks=blocks, subject=f"Release {found.id}", made_on=found.standing.registered
    )


def _paper_table(sheet: TableSheet) -> PaperTable:
    head = (*(name.capitalize() for name in sheet.dimensions), "Counts", "Figure")
    rows = tuple((*line.places, line.statistic, line.words) for line in sheet.lines)
    return PaperTable(head, rows, caption=sheet.title, numbers=(len(head) - 1,))


def as_xlsx(found: Published) -> bytes:
    """A sheet that says where the figures come from, then one for each table. No cell is a formula."""
    book = openpyxl.Workbook()
    about = book.active
    assert about is not None
    about.title = "About"
    for row in ([found.title], *facts(found).items(), *(["", note] for note in notes(found))):
        about.append([safe(str(value)) for value in row])
    if question := found.about.get("question"):
        about.append(["SQL", safe(question["sql"])])
        about.append(["SHA-256", question["sha256"]])
    about["A1"].font = Font(bold=True)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 14, 100
    value = words_of(found.page).value
    for number, table in enumerate(found.tables, 1):
        sheet = book.create_sheet(f"{number} {_sheet_name(table)}"[:SHEET_NAME])
        sheet.append([safe(table.title)])
        sheet.append([*(safe(d) for d in table.by), "statistic", "shown", "withheld"])
        for cell in sheet[2]:
            cell.font = Font(bold=True)
        for figure in table.cells:
            shown = figure.shown if isinstance(figure.shown, int) else safe(figure.shown or "")
            sheet.append(
                [
                    *map(safe, places(table, figure, value)),
                    figure.statistic,
                    shown,
                    "yes" if figure.withheld else "no",
                ]
            )
        sheet.freeze_panes = "A3"
    book.properties.creator, book.properties.title = "Throughway", found.title
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet_name(table: ProtectedTable) -> str:
    return "".join(" " if c in r"[]:*?/\\'" else c for c in table.title)


def as_csv(found: Published) -> bytes:
    source = {
        "release": found.id, "as_of": found.on.isoformat(), "minimum_cell": str(found.minimum_cell),
        "agreements": " ".join(found.agreements), "publication_rule": found.rule["name"] if found.rule else "",
    }  # fmt: skip
    about = [
        *facts(found).items(),
        *(("note", each) for each in notes(found)),
    ]
    return csv_text(found.tables, source, about, words_of(found.page).value).encode()


FILES: Mapping[str, tuple[Callable[[Published], bytes], str]] = {
    ".html": (as_html, "text/html; charset=utf-8"),
    ".pdf": (as_pdf, "application/pdf"),
    ".xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": (as_csv, "text/csv; charset=utf-8"),
}


def check_format(path: Path) -> None:
    """Refused unless the name ends in one of the formats."""
    if path.suffix.lower() not in FILES:
        raise Refused(
            f"A release is written as {listed(FILES)}; give --out a name such as {path.stem}.html.",
            code="format",
        )


def write_release(path: Path, found: Published) -> None:
    """Writes the file atomically; Refused where it cannot be written."""
    check_format(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(FILES[path.suffix.lower()][0](found))
        os.replace(name, path)
    except OSError as error:
        raise Refused(
            f"Release {found.id} is registered, but cannot be written to {path} ({error.strerror}); choose another place with --out.",
            code="not_writable",
        ) from error
