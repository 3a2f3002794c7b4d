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
        help="Agree to a release that waits, for your partner.",
        done="You have agreed. The release is public when every partner has, or when its day has come.",
        impossible="nobody has to agree to it",
    ),
    ReleaseAct.TAKE_BACK: ActText(
        button="Take our objection back",
        help="Take your partner's objection back.",
        done="Your objection is taken back.",
        impossible="no objection can be taken back",
    ),
    ReleaseAct.OBJECT: ActText(
        button="Object",
        help="Object to a release that waits, for your partner: it is held until you take that back or it is answered.",
        done="Your objection holds the release until you take it back or it is answered.",
        impossible="nobody can object to it; whoever published it can withdraw it",
        question="What is wrong with it?",
        hint="The partners and the publisher read it. It holds the release.",
        option="What is wrong with it; the partners read it.",
    ),
    ReleaseAct.ANSWER: ActText(
        button="Answer",
        help="Answer the objections to a release of your partner: its days of review begin anew.",
        done="Your answer is shown with the release, and the days of review begin anew.",
        impossible="there is no objection to answer",
        question="Your answer to the objection",
        hint="The days of review begin anew.",
        option="The answer; the partners read it.",
    ),
    ReleaseAct.WITHDRAW: ActText(
        button="Withdraw the release",
        help="Withdraw a false release: the registry shows it with its reason, and its figures no more.",
        done="The release is withdrawn. Its figures are no longer shown.",
        impossible="it cannot be withdrawn",
        question="Why is it withdrawn?",
        hint="Everyone who reads the registry sees the reason. It cannot be undone.",
        option="Why; the registry shows it.",
    ),
}
