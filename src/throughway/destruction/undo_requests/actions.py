"""Taking a load back by whoever may: at once for who decides, otherwise asked of them, agreed to or declined."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.actions.execution import Progress
from throughway.destruction.certificate import Certificate
from throughway.destruction.models import UndoRequestEvent
from throughway.destruction.undo_requests.request import UndoAsked, UndoEventKind
from throughway.destruction.undo_requests.selectors import undo_asked, undo_asked_of, who_may_agree
from throughway.partners import Actor
from throughway.partners.permissions import check_is_second_person


def take_back(
    *, load: str, reason: str, by: Actor, progress: Progress | None = None
) -> Certificate | UndoAsked:
    """Takes the load back now, as `orders.undo`, where the actor decides, agrees to the request that waits, or goes on with what was decided;
    otherwise asks for it, and destroys nothing."""
    if not orders.must_ask(orders.check_may_take_back(load, by), by):
        return orders.undo(load=load, reason=reason, by=by, progress=progress)
    asked = undo_asked_of(load)
    if asked is not None and by.email in asked.people:
        _check_unchanged(asked, by)
        return orders.undo(load=load, reason=asked.reason, by=by, agreed=asked, progress=progress)
    return ask_for_undo(load=load, reason=reason, by=by)


def order_or_ask(*, load: str, reason: str, by: Actor, named: Collection[str]) -> UndoAsked | None:
    """As `take_back`, by a worker: None where it was ordered. `named`: the loads that were shown to go."""
    if orders.must_ask(orders.check_may_take_back(load, by), by):
        return ask_for_undo(load=load, reason=reason, by=by, named=named)
    orders.order(kind="load", id=load, why=reason, by=by, named=named)
    return None


def ask_for_undo(*, load: str, reason: str, by: Actor, named: Collection[str] | None = None) -> UndoAsked:
    """Asks that the load be taken back; a request that stands and would do the same is returned instead. Refused where taking it back must wait, and
    where nobody of the partner could agree. `named`: as `order_or_ask`."""
    found = orders.check_may_take_back(load, by)
    orders.check_reason(reason)
    undone = orders.ready_to_undo(found, by, named)
    if not who_may_agree(found.partner, by.email):
        raise Refused(
            f"A load of {found.partner} is taken back by its data steward or privacy officer, and nobody there has opened an account who could "
            "agree; ask the operator of the folder to take it back with `throughway load --undo`. Nothing was changed.",
            code="nobody_second",
        )
    standing = undo_asked_of(load)
    if standing is not None and standing.is_still(undone):
        return standing
    UndoRequestEvent.objects.create(
        what=UndoEventKind.ASKED, load=load, partner=found.partner, loads=list(undone.ids), rows=undone.student_rows,
        reason=reason.strip(), at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    asked = undo_asked_of(load)
    assert asked is not None
    return asked


def agree_to_undo(*, number: int, by: Actor) -> str:
    """Orders what was asked, which a worker carries out; returns the order's id. Refused where it would take something else back by now."""
    asked = _asked(number, by)
    _check_unchanged(asked, by)
    return orders.order(kind="load", id=asked.load, why=asked.reason, by=by, named=asked.loads, agreed=asked)


@transaction.atomic
def decline_undo(*, number: int, by: Actor) -> None:
    UndoRequestEvent.objects.select_for_update().filter(pk=number).first()  # so that it is settled once
    asked = _asked(number, by)
    UndoRequestEvent.objects.create(
        what=UndoEventKind.DECLINED, load=asked.load, partner=asked.partner, settles_id=number, at=datetime.now(UTC), by=by.email
    )  # fmt: skip


def _asked(number: int, by: Actor) -> UndoAsked:
    asked = undo_asked(number)
    if asked is None:
        raise Refused(
            "Nobody has asked for that, or it was settled already; reload the page.", code="not_asked"
        )
    check_is_second_person(by, asked.partner, asked.people)
    return asked


def _check_unchanged(asked: UndoAsked, by: Actor) -> None:
    found, _ = orders.undoing(load=asked.load, by=by)
    if not asked.is_still(found):
        raise Refused(
            "What would be taken back has changed since it was asked, so nobody can agree to it; decline it, and let it be asked again.",
            code="changed_since",
        )
