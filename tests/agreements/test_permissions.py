"""Who may act: each row is a person and the answers; the check that raises agrees with the one that answers."""

import pytest

from tests.agreements.documents import CASEWORK, document_of
from throughway.agreements import permissions
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor

DOCUMENT = document_of(CASEWORK)  # riverbend-schools and bright-futures give; riverbend-backbone houses
ACTS = ("add", "sign", "activate", "terminate", "order_destruction", "suspend")


def person(partner: str, role: str) -> Actor:
    return Actor("someone@example.org", partner, role)


#                                                     add sign activate terminate destroy suspend
TRUTH = [
    (OPERATOR,                                         "y    n       n         n       n       n"),
    (person("riverbend-schools", "leader"),            "y    y       n         n       n       y"),
    (person("riverbend-schools", "privacy_officer"),   "y    y       y         y       y       y"),
    (person("riverbend-schools", "data_steward"),      "y    n       y         y       y       y"),
    (person("riverbend-schools", "case_worker"),       "n    n       n         n       n       n"),
    (person("riverbend-schools", "program_manager"),   "n    n       n         n       n       n"),
    (person("riverbend-schools", "evaluator"),         "n    n       n         n       n       n"),
    (person("riverbend-backbone", "leader"),           "y    y       n         n       n       n"),
    (person("riverbend-backbone", "privacy_officer"),  "y    y       y         y       y       n"),
    (person("riverbend-backbone", "data_steward"),     "y    n       y         y       y       n"),
    (person("reading-lab", "leader"),                  "y    n       n         n       n       n"),
    (person("reading-lab", "privacy_officer"),         "y    n       n         n       n       n"),
    (person("reading-lab", "data_steward"),            "y    n       n         n       n       n"),
]  # fmt: skip


@pytest.mark.parametrize(("actor", "answers"), TRUTH)
def test_who_may_act(actor: Actor, answers: str) -> None:
    for act, answer in zip(ACTS, answers.split(), strict=True):
        arguments = (actor,) if act == "add" else (actor, DOCUMENT)
        assert getattr(permissions, f"can_{act}")(*arguments) == (answer == "y"), act
        if answer == "n":
            with pytest.raises(Refused) as refusal:
                getattr(permissions, f"check_can_{act}")(*arguments)
            assert refusal.value.code == "not_allowed"
            assert refusal.value.message.endswith(".")


@pytest.mark.parametrize(
    ("actor", "suspended_by", "answer"),
    [
        (person("riverbend-schools", "leader"), ["riverbend-schools"], True),
        (person("riverbend-schools", "data_steward"), ["riverbend-schools", "bright-futures"], True),
        (person("bright-futures", "leader"), ["riverbend-schools"], False),
        (person("riverbend-schools", "case_worker"), ["riverbend-schools"], False),
        (person("riverbend-schools", "leader"), [], False),
        (OPERATOR, ["riverbend-schools"], False),
    ],
)
def test_only_the_discloser_that_suspended_lifts_it(
    actor: Actor, suspended_by: list[str], answer: bool
) -> None:
    assert permissions.can_resume(actor, DOCUMENT, suspended_by) is answer
