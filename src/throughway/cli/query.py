"""`query`: a governed question, answered and written in the ledger."""

from datetime import date

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, say
from throughway.core.json_output import plain
from throughway.core.refusals import Refused
from throughway.partners.actor import OPERATOR, Actor


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("write a day as 2026-09-01") from None


KNOWN = "34 CFR 99.31(c)"  # records go only to somebody who is identified

NOBODY = Refused(
    "The operator of the folder cannot read student data; name the reader with --as EMAIL.",
    code="not_allowed",
    citations=[KNOWN],
)


def reader(settings: Settings, *, purpose: str, on: date | None = None, asked: str = "") -> Actor:
    """The user with --as. Refused, and the refusal recorded, when none is named or the name is unknown."""
    from throughway.gate.actions.ledger_entries import record_early_refusal

    if settings.acting is None:
        raise record_early_refusal(NOBODY, actor=OPERATOR, purpose=purpose, on=on, asked=asked)
    try:
        return acting(settings)
    except Refused as refused:
        stranger = Actor(settings.acting, None, "unknown")
        cited = Refused(refused.message, code=refused.code, citations=refused.citations or [KNOWN])
        raise record_early_refusal(cited, actor=stranger, purpose=purpose, on=on, asked=asked) from None


@command(None, "query")
@click.argument("sql")
@click.option("--purpose", required=True, metavar="P", help="A purpose of an agreement, or own_records.")
@click.option("--on", callback=day, metavar="DATE", help="The day of reading (default: today).")
def query(settings: Settings, sql: str, purpose: str, on: date | None) -> CommandResult:
    """Run an SQL query on the vocabulary's tables."""
    from throughway.gate.actions import enter
    from throughway.gate.actions.query_result import query_json

    actor = reader(settings, purpose=purpose, on=on, asked=sql)
    answer = enter(actor=actor, purpose=purpose, on=on).query(sql)
    if not settings.as_json:
        under = (
            f"under {', '.join(answer.agreements)}" if answer.agreements else "of your partner's own records"
        )
        source = f"Disclosure {answer.disclosure}" if answer.disclosure else "No student data was read"
        say(
            "\n".join(
                [
                    f"{source}, {under}.",
                    *(f"Note: {note}" for note in answer.notes),
                    *(
                        f"The family of {each.person} on {each.element}: {each.statement}"
                        for each in answer.statements
                    ),
                ]
            )
        )
    rows = [
        ["" if cell is None else str(plain(cell) if not isinstance(cell, str) else cell) for cell in row]
        for row in answer.rows
    ]
    return CommandResult(query_json(answer), columns(rows, list(answer.columns)) if answer.columns else "")
