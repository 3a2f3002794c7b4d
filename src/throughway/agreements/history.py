"""What was done with an agreement, a sentence for each act, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.lifecycle import Act
from throughway.agreements.naming import day
from throughway.agreements.progress import Deed

DONE: Mapping[Act, str] = {
    Act.ADD: "added the text",
    Act.SIGN: "signed",
    Act.ACTIVATE: "put it into effect",
    Act.SUSPEND: "suspended it",
    Act.RESUME: "lifted its suspension",
    Act.TERMINATE: "ended it",
}


@dataclass(frozen=True)
class Told:
    """`earlier`: of a text that was replaced since."""

    when: str
    what: str
    who: str
    why: str
    earlier: bool


def told(deeds: Sequence[Deed], version: str, names: Mapping[str, str]) -> list[Told]:
    return [
        Told(
            when=day(deed.day),
            what=f"{_who(deed, names)} {DONE[deed.act]}",
            who=f"{deed.role.replace('_', ' ')}, {deed.by}" if deed.partner else "",
            why=deed.why,
            earlier=deed.version != version,
        )
        for deed in reversed(deeds)
    ]


def _who(deed: Deed, names: Mapping[str, str]) -> str:
    return names.get(deed.partner, deed.partner) if deed.partner else "The operator of the folder"
