"""An order on an adult holds for every record of the student, and keeps back everything that says where the student is."""

import json
import re
from inspect import unwrap
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.utils.html import escape

from tests.families.conftest import AGO, ASK, TODAY, consents
from tests.families.test_registers import chosen, line, shown
from tests.gate import making
from tests.site.people import client_of
from throughway.cli import rights
from throughway.cli.root import main
from throughway.consent.inspection import InspectionOutcome
from throughway.consent.limit import PLACES, WHEREABOUTS
from throughway.consent.selectors.rights import (
    amendments_of,
    inspections_of,
    limited,
    limits_of,
    nearly_named,
    same_adults,
)
from throughway.core.refusals import Refused
from throughway.families.actions import amendments, inspections, limits
from throughway.families.request_text import NO_RIGHT_WORDS
from throughway.gate.actions import land_person_links
from throughway.gate.actions.limited_adults import INTEREST
from throughway.ledger.actions.student_disclosures import disclosures_of
from throughway.partners import OPERATOR, Actor
from throughway.store import Community, schemas
from throughway.store.actions.landing import NewFile, land
from throughway.vocabulary import TABLES

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = {"reference": "2026-DR-7", "since": AGO}


def merge(*records: int) -> None:
    land_person_links(links=pa.table({"record": records, "person": [2**41] * len(records)}), by=OPERATOR)


def split() -> None:
    land_person_links(
        links=pa.table({"record": pa.array([], pa.int64()), "person": pa.array([], pa.int64())}), by=OPERATOR
    )


def test_limit_on_a_merged_record_voids_consents_not_refusals(officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line(), line(record_key="n-12", signer="Kim Two"))
    order = limits.limit(student="n-13", who="kim TWO", kind="rights", by=officer, **ORDER)
    assert shown() == [11, 12]  # of another student so far
    merge(12, 13)
    assert shown() == [11]
    with pytest.raises(Refused, match=f"limit {order.code}"):
        consents(tmp_path, line(record_key="n-12", signer="Kim  Two", purpose="*"))
    consents(tmp_path, line(record_key="n-12", signer="Lee Two"))
    assert shown() == [11, 12]  # the other parent
    consents(tmp_path, line(record_key="n-12", signer="Kim Two", decision="no"))
    assert shown() == [11]
    split()
    assert shown() == [11]  # of the two who both hold the right the refusal stands
    limits.lift(code=order.code, why="Vacated", on=TODAY, by=officer)


def test_a_split_undoes_it(officer: Actor, tmp_path: Path) -> None:
    chosen()
    consents(tmp_path, line(record_key="n-12", signer="Kim Two"))
    limits.limit(student="n-13", who="Kim Two", kind="rights", by=officer, **ORDER)
    merge(12, 13)
    assert shown() == []
    split()
    assert shown() == [12]


def test_who_asks_about_a_merged_record(officer: Actor) -> None:
    order = limits.limit(student="n-12", who="Pat One", kind="contact", by=officer, **ORDER)
    making.land(
        "guardian", "north", [{"person_record": 11, "record": 1, "first_name": "Sam"}], "sharing-2026"
    )
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    assert "guardian" in inspections.gather(code=code, by=officer).tables
    merge(11, 12)
    assert "guardian" in inspections.gather(code=code, by=officer).left_out
    limits.lift(code=order.code, why="Order of 3 March", on=TODAY, by=officer)
    taken = limits.limit(student="n-12", who="Pat One", kind="rights", by=officer, **ORDER)
    with pytest.raises(Refused, match=f"limit {taken.code}"):
        inspections.gather(code=code, by=officer)  # an order that came after the request
    of = client_of("officer@north.example")
    assert "Show nothing" in of.get(f"/requests/inspect/{code}/").content.decode()


def test_another_name_is_warned_of(officer: Actor) -> None:
    order = limits.limit(student="n-11", who="P. One", kind="contact", by=officer, **ORDER)
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    page = client_of("officer@north.example").get(f"/requests/inspect/{code}/").content.decode()
    assert f"limit an adult of this student ({order.code}, 2026-DR-7)" in page


@pytest.mark.parametrize("typed", ["One, Pat", "pat  ÓNE", "PAT ONE"])
def test_the_same_name_typed_otherwise_is_stopped(officer: Actor, typed: str) -> None:
    order = limits.limit(student="n-11", who="Pat One", kind="rights", by=officer, **ORDER)
    asked = inspections.ask_to_inspect(**(ASK | {"who": typed}), by=officer)
    with pytest.raises(Refused, match=f"limit {order.code}"):
        inspections.gather(code=asked.code, by=officer)
    page = client_of("officer@north.example").get(f"/requests/inspect/{asked.code}/").content.decode()
    assert "Show nothing" in page


def test_an_adult_who_was_recorded_twice_before_names_were_compared(officer: Actor, tmp_path: Path) -> None:
    """In a folder of an earlier version one adult may stand under two numbers."""
    chosen()
    consents(tmp_path, line(signer="Kim Two"))
    limits.limit(student="n-11", who="Pat Óne", kind="rights", by=officer, **ORDER)
    names = pa.table(
        {"record": [11], "holder": [9], "signer": ["One, Pat"]}, schema=schemas.schema("consent_signer")
    )
    file = NewFile(
        table="consent_signer", partner="north", school_year=0, arrow=names, agreements=("sharing-2026",)
    )
    land(batch="consent", files=[file], by=OPERATOR)
    assert limited("north", 11, 9, TODAY) is not None
    assert (11, 9) in same_adults(limits_of("north"), "north")


def test_a_request_without_a_right_ends_as_refused_and_tells_of_no_order(officer: Actor) -> None:
    limits.limit(student="n-11", who="Pat One", kind="rights", by=officer, **ORDER)
    asked = inspections.ask_to_inspect(**ASK, by=officer)
    assert asked.open
    with pytest.raises(Refused, match="order"):
        inspections.answer(code=asked.code, how="inspection", on=TODAY, by=officer)
    of = client_of("officer@north.example")
    path = f"/requests/inspect/{asked.code}/"
    page = of.get(path).content.decode()
    assert "Refused: who asked holds no right" in page
    assert "They inspected the record" not in page
    of.post(path, {"act": "answer", "how": "no_right", "on": str(TODAY)})
    ended = inspections.one(asked.code, officer)
    assert (ended.how, ended.state, ended.open) == (InspectionOutcome.NO_RIGHT, "refused: no right", False)
    page = of.get(path).content.decode()
    for words in NO_RIGHT_WORDS.values():
        assert escape(words) in page
        assert not re.search(r"order|court|orden|juez|tribunal|99\.4", words)
    with pytest.raises(Refused):
        inspections.gather(code=asked.code, by=officer)


def test_the_command_refuses_and_the_request_is_recorded(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits.limit(student="n-11", who="Pat One", kind="rights", by=officer, **ORDER)
    monkeypatch.setattr(rights, "acting", lambda settings: officer)
    with pytest.raises(Refused) as refused:
        unwrap(rights.ask_to_inspect.callback)(None, **ASK, asked="", meeting=None)
    assert refused.value.code == "limited"
    [request] = inspections_of("north")
    assert f"right inspect answer {request.code} --how no_right" in refused.value.message


def test_a_request_to_amend_ends_without_a_right_too(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    order = limits.limit(student="n-11", who="Pat One", kind="rights", by=officer, **ORDER)
    more = {"element": "attendance_day.attendance_status", "which": "1 September", "why": "She was there"}
    monkeypatch.setattr(rights, "acting", lambda settings: officer)
    with pytest.raises(Refused, match="right amend no-right") as refused:
        unwrap(rights.ask_to_amend.callback)(None, **(ASK | {"who": "One, Pat"}), **more)
    assert refused.value.code == "limited"
    [asked] = amendments_of("north")
    of, path = client_of("officer@north.example"), f"/requests/amend/{asked.code}/"
    page = of.get(path).content.decode()
    assert f"limit {order.code}" in page
    assert "Decide to amend it" not in page
    for act in (
        lambda: amendments.grant(code=asked.code, on=TODAY, by=officer),
        lambda: amendments.refuse(code=asked.code, on=TODAY, reason="No", by=officer),
    ):
        with pytest.raises(Refused, match=f"limit {order.code}"):
            act()
    of.post(path, {"act": "no_right", "on": str(TODAY)})
    ended = amendments.one(asked.code, officer)
    assert (ended.state, ended.open) == ("no_right", False)
    assert escape(NO_RIGHT_WORDS["es"]) in of.get(path).content.decode()


def looks() -> list[str]:
    return [
        entry["interest"]
        for entry in disclosures_of(
            partner="north", record_key="n-11", looks=True, by=making.reader("officer@north.example")
        )
        if entry["outcome"] == "looked"
    ]


def test_whoever_must_obey_sees_the_names_by_a_press_that_is_recorded(officer: Actor) -> None:
    order = limits.limit(student="n-11", who="Guillermo Bosqué", kind="contact", by=officer, **ORDER)
    code = inspections.ask_to_inspect(**(ASK | {"who": "Gillermo Bosque"}), by=officer).code
    of = client_of("officer@north.example")
    for path, act, found in (
        (f"/requests/limit/{order.code}/", "name", ["Guillermo Bosqué"]),
        (f"/requests/inspect/{code}/", "names", ["Guillermo Bosqué", "Gillermo Bosque"]),
    ):
        page = of.get(path).content.decode()
        assert not any(name in page for name in found)
        before = looks()
        page = of.post(path, {"act": act}).content.decode()
        assert all(name in page for name in found)
        assert looks()[: len(looks()) - len(before) - 1].count(INTEREST) == 1
    assert (
        "nearly that of an adult whom an order limits"
        in of.get(f"/requests/inspect/{code}/").content.decode()
    )
    other = client_of("officer@harbor.example")
    assert other.post(f"/requests/limit/{order.code}/", {"act": "name"}).status_code == 404
    # What the adult may be given a copy of tells of no order.
    assert not re.search(r"order|court|limit", INTEREST)
    given = disclosures_of(partner="north", record_key="n-11", by=officer)
    assert not any(re.search(r"order|court", str(entry)) for entry in given)


NEARLY = ["P. One", "Pat Quentin One", "One P."]
ANOTHER = [
    "Lee One",
    "Pat Two",
    "Pat Óne",
]  # the last counts as the limited adult already, and is refused or silent


@pytest.mark.parametrize("signer", [*NEARLY, *ANOTHER])
def test_a_new_order_tells_how_many_answered_under_nearly_that_name(
    officer: Actor, tmp_path: Path, signer: str, monkeypatch: pytest.MonkeyPatch, community: Community
) -> None:
    """The command and the page of the limit; also where another partner's order is about the same student."""
    chosen()
    consents(tmp_path, line(signer=signer))
    monkeypatch.setenv("THROUGHWAY_COMMUNITY", str(community.root))
    words = ["right", "limit", "add", "--who", "Pat One", "--takes", "rights", "--reference", "DR-7", "--since", str(AGO)]  # fmt: skip
    done = CliRunner().invoke(main, [*words, "--student", "n-11", "--as", officer.email, "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told.get("near") == (1 if signer in NEARLY else None)
    assert shown() == ([] if signer == "Pat Óne" else [11])  # a warning changes nothing
    page = client_of(officer.email).get(f"/requests/limit/{told['code']}/").content.decode()
    assert ("1 adult who answered for this student before has nearly this name" in page) == (signer in NEARLY)
    assert signer not in page
    harbor = making.reader("officer@harbor.example")
    order = limits.limit(student="h-21", who="Pat One", kind="rights", by=harbor, **ORDER)
    merge(11, 21)
    assert nearly_named(order) == (signer in NEARLY)
    page = client_of(officer.email).get(f"/requests/limit/{told['code']}/").content.decode()
    assert ("nearly this name" in page) == (signer in NEARLY)  # beside another order on the same adult
    limits.limit(student="n-11", who=signer, kind="rights", by=officer, **ORDER)  # as the page says
    page = client_of(officer.email).get(f"/requests/limit/{told['code']}/").content.decode()
    assert "nearly this name" not in page
    assert nearly_named(order) == 0


@pytest.mark.parametrize("signer", [*NEARLY, "Lee One", "Pat Two"])
def test_a_list_of_consents_tells_the_lines_that_a_limited_adult_may_have_signed(
    officer: Actor, tmp_path: Path, signer: str
) -> None:
    chosen()
    limits.limit(student="n-11", who="Pat One", kind="rights", by=officer, **ORDER)
    found = consents(
        tmp_path, line(signer="Lee One"), line(signer=signer), line(record_key="n-12", signer=signer)
    )
    assert found.near == ((3,) if signer in NEARLY else ())
    again = consents(tmp_path, line(signer=signer))
    assert (again.new, again.near) == (0, ())
    refusal = consents(tmp_path, line(signer=signer, decision="no", signed_on=str(AGO)))
    assert (refusal.new, refusal.near) == (1, ())  # a no only closes


def test_a_name_in_another_partners_order_is_not_shown_but_compared(officer: Actor) -> None:
    harbor = making.reader("officer@harbor.example")
    order = limits.limit(student="h-21", who="P. One", kind="contact", by=harbor, **ORDER)
    merge(11, 21)
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    page = (
        client_of("officer@north.example")
        .post(f"/requests/inspect/{code}/", {"act": "names"})
        .content.decode()
    )
    assert f"{order.code}, recorded by Harbor: ask its privacy officer" in page
    assert "nearly that of an adult" in page
    assert "P. One" not in page


@pytest.mark.parametrize(
    ("asks", "left", "near"),
    [("One, Pat", True, False), ("Pat One", True, False), ("P. One", False, True), ("Sam Elm", False, False)],
)
def test_a_limit_that_only_the_record_tells_of_is_not_shown_to_its_adult(
    officer: Actor, asks: str, left: bool, near: bool
) -> None:
    making.land("guardian", "north", [{"person_record": 11, "record": 1, "first_name": "Pat", "last_or_surname": "One",
                "person_relationship_to_learner_contact_restrictions_description": "Order 12"}], "sharing-2026")  # fmt: skip
    code = inspections.ask_to_inspect(**(ASK | {"who": asks}), by=officer).code
    page = (
        client_of("officer@north.example")
        .post(f"/requests/inspect/{code}/", {"act": "gather"})
        .content.decode()
    )
    assert ("Order 12" not in page, "nearly the requester" in page) == (left, near)
    assert ("guardian" in inspections.gather(code=code, by=officer).left_out) is left


def test_what_is_printed_for_the_adult_tells_of_no_order(officer: Actor) -> None:
    """On paper the page lacks its messages: everything on it about an order is one."""
    limits.limit(student="n-11", who="Pat One", kind="contact", by=officer, **ORDER)
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    page = (
        client_of("officer@north.example")
        .post(f"/requests/inspect/{code}/", {"act": "gather"})
        .content.decode()
    )
    printed = re.sub(r'<(p|div|section)[^>]*class="[^"]*tw-message[^"]*".*?</\1>', "", page, flags=re.S)
    body = printed[printed.index("<h1") :]
    assert "order" in page
    assert not re.search(r"\border\b|court|bars this adult", body)


def test_no_row_says_where_the_student_is(officer: Actor) -> None:
    limits.limit(student="n-11", who="Pat One", kind="contact", by=officer, **ORDER)
    making.land(
        "organization", "north", [{"record": 1, "organization_id": "north/9", "organization_name": "Elm"}]
    )
    making.land(
        "attendance_day",
        "north",
        [{"person_record": 11, "organization_id": "north/9", "attendance_event_date": AGO}],
    )
    code = inspections.ask_to_inspect(**ASK, by=officer).code
    got = inspections.gather(code=code, by=officer)
    assert {"organization", "attendance_day.organization_id"} <= set(got.left_out)
    assert got.tables["attendance_day"].num_rows
    assert not any(
        "north/9" in str(rows.to_pylist()) or "Elm" in str(rows.to_pylist()) for rows in got.tables.values()
    )
    page = client_of("officer@north.example").get(f"/requests/inspect/{code}/").content.decode()
    assert "names of schools and places" in page
    assert "an order bars this adult from knowing where the student is" in page
    assert "The family may also ask who saw" not in page


def test_every_element_that_names_a_place_is_known() -> None:
    says = re.compile(r"organization|school_id|location|address|(^|_)city|postal|course_section_id|residence")
    named = {
        f"{table}.{name}"
        for table, told in TABLES.items()
        if table not in WHEREABOUTS and told.of_person
        for name in told.elements
        if says.search(name) and name not in PLACES
    }
    assert named == {"person.city_of_birth"}
