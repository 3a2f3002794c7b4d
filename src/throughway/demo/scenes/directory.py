"""The directory of supports: partners send their directories, and their people bring the seats from their own records."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

from throughway.core.prose import counted
from throughway.demo.feeds.directory import FILE
from throughway.demo.partners import LEADERS, PAGES, Say
from throughway.partners.actor import OPERATOR
from throughway.partners.selectors import actor
from throughway.supports.actions import add_support, load_directory, take_from_records
from throughway.supports.entry import WEEK, SupportStatement, WayHome, WeeklySession
from throughway.supports.selectors import entries

EVENING = f"{PAGES}/evening-reading"


def offer_evenings(say: Say) -> None:
    """Page by Page offers a small group in the evening, in Spanish too, for which it keeps no list yet: students come by referral."""
    said = SupportStatement(
        "Evening Reading", "tutoring", "Children read aloud with a tutor, in English or Spanish.", program=EVENING,
        place="Elm Street Library", street="12 Elm Street", postal_code="02901", languages=("eng", "spa"), subjects=("reading",),
        sessions=tuple(WeeklySession(day, time(17, 30), time(18, 30)) for day in WEEK), lowest_grade="01", highest_grade="12",
        seats_open=6, seats_all=6, seats_on=date.today(), way_home=WayHome.PICK_UP, cost=Decimal(0), office="Tutoring desk",
        phone="555-0142", public=True,
    )  # fmt: skip
    add_support(partner=PAGES, said=said, by=actor(LEADERS[PAGES]))
    say(f"  {PAGES} offers {said.name}, six seats free: nobody is on its roster until somebody is referred")


def fill(folder: Path, say: Say) -> None:
    for path in sorted((folder / "feeds").glob(f"*/{FILE}")):
        partner = path.parent.name
        load_directory(path=path, partner=partner, by=OPERATOR)
        take_from_records(partner=partner, by=actor(LEADERS[partner]))
    found = entries()
    free = sum(each.said.seats_open or 0 for each in found)
    say(
        f"  {counted(len(found), 'support')} of {counted(len({e.partner for e in found}), 'partner')}, {counted(free, 'seat')} free"
    )
