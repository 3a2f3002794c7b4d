"""Negotiating an agreement on the command line: what changed between texts, proposals and answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor

if TYPE_CHECKING:
    from throughway.agreements.status import AgreementStatus

Options = tuple[Callable[[Any], Any], ...]
ID = click.argument("id")
NUMBER = click.argument("number", type=int)
WHY = click.option("--why", default="", help="The reason; every party reads it. Name no student.")


def add_negotiating(agreement: click.Group) -> None:
    """Puts the commands on the group."""
    for name, run, options in COMMANDS:
        decorated: Callable[..., CommandResult] = run
        for option in reversed(options):
            decorated = option(decorated)
        command(agreement, name)(decorated)


def negotiated(by: Actor, id: str) -> "AgreementStatus":
    """The text that is, or was last, on its way to effect, for its parties and the backbone; unknown to everybody else."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.selectors import lifecycle_of, unknown_agreement
    from throughway.partners.selectors import partners

    life, register = lifecycle_of(id), partners()
    texts = (life.prepared, life.current)
    if not by.is_operator and not any(may_see(by, text.document, register) for text in texts):
        raise unknown_agreement(id)
    return life.prepared


def _changes(settings: Settings, id: str, old: int | None, new: int | None) -> CommandResult:
    """Tell what changed between two texts: who would see more or less, then each change in words."""
    from datetime import date

    from throughway.agreements.selectors import kept_texts, wider
    from throughway.negotiation.change_impact import consequences
    from throughway.partners.selectors import partner_names

    found = negotiated(acting(settings), id)
    texts = {text.number: text for text in kept_texts(id)}
    to = new or max(texts)
    since = old or max(to - 1, 1)
    for number in (since, to):
        if number not in texts:
            raise Refused(f"{id} has no text {number}; it has 1 to {max(texts)}.", code="unknown_text")
    names = partner_names()
    told = consequences(texts[since].document, texts[to].document, names, wider(found, date.today()))
    document = {
        "id": id,
        "from": since,
        "to": to,
        "shown": [{"kind": one.kind, "words": one.words} for one in told.opened],
        "changes": [one.change.to_json() for one in told.changed],
    }
    lines = [
        f"From text {since} to text {to} of {id}.",
        "",
        "Who would see what:",
        *([f"  {one.words}" for one in told.opened] or ["  Nobody sees more or less than before."]),
        "",
        "What changed:",
        *([f"  {one.change.words}\n      {one.change.path}" for one in told.changed] or ["  Nothing."]),
    ]
    return CommandResult(document, "\n".join(lines))


def _proposals(settings: Settings, id: str) -> CommandResult:
    """List the proposals that wait for an answer."""
    from throughway.agreements.diff import reworded_change as told
    from throughway.agreements.document import document_values
    from throughway.negotiation.selectors import open_proposals
    from throughway.partners.selectors import partner_names

    found = negotiated(acting(settings), id)
    names = partner_names()
    values = document_values(found.signed_text)
    rows: list[list[str]] = []
    document = []
    for one in open_proposals(id):
        words = told(one.change, values, names).words
        waits = one.waits_for(found.document.partners)
        rows.append([str(one.number), one.partner, ", ".join(waits), words])
        document.append(_facts(one) | {"words": words, "waits_for": list(waits)})
    heading = ["number", "by", "waits for", "what"]
    return CommandResult(
        {"proposals": document}, columns(rows, heading) if rows else f"No proposal on {id} is open."
    )


def _propose(
    settings: Settings, id: str, path: str, value: str | None, remove: bool, why: str
) -> CommandResult:
    """Propose one change of one element: another value, an entry more, or (--remove) one less."""
    from throughway.agreements.selectors import prepared_status
    from throughway.core.yaml_text import UnreadableText, values_of
    from throughway.negotiation.actions import propose

    if (value is None) == (not remove):
        raise Refused("Give --value for what it should say, or --remove to take it out.", code="no_value")
    try:
        said = values_of(value) if value is not None else None
    except UnreadableText as error:
        raise Refused(str(error), code="unreadable") from None
    by = acting(settings)
    made = propose(id=id, version=prepared_status(id).version, path=path, value=said, why=why, by=by)
    return CommandResult(_facts(made), f"Proposal {made.number} on {id} is {made.status}.")


def _accept(settings: Settings, number: int) -> CommandResult:
    """Accept a proposal for your own partner; what every other party accepts stands in a new text."""
    from throughway.negotiation.actions import accept

    return _told(accept(proposal=number, by=acting(settings)))


def _refuse(settings: Settings, number: int, why: str) -> CommandResult:
    """Refuse a proposal for your own partner, with the reason, and so end it."""
    from throughway.negotiation.actions import refuse

    return _told(refuse(proposal=number, why=why, by=acting(settings)))


def _withdraw(settings: Settings, number: int, why: str) -> CommandResult:
    """Withdraw what your own partner proposed."""
    from throughway.negotiation.actions import withdraw

    return _told(withdraw(proposal=number, why=why, by=acting(settings)))


def _told(proposal: Any) -> CommandResult:
    return CommandResult(_facts(proposal), f"Proposal {proposal.number} is {proposal.status}.")


def _facts(proposal: Any) -> dict[str, Any]:
    return {
        "number": proposal.number,
        "id": proposal.agreement,
        "path": proposal.path,
        "kind": proposal.kind,
        "before": proposal.before,
        "after": proposal.after,
        "why": proposal.why,
        "by": proposal.partner,
        "status": str(proposal.status),
        "accepted_by": list(proposal.accepted_by),
    }


COMMANDS: tuple[tuple[str, Callable[..., CommandResult], Options], ...] = (
    ("changes", _changes, (
        ID,
        click.option("--from", "old", type=int, default=None, help="The number of the earlier text; else the one before."),
        click.option("--to", "new", type=int, default=None, help="The number of the later text; else the newest."),
    )),
    ("proposals", _proposals, (ID,)),
    ("propose", _propose, (
        ID,
        click.argument("path"),
        click.option("--value", default=None, help="What it should say, as in the document: a word, a list, an entry."),
        click.option("--remove", is_flag=True, help="Take the field or the entry out."),
        WHY,
    )),
    ("accept", _accept, (NUMBER,)),
    ("refuse", _refuse, (NUMBER, WHY)),
    ("withdraw", _withdraw, (NUMBER, WHY)),
)  # fmt: skip
