"""The releases of a kind of report."""

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.publication.selectors import Published, check_shown, newest, published


def newest_of(report: str) -> Published | None:
    """The newest that is public, to everyone who signs in."""
    found = newest(report)
    return published(found, OPERATOR) if found else None


def release_of(report: str, id: str, reader: Actor) -> Published:
    """The release with that id; Refused where the reader may not see it, where it was withdrawn, or where it is another report."""
    found = published(id, reader)
    check_shown(found, reader)
    if found.about.get("report") != report:
        raise Refused("That release is another report; see its tables.", code="unknown_report")
    return found
