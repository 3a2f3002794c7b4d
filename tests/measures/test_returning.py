"""College students who stay, who stop out, who come back, and who then complete: against a slow and plain reference."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.fake_access import FakeAccess, everything
from throughway.insight.milestone_queries import MilestoneQueries
from throughway.measures.policy import POLICY
from throughway.measures.returning import ADULTS, FINISH, PERSISTENCE, RETURN, STAYING

ON = date(2026, 11, 1)
FALL, SPRING = (8, 26), (1, 16)


def ALL(measure):
    return 20


def term(person, year, season=FALL, *, searched=True, college="falls/college"):
    return {
        "person_id": person, "entry_date_into_postsecondary": date(year, *season), "organization_id": college, "record_found": True if searched else None,
        "search_date": date(2017, 6, 1) if searched else None, "search_end_date": ON if searched else None,
    }  # fmt: skip


def award(person, year, month=5):
    return {"person_id": person, "academic_award_date": date(year, month, 14)}


def access_of(*rows):
    access = FakeAccess()
    for row in rows:
        access.put("credential" if "academic_award_date" in row else "postsecondary_enrollment", row)
    return access


def judged(access, measure, year):
    """{person: outcome} of one class."""
    found = MilestoneQueries(access, everything("falls"), POLICY, ON).every_class([measure], ALL, ())
    [of_year] = [each for each in found if each.class_year == year]
    return {int(p): str(c.outcome) for c in of_year.counts for p in c.persons}


def test_persistence_is_a_term_in_the_second_fall_or_a_credential():
    access = access_of(
        *(term(p, 2022) for p in range(1, 6)),
        term(1, 2023), term(2, 2023, SPRING), award(3, 2023), term(4, 2024), term(5, 2023, searched=False),
    )  # fmt: skip
    assert judged(access, PERSISTENCE, 2022) == {
        1: "reached",
        2: "lost",
        3: "reached",
        4: "lost",
        5: "reached",
    }


def test_nobody_is_lost_where_the_records_end_early():
    quiet = [term(p, 2022, searched=False, college=None) for p in (1, 2)]
    assert judged(access_of(*quiet), PERSISTENCE, 2022) == {1: "not seen", 2: "not seen"}
    # A college that reports on its own shows that a student did not come.
    own = [term(1, 2022, searched=False), term(2, 2025, searched=False)]
    assert judged(access_of(*own), PERSISTENCE, 2022) == {1: "lost"}


def test_stopping_out_takes_a_whole_year():
    access = access_of(
        *(term(p, 2019) for p in range(1, 6)), term(1, 2020), term(2, 2021, SPRING), award(3, 2020), term(4, 2021)
    )  # fmt: skip
    # By June 30, 2021: 1 began a term in August, 2 in January, 3 has a credential; 4 and 5 were away for twelve months.
    assert judged(access, STAYING, 2021) == {1: "reached", 2: "reached", 3: "reached", 4: "lost", 5: "lost"}


def test_return_and_credential_of_those_who_had_stopped_out():
    access = access_of(
        *(term(p, 2019) for p in range(1, 5)), term(1, 2020), term(2, 2021), term(3, 2022), award(2, 2023), term(2, 2022)
    )  # fmt: skip
    assert judged(access, RETURN, 2022) == {2: "reached", 3: "lost", 4: "lost"}
    assert judged(access, FINISH, 2022) == {2: "reached"}
    # 1 has been away since the fall of 2020, so he had stopped out by June 2022.
    assert judged(access, RETURN, 2023) == {1: "lost", 3: "reached", 4: "lost"}
    assert judged(access, FINISH, 2023) == {3: "lost"}


def test_a_class_needs_those_who_entered_two_years_before():
    found = MilestoneQueries(access_of(term(1, 2024)), everything("falls"), POLICY, ON)
    classes = {(c.measure.id, c.class_year) for c in found.every_class(ADULTS, ALL, ()) if c.counts}
    assert classes == {("persistence", 2024), ("some-college", 2026)}


def reference(terms, awards, what, year):
    """What becomes of each person, one at a time; everybody was searched for."""
    found = {}
    for person, days in terms.items():
        entered = min(days).year - ((min(days).month, min(days).day) < (5, 1))
        own = awards.get(person, [])

        def began(y, days=days):
            return any(date(y - 1, 7, 1) <= d <= date(y, 6, 30) for d in days)

        def out_by(y, entered=entered, own=own, began=began):
            return entered <= y - 2 and not any(d <= date(y, 6, 30) for d in own) and not began(y)

        if what == "persistence" and entered == year:
            fall = any(date(year + 1, 8, 1) <= d <= date(year + 1, 10, 31) for d in days)
            found[person] = fall or any(date(year, 5, 1) <= d <= date(year + 1, 10, 31) for d in own)
        if what == "some-college" and entered <= year - 2:
            found[person] = not out_by(year)
        if what == "return" and out_by(year - 1):
            found[person] = began(year)
        if what == "return-credential" and out_by(year - 1) and began(year):
            found[person] = any(date(year - 1, 7, 1) <= d <= date(year + 3, 8, 31) for d in own)
    return {person: "reached" if held else "lost" for person, held in found.items()}


DAYS = st.builds(date, st.integers(2017, 2026), st.just(1), st.just(16)) | st.builds(
    date, st.integers(2017, 2025), st.just(8), st.just(26)
)
AWARDED = st.builds(date, st.integers(2018, 2026), st.just(5), st.just(14))


@settings(max_examples=5, deadline=None)
@given(
    terms=st.dictionaries(st.integers(1, 12), st.lists(DAYS, min_size=1, max_size=6), min_size=3),
    awards=st.dictionaries(st.integers(1, 12), st.lists(AWARDED, max_size=2)),
)
def test_every_class_agrees_with_the_reference(terms, awards):
    access = FakeAccess()
    for person, days in terms.items():
        for d in days:
            access.put("postsecondary_enrollment", term(person, d.year, (d.month, d.day)))
    for person, days in awards.items():
        access.put("credential", *({"person_id": person, "academic_award_date": d} for d in days))
    for measured in MilestoneQueries(access, everything("falls"), POLICY, ON).every_class(ADULTS, ALL, ()):
        told = {int(p): str(c.outcome) for c in measured.counts for p in c.persons}
        if measured.counts:
            assert told == reference(terms, awards, measured.measure.id, measured.class_year), (
                measured.measure.id,
                measured.class_year,
            )


@pytest.mark.parametrize("measure", ADULTS)
def test_no_record_no_class(measure):
    [found] = MilestoneQueries(FakeAccess(), everything("falls"), POLICY, ON).every_class([measure], ALL, ())
    assert found.class_year is None
    assert "have come in" in found.cure


def test_groups_over_days_are_those_of_the_pipeline():
    """Each class by group is what one query of the class with its groups counts."""
    access = access_of(*(term(p, 2022 + p % 2) for p in range(1, 7)), *(term(p, 2023) for p in range(1, 4)))
    access.put("person", *({"person_id": p, "sex": "Female" if p % 2 else "Male"} for p in range(1, 7)))
    access.put("person_race", {"person_id": 1, "race": "White"}, {"person_id": 2, "race": "Asian"})
    access.put(
        "person_status",
        {"person_id": 1, "english_learner_status": "Yes", "valid_from": date(2019, 9, 1), "valid_to": date(2022, 9, 1)},
        {"person_id": 1, "english_learner_status": "No", "valid_from": date(2022, 9, 2)},
        {"person_id": 2, "economic_disadvantage_status": "Yes", "valid_from": date(2023, 1, 5)},
    )  # fmt: skip
    queries = MilestoneQueries(access, everything("falls"), POLICY, ON)
    kinds = ("sex", "race", "english learner", "low income", "disability")
    found = {c.class_year: c for c in queries.every_class([PERSISTENCE], ALL, kinds)}
    for year in (2022, 2023):
        slow = queries._counts(PERSISTENCE, year)
        told = {
            (int(p), c.outcome, *(c.groups[k] for k in kinds)) for c in found[year].counts for p in c.persons
        }
        assert told == {(int(p), c.outcome, *(c.groups[k] for k in kinds)) for c in slow for p in c.persons}
    assert {c.groups["english learner"] for c in found[2022].counts} >= {"Not recorded"}
