"""`user token`, `user tokens`, `user end-token`: what a program shows to ask the API in a user's name."""

from datetime import UTC, datetime
from typing import Any

import click

from throughway.cli.command import CommandResult, Settings, acting, columns, command, open_community
from throughway.partners.tokens.token import LONGEST, USUAL, Token
from throughway.store.community import Community


def add_tokens(user: click.Group) -> None:
    @command(user, "token", opens=False)
    @click.argument("email", metavar="EMAIL")
    @click.option("--name", required=True, help="Which program uses it.")
    @click.option(
        "--days", type=click.IntRange(1, LONGEST), default=USUAL, show_default=True, help="How long it holds."
    )
    def token(settings: Settings, email: str, name: str, days: int) -> CommandResult:
        """Make a token for the API, shown this once (its own user with --as, or the operator)."""
        from throughway.site.folder import keep_secret_key

        community = Community.locate(settings.community)
        if community.exists:
            keep_secret_key(community)  # before it is read: the hash of the token is made with it
        open_community(settings)
        from throughway.partners.tokens import actions

        made = actions.make(email=email, name=name, days=days, by=acting(settings))
        until = made.token.until.date().isoformat()
        return CommandResult(
            {"email": email.lower(), "token": made.text, "handle": made.token.handle, "name": name, "until": until},
            f"Keep it where the program keeps its secrets; it is shown this once, and reads as {email.lower()} until "
            f"{until}:\n{made.text}",
        )  # fmt: skip

    @command(user, "tokens")
    @click.argument("email", metavar="EMAIL")
    def tokens(settings: Settings, email: str) -> CommandResult:
        """List a user's tokens (its own user with --as, or the operator)."""
        from throughway.partners.tokens.actions import check_own
        from throughway.partners.tokens.selectors import tokens_of

        now = datetime.now(UTC)
        found = [_told(each, now) for each in tokens_of(check_own(email, acting(settings)))]
        rows = [[str(t[k] or "") for k in ("handle", "name", "state", "until", "used")] for t in found]
        heading = ["handle", "name", "state", "until", "last used"]
        return CommandResult({"tokens": found}, columns(rows, heading) if rows else "No token was made yet.")

    @command(user, "end-token")
    @click.argument("email", metavar="EMAIL")
    @click.argument("handle", metavar="HANDLE")
    def end_token(settings: Settings, email: str, handle: str) -> CommandResult:
        """Take a token back for good (its own user with --as, or the operator)."""
        from throughway.partners.tokens import actions

        ended = actions.end(email=email, handle=handle, by=acting(settings))
        return CommandResult(
            _told(ended, datetime.now(UTC)), f"{ended.name} is ended; it opens nothing any more."
        )


def _told(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "handle": token.handle,
        "name": token.name,
        "scope": str(token.scope),
        "state": token.state(now)[1],
        "made": token.made.isoformat(),
        "by": token.by,
        "until": token.until.isoformat(),
        "used": token.used.isoformat() if token.used else None,
    }
