"""What people read before they do an act on an agreement, made of the table of acts for one text and one partner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from throughway.agreements.acts import ACTS
from throughway.agreements.approvals import ApprovalPolicy, board_matters, required
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import counted


@dataclass(frozen=True)
class ActConfirmation:
    """`consequences`: what will be so, a sentence each. `button`: the one that does it. `done`: what is said afterwards."""

    act: AgreementAct
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str


def confirmation_for(
    act: AgreementAct, found: AgreementStatus, partner: str, names: Mapping[str, str]
) -> ActConfirmation:
    """What happens when somebody of the partner does the act on this text."""
    row, facts = ACTS[act], ConfirmationContext(found, partner, names)
    sentences = (sentence.format(facts=facts) for sentence in row.consequences)
    return ActConfirmation(
        act,
        row.title.format(facts=facts),
        row.confirm.format(facts=facts),
        tuple(sentence for sentence in sentences if sentence),
        row.done.format(facts=facts),
    )


@dataclass(frozen=True)
class ConfirmationContext:
    """What the sentences of the table name: of the text, and of the partner whose people are about to act on it."""

    found: AgreementStatus
    partner: str
    names: Mapping[str, str]

    @property
    def own(self) -> str:
        return self.names.get(self.partner, self.partner)

    @property
    def others(self) -> str:
        return self._listed(p for p in self.found.document.partners if p != self.partner)

    @property
    def first_day(self) -> str:
        return day(self.found.document.terms.effective)

    @property
    def last_day(self) -> str:
        return day(self.found.document.terms.expires)

    @property
    def destroyed_within(self) -> str:
        return counted(self.found.document.terms.destruction.within_days, "day")

    @property
    def destruction_method(self) -> str:
        return self.found.document.terms.destruction.method

    @property
    def approvers(self) -> str:
        return self._listed(need.partner for need in required(self.found.signed_text, ApprovalPolicy()))

    @property
    def boards_are_asked(self) -> str:
        boards = self._listed(partner for partner, _ in board_matters(self.found.signed_text))
        return f"The board of {boards} is asked too." if boards else ""

    @property
    def why_board_is_asked(self) -> str:
        matters = [
            matter for partner, matter in board_matters(self.found.signed_text) if partner == self.partner
        ]
        return f"The board is asked because the text touches {listed(matters)}." if matters else ""

    @property
    def who_must_still_sign(self) -> str:
        waiting = self._listed(p for p in self.found.waits_for if p != self.partner)
        return f"{waiting} must still sign." if waiting else "Yours is the last signature."

    @property
    def who_must_still_certify(self) -> str:
        certifying = self._listed(self.found.uncertified)
        if not certifying:
            return "Nobody who received records must still certify."
        return f"{certifying} must each certify what became of the records that were received."

    def _listed(self, partners: Iterable[str]) -> str:
        """Partners by name, each once."""
        return listed(partner_labels(dict.fromkeys(partners), self.names))
