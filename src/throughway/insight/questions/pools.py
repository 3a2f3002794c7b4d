"""Groups of a question that are shown together because each alone is too small.

A line of the question says which: `-- pool school: Elm; Oak`. It is part of its text, so it is registered and hashed with it, and a pooled
figure is a figure like any other: it counts the students of its groups, and is protected and audited as such. Each group alone is withheld, and
is protected as any figure that is withheld. No preview offers pools: which groups are small would be told as often as somebody asks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from throughway.core.prose import listed
from throughway.insight.questions.question_rules import AnswerRefused, refused

LINE = re.compile(r"[ \t]*--[ \t]*pool[ \t]+(?P<group>\w+)[ \t]*:(?P<labels>[^\n]*)\n?", re.IGNORECASE)
TITLE_LINE = re.compile(r"\s*--[^\n]*\n")
BETWEEN = ";"
LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class Pool:
    """Groups of one column that are shown together. `labels`: as a release calls them."""

    group: str
    labels: tuple[str, ...]

    @property
    def line(self) -> str:
        """As a question says it."""
        return f"-- pool {self.group}: {f'{BETWEEN} '.join(self.labels)}"

    @property
    def name(self) -> str:
        """How the groups are called together: “Elm and Oak together”, “2024 to 2026 together”."""
        first, *others = self.labels
        if len(others) > 1 and _follow(self.labels):
            return f"{first} to {others[-1]} together"
        name = f"{listed(self.labels)} together"
        return name if len(name) <= LONGEST_NAME else f"{first} and {len(others)} others together"

    @property
    def sentence(self) -> str:
        """What a reader must know of it."""
        return f"Of {self.group.replace('_', ' ')}, {listed(self.labels)} are shown together as one group."


def _follow(labels: Sequence[str]) -> bool:
    """Whether the labels are whole numbers, one after the other."""
    return all(each.isdigit() for each in labels) and [int(each) for each in labels] == list(
        range(int(labels[0]), int(labels[0]) + len(labels))
    )


def pools_of(sql: str, groups: Sequence[str]) -> tuple[Pool, ...]:
    """The pools that the text of a question asks for; Refused (question) in one sentence. `groups`: its columns that group."""
    found: list[Pool] = []
    for line in map(LINE.fullmatch, sql.splitlines(keepends=True)):
        if line is None:
            continue
        labels = tuple(filter(None, (" ".join(each.split()) for each in line["labels"].split(BETWEEN))))
        found.append(Pool(line["group"].lower(), labels))
    for pool in found:
        if pool.group not in groups:
            raise refused(
                "A pool names a column by which the question does not group; write -- pool GROUP: a; b."
            )
        if len(set(pool.labels)) < 2:
            raise refused(
                f"A pool of {pool.group} shows two groups or more together; write them as -- pool {pool.group}: a; b."
            )
        same = [label for each in found if each.group == pool.group for label in each.labels]
        if len(set(same)) < len(same):
            raise refused(f"Two pools of {pool.group} name one group; name each group in one of them.")
    return tuple(found)


def names_in(pools: Iterable[Pool], group: str, labels: Iterable[str]) -> dict[str, str]:
    """How each pooled label of one column is called; AnswerRefused where the answer has no such group."""
    found = {label: pool.name for pool in pools if pool.group == group for label in pool.labels}
    if not found.keys() <= set(labels):
        raise AnswerRefused(
            f"A pool of {group} names a group that nobody in the answer is in; write the names as a release shows them."
        )
    return found


def with_pools(sql: str, pools: Iterable[Pool]) -> str:
    """The text of a question with these pools and no others, below its title."""
    text = "".join(line for line in sql.splitlines(keepends=True) if not LINE.fullmatch(line))
    title = TITLE_LINE.match(text)
    at = title.end() if title else 0
    return text[:at] + "".join(f"{pool.line}\n" for pool in pools) + text[at:]
