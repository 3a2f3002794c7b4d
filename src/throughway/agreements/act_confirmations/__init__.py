"""What each act on an agreement means for those who are about to do it, in words."""

from collections.abc import Callable, Mapping

from throughway.agreements.act_confirmations import at_the_end, before_effect, in_effect
from throughway.agreements.act_confirmations.confirmation import ActConfirmation, ConfirmationContext
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus

__all__ = ["BUTTONS", "ActConfirmation", "confirmation_for"]

BUTTONS: Mapping[AgreementAct, str] = {
    AgreementAct.SUBMIT: "Submit it to review",
    AgreementAct.OFFER: "Offer it",
    AgreementAct.AGREE: "Settle the text",
    AgreementAct.APPROVE: "Read it and approve",
    AgreementAct.OBJECT: "Object",
    AgreementAct.SIGN: "Read it and sign",
    AgreementAct.ACTIVATE: "Put it into effect",
    AgreementAct.RESUME: "Lift the suspension",
    AgreementAct.SUSPEND: "Suspend it",
    AgreementAct.AMEND: "Amend it",
    AgreementAct.RENEW: "Renew it",
    AgreementAct.TERMINATE: "End it",
    AgreementAct.WIND_DOWN: "Wind it down",
    AgreementAct.CERTIFY: "Certify",
    AgreementAct.CLOSE: "Close it",
}
ASKED: Mapping[AgreementAct, Callable[[ConfirmationContext], ActConfirmation]] = {
    AgreementAct.SUBMIT: before_effect.submit,
    AgreementAct.OFFER: before_effect.offer,
    AgreementAct.AGREE: before_effect.agree,
    AgreementAct.APPROVE: before_effect.approve,
    AgreementAct.OBJECT: before_effect.object_to,
    AgreementAct.SIGN: before_effect.sign,
    AgreementAct.ACTIVATE: before_effect.activate,
    AgreementAct.RESUME: in_effect.resume,
    AgreementAct.SUSPEND: in_effect.suspend,
    AgreementAct.AMEND: in_effect.amend,
    AgreementAct.RENEW: in_effect.renew,
    AgreementAct.TERMINATE: at_the_end.terminate,
    AgreementAct.WIND_DOWN: at_the_end.wind_down,
    AgreementAct.CERTIFY: at_the_end.certify,
    AgreementAct.CLOSE: at_the_end.close,
}


def confirmation_for(
    act: AgreementAct, found: AgreementStatus, partner: str, names: Mapping[str, str]
) -> ActConfirmation:
    """What happens when somebody of the partner does the act; KeyError for an act that nobody does by hand here."""
    return ASKED[act](ConfirmationContext(found, partner, names))
