"""One moment: within it, a question to the registers that was asked before is not asked again.

A page asks who its reader is, how the agreements stand and which partners there are in several places; while it is put
together these are one question each. What decides whether rows are handed out is asked `without_request_cache`, whatever was known before.

    with moment():
        partners(); partners()   # one query
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_known: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("known", default=None)


@contextmanager
def request_cache() -> Iterator[None]:
    """Answers of `cached_per_request` questions are kept until the end of the block; only for what does not write to the registers."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def without_request_cache() -> Iterator[None]:
    """Every question is asked again in this block."""
    token = _known.set(None)
    try:
        yield
    finally:
        _known.reset(token)


def cached_per_request(ask: Callable[P, T]) -> Callable[P, T]:
    """A question that is asked once in a moment; outside of one, each time. Its arguments must be hashable, and nobody may
    change its answer."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _known.get()
        if known is None:
            return ask(*args, **kwargs)
        key = (ask, args, *sorted(kwargs.items()))
        if key not in known:
            known[key] = ask(*args, **kwargs)
        answer: T = known[key]
        return answer

    return asked
