"""Moves a community from its SQLite file into PostgreSQL, for the operator."""

from collections.abc import Mapping

from throughway.core.refusals import Refused
from throughway.ledger.actions import verification
from throughway.partners import Actor
from throughway.store.actions import moving
from throughway.store.actions.moving import MOVED as MOVED


def move(*, to: Mapping[str, object], by: Actor) -> int:
    """Copies every row of the operational database into the one with these settings; returns how many. Only by the operator of the folder.
    Refused, with nothing moved, where the ledger does not verify here or there."""
    if not by.is_operator:
        raise Refused("Only the operator of the folder moves it; leave out --as.", code="not_allowed")
    _check_ledger("The ledger fails verification")
    return moving.move(to=to, check_copy=lambda: _check_ledger("The copy of the ledger fails verification"))


def _check_ledger(what: str) -> None:
    verdict = verification.verify()
    if not verdict.ok:
        raise Refused(
            f"{what} at {verdict.first_bad}, so nothing was moved: {verdict.problem}", code="ledger_broken"
        )
