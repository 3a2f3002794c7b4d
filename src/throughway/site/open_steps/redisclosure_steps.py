"""Requests for a copy of an authority's record of further disclosures, as open steps (34 CFR 99.32(b)(2)(iii))."""

from collections.abc import Iterable

from throughway.ledger.redisclosure import Request
from throughway.partners import Role
from throughway.partners.open_step import OpenStep

ANSWERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})


def answers_due(waiting: Iterable[Request]) -> list[OpenStep]:
    """One step for each request that nobody has answered: due within thirty days of the asking."""
    return [
        OpenStep(
            "answer further disclosures", "Send your record of further disclosures", r.authority, ANSWERS, r.on, r.due,
            "ledger:ledger",
        )
        for r in waiting
    ]  # fmt: skip
