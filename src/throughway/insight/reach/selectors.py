"""Published reports of reach."""

from throughway.insight.reach.figures import ProgramReach, program_reaches
from throughway.publication.selectors import Published

REACH = "reach"


def programs_in(release: Published) -> tuple[ProgramReach, ...]:
    """The programs of a release with its figures, by name."""
    return program_reaches(release.about["programs"], release.about["years"], release.tables)
