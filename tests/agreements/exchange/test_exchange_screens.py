"""Words and SQL side by side, and the papers of an agreement: for who may see it, and nobody else."""

import hashlib
import html
import io
import json

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.agreements.documents import STUDY, changed, document_of, text_of
from tests.agreements.exchange.conftest import SIGNERS, SignIn, actor
from throughway.agreements import actions
from throughway.agreements.clause_text import clauses as clauses_of
from throughway.agreements.document import version_of
from throughway.agreements.exchange import read
from throughway.agreements.exchange.export_formats import FORMS
from throughway.agreements.grant_sql import by_table, whole
from throughway.agreements.selectors import one, sql_of
from throughway.agreements.status import date
from throughway.partners import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
BASE = "/agreements/reading-study/"
VERSION = version_of(document_of(STUDY))
READER = "leader@reading-lab.example"


@pytest.mark.parametrize("path", ["side-by-side/", "papers/", *(f"papers/{form}/" for form in FORMS)])
def test_only_parties_open_the_pages(path: str, sign_in: SignIn) -> None:
    assert sign_in(READER).get(BASE + path).status_code == 200
    for stranger in ("leader@river-college.example", "privacy_officer@bright-futures.example"):
        assert sign_in(stranger).get(BASE + path).status_code == 404
    assert sign_in(READER).get(f"/agreements/nowhere/{path}").status_code == 404


def test_side_by_side_shows_all_sql(sign_in: SignIn) -> None:
    page = html.unescape(sign_in(READER).get(BASE + "side-by-side/").content.decode())
    found = one("reading-study")
    sql = sql_of(found, date.today())
    for text in sql.values():
        for _, query in by_table(text):
            assert query in page
    assert "Scores show which lessons help." in page
    assert "The gate" not in page
    assert VERSION in page


def test_each_table_has_its_schedule_and_sql() -> None:
    found = one("riverbend-casework-2026")
    sql = sql_of(found, date.today())
    clauses = clauses_of(found.document, {}, sql)
    queries = [shown.sql for clause in clauses for shown in clause.tables]
    assert "\n\n".join(queries) in whole(found, sql)
    assert [clause.title for clause in clauses if clause.tables] == [
        "Working with a student",
        "Matching records",
    ]
    working = next(clause for clause in clauses if clause.title == "Working with a student")
    birth = next(shown for shown in working.tables if '"person"' in shown.sql or "store.person." in shown.sql)
    assert [(line.element, line.how, line.reason) for line in birth.schedule] == [
        ("birth date", "the year only", "Age decides eligibility.")
    ]
    assert "EXTRACT(YEAR FROM" in birth.sql
    assert all(clause.obeyed for clause in clauses if not clause.tables)


@pytest.mark.parametrize("form", FORMS)
def test_each_format_downloads_with_its_type(form: str, sign_in: SignIn) -> None:
    answer = sign_in(READER).get(f"{BASE}papers/{form}/")
    assert answer.headers["Content-Type"] == FORMS[form].type
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="reading-study{FORMS[form].ending}"'
    )
    assert answer.content


def test_downloaded_files_match_the_agreement(sign_in: SignIn) -> None:
    client = sign_in(READER)
    files = {form: client.get(f"{BASE}papers/{form}/").content for form in FORMS}
    assert hashlib.sha256(files["canonical"]).hexdigest() == VERSION
    for form in ("odcs", "odrl"):
        assert read(form, files[form].decode()).document == document_of(STUDY)
    assert json.loads(files["odrl"])["tw:version"] == VERSION
    assert b"Standardized test scores,X" in files["schedule-b"]
    paper = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["pdf"])).pages)
    assert paper.count(VERSION) >= 3
    assert "Signed by" in paper
    assert "Name, in print" not in paper  # both have signed


def test_a_pending_text_has_downloads_of_its_own(sign_in: SignIn) -> None:
    later = changed(STUDY, ("title", "A longer study of reading"))
    actions.amend(id="reading-study", text=text_of(later), by=actor(SIGNERS[0], Role.PRIVACY_OFFICER))
    version = version_of(document_of(later))
    client = sign_in(READER)
    assert f"?version={version}" in client.get(BASE + "papers/").content.decode()
    paper = client.get(f"{BASE}papers/canonical/?version={version}").content
    assert hashlib.sha256(paper).hexdigest() == version
    assert hashlib.sha256(client.get(f"{BASE}papers/canonical/").content).hexdigest() == VERSION
    assert client.get(f"{BASE}papers/canonical/?version=00").status_code == 404


def test_an_unknown_format_is_404(sign_in: SignIn) -> None:
    assert sign_in(READER).get(f"{BASE}papers/docx/").status_code == 404


@pytest.mark.parametrize("path", ["side-by-side/", "papers/", "papers/pdf/"])
def test_a_page_asks_few_questions(path: str, sign_in: SignIn) -> None:
    client = sign_in(READER)
    client.get(BASE + path)
    with CaptureQueriesContext(connection) as asked:
        client.get(BASE + path)
    assert len(asked) <= 15
