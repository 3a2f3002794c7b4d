"""The acts of an agreement's life on the command line."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

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
    for name, done, help, options in VERBS:
        _add(group, name, done, help, options)


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

VERBS: tuple[tuple[str, str, str, Options], ...] = (
    ("submit", "is submitted to review.", "Take the long way: review, negotiation, approvals (the author's partner).", ()),
    ("offer", "is offered to its parties.", "Open a reviewed text to the other parties' proposals (the author's partner).", ()),
    ("agree", "is settled.", "Settle the text; those who must approve it are asked (the author's partner).", ()),
    ("approve", "is approved by your partner.", "Approve a settled text in one capacity for your own partner.", (_CAPACITY, _MINUTES)),
    ("object", "is objected to by your partner.", "Take a settled text back to negotiation, with a reason.", (_WHY,)),
    ("sign", "is signed for your partner.", "Sign for your own partner (leader or privacy officer), or enter a paper that was signed by hand.",
     (TITLE, AUTHORITY, VERSION, _SIGNED_ON, _PAPER, _PARTY, _SIGNER)),
    ("activate", "is activated.", "Put a signed agreement, or its amendment, into effect (data steward or privacy officer of a "
     "party).", ()),
    ("suspend", "is suspended.", "Suspend alone, as a discloser.", (REASON,)),
    ("resume", "is resumed by your partner.", "Lift your own suspension.", ()),
    ("amend", "has a later text beside it.", "Add a later text beside the one in effect.", (_FILE,)),
    ("renew", "has a renewal beside it.", "Add a later text that changes only the last day.", (_UNTIL,)),
    ("join", "is joined by your partner.", "Join an open agreement by signing its text (leader or privacy officer).",
     (TITLE, AUTHORITY, VERSION)),
    ("leave", "is left by your partner, with notice.", "Give notice that your partner leaves.", (_OUT, REASON)),
    ("terminate", "is terminated.", "End an agreement (data steward or privacy officer of a party).", (REASON,)),
    ("wind-down", "is winding down.", "Begin to wind down what has ended (data steward or privacy officer of a party).", ()),
    ("certify", "is certified by your partner.", "Certify what became of the records that your partner received.",
     (_COPIES, _METHOD, _GONE, _OTHERS, _KEPT)),
    ("close", "is closed.", "Close an agreement of which nothing is left (data steward or privacy officer of a party).", ()),
)  # fmt: skip
STATES = {"review": "under review", "negotiation": "in negotiation", "approval": "waiting for approvals"}
ACTIONS = {"object": "object_to", "wind-down": "wind_down"}


def _add(group: click.Group, name: str, done: str, help: str, options: Options) -> None:
    def run(settings: Settings, id: str, **given: Any) -> CommandResult:
        from throughway.agreements import actions

        said = {key: _plain(value) for key, value in given.items() if value is not None}
        if "file" in said:
            said["text"] = document_in(said.pop("file"))
        by = acting(settings)
        act = _on_paper(said, by) if name == "sign" else ACTIONS.get(name, name)
        standing = getattr(actions, act)(id=id, by=by, **said)
        done_for = f"is signed for {said['party']}." if act == "sign_on_paper" else done
        state = STATES.get(standing.state, str(standing.state).replace("_", " "))
        who = "The later text" if name in ("amend", "renew") else "It"
        return told(
            standing, f"{id} {done_for}" + ("" if done == f"is {state}." else f" {who} is {state} now.")
        )

    for option in reversed(options):
        run = option(run)
    run = click.argument("id")(run)
    made = command(group, name)(run)
    made.help = help


def _on_paper(said: dict[str, Any], by: Any) -> str:
    """Which act signs: with a paper, which is read here, the one that keeps it."""
    if "paper" not in said:
        if "party" in said or "signer" in said:
            raise click.UsageError("--party and --signer go with --paper, the signed PDF.")
        return "sign"
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
    return "sign_on_paper"


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value
