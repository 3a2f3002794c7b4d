"""`signatory`: who signs for each partner."""

from datetime import date
from typing import TYPE_CHECKING, Any

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
from throughway.cli.leaving import leaving_asked
from throughway.cli.permissions import keeper
from throughway.partners.signatories.signatory import AuthorityKind

if TYPE_CHECKING:
    from throughway.partners.signatories.signatory import Signatory, SignatoryAsked

signatory = group("signatory", "Who signs for each partner.")
EMAIL = click.argument("email", metavar="EMAIL")


def _document(found: "Signatory | SignatoryAsked", state: str) -> dict[str, Any]:
    return facts(found, "partner", "email", "name", "office", "authority") | {
        "kind": str(found.kind),
        "state": state,
    }


@command(
    signatory, "register", EMAIL,
    click.option("--name", required=True, help="The person's name, as it stands on signed papers."),
    click.option("--office", required=True, help="The office by which the person signs, such as Superintendent."),
    click.option("--authority", required=True, help="What lets the office bind the partner, such as Board policy 1450."),
    click.option("--kind", required=True, type=SuggestingChoice([kind.value for kind in AuthorityKind]),
                 help="The kind of authority; board_vote: the board votes on each agreement."),
)  # fmt: skip
def register(
    settings: Settings, email: str, name: str, office: str, authority: str, kind: str
) -> CommandResult:
    """Register who signs for a partner. Of its own people, a second one must agree; the operator of the folder registers alone, and
    stands beside each signature."""
    from throughway.partners.signatories.actions import register_signatory
    from throughway.partners.signatories.signatory import Signatory

    by = acting(settings)
    found = register_signatory(email=email, name=name, office=office, authority=authority, kind=kind, by=by)
    if isinstance(found, Signatory):
        return CommandResult(
            _document(found, "registered"), f"{found.email} signs for {found.partner} as {found.office}."
        )
    people = ", ".join(sorted(found.people))
    return CommandResult(
        _document(found, "asked") | {"until": found.until.isoformat()},
        f"Asked. By {found.until} one of these must agree (throughway signatory agree {found.email}): {people}.",
    )


@command(signatory, "agree", EMAIL)
def agree(settings: Settings, email: str) -> CommandResult:
    """Agree, as the second person, that somebody signs for your partner."""
    from throughway.partners.signatories.actions import agree_to_signatory

    found = agree_to_signatory(email=email, by=acting(settings))
    return CommandResult(
        _document(found, "registered"), f"{found.email} signs for {found.partner} as {found.office}."
    )


@command(signatory, "decline", EMAIL)
def decline(settings: Settings, email: str) -> CommandResult:
    """Decline, as the second person, that somebody signs for your partner."""
    from throughway.partners.signatories.actions import decline_signatory

    decline_signatory(email=email, by=acting(settings))
    return CommandResult({"email": email.lower(), "state": "declined"}, "Declined. Nothing was registered.")


@command(signatory, "end", EMAIL)
def end(settings: Settings, email: str) -> CommandResult:
    """Take somebody off the register. Who is the last one is taken off by two people of the partner, or by the operator of the folder."""
    from throughway.partners.leaving.actions import end_signatory

    asked = end_signatory(email=email, by=acting(settings))
    if asked is not None:
        return leaving_asked(asked)
    return CommandResult(
        {"email": email.lower(), "state": "ended"}, f"{email.lower()} does not sign any more."
    )


@command(signatory, "list")
def list_signatories(settings: Settings) -> CommandResult:
    """List who signs for your partner, or for every partner as the operator."""
    from throughway.partners.signatories.selectors import signatories_asked, signing_registers

    by, today = keeper(settings, "Who signs for a partner"), date.today()
    found = [
        *(
            _document(one, "registered")
            for own in signing_registers().values()
            for one in own.in_force(today)
        ),
        *(_document(one, "asked") for one in signatories_asked(today)),
    ]
    own = [each for each in found if by.is_operator or each["partner"] == by.partner]
    shown = {
        "partner": "partner",
        "e-mail": "email",
        "name": "name",
        "office": "office",
        "authority": "authority",
        "state": "state",
    }
    empty = "Nobody is registered, so leaders sign by role: throughway signatory register EMAIL"
    return listed("signatories", own, shown, empty)
