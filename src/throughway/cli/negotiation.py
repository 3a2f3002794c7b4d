"""Negotiating an agreement on the command line: changes between texts, proposals and answers."""

from typing import TYPE_CHECKING, Any

import click

from throughway.cli.agreement_acts import agreement
from throughway.cli.command import CommandResult, Settings, act_command, acting, command, facts, listed
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor

if TYPE_CHECKING:
    from throughway.agreements.status import AgreementStatus

ID = click.argument("id")
WHY = click.option("--why", default="", help="The reason; every party reads it. Name no student.")


def negotiated(by: Actor, id: str) -> "AgreementStatus":
    """The text that is, or was last, in preparation, for its parties and the backbone; unknown to everyone else."""
    from throughway.agreements.agreement_list import may_see
    from throughway.agreements.selectors import lifecycle_of, unknown_agreement
    from throughway.partners.selectors import partners

    life, register = lifecycle_of(id), partners()
    texts = (life.prepared, life.current)
    if not by.is_operator and not any(may_see(by, text.document, register) for text in texts):
        raise unknown_agreement(id)
    return life.prepared


@command(
    agreement, "changes", ID,
    click.option("--from", "old", type=int, default=None, help="The number of the earlier text (default: the one before the later text)."),
    click.option("--to", "new", type=int, default=None, help="The number of the later text (default: the newest)."),
)  # fmt: skip
def changes(settings: Settings, id: str, old: int | None, new: int | None) -> CommandResult:
    """Show the changes between two texts: first who would see more or less, then each change in words."""
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
    impact = consequences(texts[since].document, texts[to].document, names, wider(found, date.today()))
    document = {
        "id": id,
        "from": since,
        "to": to,
        "shown": [{"kind": one.kind, "words": one.words} for one in impact.opened],
        "changes": [one.change.to_json() for one in impact.changed],
    }
    lines = [
        f"From text {since} to text {to} of {id}.",
        "",
        "Who would see what:",
        *([f"  {one.words}" for one in impact.opened] or ["  Nobody sees more or less than before."]),
        "",
        "What changed:",
        *([f"  {one.change.words}\n      {one.change.path}" for one in impact.changed] or ["  Nothing."]),
    ]
    return CommandResult(document, "\n".join(lines))


@command(agreement, "proposals", ID)
def proposals(settings: Settings, id: str) -> CommandResult:
    """List the proposals that wait for an answer."""
    from throughway.agreements.diff import reworded_change
    from throughway.agreements.document import document_values
    from throughway.negotiation.selectors import open_proposals
    from throughway.partners.selectors import partner_names

    found = negotiated(acting(settings), id)
    names = partner_names()
    values = document_values(found.signed_text)
    entries = [
        _facts(one)
        | {
            "words": reworded_change(one.change, values, names).words,
            "waits_for": list(one.waits_for(found.document.partners)),
        }
        for one in open_proposals(id)
    ]
    shown = {"number": "number", "by": "by", "waits for": "waits_for", "what": "words"}
    return listed("proposals", entries, shown, f"No proposal on {id} is open.")


@command(
    agreement, "propose", ID,
    click.argument("path"),
    click.option("--value", default=None, help="The new value, as in the document: a word, a list or an entry."),
    click.option("--remove", is_flag=True, help="Remove the field or the entry."),
    WHY,
)  # fmt: skip
def propose_change(
    settings: Settings, id: str, path: str, value: str | None, remove: bool, why: str
) -> CommandResult:
    """Propose one change to one element: a new value, an added entry, or (with --remove) a removed one."""
    from throughway.agreements.selectors import prepared_status
    from throughway.core.yaml_text import UnreadableText, values_of
    from throughway.negotiation.actions import propose

    if (value is None) == (not remove):
        raise Refused("Give --value for what it should say, or --remove to take it out.", code="no_value")
    try:
        new = values_of(value, merge_keys=False) if value is not None else None
    except UnreadableText as error:
        raise Refused(str(error), code="unreadable") from None
    by = acting(settings)
    made = propose(id=id, version=prepared_status(id).version, path=path, value=new, why=why, by=by)
    return CommandResult(_facts(made), f"Proposal {made.number} on {id} is {made.status}.")


def _facts(proposal: Any) -> dict[str, Any]:
    named = facts(proposal, "number", "path", "kind", "before", "after", "why", id="agreement", by="partner")
    return named | {"status": str(proposal.status), "accepted_by": list(proposal.accepted_by)}


for name, help, options in (
    ("accept", "Accept a proposal for your partner. A proposal that every other party accepts becomes a new text.", ()),
    ("refuse", "Refuse a proposal for your partner, with a reason. This ends the proposal.", (WHY,)),
    ("withdraw", "Withdraw your own partner's proposal.", (WHY,)),
):  # fmt: skip
    act_command(
        agreement, name, help, click.argument("proposal", type=int, metavar="NUMBER"), *options,
        action=f"negotiation.actions:{name}", document=_facts, done="Proposal {made.number} is {made.status}.",
    )  # fmt: skip
