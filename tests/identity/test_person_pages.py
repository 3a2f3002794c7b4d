"""Persons in the browser: counts for those who keep records, names for nobody who does not ask under a purpose."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.gate import making
from tests.kept import kept
from tests.site.people import client_of
from throughway.gate.actions import land_person_links
from throughway.identity.actions.linking import link
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.evidence_text import WORDS, compare_records
from throughway.identity.models import IdentityEvent, IdentityRun, Person
from throughway.identity.person_counts import FEWEST, overview, tally
from throughway.identity.person_ids import PersonEventKind
from throughway.identity.selectors import event_text
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners

PERSON = 2**41 + 5
DESK, STRANGER = "desk@hub.example", "desk@harbor.example"
COUNTS = tally({"north": [1, 2, 3, 3], "harbor": [2, 3], "hub": [3]})  # type: ignore[dict-item]


@pytest.fixture
@kept
def town(transactional_db: None, community: object) -> None:
    making.register()
    for email, partner in ((DESK, "hub"), (STRANGER, "harbor")):
        partners.add_user(email=email, partner=partner, role="data_steward", by=OPERATOR)
    document = making.sharing()
    for purpose in document["purposes"]:
        if purpose["kind"] == "linkage":
            purpose["roles"] = ["data_steward"]
    making.in_effect(document)
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)
    Person.objects.create(id=PERSON, first_seen_at=datetime(2026, 9, 1, tzinfo=UTC))
    run = {
        "records": 5,
        "persons": 4,
        "new_persons": 4,
        "merged": 1,
        "split": 0,
        "for_review": 2,
        "seconds": 1.0,
    }
    IdentityRun.objects.create(at=datetime(2026, 9, 2, tzinfo=UTC), by="operator", full=True, **run)
    IdentityEvent.objects.create(
        at=datetime(2026, 9, 2, tzinfo=UTC), kind=PersonEventKind.MERGED, persons=[PERSON, 2**41 + 6], by="operator",
        before={str(PERSON): [11], str(2**41 + 6): [21]}, after={str(PERSON): [11, 21]},
    )  # fmt: skip


def test_page_access(town: None) -> None:
    found = {
        email: [client_of(email).get(address).status_code for address in ("/persons/", f"/persons/{PERSON}/", "/persons/12/", "/persons/11/")]
        for email in (DESK, STRANGER, "officer@hub.example", "officer@north.example", "evaluator@hub.example")
    }  # fmt: skip
    assert found == {
        DESK: [200, 200, 200, 404],  # 11 is a record of another number
        STRANGER: [200, 404, 404, 404],
        "officer@hub.example": [200, 404, 404, 404],
        "officer@north.example": [200, 404, 404, 404],
        "evaluator@hub.example": [404, 404, 404, 404],
    }


def test_the_overview_counts_and_never_names(town: None, django_assert_max_num_queries) -> None:
    client = client_of(DESK)
    client.get("/persons/")
    with django_assert_max_num_queries(15):
        text = client.get("/persons/").content.decode()
    assert "5 records are 4 persons" in text
    assert "Ada" not in text
    own = client_of("officer@north.example").get("/persons/").content.decode()
    assert "3 of your records are 3 persons" in own
    assert "withheld" in own  # one shared person is too few to be told
    assert "Runs of linkage" not in own


def test_person_is_found_by_key_without_key_in_address(town: None) -> None:
    found = client_of(DESK).post("/persons/find/", {"partner": "harbor", "record_key": "h-21"})
    assert (found.status_code, found["Location"]) == (302, f"/persons/{PERSON}/")
    assert (
        client_of(DESK).post("/persons/find/", {"partner": "harbor", "record_key": "h-99"}).status_code == 422
    )
    assert (
        client_of(STRANGER).post("/persons/find/", {"partner": "harbor", "record_key": "h-21"}).status_code
        == 404
    )


def test_names_are_shown_under_linkage_and_recorded(town: None, django_assert_max_num_queries) -> None:
    client, address = client_of(DESK), f"/persons/{PERSON}/"
    client.get(address)
    with django_assert_max_num_queries(15):
        page = client.get(address)
    assert "Ada" not in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "Found to be one person" in page.content.decode()
    before = LedgerEntry.objects.count()
    asked = client.post(address, {"purpose": "matching"})
    text = asked.content.decode()
    assert text.count("Ada") == 2
    assert "The same first name, the same birth date" in text
    assert asked["Cache-Control"] == "no-store"
    written = LedgerEntry.objects.order_by("at")[before:]
    assert [(e.actor_email, e.purpose, e.students_count) for e in written] == [(DESK, "matching", 2)]
    refused = client.post(address, {"purpose": "planning"})
    assert refused.status_code == 403
    assert "Ada" not in refused.content.decode()


def test_person_of_several_partners_is_counted_once() -> None:
    assert (COUNTS.all_records, COUNTS.all_persons) == (7, 3)
    assert COUNTS.seen_by == {1: 1, 2: 1, 3: 1}
    assert COUNTS.together == {("harbor", "hub"): 1, ("harbor", "north"): 2, ("hub", "north"): 1}


def test_small_counts_are_withheld_from_partners() -> None:
    whole = overview(COUNTS, {})
    assert [[cell.count for cell in row.cells] for row in whole] == [[2, 1, 2], [1, 1, 1], [2, 1, 3]]
    own = overview(COUNTS, {}, of="north")
    assert [cell.count for cell in own[0].cells] == [None, None, 3]
    many = tally({"a": list(range(FEWEST)), "b": list(range(FEWEST)), "c": list(range(FEWEST - 1))})  # type: ignore[dict-item]
    assert [cell.count for cell in overview(many, {}, of="a")[0].cells] == [FEWEST, FEWEST, None]


def test_every_level_has_a_label() -> None:
    rungs = {(c.name, level.name) for c in COMPARISONS for level in c.levels}
    said = {(name, level) for name, levels in WORDS.items() for level in levels}
    silent = {("sex", "same"), ("email", "different")}
    assert rungs - silent == said


def test_evidence_for_and_against() -> None:
    people = pa.table({
        "person_record": [1, 2], "partner": ["a", "b"], "first_name": ["Robert", "Bob"], "last_or_surname": ["Hill", "Hill"],
        "birthdate": ["2012-03-04", "2012-04-03"], "sex": ["Male", "Female"],
    })  # fmt: skip
    (found,) = compare_records({"person": people})
    assert (found.one, found.other) == (1, 2)
    assert "a short form, or a part, of one first name" in found.speaks_for
    assert "the same birth date with day and month swapped" in found.speaks_for
    assert found.speaks_against == ("another sex",)


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        (PersonEventKind.MERGED, {1: [5], 2: [6]}, {1: [5, 6]}, "are one person, with 2 records"),
        (PersonEventKind.MERGED, {1: [5], 2: [6]}, {2: [5, 6]}, "part of another person"),
        (
            PersonEventKind.SPLIT,
            {1: [5, 6]},
            {1: [5], 2: [6]},
            "1 record stayed; 1 record became one other person more",
        ),
        (PersonEventKind.SPLIT, {2: [5, 6]}, {2: [5], 1: [6]}, "1 record of another person became this one"),
        (PersonEventKind.LEFT, {1: [5]}, {}, "1 record can no longer be seen"),
        (PersonEventKind.RETURNED, {}, {1: [5]}, "1 record can be seen by linkage again"),
        (PersonEventKind.UNDONE, {1: [5, 6]}, {1: [5], 2: [6]}, "as they were before: 1 record"),
    ],
)
def test_event_text(kind: PersonEventKind, before: dict, after: dict, said: str) -> None:
    event = IdentityEvent(kind=kind, before=_as_json(before), after=_as_json(after))
    assert said in event_text(event, 1)


def _as_json(held: dict) -> dict[str, list[int]]:
    return {str(person): records for person, records in held.items()}


def test_look_up_puts_no_name_in_an_address(town: None) -> None:
    link(by=OPERATOR)
    client = client_of(DESK)
    assert b"Is somebody known already?" in client.get("/persons/look-up/?first=Ada").content
    said = {"first": "Ada", "birthdate": f"{making.BORN}-03-04", "purpose": "matching"}
    before = LedgerEntry.objects.count()
    shown = client.post("/persons/look-up/", said)
    assert shown.status_code == 200
    assert b"The same first name" in shown.content
    assert shown["Cache-Control"] == "no-store"
    entry = LedgerEntry.objects.order_by("at").last()
    assert (LedgerEntry.objects.count(), entry.actor_email) == (before + 1, DESK)
    nobody = client.post("/persons/look-up/", said | {"first": "Zebulon", "birthdate": "1999-01-01"})
    assert b"No known person matches" in nobody.content
    too_little = client.post("/persons/look-up/", {"first": "Ada", "purpose": "matching"})
    assert too_little.status_code == 422
    assert b"at least two" in too_little.content
    assert client.post("/persons/look-up/", said | {"purpose": "planning"}).status_code == 422


def test_only_those_to_whom_linkage_is_open_look_up(town: None) -> None:
    for email in (STRANGER, "worker@harbor.example", "officer@hub.example"):
        assert client_of(email).get("/persons/look-up/").status_code == 404


def test_a_merge_is_undone_after_a_question(town: None) -> None:
    client, event = client_of(DESK), IdentityEvent.objects.get()
    assert f"/persons/undo/{event.pk}/" in client.get(f"/persons/{PERSON}/").content.decode()
    assert client_of(STRANGER).get(f"/persons/undo/{event.pk}/").status_code == 404
    asked = client.get(f"/persons/undo/{event.pk}/")
    assert b"Take these persons apart again?" in asked.content
    assert IdentityEvent.objects.count() == 1
    done = client.post(f"/persons/undo/{event.pk}/", follow=True)
    assert b"later runs of linkage respect that" in done.content
    undone = IdentityEvent.objects.get(kind=PersonEventKind.UNDONE)
    assert (undone.by, undone.reason, undone.undoes_id) == (DESK, "undo", event.pk)
    assert client.get(f"/persons/undo/{event.pk}/").status_code == 404
    assert client.get("/persons/undo/999/").status_code == 404
