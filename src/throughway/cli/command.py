"""What all commands share: the folder, the actor, JSON or text output, and exit codes.

Exit 0 done, 1 refused or a problem found, 2 wrong usage. With `--json` one document goes to stdout and nothing else;
progress and messages go to stderr.
"""

import atexit
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from throughway.core import file_rights
from throughway.core.database_errors import refusal_of
from throughway.core.disk_full import full, is_full
from throughway.core.json_output import as_text as as_text
from throughway.core.refusals import Refused, nearest
from throughway.ledger.access_channels import COMMAND, using_channel
from throughway.partners.actor import OPERATOR, Actor
from throughway.store import new_folder
from throughway.store.community import Community

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Settings:
    """The common options, given before or after the command's name."""

    community: str | None = None
    acting: str | None = None
    as_json: bool = False

    def over(self, community: str | None, acting: str | None, as_json: bool) -> "Settings":
        return Settings(community or self.community, acting or self.acting, as_json or self.as_json)


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: a document for programs, a text for people, and whether a problem was found (exit 1)."""

    document: Mapping[str, Any]
    text: str = ""
    wanting: bool = False


def common_options(command: F) -> F:
    for option in (
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            help="Print one JSON document to standard output and nothing else.",
        ),
        click.option(
            "--as", "acting", metavar="EMAIL", help="The user who acts (default: the operator of the folder)."
        ),
        click.option(
            "--community",
            metavar="DIR",
            help="The community folder (default: $THROUGHWAY_COMMUNITY, otherwise the current folder).",
        ),
    ):
        command = option(command)
    return command


def finish(settings: Settings, outcome: CommandResult) -> None:
    if settings.as_json:
        click.echo(as_text(outcome.document))
    elif outcome.text:
        click.echo(outcome.text)
    if outcome.wanting:
        sys.exit(1)


def refuse(settings: Settings, refused: Refused) -> None:
    if settings.as_json:
        click.echo(json.dumps({"error": refused.to_json()}, ensure_ascii=False, indent=2))
    else:
        click.echo(refused.message, err=True)
        if refused.citations:
            click.echo(f"({'; '.join(refused.rules)})", err=True)
    sys.exit(1)


def open_community(settings: Settings) -> Community:
    """Sets Django up for the folder; Refused when the folder is not a community."""
    community = Community.locate(settings.community)
    if not community.exists:
        raise Refused(
            f"{community.root} is not a community; create one with: throughway init DIR", code="no_community"
        )
    new_folder.check_whole(community)
    prepare(community)
    return community


def prepare(community: Community) -> None:
    """Opens the folder's database and brings its tables up to date; Refused where it is not the one that the folder records."""
    set_up(community)
    from throughway.ledger.triggers import APPEND_ONLY
    from throughway.store.actions.opening import open_database

    open_database(community, append_only=APPEND_ONLY)


def set_up(community: Community) -> None:
    """Points Django at the folder's database, without opening it."""
    os.environ["THROUGHWAY_COMMUNITY"] = str(community.root)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    import django
    from django.conf import settings as configured

    configured.COMMUNITY = community
    django.setup()
    from django.db import connections

    from throughway.store.actions.opening import wait_long_for_others

    wait_long_for_others()

    # SQLite folds its log into its file when the last connection closes; who copies the folder needs that.
    atexit.register(connections.close_all)


@contextmanager
def creating(community: Community) -> Iterator[Collection[str]]:
    """The folder of a new community, which is made in this block: whole, or as it was before. Yields the ids of databases that an
    interrupted attempt had filled."""
    with new_folder.making(community) as left:
        if left:
            say(f"An earlier attempt in {community.root.name} was interrupted; what it left was removed.")
        yield left


def prepare_new(community: Community, left: Collection[str] = ()) -> None:
    """Makes the tables of a new community whose folder was made. `left`: as of `filling`."""
    with filling(community, left):
        from throughway.store.actions.opening import create_database

        create_database(community)


@contextmanager
def filling(community: Community, left: Collection[str] = ()) -> Iterator[None]:
    """Sets Django up for a database that is empty, and that is as empty again when the block fails. `left`: as of `filling.begin`."""
    set_up(community)
    from throughway.store.actions import filling as database

    if database.begin(left):
        say("An earlier attempt was interrupted; what it left in the database was removed.")
    try:
        yield
        database.end()
    except BaseException:
        database.undo()
        raise


def moved_to(community: Community) -> None:
    """Follows a community whose folder was renamed after its connections were closed."""
    from django.conf import settings as configured
    from django.db import connection

    from throughway.store.database_record import SQLITE, sqlite_address

    os.environ["THROUGHWAY_COMMUNITY"] = str(community.root)
    configured.COMMUNITY = community
    if connection.vendor == SQLITE:
        connection.settings_dict["NAME"] = sqlite_address(community)


def _refusal_of(error: Exception, settings: Settings) -> Refused | None:
    """What an error of the database, of the disk or of its rights is for its operator; None for an error of the program."""
    if is_full(error):
        return full()
    named = settings.community or os.environ.get("THROUGHWAY_COMMUNITY")
    if (denied := file_rights.refusal_of(error, Path(named).resolve() if named else None)) is not None:
        return denied
    from django.conf import settings as configured

    role = configured.DATABASES["default"].get("USER", "") if configured.configured else ""
    return refusal_of(error, str(role))


def acting(settings: Settings) -> Actor:
    """The user named by `--as`, otherwise the operator."""
    if settings.acting is None:
        return OPERATOR
    from throughway.partners.selectors import actor

    return replace(actor(settings.acting), on_operators_word=True)


Option = Callable[[Any], Any]  # the return type of click.option and click.argument


def command(
    group: click.Group | None, name: str, *options: Option, opens: bool = True, help: str | None = None
) -> Callable[[Callable[..., CommandResult]], Any]:
    """Makes a command of a function `(settings, **options) -> CommandResult`, with the common options and endings.

    `options`: its own options, where they are not decorators of the function. `help`: else the function's docstring. `opens`: whether
    the community folder is opened before the function is called.
    """

    def decorate(function: Callable[..., CommandResult]) -> click.Command:
        @wraps(function)
        @click.pass_context
        def run(
            ctx: click.Context, /, community: str | None, acting: str | None, as_json: bool, **rest: Any
        ) -> None:
            settings = (ctx.find_object(Settings) or Settings()).over(community, acting, as_json)
            try:
                if opens:
                    settings = replace(settings, community=str(open_community(settings).root))
                with using_channel(COMMAND):
                    outcome = function(settings, **rest)
                finish(settings, outcome)
            except Refused as refused:
                refuse(settings, refused)
            except (KeyboardInterrupt, click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except Exception as error:
                # A message of the engine can contain values of records, so only the kind of error is shown.
                if os.environ.get("THROUGHWAY_DEBUG"):
                    raise
                if (curable := _refusal_of(error, settings)) is not None:
                    refuse(settings, curable)
                message = (
                    f"Something failed inside Throughway ({type(error).__name__}), and no data was "
                    f"returned; run it again, and report it with this name if it happens again."
                )
                refuse(settings, Refused(message, code="internal"))

        for option in reversed(options):
            run = option(run)
        made = click.command(name, help=help)(common_options(run))
        if group is not None:
            group.add_command(made)
        return made

    return decorate


def act_command(
    group: click.Group, name: str, help: str, *options: Option, action: str, done: str, document: Callable[[Any], dict[str, Any]]
) -> None:  # fmt: skip
    """Adds a command that calls one action and answers with what the action returns.

    `action`: `module:function` below `throughway`; the function takes the options by keyword, and `by`. `document` makes the JSON
    document of what it returns. `done`: the sentence for a person, a format string of the `given` options and of what was `made`.
    """

    def run(settings: Settings, **given: Any) -> CommandResult:
        module, _, function = action.partition(":")
        made = getattr(import_module(f"throughway.{module}"), function)(**given, by=acting(settings))
        return CommandResult(document(made), done.format(made=made, **given))

    command(group, name, *options, help=help)(run)


class SuggestingChoice(click.Choice[str]):
    """One of a few words; the error for another word suggests the nearest."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        message = super().get_invalid_choice_message(value, ctx)
        near = nearest(str(value), map(str, self.choices), 1)
        return f"{message} Did you mean {near[0]}?" if near else message


def group(name: str, help: str) -> click.Group:
    return click.Group(name, help=help)


def say(message: str) -> None:
    """Writes a message for a person to stderr."""
    click.echo(message, err=True)


def facts(found: Any, *names: str, **renamed: str) -> dict[str, Any]:
    """Attributes of an object under their own names; `renamed`: key=attribute."""
    return {
        key: getattr(found, name) for key, name in {**dict(zip(names, names, strict=True)), **renamed}.items()
    }


def columns(rows: list[list[str]], heading: list[str]) -> str:
    """A plain table for a terminal, columns as wide as their longest cell."""
    widths = [max(len(row[i]) for row in [heading, *rows]) for i in range(len(heading))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heading, *rows]
    ]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


Cell = str | Callable[[Any], object]


def listed(name: str, found: Sequence[Any], shown: Mapping[str, Cell], empty: str) -> CommandResult:
    """How a command that lists things ends: `{name: found}`, and a table, or the sentence `empty` where nothing is found.

    `shown`: for each heading the key of an entry, or a function of the entry. None and False are shown as an empty cell.
    """
    rows = [
        [_cell(cell(each) if callable(cell) else each[cell]) for cell in shown.values()] for each in found
    ]
    return CommandResult({name: found}, columns(rows, list(shown)) if rows else empty)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
