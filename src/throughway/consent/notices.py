"""Which versions of a notice a partner has given families, and in which languages; a consent rests on one that was read."""

from collections.abc import Iterable
from dataclasses import dataclass

from throughway.consent.rights_events import RightsRecord


@dataclass(frozen=True)
class ConsentNotice:
    """One version of what families are told before they decide under an agreement. `languages`: as consents name them."""

    partner: str
    agreement: str
    version: str
    languages: tuple[str, ...]


def notices(events: Iterable[RightsRecord]) -> list[ConsentNotice]:
    """By partner, agreement and version; languages that were added later stand with the first."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for event in events:
        key = event.partner, event.other, event.facts["version"]
        found.setdefault(key, set()).update(event.facts["languages"])
    return [ConsentNotice(*key, tuple(sorted(languages))) for key, languages in sorted(found.items())]


def unread(found: Iterable[ConsentNotice], partner: str, agreement: str, version: str, language: str) -> str:
    """Why no notice of that version can have been read in that language, as the end of a sentence; empty where one can, and where
    the partner has recorded none for the agreement."""
    own = [n for n in found if (n.partner, n.agreement) == (partner, agreement)]
    if not own:
        return ""
    of_version = [n for n in own if n.version == version]
    if not of_version:
        known = ", ".join(n.version for n in own)
        return (
            f"names a version of the notice that {partner} has not recorded for {agreement}; it has {known}"
        )
    languages = {each.casefold() for n in of_version for each in n.languages}
    if language.casefold() not in languages:
        return (
            f"was read in a language in which {partner} has no such notice for {agreement}; it has {', '.join(sorted(languages))}; "
            "give the family one that it reads, and ask anew"
        )
    return ""
