"""What each act means that ends an agreement, or follows its end, in words."""

from throughway.agreements.act_confirmations.confirmation import ActConfirmation, ConfirmationContext
from throughway.agreements.labels import listed, partner_labels
from throughway.agreements.states import AgreementAct


def terminate(reader: ConfirmationContext) -> ActConfirmation:
    ends = reader.destroyed_within
    return ActConfirmation(
        AgreementAct.TERMINATE, "End it for good", "End it for good",
        (
            "Nobody reads under it from the next look on. This cannot be undone.",
            f"What was shared under it alone is due to be destroyed within {ends}.",
            "To share again, a new agreement is written and signed.",
        ),
        f"It has ended. What was shared under it alone is due to be destroyed within {ends}.",
        grave=True,
    )  # fmt: skip


def wind_down(reader: ConfirmationContext) -> ActConfirmation:
    certifying = listed(partner_labels(reader.found.uncertified, reader.names))
    return ActConfirmation(
        AgreementAct.WIND_DOWN, "Wind it down", "Begin to wind it down",
        (
            "Nothing comes in under it, and nobody reads under it.",
            f"{certifying} must each certify what became of the records that were received."
            if certifying
            else "Nobody who received records must still certify.",
            "What is stored here under it alone is destroyed by its own order.",
        ),
        "It is being wound down.",
    )  # fmt: skip


def certify(reader: ConfirmationContext) -> ActConfirmation:
    method = reader.found.document.terms.destruction.method
    return ActConfirmation(
        AgreementAct.CERTIFY, f"Certify for {reader.own}", "Certify",
        (
            f"You certify what {reader.own} held under this agreement, copies and derived data included, and how it ended.",
            f"The agreement asks for: {method}.",
            "Every party reads the certificate, and it cannot be changed. Name no student.",
        ),
        f"Certified for {reader.own}.",
    )  # fmt: skip


def close(reader: ConfirmationContext) -> ActConfirmation:
    return ActConfirmation(
        AgreementAct.CLOSE, "Close it", "Close it",
        ("Nothing is left of it but its record, which stays for all its parties to read.",),
        "It is closed.",
    )  # fmt: skip
