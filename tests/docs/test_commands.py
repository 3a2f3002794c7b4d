"""The pages on commands have every command and each of its options, and no other; the index leads to each."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from throughway.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
INDEX = (DOCS / "commands.md").read_text(encoding="utf-8")
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "commands").glob("*.md")}
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
    page = PAGES.get(name.split()[1], "")
    found = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"{name} is on no page"
    return found[1]


def options(command: click.Command) -> set[str]:
    return {flag for p in command.params if isinstance(p, click.Option) for flag in p.opts} - COMMON


def test_pages_have_only_existing_commands() -> None:
    told = [name for page in PAGES.values() for name in re.findall(r"^## (.+)$", page, re.MULTILINE)]
    assert sorted(told) == sorted(ALL)


def test_the_index_leads_to_every_command() -> None:
    rows = re.findall(
        r"^\| \[`([A-Za-z. -]+)`\]\(commands/([a-z]+)\.md#([a-z-]+)\) \| .+ \|$", INDEX, re.MULTILINE
    )
    assert [f"throughway {name}" for name, _, _ in rows] == [
        name
        for stem in dict.fromkeys(page for _, page, _ in rows)
        for name in re.findall(r"^## (.+)$", PAGES[stem], re.MULTILINE)
    ]
    for name, page, anchor in rows:
        assert (page, anchor) == (
            name.split()[0],
            f"throughway-{name.lower().replace(' ', '-').replace('.', '')}",
        )
    assert {page for _, page, _ in rows} == set(PAGES)


@pytest.mark.parametrize("name", ALL)
def test_each_command_has_help_and_its_options_on_the_page(name: str) -> None:
    assert ALL[name].help
    told = set(re.findall(r"^- [^:]*:|^- .*$", section(name), re.MULTILINE))
    named = {flag for line in told for flag in re.findall(r"`(--[a-z-]+)`", line.partition(":")[0])}
    assert named == options(ALL[name])
    assert "- JSON: `" in section(name)


def test_options_of_every_command_are_on_the_page() -> None:
    for flag in COMMON:
        assert f"| `{flag}" in INDEX
