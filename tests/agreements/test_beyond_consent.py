"""An amendment adds nothing to a purpose for which families were asked for less."""

import json
from typing import Any

import pytest

from tests.agreements.documents import CASEWORK, MOU, PARTNERS, changed, text_of
from throughway.agreements import actions
from throughway.agreements.diff.access_impact import beyond_consent
from throughway.agreements.document import read_document
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner

SCHOOLS, PROGRAM, BACKBONE = "riverbend-schools", "bright-futures", "riverbend-backbone"
SCORES = {"element": "assessment_result.assessment_result_score_value", "from": [SCHOOLS], "purposes": ["casework"],
          "necessity": "Scores show where help is needed"}  # fmt: skip
AGAIN = {**SCORES, "purposes": ["casework-scores"]}


def read(values: dict[str, Any]) -> Any:
    document, faults = read_document(json.dumps(values))
    assert document is not None, faults
    return document


def first(**found: Any) -> int:
    return next(
        n for n, entry in enumerate(CASEWORK["purposes"]) if all(entry[k] == v for k, v in found.items())
    )


CONSENTED = first(basis="consent")
BIRTHDATE = next(n for n, line in enumerate(CASEWORK["schedule"]) if line["element"] == "person.birthdate")


def added(line: dict[str, Any]) -> dict[str, Any]:
    return changed(CASEWORK, (f"schedule.{len(CASEWORK['schedule'])}", line))


@pytest.mark.parametrize(
    "later",
    [
        added(SCORES),
        changed(CASEWORK, (f"purposes.{CONSENTED}.recipients", [PROGRAM, SCHOOLS])),
        changed(CASEWORK, (f"schedule.{BIRTHDATE}.transform", "none")),
    ],
)
def test_more_records_or_parties_exceed_the_consents(later: dict[str, Any]) -> None:
    found = beyond_consent([read(CASEWORK)], read(later))
    assert {(purpose, discloser) for purpose, discloser, _, _ in found} == {("casework", SCHOOLS)}


@pytest.mark.parametrize(
    "later",
    [
        changed(CASEWORK, ("terms.expires", "2100-06-30")),
        changed(CASEWORK, ("schedule", CASEWORK["schedule"][1:])),
        changed(CASEWORK, (f"purposes.{CONSENTED}.roles", ["case_worker", "program_manager", "leader"])),
        added({**SCORES, "from": [PROGRAM]}),  # the program's own records rest on no consent
        changed(
            added(AGAIN),
            (
                f"purposes.{len(CASEWORK['purposes'])}",
                {**CASEWORK["purposes"][CONSENTED], "id": "casework-scores"},
            ),
        ),
    ],
)
def test_less_or_a_new_purpose_stays_within_consents(later: dict[str, Any]) -> None:
    assert beyond_consent([read(CASEWORK)], read(later)) == []


def test_elements_left_out_in_between_exceed_consents() -> None:
    between = changed(CASEWORK, ("schedule", CASEWORK["schedule"][1:]))
    assert beyond_consent([read(CASEWORK), read(between)], read(CASEWORK))


@pytest.mark.django_db
def test_such_an_amendment_is_refused(community: object) -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    for document, parties in (
        (MOU, (SCHOOLS, PROGRAM, BACKBONE, "reading-lab")),
        (changed(CASEWORK, ("terms.effective", "2026-01-01")), (SCHOOLS, PROGRAM, BACKBONE)),
    ):
        actions.add(text=text_of(document), by=OPERATOR)
        for partner in parties:
            actions.sign(id=document["id"], by=Actor(f"l@{partner}.example", partner, "leader"))
        actions.activate(id=document["id"], by=Actor("o@x.example", SCHOOLS, "privacy_officer"))
    leader = Actor("l@s.example", SCHOOLS, "leader")
    id, later = CASEWORK["id"], changed(CASEWORK, ("terms.effective", "2026-01-01"))
    with pytest.raises(Refused) as found:
        actions.amend(id=id, text=text_of({**later, "schedule": [*later["schedule"], SCORES]}), by=leader)
    assert found.value.code == "beyond_consent"
    assert "34 CFR 99.30(b)" in found.value.citations
    actions.amend(id=id, text=text_of({**later, "title": "Another title"}), by=leader)
    with pytest.raises(Refused) as found:  # nor in the place of an amendment that is prepared
        actions.add(text=text_of({**later, "schedule": [*later["schedule"], SCORES]}), by=leader)
    assert found.value.code == "beyond_consent"
