"""The commands below `right`: each passes on what its action takes, and the folder's people see what came of it."""

import inspect
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from throughway.cli import command
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.families.actions import amendments, incidents, inspections, limits

ACTIONS = {
    name: (module, action)
    for module in (amendments, incidents, inspections, limits)
    for name, action in vars(module).items()
    if inspect.isfunction(action) and action.__module__ == module.__name__ and not name.startswith("_")
    if name != "one"
}
VALUES = {"date": "2026-09-01", "moment": "2026-09-01T14:30", "y": "2026-27", "r": "parent", "hh:mm": "09:00"}


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, found in group.commands.items():
        if isinstance(found, click.Group):
            yield from commands(found, *path, name)
        else:
            yield (*path, name), found


right = main.get_command(click.Context(main), "right")
assert isinstance(right, click.Group)
WRITES = [
    pytest.param(path, made, id=" ".join(path))
    for path, made in commands(right)
    if path[-1] not in ("list", "decide")
]


def filled(made: click.Command) -> list[str]:
    """Arguments with a value for every parameter, optional ones too."""
    words: list[str] = []
    for p in made.params:
        if p.name in ("as_json", "community", "acting"):
            continue
        value = VALUES.get((p.metavar or "").lower(), "words")
        words += [p.opts[0], value] if isinstance(p, click.Option) else [value]
    return words


@pytest.mark.parametrize(("path", "made"), WRITES)
def test_each_command_passes_what_its_action_takes(
    path: tuple[str, ...], made: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def stand_in(name: str) -> Any:
        signature = inspect.signature(ACTIONS[name][1])

        def call(**given: Any) -> None:
            signature.bind(**given)
            called.append(name)
            raise Refused("Reached the action.", code="reached")

        return call

    stand_ins = {name: stand_in(name) for name in ACTIONS}
    monkeypatch.setattr(command, "open_community", lambda settings: SimpleNamespace(root="."))
    monkeypatch.setattr(command, "import_module", lambda module: SimpleNamespace(**stand_ins))
    for name, call in stand_ins.items():
        monkeypatch.setattr(ACTIONS[name][0], name, call)
    ended = CliRunner().invoke(main, ["right", *path, *filled(made), "--json"])
    assert (ended.exit_code, len(called)) == (1, 1), ended.output
    assert '"reached"' in ended.output


def test_request_document_has_no_number_of_the_sealed_name() -> None:
    from dataclasses import make_dataclass

    from throughway.cli.rights import as_document

    made = make_dataclass("Made", ["code", "holder"])("I-1", 7)
    assert as_document(made) == {"code": "I-1"}
