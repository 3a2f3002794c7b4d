"""Each file of a release holds its protected figures and no other, and says where they come from."""

import io
import re
from datetime import date

import openpyxl
import pytest
from pypdf import PdfReader

from tests.publication.test_screens import TABLE
from tests.site.people import settle, signed_in
from throughway.core.refusals import Refused
from throughway.partners import Role
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.actions import publish
from throughway.publication.report_files import FILES, check_format, write_release
from throughway.publication.sheet import bars

pytestmark = pytest.mark.django_db
HOURS = ProtectedTable(
    "Sum: hours", ("school",),
    (
        ProtectedCell({}, "sum", 4500),
        ProtectedCell({"school": "Mill"}, "sum", 3000),
        ProtectedCell({"school": "Park"}, "sum", None),
        ProtectedCell({"school": "Oak"}, "sum", "750.5"),
    ),
    rule="Sums are rounded.",
)  # fmt: skip
QUESTION = {"sql": "SELECT '<b>' AS school", "sha256": "a" * 64, "notes": ["A note for readers."]}


@pytest.fixture
def people(community):
    return settle()


@pytest.fixture
def release(people):
    return publish(
        report="question", review_days=0, title="Hours & clubs", tables=[TABLE, HOURS], purpose="report", on=date(2026, 6, 30),
        agreements=[("club-data", "1" * 64)], minimum_cell=10, disclosures=["e"], by=people[Role.EVALUATOR],
        about={"question": QUESTION},
    )  # fmt: skip


def text_of(ending, content):
    if ending == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if ending == ".xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)  # fmt: skip
    return content.decode()


@pytest.mark.parametrize("ending", FILES)
def test_a_file_says_the_figures_and_where_they_come_from(people, release, ending):
    made = FILES[ending][0](release)
    text = text_of(ending, made)
    for said in (release.id, "club-data", "10", "Mill", "750.5"):
        assert said in text
    assert re.search(r"4,?500", text)
    assert "≥95%" in text
    if ending != ".csv":
        for said in ("Counts under 10 are withheld", "A note for readers.", "a" * 64):
            assert said in text.replace("\n", " ") or said in text.replace("\n", "")
    assert (
        FILES[ending][0](release) == made or ending == ".xlsx"
    )  # a workbook keeps the time at which it was made


def test_the_page_has_no_script_and_loads_nothing(people, release):
    page = FILES[".html"][0](release).decode()
    assert "<b>" not in page
    assert not re.search(r"<script|https?://|<link|\sstyle=", page)


def test_a_workbook_computes_nothing(people, release):
    book = openpyxl.load_workbook(io.BytesIO(FILES[".xlsx"][0](release)))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_bars_are_made_of_what_is_shown():
    assert [(b.name, b.words, b.width) for b in bars(HOURS)] == [
        ("Mill", "3,000", 100.0),
        ("Park", "withheld", None),
        ("Oak", "750.5", 25.0),
    ]
    assert list(bars(TABLE)) == []


@pytest.mark.parametrize("path", ["tables.xlsx", "release.html", "release.pdf"])
def test_files_are_given_to_who_sees_the_figures(people, release, client, path):
    address = f"/releases/{release.id}/{path}"
    answer = signed_in(people[Role.LEADER]).get(address)
    assert answer.status_code == 200
    assert release.id in answer["Content-Disposition"]
    assert client.get(address).status_code == 302
    assert signed_in(people[Role.LEADER]).get(f"/releases/ABCDEFGH/{path}").status_code == 404


def test_a_file_is_written_whole_or_refused(people, release, tmp_path):
    write_release(tmp_path / "new" / "figures.csv", release)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["figures.csv"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="cannot be written"):
        write_release(tmp_path / "file" / "figures.csv", release)
    with pytest.raises(Refused, match=r"\.html"):
        check_format(tmp_path / "figures.docx")


def test_the_page_of_a_release_shows_how_it_was_asked(people, release):
    page = signed_in(people[Role.LEADER]).get(f"/releases/{release.id}/").content.decode()
    assert "A note for readers." in page
    assert "SELECT &#x27;&lt;b&gt;&#x27; AS school" in page
    assert "a" * 64 in page
    assert "Sums are rounded." in page
