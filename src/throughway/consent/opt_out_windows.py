"""In which days of a school year families may opt out of the directory, by which notice (34 CFR 99.37(a))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from throughway.consent.rights_events import RightsRecord

CITATION = "34 CFR 99.37(a)(3)"


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
    """The windows by partner and year; of one that was set anew, the last that was said."""
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
