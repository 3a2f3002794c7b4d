"""The registry in the browser, and its figures as files that a spreadsheet opens without computing."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from tests.site.people import settle, signed_in
from throughway.core.refusals import Refused
from throughway.ledger.models import LedgerEntry
from throughway.partners import Role
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.actions import publish
from throughway.publication.certificate import certificate_of
from throughway.publication.models import Release
from throughway.publication.release_document import release_document
from throughway.publication.selectors import verification
from throughway.publication.sheet import by_rows, csv_text
from throughway.publication.triggers import RELEASES

pytestmark = pytest.mark.django_db
TABLE = ProtectedTable(
    "Students by school", ("milestone", "school"),
    (
        ProtectedCell({"milestone": "Graduate"}, "students", 1240),
        ProtectedCell({"milestone": "Graduate", "school": "=1+1"}, "students", 640),
        ProtectedCell({"milestone": "Graduate", "school": "<b>Mill</b>"}, "students", None),
        ProtectedCell({"milestone": "Graduate", "school": "Oak"}, "students", None),
        ProtectedCell({"milestone": "Graduate", "school": "@Park"}, "rate", "≥95%"),
    ),
)  # fmt: skip


@pytest.fixture
def people(community):
    return settle()


@pytest.fixture
def release(people):
    return publish(
        report="count", review_days=0, title="A count", tables=[TABLE], purpose="report", on=date(2026, 6, 30), agreements=[("a", "1" * 64)], minimum_cell=10,
        disclosures=["e"], by=people[Role.EVALUATOR],
    ).id  # fmt: skip


def test_an_empty_registry_says_how_it_begins(people):
    page = signed_in(people[Role.LEADER]).get("/releases/").content.decode()
    assert "Nothing has been published yet" in page
    assert "/pipeline/" in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_what_was_published(people, release, role, django_assert_max_num_queries):
    client = signed_in(people[role])
    with django_assert_max_num_queries(15):
        listed = client.get("/releases/").content.decode()
    assert "A count" in listed
    with django_assert_max_num_queries(15):
        page = client.get(f"/releases/{release}/").content.decode()
    assert "1,240" in page
    assert page.count("withheld") >= 2
    assert "<b>Mill" not in page


def test_an_unknown_release_is_not_found(people):
    client = signed_in(people[Role.LEADER])
    for path in ("/releases/ABCDEFGH/", "/releases/ABCDEFGH/tables.csv", "/releases/ABCDEFGH/tables.json"):
        assert client.get(path).status_code == 404


def test_a_stranger_reads_nothing(client, release):
    for path in ("/releases/", f"/releases/{release}/", f"/releases/{release}/tables.csv"):
        assert client.get(path).status_code == 302


def test_csv_holds_every_figure_and_nothing_that_computes(people, release):
    response = signed_in(people[Role.LEADER]).get(f"/releases/{release}/tables.csv")
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    source = ["release", "as_of", "minimum_cell", "agreements", "publication_rule"]
    assert rows[0] == ["table", "milestone", "school", "statistic", "shown", "withheld", *source]
    assert rows[1][2:] == ["all", "students", "1240", "no", release, "2026-06-30", "10", "a", ""]
    assert rows[3][3:6] == ["students", "", "yes"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_json_is_what_the_command_line_gives(people, release):
    found = json.loads(signed_in(people[Role.LEADER]).get(f"/releases/{release}/tables.json").content)
    assert found["tables"] == [TABLE.to_json()]


def test_the_two_downloads_are_all_that_a_stranger_needs(people, release, tmp_path):
    client = signed_in(people[Role.LEADER])
    for address, name in (
        (f"/releases/{release}/tables.json", "release.json"),
        ("/releases/verify_release.py", "verify.py"),
    ):
        (tmp_path / name).write_bytes(client.get(address).content)
    done = subprocess.run([sys.executable, "-I", "-S", "verify.py", "release.json"], cwd=tmp_path, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Verified: " in done.stdout


def test_the_page_says_who_determined_that_nobody_is_identified(people, release):
    """The person by name for those whom it concerns, the partner for everybody."""
    own = signed_in(people[Role.LEADER]).get(f"/releases/{release}/").content.decode()
    assert "evaluator@oak.example, " in own
    assert "34 CFR 99.31(b)(1)" in own
    assert "SHA-256" in own
    assert "anonym" not in own.lower()


def test_a_release_of_before_says_that_it_has_no_certificate(people, release, monkeypatch):
    row = Release.objects.get()
    older = Release.objects.create(**{
        f.name: getattr(row, f.name) for f in Release._meta.fields if f.name not in ("id", "certificate", "about")
    }, id="OLDER234", about={"report": "count"})  # fmt: skip
    page = signed_in(people[Role.LEADER]).get(f"/releases/{older.id}/").content.decode()
    assert "This release has no certificate" in page
    found = verification(older.id, people[Role.LEADER])
    assert (found["ok"], found["problems"]) == (
        False,
        ["Release OLDER234 has no certificate; older releases have none."],
    )


def test_the_verification_knows_what_the_ledger_says(people, release, monkeypatch):
    """A row that was exchanged in the database, with a certificate of its own, is not the one that was published."""
    assert verification(release, people[Role.LEADER])["problems"] == []
    row = Release.objects.get()
    tables = [{**row.tables[0], "title": "Another"}]
    forged = release_document(id=row.id, title=row.title, minimum_cell=10, tables=tables, about=row.about)
    RELEASES.drop(connection)
    Release.objects.filter(id=row.id).update(tables=tables, certificate=certificate_of([forged]))
    (problem,) = verification(release, people[Role.LEADER])["problems"]
    assert problem == f"The ledger has no entry that release {release} was published with these figures."


def test_a_table_that_cannot_be_protected_is_refused_and_nothing_is_published(people):
    open_to_all = replace(TABLE, cells=TABLE.cells[:3])
    with pytest.raises(Refused, match="cannot be protected") as refused:
        publish(
            report="count", review_days=0, title="A count", tables=[open_to_all], purpose="report", on=date(2026, 6, 30), agreements=[("a", "1" * 64)],
            minimum_cell=10, disclosures=["e"], by=people[Role.EVALUATOR],
        )  # fmt: skip
    assert refused.value.code == "cannot_protect"
    assert not Release.objects.exists()
    assert not LedgerEntry.objects.filter(outcome="published").exists()


def test_a_total_says_that_it_is_of_all():
    sheet = by_rows(TABLE)
    assert sheet.lines[0].places == ("Graduate", "all")
    assert (sheet.lines[2].words, sheet.lines[2].withheld, sheet.withheld) == ("withheld", True, 2)


def test_tables_of_different_dimensions_share_one_sheet():
    other = ProtectedTable("By sex", ("sex",), (ProtectedCell({"sex": "Female"}, "students", 20),))
    rows = list(csv.reader(io.StringIO(csv_text([TABLE, other]))))
    assert rows[0][1:4] == ["milestone", "school", "sex"]
    assert rows[-1][1:4] == ["", "", "Female"]


def test_a_table_comes_back_as_it_was_registered():
    assert ProtectedTable.from_json(json.loads(json.dumps(TABLE.to_json()))) == TABLE
