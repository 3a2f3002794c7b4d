"""The page on commands has every command and each of its options, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from throughway.cli import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
COMMON = {"--community", "--as", "--json"}


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    ctx = click.Context(group)
    for step in group.list_commands(ctx):
        found = group.get_command(ctx, step)
        assert found is not None
        if isinstance(found, click.Group):
            if found.invoke_without_command:
                yield f"{name} {step}", found
            yield from commands(found, f"{name} {step}")
        else:
            yield f"{name} {step}", found


ALL = dict(commands(main, "throughway"))


def section(name: str) -> str:
    found = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"{name} is not on the page"
    return found[1]


def options(command: click.Command) -> set[str]:
    return {flag for p in command.params if isinstance(p, click.Option) for flag in p.opts} - COMMON


def test_no_other_command_is_on_the_page() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_each_command_has_help_and_its_options_on_the_page(name: str) -> None:
    assert ALL[name].help
    told = set(re.findall(r"^- [^:]*:|^- .*$", section(name), re.MULTILINE))
    named = {flag for line in told for flag in re.findall(r"`(--[a-z-]+)`", line.partition(":")[0])}
    assert named == options(ALL[name])
    assert "- JSON: `" in section(name)


def test_options_of_every_command_are_on_the_page() -> None:
    for flag in COMMON:
        assert f"| `{flag}" in PAGE
