"""The acts of an agreement's life on the command line."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from throughway.agreements.acts import ACTS, ActDefinition
from throughway.agreements.states import TEXT_ACTS, AgreementAct
from throughway.cli.command import CommandResult, Settings, SuggestingChoice, acting, command
from throughway.core.refusals import Refused

DAY = click.DateTime(["%Y-%m-%d"])
CAPACITIES = ("steward", "privacy_officer", "counsel", "board")
TITLE = click.option("--title", default="", help="The office that signs; else as the text names it.")
AUTHORITY = click.option(
    "--authority", default="", help="What lets the office bind your partner; else as the text names it."
)
VERSION = click.option("--version", default=None, help="The hash of the text that you read.")
REASON = click.option("--reason", default="", help="Why; every party reads it.")


def text_of(file: Path) -> str:
    """The text of a file; Refused where there is none."""
    from throughway.core.yaml_text import UnreadableText, text_in

    try:
        return text_in(file)
    except FileNotFoundError:
        raise Refused(f"There is no file {file}; name an agreement document.", code="no_file") from None
    except UnreadableText as error:
        raise Refused(f"{file.name}: {error}", code="unreadable") from None
    except OSError:
        raise Refused(
            f"{file} is not a readable UTF-8 text; save the document as UTF-8.", code="unreadable"
        ) from None


def document_in(file: Path) -> str:
    """A document's text; Refused also where it is neither YAML nor JSON, with the file, the line and the likely cause."""
    from throughway.core.yaml_text import UnreadableText, values_of

    text = text_of(file)
    try:
        values_of(text)
    except UnreadableText as error:
        raise Refused(f"{file.name}: {error}", code="unreadable") from None
    return text


def told(standing: Any, sentence: str) -> CommandResult:
    """How the agreement stands after an act, and a sentence about it."""
    from throughway.agreements.json_output import status_json

    return CommandResult(status_json(standing), sentence)


def living(group: click.Group) -> None:
    """Adds the commands of its life to the group, in the order in which they come."""
    for act in AgreementAct:
        if act in ACTS and ACTS[act].help:
            _add(group, act, ACTS[act])


Options = tuple[Callable[[Any], Any], ...]
_UNTIL = click.option("--until", type=DAY, help="The new last day; else as much later as it runs now.")
_SIGNED_ON = click.option(
    "--on", type=DAY, help="The day on which it was signed; before the text was added, only with --paper."
)
_PAPER = click.option(
    "--paper", type=click.Path(path_type=Path), help="The signed paper, a PDF, of one who signed by hand."
)
_PARTY = click.option("--party", metavar="PARTNER", help="With --paper: for which party; else your own.")
_SIGNER = click.option("--signer", metavar="NAME", help="With --paper: who signed it, by name.")
_OUT = click.option("--on", type=DAY, help="The first day on which your partner is no party any more.")
_GONE = click.option("--on", type=DAY, help="The day on which the last copy was gone; else today.")
_FILE = click.argument("file", type=click.Path(path_type=Path))
_CAPACITY = click.option(
    "--capacity", type=SuggestingChoice(CAPACITIES), required=True, help="In which capacity."
)
_MINUTES = click.option("--minutes", default="", help="The minutes in which your board approved it.")
_WHY = click.option("--reason", required=True, help="Why; every party reads it.")
_COPIES = click.option("--copies", required=True, help="What your partner held, derived data included.")
_METHOD = click.option("--method", required=True, help="How it was destroyed or returned.")
_OTHERS = click.option("--subcontractors", default="", help="What others held for your partner.")
_KEPT = click.option("--exceptions", default="", help="What your partner keeps, and by what right.")

# What each command takes beside the agreement's id; its help and its outcome stand in the table of acts.
OPTIONS: Mapping[AgreementAct, Options] = {
    AgreementAct.APPROVE: (_CAPACITY, _MINUTES),
    AgreementAct.OBJECT: (_WHY,),
    AgreementAct.SIGN: (TITLE, AUTHORITY, VERSION, _SIGNED_ON, _PAPER, _PARTY, _SIGNER),
    AgreementAct.SUSPEND: (REASON,),
    AgreementAct.AMEND: (_FILE,),
    AgreementAct.RENEW: (_UNTIL,),
    AgreementAct.JOIN: (TITLE, AUTHORITY, VERSION),
    AgreementAct.LEAVE: (_OUT, REASON),
    AgreementAct.TERMINATE: (REASON,),
    AgreementAct.CERTIFY: (_COPIES, _METHOD, _GONE, _OTHERS, _KEPT),
}
STATES = {"review": "under review", "negotiation": "in negotiation", "approval": "waiting for approvals"}


def _add(group: click.Group, act: AgreementAct, row: ActDefinition) -> None:
    def run(settings: Settings, id: str, **given: Any) -> CommandResult:
        from throughway.agreements import actions

        said = {key: _plain(value) for key, value in given.items() if value is not None}
        if "file" in said:
            said["text"] = document_in(said.pop("file"))
        by = acting(settings)
        if act is AgreementAct.SIGN and _is_on_paper(said, by):
            standing, outcome = actions.sign_on_paper(id=id, by=by, **said), f"is signed for {said['party']}."
        else:
            standing, outcome = actions.BY_ACT[act](id=id, by=by, **said), row.outcome
        state = STATES.get(standing.state, str(standing.state).replace("_", " "))
        what = "The later text" if act in TEXT_ACTS else "It"
        now = "" if row.outcome == f"is {state}." else f" {what} is {state} now."
        return told(standing, f"{id} {outcome}{now}")

    for option in reversed(OPTIONS.get(act, ())):
        run = option(run)
    run = click.argument("id")(run)
    made = command(group, act.replace("_", "-"))(run)
    made.help = row.help


def _is_on_paper(said: dict[str, Any], by: Any) -> bool:
    """Whether a paper was signed, which is then read here."""
    if "paper" not in said:
        if "party" in said or "signer" in said:
            raise click.UsageError("--party and --signer go with --paper, the signed PDF.")
        return False
    said.setdefault("party", by.partner or "")
    said.setdefault("signer", "")
    if not said["party"]:
        raise click.UsageError("Say for which party the paper was signed (--party).")
    if "on" not in said:
        raise click.UsageError("Give the day that the paper says (--on).")
    try:
        said["paper"] = said["paper"].read_bytes()
    except OSError:
        raise Refused(f"{said['paper']} cannot be read; name the signed PDF.", code="no_file") from None
    return True


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value
