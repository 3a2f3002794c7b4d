"""What a command answers that would leave an office of a partner empty, and asked a second person instead."""

from typing import TYPE_CHECKING

from throughway.cli.command import CommandResult, facts

if TYPE_CHECKING:
    from throughway.partners.leaving.office import LeavingAsked


def leaving_asked(asked: "LeavingAsked") -> CommandResult:
    people = ", ".join(sorted(asked.people))
    return CommandResult(
        facts(asked, "email", "partner", "role", until="last_day")
        | {"state": "asked", "asked": asked.words, "agree_by": asked.until, "people": sorted(asked.people)},
        f"Asked to {asked.words}, because it would leave an office empty. By {asked.until} one of these must agree "
        f"(throughway user agree {asked.email}): {people}.",
    )
