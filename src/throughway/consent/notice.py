"""Notices to families: versions and languages of a notice before consent, and the windows of directory opt-outs (34 CFR
99.37(a))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughway.consent.rights_events import RightsRecord

WINDOW_CITATION = "34 CFR 99.37(a)(3)"


@dataclass(frozen=True)
class ConsentNotice:
    """One version of the notice that families read before they decide under an agreement. `languages`: as consents name them."""

    partner: str
    agreement: str
    version: str
    languages: tuple[str, ...]


def notices(events: Iterable[RightsRecord]) -> list[ConsentNotice]:
    """By partner, agreement and version; includes languages that were added later."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for event in events:
        key = event.partner, event.other, event.facts["version"]
        found.setdefault(key, set()).update(event.facts["languages"])
    return [ConsentNotice(*key, tuple(sorted(languages))) for key, languages in sorted(found.items())]


def unread(found: Iterable[ConsentNotice], partner: str, agreement: str, version: str, language: str) -> str:
    """Why nobody can have read that version in that language, as the end of a sentence; empty where somebody can, and where the
    partner has recorded no notice for the agreement."""
    own = [n for n in found if (n.partner, n.agreement) == (partner, agreement)]
    if not own:
        return ""
    of_version = [n for n in own if n.version == version]
    if not of_version:
        known = ", ".join(n.version for n in own)
        return (
            f"names a version of the notice that {partner} has not recorded for {agreement}; choose {known}"
        )
    languages = {each.casefold() for n in of_version for each in n.languages}
    if language.casefold() not in languages:
        return (
            f"names a language in which {partner} has no notice of that version for {agreement}; it has {', '.join(sorted(languages))}; "
            "give the family a notice that it can read, and ask again"
        )
    return ""


@dataclass(frozen=True)
class Window:
    """`year`: the school year by its ending year; `opens` to `closes`, both included; `notice`: its version."""

    partner: str
    year: int
    notice: str
    opens: date
    closes: date

    def on(self, day: date) -> bool:
        return self.opens <= day <= self.closes


def windows(events: Iterable[RightsRecord]) -> list[Window]:
    """The windows by partner and year, each as last recorded."""
    found = {
        (e.partner, e.facts["year"]): Window(
            e.partner, e.facts["year"], e.facts["notice"], e.day, date.fromisoformat(e.facts["closes"])
        )
        for e in events
    }
    return [found[key] for key in sorted(found)]


def outside(found: Iterable[Window], partner: str, on: date) -> Window | None:
    """The partner's last window that began before the day, where the day lies in none; None where it lies in one, or no
    window is known."""
    own = [w for w in found if w.partner == partner]
    if any(w.on(on) for w in own):
        return None
    return max((w for w in own if w.opens <= on), key=lambda w: w.opens, default=None)
