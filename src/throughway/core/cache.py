"""A cache of computed answers, by a key of everything they depend on; the oldest are dropped."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """Keeps at most `most` answers.

    counts = Cache[Numbers](64)
    counts.of((day, *files), lambda: count(files))
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, key: Hashable, ask: Callable[[], T]) -> T:
        """Returns the answer for the key, and calls `ask` for one that is not known."""
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
