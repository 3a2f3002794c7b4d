"""`partner` and `user`: who there is."""

import os
from datetime import datetime

import click

from throughway.cli.command import CommandResult, Settings, SuggestingChoice, acting, columns, command, group
from throughway.cli.permissions import keeper, of_backbone
from throughway.cli.tokens import add_tokens
from throughway.partners.debarment import Debarment
from throughway.partners.kinds import LegalStatus, PartnerKind
from throughway.partners.roles import Role

partner = group("partner", "The partners of the community.")
user = group("user", "The users who act for partners.")


@command(partner, "add")
@click.argument("id")
@click.option("--name", required=True)
@click.option("--kind", required=True, type=SuggestingChoice([kind.value for kind in PartnerKind]))
@click.option(
    "--legal",
    multiple=True,
    metavar="STATUS",
    type=SuggestingChoice([status.value for status in LegalStatus]),
    help="A further legal status; may be given again and again.",
)
def add_partner(settings: Settings, id: str, name: str, kind: str, legal: tuple[str, ...]) -> CommandResult:
    """Add a partner to the register."""
    from throughway.partners import actions

    facts = actions.add_partner(id=id, name=name, kind=kind, legal=legal, by=acting(settings))
    document = {"id": facts.id, "name": facts.name, "kind": facts.kind, "legal": sorted(facts.legal)}
    return CommandResult(
        document,
        f"{facts.name} is in the register as {facts.id} ({', '.join(document['legal']) or 'no legal status'}).",
    )


@command(partner, "list")
def list_partners(settings: Settings) -> CommandResult:
    """List the partners."""
    from throughway.partners.api import all_partners

    document = all_partners()
    rows = [[p["id"], p["kind"], p["name"], ", ".join(p["legal"])] for p in document["partners"]]
    return CommandResult(
        document,
        columns(rows, ["id", "kind", "name", "legal statuses"])
        if rows
        else "No partner yet: throughway partner add ID --name N --kind K",
    )


@command(partner, "bar")
@click.argument("party")
@click.option("--from", "agency", required=True, metavar="ID", help="The agency whose records it misused.")
@click.option("--finding", required=True, help="Which finding of the Department says so, such as its number.")
@click.option(
    "--on", "found_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day of the finding."
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; else five years after the finding."
)
def bar_party(
    settings: Settings, party: str, agency: str, finding: str, found_on: datetime, until: datetime | None
) -> CommandResult:
    """Bar a party from an agency's records, after a finding of the Department of Education."""
    from throughway.partners import actions

    made = actions.bar(
        party=party, agency=agency, finding=finding, found_on=found_on.date(), until=until.date() if until else None,
        by=acting(settings),
    )  # fmt: skip
    return CommandResult(_bar(made), made.sentence)


@command(partner, "unbar")
@click.argument("number", type=int)
@click.option(
    "--why", required=True, help="Such as the letter by which the Department took its finding back."
)
def unbar_party(settings: Settings, number: int, why: str) -> CommandResult:
    """End a bar before its day, because the Department took its finding back."""
    from throughway.partners import actions

    ended = actions.end_bar(number=number, why=why, by=acting(settings))
    return CommandResult(
        _bar(ended), f"The bar {number} of {ended.party} from records of {ended.agency} is ended."
    )


@command(partner, "bars")
def list_bars(settings: Settings) -> CommandResult:
    """List the parties that a finding of the Department bars, and those whose bar has ended: as far as it concerns one's partner."""
    from throughway.partners.selectors import bars

    by = keeper(settings, "Who is barred from whose records")
    every = by.is_operator or of_backbone(by)
    found = [_bar(each) for each in bars() if every or by.partner in (each.party, each.agency)]
    rows = [[str(f[k]) for k in ("number", "party", "agency", "found_on", "until", "ended")] for f in found]
    heading = ["number", "party", "agency", "found on", "until", "ended"]
    return CommandResult({"bars": found}, columns(rows, heading) if rows else "Nobody is barred.")


def _bar(bar: Debarment) -> dict[str, object]:
    return {
        "number": bar.number, "party": bar.party, "agency": bar.agency, "finding": bar.finding,
        "found_on": bar.found_on.isoformat(), "until": bar.until.isoformat(), "ended": bar.ended,
    }  # fmt: skip


@command(user, "add")
@click.argument("email")
@click.option("--partner", "partner_id", required=True, metavar="ID")
@click.option(
    "--role",
    required=True,
    type=SuggestingChoice([role.value for role in Role]),
)
def add_user(settings: Settings, email: str, partner_id: str, role: str) -> CommandResult:
    """Add a user who acts for a partner. A first password may stand in $THROUGHWAY_PASSWORD."""
    from throughway.partners import actions

    added = actions.add_user(
        email=email,
        partner=partner_id,
        role=role,
        password=os.environ.get("THROUGHWAY_PASSWORD"),
        by=acting(settings),
    )
    return CommandResult(
        {"email": added.email, "partner": added.partner, "role": added.role},
        f"{added.email} acts for {added.partner} as {added.role}.",
    )


@command(user, "invite")
@click.argument("email", metavar="EMAIL")
@click.option("--site", default="http://127.0.0.1:8000", show_default=True, help="Where the site is served.")
def invite(settings: Settings, email: str, site: str) -> CommandResult:
    """Make a link with which a user chooses a passphrase, once, within three days; what they had before ends."""
    from django.urls import reverse

    from throughway.partners import actions

    made = actions.invite(email=email, by=acting(settings))
    link = site.rstrip("/") + reverse("choose_passphrase", args=[made.user, made.token])
    return CommandResult(
        {"email": made.email, "link": link}, f"Hand this to {made.email}, and to nobody else:\n{link}"
    )


@command(user, "list")
def list_users(settings: Settings) -> CommandResult:
    """List the users: those of one's own partner, and of partners whose accounts one keeps."""
    from throughway.partners.permissions import sees_people
    from throughway.partners.selectors import own_kind, users

    by = acting(settings)
    own = own_kind(by)
    found = [
        {"email": u.email, "partner": u.partner, "role": u.role}
        for u in users()
        if sees_people(by, own, u.partner or "")
    ]
    rows = [[str(u["email"]), str(u["partner"]), str(u["role"])] for u in found]
    return CommandResult(
        {"users": found},
        columns(rows, ["e-mail", "partner", "role"])
        if rows
        else "No user yet: throughway user add EMAIL --partner ID --role R",
    )


add_tokens(user)
