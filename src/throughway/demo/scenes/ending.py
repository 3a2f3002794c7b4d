"""Two small agreements begin, get their records and end: what the platform held under them is destroyed. One is closed; of the
other one recipient has still to certify."""

from collections.abc import Callable
from pathlib import Path

from throughway.demo.cast import OFFICER, STEWARD
from throughway.demo.feeds import LOADS
from throughway.demo.feeds.surveys import INCIDENTS
from throughway.demo.feeds.surveys import VOTES as BALLOTS
from throughway.demo.load import load_one

Say = Callable[[str], None]

PILOT, VOTES = "restorative-circles", "book-votes"
PILOT_OVER = "The pilot has shown what it was to show; from now on the schools' own staff lead the circles."
CHOSEN = "The books of the next year are chosen."


def play(folder: Path, say: Say) -> None:
    from throughway.agreements.actions import close
    from throughway.identity.actions import link
    from throughway.partners.actor import OPERATOR
    from throughway.partners.selectors import actor

    for id, name, address, reason in (
        (PILOT, INCIDENTS, OFFICER, PILOT_OVER),
        (VOTES, BALLOTS, STEWARD, CHOSEN),
    ):
        _begin(id, address, folder, name, say)
        _end(id, address, reason, say)
    link(full=False, by=OPERATOR)  # what linkage kept went with the records, and look-ups rest on it
    close(id=VOTES, by=actor(STEWARD))
    say(f"  {VOTES} is closed; {PILOT} waits for the certificate of one recipient")


def _begin(id: str, address: str, folder: Path, name: str, say: Say) -> None:
    from throughway.agreements.actions import activate
    from throughway.agreements.selectors import one
    from throughway.partners.selectors import actor

    activate(id=id, by=actor(address), on=one(id).document.terms.effective)
    [feed] = [feed for feed in LOADS if feed[1] == name]
    load_one(folder, *feed, say)


def _end(id: str, address: str, reason: str, say: Say) -> None:
    """Ended by one party; destroyed and certified by the backbone, which housed the records and read them."""
    from throughway.agreements.actions import certify, terminate, wind_down
    from throughway.destruction.actions import destroy
    from throughway.partners.selectors import actor

    steward = actor(STEWARD)
    terminate(id=id, by=actor(address), reason=reason)
    wind_down(id=id, by=actor(address))
    certificate = destroy(agreement=id, by=steward)
    say(f"  {id} has ended; what was stored under it is destroyed, certificate {certificate.id}")
    certify(
        id=id, by=steward, copies="One workbook of counts, without students; no copy of a record was made.",
        method="Deleted, and the disk's free space overwritten (NIST SP 800-88 purge).",
    )  # fmt: skip
