"""The community's list of programs, which each partner fills in for its own: places, cost, hours of staff, who may come."""

from pathlib import Path

import numpy as np

from throughway.demo import programs
from throughway.demo.column_files import write_csv
from throughway.demo.population import words
from throughway.demo.programs import PROGRAMS
from throughway.demo.town import Town

TITLE = "Riverbend Forward: list of programs"
NOTE = "One row a program. Open places as of the day of sending."
STUDENTS_OF_A_WORKER = 12


def program_list(folder: Path, town: Town, rng: np.random.Generator) -> None:
    """`words/programs.csv` has one row for each of PROGRAMS, in the same order: cost in dollars for one place and year, hours of staff a
    week for each dozen places."""
    stays, listed = town.participation, words("programs.csv")
    for partner in dict.fromkeys(name.partition("/")[0] for name in PROGRAMS):
        rows = [n for n, name in enumerate(PROGRAMS) if name.startswith(f"{partner}/")]
        taken = np.array([int(((stays.program == n) & (stays.year == town.year - 1)).sum()) for n in rows])
        now = np.array([int(((stays.program == n) & np.isnat(stays.end)).sum()) for n in rows])
        full = np.array([_full(town, n) for n in rows])
        # As many places as the last whole year filled, and a few more if nobody waits.
        places = np.where(full, np.maximum(now, 1), np.maximum(taken + rng.integers(1, 5, len(rows)), now))
        own = {column: values[rows] for column, values in listed.items()}
        cost, hours = own["cost"].astype(int), own["hours"].astype(int)
        write_csv(
            folder / partner / "programs.csv",
            {
                "Partner": np.full(len(rows), partner),
                "Program": np.array([PROGRAMS[n].partition("/")[2] for n in rows]),
                "Program Name": own["name"],
                "Provider": own["provider"],
                "Provider Name": own["provider_name"],
                "Category": own["category"],
                "Places": places,
                "Open Places": np.where(full, 0, places - now),
                "Cost per Place ($)": cost,
                "Staff Hrs/Wk": hours * (places // STUDENTS_OF_A_WORKER + 1),
                "Funding This Year ($)": (places * cost * rng.uniform(0.85, 1.05, len(rows)))
                .round(-2)
                .astype(int),
                "Min Age": own["min_age"],
                "Max Age": own["max_age"],
                "Who May Come": own["who"],
            },
            above=[TITLE, NOTE],
        )


def _full(town: Town, program: int) -> bool:
    """Whether anyone was turned away for lack of a place since the last school year began."""
    needs = town.needs
    turned_away = (needs.program == program) & (needs.why_unmet == "no_seat")
    since = np.datetime64(f"{town.year - 2}-07-01")
    return program == programs.CAREER_START or bool((needs.referred_on[turned_away] >= since).any())
