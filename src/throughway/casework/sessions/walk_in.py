"""Somebody who came to a session and is not on its list: a name alone, until somebody finds whose it is."""

from dataclasses import dataclass
from datetime import date

from throughway.core.refusals import Refused

TABLE = "walk_in"
LONGEST = 100  # characters of a name
SUGGESTED = 5


@dataclass(frozen=True)
class WalkIn:
    """One walk-in that nobody has matched. `id`: its entry; `program`: the program's identifier; `group`: its name."""

    id: str
    version: int
    program: str
    group: str
    on: date
    name: str
    author: str


@dataclass(frozen=True)
class Suggestion:
    """A student whose name is similar. `exact`: it is the same but for letter case, accents and the order of its words. `own`: nobody whom
    the reader's agreement shows today, such as a former student; `person` is then the number of the organization's own record."""

    person: int
    name: str
    where: str
    exact: bool
    own: bool = False


def checked_name(name: str) -> str:
    """The name in one line. Refused (usage) where there is none, or it is too long to be one."""
    found = " ".join(name.split())
    if not any(c.isalpha() for c in found):
        raise Refused("Write the name of the student who came.", code="usage")
    if len(found) > LONGEST:
        raise Refused(
            f"A name has at most {LONGEST} characters; write the name alone, and nothing about the student.",
            code="usage",
        )
    return found
