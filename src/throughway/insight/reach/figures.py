"""What a release of reach says of each program: the facts that it stores, the published figures of each year, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.core.prose import listed, school_year
from throughway.insight.reach.programs import CountedRules, ProgramFacts
from throughway.insight.reach.tables import ReachYear, Shown, figures_by_program, reach_year
from throughway.publication import ProtectedTable
from throughway.publication.shown_figures import count_between


@dataclass(frozen=True)
class ProgramReach:
    """One program with its published figures. `this_year`: the school year that runs; `whole_year`: the last whole one; None where no
    record names the program in it. `rules`: what was counted of its rules, in words; `notes`: what was not, and why; `why`: why there is
    no figure."""

    id: str
    label: str
    name: str
    partner: str
    who: str
    rules: str
    notes: tuple[str, ...]
    why: str
    seats: int | None
    cost_per_seat: float | None
    funding: float | None
    staff_hours: float | None
    this_year: ReachYear | None
    whole_year: ReachYear | None

    @property
    def shows_a_figure(self) -> bool:
        return any(year.shows_a_figure for year in (self.this_year, self.whole_year) if year)

    @property
    def cost_of_one(self) -> tuple[float, float] | None:
        """Dollars of this year's funding for each student who took part this year: the least and the most that the published figure
        allows. None where the funding or the figure is not there."""
        year = self.this_year
        between = count_between(year.participants) if year and year.participants is not None else None
        if self.funding is None or between is None or not between[0]:
            return None
        return self.funding / between[1], self.funding / between[0]

    @property
    def why_no_cost(self) -> str:
        """Why there is no cost for each student, in a sentence; empty where there is one."""
        if self.cost_of_one is not None:
            return ""
        if self.funding is None:
            return "Its funding is not recorded, so a cost for each student served cannot be given."
        return "This report does not show how many took part this year, so no cost for each student served can be given."


def stored(program: ProgramFacts, rules: CountedRules, why: str) -> dict[str, Any]:
    """What a release stores of one program: no figure of a student."""
    return program.to_json() | {"rules": rules.words, "notes": list(rules.left_out), "why": why}


def program_reaches(
    kept: Iterable[Mapping[str, Any]], years: Sequence[int], tables: Iterable[ProtectedTable]
) -> tuple[ProgramReach, ...]:
    """The programs of a release with their figures. `years`: the school year that runs, and the last whole one."""
    figures = figures_by_program(tables)
    return tuple(_program(each, years, figures.get(each["label"], ())) for each in kept)


def _program(kept: Mapping[str, Any], years: Sequence[int], figures: Any) -> ProgramReach:
    now, whole = (year if year.standings else None for year in (reach_year(each, figures) for each in years))
    return ProgramReach(
        kept["id"], kept["label"], kept["name"], kept["partner"], kept["who"], kept["rules"], tuple(kept["notes"]), kept["why"],
        kept["seats"], kept["cost_per_seat"], kept["funding"], kept["staff_hours"], now, whole,
    )  # fmt: skip


def absent(found: ProgramReach) -> str:
    """Why nothing is shown of a program, in a sentence; empty where a figure is."""
    if found.why or found.shows_a_figure:
        return found.why
    return "Every figure is zero or below the smallest number that may be shown."


def no_records(partner: str, years: Iterable[int], *, shown: bool) -> str:
    """Why nobody of a program can be counted."""
    if not shown:
        return f"No agreement of this purpose shows who takes part in programs of {partner}: program, first day and status."
    return f"No record says who takes part in it in {listed(school_year(year) for year in sorted(years))}. That does not mean nobody does."


def shown_words(shown: Shown) -> str:
    """`131`, `126 to 138`, or `withheld`."""
    if shown is None:
        return "withheld"
    if isinstance(shown, int):
        return f"{shown:,}"
    return shown.replace("–", " to ")
