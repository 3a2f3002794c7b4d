"""Extracts in the browser: who finds which, and what an archive holds."""

import io
import json
import re
import zipfile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.extracts import making as made
from tests.site.people import client_of, signed_in
from throughway.extracts.models import Extract
from throughway.ledger.models import LedgerEntry
from throughway.partners.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
MOST = 15  # queries of a page


def client(email: str, *, confirmed: bool = False) -> Client:
    """Signed in; `confirmed`: with the passphrase of a moment ago, so that it is not asked for once more."""
    return signed_in(User.objects.get(email=email).actor()) if confirmed else client_of(email)


@pytest.fixture
def evaluator() -> Client:
    made.town("study-a")
    return client(made.EVALUATOR, confirmed=True)


def test_the_archive_is_an_extract_and_nothing_of_it_stays(evaluator: Client) -> None:
    assert "One license lets you take an extract" in evaluator.get("/extracts/").content.decode()
    page = evaluator.get("/extracts/study-a/").content.decode()
    assert "Nobody tries to find out who a student is" in page
    unsaid = evaluator.post("/extracts/study-a/", {"purpose": "study-a"})
    assert (unsaid.status_code, Extract.objects.count()) == (422, 0)
    response = evaluator.post("/extracts/study-a/", {"purpose": "study-a", "sure": "on"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    response.close()
    row = Extract.objects.get()
    manifest = json.loads(archive.read(f"extract-{row.id}/manifest.json"))
    assert LedgerEntry.objects.filter(id=manifest["disclosures"][0], outcome="released").exists()
    names = {name.removeprefix(f"extract-{row.id}/") for name in archive.namelist()}
    assert names == {"manifest.json", *(file["name"] for file in row.files)}
    assert response["Content-Type"] == "application/zip"
    with CaptureQueriesContext(connection) as queries:
        listed = evaluator.get("/extracts/").content.decode()
    assert row.id in listed
    assert len(queries) <= MOST


def test_what_is_not_the_readers_is_not_there(evaluator: Client) -> None:
    other = client("evaluator@harbor.example")
    assert "No license lets you" in other.get("/extracts/").content.decode()
    answers = [
        other.get(f"/extracts/{id}/") for id in ("study-a", "nowhere", "sharing-2026", "study-a-study")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert evaluator.get("/extracts/study-a/?purpose=matching").status_code == 404
    assert other.post("/extracts/study-a/", {"purpose": "study-a", "sure": "on"}).status_code == 404
    assert not Extract.objects.exists()


def test_the_passphrase_is_asked_once_more() -> None:
    made.town("study-a")
    user = User.objects.get(email=made.EVALUATOR)
    user.set_password("nothing that anybody has said before")
    user.save()
    browser = client(made.EVALUATOR)
    page = browser.get("/extracts/study-a/?purpose=study-a").content.decode()
    form = re.search(r'<form method="post" action="([^"]+)" class="tw-form', page)
    assert form is not None
    answer = browser.post(form[1], {"purpose": "study-a", "sure": "on"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/confirm/")
    assert not Extract.objects.exists()
    confirmed = browser.post(answer["Location"], {"password": "nothing that anybody has said before"})
    assert confirmed["Content-Type"] == "application/zip"
    confirmed.close()
    assert Extract.objects.count() == 1
