"""Every write to governance. Each act records one event with what it changes."""

from throughway.governance.actions.bodies import call_meeting, found_body, record_meeting, seat, unseat
from throughway.governance.actions.data_requests import (
    accept_request,
    answer_request,
    change_request,
    forward_request,
    put_to_vote,
    refuse_request,
    request_data,
    return_request,
    withdraw_request,
)
from throughway.governance.actions.motions import carry_out, close_vote, move, vote

__all__ = [
    "accept_request",
    "answer_request",
    "call_meeting",
    "carry_out",
    "change_request",
    "close_vote",
    "forward_request",
    "found_body",
    "move",
    "put_to_vote",
    "record_meeting",
    "refuse_request",
    "request_data",
    "return_request",
    "seat",
    "unseat",
    "vote",
    "withdraw_request",
]
