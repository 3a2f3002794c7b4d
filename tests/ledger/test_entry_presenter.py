"""What a refusal tells of agreements: those in the register, one's own, and never that others prepare one."""

import json

import pytest

from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
OF_TWO = [making.party("north", "discloser", "recipient"), making.party("hub", "steward", "recipient")]


def prepared(id: str, purpose: str) -> dict[str, object]:
    """A text between north and hub alone."""
    return making.sharing(
        id=id,
        parties=OF_TWO,
        purposes=[making.purpose(purpose, "operations", "identified", recipients=["north", "hub"])],
        schedule=[making.line("attendance_day.*", purpose)],
    )


def refusal(email: str, purpose: str) -> tuple[str, list[str]]:
    with pytest.raises(Refused) as refused:
        enter(actor=making.reader(email), purpose=purpose)
    written = LedgerEntry.objects.order_by("at").last()
    return refused.value.message, [*refused.value.citations, *(r["agreement"] for r in written.reasons)]


def test_a_text_that_others_prepare_is_not_there_to_a_reader() -> None:
    making.register()
    agreements.add(text=json.dumps(prepared("quiet-plan", "quiet")), by=OPERATOR)
    assert refusal("evaluator@harbor.example", "quiet") == refusal("evaluator@harbor.example", "nobody-s")
    for party in ("evaluator@north.example", "evaluator@hub.example"):
        assert "quiet-plan is a draft" in refusal(party, "quiet")[0]


def test_hidden_draft_stays_hidden_beside_one_in_effect() -> None:
    making.register()
    making.in_effect(prepared("open-plan", "shared"))
    agreements.add(text=json.dumps(prepared("quiet-plan", "shared")), by=OPERATOR)
    said, cited = refusal("evaluator@harbor.example", "shared")
    assert "harbor is not among the recipients of this purpose in open-plan." in said
    assert "quiet-plan" not in said + " ".join(cited)


def test_what_has_been_in_effect_stays_named_after_its_end() -> None:
    making.register()
    making.in_effect(prepared("open-plan", "shared"))
    agreements.terminate(id="open-plan", by=making.reader("officer@north.example"))
    assert "open-plan" in refusal("evaluator@harbor.example", "shared")[0]
    agreements.add(text=json.dumps(prepared("quiet-plan", "quiet")), by=OPERATOR)
    agreements.terminate(id="quiet-plan", by=making.reader("officer@north.example"))
    assert "quiet-plan" not in refusal("evaluator@harbor.example", "quiet")[0]


def test_drafts_are_named_to_backbone_and_operator() -> None:
    making.register()
    draft = prepared("quiet-plan", "quiet") | {"parties": [making.party("north", "discloser", "recipient")]}
    draft["purposes"] = [making.purpose("quiet", "linkage", "identified", recipients=["north"])]
    agreements.add(text=json.dumps(draft), by=OPERATOR)
    assert "quiet-plan" not in refusal("evaluator@harbor.example", "quiet")[0]
    assert "quiet-plan is a draft" in refusal("evaluator@hub.example", "quiet")[0]
    with pytest.raises(Refused, match="quiet-plan is a draft"):
        enter(actor=OPERATOR, purpose="quiet")
