"""Who may act: each row is a person and the answers; the check that raises agrees with the one that answers."""

from dataclasses import replace
from datetime import date

import pytest

from tests.agreements.documents import CASEWORK, document_of, status_on
from throughway.agreements import permissions
from throughway.agreements.document import version_of
from throughway.agreements.states import AgreementAct
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor

DOCUMENT = document_of(CASEWORK)  # riverbend-schools and bright-futures give; riverbend-backbone houses
FOUND = status_on(DOCUMENT, version_of(DOCUMENT), [], date(2026, 9, 1))
ACTS = (
    AgreementAct.SIGN,
    AgreementAct.ACTIVATE,
    AgreementAct.TERMINATE,
    AgreementAct.DESTROY,
    AgreementAct.SUSPEND,
)


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
    may_add, *others = answers.split()
    assert permissions.can_add(actor) == (may_add == "y")
    for act, answer in zip(ACTS, others, strict=True):
        assert permissions.can_do(actor, act, FOUND) == (answer == "y"), act
        if act is AgreementAct.DESTROY:
            assert permissions.can_order_destruction(actor, DOCUMENT) == (answer == "y")
        if answer == "n":
            with pytest.raises(Refused) as refusal:
                permissions.check_can_do(actor, act, FOUND)
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
    found = replace(FOUND, suspended_by=tuple(suspended_by))
    assert permissions.can_do(actor, AgreementAct.RESUME, found) is answer


@pytest.mark.parametrize("act", [AgreementAct.SUBMIT, AgreementAct.OFFER, AgreementAct.AGREE])
def test_only_the_authors_people_bring_a_text_to_approval(act: AgreementAct) -> None:
    author, other = person("riverbend-schools", "leader"), person("bright-futures", "leader")
    assert permissions.can_do(author, act, FOUND, "riverbend-schools")
    assert not permissions.can_do(other, act, FOUND, "riverbend-schools")
    assert permissions.can_do(other, act, FOUND, None)  # the operator added the text
