"""Gaps and overlaps: each element of each partner is said once, as the three sets say, and only of partners whose loads one sees."""

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.gate import making
from tests.site.people import client_of
from throughway.agreements import actions as agreements
from throughway.intake.coverage import PartnerCoverage, coverage, overlaps
from throughway.intake.selectors import elements_landed, elements_needed
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.partners.selectors import held
from throughway.partners.systems.actions import enter_systems
from throughway.partners.systems.system import from_values

PATHS = (
    "attendance_day.attendance_status",
    "person.birthdate",
    "person.first_name",
    "service_received.service_date",
)
SETS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.frozensets(st.sampled_from(PATHS)), max_size=3)
# What is said of an element, by whether it is needed, held and here; `registered`: the partner has a system in the register.
SAID = {
    (True, True, True): "complete", (True, True, False): "missing", (True, False, False): "not_held",
    (False, True, False): "not_asked", (False, False, True): "not_registered", (True, False, True): "complete",
    (False, True, True): "not_asked", (False, False, False): "",
}  # fmt: skip


@given(SETS, SETS, SETS)
def test_each_element_is_where_the_three_sets_put_it(needed, held, came) -> None:  # type: ignore[no-untyped-def]
    found = {
        each.partner: each for each in coverage(needed, held, {p: came.get(p, frozenset()) for p in "abc"})
    }
    for partner in "abc":
        one = found.get(partner, PartnerCoverage(partner))
        for path in PATHS:
            is_needed, here = path in needed.get(partner, ()), path in came.get(partner, ())
            has = path in held.get(partner, ())
            registered = partner in held
            said = {
                name for name in vars(one) if isinstance(vars(one)[name], tuple) and path in vars(one)[name]
            }
            expected = {SAID[is_needed, has, here]} - {""}
            if not registered:
                expected = {"complete"} if is_needed and here else {"missing"} if is_needed else set()
            elif here and not has:
                expected |= {"not_registered"}
            if here and not is_needed:
                expected |= {"not_needed"}
            assert said == expected, (partner, path)


@given(SETS, SETS, SETS)
def test_of_a_partner_whose_loads_one_does_not_see_nothing_is_said_that_depends_on_them(
    needed, held, came
) -> None:  # type: ignore[no-untyped-def]
    for each in coverage(needed, held, {}):
        assert (*each.missing, *each.not_needed, *each.not_registered, *each.complete, *each.not_asked) == ()
        assert set(each.not_held) == (
            needed.get(each.partner, frozenset()) - held[each.partner] if each.partner in held else set()
        )


@given(SETS, SETS, SETS)
def test_overlaps_are_tables_of_two_partners(needed, held, came) -> None:  # type: ignore[no-untyped-def]
    tables = {
        table: {
            p
            for found in (held, came)
            for p, paths in found.items()
            if any(path.startswith(f"{table}.") for path in paths)
        }
        for table in ("attendance_day", "person", "service_received")
    }
    assert {o.table: set(o.partners) for o in overlaps(needed, held, came)} == {
        t: p for t, p in tables.items() if len(p) > 1
    }


SYSTEMS = {"systems": [
    {"partner": "north", "name": "SIS", "owner": "IT", "steward": "Registrar", "regime": "ferpa", "refresh": "daily",
     "holdings": ["attendance_day.attendance_status", "attendance_day.attendance_event_date", "course_grade.*"]},
    {"partner": "harbor", "name": "Book", "owner": "Desk", "steward": "Desk", "regime": "own", "refresh": "daily",
     "holdings": ["attendance_day.attendance_status"]},
]}  # fmt: skip


@pytest.fixture
def house(transactional_db: None, community: object) -> None:
    making.register()
    partners.add_user(email="desk@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    making.in_effect(making.sharing())
    making.land(
        "attendance_day",
        "north",
        [{"person_record": 11, "attendance_event_date": making.DAY, "attendance_status": "Present"}],
    )
    making.land(
        "credential", "north", [{"person_record": 11, "diploma_or_credential_award_date": making.DAY}]
    )
    enter_systems(found=from_values(SYSTEMS, None), by=OPERATOR)


@pytest.mark.usefixtures("house")
def test_a_real_community_is_compared() -> None:
    found = {
        c.partner: c
        for c in coverage(elements_needed(OPERATOR, date.today()), held(), elements_landed(OPERATOR))
    }
    north = found["north"]
    assert {"attendance_day.attendance_status", "attendance_day.attendance_event_date"} <= set(north.complete)
    assert "credential.diploma_or_credential_award_date" in north.not_needed
    assert "person.first_name" in north.not_held
    assert any(path.startswith("course_grade.") for path in north.not_asked)
    assert "service_received.service_date" in found["harbor"].not_held
    assert [
        (o.table, o.partners, o.needed) for o in overlaps(elements_needed(OPERATOR, date.today()), held(), {})
    ] == [("attendance_day", ("harbor", "north"), ("north",))]


@pytest.mark.usefixtures("house")
def test_only_the_own_partner_and_the_backbone_see_what_came_in() -> None:
    pages = {}
    for email in ("officer@north.example", "officer@harbor.example", "desk@hub.example"):
        client = client_of(email)
        pages[email] = client.get(reverse("intake:gaps")).content.decode()
    unseen = "You do not see what came in from this partner."
    counted = {email: text.count(unseen) for email, text in pages.items()}
    assert counted == {"officer@north.example": 1, "officer@harbor.example": 1, "desk@hub.example": 0}
    stale = "Stored, and no agreement in effect needs it"
    assert {email: stale in text for email, text in pages.items()} == {
        "officer@north.example": True, "officer@harbor.example": False, "desk@hub.example": True,
    }  # fmt: skip


@pytest.mark.usefixtures("house")
def test_an_agreement_that_one_may_not_open_needs_nothing_for_that_reader() -> None:
    partners.add_partner(id="far", name="Far", kind="cbo", by=OPERATOR)
    partners.add_user(email="officer@far.example", partner="far", role="privacy_officer", by=OPERATOR)
    assert elements_needed(making.reader("officer@far.example"), date.today()) == {}
    assert set(elements_needed(making.reader("officer@harbor.example"), date.today())) == {"north", "harbor"}
    agreements.suspend(id="sharing-2026", by=making.reader("officer@north.example"))
    assert elements_needed(OPERATOR, date.today()) == {}
    assert (
        len([path for path in elements_landed(OPERATOR)["north"] if path.startswith("attendance_day.")]) == 2
    )
