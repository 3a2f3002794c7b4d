"""How files are shared out, where several workers run them (`--dist loadfile --no-loadscope-reorder`).

Left alone, pytest-xdist begins with the file of most tests. Those that start processes have few tests and take longest: one
worker was left with them at the end while the other waited.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

STARTING = {
    "subprocess",
    "Town",
    "town_of",
    "fresh_database",
}  # a module that has one of these starts processes
ONE = "tests/demo/"  # its files share a community that takes half a minute to make: one worker makes it


def starts_processes(item: pytest.Item) -> bool:
    return bool(
        STARTING & (set(vars(getattr(item, "module", item))) | set(getattr(item, "fixturenames", ())))
    )


def order(items: list[pytest.Item]) -> None:
    """Whole files: those that start processes before the others, else as they came. Riverbend takes a minute to make: one file has it
    made at once, and meanwhile the other workers run what does not need it."""
    first = {item.path for item in items if starts_processes(item)}
    awaiting = {item.path for item in items if "riverbend" in getattr(item, "fixturenames", ())}
    begins = next((item.path for item in items if item.path in awaiting), None)
    items.sort(key=lambda item: (item.path != begins, item.path in awaiting, item.path not in first))


class ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return ONE if nodeid.startswith(ONE) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None
