"""What a home says: things that wait, each with who or what, why, and one way on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from throughway.insight.selectors import Headline


@dataclass(frozen=True)
class Wait:
    """`kind` is a tag's: stop, warn, wait, tip; `words` stand in the tag. The smallest `rank` is the next step, 0 past its day."""

    title: str
    why: str
    button: str
    href: str
    kind: str = "wait"
    words: str = "waits"
    rank: int = 5


@dataclass(frozen=True)
class Number:
    value: int
    label: str
    accent: bool = False


@dataclass(frozen=True)
class HomeItem:
    """One thing that changed, or that may be done: said in a line, with a link where there is more."""

    text: str
    href: str = ""
    when: str = ""


@dataclass(frozen=True)
class FirstRunStep:
    """One step of a first run; `state`: done, now or next."""

    state: str
    title: str
    text: str


@dataclass(frozen=True)
class Home:
    """`onward`: the one way on when nothing waits. `lines`: a short list under its own heading. `refusal`: why nothing can
    be shown, where that is so."""

    waits: Sequence[Wait] = ()
    numbers: Sequence[Number] = ()
    onward: HomeItem = HomeItem("")
    finding: Headline | None = None
    heading: str = ""
    lines: Sequence[HomeItem] = ()
    steps: Sequence[FirstRunStep] = field(default=())

    @property
    def next(self) -> Wait | None:
        return min(self.waits, key=lambda wait: wait.rank, default=None)

    @property
    def others(self) -> list[Wait]:
        first = self.next
        return sorted((w for w in self.waits if w is not first), key=lambda wait: wait.rank)

    @property
    def opens_with_finding(self) -> bool:
        """Whether the newest finding is what the page says first: nothing waits that is more pressing."""
        return self.finding is not None and not self.waits

    @property
    def headline(self) -> str:
        if self.opens_with_finding and self.finding is not None:
            return self.finding.sentence
        if not self.waits:
            return "Nothing is waiting for you"
        return (
            "One thing is waiting for you"
            if len(self.waits) == 1
            else f"{count(len(self.waits))} things are waiting for you"
        )


WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def count(n: int) -> str:
    """Small numbers as words, at the head of a sentence."""
    return WORDS[n] if n < len(WORDS) else f"{n:,}"


def article(noun: str) -> str:
    """A leader, an evaluator."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
