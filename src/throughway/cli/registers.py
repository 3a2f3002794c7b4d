"""The registers of people: `partner`, `user` and their tokens, `training`, `consent`."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from throughway.cli.command import (
    CommandResult,
    Option,
    Settings,
    SuggestingChoice,
    act_command,
    acting,
    command,
    facts,
    group,
    listed,
    open_community,
)
from throughway.cli.leaving import leaving_asked
from throughway.cli.permissions import keeper, keeps_register_of, of_backbone
from throughway.cli.query import day
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.partners.actor import Role
from throughway.partners.debarment import Debarment
from throughway.partners.kinds import LegalStatus, PartnerKind
from throughway.partners.tokens.token import LONGEST, USUAL
from throughway.store.community import Community
from throughway.store.settings_file import ADDRESS, is_web_address

if TYPE_CHECKING:
    from throughway.partners.legal_status.status_change import StatusChange, StatusChangeAsked
    from throughway.partners.models import AccessToken

THIS_MACHINE = "http://127.0.0.1:8000"

partner = group("partner", "The partners of the community.")
user = group("user", "The users who act for partners.")
training = group("training", "Courses that readers completed.")
consent = group("consent", "What families decided.")


def _bar(bar: Debarment) -> dict[str, Any]:
    return facts(bar, "number", "party", "agency", "finding", "found_on", "until", "ended")


FILE = click.argument("file", type=click.Path(path_type=Path))
EMAIL = click.argument("email", metavar="EMAIL")
STATUS = SuggestingChoice([status.value for status in LegalStatus])


def date_option(
    name: str, *parameter: str, help: str, required: bool = False, metavar: str = "DATE"
) -> Option:
    return click.option(name, *parameter, callback=day, metavar=metavar, required=required, help=help)


@command(partner, "add")
@click.argument("id")
@click.option("--name", required=True, help="The partner's name.")
@click.option(
    "--kind",
    required=True,
    type=SuggestingChoice([kind.value for kind in PartnerKind]),
    help="The kind of organization.",
)
@click.option(
    "--legal",
    multiple=True,
    metavar="STATUS",
    type=STATUS,
    help="Another legal status; may be repeated.",
)
@click.option("--signer", default="", metavar="EMAIL", help="The leader who signs for it, added with it.")
def add_partner(
    settings: Settings, id: str, name: str, kind: str, legal: tuple[str, ...], signer: str
) -> CommandResult:
    """Add a partner to the register."""
    from throughway.partners import actions

    added = actions.add_partner(id=id, name=name, kind=kind, legal=legal, signer=signer, by=acting(settings))
    document = facts(added, "id", "name", "kind") | {"legal": sorted(added.legal), "signer": signer or None}
    statuses = ", ".join(document["legal"]) or "no legal status"
    signs = f" {signer} signs for it." if signer else ""
    return CommandResult(document, f"{added.name} is in the register as {added.id} ({statuses}).{signs}")


@command(partner, "list")
def list_partners(settings: Settings) -> CommandResult:
    """List the partners."""
    from throughway.partners.api import all_partners

    shown = {"id": "id", "kind": "kind", "name": "name", "legal statuses": "legal"}
    empty = "No partner yet: throughway partner add ID --name N --kind K"
    return listed("partners", all_partners()["partners"], shown, empty)


@command(
    partner, "status", click.argument("id"),
    click.option("--add", "adds", multiple=True, metavar="STATUS", type=STATUS, help="A legal status that it has from now on; may be repeated."),
    click.option("--remove", "removes", multiple=True, metavar="STATUS", type=STATUS, help="One that it no longer has; may be repeated."),
    click.option("--reason", required=True, help="Why, such as a license or the law that applies. Name no person."),
)  # fmt: skip
def change_statuses(
    settings: Settings, id: str, adds: tuple[str, ...], removes: tuple[str, ...], reason: str
) -> CommandResult:
    """Change the legal statuses of a partner. One of its own people adds what only restricts; to any other change a second one must agree. The
    operator of the folder changes them alone."""
    from throughway.partners.legal_status.actions import change_statuses
    from throughway.partners.legal_status.status_change import StatusChangeAsked

    made = change_statuses(partner=id, adds=adds, removes=removes, reason=reason, by=acting(settings))
    document = _status_change(made)
    if not isinstance(made, StatusChangeAsked):
        return CommandResult(document, f"{id}: {', '.join(document['legal']) or 'no legal status'}.")
    people = ", ".join(sorted(made.people))
    message = (
        f"Asked. By {made.until} one of these must agree (throughway partner agree {made.number}): {people}."
    )
    return CommandResult(document, message)


@command(partner, "agree", click.argument("number", type=int))
def agree_to_statuses(settings: Settings, number: int) -> CommandResult:
    """Agree, as the second person, to a change of your partner's legal statuses."""
    from throughway.partners.legal_status.actions import agree_to_statuses

    document = _status_change(agree_to_statuses(number=number, by=acting(settings)))
    legal = ", ".join(document["legal"]) or "no legal status"
    return CommandResult(document, f"{document['partner']}: {legal}.")


@command(partner, "decline", click.argument("number", type=int))
def decline_statuses(settings: Settings, number: int) -> CommandResult:
    """Decline, as the second person, a change of your partner's legal statuses."""
    from throughway.partners.legal_status.actions import decline_statuses

    decline_statuses(number=number, by=acting(settings))
    return CommandResult({"number": number, "state": "declined"}, "Declined. Nothing was changed.")


@command(partner, "statuses")
def list_status_changes(settings: Settings) -> CommandResult:
    """List how the legal statuses of your partner changed, and the changes that wait for a second person."""
    from throughway.partners.legal_status.selectors import status_changes, status_changes_asked

    by = keeper(settings, "How legal statuses changed")
    every = by.is_operator or of_backbone(by)
    both: list[StatusChange | StatusChangeAsked] = [*status_changes(), *status_changes_asked(date.today())]
    found = [_status_change(each) for each in both if every or each.partner == by.partner]
    shown = {
        "partner": "partner", "added": "adds", "removed": "removes", "state": "state", "on": "on", "by": "by", "reason": "reason",
    }  # fmt: skip
    return listed("changes", found, shown, "No legal status was changed since the partners were added.")


def _status_change(made: "StatusChange | StatusChangeAsked") -> dict[str, Any]:
    from throughway.partners.legal_status.status_change import StatusChangeAsked
    from throughway.partners.selectors import known

    document = facts(made, "partner", "reason", "by") | {
        "adds": sorted(made.adds),
        "removes": sorted(made.removes),
        "legal": sorted(known(made.partner).legal),
    }
    if isinstance(made, StatusChangeAsked):
        return document | {"state": "asked", "on": made.on, "number": made.number, "until": made.until}
    return document | {
        "state": "changed",
        "on": made.at.astimezone().date(),
        "asked_by": made.asked_by or None,
    }


act_command(
    partner, "bar", "Bar a party from an agency's records after a finding by the Department of Education.",
    click.argument("party"),
    click.option("--from", "agency", required=True, metavar="ID", help="The agency whose records the party misused."),
    click.option("--finding", required=True, help="The Department's finding, for example its number."),
    date_option("--on", "found_on", required=True, help="The day of the finding."),
    date_option("--until", help="The last day (default: five years after the finding)."),
    action="partners.actions:bar", done="{made.sentence}", document=_bar,
)  # fmt: skip
act_command(
    partner, "unbar", "End a bar early, because the Department withdrew its finding.",
    click.argument("number", type=int),
    click.option("--why", required=True, help="The reason, such as the letter in which the Department withdrew its finding."),
    action="partners.actions:end_bar", done="The bar {number} of {made.party} from records of {made.agency} is ended.", document=_bar,
)  # fmt: skip


@command(partner, "bars")
def list_bars(settings: Settings) -> CommandResult:
    """List the parties that are or were barred by a finding of the Department, as far as they concern your partner."""
    from throughway.partners.selectors import bars

    by = keeper(settings, "Who is barred from whose records")
    every = by.is_operator or of_backbone(by)
    found = [_bar(each) for each in bars() if every or by.partner in (each.party, each.agency)]
    shown = {
        "number": "number",
        "party": "party",
        "agency": "agency",
        "found on": "found_on",
        "until": "until",
    }
    return listed("bars", found, {**shown, "ended": lambda bar: str(bar["ended"])}, "Nobody is barred.")


@command(user, "add")
@click.argument("email")
@click.option("--partner", required=True, metavar="ID", help="The partner that the user acts for.")
@click.option(
    "--role", required=True, type=SuggestingChoice([role.value for role in Role]), help="The user's role."
)
@date_option("--until", "last_day", metavar="DAY", help="The last day of the account (default: it has none).")
def add_user(settings: Settings, email: str, partner: str, role: str, last_day: date | None) -> CommandResult:
    """Add a user who acts for a partner. A first passphrase can be set in $THROUGHWAY_PASSWORD."""
    from throughway.partners import actions

    password = os.environ.get("THROUGHWAY_PASSWORD")
    added = actions.add_user(
        email=email, partner=partner, role=role, password=password, last_day=last_day, by=acting(settings)
    )
    until = f" until {last_day}" if last_day else ""
    return CommandResult(
        facts(added, "email", "partner", "role") | {"until": last_day},
        f"{added.email} acts for {added.partner} as {added.role}{until}.",
    )


@command(
    user, "until", EMAIL,
    date_option("--day", "last_day", metavar="DAY", help="The last day of the account. One that has passed closes it now."),
    click.option("--none", "without", is_flag=True, help="The account has no last day."),
)  # fmt: skip
def set_last_day(settings: Settings, email: str, last_day: date | None, without: bool) -> CommandResult:
    """Set the day after which an account is closed, or take it away."""
    from throughway.partners.leaving.actions import set_last_day
    from throughway.partners.leaving.office import LeavingAsked

    if without == (last_day is not None):
        raise click.UsageError("Give either --day or --none.")
    changed = set_last_day(email=email, last_day=last_day, by=acting(settings))
    if isinstance(changed, LeavingAsked):
        return leaving_asked(changed)
    when = (
        "has ended"
        if changed.has_lapsed
        else f"is open through {last_day}"
        if last_day
        else "has no last day"
    )
    return CommandResult(
        facts(changed, "email", "role", partner="partner_id") | {"until": last_day},
        f"The account of {changed.email} {when}.",
    )


@command(user, "agree", EMAIL)
def agree_to_leaving(settings: Settings, email: str) -> CommandResult:
    """Agree, as the second person, to what would leave an office of your partner empty."""
    from throughway.partners.leaving.actions import agree_to_leaving
    from throughway.partners.selectors import number_of

    asked = agree_to_leaving(number=number_of(email), by=acting(settings))
    return CommandResult(
        {"email": asked.email, "state": "done", "done": asked.words}, f"Done: to {asked.words}."
    )


@command(user, "decline", EMAIL)
def decline_leaving(settings: Settings, email: str) -> CommandResult:
    """Decline, as the second person, what would leave an office of your partner empty."""
    from throughway.partners.leaving.actions import decline_leaving
    from throughway.partners.selectors import number_of

    decline_leaving(number=number_of(email), by=acting(settings))
    return CommandResult({"email": email.lower(), "state": "declined"}, "Declined. Nothing was changed.")


@command(user, "invite", EMAIL)
@click.option(
    "--site",
    help="The address at which the site is served (default: `address` of [site] in throughway.toml, otherwise this machine).",
)
def invite(settings: Settings, email: str, site: str | None) -> CommandResult:
    """Make a link with which a user chooses a passphrase, once, within three days. Earlier links and the old passphrase stop
    working."""
    from django.urls import reverse

    from throughway.partners import actions

    if site is not None and not is_web_address(site):
        raise Refused(f"--site must be {ADDRESS.words}; no link was made.", code="bad_site")
    made = actions.invite(email=email, by=acting(settings))
    home = site or Community.locate(settings.community).settings.site.home or THIS_MACHINE
    link = home.rstrip("/") + reverse("choose_passphrase", args=[made.user, made.token])
    return CommandResult(
        {"email": made.email, "link": link}, f"Give this to {made.email} and to nobody else:\n{link}"
    )


@command(user, "list")
def list_users(settings: Settings) -> CommandResult:
    """List the users of your partner, and of partners whose accounts you manage."""
    from throughway.partners.permissions import sees_people
    from throughway.partners.selectors import members, own_kind

    by = acting(settings)
    own = own_kind(by)
    found = [
        facts(u, "email", "role", partner="partner_id", until="last_day")
        for u in members().open().order_by("email")
        if sees_people(by, own, u.partner_id)
    ]
    return listed(
        "users",
        found,
        {"e-mail": "email", "partner": lambda u: str(u["partner"]), "role": "role", "until": "until"},
        "No user yet: throughway user add EMAIL --partner ID --role R",
    )


@command(user, "token", EMAIL, opens=False)
@click.option("--name", required=True, help="The program that uses the token.")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST),
    default=USUAL,
    show_default=True,
    help="How many days the token is valid.",
)
def token(settings: Settings, email: str, name: str, days: int) -> CommandResult:
    """Make a token for the API; it is shown only once (as its user with --as, or as the operator)."""
    from throughway.site.secret_key import keep_secret_key

    community = Community.locate(settings.community)
    if community.exists:
        keep_secret_key(community)  # before it is read: the hash of the token is made with it
    open_community(settings)
    from throughway.partners.tokens import actions

    made = actions.make(email=email, name=name, days=days, by=acting(settings))
    until = made.token.until.date().isoformat()
    return CommandResult(
        {"email": email.lower(), "token": made.text, "handle": made.token.handle, "name": name, "until": until},
        f"Store it where the program keeps its secrets; it is shown only once, and it reads as "
        f"{email.lower()} until "
        f"{until}:\n{made.text}",
    )  # fmt: skip


@command(user, "tokens", EMAIL)
def tokens(settings: Settings, email: str) -> CommandResult:
    """List a user's tokens (as that user with --as, or as the operator)."""
    from throughway.partners.tokens.actions import check_own
    from throughway.partners.tokens.selectors import tokens_of

    now = datetime.now(UTC)
    found = [_token(each, now) for each in tokens_of(check_own(email, acting(settings)))]
    shown = {"handle": "handle", "name": "name", "state": "state", "until": "until", "last used": "used"}
    return listed("tokens", found, shown, "No token has been made yet.")


@command(user, "end-token", EMAIL, click.argument("handle", metavar="HANDLE"))
def end_token(settings: Settings, email: str, handle: str) -> CommandResult:
    """Revoke a token permanently (as its user with --as, or as the operator)."""
    from throughway.partners.tokens import actions

    ended = actions.end(email=email, handle=handle, by=acting(settings))
    return CommandResult(_token(ended, datetime.now(UTC)), f"{ended.name} is revoked and no longer works.")


def _token(token: "AccessToken", now: datetime) -> dict[str, Any]:
    return facts(token, "handle", "name", "made", "until", "used", by="made_by") | {
        "scope": str(token.scope),
        "state": token.state(now)[1],
    }


@command(
    training, "record", EMAIL, click.argument("course"),
    date_option("--on", required=True, help="The day on which it was completed."),
)  # fmt: skip
def record(settings: Settings, email: str, course: str, on: date) -> CommandResult:
    """Record that a user completed a course."""
    from throughway.training import actions

    done = actions.record(email=email, course=course, on=on, by=acting(settings))
    held = done.completed
    message = f"{held.email} completed {held.course} on {held.on}; it counts until {held.until}."
    if not done.asked:
        message += " No agreement asks for a course of that name so far; if one should, compare it with its terms.training."
    return CommandResult(facts(held, "email", "course", "on", "until") | facts(done, "new", "asked"), message)


@command(training, "courses")
def list_courses(settings: Settings) -> CommandResult:
    """List the courses that people can take on the site: those that ship and your own in `courses/`, each read and checked."""
    from throughway.training.selectors import library

    found = [
        {"course": id, "language": course.language, "title": course.title, "minutes": course.minutes,
         "questions": len(course.questions), "needed": course.needed, "version": course.version}
        for id, versions in library().items()
        for course in versions.values()
    ]  # fmt: skip
    return listed(
        "courses",
        found,
        {"course": "course", "language": "language", "title": "title", "minutes": "minutes",
         "to pass": lambda c: f"{c['needed']} of {c['questions']}"},
        "No course ships, and the folder courses/ has none.",
    )  # fmt: skip


@command(training, "list")
def list_training(settings: Settings) -> CommandResult:
    """List completed courses and the day until which each is valid: your own, and those of partners whose registers you keep."""
    from throughway.partners.permissions import may_keep_people
    from throughway.partners.selectors import members, own_kind
    from throughway.training.selectors import all_of, evidence

    today, by = date.today(), acting(settings)
    own = own_kind(by)
    seen = {m.email for m in members() if m.email == by.email or may_keep_people(by, own, m.partner_id)}
    shown = evidence()
    found = [
        facts(c, "email", "course", "on", "until")
        | {"valid": c.valid(today), "evidence": shown.get((c.email, c.course, c.on), "")}
        for c in all_of()
        if by.is_operator or c.email in seen
    ]
    return listed(
        "training",
        found,
        {"e-mail": "email", "course": "course", "completed": "on", "until": "until",
         "counts today": lambda c: "yes" if c["valid"] else "no"},
        "No course is recorded yet: throughway training record EMAIL COURSE --on DATE",
    )  # fmt: skip


@command(consent, "add", FILE)
def add_consents(settings: Settings, file: Path) -> CommandResult:
    """Add decisions from a CSV: consents, refusals, withdrawals and directory opt-outs."""
    from throughway.consent import actions

    done = actions.add(path=file, by=acting(settings))
    message = f"Recorded: {counted(done.new, 'decision')}; {done.unchanged:,} were recorded already."
    if done.unchecked:
        message += (
            f" For {done.unchecked:,}, the records here do not say whether the signer held the right that day; the decision rests on the"
            " signer's word."
        )
    if done.late:
        message += (
            f" {counted(done.late, 'opt-out')} came outside of the window of the directory notice, the last of which closed on"
            f" {done.closed}; they are recorded and in effect all the same."
        )
    if done.near:
        lines = ", ".join(f"line {number:,}" for number in done.near)
        message += (
            f" Warning: an order limits an adult whose name is nearly that of the signer of {lines}. These consents count; make sure that it is"
            " another adult, and if it is the same one, record the limit in this spelling too (throughway limit add). Do not tell the family why."
        )
    document = facts(done, "unchanged", "unchecked", added="new")
    late, near = facts(done, "late", "closed") if done.late else {}, facts(done, "near") if done.near else {}
    return CommandResult(document | late | near, message)


act_command(
    consent, "withdraw", "Withdraw a consent, from today on.", click.argument("id"), action="consent.actions:withdraw",
    done="{made.withdraws} is withdrawn from {made.signed_on} on; the next read no longer shows the student under it.",
    document=lambda made: facts(made, "id", "withdraws", on="signed_on"),
)  # fmt: skip


@command(consent, "list")
def list_consents(settings: Settings) -> CommandResult:
    """List the decisions on records whose registers you keep, and which consents are in force today. Students are listed by the
    platform's numbers."""
    from throughway.consent.selectors.decisions import consents, in_force

    keeps = keeps_register_of(settings)
    visible = [each for each in consents() if keeps(each.partner)]
    holding = in_force(visible, date.today())
    names = (
        "id", "partner", "record", "agreement", "purpose", "relation", "signed_on", "method", "language", "notice_version",
        "expires", "right_checked",
    )  # fmt: skip
    found = [
        facts(c, *names)
        | {"decision": str(c.decision), "withdraws": c.withdraws or None, "in_force": c.id in holding}
        for c in visible
    ]
    columns = ("id", "partner", "record", "agreement", "purpose", "decision", "relation")
    return listed(
        "consents",
        found,
        {
            **{name: name for name in columns},
            "signed": "signed_on",
            "until": "expires",
            "in force": "in_force",
        },
        "No decision is recorded yet: throughway consent add FILE",
    )
