"""The community's list of programs, which each partner fills in for its own: places, cost, hours of staff, who may come."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from throughway.demo import programs
from throughway.demo.column_files import write_csv
from throughway.demo.programs import PROGRAMS
from throughway.demo.town import Town

TITLE = "Riverbend Forward: list of programs"
NOTE = "One row a program. Open places as of the day of sending."
STUDENTS_OF_A_WORKER = 12


@dataclass(frozen=True)
class ProgramListing:
    """What a partner says of one of its programs. `cost` in dollars for one place and year, `hours` of staff a week."""

    name: str
    provider: str
    provider_name: str
    category: str
    cost: int
    hours: int  # for each dozen places
    ages: tuple[int, int]
    who: str


LISTED = {
    programs.TUTORING: ProgramListing("Tutoring", "page-by-page", "Page by Page Tutoring", "Tutoring", 1150, 18, (7, 10), "Third graders who read below grade level"),
    programs.MENTORING: ProgramListing("Mentoring", "long-walk-mentors", "Long Walk Mentors", "Mentoring", 1900, 10, (11, 16), "Grades 6 to 9"),
    programs.LATE_GYM: ProgramListing("Late Gym", "northside-rec", "Northside Recreation League", "Recreation", 420, 9, (11, 18), "Grades 6 to 11"),
    programs.CAREER_START: ProgramListing("Career Start", "harbor-trades", "Harbor Trades Council", "Career", 2600, 14, (14, 16), "Grade 9; places are drawn by lot"),
    programs.HOMEWORK_CLUB: ProgramListing("Homework Club", "elm-street", "Elm Street Library Friends", "Homework and tutoring", 640, 12, (7, 14), "Grades 2 to 8"),
    programs.ART: ProgramListing("Art Studio", "clay-and-color", "Clay and Color", "Arts", 560, 8, (6, 14), "Grades 1 to 8"),
    programs.CHESS: ProgramListing("Chess Club", "open-board", "Open Board Society", "Science and games", 310, 6, (8, 16), "Grades 3 to 10"),
    programs.GARDEN: ProgramListing("Garden Crew", "river-keepers", "River Keepers", "Outdoors", 480, 8, (9, 15), "Grades 4 to 9"),
    programs.SUMMER_BRIDGE: ProgramListing("Summer Bridge", "next-step", "Next Step College Access", "College access", 1400, 25, (17, 19), "Graduates of the year"),
    programs.FOOD: ProgramListing("Food boxes", "family-services", "Riverbend Family Services", "Food", 380, 6, (0, 21), "Families in need"),
    programs.HOUSING: ProgramListing("Rent and utilities", "family-services", "Riverbend Family Services", "Housing", 2900, 10, (0, 21), "Families about to lose a home"),
    programs.COUNSELING: ProgramListing("Family counseling", "family-services", "Riverbend Family Services", "Counseling", 1250, 16, (5, 19), "Families who are referred"),
}  # fmt: skip


def program_list(folder: Path, town: Town, rng: np.random.Generator) -> None:
    stays = town.participation
    for partner in dict.fromkeys(name.partition("/")[0] for name in PROGRAMS):
        rows = [n for n, name in enumerate(PROGRAMS) if name.startswith(f"{partner}/")]
        taken = np.array([int(((stays.program == n) & (stays.year == town.year - 1)).sum()) for n in rows])
        now = np.array([int(((stays.program == n) & np.isnat(stays.end)).sum()) for n in rows])
        full = np.array([_full(town, n) for n in rows])
        # As many places as the last whole year filled, and where nobody waits a few more.
        places = np.where(full, np.maximum(now, 1), np.maximum(taken + rng.integers(1, 5, len(rows)), now))
        listed = [LISTED[n] for n in rows]
        cost = np.array([each.cost for each in listed])
        write_csv(
            folder / partner / "programs.csv",
            {
                "Partner": np.full(len(rows), partner),
                "Program": np.array([PROGRAMS[n].partition("/")[2] for n in rows]),
                "Program Name": np.array([each.name for each in listed]),
                "Provider": np.array([each.provider for each in listed]),
                "Provider Name": np.array([each.provider_name for each in listed]),
                "Category": np.array([each.category for each in listed]),
                "Places": places,
                "Open Places": np.where(full, 0, places - now),
                "Cost per Place ($)": cost,
                "Staff Hrs/Wk": np.array([each.hours for each in listed])
                * (places // STUDENTS_OF_A_WORKER + 1),
                "Funding This Year ($)": (places * cost * rng.uniform(0.85, 1.05, len(rows)))
                .round(-2)
                .astype(int),
                "Min Age": np.array([each.ages[0] for each in listed]),
                "Max Age": np.array([each.ages[1] for each in listed]),
                "Who May Come": np.array([each.who for each in listed]),
            },
            above=[TITLE, NOTE],
        )


def _full(town: Town, program: int) -> bool:
    """Whether somebody was turned away for want of a place since the last school year began."""
    needs = town.needs
    turned_away = (needs.program == program) & (needs.why_unmet == "no_seat")
    since = np.datetime64(f"{town.year - 2}-07-01")
    return program == programs.CAREER_START or bool((needs.referred_on[turned_away] >= since).any())
