"""Every write to agreements; each act records one event and returns the agreement's new status."""

from collections.abc import Callable, Mapping

from throughway.agreements.actions.activation import (
    activate,
    carry_out_decisions,
    decide_activation,
    take_back_activation,
    what_stops,
)
from throughway.agreements.actions.approval import agree, approve, object_to, offer, submit
from throughway.agreements.actions.common import hold
from throughway.agreements.actions.membership import abstain, join, leave
from throughway.agreements.actions.signing import sign, sign_on_paper
from throughway.agreements.actions.termination import (
    certify,
    close,
    destroyed,
    resume,
    suspend,
    terminate,
    wind_down,
)
from throughway.agreements.actions.versions import add, amend, renew
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus

__all__ = [
    "BY_ACT",
    "abstain", "activate", "add", "agree", "amend", "approve", "carry_out_decisions", "certify", "close", "decide_activation", "destroyed", "hold", "join", "leave",
    "object_to", "offer", "renew", "resume", "sign", "sign_on_paper", "submit", "suspend", "take_back_activation", "terminate", "what_stops", "wind_down",
]  # fmt: skip

# The write for each act that people do on one agreement; arguments: `id`, `by` and the fields of the form.
BY_ACT: Mapping[AgreementAct, Callable[..., AgreementStatus]] = {
    AgreementAct.SUBMIT: submit,
    AgreementAct.OFFER: offer,
    AgreementAct.AGREE: agree,
    AgreementAct.APPROVE: approve,
    AgreementAct.OBJECT: object_to,
    AgreementAct.SIGN: sign,
    AgreementAct.ACTIVATE: activate,
    AgreementAct.SUSPEND: suspend,
    AgreementAct.RESUME: resume,
    AgreementAct.AMEND: amend,
    AgreementAct.RENEW: renew,
    AgreementAct.JOIN: join,
    AgreementAct.LEAVE: leave,
    AgreementAct.TERMINATE: terminate,
    AgreementAct.WIND_DOWN: wind_down,
    AgreementAct.CERTIFY: certify,
    AgreementAct.CLOSE: close,
}
