"""One data system of a partner, in the words of those who answer for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from throughway.partners.systems.holdings import Holding, held_elements, periods

AS_LOADED = "As loaded here"  # the name of the system that stands for what landed of a partner


class Regime(StrEnum):
    """The law that a system's records are kept under, before any agreement."""

    FERPA = "ferpa"
    IDEA = "idea"
    HIPAA = "hipaa"
    PART2 = "part2"
    HMIS = "hmis"
    CHILD_WELFARE = "child_welfare"
    UI = "ui"
    OWN = "own"
    OTHER = "other"

    @property
    def words(self) -> str:
        return REGIMES[self]


class Refresh(StrEnum):
    """How often what a system holds is brought up to date."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TERMLY = "termly"
    YEARLY = "yearly"
    ONCE = "once"
    IRREGULAR = "irregular"

    @property
    def words(self) -> str:
        return REFRESHES[self]


class Origin(StrEnum):
    """How the register came to know a system."""

    HAND = "hand"
    FILE = "file"
    LOADS = "loads"

    @property
    def words(self) -> str:
        return ORIGINS[self]


class SystemEventKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"
    RESTORED = "restored"

    @property
    def words(self) -> str:
        return {"added": "Entered", "changed": "Changed", "retired": "Retired", "restored": "In use again"}[
            self
        ]


REGIMES: Mapping[Regime, str] = {
    Regime.FERPA: "Education records (FERPA)",
    Regime.IDEA: "Special education records (IDEA and FERPA)",
    Regime.HIPAA: "Health records (HIPAA)",
    Regime.PART2: "Treatment of substance use (42 CFR Part 2)",
    Regime.HMIS: "Homeless services (HMIS rules)",
    Regime.CHILD_WELFARE: "Child welfare records (State law and CAPTA)",
    Regime.UI: "Unemployment insurance wage records (20 CFR part 603)",
    Regime.OWN: "The partner’s own records, under its own rules",
    Regime.OTHER: "Another law, named in the note",
}
REFRESHES: Mapping[Refresh, str] = {
    Refresh.DAILY: "every day",
    Refresh.WEEKLY: "every week",
    Refresh.MONTHLY: "every month",
    Refresh.TERMLY: "every term",
    Refresh.YEARLY: "every year",
    Refresh.ONCE: "once, and not again",
    Refresh.IRREGULAR: "when something comes",
}
ORIGINS: Mapping[Origin, str] = {
    Origin.HAND: "entered here",
    Origin.FILE: "from a file",
    Origin.LOADS: "from what was loaded",
}


@dataclass(frozen=True)
class SystemStatement:
    """What is said of a system. Offices, never people; they may be empty only where loads were all that told of it."""

    name: str
    owner: str
    steward: str
    regime: Regime
    refresh: Refresh
    note: str
    holdings: tuple[Holding, ...]


@dataclass(frozen=True)
class RegisteredSystem:
    """One system of the register. `owner` and `steward` are offices; `retired` the day since which it is not in use."""

    id: int
    partner: str
    name: str
    owner: str
    steward: str
    regime: Regime
    refresh: Refresh
    note: str
    holdings: tuple[Holding, ...]
    origin: Origin
    retired: date | None = None

    @property
    def elements(self) -> frozenset[str]:
        return held_elements(self.holdings)

    @property
    def periods(self) -> Mapping[str, tuple[date | None, date | None]]:
        """The time over which it holds anything of each table."""
        return periods(self.holdings)


@dataclass(frozen=True)
class SystemEvent:
    """One thing that was done to a system of the register."""

    what: SystemEventKind
    at: datetime
    by: str
