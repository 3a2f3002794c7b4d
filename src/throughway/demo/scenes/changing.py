"""Agreements in effect change: one was renewed, an amendment of another waits for its last signature."""

from collections.abc import Callable
from datetime import date
from typing import Any

from throughway.demo.cast import BACKBONE, LEADERS, OFFICER, REGISTRAR
from throughway.vocabulary.school_calendar import school_year_of

Say = Callable[[str], None]

RENEWED, AMENDED = "foster-care-education", "district-transfers"
ATTENDANCE = {
    "element": "attendance_day.*", "purposes": ["enrollment-transfer"],
    "necessity": "A student who missed much in the old school is looked after from the first day",
}  # fmt: skip


def play(today: date, say: Say) -> None:
    _renew(date(school_year_of(today) + 1, 6, 30))
    _amend()
    say(f"  {RENEWED} was renewed; an amendment of {AMENDED} waits for one signature")


def _renew(until: date) -> None:
    from throughway.agreements import actions
    from throughway.partners.selectors import actor

    parties = actions.renew(id=RENEWED, until=until, by=actor(OFFICER)).document.partners
    for partner in parties:
        actions.sign(id=RENEWED, by=actor(LEADERS[partner]))
    actions.activate(id=RENEWED, by=actor(OFFICER))


def _amend() -> None:
    """Attendance follows a student too, and each district may leave with notice. Riverbend Schools has still to sign."""
    from throughway.agreements import actions
    from throughway.agreements.document import document_values
    from throughway.agreements.selectors import one
    from throughway.agreements.starter_texts import as_yaml
    from throughway.partners.selectors import actor

    values: dict[str, Any] = document_values(one(AMENDED).signed_text)
    values["schedule"] = [*values["schedule"], ATTENDANCE]
    values["terms"] = values["terms"] | {"exit_notice_days": 30}
    actions.amend(id=AMENDED, text=as_yaml(values), by=actor(REGISTRAR))
    for address in (REGISTRAR, LEADERS[BACKBONE]):
        actions.sign(id=AMENDED, by=actor(address))
