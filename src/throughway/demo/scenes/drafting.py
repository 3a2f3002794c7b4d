"""The privacy officer of Riverbend Schools has begun an agreement on services and data, and has not finished it."""

from collections.abc import Callable
from datetime import date

from throughway.demo.cast import BACKBONE, BRIGHT, OFFICER, RIVERBEND
from throughway.vocabulary.school_calendar import school_year_of

Say = Callable[[str], None]

ID = "after-school-services"


def play(today: date, say: Say) -> None:
    from throughway.negotiation.drafting.actions import begin
    from throughway.partners.selectors import actor

    year = school_year_of(today)
    begun = begin(
        chosen="youth-collaborative", id=ID, by=actor(OFFICER),
        title="After-school programs at four schools, and the records that help to run them",
        parties={"school": [RIVERBEND], "collaborative": [BRIGHT], "keeper": [BACKBONE]},
        effective=date(year, 7, 1), expires=date(year + 2, 6, 30),
        answers={"notice": f"Annual notice {year - 1} section 3", "program": "Homework Club", "seats": 180},
    )  # fmt: skip
    say(f"  {ID} is a draft of Riverbend Schools, half finished (draft {begun.number})")
