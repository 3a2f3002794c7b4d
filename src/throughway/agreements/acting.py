"""What each act on an agreement means for those who are about to do it, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from throughway.agreements.lifecycle import Act, Standing
from throughway.agreements.naming import called, day, listed


@dataclass(frozen=True)
class Asking:
    """One act before it is done. `consequences`: what will then be so. `grave`: it closes something."""

    act: Act
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str
    grave: bool = False
    asks_why: bool = False


BUTTONS: Mapping[Act, str] = {
    Act.SIGN: "Read it and sign",
    Act.ACTIVATE: "Put it into effect",
    Act.RESUME: "Lift the suspension",
    Act.SUSPEND: "Suspend it",
    Act.TERMINATE: "End it",
}


def asking(act: Act, found: Standing, partner: str, names: Mapping[str, str]) -> Asking:
    """What happens when somebody of the partner does the act; ValueError for an act that nobody does by hand."""
    document, terms = found.document, found.document.terms
    (own,) = called((partner,), names)
    waiting = called((p for p in document.partners if p not in found.signed_by and p != partner), names)
    ends = f"{terms.destruction.within_days} days"
    if act is Act.SIGN:
        then = f"{listed(waiting)} must still sign." if waiting else "Yours is the last signature."
        return Asking(
            act,
            f"Sign for {own}",
            f"Sign for {own}",
            (
                f"You bind {own} to exactly this text, from {day(terms.effective)} until {day(terms.expires)}.",
                then,
                "If one word of the text changes, every party signs anew.",
            ),
            f"Signed for {own}. {then}",
        )
    if act is Act.ACTIVATE:
        return Asking(
            act,
            "Put it into effect",
            "Put it into effect",
            (
                "From now on files may come in and people may read, exactly as it says and no more.",
                f"It ends by itself on {day(terms.expires)}.",
            ),
            "It is in effect now.",
        )
    if act is Act.RESUME:
        return Asking(
            act,
            f"Lift the suspension of {own}",
            "Lift the suspension",
            ("What it allows is allowed again at once, unless another partner keeps it suspended.",),
            f"{own} has lifted its suspension.",
        )
    if act is Act.SUSPEND:
        return Asking(
            act,
            f"Suspend it for {own}",
            "Suspend it",
            (
                "Nobody reads under it from the next look on, and no file comes in under it.",
                "Nothing is destroyed.",
                f"Only {own} can lift this suspension.",
            ),
            "It is suspended. Nobody reads under it now.",
            grave=True,
            asks_why=True,
        )
    if act is Act.TERMINATE:
        return Asking(
            act,
            "End it for good",
            "End it for good",
            (
                "Nobody reads under it from the next look on. This cannot be undone.",
                f"What was shared under it alone is due to be destroyed within {ends}.",
                "To share again, a new agreement is written and signed.",
            ),
            f"It has ended. What was shared under it alone is due to be destroyed within {ends}.",
            grave=True,
            asks_why=True,
        )
    raise ValueError(act)
