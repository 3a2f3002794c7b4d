"""The pages that a superintendent, a program's director and a principal bring to a meeting are about their own, and say published figures
alone, which `test_published` and `test_help_counted` hold against the truth."""

import re
from typing import Any

import pytest

from tests.demo.conftest import Riverbend
from tests.demo.test_published import read

LOSES = re.compile(r"(.+) loses ([\d,]+) students (.+), ([\d,]+) more than at everybody’s share\.")
READERS = {
    "superintendent": "superintendent@riverbend-schools.example",
    "director": "director@page-by-page.example",
    "principal": "principal@riverbend-schools.example",
}


@pytest.fixture(scope="module")
def pages(riverbend: Riverbend) -> dict[str, dict[str, list[str]]]:
    return {
        who: riverbend.town.module("tests.demo.homes", email, "/month/") for who, email in READERS.items()
    }


@pytest.fixture(scope="module")
def cells(riverbend: Riverbend) -> list[dict[str, Any]]:
    ids = [each["id"] for each in riverbend.town.ask("publish", "list")["releases"]]
    return [
        cell
        for id in ids
        for table in riverbend.town.ask("publish", "show", id)["tables"]
        for cell in table["cells"]
    ]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_a_principal_reads_of_the_own_school(
    riverbend: Riverbend, pages: dict[str, dict[str, list[str]]]
) -> None:
    [site] = [
        row["site"] for row in read(riverbend.folder / "sites.csv") if row["email"] == READERS["principal"]
    ]
    schools = {s["organization_id"]: s["organization_name"] for s in organizations(riverbend)}
    assert pages["principal"]["h1"][0].startswith(f"{schools[site]}:")
    assert pages["superintendent"]["h1"][0].startswith("Riverbend Schools:")
    assert pages["director"]["h1"][0].startswith("Page by Page Tutoring:")


def organizations(riverbend: Riverbend) -> list[dict[str, str]]:
    """The schools as the register of the districts names them, asked by an evaluator."""
    sql = "SELECT DISTINCT organization_id, organization_name FROM organization"
    answer = riverbend.town.query(sql, purpose="evaluation", by=riverbend.who("evaluator"))
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def test_each_talks_about_a_published_figure(
    pages: dict[str, dict[str, list[str]]], cells: list[dict[str, Any]]
) -> None:
    """Every number of a line stands in a release, or is the difference of two that do (`more than at everybody's share`)."""
    shown = {cell["shown"] for cell in cells if isinstance(cell["shown"], int)}
    told = 0
    for page in pages.values():
        lines = page.get("Three things to talk about") or page.get("To talk about") or []
        for line in lines:
            if "seats promised" in line or "without an answer" in line:
                continue  # facts of agreements and of the register
            loses = LOSES.match(line)
            figures = [loses[2]] if loses else re.findall(r"(?<![\d–-])(\d[\d,]*) students", line)
            assert all(number(each) in shown for each in figures), line
            told += len(figures)
    assert told
