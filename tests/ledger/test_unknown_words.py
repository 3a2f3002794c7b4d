"""A student's name that somebody types where an id, a purpose or an address belongs: refused, and kept nowhere."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from django.db import connection

from tests.gate import making
from tests.gate.test_attacks_pages import EVALUATOR, STEWARD, settle
from tests.ledger.test_ledger import entry
from tests.site.people import program
from throughway.agreements import actions as agreements
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.intake.models import IntakeBatch
from throughway.ledger.entry import UNKNOWN_ADDRESS, UNKNOWN_AGREEMENT, UNKNOWN_PURPOSE
from throughway.ledger.known_words import only_known
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners.actor import Actor
from throughway.partners.models import User
from throughway.partners.selectors import actor
from throughway.site.api.views import endpoints
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

HUB = "officer@hub.example"
# Their act is a process of its own, or another folder; they open no community's ledger.
ELSEWHERE = {"init", "move", "restore", "demo", "simulate", "serve", "deployment", "backup", "doctor"}
# What stands in the parameters beside the one that holds the name, by the name of each.
PLAUSIBLE: Mapping[str, str] = {
    "agreement": "sharing-2026", "purpose": "planning", "partner": "north", "email": EVALUATOR, "person": "11", "pair": "1",
    "record_key": "n-11", "sql": "SELECT attendance_status FROM attendance_day", "role": "evaluator", "kind": "cbo", "number": "1",
    "quorum": "1", "proposal": "1", "event": "1", "code": "ABCD2345", "form": "odrl",
    "capacity": "board", "rule": "majority", "what": "agreements", "school_year": "2026", "student": "n-11", "template": "dsa",
    "table": "attendance_day", "path": "terms.minimum_cell", "languages": "es", "version": "ab" * 32,
    "relation": "mother", "element": "attendance_day.attendance_status", "time": "14:30", "identified": "by sight", "pack": "ferpa",
}  # fmt: skip
MADE = {"out"}  # files that a command makes
DAYS = {
    "on",
    "since",
    "received",
    "known",
    "opens",
    "closes",
    "found_on",
    "until",
    "last",
    "first",
    "last_day",
    "date_",
}


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settle(tmp_path)
    monkeypatch.setenv("THROUGHWAY_COMMUNITY", str(current_community().root))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(found: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:  # fmt: skip
    if not isinstance(found, click.Group):
        yield path, found
        return
    context = click.Context(found)
    for name in found.list_commands(context):
        each = found.get_command(context, name)
        if each is not None and name not in ELSEWHERE:
            yield from commands(each, (*path, name))


def holds_text(parameter: click.Parameter) -> bool:
    return isinstance(parameter.type, click.types.StringParamType | click.Path)


def plausible(parameter: click.Parameter, folder: Path) -> str:
    if isinstance(parameter.type, click.Path):
        return str(folder / f"{parameter.name}.csv")
    if isinstance(parameter.type, click.Choice):
        return str(next(iter(parameter.type.choices)))
    name = parameter.name or ""
    return date.today().isoformat() if name in DAYS else PLAUSIBLE.get(name, "sharing-2026")


def words_of(command: click.Command, planted: click.Parameter, name: str, folder: Path) -> list[str]:
    """A command line in which one parameter holds the name, beside plausible words for those that are required. A file has the name, and
    a line that the command cannot read."""
    words: list[str] = []
    for parameter in command.params:
        if parameter is not planted and not parameter.required:
            continue
        said = plausible(parameter, folder) if parameter is not planted else name
        if isinstance(parameter.type, click.Path) and parameter.name not in MADE:
            said = said if said.endswith(".csv") else f"{said}.csv"
            (folder / said).write_text("a,b\n1,2\n")
        flag = isinstance(parameter, click.Option) and parameter.is_flag
        given = [] if isinstance(parameter, click.Argument) else [parameter.opts[0 if flag else -1]]
        words += given if flag else [*given, said]
    return words


class Planted:
    """Names, each one planted once: `refused` are those of requests that were refused."""

    def __init__(self) -> None:
        self.many, self.refused = 0, dict[int, str]()

    def name(self) -> str:
        self.many += 1
        return f"Quillfeather{self.many}" if self.many % 2 else f"Ottoline Quillfeather{self.many}"


def kept() -> set[int]:
    """The planted names that stand in a row of the database, or in the name or the bytes of a file of the folder."""
    files = [path for path in current_community().root.rglob("*") if path.is_file()]
    texts = [str(path).encode() + path.read_bytes() for path in files]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts.append(repr([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in cursor]).encode())  # fmt: skip
    return {int(found) for text in texts for found in re.findall(rb"(?i)quillfeather(\d+)", text)}


@pytest.mark.parametrize("acting", [None, HUB, EVALUATOR])
def test_no_command_that_is_refused_keeps_a_name(town: Path, acting: str | None) -> None:
    planted = Planted()
    for path, command in commands():
        for parameter in filter(holds_text, command.params):
            name = planted.name()
            said = parameter.name == "acting"
            words = words_of(command, parameter, name, town)
            as_whom = ["--as", acting] if acting and not said else []
            done = CliRunner().invoke(main, [*path, *as_whom, *words])
            if done.exit_code:
                planted.refused[planted.many] = f"{' '.join(path)}: {parameter.name}"
    assert len(planted.refused) > 300
    assert [planted.refused[number] for number in kept() if number in planted.refused] == []
    if not acting:
        assert LedgerEntry.objects.filter(purpose=UNKNOWN_PURPOSE).exists()
        assert LedgerEntry.objects.filter(actor_email=UNKNOWN_ADDRESS).exists()


def test_no_load_that_is_refused_keeps_a_name(town: Path) -> None:
    """Of the file's name, its headings and its cells, and of what is typed beside it."""
    planted = Planted()
    for rows, more in (
        ("{0},b\n1,2\n", ()), ("a,b\n{0},2\n", ()), ("", ()), ("a,b\n1,2\n", ("--right", "{0}")),
        ("a,b\n1,2\n", ("--crosswalk", "{0}.yaml")), ("a,b\n1,2\n", ("--partner", "{0}")), ("a,b\n1,2\n", ("--as", "{0}")),
    ):  # fmt: skip
        for format in ("csv", "oneroster", "edfi", "directory", "ceds", "nsc", "hmis"):
            name = planted.name()
            (town / f"{name}.csv").write_text(rows.format(name))
            (town / f"{name}.yaml").write_text(f"throughway: crosswalk/1\nid: {name}\n")
            words = ["load", f"{name}.csv", "--partner", "north", "--format", format, *(word.format(name) for word in more)]  # fmt: skip
            if CliRunner().invoke(main, words).exit_code:
                planted.refused[planted.many] = " ".join(words)
    assert IntakeBatch.objects.exclude(refusal="").exists()
    assert len(planted.refused) == planted.many
    assert [planted.refused[number] for number in kept() if number in planted.refused] == []


@pytest.mark.parametrize("who", [HUB, EVALUATOR, STEWARD])
def test_no_request_of_the_api_that_is_refused_keeps_a_name(town: Path, who: str) -> None:
    planted, client = Planted(), program(actor(who))

    def asked(method: str, address: str, given: dict[str, Any], what: str) -> None:
        sent = client.get(address, given) if method == "GET" else client.post(address, json.dumps(given), content_type="application/json")  # fmt: skip
        if sent.status_code >= 400:
            planted.refused[planted.many] = what

    for each in endpoints():
        takes = each.contract.takes
        parts = {part: PLAUSIBLE.get(part, "1") for part in each.parts}
        given = {name: PLAUSIBLE.get(name, "1") for name, field in takes.model_fields.items() if field.is_required()}  # fmt: skip
        for part in parts:
            asked(each.contract.method, each.address.format(**parts | {part: planted.name()}), given, f"{each.address} {part}")  # fmt: skip
        for name in takes.model_fields:
            asked(each.contract.method, each.address.format(**parts), given | {name: planted.name()}, f"{each.address} {name}")  # fmt: skip
    assert len(planted.refused) > 10
    assert [planted.refused[number] for number in kept() if number in planted.refused] == []


def test_a_purpose_of_any_text_and_a_closed_account_are_kept(town: Path) -> None:
    draft = making.sharing(id="draft-2026", purposes=[making.purpose("drafted", "reporting", "aggregate", recipients=["hub"])],
                                  schedule=[making.line("attendance_day.*", "drafted")])  # fmt: skip
    agreements.add(text=json.dumps(draft), by=OPERATOR)
    reader = actor(EVALUATOR)
    User.objects.filter(email=EVALUATOR).update(is_active=False)
    for purpose in ("drafted", "quiet-reports", "planning", "own_records"):
        with pytest.raises(Refused):
            enter(actor=reader, purpose=purpose, on=date(2999, 1, 1))
        entry = LedgerEntry.objects.order_by("at").last()
        assert entry is not None
        assert (entry.purpose, entry.actor_email) == (purpose, EVALUATOR)


def test_each_name_of_an_entry_is_one_that_exists(town: Path) -> None:
    made = only_known(
        entry(
            actor=Actor("Ada Quill", None, "Ada Quill"),
            purpose="Ada Quill",
            agreements=(("sharing-2026", "ab"), ("ada", "cd")),
        )
    )
    assert (made.actor.email, made.actor.role) == (UNKNOWN_ADDRESS, "unknown")
    assert made.purpose == UNKNOWN_PURPOSE
    assert made.agreements == (("sharing-2026", "ab"), (UNKNOWN_AGREEMENT, "cd"))
    with pytest.raises(ValueError, match="no element of the vocabulary"):
        entry(elements=("Ada Quill.name",))
