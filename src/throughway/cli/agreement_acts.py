"""The group `agreement`, and a command for each act on an agreement: its help and its outcome are in the table of acts."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from throughway.agreements.acts import ACTS, ActDefinition
from throughway.agreements.states import TEXT_ACTS, AgreementAct
from throughway.cli.command import CommandResult, Option, Settings, SuggestingChoice, acting, command, group
from throughway.core.refusals import Refused

agreement = group("agreement", "The agreements of the community: review, sign, activate, end.")

DAY = click.DateTime(["%Y-%m-%d"])
CAPACITIES = ("steward", "privacy_officer", "counsel", "board")
TITLE = click.option(
    "--title",
    default="",
    help="The office that signs (default: as registered; else the one in a text that your own partner wrote).",
)
AUTHORITY = click.option(
    "--authority",
    default="",
    help="What authorizes the office to bind your partner (default: likewise).",
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
        values_of(text, merge_keys=False)
    except UnreadableText as error:
        raise Refused(f"{file.name}: {error}", code="unreadable") from None
    return text


def status_result(status: Any, sentence: str) -> CommandResult:
    """The agreement's status after an act, and a sentence about it."""
    from throughway.agreements.json_output import status_json

    return CommandResult(status_json(status), sentence)


_UNTIL = click.option(
    "--until", type=DAY, help="The new last day (default: the agreement runs as long again as now)."
)
_SIGNED_ON = click.option(
    "--on", type=DAY, help="The day on which it was signed. A day before the text was added needs --paper."
)
_PAPER = click.option(
    "--paper", type=click.Path(path_type=Path), help="The PDF of the paper that was signed by hand."
)
_PARTY = click.option(
    "--party", metavar="PARTNER", help="With --paper: the party that signed (default: your own partner)."
)
_SIGNER = click.option(
    "--signer",
    metavar="NAME",
    help="The name of the person who signs, or who signed the paper (default: as registered).",
)
_OUT = click.option("--on", type=DAY, help="The first day on which your partner is no longer a party.")
_GONE = click.option("--on", type=DAY, help="The day on which the last copy was destroyed; default: today.")
_FILE = click.argument("file", type=click.Path(path_type=Path))
_CAPACITY = click.option(
    "--capacity", type=SuggestingChoice(CAPACITIES), required=True, help="In which capacity."
)
_MINUTES = click.option("--minutes", default="", help="The minutes in which your board approved it.")
_WHY = click.option("--reason", required=True, help="Why; every party reads it.")
_COPIES = click.option("--copies", required=True, help="What your partner held, including derived data.")
_METHOD = click.option("--method", required=True, help="How it was destroyed or returned.")
_OTHERS = click.option("--subcontractors", default="", help="What subcontractors held for your partner.")
_KEPT = click.option("--exceptions", default="", help="What your partner keeps, and on what legal basis.")

# Each command's arguments, besides the agreement's id.
OPTIONS: Mapping[AgreementAct, tuple[Option, ...]] = {
    AgreementAct.APPROVE: (_CAPACITY, _MINUTES),
    AgreementAct.OBJECT: (_WHY,),
    AgreementAct.SIGN: (TITLE, AUTHORITY, VERSION, _SIGNED_ON, _PAPER, _PARTY, _SIGNER),
    AgreementAct.SUSPEND: (REASON,),
    AgreementAct.AMEND: (_FILE,),
    AgreementAct.RENEW: (_UNTIL,),
    AgreementAct.JOIN: (TITLE, AUTHORITY, _SIGNER, VERSION),
    AgreementAct.LEAVE: (_OUT, REASON),
    AgreementAct.TERMINATE: (REASON,),
    AgreementAct.CERTIFY: (_COPIES, _METHOD, _GONE, _OTHERS, _KEPT),
}
STATES = {"review": "under review", "negotiation": "in negotiation", "approval": "waiting for approvals"}


def _add(act: AgreementAct, row: ActDefinition) -> None:
    @command(agreement, act.replace("_", "-"), click.argument("id"), *OPTIONS.get(act, ()), help=row.help)
    def run(settings: Settings, id: str, **options: Any) -> CommandResult:
        from throughway.agreements import actions

        given = {key: _plain(value) for key, value in options.items() if value is not None}
        if "file" in given:
            given["text"] = document_in(given.pop("file"))
        by = acting(settings)
        if act is AgreementAct.SIGN and _is_on_paper(given, by):
            status, outcome = actions.sign_on_paper(id=id, by=by, **given), f"is signed for {given['party']}."
        else:
            status, outcome = actions.BY_ACT[act](id=id, by=by, **given), row.outcome
        state = STATES.get(status.state, str(status.state).replace("_", " "))
        what = "The later text" if act in TEXT_ACTS else "It"
        now = "" if row.outcome == f"is {state}." else f" {what} is {state} now."
        return status_result(status, f"{id} {outcome}{now}")


for each in AgreementAct:
    if each in ACTS and ACTS[each].help:
        _add(each, ACTS[each])


def _is_on_paper(given: dict[str, Any], by: Any) -> bool:
    """Whether a paper was signed; reads it."""
    if "paper" not in given:
        if "party" in given:
            raise click.UsageError("--party goes with --paper, the signed PDF.")
        return False
    given.setdefault("party", by.partner or "")
    given.setdefault("signer", "")
    if not given["party"]:
        raise click.UsageError("Say for which party the paper was signed (--party).")
    if "on" not in given:
        raise click.UsageError("Give the day on which the paper was signed (--on).")
    try:
        given["paper"] = given["paper"].read_bytes()
    except OSError:
        raise Refused(f"{given['paper']} cannot be read; name the signed PDF.", code="no_file") from None
    return True


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value
