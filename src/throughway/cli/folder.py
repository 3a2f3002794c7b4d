"""`init` and `check`: the community folder itself."""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from throughway.cli.command import CommandResult, Settings, command, creating, filling
from throughway.cli.permissions import keeper, of_backbone
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.partners.actor import OPERATOR
from throughway.site.secret_key import keep_secret_key
from throughway.store.community import Community

LOOPBACK = "http://127.0.0.1:8000"  # where `serve` answers on this machine


@command(None, "init", opens=False)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="The community's name (default: the folder's name).")
@click.option(
    "--steward",
    metavar="EMAIL",
    help="The first data steward, of the organization that runs the community; a link to the account is printed.",
)
@click.option(
    "--backbone",
    metavar="NAME",
    help="With --steward, the organization that runs the community (default: the community's name).",
)
@click.option(
    "--address",
    metavar="URL",
    help="The https address of the site for other machines; whoever signs in there needs a second factor.",
)
def init(
    settings: Settings,
    directory: Path,
    name: str | None,
    steward: str | None,
    backbone: str | None,
    address: str | None,
) -> CommandResult:
    """Create an empty community in DIR; with --steward, one with its first partner and user."""
    if backbone and not steward:
        raise click.UsageError("--backbone names the organization of the first steward; give --steward too.")
    community = Community(directory.resolve())
    name = name or directory.resolve().name
    site = site_table(address) if address else ""
    if steward:
        check_first_steward(steward, backbone or name)
    with creating(community) as left:
        community.make(name=name, more=site)
        keep_secret_key(community)  # before the settings are read: the link is signed with it
        with filling(community, left):
            from throughway.store.actions.opening import create_database

            create_database(community)
            document: dict[str, object] = {"folder": str(community.root)}
            text = f"An empty community is in {community.root}."
            if steward:
                link, partner = _first_steward(steward, backbone or name, (address or LOOPBACK).rstrip("/"))
                document |= {"partner": partner, "email": steward.lower(), "link": link}
                text = (
                    f"The community is in {community.root}. Its first partner is {partner}. Give this to {steward.lower()} and to "
                    f"nobody else; it opens once `throughway serve` runs:\n{link}"
                )
    return CommandResult(document, text)


def site_table(address: str) -> str:
    """The settings of a site that other machines reach at this address. Refused unless it is an https address without a path."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/") or parts.username:
        raise Refused(
            "The address of the site is not complete; write it as https://share.ourtown.example.",
            code="bad_address",
        )
    return (
        f'\n[site]\naddress = "https://{parts.netloc}"\nhosts = ["{parts.hostname}"]\nhttps = true\n'
        'second_factor = "required"\n'
    )


def check_first_steward(email: str, organization: str) -> None:
    """Refused before anything is made, where the register would refuse the user or the organization afterwards."""
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            "The address of the steward is not an e-mail address; write it as name@example.org.",
            code="bad_email",
        ) from None
    if not 0 < len(organization.strip()) <= 200:
        raise Refused(
            "The organization's name has 1 to 200 characters; give another --backbone.", code="missing_name"
        )


def _first_steward(email: str, organization: str, address: str) -> tuple[str, str]:
    """The link for the first steward, and the id of the first partner."""
    from django.urls import reverse

    from throughway.partners import actions
    from throughway.partners.selectors import actor

    made = actions.add_first_steward(organization=organization, email=email, by=OPERATOR)
    link = address + reverse("choose_passphrase", args=[made.user, made.token])
    return link, actor(made.email).partner or ""


@command(
    None, "check",
    click.option("--repair", is_flag=True, help="First seal the free text that an earlier version stored unsealed."),
)  # fmt: skip
def check(settings: Settings, repair: bool) -> CommandResult:
    """Check the manifest against the files and the ledger against its seals, and search for orphaned files."""
    from throughway.destruction import selectors as destruction
    from throughway.families import selectors as rights
    from throughway.gate.actions.integrity_check import due
    from throughway.gate.actions.integrity_check import rights as of_the_role
    from throughway.intake.actions import seal_clear_text

    by = keeper(settings, "Whether the folder is intact, and what is overdue in it,")
    if not by.is_operator and not of_backbone(by):
        raise Refused(
            "The folder is checked for all partners together, by its operator and the backbone's people; ask one of them.",
            code="not_allowed",
        )
    today = date.today()
    sealing = seal_clear_text(by=by) if repair else None
    # A damaged file is named by both.
    problems = list(dict.fromkeys([*(sealing.problems if sealing else ()), *looked()]))
    role = of_the_role()
    overdue = [*due(), *destruction.due(today), *rights.due(today)]
    sentences = problems or ["All is well: files, manifest and ledger agree."]
    if sealing:
        sentences = [f"The free text of {counted(sealing.files, 'file')} was sealed.", *sentences]
    text = "\n".join([*sentences, *role, *(f"Overdue: {sentence}" for sentence in overdue)])
    document = {"ok": not problems, "problems": problems, "due": overdue, "rights": role}
    document |= {"sealed": sealing.files} if sealing else {}
    return CommandResult(document, text, wanting=bool(problems))


def looked() -> list[str]:
    """The problems found, one sentence each."""
    from django.conf import settings

    from throughway.destruction import selectors as destruction
    from throughway.gate.actions.integrity_check import check as look
    from throughway.measures.policy import problems

    return [*look(), *destruction.problems(), *problems(settings.COMMUNITY)]
