"""A whole small community in the tables of a fake access, the same for the same seed."""

import random
from datetime import date, timedelta

from tests.insight.fake_access import FakeAccess, everything
from tests.insight.schooling import assessed, begun, calendar, diploma, grade, mark, spell, weekdays
from throughway.agreements.transforms import Transform

DAYS = weekdays(date(2025, 9, 2), 60)
SCHOOLS = {"north/hs": "North High", "north/ms": "North Middle", "south/hs": "South High"}


class CommunityAccess(FakeAccess):
    """Access with grants, as reports ask for them."""

    on = date(2026, 11, 25)

    def __init__(self, without=()):
        super().__init__()
        self.grants = [
            Shown(table, partner, dict.fromkeys(columns, Transform()))
            for table, partners in everything("north", "south", without=without).tables.items()
            for partner, columns in partners.items()
        ]


class Remembering(CommunityAccess):
    """Access that counts each question once."""

    def __init__(self, without=()):
        super().__init__(without)
        self.answers = {}

    def figures(self, sql, *, numbered=False, failing_is_empty=False):
        if sql not in self.answers:
            self.answers[sql] = super().figures(sql)
        return self.answers[sql]


class Shown:
    agreement, version = "riverbend-2026", "f" * 64

    def __init__(self, table, discloser, columns):
        self.table, self.discloser, self.columns = table, discloser, columns


def settle(access, students=240, seed=1):
    """Students of grades 6 to 12 in 2025-26, and the class of 2025 with its college records."""
    chance = random.Random(seed)
    access.put("organization", *({"organization_id": k, "organization_name": v} for k, v in SCHOOLS.items()))
    access.put("school_enrollment", *begun(2027, "north", "south"))
    for organization in SCHOOLS:
        access.put("calendar_day", *calendar(DAYS, organization=organization))
    for person in range(1, students + 1):
        level = chance.randint(6, 13)
        partner, school = ("north", "ms") if level < 9 else chance.choice([("north", "hs"), ("south", "hs")])
        _person(access, chance, person)
        if level == 13:
            access.put(
                "school_enrollment", spell(person, year=2025, grade="12", partner=partner, school=school)
            )
            _leave(access, chance, person)
            continue
        access.put("school_enrollment", spell(person, grade=f"{level:02d}", partner=partner, school=school))
        missed = chance.choice([0, 1, 2, 3, 5, 9])
        access.put("attendance_day", *(mark(person, d, organization=f"{partner}/{school}") for d in DAYS[:missed]),
                 mark(person, DAYS[-1], "Tardy", organization=f"{partner}/{school}"))  # fmt: skip
        if level == 9:
            credits = chance.choice([0.5, 0.5, 0.4])
            access.put("course_grade", *(grade(person, credits=credits) for _ in range(10)))
        if level == 12 and chance.random() < 0.8:
            access.put("credential", diploma(person, date(2026, 6, 10)))
    return access


def _person(access, chance, person):
    access.put("person", {"person_id": person, "sex": chance.choice(["Female", "Male"])})
    access.put("person_race", {"person_id": person, "race": chance.choice(["White", "White", "Asian"])})
    access.put(
        "person_status", {"person_id": person, "english_learner_status": chance.choice(["Yes", "No", "No"])}
    )


def _leave(access, chance, person):
    access.put("credential", diploma(person, date(2025, 6, 10)))
    late = timedelta(days=chance.choice([0, 0, 500]))
    found = chance.random() < 0.8
    access.put("postsecondary_enrollment", {
        "person_id": person, "record_found": found, "search_date": date(2020, 6, 1), "search_end_date": date(2026, 11, 1),
        "entry_date_into_postsecondary": date(2025, 8, 24) + late if found else None,
    })  # fmt: skip


def grow(access, each=120, seed=2):
    """A class for each step from kindergarten to work, of `each` students in the year in which the step is due."""
    chance = random.Random(seed)
    access.put("organization", *({"organization_id": k, "organization_name": v} for k, v in SCHOOLS.items()))
    access.put("school_enrollment", *begun(2027))
    person = 0
    for level, before, year, earlier in ((3, 0, 2026, 2023), (8, 3, 2026, 2021), (12, 8, 2026, 2022)):
        for _ in range(each):
            person += 1
            _came_up(access, chance, person, level=level, before=before, year=year, earlier=earlier)
    for _ in range(each):  # the class of 2025, followed to college
        person += 1
        _person(access, chance, person)
        access.put("school_enrollment", spell(person, year=2025, grade="12"))
        _leave(access, chance, person)
    for _ in range(each):  # who entered college in 2020, followed to a credential; and who holds one, to work
        person += 1
        _person(access, chance, person)
        access.put("postsecondary_enrollment", entered(person, date(2020, 9, 1)))
        if chance.random() < 0.6:
            access.put("credential", {"person_id": person, "academic_award_date": date(2024, 5, 20)})
        if chance.random() < 0.9:
            earned = chance.choice([6_000.0, 15_000.0])
            access.put(
                "employment",
                *(
                    wages(person, quarter, earned)
                    for quarter in (date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1))
                ),
            )
    return access


def _came_up(access, chance, person, *, level, before, year, earlier):
    """One who was in the earlier grade in the earlier year, or came later; some have left since, some repeat a grade."""
    _person(access, chance, person)
    if chance.random() < 0.85:
        access.put(
            "school_enrollment", spell(person, year=earlier, grade=f"{before:02d}" if before else "KG")
        )
        access.put("assessment_result", assessed(person, before, earlier, chance.random() < 0.65))
    fate = chance.random()
    if fate < 0.12:
        return  # gone
    repeats = fate < 0.22
    access.put("school_enrollment", spell(person, year=year, grade=f"{level - repeats:02d}"))
    if repeats:
        return
    if level == 12:
        if chance.random() < 0.75:
            access.put("credential", diploma(person, date(year, 6, 10)))
    else:
        access.put("assessment_result", assessed(person, level, year, chance.random() < 0.6))


def entered(person, entry, organization="falls/college"):
    return {
        "person_id": person, "entry_date_into_postsecondary": entry, "organization_id": organization, "record_found": True,
        "search_date": date(2020, 6, 1), "search_end_date": date(2026, 11, 1),
    }  # fmt: skip


def wages(person, quarter, earned):
    return {
        "person_id": person,
        "employment_record_reference_period_start_date": quarter,
        "quarterly_earnings": earned,
    }
