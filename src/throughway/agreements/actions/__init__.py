"""Every write to agreements; each act leaves one event beside it, and gives how the agreement stands then."""

from throughway.agreements.actions.approval import agree, approve, object_to, offer, submit
from throughway.agreements.actions.common import hold
from throughway.agreements.actions.membership import abstain, join, leave
from throughway.agreements.actions.signing import activate, sign, sign_on_paper
from throughway.agreements.actions.suspension import resume, suspend
from throughway.agreements.actions.termination import certify, close, destroyed, terminate, wind_down
from throughway.agreements.actions.versions import add, amend, renew

__all__ = [
    "abstain", "activate", "add", "agree", "amend", "approve", "certify", "close", "destroyed", "hold", "join", "leave",
    "object_to", "offer", "renew", "resume", "sign", "sign_on_paper", "submit", "suspend", "terminate", "wind_down",
]  # fmt: skip
