"""What each act of governance does first and last: it locks its rows, and writes its event."""

from datetime import UTC, date, datetime
from typing import Any

from throughway.core.refusals import Refused
from throughway.governance import permissions, selectors
from throughway.governance.bodies import Body
from throughway.governance.models import BodyMotion, DataRequestRow, GovernanceBody, GovernanceEvent
from throughway.partners import Actor
from throughway.partners.selectors import own_kind

LONGEST = 2000  # characters of a reason or a note


def record(what: str, about: str, by: Actor, **details: Any) -> None:
    GovernanceEvent.objects.create(
        what=what, about=about, details=details, day=date.today(), at=datetime.now(UTC), by=by.email,
        partner=by.partner or "", role=by.role,
    )  # fmt: skip


def locked_body(id: str) -> Body:
    """The body, its row locked until this transaction ends; Refused when there is none."""
    row = GovernanceBody.objects.select_for_update().filter(pk=id).first()
    return selectors.body(id) if row is None else selectors.body_of(row)


def locked_motion(number: int) -> BodyMotion:
    row = BodyMotion.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("There is no motion with that number.", code="unknown_motion")
    return row


def locked_request(number: int) -> DataRequestRow:
    row = DataRequestRow.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("No data request has that number.", code="unknown_request")
    return row


def check_governs(by: Actor, body: Body) -> None:
    permissions.check_can_govern(by, own_kind(by), body, selectors.in_office(date.today(), body.id))


def short_text(text: str, what: str) -> str:
    """The stripped text; Refused when it is too long."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Refused(f"The {what} is too long; keep it under {LONGEST} characters.", code="too_long")
    return text


def required_text(text: str, what: str) -> str:
    """Like `short_text`; Refused also when the text is empty."""
    text = short_text(text, what)
    if not text:
        raise Refused(f"Give the {what}.", code="missing")
    return text
