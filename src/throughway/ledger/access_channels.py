"""By which way data leave, as an entry of the ledger says it: where somebody came in, and what the rows were made into.

Whoever lets somebody in says so once (`using_channel`): the command line, the site, the API. What is written meanwhile says it too,
without each caller handing it on.
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
    """What is asked within comes in there, and nowhere else."""
    with _said(_came, way):
        yield


@contextmanager
def for_output(what: str) -> Iterator[None]:
    """What is read within becomes that."""
    with _said(_into, what):
        yield


def entry_channel() -> str:
    """Where somebody came in who asks now; empty where nobody said it."""
    return _came.get()


def current_channel() -> str:
    """The way of what is asked now, such as `command` or `page/report`; empty where nobody said it."""
    return BETWEEN.join(filter(None, (_came.get(), _into.get())))


def way_words(way: str) -> str:
    """In words; empty where the entry does not say it."""
    return ", for ".join(IN_WORDS.get(part, part) for part in way.split(BETWEEN) if part)


@contextmanager
def _said(variable: ContextVar[str], value: str) -> Iterator[None]:
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)
