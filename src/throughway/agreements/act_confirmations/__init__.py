"""What each act on an agreement means for those who are about to do it, in words."""

from collections.abc import Callable, Mapping

from throughway.agreements.act_confirmations import at_the_end, before_effect, in_effect
from throughway.agreements.act_confirmations.confirmation import Asking, Reader
from throughway.agreements.lifecycle import Act, Standing

__all__ = ["BUTTONS", "Asking", "asking"]

BUTTONS: Mapping[Act, str] = {
    Act.SUBMIT: "Submit it to review",
    Act.OFFER: "Offer it",
    Act.AGREE: "Settle the text",
    Act.APPROVE: "Read it and approve",
    Act.OBJECT: "Object",
    Act.SIGN: "Read it and sign",
    Act.ACTIVATE: "Put it into effect",
    Act.RESUME: "Lift the suspension",
    Act.SUSPEND: "Suspend it",
    Act.AMEND: "Amend it",
    Act.RENEW: "Renew it",
    Act.TERMINATE: "End it",
    Act.WIND_DOWN: "Wind it down",
    Act.CERTIFY: "Certify",
    Act.CLOSE: "Close it",
}
ASKED: Mapping[Act, Callable[[Reader], Asking]] = {
    Act.SUBMIT: before_effect.submit,
    Act.OFFER: before_effect.offer,
    Act.AGREE: before_effect.agree,
    Act.APPROVE: before_effect.approve,
    Act.OBJECT: before_effect.object_to,
    Act.SIGN: before_effect.sign,
    Act.ACTIVATE: before_effect.activate,
    Act.RESUME: in_effect.resume,
    Act.SUSPEND: in_effect.suspend,
    Act.AMEND: in_effect.amend,
    Act.RENEW: in_effect.renew,
    Act.TERMINATE: at_the_end.terminate,
    Act.WIND_DOWN: at_the_end.wind_down,
    Act.CERTIFY: at_the_end.certify,
    Act.CLOSE: at_the_end.close,
}


def asking(act: Act, found: Standing, partner: str, names: Mapping[str, str]) -> Asking:
    """What happens when somebody of the partner does the act; KeyError for an act that nobody does by hand here."""
    return ASKED[act](Reader(found, partner, names))
