"""The channel by which data leave, as a ledger entry records it: where the request came in, and what the rows became.

The command line, the site and the API each set it once (`using_channel`); every entry written within the block records it, so that
callers need not pass it on. Entries store it in the field `way`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

COMMAND, PAGE, API, BACKGROUND = "command", "page", "api", "background"
REPORT, EXTRACT, LINKAGE = "report", "extract", "linkage"
IN_WORDS = {
    COMMAND: "the command line",
    PAGE: "a page of the site",
    API: "the HTTP API",
    BACKGROUND: "work that the site does after a page has answered",
    REPORT: "the figures of a report",
    EXTRACT: "a research extract",
    LINKAGE: "linkage",
}
BETWEEN = "/"

_came: ContextVar[str] = ContextVar("came", default="")
_into: ContextVar[str] = ContextVar("into", default="")


@contextmanager
def using_channel(way: str) -> Iterator[None]:
    """Requests within the block came in by that channel."""
    with _set_to(_came, way):
        yield


@contextmanager
def for_output(what: str) -> Iterator[None]:
    """Rows that are read within the block are recorded as going to this output."""
    with _set_to(_into, what):
        yield


def entry_channel() -> str:
    """Where the current request came in; empty where it is not set."""
    return _came.get()


def current_channel() -> str:
    """The channel of the current request, such as `command` or `page/report`; empty where it is not set."""
    return BETWEEN.join(filter(None, (_came.get(), _into.get())))


def is_of_figures(way: str) -> bool:
    """Whether protected figures were counted, of which no row is shown. An entry without a channel may be one."""
    return not way or REPORT in way.split(BETWEEN)


def way_words(way: str) -> str:
    """A channel in words; empty for an entry without one."""
    return ", for ".join(IN_WORDS.get(part, part) for part in way.split(BETWEEN) if part)


@contextmanager
def _set_to(variable: ContextVar[str], value: str) -> Iterator[None]:
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)
