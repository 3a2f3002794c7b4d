"""One open step: what must be done next, by whom, since when and until when."""

from dataclasses import dataclass
from datetime import date

from throughway.core.prose import counted
from throughway.partners.actor import Actor, Role


@dataclass(frozen=True)
class OpenStep:
    """`kind` names what is to be done (such as sign, approve, answer, renew, destroy); `agreement` its id where it is about
    one. It waits for people of the partner `waits_for` in any of `roles`. `href_name` and `href_args` are the address of the
    page where it is done. `people`: the addresses of those who alone may take it, where a role is not enough, and `whom` names
    them in words."""

    kind: str
    title: str
    waits_for: str
    roles: frozenset[Role]
    since: date
    due: date | None
    href_name: str
    href_args: tuple[str, ...] = ()
    agreement: str | None = None
    people: frozenset[str] | None = None
    whom: str = ""

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor is one of those who may take it."""
        named = self.people is None or actor.email in self.people
        return named and actor.partner == self.waits_for and actor.role in self.roles


SOON = 7  # days before a due day in which a step is pressing


def due_tag(due: date, on: date) -> tuple[str, str]:
    """Kind and words of the tag that says how much time is left."""
    left = (due - on).days
    if left < 0:
        return "stop", f"{counted(-left, 'day')} late"
    if left == 0:
        return "warn", "due today"
    return ("warn" if left <= SOON else "wait"), f"{counted(left, 'day')} left"
