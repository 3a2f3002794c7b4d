"""A cache for one request: a selector that was called before with the same arguments is not queried again.

A page needs its reader, the agreements' status and the partners in several places; within one request each is queried once.
What decides whether rows are released is queried `without_request_cache`.

    with request_cache():
        partners(); partners()   # one query
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_known: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("known", default=None)


@contextmanager
def request_cache() -> Iterator[None]:
    """Caches results of `cached_per_request` selectors until the end of the block; only for code that does not write to the
    registers."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def own_request_cache() -> Iterator[None]:
    """The cache that there is, or where there is none one for this block: for code that asks several registers at one moment."""
    with nullcontext() if _known.get() is not None else request_cache():
        yield


@contextmanager
def without_request_cache() -> Iterator[None]:
    """Disables the cache in this block."""
    token = _known.set(None)
    try:
        yield
    finally:
        _known.reset(token)


def cached_per_request(ask: Callable[P, T]) -> Callable[P, T]:
    """Caches a selector's result within `request_cache`. Its arguments must be hashable, and callers must not change the
    result."""

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
