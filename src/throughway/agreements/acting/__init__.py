"""What each act on an agreement means for those who are about to do it, in words."""

from collections.abc import Callable, Mapping

from throughway.agreements.acting import during, ending, towards
from throughway.agreements.acting.asking import Asking, Reader
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
    Act.SUBMIT: towards.submit,
    Act.OFFER: towards.offer,
    Act.AGREE: towards.agree,
    Act.APPROVE: towards.approve,
    Act.OBJECT: towards.object_to,
    Act.SIGN: towards.sign,
    Act.ACTIVATE: towards.activate,
    Act.RESUME: during.resume,
    Act.SUSPEND: during.suspend,
    Act.AMEND: during.amend,
    Act.RENEW: during.renew,
    Act.TERMINATE: ending.terminate,
    Act.WIND_DOWN: ending.wind_down,
    Act.CERTIFY: ending.certify,
    Act.CLOSE: ending.close,
}


def asking(act: Act, found: Standing, partner: str, names: Mapping[str, str]) -> Asking:
    """What happens when somebody of the partner does the act; KeyError for an act that nobody does by hand here."""
    return ASKED[act](Reader(found, partner, names))
