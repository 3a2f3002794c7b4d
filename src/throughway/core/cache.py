"""Answers that are kept for what they hang on, so that they are worked out once; the oldest are let go."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """At most `most` answers. The key of one names everything that it hangs on: another key, another answer.

    found = Kept[Numbers](64)
    found.of((day, *files), lambda: count(files))
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer of that key, asked where it is not known."""
        try:
            return self._answers[key]  # one look: between two, another thread might let it go
        except KeyError:
            pass
        answer = self._answers[key] = ask()
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer

    def clear(self) -> None:
        self._answers.clear()
