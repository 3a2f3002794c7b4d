"""Words by which people speak of data, and the tables and elements that hold it: `data_words.csv`."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# A sentence that says what is left out promises nothing.
DENIAL = re.compile(r"\b(no|not|never|nor|without|neither|except|apart from)\b", re.I)


@dataclass(frozen=True)
class DataWords:
    """`words`: as people say it; `holding`: the tables, and the elements of tables, that hold such data."""

    words: re.Pattern[str]
    holding: frozenset[str]

    def held_by(self, path: str) -> bool:
        """Whether an element, or `table.*`, is such data. A wildcard is taken to hold what its table does."""
        table, _, column = path.partition(".")
        within = column == "*" and any(each.startswith(f"{table}.") for each in self.holding)
        return table in self.holding or path in self.holding or within


@cache
def data_words() -> tuple[DataWords, ...]:
    text = files(__package__).joinpath("data_words.csv").read_text(encoding="utf-8")
    return tuple(
        DataWords(re.compile(rf"\b({row['words']})\b", re.I), frozenset(row["holding"].split()))
        for row in csv.DictReader(text.splitlines())
    )


def spoken_of(text: str) -> Iterator[tuple[str, DataWords]]:
    """The data that a text speaks of, in its own words; clauses that deny it are passed over."""
    said = " . ".join(part for part in re.split(r"[.;:,]", text) if not DENIAL.search(part))
    for each in data_words():
        found = each.words.search(said)
        if found:
            yield found[0], each
