"""`right`: what families ask of those who keep records: to inspect, to amend."""

from datetime import date
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.rights_orders import (
    incident,
    limits,
    listed,
    notice,
    on,
    own_partner,
    told_as_json,
    window,
)

right = group("right", "What families ask: to inspect, to amend; limits, windows, notices and incidents.")
inspect = group("inspect", "Requests to inspect a record.")
amend = group("amend", "Requests to amend a record.")
hear = group("hear", "The hearing of a request to amend.")
for each in (inspect, amend, limits, window, notice, incident):
    right.add_command(each)
amend.add_command(hear)


def asks(function: Any) -> Any:
    """Who asks, about whom."""
    for option in (
        click.option("--student", required=True, metavar="KEY", help="Your own number of the student."),
        click.option("--who", required=True, metavar="NAME", help="Who asks; the name is kept sealed."),
        click.option(
            "--relation",
            required=True,
            metavar="R",
            help="parent, guardian, acting_parent, surrogate, student.",
        ),
        click.option("--identified", required=True, metavar="TEXT", help="How it was made sure who asks."),
        on("--received", "The day on which it was received.", required=True),
    ):
        function = option(function)
    return function


@command(inspect, "add")
@asks
@click.option("--asked", default="", metavar="TEXT", help="What they want to see; else the whole record.")
@on("--meeting", "A meeting about special education, before which the answer must come.")
def ask_to_inspect(settings: Settings, **said: Any) -> CommandResult:
    """Record a request to inspect a student's record."""
    from throughway.families import actions

    made = actions.ask_to_inspect(**said, by=acting(settings))
    return CommandResult(
        told_as_json(made),
        f"Request {made.code} is recorded; it is to be answered by {made.due}. Destruction waits until then.",
    )


@command(inspect, "gather")
@click.argument("code")
def gather(settings: Settings, code: str) -> CommandResult:
    """Count what is held of the student; the ledger keeps that you looked."""
    from throughway.families import actions

    made = actions.gather(code=code, by=acting(settings))
    document = {"tables": made.counts, "left_out": made.left_out, "disclosure": made.disclosure}
    cells = [[name, str(count)] for name, count in made.counts.items()]
    return CommandResult(
        document, columns(cells, ["table", "rows"]) if cells else "Nothing is held of this student."
    )


@command(inspect, "answer")
@click.argument("code")
@click.option("--how", required=True, metavar="HOW", help="inspection, copy, arrangement or withdrawn.")
@on("--on", "The day on which they were shown it.", required=True)
@click.option("--copy-fee", default="", metavar="DOLLARS", help="For copies alone.")
@click.option("--note", default="", metavar="TEXT", help="Anything to remember; no student's name.")
def answer(settings: Settings, code: str, **said: Any) -> CommandResult:
    """Say how a request to inspect ended."""
    from throughway.families import actions

    made = actions.answer(code=code, **said, by=acting(settings))
    return CommandResult(told_as_json(made), f"Request {made.code} ended on {made.answered}.")


@command(inspect, "list")
def list_inspections(settings: Settings) -> CommandResult:
    """List the requests to inspect records of your partner, with their clocks."""
    from throughway.families import selectors

    today = date.today()
    found = selectors.inspections(own_partner(settings))
    cells = [[i.code, str(i.received), str(i.due), i.state, "late" if i.late(today) else ""] for i in found]
    return listed("requests", [{**told_as_json(i), "state": i.state} for i in found], cells,
                 ["request", "received", "due", "state", ""], "Nobody has asked yet.")  # fmt: skip


@command(amend, "add")
@asks
@click.option(
    "--element", required=True, metavar="TABLE.COLUMN", help="What is contested; table.* for all of it."
)
@click.option("--which", required=True, metavar="TEXT", help="Which record of it.")
@click.option("--why", required=True, metavar="TEXT", help="Why it is contested.")
def ask_to_amend(settings: Settings, **said: Any) -> CommandResult:
    """Record a request to amend a student's record."""
    from throughway.families import actions

    made = actions.ask_to_amend(**said, by=acting(settings))
    return CommandResult(told_as_json(made), f"Request {made.code} is recorded; decide it by {made.due}.")


@command(amend, "decide")
@click.argument("code")
@click.option(
    "--amend/--refuse", "grants", required=True, default=None, help="Amend it, or leave it as it is."
)
@on("--on", "The day of the decision.", required=True)
@click.option("--reason", default="", metavar="TEXT", help="Why it is refused; the family is told so.")
@click.option("--summary", default="", metavar="TEXT", help="After a hearing: the evidence.")
@click.option("--reasons", default="", metavar="TEXT", help="After a hearing: the reasons.")
def decide(
    settings: Settings, code: str, grants: bool, on: date, reason: str, summary: str, reasons: str
) -> CommandResult:
    """Decide a request to amend, before a hearing or after it."""
    from throughway.families import actions
    from throughway.families.actions.amendments import one

    by = acting(settings)
    if grants:
        made = actions.grant(code=code, on=on, summary=summary, reasons=reasons, by=by)
    elif one(code, by).state == "heard":
        made = actions.lose(code=code, on=on, summary=summary, reasons=reasons, by=by)
    else:
        made = actions.refuse(code=code, on=on, reason=reason, by=by)
    return CommandResult(told_as_json(made), f"Request {made.code}: {made.state.replace('_', ' ')}.")


@command(hear, "ask")
@click.argument("code")
@on("--on", "The day on which the family asked.", required=True)
def hear_ask(settings: Settings, code: str, on: date) -> CommandResult:
    """Record that the family asks for a hearing."""
    from throughway.families import actions

    made = actions.ask_hearing(code=code, on=on, by=acting(settings))
    return CommandResult(told_as_json(made), f"Set the hearing of {made.code} by {made.due}.")


@command(hear, "set")
@click.argument("code")
@on("--date", "The day of the hearing.", required=True)
@click.option("--time", required=True, metavar="HH:MM")
@click.option("--place", required=True, metavar="TEXT")
@click.option(
    "--officer", required=True, metavar="OFFICE", help="Who conducts it; without a direct interest."
)
@on("--notice", "The day on which the family was told.", required=True)
def hear_set(settings: Settings, code: str, date: date, **said: Any) -> CommandResult:
    """Set the hearing, and when the family was told of it."""
    from throughway.families import actions

    made = actions.set_hearing(code=code, date_=date, **said, by=acting(settings))
    return CommandResult(told_as_json(made), f"The hearing of {made.code}: {made.hearing}.")


@command(hear, "held")
@click.argument("code")
@on("--on", "The day on which it was held.", required=True)
def hear_held(settings: Settings, code: str, on: date) -> CommandResult:
    """Record that the hearing was held."""
    from throughway.families import actions

    made = actions.hold_hearing(code=code, on=on, by=acting(settings))
    return CommandResult(told_as_json(made), f"Write the decision on {made.code} by {made.due}.")


@command(amend, "state")
@click.argument("code")
@on("--on", "The day on which the family gave it.", required=True)
@click.option("--statement", required=True, metavar="TEXT", help="In the family's own words.")
def place_statement(settings: Settings, code: str, on: date, statement: str) -> CommandResult:
    """Place the family's statement, which then goes along with the contested part."""
    from throughway.families import actions

    made = actions.state(code=code, on=on, statement=statement, by=acting(settings))
    return CommandResult(
        told_as_json(made), f"From now on the statement goes along wherever {made.element} is shown."
    )


@command(amend, "correct")
@click.argument("code")
@on("--on", "The day on which the record was corrected.", required=True)
def correct(settings: Settings, code: str, on: date) -> CommandResult:
    """Record that the record is corrected; whoever received it is told to correct it too."""
    from throughway.families import actions

    made = actions.correct(code=code, on=on, by=acting(settings))
    who = ", ".join(r.partner for r in made.recipients) or "nobody else"
    return CommandResult(told_as_json(made), f"Corrected. By the ledger it was received by: {who}.")


@command(amend, "confirm")
@click.argument("code")
@on("--on", "The day on which your partner corrected what it holds.", required=True)
def confirm(settings: Settings, code: str, on: date) -> CommandResult:
    """Say that your partner corrected what it received."""
    from throughway.families import actions

    by = acting(settings)
    made = actions.confirm(code=code, on=on, by=by)
    mine = next(r for r in made.recipients if r.partner == by.partner)
    return CommandResult(
        {"code": made.code, "confirmed": mine.confirmed}, f"{made.code}: corrected on {mine.confirmed}."
    )


@command(amend, "list")
def list_amendments(settings: Settings) -> CommandResult:
    """List the requests to amend records of your partner, and corrections that others ask of it."""
    from throughway.families import selectors

    own = own_partner(settings)
    found, asked = selectors.amendments(own), selectors.corrections(own)
    cells = [[a.code, str(a.received), a.element, a.state, str(a.due or "")] for a in found]
    for a in asked:
        mine = next(r for r in a.recipients if r.partner == own)
        cells.append(
            [
                a.code,
                str(a.corrected),
                a.element,
                "corrected" if mine.confirmed else "correct it",
                str(mine.due),
            ]
        )
    document = {
        "requests": [told_as_json(a) for a in found],
        "corrections": [
            {"code": a.code, "partner": a.partner, "element": a.element, "due": r.due, "confirmed": r.confirmed}
            for a in asked for r in a.recipients if r.partner == own
        ],
    }  # fmt: skip
    return CommandResult(
        document,
        columns(cells, ["request", "since", "element", "state", "due"]) if cells else "Nobody has asked yet.",
    )
