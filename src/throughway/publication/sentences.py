"""What a release says besides its figures: sentences for its readers, and how the values of its places are written, such as a school year.
Each room registers those of its own pages; imports nothing, since rooms register at every start."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Sentences = Callable[[Any], Iterable[str]]  # of a release (`publication.selectors.Published`)
ValueWords = Callable[[Mapping[str, str], str], str]  # the place of a figure, and one of its dimensions


def as_registered(at: Mapping[str, str], dimension: str) -> str:
    return at[dimension]


@dataclass(frozen=True)
class ReleaseWords:
    """`sentences`: what the room of a page tells of a release, as the room words it today, whatever words the release was registered with.
    `value`: how its page writes the value of a place, and so every file of it."""

    sentences: Sentences = lambda found: ()
    value: ValueWords = as_registered


REGISTERED: dict[str, ReleaseWords] = {}


def tells(page: str, sentences: Sentences, value: ValueWords = as_registered) -> None:
    REGISTERED[page] = ReleaseWords(sentences, value)


def words_of(page: str) -> ReleaseWords:
    """What the room of a page says of its releases; nothing where the page draws none."""
    return REGISTERED.get(page, ReleaseWords())
