"""Under which purposes records are linked."""

from datetime import date

from throughway.agreements.community_grants import why_not_in_effect
from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors.status import agreement_statuses


def linkage_purposes(on: date) -> list[str]:
    """The purposes of kind linkage of all agreements in effect on that day, each once."""
    known = agreement_statuses(on)
    return sorted(
        {
            entry.id
            for standing in known
            if not why_not_in_effect(standing, known)
            for entry in standing.document.purposes
            if entry.kind is PurposeKind.LINKAGE
        }
    )
