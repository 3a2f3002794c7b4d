"""Every step of a family's request, of a limit, a window and an incident."""

from throughway.families.actions.amendments import (
    ask_hearing,
    ask_to_amend,
    confirm,
    correct,
    grant,
    hold_hearing,
    lose,
    refuse,
    set_hearing,
    state,
)
from throughway.families.actions.incidents import close_incident, incident_scope, record_incident, told_of
from throughway.families.actions.inspections import answer, ask_to_inspect, gather
from throughway.families.actions.limits import close_window, lift, limit, open_window, record_notice

__all__ = [
    "answer",
    "ask_hearing",
    "ask_to_amend",
    "ask_to_inspect",
    "close_incident",
    "close_window",
    "confirm",
    "correct",
    "gather",
    "grant",
    "hold_hearing",
    "incident_scope",
    "lift",
    "limit",
    "lose",
    "open_window",
    "record_incident",
    "record_notice",
    "refuse",
    "set_hearing",
    "state",
    "told_of",
]
