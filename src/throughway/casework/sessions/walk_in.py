"""Somebody who came to a session and is not on its list: a name alone, until somebody finds whose it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from throughway.core.person_names import name_words
from throughway.core.refusals import Refused

TABLE = "walk_in"
LONGEST = 100  # characters of a name
ALIKE = 0.72  # from this similarity on, a student is suggested
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
    """A student whose name is similar. `exact`: it is the same but for letter case, accents and the order of its words."""

    person: int
    name: str
    where: str
    exact: bool


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


def suggestions(name: str, students: Iterable[tuple[int, str, str]]) -> list[Suggestion]:
    """The students whose name is most similar, the best first. `students`: id, name, and what tells two of one name apart."""
    wanted = name_words(name)
    found = []
    for person, called, where in students:
        words = name_words(called)
        alike, exact = similarity(wanted, words), sorted(wanted) == sorted(words)
        if alike >= ALIKE:
            found.append(
                (not exact, -alike, called.casefold(), person, Suggestion(person, called, where, exact))
            )
    return [suggestion for *_, suggestion in sorted(found, key=lambda each: each[:4])[:SUGGESTED]]


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """From 0 to 1: how well each word of the shorter name is found in the longer one. A single given name is enough to be found."""
    if not one or not other:
        return 0.0
    fewer, more = sorted((list(one), list(other)), key=len)
    total = 0.0
    for word in fewer:
        best = max(more, key=lambda each: _alike(word, each))
        total += _alike(word, best)
        more.remove(best)
    return total / len(fewer)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
