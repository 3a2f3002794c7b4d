"""`governance`: bodies that decide, data requests, and the log of decisions."""

from enum import StrEnum

import click

from throughway.cli.command import (
    CommandResult,
    Settings,
    SuggestingChoice,
    act_command,
    acting,
    columns,
    command,
    group,
    listed,
)
from throughway.governance.bodies import BodyKind, MotionKind, VotingRule
from throughway.governance.data_request import ENDED

governance = group("governance", "Governing bodies, data requests and decisions.")
body = group("body", "The governing bodies.")
request = group("request", "The data requests.")
decision = group("decision", "The decisions.")
for each in (body, request, decision):
    governance.add_command(each)


def _one_of(words: type[StrEnum]) -> SuggestingChoice:
    return SuggestingChoice([word.value for word in words])


act_command(
    body, "add", "Create a body. Its seats are assigned on the site by the backbone's staff or, for a board, by its partner's staff.",
    click.argument("id"),
    click.option("--name", required=True, help="The body's name."),
    click.option("--kind", required=True, type=_one_of(BodyKind), help="The kind of body."),
    click.option("--rule", required=True, type=_one_of(VotingRule), help="The voting rule."),
    click.option("--quorum", required=True, type=int, metavar="SEATS", help="How many seats must take part."),
    click.option("--decides", multiple=True, type=_one_of(MotionKind), help="What it decides; may be repeated (default: everything)."),
    click.option("--partner", metavar="ID", help="For a board: its partner."),
    click.option("--charter", default="", help="Its purpose, in a sentence or more."),
    action="governance.actions.bodies:found_body", done="{made.name} is founded as {made.id}. {made.rule_words}.",
    document=lambda made: made.to_json(),
)  # fmt: skip


@command(body, "list")
def list_bodies(settings: Settings) -> CommandResult:
    """List the bodies that you may see, with the number of seats held today."""
    from throughway.governance.views.context import GovernanceContext

    reader = GovernanceContext(acting(settings))
    found = [
        made.to_json() | {"seats": sum(s.body == made.id for s in reader.seats)}
        for made in reader.bodies.values()
        if reader.visible.body(made)
    ]
    shown = {key: key for key in ("id", "kind", "rule", "quorum", "seats")}
    empty = "No body yet: throughway governance body add ID --name N --kind K --rule R --quorum SEATS"
    return listed("bodies", found, shown, empty)


@command(request, "list")
@click.option("--open", "only_open", is_flag=True, help="Only those that have not ended.")
def list_requests(settings: Settings, only_open: bool) -> CommandResult:
    """List the data requests that you may see, newest first."""
    from throughway.governance.views.context import GovernanceContext

    found = [
        each.to_json()
        for each in GovernanceContext(acting(settings)).requests()
        if not (only_open and each.state in ENDED)
    ]
    shown = {"no.": "number", "state": "state", "due": "due", "asked by": "partner", "title": "title"}
    return listed("requests", found, shown, "There are no data requests.")


@command(decision, "list")
def list_decisions(settings: Settings) -> CommandResult:
    """List the decisions that you may see, newest first."""
    from throughway.governance.views.context import GovernanceContext

    found = GovernanceContext(acting(settings)).decisions()
    rows = [[str(d.number), d.day.isoformat(), str(d.result), d.body_name, d.title] for d in found]
    return CommandResult(
        {"decisions": [d.to_json() for d in found]},
        columns(rows, ["no.", "day", "result", "by", "title"]) if rows else "Nothing has been decided yet.",
    )
