"""What a community decided about the measures: `[measures]` of its settings, and its table of proficiency."""

from throughway.core.refusals import Refused
from throughway.measures.policy import MeasurePolicy, decided
from throughway.measures.proficiency import FILE, ProficiencyLevel, parsed
from throughway.store import Community


def community_policy(community: Community) -> MeasurePolicy:
    """Refused (settings) in a sentence for each fault of either file."""
    return decided(community.settings.get("measures", {}), own_levels(community))


def problems(community: Community) -> list[str]:
    """Why no report can be made before one of the files is mended; none where both are well."""
    try:
        community_policy(community)
    except Refused as refused:
        return [refused.message]
    return []


def own_levels(community: Community) -> tuple[ProficiencyLevel, ...]:
    """The lines of the community's own table; none where it has no such file."""
    try:
        content = community.proficiency.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise Refused(
            f"{FILE} in the community's folder cannot be read; save it as CSV in UTF-8.", code="settings"
        ) from None
    return parsed(content)
