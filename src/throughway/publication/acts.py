"""The acts on a release: the name of each on the page and on the command line, its question and its confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass

from throughway.publication.states import ReleaseAct


@dataclass(frozen=True)
class ActText:
    """`question`: asks for the reason, empty where none is needed; `hint`: what the reason is for. `done`: the answer afterwards;
    `impossible`: completes "Release … is public, so …"."""

    button: str
    help: str
    done: str
    impossible: str
    question: str = ""
    hint: str = ""
    option: str = ""  # help of the command's --reason

    @property
    def needs_reason(self) -> bool:
        return bool(self.question)


ACTS: Mapping[ReleaseAct, ActText] = {
    ReleaseAct.AGREE: ActText(
        button="Agree to publish it now",
        help="Agree, for your partner, to a release under review.",
        done="You have agreed. The release becomes public when every partner has agreed or on its date.",
        impossible="it needs no agreement",
    ),
    ReleaseAct.TAKE_BACK: ActText(
        button="Withdraw our objection",
        help="Withdraw your partner's objection.",
        done="Your objection is withdrawn.",
        impossible="no objection can be withdrawn",
    ),
    ReleaseAct.OBJECT: ActText(
        button="Object",
        help="Object, for your partner, to a release under review: it is held until you withdraw the objection or it is answered.",
        done="Your objection holds the release until you withdraw it or it is answered.",
        impossible="nobody can object to it; its publisher can withdraw it",
        question="What is wrong with it?",
        hint="The partners and the publisher read it. It holds the release.",
        option="What is wrong with it; the partners read it.",
    ),
    ReleaseAct.ANSWER: ActText(
        button="Answer",
        help="Answer the objections to a release of your partner: its review period starts again.",
        done="Your answer is shown with the release, and the review period starts again.",
        impossible="there is no objection to answer",
        question="Your answer to the objection",
        hint="The review period starts again.",
        option="The answer; the partners read it.",
    ),
    ReleaseAct.WITHDRAW: ActText(
        button="Withdraw the release",
        help="Withdraw a wrong release: the registry keeps it with your reason and no longer shows its figures.",
        done="The release is withdrawn. Its figures are no longer shown.",
        impossible="it cannot be withdrawn",
        question="Why is it withdrawn?",
        hint="Everyone who reads the registry sees the reason. It cannot be undone.",
        option="Why; the registry shows it.",
    ),
}
