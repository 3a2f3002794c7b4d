"""What the release of a room's own page tells in sentences. Each room registers its own; imports nothing, since rooms register at every start."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Sentences = Callable[[Mapping[str, Any]], Iterable[str]]

SENTENCES: dict[str, Sentences] = {}


def tells(page: str, sentences: Sentences) -> None:
    """The room of that page says what a release of its own tells in sentences, of what it stores: as the room words it today, whatever
    words the release was registered with."""
    SENTENCES[page] = sentences
