"""Published reports of reach."""

from throughway.insight.reach.figures import ProgramReach, program_reaches
from throughway.partners import OPERATOR
from throughway.publication.selectors import Published, newest, published

REACH = "reach"


def newest_reach() -> Published | None:
    """The newest that is public."""
    found = newest(REACH)
    return published(found, OPERATOR) if found else None


def programs_in(release: Published) -> tuple[ProgramReach, ...]:
    """The programs of a release with its figures, by name."""
    return program_reaches(release.about["programs"], release.about["years"], release.tables)
