"""Below `right`: limits that an order sets on an adult, windows of directory opt-outs, incidents."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, group
from throughway.cli.query import day
from throughway.core.prose import counted
from throughway.core.refusals import Refused

limits = group("limit", "Limits that an order sets on an adult.")
window = group("window", "In which days families opt out of the directory.")
notice = group("notice", "What families are told before they decide, and in which languages.")
incident = group("incident", "Records that got to where they should not be.")


def on(name: str, help: str, *, required: bool = False) -> Callable[[Any], Any]:
    return click.option(name, callback=day, metavar="DATE", required=required, help=help)


def told_as_json(made: Any) -> dict[str, Any]:
    """A request as JSON, without what the person wrote being lost or the holder's number."""
    return {k: v for k, v in asdict(made).items() if k != "holder"}


def own_partner(settings: Settings) -> str:
    from throughway.families.actions.requesters import check_may

    return check_may(acting(settings))


def listed(
    name: str, found: list[dict[str, Any]], cells: list[list[str]], heading: list[str], empty: str
) -> CommandResult:
    document: Mapping[str, Any] = {name: found}
    return CommandResult(document, columns(cells, heading) if cells else empty)


@command(limits, "add")
@click.option("--student", required=True, metavar="KEY", help="Your own number of the student.")
@click.option("--who", required=True, metavar="NAME", help="The adult; the name is kept sealed.")
@click.option("--takes", "kind", required=True, metavar="rights|contact", help="What the order takes.")
@click.option(
    "--reference", required=True, metavar="TEXT", help="The order or document, as its court numbered it."
)
@on("--since", "The day from which it holds.", required=True)
def add_limit(settings: Settings, **said: Any) -> CommandResult:
    """Record what an order takes from an adult."""
    from throughway.families import actions

    made = actions.limit(**said, by=acting(settings))
    return CommandResult(told_as_json(made), f"Limit {made.code} holds since {made.since}.")


@command(limits, "lift")
@click.argument("code")
@click.option("--why", required=True, metavar="TEXT", help="What lifts it.")
@on("--on", "The day from which it no longer holds.", required=True)
def lift_limit(settings: Settings, code: str, why: str, on: date) -> CommandResult:
    """Lift a limit."""
    from throughway.families import actions

    made = actions.lift(code=code, why=why, on=on, by=acting(settings))
    return CommandResult(told_as_json(made), f"Limit {made.code} is lifted from {made.lifted} on.")


@command(limits, "list")
def list_limits(settings: Settings) -> CommandResult:
    """List the limits that concern your partner's students."""
    from throughway.families import selectors

    found = selectors.limits(own_partner(settings))
    cells = [[x.code, x.kind, x.reference, str(x.since), str(x.lifted or "")] for x in found]
    return listed("limits", [told_as_json(x) for x in found], cells, ["limit", "takes", "reference", "since", "lifted"],
                 "No limit is recorded.")  # fmt: skip


@command(window, "add")
@click.option("--school-year", required=True, metavar="Y", help="Such as 2026-27.")
@click.option("--notice", required=True, metavar="VERSION", help="The directory notice that tells of it.")
@on("--opens", "Its first day.", required=True)
@on("--closes", "Its last day.", required=True)
def add_window(settings: Settings, school_year: str, **said: Any) -> CommandResult:
    """Say in which days families opt out of the directory."""
    from throughway.families import actions

    made = actions.open_window(year=_ending(school_year), **said, by=acting(settings))
    return CommandResult(
        asdict(made), f"Families opt out from {made.opens} to {made.closes}, by notice {made.notice}."
    )


@command(window, "close")
@click.option("--school-year", required=True, metavar="Y", help="Such as 2026-27.")
@on("--on", "Its new last day; without it today.")
def close_window(settings: Settings, school_year: str, on: date | None) -> CommandResult:
    """End a window before the day that its notice told."""
    from throughway.families import actions

    made = actions.close_window(year=_ending(school_year), on=on or date.today(), by=acting(settings))
    return CommandResult(asdict(made), f"The window closed on {made.closes}.")


def _ending(school_year: str) -> int:
    """The ending year of 2026-27."""
    first, _, last = school_year.partition("-")
    if not (first.isdigit() and len(first) == 4 and last == f"{(int(first) + 1) % 100:02d}"):
        raise Refused("Write the school year as 2026-27.", code="usage")
    return int(first) + 1


@command(window, "list")
def list_windows(settings: Settings) -> CommandResult:
    """List the windows of your partner."""
    from throughway.families import selectors

    found = selectors.windows(own_partner(settings))
    cells = [[str(w.year), w.notice, str(w.opens), str(w.closes)] for w in found]
    return listed(
        "windows",
        [asdict(w) for w in found],
        cells,
        ["year", "notice", "opens", "closes"],
        "No window is recorded.",
    )


@command(notice, "add")
@click.option("--agreement", required=True, metavar="ID", help="Under which families decide.")
@click.option("--version", required=True, metavar="VERSION", help="As consents name it.")
@click.option(
    "--language",
    "languages",
    required=True,
    multiple=True,
    metavar="LANGUAGE",
    help="Such as es; again and again.",
)
def add_notice(settings: Settings, **said: Any) -> CommandResult:
    """Say in which languages families can read a version of your notice."""
    from throughway.families import actions

    made = actions.record_notice(**said, by=acting(settings))
    return CommandResult(
        asdict(made), f"Notice {made.version} for {made.agreement} is there in {', '.join(made.languages)}."
    )


@command(notice, "list")
def list_notices(settings: Settings) -> CommandResult:
    """List the notices of your partner."""
    from throughway.families import selectors

    found = selectors.notices(own_partner(settings))
    cells = [[n.agreement, n.version, ", ".join(n.languages)] for n in found]
    return listed(
        "notices",
        [asdict(n) for n in found],
        cells,
        ["agreement", "version", "languages"],
        "No notice is recorded.",
    )


@command(incident, "add")
@click.option("--what", required=True, metavar="TEXT", help="What happened; no student's name.")
@click.option(
    "--known", required=True, metavar="MOMENT", help="When it was known, such as 2026-09-01T14:30 (UTC)."
)
@click.option("--reported-by", required=True, metavar="OFFICE")
@click.option(
    "--with",
    "recipients",
    required=True,
    multiple=True,
    metavar="PARTNER",
    help="With whom; again and again.",
)
@on("--since", "From which day on records can have leaked.", required=True)
def add_incident(settings: Settings, known: str, **said: Any) -> CommandResult:
    """Record an incident; the ledger tells whom it concerns, the agreements tell the clocks."""
    from throughway.families import actions

    try:
        moment = datetime.fromisoformat(known)
    except ValueError:
        raise Refused("Write the moment as 2026-09-01T14:30.", code="usage") from None
    made = actions.record_incident(
        known=moment if moment.tzinfo else moment.replace(tzinfo=UTC), **said, by=acting(settings)
    )
    clocks = (
        "; ".join(f"{c.agreement} by {c.due:%Y-%m-%d %H:%M}" for c in made.clocks)
        or "no agreement sets an hour"
    )
    return CommandResult(
        asdict(made),
        f"Incident {made.code}: {counted(sum(made.students.values()), 'student')} in {counted(len(made.entries), 'disclosure')}. To be told: {clocks}.",
    )


@command(incident, "told")
@click.argument("code")
@click.option("--agreement", required=True, metavar="ID")
def told(settings: Settings, code: str, agreement: str) -> CommandResult:
    """Record that the parties to an agreement are told."""
    from throughway.families import actions

    made = actions.told_of(code=code, agreement=agreement, by=acting(settings))
    return CommandResult(asdict(made), f"The parties to {agreement} are told.")


@command(incident, "close")
@click.argument("code")
@click.option("--outcome", required=True, metavar="TEXT", help="What was done.")
def close(settings: Settings, code: str, outcome: str) -> CommandResult:
    """Close an incident when everybody is told."""
    from throughway.families import actions

    made = actions.close_incident(code=code, outcome=outcome, by=acting(settings))
    return CommandResult(asdict(made), f"Incident {made.code} is closed.")


@command(incident, "list")
def list_incidents(settings: Settings) -> CommandResult:
    """List the incidents of your partner."""
    from throughway.families import selectors

    found = selectors.incidents(own_partner(settings))
    cells = [
        [i.code, f"{i.known:%Y-%m-%d %H:%M}", ", ".join(i.recipients), "open" if i.open else "closed"]
        for i in found
    ]
    return listed(
        "incidents",
        [asdict(i) for i in found],
        cells,
        ["incident", "known", "with", "state"],
        "No incident is recorded.",
    )
