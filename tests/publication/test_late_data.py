"""Data that came after a release says what it changes of it, to those whom the release concerns, and changes no figure."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.gate import making
from tests.site.people import client_of
from throughway.intake.models import IntakeBatch
from throughway.ledger.entry import Entry
from throughway.ledger.recording import append
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.publication.actions import publish
from throughway.publication.selectors import changed_since, published, releases_changed_by

TODAY = date.today()


@pytest.fixture
def release(transactional_db: None, community: object) -> str:
    making.register()
    partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
    partners.add_user(email="officer@far.example", partner="far", role="privacy_officer", by=OPERATOR)
    read = append(
        Entry(
            "released", making.reader("evaluator@hub.example"), "counting", TODAY, disclosers=("north",),
            elements=("attendance_day.attendance_status", "attendance_day.attendance_event_date"),
        )
    )  # fmt: skip
    made = publish(
        report="pipeline", title="Who was here", tables=[], purpose="counting", on=TODAY, agreements=[], minimum_cell=10,
        review_days=0, disclosures=[read], by=making.reader("evaluator@hub.example"),
    )  # fmt: skip
    return made.id


def load(
    id: str,
    *,
    partner: str = "north",
    table: str = "attendance_day",
    first: date = TODAY,
    days: int = 1,
    refusal: str = "",
) -> None:
    IntakeBatch.objects.create(
        id=id, partner=partner, format="csv", source=f"{id}.csv", by="operator", refusal=refusal,
        at=datetime.now(UTC) + timedelta(days=days), days={table: [first.isoformat(), TODAY.isoformat()]},
    )  # fmt: skip


# What a load is, and whether it changes what the release was counted from.
LOADS = [
    ({}, True),
    ({"first": TODAY - timedelta(days=300)}, True),
    ({"first": TODAY + timedelta(days=1)}, False),  # later than the day of the release
    ({"partner": "harbor"}, False),  # its records were not counted
    ({"table": "course_grade"}, False),
    ({"days": -1}, False),  # it was here already
    ({"refusal": "Nothing of it was stored."}, False),
]


@pytest.mark.parametrize(("what", "changes"), LOADS)
def test_only_a_later_load_of_what_was_counted_changes_it(what, changes: bool, release: str) -> None:  # type: ignore[no-untyped-def]
    load("b1", **what)
    assert bool(changed_since(published(release, OPERATOR))) is changes
    assert releases_changed_by("b1", OPERATOR) == (["Who was here"] if changes else [])


def test_the_page_says_so_to_those_whom_it_concerns(release: str) -> None:
    load("b1", first=date(2026, 9, 1))
    pages = {}
    for who in ("officer@north.example", "officer@hub.example", "officer@far.example"):
        client = client_of(who)
        pages[who] = "Data that came later" in client.get(f"/releases/{release}/").content.decode()
    assert pages == {"officer@north.example": True, "officer@hub.example": True, "officer@far.example": False}
