"""`query`: a governed question, answered and written in the ledger."""

from datetime import date

import click

from throughway.cli.frame import Outcome, Settings, acting, columns, command, plain, say
from throughway.refusals import Refused


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("write a day as 2026-09-01") from None


def named_actor(settings: Settings) -> None:
    """The operator of the folder reads no student data."""
    if settings.acting is None:
        raise Refused(
            "The operator of the folder reads no student data; say who asks with --as EMAIL.",
            code="not_allowed",
            citations=["34 CFR 99.31(c)"],
        )


@command(None, "query")
@click.argument("sql")
@click.option("--purpose", required=True, metavar="P", help="A purpose of an agreement, or own_records.")
@click.option("--on", callback=day, metavar="DATE", help="The day of reading; else today.")
def query(settings: Settings, sql: str, purpose: str, on: date | None) -> Outcome:
    """Ask a question in SQL over the vocabulary's tables."""
    from throughway.gate.actions import enter

    named_actor(settings)
    answer = enter(actor=acting(settings), purpose=purpose, on=on).query(sql)
    document = {
        "columns": answer.columns,
        "rows": [list(row) for row in answer.rows],
        "disclosure": answer.disclosure,
        "agreements": answer.agreements,
    }
    if not settings.as_json:
        under = (
            f"under {', '.join(answer.agreements)}" if answer.agreements else "of your partner's own records"
        )
        say(f"Disclosure {answer.disclosure}, {under}.")
    rows = [
        ["" if cell is None else str(plain(cell) if not isinstance(cell, str) else cell) for cell in row]
        for row in answer.rows
    ]
    return Outcome(document, columns(rows, list(answer.columns)) if answer.columns else "")
