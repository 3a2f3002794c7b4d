"""`ledger further`: to whom an authority passed records on, and who asked it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.query import reader
from throughway.core.prose import counted

if TYPE_CHECKING:
    from throughway.ledger.redisclosure import Request

further = group("further", "An authority's record of further disclosures.")


@command(further, "add")
@click.argument("file", type=click.Path(path_type=Path))
def add(settings: Settings, file: Path) -> CommandResult:
    """Record the further disclosures of your partner, an authority."""
    from throughway.ledger.actions import redisclosure as actions

    done = actions.add(
        path=file, by=reader(settings, purpose="further_disclosures", asked="ledger further add")
    )
    message = f"Recorded: {counted(done.new, 'further disclosure')}; {done.unchanged:,} stood there already."
    return CommandResult({"added": done.new, "unchanged": done.unchanged}, message)


@command(further, "request")
@click.option("--partner", required=True, metavar="P", help="The authority that is asked.")
@click.option(
    "--record-key", default="", metavar="K", help="Your own key of one student (default: all students)."
)
@click.option("--for-parent", is_flag=True, help="The request comes from a parent or eligible student.")
def request(settings: Settings, partner: str, record_key: str, for_parent: bool) -> CommandResult:
    """Ask an authority to whom it passed your records on. It must answer within 30 days."""
    from throughway.ledger.actions import redisclosure as actions

    by = reader(settings, purpose="further_disclosures", asked="ledger further request")
    asked = actions.request(authority=partner, record_key=record_key, for_parent=for_parent, by=by)
    return CommandResult(
        _document(asked), f"{partner} is asked; its answer is due on {asked.due}. Request {asked.id}."
    )


@command(further, "answer")
@click.argument("request")
def answer(settings: Settings, request: str) -> CommandResult:
    """Answer a request: state that your partner's record is complete up to today."""
    from throughway.ledger.actions import redisclosure as actions

    by = reader(settings, purpose="further_disclosures", asked="ledger further answer")
    asked, count = actions.answer(id=request, by=by)
    message = f"{counted(count, 'further disclosure')}" if count else "no further disclosure"
    return CommandResult(
        {**_document(asked), "further": count},
        f"The request of {asked.discloser} is answered: your record holds {message} of these students.",
    )


def _document(asked: "Request") -> dict[str, object]:
    return {
        "id": asked.id, "authority": asked.authority, "discloser": asked.discloser, "on": asked.on, "due": asked.due,
        "for_parent": asked.for_parent, "answered": asked.answered,
    }  # fmt: skip


@command(further, "list")
def list_further(settings: Settings) -> CommandResult:
    """List the authorities that may pass your records on, their further disclosures, and the requests with their deadlines."""
    from throughway.ledger.actions import redisclosure as actions

    found = actions.listed(by=acting(settings))
    tables = [_authorities(found["authorities"]), _passed_on(found["further"]), _requests(found["requests"])]
    return CommandResult(
        found, "\n\n".join(filter(None, tables)) or "No authority received your records to audit or evaluate."
    )


Rows = Sequence[Mapping[str, Any]]


def _authorities(rows: Rows) -> str:
    cells = [[each["authority"], each["discloser"], ", ".join(each["agreements"])] for each in rows]
    return columns(cells, ["may pass on", "records of", "under"]) if cells else ""


def _passed_on(rows: Rows) -> str:
    cells = [
        [str(each["on"]), each["authority"], each["discloser"], each["party"], each["interest"],
         each["group"] or counted(each["students"], "student")]
        for each in rows
    ]  # fmt: skip
    return columns(cells, ["on", "passed on by", "records of", "to", "interest", "students"]) if cells else ""


def _requests(rows: Rows) -> str:
    cells = [
        [each["id"], each["discloser"], each["authority"], str(each["on"]), str(each["due"]),
         "a parent" if each["for_parent"] else "",
         f"answered {each['answered']}" if each["answered"] else "overdue" if each["overdue"] else "waits"]
        for each in rows
    ]  # fmt: skip
    return columns(cells, ["request", "by", "to", "on", "due", "for", "state"]) if cells else ""
