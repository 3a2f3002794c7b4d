"""Which user may open which students: `caseload` names the students, `site` the schools and programs."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from throughway.cli.command import (
    CommandResult,
    Settings,
    SuggestingChoice,
    acting,
    command,
    facts,
    group,
    listed,
)
from throughway.cli.registers import EMAIL, FILE, date_option
from throughway.core.prose import counted
from throughway.partners.caseload import Assigned
from throughway.partners.site_assignment import Site, SiteAssignment, SiteKind

caseload = group("caseload", "Which user works with which student.")
site = group("site", "Which user is responsible for which school or program.")


@command(caseload, "add", FILE)
def add_caseload(settings: Settings, file: Path) -> CommandResult:
    """Assign students to users from a CSV (email,partner,record_key,from,to)."""
    from throughway.gate.actions.caseloads import add_caseload

    done = add_caseload(path=file, by=acting(settings))
    message = f"Added: {counted(done.new, 'assignment')}; {done.unchanged:,} were in the register already."
    if done.not_loaded:
        message += f" No record of {counted(done.not_loaded, 'student')} is loaded yet; an assignment takes effect when one is."
    return CommandResult(facts(done, "unchanged", "not_loaded", added="new"), message)


@command(
    caseload, "end", EMAIL,
    click.option("--partner", required=True, metavar="ID", help="The partner whose number identifies the student."),
    click.option("--record-key", required=True, metavar="KEY", help="The student, by the partner's own number."),
    date_option("--on", "last", metavar="DAY", help="The last day (default: yesterday, so that it ends now)."),
)  # fmt: skip
def end(settings: Settings, email: str, partner: str, record_key: str, last: date | None) -> CommandResult:
    """End the assignment of one student to one user. The user can no longer open the student through it."""
    from throughway.gate.actions.caseloads import end_caseload

    until, today = last or date.today() - timedelta(days=1), date.today()
    ended = end_caseload(email=email, partner=partner, record_key=record_key, last=until, by=acting(settings))
    closed = max(until + timedelta(days=1), ended[0].first)
    when = "now" if closed <= today else f"{closed} on"
    return CommandResult(
        {"ended": [_assignment(a, today) for a in ended]},
        f"{ended[0].email} no longer reaches this student by the list from {when}; the ledger keeps what was seen until then.",
    )


@command(caseload, "list")
def list_caseload(settings: Settings) -> CommandResult:
    """List assignments, including ended ones. Students are listed by the platform's numbers."""
    from throughway.partners.selectors import assignments_open_to

    today = date.today()
    found = [_assignment(each, today) for each in assignments_open_to(acting(settings))]
    return listed(
        "caseload",
        found,
        {"e-mail": "email", "partner": "partner", "record": "record", "from": "from", "to": "to",
         "in effect": lambda a: "now" if a["today"] else "ended" if a["to"] and a["to"] < today else "to come"},
        "No student is assigned yet: throughway caseload add FILE",
    )  # fmt: skip


def _assignment(each: Assigned, today: date) -> dict[str, Any]:
    known = facts(each, "email", "partner", "record", **{"from": "first", "to": "last"})
    return known | {"today": each.on(today)}


@command(site, "add", FILE)
def add_sites(settings: Settings, file: Path) -> CommandResult:
    """Make users responsible for schools or programs, from a CSV (email,kind,site,from,to)."""
    from throughway.gate.actions.sites import add_sites

    done = add_sites(path=file, by=acting(settings))
    message = f"Added: {counted(done.new, 'assignment')}; {done.unchanged:,} were in the register already."
    return CommandResult(facts(done, "unchanged", added="new"), message)


@command(
    site, "end", EMAIL,
    click.option("--kind", required=True, type=SuggestingChoice([kind.value for kind in SiteKind]), help="School or program."),
    click.option("--site", "id", required=True, metavar="ID", help="The school or program, by its id in the partner's records."),
    date_option("--on", "last", metavar="DAY", help="The last day (default: yesterday, so that it ends now)."),
)  # fmt: skip
def end_site(settings: Settings, email: str, kind: str, id: str, last: date | None) -> CommandResult:
    """End a user's responsibility for a school or program. The user can no longer open its students through it."""
    from throughway.partners.assigning import end_site

    until, today = last or date.today() - timedelta(days=1), date.today()
    ended = end_site(email=email, site=Site(SiteKind(kind), id.strip()), last=until, by=acting(settings))
    closed = max(until + timedelta(days=1), ended[0].first)
    when = "now" if closed <= today else f"{closed} on"
    return CommandResult(
        {"ended": [_site(a, today) for a in ended]},
        f"{ended[0].email} no longer reaches the students of this {kind} from {when}; the ledger keeps what was seen until then.",
    )


@command(site, "list")
def list_sites(settings: Settings) -> CommandResult:
    """List who is responsible for which school or program, including what ended."""
    from throughway.partners.selectors import site_assignments_open_to

    today = date.today()
    found = [_site(each, today) for each in site_assignments_open_to(acting(settings))]
    return listed(
        "sites",
        found,
        {"e-mail": "email", "partner": "partner", "kind": "kind", "site": "site", "from": "from", "to": "to",
         "in effect": lambda a: "now" if a["today"] else "ended" if a["to"] and a["to"] < today else "to come"},
        "Nobody is responsible for a school or program yet: throughway site add FILE",
    )  # fmt: skip


def _site(each: SiteAssignment, today: date) -> dict[str, Any]:
    known = facts(each, "email", "partner", **{"from": "first", "to": "last"})
    return known | {"kind": str(each.site.kind), "site": each.site.id, "today": each.on(today)}
