"""The promises that a reader may see, the published figures of each, and what is missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from throughway.agreements.agreement_list import may_see
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.service_commitments import promised
from throughway.agreements.status import AgreementStatus
from throughway.insight.commitments.figures import PromiseFigures, promise_figures, why_not_counted
from throughway.partners import Actor
from throughway.partners.selectors import partners
from throughway.publication.selectors import Published

SERVICES = "services"


def promises(actor: Actor, on: date, release: Published | None) -> list[PromiseFigures]:
    """The promises in effect that the reader may see, with the release's figures."""
    every, register = agreement_statuses(on), partners()
    grants = [grant for s in every if s.in_effect for grant in grants_of(s, every)]
    counted = {found.promise.key: found for found in _figures(release)}
    seen = _open_to(actor, every)
    return [
        _explained(
            replace(counted.get(promise.key, PromiseFigures(promise)), promise=promise),
            why_not_counted(promise, grants, actor, register),
        )
        for promise in promised(every)
        if promise.agreement in seen
    ]


def promises_of(actor: Actor, on: date, release: Published) -> list[PromiseFigures]:
    """One release's figures for the promises that the reader may see, whether or not they are still in effect."""
    seen = _open_to(actor, agreement_statuses(on))
    return [_explained(found, "") for found in _figures(release) if found.promise.agreement in seen]


def _explained(found: PromiseFigures, missing: str) -> PromiseFigures:
    """Adds the reason where there is no figure."""
    return replace(found, why="" if found.years else found.why or missing or "No public release includes it.")


def _open_to(actor: Actor, every: Sequence[AgreementStatus]) -> frozenset[str]:
    register = partners()
    return frozenset(s.document.id for s in every if may_see(actor, s.document, register))


def _figures(release: Published | None) -> Sequence[PromiseFigures]:
    return promise_figures(release.about["promises"], release.tables) if release else ()
