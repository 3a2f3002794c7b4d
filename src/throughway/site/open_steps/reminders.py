"""Which reminders are due on a day: for whom, and of how many steps. Nobody is told of one thing twice on one day, nor more
often than they can act on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.partners.actor import Actor
from throughway.partners.open_step import OpenStep
from throughway.site.open_steps.waiting_times import SOON, WaitingStep

LATE_EVERY = 7  # days between reminders of a step whose day has passed
OPEN_EVERY = 14  # days between reminders of a step that has no due day


def key(step: OpenStep) -> str:
    """Names one step as long as it is open. Two steps of one kind at one place since one day are one."""
    parts = (step.kind, step.agreement or "", step.waits_for, *step.href_args, step.since.isoformat())
    return " ".join(parts)


def stage(step: OpenStep, on: date) -> str:
    """The last day on which a reminder of this step fell due, as a name that changes when the next one does.

    A step is told of when it begins to wait, SOON days before its due day, on that day, and every LATE_EVERY days after it;
    one without a due day every OPEN_EVERY days.
    """
    left = None if step.due is None else (step.due - on).days
    if left is None:
        return f"open {max(0, (on - step.since).days) // OPEN_EVERY}"
    if left > SOON:
        return "new"
    if left > 0:
        return "soon"
    return f"late {-left // LATE_EVERY}"


@dataclass(frozen=True)
class ReminderNotice:
    """One mail to one person. `told`: the (key, stage) of each step that it tells of for the first time; `waiting` and `late`
    count all that waits for the person."""

    email: str
    told: tuple[tuple[str, str], ...]
    waiting: int
    late: int


def notices(
    people: Iterable[Actor], steps: Sequence[OpenStep], told: Collection[tuple[str, str, str]], on: date
) -> list[ReminderNotice]:
    """One notice for each person for whom a stage was reached of which they have not been told.

    `told`: (email, key, stage) of every reminder that was sent.
    """
    found = []
    for person in people:
        own = [s for s in steps if s.is_for(person)]
        fresh = tuple(
            dict.fromkeys(
                (key(s), stage(s, on)) for s in own if (person.email, key(s), stage(s, on)) not in told
            )
        )
        if fresh:
            late = sum(WaitingStep(s, on).is_overdue for s in own)
            found.append(ReminderNotice(person.email, fresh, len(own), late))
    return found
