"""Groups of a question that are shown together because each alone is too small.

A line of the question says which: `-- pool school: Elm; Oak`. It is part of its text, so it is registered and hashed with it, and a pooled
figure is a figure like any other: it counts the students of its groups, and is protected and audited as such. Each group alone is withheld, and
is protected as any figure that is withheld. A preview offers pools. It chooses them by what a release would show and withhold, and by nothing else of the true counts.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from throughway.core.prose import listed
from throughway.insight.questions.question_rules import refused
from throughway.publication import ProtectedCell, ProtectedTable

LINE = re.compile(r"[ \t]*--[ \t]*pool[ \t]+(?P<group>\w+)[ \t]*:(?P<labels>[^\n]*)\n?", re.IGNORECASE)
TITLE_LINE = re.compile(r"\s*--[^\n]*\n")
NUMBER = re.compile(r"\d+\b")  # at the beginning of a label
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
    """How each pooled label of one column is called; Refused (question) where the answer has no such group."""
    found = {label: pool.name for pool in pools if pool.group == group for label in pool.labels}
    if not found.keys() <= set(labels):
        raise refused(
            f"A pool of {group} names a group that nobody in the answer is in; write the names as the preview without pools shows them."
        )
    return found


def with_pools(sql: str, pools: Iterable[Pool]) -> str:
    """The text of a question with these pools and no others, below its title."""
    text = "".join(line for line in sql.splitlines(keepends=True) if not LINE.fullmatch(line))
    title = TITLE_LINE.match(text)
    at = title.end() if title else 0
    return text[:at] + "".join(f"{pool.line}\n" for pool in pools) + text[at:]


def offered(
    groups: Sequence[str],
    pools: Sequence[Pool],
    tables: Sequence[ProtectedTable],
    *,
    no_groups: Collection[str],
) -> tuple[Pool, ...]:
    """The pools with which more may be shown, those of the question among them; empty where none is to be added.

    `tables`: the protected ones, which alone decide. `no_groups`: labels such as “Not recorded”, which are pooled only with small groups.
    A label is small where no share, sum or mean of it is shown, or no count where the question has none of these. Years and other numbers are
    pooled with those next to them, names with all that are small.
    """
    cells = [cell for table in tables for cell in table.cells]
    found: list[Pool] = []
    for group in groups:
        labels = list(dict.fromkeys(c.at[group] for c in cells if group in c.at))
        runs = [
            run for run in _runs(cells, group, labels, no_groups) if len(run) < len(labels)
        ]  # all are the total
        mine = {pool.name: pool for pool in pools if pool.group == group}
        for run in runs:
            parts = (part for label in run for part in (mine[label].labels if label in mine else (label,)))
            found.append(Pool(group, tuple(parts)))
        found += [pool for name, pool in mine.items() if not any(name in run for run in runs)]
    return tuple(found) if set(found) != set(pools) else ()


def _runs(
    cells: Sequence[ProtectedCell], group: str, labels: Sequence[str], no_groups: Collection[str]
) -> Iterable[Sequence[str]]:
    """The labels to be shown together."""
    adds_up = any(group not in c.at for c in cells)
    if not adds_up or any(BETWEEN in label for label in labels):
        return ()  # a student can be in several of them, or no line could name them
    figures = [c for c in cells if c.statistic != "students"] or cells
    small = [label for label in labels if all(c.withheld or c.ranged for c in _at(figures, group, label))]
    proper = [label for label in labels if label not in no_groups]
    if all(map(NUMBER.match, proper)):
        return _adjacent(proper, [label for label in small if label in proper])
    return _all_small(cells, group, proper, small)


def _at(cells: Iterable[ProtectedCell], group: str, label: str) -> list[ProtectedCell]:
    """The figures of one group alone: those at the fewest dimensions."""
    mine = [c for c in cells if c.at.get(group) == label]
    fewest = min((len(c.at) for c in mine), default=0)
    return [c for c in mine if len(c.at) == fewest]


def _adjacent(labels: Sequence[str], small: Sequence[str]) -> Iterator[list[str]]:
    """The small labels that follow each other; one alone with the one before it, or the first with the second."""
    runs: list[range] = []
    places = [n for n, label in enumerate(labels) if label in small]
    for n in places:
        alone = not {n - 1, n + 1} & set(places)
        first, last = (max(n - 1, 0), max(n, 1)) if alone else (n, n)
        meets = runs and (first <= runs[-1][-1] or (n - 1 in places))
        runs = [*runs[:-1], range(runs[-1][0], last + 1)] if meets else [*runs, range(first, last + 1)]
    for run in runs:
        yield [labels[n] for n in run]


def _all_small(
    cells: Sequence[ProtectedCell], group: str, proper: Sequence[str], small: Sequence[str]
) -> Iterator[Sequence[str]]:
    """All small labels; one alone with the smallest that is shown."""
    if set(small).isdisjoint(proper):
        return
    if len(small) > 1:
        yield small
        return
    sizes = {
        label: c.shown
        for label in proper
        for c in _at(cells, group, label)
        if c.statistic == "students" and isinstance(c.shown, int)
    }
    if sizes:
        other = min(sizes, key=lambda label: (sizes[label], label))
        yield [label for label in proper if label in (other, small[0])]
