"""How long each open step has waited, and whom it waits for: the order in which people should look at them."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.core.prose import counted, day
from throughway.partners.open_step import OpenStep

SOON = 7  # days before its due day in which a step presses


@dataclass(frozen=True)
class WaitingStep:
    """An open step as it stands on a day."""

    step: OpenStep
    on: date

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return max(0, (self.on - self.step.since).days)

    @property
    def left(self) -> int | None:
        """Days until its due day, negative once that has passed; None without a due day."""
        return None if self.step.due is None else (self.step.due - self.on).days

    @property
    def is_overdue(self) -> bool:
        return self.left is not None and self.left < 0

    @property
    def presses(self) -> bool:
        return self.left is not None and self.left <= SOON

    @property
    def how_long(self) -> str:
        """Since when, in words."""
        if self.days == 0:
            return "since today"
        return f"for {counted(self.days, 'day')}"

    @property
    def said(self) -> str:
        """Since when, and its day, in a sentence or two."""
        due = self.step.due
        its_day = f" Its day {'was' if self.is_overdue else 'is'} {day(due)}." if due else ""
        return f"Waiting {self.how_long}.{its_day}"

    @property
    def tag(self) -> tuple[str, str]:
        """The kind of tag, and its words."""
        if self.left is None:
            return "wait", "waits"
        if self.left < 0:
            return "stop", f"{counted(-self.left, 'day')} late"
        if self.left == 0:
            return "warn", "due today"
        return ("warn" if self.presses else "wait"), f"{counted(self.left, 'day')} left"


def waiting(steps: Iterable[OpenStep], on: date) -> list[WaitingStep]:
    """Most pressing first: by due day, those without one last; of one day the longest wait first."""
    return sorted(
        (WaitingStep(step, on) for step in steps),
        key=lambda w: (w.step.due is None, w.step.due or on, w.step.since, w.step.title),
    )


@dataclass(frozen=True)
class AgreementOpenSteps:
    """One agreement and everything that holds it. `agreement`: its id, or empty for what is about none."""

    agreement: str
    steps: Sequence[WaitingStep]


def by_agreement(found: Sequence[WaitingStep], known: Container[str]) -> list[AgreementOpenSteps]:
    """What holds each known agreement, in the order of the most pressing step of each; all the rest stands together."""
    held: dict[str, list[WaitingStep]] = {}
    for one in found:
        about = one.step.agreement or ""
        held.setdefault(about if about in known else "", []).append(one)
    return [AgreementOpenSteps(agreement, steps) for agreement, steps in held.items()]
