"""Which program of the store a promise speaks of: by its partner, and by the program's id or name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from throughway.agreements.service_commitments import Promise


@dataclass(frozen=True)
class Program:
    """One program of the store: its id is written `partner/key`."""

    id: str
    name: str

    @property
    def partner(self) -> str:
        return self.id.partition("/")[0]

    @property
    def key(self) -> str:
        return self.id.partition("/")[2]


def match(promise: Promise, programs: Iterable[Program]) -> tuple[Program, ...]:
    """The programs of the promise's partner whose id or name is that of the promise, written alike but for case, blanks and
    hyphens; an id goes before a name. None is guessed: a name that only resembles it is no match. More than one is no match
    either: who is in one of them and not in the other could be told by subtraction."""
    wanted = _plain(promise.program)
    own = [program for program in programs if program.partner == promise.partner]
    by_id = [p for p in own if wanted in (_plain(p.key), _plain(p.id))]
    found = by_id or [p for p in own if p.name and _plain(p.name) == wanted]
    return tuple(sorted(found, key=lambda p: p.id))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
