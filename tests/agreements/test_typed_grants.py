"""What `writes` compiles to: who may type, who reads it back, whose record it becomes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.agreements.documents import changed, document_of
from tests.agreements.rules.making import sharing
from throughway.agreements.document import canonical, version_of
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm, AuthorCapacity
from throughway.agreements.grant import Grant
from throughway.agreements.plain_text import plain
from throughway.agreements.row_filter import own_conditions
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.vocabulary import TABLES

WRITING: dict[str, Any] = {"table": "contact_note", "purposes": ["look"], "necessity": "The team must know"}


def program(*writes: dict[str, Any], **purpose: Any) -> dict[str, Any]:
    """Bright Futures reads its own records."""
    values = changed(sharing("partner_records"), ("parties.0.roles", ["discloser", "recipient"]))
    values["purposes"][0] |= {
        "recipients": ["bright-futures"],
        "roles": ["case_worker", "program_manager"],
        **purpose,
    }
    return {**values, "writes": [*writes]} if writes else values


def typed(values: dict[str, Any], *above: dict[str, Any]) -> list[Grant]:
    def status(each: dict[str, Any]) -> AgreementStatus:
        document = document_of(each)
        return AgreementStatus(document, version_of(document), AgreementState.ACTIVE, "")

    return [
        g for g in grants_of(status(values), [status(each) for each in above]) if g.table == "contact_note"
    ]


def test_a_document_without_writes_keeps_its_hash() -> None:
    values = program()
    assert version_of(document_of(values)) == version_of(document_of({**values, "writes": []}))
    assert "writes" not in canonical(document_of(values))
    assert not typed(values)


def test_authors_type_and_read_what_their_partner_typed() -> None:
    (grant,) = typed(program(WRITING))
    assert (grant.discloser, grant.recipients, grant.authors) == (
        "bright-futures",
        {"bright-futures"},
        {"bright-futures"},
    )
    assert grant.columns.keys() >= TABLES["contact_note"].elements.keys()
    assert (grant.reach, grant.training) == ("caseload", {"ferpa-basics"})


def test_a_team_reads_what_it_typed_whatever_the_limits_of_what_is_loaded() -> None:
    values = program(WRITING)
    values |= {
        "records": {"from": "2026-01-01"},
        "population": [{"on": "school_enrollment", "where": "entry_grade_level = '06'"}],
    }
    (grant,) = typed(values)
    assert (grant.population, grant.records) == ((), (None, None))


def test_roles_are_those_of_both() -> None:
    assert typed(program(WRITING))[0].roles == {"case_worker", "program_manager"}
    assert typed(program({**WRITING, "roles": ["case_worker", "leader"]}))[0].roles == {"case_worker"}


def test_whose_record_it_becomes() -> None:
    (own,) = typed(program(WRITING))
    assert (own.discloser, own.capacity) == ("bright-futures", AuthorCapacity.OWN_PROGRAM)
    for_school = {
        **WRITING,
        "by": ["bright-futures"],
        "capacity": "school_official",
        "for": "riverbend-schools",
    }
    (official,) = typed({**sharing("school_official"), "writes": [for_school]})
    assert (official.discloser, official.capacity, official.authors) == (
        "riverbend-schools", AuthorCapacity.SCHOOL_OFFICIAL, {"bright-futures"},
    )  # fmt: skip


@pytest.mark.parametrize("purpose", [{"kind": "evaluation"}, {"form": "pseudonymous"}, {"form": "aggregate"}])
def test_nobody_types_but_under_casework_on_identified_students(purpose: dict[str, Any]) -> None:
    assert not typed(program(WRITING, **purpose))


@pytest.mark.parametrize(
    "writes", [{"table": "person"}, {"by": ["riverbend-schools"]}, {"capacity": "school_official"}]
)
def test_an_entry_that_does_not_fit_grants_nothing(writes: dict[str, Any]) -> None:
    assert not typed(program({**WRITING, **writes}))


def test_a_wider_tier_that_speaks_of_typing_narrows_it() -> None:
    values = {**program(WRITING), "under": "wide"}
    wide = {
        k: v for k, v in program(WRITING).items() if k not in ("purposes", "schedule")
    } | {"id": "wide", "tier": "mou"}  # fmt: skip
    assert typed(values, {k: v for k, v in wide.items() if k != "writes"})
    assert typed(values, wide)
    assert not typed(values, {**wide, "writes": [{**WRITING, "by": ["riverbend-schools"]}]})
    assert not typed(values, {**wide, "writes": [{**WRITING, "purposes": ["other"]}]})


def test_the_text_says_who_types_and_whose_record_it_is() -> None:
    document = document_of(program({**WRITING, "by": ["bright-futures"], "roles": ["case_worker"]}))
    text = " ".join(plain(document, {"bright-futures": "Bright Futures"}).split())
    assert "What people may type" in text
    assert "Case workers of Bright Futures, for casework" in text
    assert "a record of that organization" in text


RECEIVING: dict[str, Any] = {
    "table": "referral_event", "purposes": ["look"], "capacity": "receiver", "necessity": "The sender waits",
}  # fmt: skip


def test_a_receiver_answers_into_the_record_of_the_sender() -> None:
    """Bright Futures answers what riverbend-schools sends it; without `writes` it only reads."""
    values = changed(sharing("consent"), ("schedule.0.element", "referral_event.*"))
    standing = AgreementStatus(document_of(values), "v", AgreementState.ACTIVE, "")
    (reads,) = [g for g in grants_of(standing, []) if g.table == "referral_event"]
    assert not reads.authors
    values |= {"writes": [RECEIVING]}
    standing = AgreementStatus(document_of(values), "v", AgreementState.ACTIVE, "")
    grants = [g for g in grants_of(standing, []) if g.table == "referral_event" and g.authors]
    assert [(g.discloser, g.authors, g.capacity, g.choices == reads.choices) for g in grants] == [
        ("riverbend-schools", {"bright-futures"}, AuthorCapacity.RECEIVER, True)
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"addressed": frozenset({"b"})}, ["'b'", "receiving_partner", "sending_partner"]),
        ({"authors": frozenset({"a"})}, ["'a'", "author_partner", "sending_partner"]),
        ({}, ["'a'", "'b'", "receiving_partner"]),
        ({"agreement": "own_records"}, []),
        ({"form": AccessForm.AGGREGATE}, []),  # counted, and shown to nobody
    ],
)
def test_a_row_between_two_partners_is_shown_to_these_two(changes: dict[str, Any], words: list[str]) -> None:
    values = changed(sharing("consent"), ("schedule.0.element", "referral_event.*"))
    standing = AgreementStatus(document_of(values), "v", AgreementState.ACTIVE, "")
    grant = replace(
        grants_of(standing, [])[0], recipients=frozenset({"a", "b"}), records=(None, None), **changes
    )
    sql = " ".join(c.sql() for c in own_conditions(grant, row="t", on=date(2026, 9, 1), today=None))
    assert all(word in sql for word in words)
    assert bool(sql) == bool(words)
    assert "'a'" not in sql or "'a'" in words
