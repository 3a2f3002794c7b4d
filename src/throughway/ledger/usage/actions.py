"""Asking how a partner's data were used: who may, and that it was asked is written in the ledger."""

from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.ledger import recording
from throughway.ledger.actions.student_disclosures import CUSTODIANS, LOOK, VIEWERS
from throughway.ledger.entry import LOOKED, Entry
from throughway.ledger.usage.selectors import statement_of
from throughway.ledger.usage.statement import UsageStatement
from throughway.partners.actor import Actor
from throughway.partners.kinds import PartnerKind
from throughway.partners.selectors import known, own_kind, partners

INTEREST = "To learn how a partner's data were used"


def may_ask(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """The partner's own leader, privacy officer and data steward; those of the backbone, of every partner; the operator,
    since the statement tells of no student."""
    if actor.is_operator:
        return True
    return actor.role in CUSTODIANS and (own == PartnerKind.BACKBONE or actor.partner == partner)


def use_of(*, partner: str, first: date, last: date, by: Actor) -> UsageStatement:
    """How the partner's data were used from the first day to the last. Refused for a time that ends before it begins, and to
    those who keep neither its records nor those of all."""
    if partner not in partners():
        known(partner)  # refuses
    if not may_ask(by, own_kind(by), partner):
        raise Refused(
            f"How a partner's data were used is told to its {', '.join(sorted(CUSTODIANS))}, and to those of the backbone.",
            code="not_allowed",
            citations=[VIEWERS],
        )
    if last < first:
        raise Refused("The last day is before the first; change one of the two.", code="bad_period")
    found = statement_of(partner, first, min(last, datetime.now(UTC).date()))
    with transaction.atomic():
        recording.append(
            Entry(
                outcome=LOOKED, actor=by, purpose="ledger", interest=INTEREST, on=date.today(), disclosers=(partner,),
                exempt=LOOK,
            )
        )  # fmt: skip
    return found
