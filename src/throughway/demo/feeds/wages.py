"""The State Workforce Agency: those of whom it holds wages, and what each employer reported by the quarter."""

from pathlib import Path

import numpy as np

from throughway.demo.cast import WAGES
from throughway.demo.feeds import text
from throughway.demo.town import Town
from throughway.demo.working import INDUSTRIES

EMPLOYERS = 12  # of each industry


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, work = town.rosters[WAGES], town.work
    text.write(
        folder / WAGES / "individuals.csv",
        {
            "INDIVIDUAL_REF": roster.key,
            "NAME_FIRST": np.char.upper(roster.written.first),
            "NAME_LAST": np.char.upper(roster.written.last),
            "BIRTH_DT": text.of_iso(roster.written.birthdate, text.month_first),
        },
    )
    month = (work.year - 1970) * 12 + 3 * (work.quarter - 1)
    begin = month.astype("datetime64[M]")
    end = (begin + 3).astype("datetime64[D]") - 1
    employer = 1000 * (work.industry + 1) + (work.student * 7 + work.year // 2) % EMPLOYERS
    text.write(
        folder / WAGES / "wages.csv",
        {
            "INDIVIDUAL_REF": roster.keys_of(work.student),
            "QTR_BEGIN": text.days(begin.astype("datetime64[D]"), text.month_first),
            "QTR_END": text.days(end, text.month_first),
            "EMPLOYER_REF": employer,
            "NAICS": text.chosen(INDUSTRIES, work.industry),
            "WAGES_PAID": np.round(work.earnings, 2),
        },
    )
