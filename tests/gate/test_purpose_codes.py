"""What two purposes of one agreement show cannot be joined, unless the agreement joins them; within one purpose a code stays."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, count
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gate import making
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.gate.actions import enter, land_person_links
from throughway.partners import OPERATOR
from throughway.store.selectors import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
EVALUATOR = "evaluator@hub.example"
STUDY = {"basis": "study", "basis_details": {
    "purpose": "p", "scope": "s", "duration": "d", "aim": "improve_instruction", "on_behalf_of": "north"}}  # fmt: skip
CODED = ("person.last_or_surname", "behavior_incident.source_record_id")
SQL = (
    "SELECT person_id, last_or_surname, birthdate FROM person",
    "SELECT person_id, incident_identifier, source_record_id FROM behavior_incident",
    "SELECT person_id, household_id FROM homeless_program_participation",
)
Joins = Mapping[str, Sequence[str]]
NUMBERS = count()


def study(id: str, purposes: Sequence[str], joins: Joins = {}, **changes: Any) -> dict[str, Any]:  # noqa: B006
    """An agreement under several purposes that show the same students under codes."""
    return making.sharing(**{
        "id": id,
        "purposes": [
            *(making.purpose(each, "research", "pseudonymous", recipients=["hub"], joins=list(joins.get(each, ())), **STUDY, **{"from": ["north"]})
              for each in purposes),
            making.purpose("matching", "linkage", "identified", **{"from": ["north"]}, recipients=["hub"], serves=list(purposes)),
        ],
        "schedule": [
            *(making.line(element, *purposes, transform="pseudonym") for element in CODED),
            making.line("person.birthdate", *purposes, transform="year"),
            making.line("behavior_incident.*", *purposes),
            making.line("homeless_program_participation.household_id", *purposes),
        ],
        **changes,
    })  # fmt: skip


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    making.land("behavior_incident", "north", [
        {"person_record": n, "record": n, "incident_identifier": f"inc-{n}", "incident_date": date(2026, 9, 3)} for n in (11, 12)
    ])  # fmt: skip
    making.land(
        "homeless_program_participation", "north", [{"person_record": 11, "record": 1, "household_id": "h-1"}]
    )
    land_person_links(links=pa.table({"record": [11, 21], "person": [2**41 + 5] * 2}), by=OPERATOR)


def shown(purpose: str, **more: Any) -> list[tuple[Any, ...]]:
    """All that a purpose shows, row by row."""
    return [
        row
        for sql in SQL
        for row in enter(actor=making.reader(EVALUATOR), purpose=purpose, **more).query(sql).rows
    ]


def codes(rows: Sequence[tuple[Any, ...]]) -> set[str]:
    return {value for row in rows for value in row if isinstance(value, str)}


def test_two_purposes_of_one_agreement_have_no_code_in_common(town: None) -> None:
    making.in_effect(study("study", ["counting-days", "hearing-them"]))
    one, other = shown("counting-days"), shown("hearing-them")
    assert len(codes(one)) == len(codes(other)) == 9
    assert not codes(one) & codes(other)
    assert not {"h-1", "inc-11"} & codes(one)


def test_purposes_that_the_agreement_joins_show_the_same(town: None) -> None:
    making.in_effect(study("study", ["counting-days", "hearing-them"], {"hearing-them": ["counting-days"]}))
    assert sorted(map(str, shown("hearing-them"))) == sorted(map(str, shown("counting-days")))


def test_a_past_day_is_shown_under_the_codes_of_today(town: None) -> None:
    """What is no longer joined is joined under no earlier day either; what is joined today was not then."""
    ids, joined = ["counting-days", "hearing-them"], {"hearing-them": ["counting-days"]}
    yesterday = date.today() - timedelta(days=1)
    making.in_effect(study("study", ids, joined))
    before = shown("hearing-them")
    amend(study("study", ids))
    assert not codes(shown("hearing-them", on=yesterday)) & codes(shown("counting-days", on=yesterday))
    assert not codes(shown("hearing-them")) & codes(before)
    assert codes(shown("counting-days")) == codes(before)


def amend(document: dict[str, Any]) -> None:
    agreements.amend(id=document["id"], text=json.dumps(document), by=OPERATOR)
    for each in document["parties"]:
        agreements.sign(id=document["id"], by=making.leader(each["partner"]))
    agreements.activate(id=document["id"], by=making.actor("officer@north.example"))


@given(
    st.lists(st.sampled_from(["apple", "birch", "cedar"]), min_size=2, max_size=3, unique=True),
    st.dictionaries(st.sampled_from(["apple", "birch", "cedar"]), st.just(None), max_size=2),
)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_codes_of_any_two_purposes(town: None, ids: Sequence[str], joining: Mapping[str, None]) -> None:
    """Disjoint unless joined, equal where joined, and the same when they are read again."""
    number = next(NUMBERS)
    named = [f"{id}-{number}" for id in ids]
    # Each of `joining` joins the first.
    joins = {id: [named[0]] for id in named[1:] if id.rpartition("-")[0] in joining}
    making.in_effect(study(f"study-{number}", named, joins))
    seen = {id: shown(id) for id in named}
    for one, other in combinations(named, 2):
        together = {one, other} <= {named[0], *joins}
        shared = codes(seen[one]) & codes(seen[other])
        assert shared == (codes(seen[one]) if together else set())
    with snapshot():
        assert {id: shown(id) for id in named} == seen
