"""The table of acts: every row is whole, and its sentences can be written for every agreement."""

from datetime import date

import pytest

from tests.agreements.documents import CASEWORK, MOU, STUDY, document_of, status_on
from throughway.agreements.actions import BY_ACT
from throughway.agreements.acts import ACTS
from throughway.agreements.available_acts import confirmation_for
from throughway.agreements.document import version_of
from throughway.agreements.states import TRANSITIONS, AgreementAct

BY_THE_CALENDAR = {AgreementAct.BEGIN, AgreementAct.EXPIRE}


def test_every_act_of_a_person_has_a_row() -> None:
    assert set(ACTS) == set(AgreementAct) - BY_THE_CALENDAR


def test_every_act_with_a_command_has_a_write_and_an_outcome() -> None:
    assert {act for act, row in ACTS.items() if row.help} == set(BY_ACT)
    assert all(row.outcome.endswith(".") and row.help.endswith(".") for row in ACTS.values() if row.help)


@pytest.mark.parametrize("act", [act for act, row in ACTS.items() if row.button])
@pytest.mark.parametrize("values", [CASEWORK, MOU, STUDY])
def test_the_page_that_confirms_an_act_is_whole(act: AgreementAct, values: dict) -> None:
    document = document_of(values)
    found = status_on(document, version_of(document), [], date(2026, 9, 1))
    partner = document.partners[0]
    names = {id: f"Partner {number}" for number, id in enumerate(document.partners)}
    said = confirmation_for(act, found, partner, names)
    sentences = [*said.consequences, said.done]
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences), sentences
    assert said.title
    assert said.button
    assert not [id for id in names if any(id in words for words in (said.title, *sentences))]


def test_which_acts_ask_for_the_passphrase() -> None:
    asking = {act.value for act, row in ACTS.items() if row.asks_passphrase}
    assert asking == {"approve", "sign", "activate", "suspend", "resume", "terminate", "certify", "close"}


def test_every_act_is_possible_in_some_state() -> None:
    assert {act for _, act in TRANSITIONS} - BY_THE_CALENDAR == set(ACTS)
