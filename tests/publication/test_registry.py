"""The registry keeps what was published, and nothing that was withheld."""

from datetime import date

import pytest

from tests.codes import without_codes
from throughway.core.refusals import Refused
from throughway.ledger.models import LedgerEntry
from throughway.partners import Actor
from throughway.publication import RawCell, RawTable, verify_release
from throughway.publication.actions import publish
from throughway.publication.models import Release
from throughway.publication.protection import protect
from throughway.publication.selectors import release, releases

pytestmark = pytest.mark.django_db
LEADER = Actor("leader@example.org", "riverbend", "leader")
RAW = RawTable("Outcomes", ("outcome",), (
    RawCell({}, count=7040), RawCell({"outcome": "reached"}, count=7033), RawCell({"outcome": "lost"}, count=7),
))  # fmt: skip


def published(**change):
    given = {
        "report": "pipeline", "review_days": 0, "title": "Pipeline", "tables": protect([RAW], minimum_cell=10), "purpose": "report", "on": date(2026, 3, 14),
        "agreements": [("riverbend-2026", "f" * 64)], "minimum_cell": 10, "disclosures": ["e1"], "by": LEADER,
    }  # fmt: skip
    return publish(**(given | change)).id


def test_a_release_is_listed_and_shown_as_it_was_published():
    id = published()
    assert [(r["id"], r["title"]) for r in releases(LEADER)] == [(id, "Pipeline")]
    shown = release(id.lower(), LEADER)
    assert shown["agreements"] == ["riverbend-2026"]
    assert shown["tables"] == [{"title": "Outcomes", "by": ["outcome"], "cells": [
        {"at": {}, "statistic": "students", "shown": 7040, "withheld": False},
        {"at": {"outcome": "reached"}, "statistic": "students", "shown": None, "withheld": True},
        {"at": {"outcome": "lost"}, "statistic": "students", "shown": None, "withheld": True},
    ]}]  # fmt: skip


def test_the_publication_stands_in_the_ledger():
    id = published(purpose="casework")
    (entry,) = LedgerEntry.objects.all()
    assert (entry.outcome, entry.purpose, entry.students_count) == ("published", "casework", 0)
    document = release(id, LEADER)
    assert entry.reasons == [
        f"Release {id}, from the figures of entries e1.", f"SHA-256 of release {id}: {verify_release.digest(document)}."
    ]  # fmt: skip


def test_a_withheld_figure_is_kept_nowhere():
    published()
    [kept] = Release.objects.values()
    del kept["at"]  # whose microseconds are any
    assert "7033" not in without_codes(str(kept))


def test_what_is_not_protected_cannot_be_registered():
    with pytest.raises(TypeError, match="protected"):
        published(tables=[RAW])
    assert not Release.objects.exists()


def test_an_unknown_release_is_refused():
    with pytest.raises(Refused, match="No release"):
        release("7F3K", LEADER)
