"""Under which purposes records are linked."""

from datetime import date

from throughway.agreements.community_grants import shortfall
from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors.status import standings


def linkage_purposes(on: date) -> list[str]:
    """The purposes of kind linkage of all agreements in effect on that day, each once."""
    known = standings(on)
    return sorted(
        {
            entry.id
            for standing in known
            if not shortfall(standing, known)
            for entry in standing.document.purposes
            if entry.kind is PurposeKind.LINKAGE
        }
    )
