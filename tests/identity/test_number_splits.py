"""Through the real gate and store: which keys are numbers of a system's own, and how what earlier versions had joined is split and told."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, person_links
from throughway.identity.actions import number_splits
from throughway.identity.actions.linking import link
from throughway.identity.actions.person_history import undo
from throughway.identity.linkage import resolution
from throughway.identity.linkage.own_numbers import OwnNumbers, own_numbers
from throughway.identity.models import IdentityEvent, ReviewPair
from throughway.identity.person_ids import PersonEvent, PersonEventKind
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db

BORN = date(making.BORN, 3, 4)
MAYA = {
    "first_name": "Maya",
    "last_or_surname": "Whitfield",
    "birthdate": BORN,
    "sex": "Female",
    "source_system": "csv",
}


@pytest.fixture
def agreed(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())


def land(*keys: str, **more: Any) -> None:
    """Students of north with one name and birth date, under these keys, and one of harbor."""
    rows = [{**MAYA, "person_record": at, "source_record_id": key, **more} for at, key in enumerate(keys, 11)]
    making.land("person", "north", rows, "sharing-2026")
    making.land(
        "person", "harbor", [{**MAYA, "person_record": 21, "source_record_id": "h-21"}], "sharing-2026"
    )


def links_now() -> dict[int, int]:
    links = person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("key", "own", "more"),
    [
        ("1001", True, {}),
        ("N-00417", True, {}),
        ("mwhitfield", True, {}),  # the system gives nobody else that name of a user
        ("Maya|Whitfield", False, {}),
        ("WHITFIELD, MAYA", False, {}),
        ("Lincoln|Máyá", False, {}),
        (f"MW|{BORN}", False, {}),
        ("Majo Whit", False, {"preferred_first_name": "Majo"}),
        ("2012", True, {}),
        (None, False, {}),
    ],
)
def test_a_key_made_of_names_is_no_number(key: str | None, own: bool, more: Mapping[str, str]) -> None:
    making.land(
        "person", "north", [{**MAYA, "person_record": 11, "source_record_id": key, **more}], "sharing-2026"
    )
    access = enter(actor=OPERATOR, purpose="matching")
    table, _ = access.table("SELECT person_record, own_number, source_system FROM person")
    assert table.to_pylist() == [{"person_record": 11, "own_number": own, "source_system": "csv"}]


@pytest.mark.usefixtures("agreed")
def test_only_linkage_is_told() -> None:
    making.land(
        "person", "north", [{**MAYA, "person_record": 11, "source_record_id": "1001"}], "sharing-2026"
    )
    reader = making.reader("evaluator@hub.example")
    with pytest.raises(Refused, match="does not exist"):
        enter(actor=reader, purpose="planning").query("SELECT own_number FROM person")


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("keys", "persons"), [(("1001", "1002"), 2), (("Maya|Whitfield|1", "Maya|Whitfield|2"), 1)]
)
def test_two_numbers_are_two_persons_and_two_names_may_be_one(keys: tuple[str, str], persons: int) -> None:
    land(*keys)
    assert link(by=OPERATOR).persons == persons


@pytest.mark.usefixtures("agreed")
def test_what_was_joined_before_is_split_and_told_and_may_be_joined_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    land("1001", "1002")
    with monkeypatch.context() as before:  # a version that knew no numbers
        before.setattr(resolution, "own_numbers", lambda rows, lists: _none(rows))
        assert link(by=OPERATOR).persons == 1
    [person] = set(links_now().values())
    linked = link(full=True, by=OPERATOR)
    assert (linked.persons, linked.split) == (2, 1)
    [sentence] = [s for s in linked.noticed if "different student numbers" in s]
    assert sentence.startswith(
        f"1 person of earlier runs was split, because a partner’s own system gives their records different student numbers: {person}."
    )
    event = IdentityEvent.objects.get(kind=PersonEventKind.SPLIT)
    assert event.reason == "own_numbers"
    assert ReviewPair.objects.filter(one=11, other=12, queued=True, joined=False).exists()
    undo(event=event.pk, by=OPERATOR)
    again = link(full=True, by=OPERATOR)
    assert again.persons == 1
    assert not [s for s in again.noticed if "different student numbers" in s]


def _none(rows: Any) -> OwnNumbers:
    known = own_numbers(rows)
    known.system[:] = -1
    return known


def test_of_many_splits_twenty_are_named() -> None:
    splits = [PersonEvent(PersonEventKind.SPLIT, (2**40 + at,), {}, {}) for at in range(25)]
    [sentence] = number_splits.sentence_of(splits)
    assert f"{2**40 + 19} and 5 more" in sentence
    assert str(2**40 + 20) not in sentence
    assert list(number_splits.sentence_of([])) == []
