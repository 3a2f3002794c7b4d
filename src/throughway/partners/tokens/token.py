"""What a token is: how it is written, how long it holds, and when it no longer does.

A token is `tw_HANDLE_SECRET`. The handle names it in lists and in the journal, and opens nothing. The secret is 256 random
bits, shown once; a keyed hash of it is all that stays.
"""

import re
import secrets
from enum import StrEnum

from throughway.core.refusals import Refused

USUAL, LONGEST = 90, 365  # days
MOST = 10  # valid tokens of one user at a time
LONGEST_NAME = 60  # characters
WRITTEN = re.compile(r"tw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


class TokenScope(StrEnum):
    """What a token may be used for. No token can change anything."""

    READ = "read"


def drawn() -> tuple[str, str]:
    """A new handle and a new secret."""
    return secrets.token_hex(6), secrets.token_urlsafe(32)


def written(handle: str, secret: str) -> str:
    return f"tw_{handle}_{secret}"


def parted(text: str) -> tuple[str, str] | None:
    """Handle and secret; None where the text is no token at all."""
    found = WRITTEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def check_name(name: str) -> str:
    """The name without blanks at its ends. Refused when there is none, or it would break a line."""
    kept = name.strip()
    if not kept:
        raise Refused("Give the token a name that says which program uses it.", code="missing_name")
    if len(kept) > LONGEST_NAME or not kept.isprintable():
        raise Refused(f"A token's name has {LONGEST_NAME} letters at most, in one line.", code="bad_name")
    return kept


def check_days(days: int) -> int:
    if not 1 <= days <= LONGEST:
        raise Refused(
            f"A token is valid for 1 to {LONGEST} days; give a number in that range.", code="bad_days"
        )
    return days
