"""The open steps of every room, gathered."""

from collections.abc import Callable, Sequence
from datetime import date

from throughway.agreements import reading as agreements
from throughway.coordination.further import answers_due
from throughway.coordination.models import Reminder
from throughway.destruction import reading as destruction
from throughway.drafting import reading as drafting
from throughway.gate.clocks import waiting as further
from throughway.governance import reading as governance
from throughway.negotiation import reading as negotiation
from throughway.partners.steps import OpenStep

SOURCES: Sequence[Callable[[date], Sequence[OpenStep]]] = (
    agreements.open_steps,
    drafting.open_steps,
    negotiation.open_steps,
    governance.open_steps,
    destruction.open_steps,
    lambda on: answers_due(further()),
)


def open_steps(on: date) -> list[OpenStep]:
    """What is open on that day in any room, in no order."""
    return [step for source in SOURCES for step in source(on)]


def told() -> set[tuple[str, str, str]]:
    """(address, step, stage) of each reminder that was sent."""
    return set(Reminder.objects.values_list("email", "step", "stage"))
