"""Which commands never ask who acts, by their source: neither their own function nor one of their module that it calls."""

import inspect
import sys
from collections.abc import Iterator

import click

from tests.docs.test_commands import ALL

ASKS = ("acting(settings)", "reader(settings", "settings.acting", "kept(settings)", "keeper(settings", "own_partner(settings)", "_check_keeps_all(settings")  # fmt: skip


def deaf() -> set[str]:
    return {name.removeprefix("throughway ") for name, command in ALL.items() if not _asks(command)}


def _asks(command: click.Command) -> bool:
    return any(word in source for source in _sources(command) for word in ASKS)


def _sources(command: click.Command) -> Iterator[str]:
    function = inspect.unwrap(command.callback)  # type: ignore[arg-type]
    source = inspect.getsource(function)
    yield source
    module = vars(sys.modules[function.__module__])
    for name, value in module.items():
        if inspect.isfunction(value) and f"{name}(" in source and value is not function:
            yield inspect.getsource(value)
