"""`feed`: what is expected of each partner's files, where each stands, and the folder that a schedule empties."""

from datetime import date

import click

from throughway.cli.command import Cell, CommandResult, Settings, acting, columns, command, group, listed
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor

feed = group("feed", "What is expected of the partners' files, and what came.")


@command(feed, "list")
def list_feeds(settings: Settings) -> CommandResult:
    """List the feeds of which something is expected: on time, late or stopped."""
    from throughway.intake.feeds.status import in_words
    from throughway.intake.permissions import sees_all_loads
    from throughway.intake.selectors import documents_in_effect, expected_feeds

    by = acting(settings)
    whose = None if sees_all_loads(by, documents_in_effect()) else [by.partner or ""]
    found = [
        {
            "name": each.name, "partner": each.contract.partner, "state": str(each.state), "why": each.sentence,
            "accepted": each.accepted.at.isoformat() if each.accepted else None,
            "due": each.due.isoformat() if each.due else None, "expects": list(in_words(each.contract)),
            "loads": [
                {"batch": load.id, "at": load.at.isoformat(), "accepted": not load.refusal, "reason": load.accepted,
                 "differences": [finding.sentence for finding in load.findings]}
                for load in each.loads
            ],
        }
        for each in expected_feeds(whose, date.today())
    ]  # fmt: skip
    shown: dict[str, Cell] = {"feed": "name", "partner": "partner", "state": "state", "why": "why"}
    return listed(
        "feeds", found, shown, "No crosswalk says what is expected of a feed; add a section `feed` to one."
    )


@command(feed, "run")
@click.option("--settled", type=click.FloatRange(min=0), default=60.0, metavar="SECONDS",
              help="Leave files alone that changed within so many seconds (default: 60).")  # fmt: skip
def run(settings: Settings, settled: float) -> CommandResult:
    """Load what arrived in the folder feeds; a file that landed is removed, one that was refused goes to feeds/stopped."""
    from throughway.intake.feeds.actions import pick_up

    found = pick_up(by=_operator(settings), settled=settled)
    rows = [[each.file, each.feed, "" if each.message else "loaded", each.message] for each in found]
    return CommandResult(
        {"files": [vars(each) for each in found]},
        columns(rows, ["file", "feed", "", "why not"]) if rows else "No file waits.",
        wanting=any(each.message for each in found),
    )


def _operator(settings: Settings) -> Actor:
    by = acting(settings)
    if not by.is_operator:
        raise Refused(
            "The folder feeds belongs to the operator of the folder; run it without --as, on a schedule.",
            code="not_allowed",
        )
    return by


@command(feed, "notice")
@click.argument("batch")
def show_notice(settings: Settings, batch: str) -> CommandResult:
    """Print what to tell the partner about a load: what differs, and the rows to mend."""
    from throughway.intake.selectors import notice_for

    found, text = notice_for(batch, by=acting(settings))
    return CommandResult({"batch": found.id, "partner": found.partner, "notice": text}, text)
