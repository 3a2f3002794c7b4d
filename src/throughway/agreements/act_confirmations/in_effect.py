"""What each act means on an agreement in effect, in words."""

from throughway.agreements.act_confirmations.confirmation import ActConfirmation, ConfirmationContext
from throughway.agreements.labels import day
from throughway.agreements.states import AgreementAct


def resume(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.RESUME, f"Lift the suspension of {reader.own}", "Lift the suspension",
        ("What it allows is allowed again at once, unless another partner keeps it suspended.",),
        f"{reader.own} has lifted its suspension.",
    )  # fmt: skip


def suspend(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.SUSPEND, f"Suspend it for {reader.own}", "Suspend it",
        (
            "Nobody reads under it from the next look on, and no file comes in under it.",
            "Nothing is destroyed.",
            f"Only {reader.own} can lift this suspension.",
        ),
        "It is suspended. Nobody reads under it now.",
        grave=True,
    )  # fmt: skip


BESIDE = (
    "The text in effect stays in effect until every party has signed the later one and it is put into effect.",
    "What was disclosed until then stays under the text of its day.",
)


def amend(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.AMEND, "Draft an amendment", "Add the later text",
        (*BESIDE, "Change the words below. The id stays as it is."),
        "The later text is added. It takes the way of every text to its signatures.",
    )  # fmt: skip


def renew(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.RENEW, "Renew it", "Draft the renewal",
        (f"It runs until {day(reader.found.document.terms.expires)}. Only its last day changes.", *BESIDE),
        "The renewal is drafted. It takes the way of every text to its signatures.",
    )  # fmt: skip
