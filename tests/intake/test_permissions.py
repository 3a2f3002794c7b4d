"""Who may load whose files, as a truth table."""

import pytest

from tests.gate import making
from throughway.agreements.document import AgreementDocument
from throughway.core.refusals import Refused
from throughway.intake.permissions import can_load, check_can_load
from throughway.partners import OPERATOR, Actor


@pytest.mark.parametrize(
    ("actor", "answer"),
    [
        (OPERATOR, True),
        (Actor("a@north.example", "north", "case_worker"), True),  # its own
        (Actor("b@hub.example", "hub", "data_steward"), True),  # houses the records
        (Actor("c@hub.example", "hub", "evaluator"), False),
        (Actor("d@harbor.example", "harbor", "data_steward"), False),  # of another discloser
        (Actor("e@away.example", "away", "data_steward"), False),
    ],
)
def test_who_loads_the_files_of_north(actor: Actor, answer: bool) -> None:
    document = AgreementDocument.model_validate(making.sharing())
    assert can_load(actor, "north", [document]) is answer
    if not answer:
        with pytest.raises(Refused):
            check_can_load(actor, "north", [document])


def test_steward_needs_an_agreement_to_load_for_others() -> None:
    assert not can_load(Actor("b@hub.example", "hub", "data_steward"), "north", [])
