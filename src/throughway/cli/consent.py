"""`consent`: what families decided about their children's records."""

from datetime import date
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.permissions import keeps_register_of
from throughway.core.prose import counted

consent = group("consent", "What families decided.")


@command(consent, "add")
@click.argument("file", type=click.Path(path_type=Path))
def add(settings: Settings, file: Path) -> CommandResult:
    """Add the decisions of a CSV: consents, refusals, withdrawals and directory opt-outs."""
    from throughway.consent import actions

    done = actions.add(path=file, by=acting(settings))
    said = f"Recorded: {counted(done.new, 'decision')}; {done.unchanged:,} stood there already."
    if done.unchecked:
        said += (
            f" Of {done.unchecked:,} the records here do not tell whether the signer held the right that day; the signer's word"
            " stands for it."
        )
    if done.late:
        said += (
            f" Outside of the window that the directory notice gives, the last of which closed on {done.closed}, came"
            f" {counted(done.late, 'opt-out')}: recorded, and in effect all the same."
        )
    document = {"added": done.new, "unchanged": done.unchanged, "unchecked": done.unchecked}
    return CommandResult(document | ({"late": done.late, "closed": done.closed} if done.late else {}), said)


@command(consent, "withdraw")
@click.argument("id")
def withdraw(settings: Settings, id: str) -> CommandResult:
    """Withdraw a consent, from today on."""
    from throughway.consent import actions

    done = actions.withdraw(id=id, by=acting(settings))
    return CommandResult(
        {"id": done.id, "withdraws": done.withdraws, "on": done.signed_on},
        f"{done.withdraws} is withdrawn from {done.signed_on} on; the next read no longer shows the student under it.",
    )


@command(consent, "list")
def list_consents(settings: Settings) -> CommandResult:
    """List the decisions on records whose registers one keeps, and which consents are in force today. Students stand under the
    platform's numbers."""
    from throughway.consent.selectors import consents, in_force

    keeps = keeps_register_of(settings)
    told = [each for each in consents() if keeps(each.partner)]
    holding = in_force(told, date.today())
    found = [
        {
            "id": c.id, "partner": c.partner, "record": c.record, "agreement": c.agreement, "purpose": c.purpose,
            "decision": str(c.decision), "relation": c.relation, "signed_on": c.signed_on, "method": c.method,
            "language": c.language, "notice_version": c.notice_version, "expires": c.expires,
            "right_checked": c.right_checked, "withdraws": c.withdraws or None, "in_force": c.id in holding,
        }
        for c in told
    ]  # fmt: skip
    rows = [
        [c.id, c.partner, str(c.record), c.agreement, c.purpose, str(c.decision), c.relation, str(c.signed_on),
         str(c.expires or ""), "yes" if c.id in holding else ""]
        for c in told
    ]  # fmt: skip
    heading = [
        "id",
        "partner",
        "record",
        "agreement",
        "purpose",
        "decision",
        "relation",
        "signed",
        "until",
        "in force",
    ]
    return CommandResult(
        {"consents": found},
        columns(rows, heading) if rows else "No decision is recorded yet: throughway consent add FILE",
    )
