"""What the page asks: the promises that a reader may see, what was published of them, and what stands in the way of more."""

from collections.abc import Sequence
from datetime import date

from throughway.agreements.agreement_list import may_see
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.service_commitments import promised
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.insight.commitments.figures import Account, PromiseLine, accounts, countable, missing
from throughway.partners import OPERATOR, Actor
from throughway.partners.selectors import partners
from throughway.publication.selectors import Published, check_shown, newest, published

SERVICES = "services"


def lines(actor: Actor, on: date, release: Published | None) -> list[PromiseLine]:
    """The promises in effect that the reader may see, beside what the release says of them."""
    every, register = agreement_statuses(on), partners()
    grants = [grant for s in every if s.in_effect for grant in grants_of(s, every)]
    told = {account.promise.key: account for account in _accounts(release)}
    seen = _open_to(actor, every)
    return [
        PromiseLine(
            promise, told.get(promise.key), missing(promise, countable(promise, grants, actor), register)
        )
        for promise in promised(every)
        if promise.agreement in seen
    ]


def lines_of(actor: Actor, on: date, release: Published) -> list[PromiseLine]:
    """What one release says of the promises that the reader may see, whether or not they still stand."""
    seen = _open_to(actor, agreement_statuses(on))
    return [PromiseLine(a.promise, a, "") for a in _accounts(release) if a.promise.agreement in seen]


def _open_to(actor: Actor, every: Sequence[AgreementStatus]) -> frozenset[str]:
    register = partners()
    return frozenset(s.document.id for s in every if may_see(actor, s.document, register))


def newest_services() -> Published | None:
    """The newest that is public."""
    found = newest(SERVICES)
    return published(found, OPERATOR) if found else None


def services_of(id: str, reader: Actor) -> Published:
    """The release of that id; Refused where this reader sees none, it was withdrawn, or it is no account of services."""
    found = published(id, reader)
    check_shown(found, reader)
    if found.about.get("report") != SERVICES:
        raise Refused("That release is no account of services; see its tables.", code="unknown_report")
    return found


def _accounts(release: Published | None) -> Sequence[Account]:
    return accounts(release.about["promises"], release.tables) if release else ()
