"""What an agreement grants: wildcards, named lines, several entries, and tiers that only narrow."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.agreements.documents import EXAMPLE
from tests.gate.making import OFFICIAL, line, party, purpose, sharing
from tests.gate.reference import World
from tests.gate.worlds import TODAY, standings, worlds
from throughway.agreements.directory_notice import ITEMS, items_of, listed
from throughway.agreements.document import AgreementDocument, read_document, version_of
from throughway.agreements.effective_grants import (
    grants_of,
    grants_of_text,
    linked_partners,
    why_not_in_effect,
)
from throughway.agreements.enums import ANY, AccessForm, Basis, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.states import OPEN, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform

COMMON = {"source_system", "batch_id", "valid_from", "valid_to", "recorded_at"}


def stands(document: dict[str, Any], state: AgreementState = AgreementState.ACTIVE) -> AgreementStatus:
    parsed = AgreementDocument.model_validate(document)
    return AgreementStatus(
        parsed, version_of(parsed), state, f"{parsed.id} is {state}.", activated=state not in OPEN
    )


def only(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return sharing(schedule=[*lines], **changes)


def columns(
    document: dict[str, Any], table: str, discloser: str = "north", *above: AgreementStatus
) -> dict[str, str]:
    for grant in grants_of(stands(document), above):
        if (grant.table, grant.discloser, grant.purpose) == (table, discloser, "planning"):
            return {name: str(transform) for name, transform in grant.columns.items()}
    return {}


def test_the_example_of_the_documentation() -> None:
    document, _ = read_document(EXAMPLE)
    assert document is not None
    grants = grants_of_text(AgreementStatus(document, "v", AgreementState.DRAFT, "a draft"), ())
    assert grants == ()  # it stands under an mou that nobody added
    alone = document.model_copy(update={"under": ()})
    shown = {
        (g.purpose, g.discloser, g.table)
        for g in grants_of_text(AgreementStatus(alone, "v", AgreementState.DRAFT, ""), ())
    }
    assert shown == {
        ("casework", "riverbend-schools", "attendance_day"),
        ("casework", "riverbend-schools", "person"),
        ("casework", "bright-futures", "service_received"),
        ("match-records", "riverbend-schools", "person"),
        ("match-records", "riverbend-schools", "person_contact"),
        ("match-records", "bright-futures", "person"),
        ("match-records", "bright-futures", "person_contact"),
    }


def test_wildcards_leave_out_what_must_be_named() -> None:
    shown = columns(only(line("person_status.*", "planning")), "person_status")
    assert "migrant_status" in shown
    assert not {"idea_indicator", "title_iii_immigrant_status", "homelessness_status"} & shown.keys()


def test_a_table_brings_person_and_common_columns() -> None:
    assert columns(only(line("person.birthdate", "planning", transform="year")), "person") == {
        "person_id": "none", "birthdate": "year", **dict.fromkeys(COMMON, "none"),
    }  # fmt: skip
    named = columns(only(line("person.source_record_id", "planning")), "person")
    assert named["source_record_id"] == "none"


def test_a_named_line_beats_a_wildcard_either_way() -> None:
    finer = only(
        line("attendance_day.*", "planning", transform="mask"),
        line("attendance_day.attendance_status", "planning"),
    )
    assert columns(finer, "attendance_day")["attendance_status"] == "none"
    coarser = only(line("person.*", "planning"), line("person.first_name", "planning", transform="mask"))
    assert columns(coarser, "person")["first_name"] == "mask"


def test_a_named_line_is_for_its_discloser_alone() -> None:
    document = only(
        line("person.*", "planning"),
        line("person.first_name", "planning", transform="mask", **{"from": ["north"]}),
    )
    assert columns(document, "person")["first_name"] == "mask"
    assert columns(document, "person", "harbor")["first_name"] == "none"


def test_a_wildcard_does_not_change_how_persons_are_named() -> None:
    assert columns(only(line("person.*", "planning", transform="suppress")), "person")["person_id"] == "none"
    assert (
        columns(only(line("person.person_id", "planning", transform="suppress")), "person")["person_id"]
        == "suppress"
    )


def test_nothing_without_a_line_of_the_purpose() -> None:
    assert columns(only(line("person.*", "matching")), "person") == {}
    assert columns(only(line("person.*", "planning", **{"from": ["harbor"]})), "person") == {}


def test_pseudonymous_forms_do_not_name_persons() -> None:
    document = only(
        line("person.*", "planning"),
        purposes=[purpose("planning", "research", "pseudonymous", recipients=["hub"])],
    )
    shown = columns(document, "person")
    assert {"person_id", "birthdate", "sex"} <= shown.keys()
    assert not {"first_name", "last_or_surname", "source_record_id"} & shown.keys()
    # How a row came would join two agreements' rows.
    assert shown.keys() & COMMON == COMMON - {"batch_id", "recorded_at"}


@pytest.mark.parametrize(
    ("element", "transform", "form", "shown"),
    [
        # A key that would join two agreements' rows is a code, unless it is hidden anyway.
        ("behavior_incident.incident_identifier", "none", "pseudonymous", "pseudonym"),
        ("behavior_incident.incident_identifier", "suppress", "pseudonymous", "suppress"),
        ("behavior_incident.incident_identifier", "none", "identified", "none"),
        ("behavior_incident.incident_date", "none", "pseudonymous", "none"),
        # What names a person is there as a code or hidden, and never in part.
        ("person.first_name", "pseudonym", "pseudonymous", "pseudonym"),
        ("person.first_name", "suppress", "pseudonymous", "suppress"),
        ("person.first_name", "mask", "pseudonymous", None),
        ("person.first_name", "none", "pseudonymous", None),
        ("person.first_name", "mask", "identified", "mask"),
    ],
)
def test_what_names_or_joins_is_shown_by_its_form(
    element: str, transform: str, form: str, shown: str | None
) -> None:
    table, _, name = element.partition(".")
    entry = purpose("planning", "research", form, recipients=["hub"])
    document = only(line(element, "planning", transform=transform), purposes=[entry])
    assert columns(document, table).get(name) == shown


def of_north(*standings: AgreementStatus) -> Grant:
    """What the first agreement grants of one table of north's under `planning`, with the others above it."""
    (grant,) = (
        g for g in grants_of(standings[0], standings[1:]) if (g.discloser, g.purpose) == ("north", "planning")
    )
    return grant


ONE = only(line("person.first_name", "planning"))


def test_what_an_agreement_asks_for_by_itself() -> None:
    study = purpose(
        "planning",
        "research",
        "identified",
        basis="study",
        basis_details={},
        reach="roster",
        recipients=["hub"],
    )
    grant = of_north(
        stands({**ONE, "purposes": [study], "records": {"from": "2024-01-01", "to": "2025-01-01"}})
    )
    assert grant.bases == {"study", "school_official"}  # its own, and that of the custody
    assert (grant.recipients, grant.roles, grant.reach) == ({"hub"}, {"evaluator"}, Reach.ROSTER)
    assert grant.records == (date(2024, 1, 1), date(2025, 1, 1))
    assert (grant.effective, grant.expires) == (date(2020, 7, 1), date(2099, 6, 30))
    assert (grant.choices, grant.population, grant.tiers, grant.threat) == (frozenset(), (), (), "")


@pytest.mark.parametrize(
    ("details", "said"),
    [
        (
            {"threat": "a flood", "determined_by": "the superintendent", "determined_on": "2026-09-01"},
            "a flood (determined by the superintendent on 2026-09-01)",
        ),
        ({}, "a threat that the agreement does not name (determined by nobody named on no day named)"),
    ],
)
def test_the_threat_of_an_emergency_is_kept(details: dict[str, str], said: str) -> None:
    entry = purpose(
        "planning", "operations", "identified", basis="emergency", basis_details=details, recipients=["hub"]
    )
    assert of_north(stands({**ONE, "purposes": [entry]})).threat == said


@pytest.mark.parametrize(
    ("of", "north", "harbor"),
    [
        ([None], ["06"], ["06"]),
        ([["north"]], ["06"], []),
        ([["harbor"]], [], ["06"]),
        ([None, ["harbor"]], ["06"], ["06", "07"]),
        ([["north"], ["north", "harbor"]], ["06", "07"], ["07"]),
    ],
)
def test_a_population_applies_to_named_disclosers(
    of: list[list[str] | None], north: list[str], harbor: list[str]
) -> None:
    entries = [
        {"on": "school_enrollment", "where": f"entry_grade_level = '{grade}'"}
        | ({"from": names} if names else {})
        for grade, names in zip(("06", "07"), of, strict=False)
    ]
    grants = grants_of(stands(sharing(population=entries)), ())
    for discloser, grades in (("north", north), ("harbor", harbor)):
        for grant in (g for g in grants if g.discloser == discloser):
            assert [e.where[-3:-1] for tier in grant.population for e in tier] == grades
            assert len(grant.population) == bool(grades)


@pytest.mark.parametrize("state", [s for s in AgreementState if s is not AgreementState.ACTIVE])
def test_nothing_is_granted_out_of_effect(state: AgreementState) -> None:
    standing = stands(sharing(), state)
    assert grants_of(standing, ()) == ()
    assert why_not_in_effect(standing, ()) == (standing.reason,)
    assert grants_of_text(standing, ())


# ---- tiers


def above(**changes: Any) -> dict[str, Any]:
    return sharing(id="above", tier="mou", purposes=[], schedule=[]) | changes


def under(**changes: Any) -> dict[str, Any]:
    return sharing(under=["above"]) | changes


def test_a_tier_without_purposes_does_not_narrow() -> None:
    assert columns(under(), "person", "north", stands(above())) == columns(sharing(), "person")


def test_parties_without_roles_in_the_mou_keep_theirs() -> None:
    parties = [party("north"), party("harbor"), party("hub")]
    assert columns(under(), "person", "north", stands(above(parties=parties)))
    parties = [party("north", "recipient"), party("harbor"), party("hub")]
    assert not columns(under(), "person", "north", stands(above(parties=parties)))


def test_no_access_without_being_party_of_the_wider_tier() -> None:
    tier = stands(above(parties=[party("north", "discloser"), party("harbor")]))
    grants = grants_of(stands(under()), [tier])
    named = {party.partner for party in tier.document.parties}
    assert {g.discloser for g in grants} == named == {"north", "harbor"}
    assert all("hub" not in g.recipients for g in grants)
    tier = stands(above(parties=[party("harbor"), party("hub")]))
    assert {g.discloser for g in grants_of(stands(under()), [tier])} == {"harbor"}


def test_each_section_narrows_element_by_element() -> None:
    wide = sharing(
        id="above", tier="dsa",
        purposes=[purpose("planning", "operations", "identified", roles=["evaluator", "leader"], reach="roster", basis="consent",
                          basis_details={}, recipients=["harbor", "hub"])],
        schedule=[line("person.birthdate", "planning"), line("person.first_name", "planning", transform="mask")],
        population=[{"on": "school_enrollment", "where": "entry_grade_level = '06'"}],
        records={"from": "2024-01-01", "to": "2026-12-31"},
    )  # fmt: skip
    wide["terms"] = {**wide["terms"], "expires": "2099-01-01", "minimum_cell": 11, "training": ["ferpa"]}
    narrow = under(tier="dul", records={"from": "2023-01-01", "to": "2025-12-31"})
    (grant,) = [g for g in grants_of(stands(narrow), [stands(wide)]) if g.discloser == "north"]
    assert {n: str(t) for n, t in grant.columns.items() if n not in COMMON} == {
        "person_id": "none", "birthdate": "year", "first_name": "mask",
    }  # fmt: skip
    assert grant.table == "person"
    assert (grant.recipients, grant.roles, grant.reach) == ({"harbor", "hub"}, {"evaluator"}, Reach.ROSTER)
    assert grant.bases == {"school_official", "consent"}
    assert grant.records == (date(2024, 1, 1), date(2025, 12, 31))
    assert (grant.minimum_cell, grant.expires, grant.training) == (11, date(2099, 1, 1), {"ferpa"})
    assert len(grant.population) == 1
    assert [id for id, _ in grant.tiers] == ["above"]


def terms(**changes: Any) -> dict[str, Any]:
    return {"terms": sharing()["terms"] | changes}


def test_what_either_tier_asks_for_must_hold() -> None:
    """In either order: the narrower text's condition applies in addition to the wider one's."""
    study = purpose("planning", "research", "identified", basis="study", basis_details={}, recipients=["hub"])
    by_consent = purpose(
        "planning", "research", "identified", basis="consent", basis_details={}, recipients=["hub"]
    )
    asks = [
        {"purposes": [entry], "custody": [{"basis": custody}]} | terms(effective=first, training=[course], minimum_cell=cell)
        for entry, custody, first, course, cell in (
            (study, "school_official", "2021-07-01", "ferpa", 10),
            (by_consent, "audit_evaluation", "2022-07-01", "hipaa", 12),
        )
    ]  # fmt: skip
    schedule = {"schedule": ONE["schedule"]}
    for narrow, wide in (asks, asks[::-1]):
        grant = of_north(stands(under(**schedule, **narrow)), stands(above(**schedule, **wide)))
        assert grant.bases == {"study", "consent", "school_official", "audit_evaluation"}
        assert grant.training == {"ferpa", "hipaa"}
        assert (grant.effective, grant.minimum_cell) == (date(2022, 7, 1), 12)


@pytest.mark.parametrize("fine", ["identified", "pseudonymous"])
@pytest.mark.parametrize("coarse", ["pseudonymous", "aggregate"])
def test_the_coarser_form_of_the_tiers_holds(fine: str, coarse: str) -> None:
    made = [
        {"purposes": [purpose("planning", "research", form, recipients=["hub"])], "schedule": ONE["schedule"]}
        for form in (fine, coarse)
    ]
    for narrow, wide in (made, made[::-1]):
        assert of_north(stands(under(**narrow)), stands(above(**wide))).form == coarse


def test_only_readers_of_both_tiers_read() -> None:
    def entry(*readers: str) -> dict[str, Any]:
        return {
            "purposes": [purpose("planning", "operations", "identified", recipients=[*readers])],
            "schedule": ONE["schedule"],
        }

    tier = stands(above(**entry("hub")))
    assert of_north(stands(under(**entry("hub", "harbor"))), tier).recipients == {"hub"}
    assert grants_of(stands(under(**entry("harbor"))), [tier]) == ()


def test_each_party_has_its_own_roles_above() -> None:
    """What another may do there opens and closes nothing."""
    for roles, givers in (
        ({"north": ["recipient"], "harbor": ["discloser"], "hub": []}, {"harbor"}),
        ({"north": [], "harbor": ["recipient"], "hub": []}, {"north"}),
    ):
        parties = [party(partner, *its) for partner, its in roles.items()]
        tier = stands(above(parties=parties))
        assert {g.discloser for g in grants_of(stands(under()), [tier])} == givers


def test_the_wider_tiers_right_to_house_must_hold_too() -> None:
    tier = stands(above(custody=[{"basis": "consent", "from": ["north"]}]))
    bases = {g.discloser: "consent" in g.bases for g in grants_of(stands(under()), [tier])}
    assert bases == {"north": True, "harbor": False}


def test_the_choices_of_the_wider_tier_must_be_made_too() -> None:
    by_consent = purpose(
        "planning", "operations", "identified", **{"from": ["north"]}, recipients=["harbor"], basis="consent", basis_details={},
    )  # fmt: skip
    wider = stands(above(purposes=[by_consent], custody=[{"basis": "consent", "from": ["north"]}]))
    found = [
        g for g in grants_of(stands(under()), [wider]) if g.purpose == "planning" and g.discloser == "north"
    ]
    assert found
    for grant in found:
        assert grant.choices == {
            RequiredFamilyChoice("above", "planning", Basis.CONSENT),
            RequiredFamilyChoice("above", ANY, Basis.CONSENT),
        }


def test_choices_of_the_narrower_tier_always_hold() -> None:
    own = purpose("planning", "operations", "identified", **{"from": ["north"]}, recipients=["hub"], basis="consent",
                  basis_details={})  # fmt: skip
    narrow = stands(under(purposes=[own], schedule=[line("person.first_name", "planning")]))
    asked = RequiredFamilyChoice("sharing-2026", "planning", Basis.CONSENT)
    assert of_north(narrow, stands(above())).choices == {asked}
    housed = stands(above(custody=[{"basis": "consent"}]))
    assert of_north(narrow, housed).choices == {asked, RequiredFamilyChoice("above", ANY, Basis.CONSENT)}


def test_a_wider_tiers_notice_limits_the_narrower() -> None:
    by_notice = purpose(
        "planning", "operations", "identified", **{"from": ["north"]}, recipients=["harbor"], basis="directory",
        basis_details={"notice": "2026", "items": ["name"]},
    )  # fmt: skip
    own = under(schedule=[line("person.first_name", "planning"), line("person.birthdate", "planning")])
    (grant,) = [
        g for g in grants_of(stands(own), [stands(above(purposes=[by_notice]))]) if g.discloser == "north"
    ]
    assert "first_name" in grant.columns
    assert "birthdate" not in grant.columns
    assert grant.choices == {RequiredFamilyChoice("above", "planning", Basis.DIRECTORY)}


def test_tables_outside_the_wider_notice_are_hidden() -> None:
    by_notice = purpose(
        "planning", "operations", "identified", recipients=["harbor"], basis="directory",
        basis_details={"notice": "2026", "items": ["telephone"]},
    )  # fmt: skip
    own = under(
        schedule=[line("person.first_name", "planning"), line("person_contact.telephone_number", "planning")]
    )
    found = grants_of(stands(own), [stands(above(purposes=[by_notice]))])
    assert {g.table for g in found if g.discloser == "north"} == {"person_contact"}


@pytest.mark.parametrize(
    ("own", "wider", "both"),
    [
        (["evaluator", "leader"], ["leader"], {"leader"}),
        (["leader"], ["evaluator", "leader"], {"leader"}),
        (["leader"], ["evaluator"], set()),
    ],
)
def test_only_the_roles_of_both_tiers_read(own: list[str], wider: list[str], both: set[str]) -> None:
    narrow, wide = (
        purpose(
            "planning", "operations", "identified", **{"from": ["north"]}, recipients=["hub"], roles=roles
        )
        for roles in (own, wider)
    )
    grant = of_north(
        stands(under(purposes=[narrow], schedule=[line("person.first_name", "planning")])),
        stands(above(purposes=[wide])),
    )
    assert grant.roles == both


def test_the_choices_of_a_custody_are_those_of_its_discloser() -> None:
    document = sharing(custody=[{"basis": "consent", "from": ["north"]}, {**OFFICIAL, "from": ["harbor"]}])
    found = {g.discloser: g.choices for g in grants_of(stands(document), []) if g.purpose == "planning"}
    assert found == {
        "north": {RequiredFamilyChoice("sharing-2026", ANY, Basis.CONSENT)},
        "harbor": frozenset(),
    }


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_notice_items_name_allowed_elements(item: str) -> None:
    for path in ITEMS[item]:
        table, _, name = path.partition(".")
        assert listed(table, name, ITEMS[item])


def test_what_may_never_be_directory_information_is_not_listed() -> None:
    named = items_of(
        {"items": ["person_status.homelessness_status", "attendance_day.attendance_status", "Grade_Level"]}
    )
    assert listed("school_enrollment", "entry_grade_level", named)
    assert listed(
        "person", "source_record_id", {"person.source_record_id"}
    )  # a student number, where it is named
    assert not listed("person", "no_such_element", {"person.no_such_element"})
    assert not listed("person_status", "homelessness_status", named)
    assert not listed("attendance_day", "attendance_status", named)
    assert items_of({}) == frozenset()


def test_a_wider_tier_out_of_effect_stops_the_narrower() -> None:
    tier = stands(above(), AgreementState.SUSPENDED)
    assert grants_of(stands(under()), [tier]) == ()
    assert why_not_in_effect(stands(under()), [tier]) == ("sharing-2026 is under above: above is suspended.",)
    assert "not among the community's agreements" in why_not_in_effect(stands(under()), ())[0]


def test_a_license_under_two_agreements_has_what_either_gives_it() -> None:
    schools = sharing(id="schools", schedule=[line("person.birthdate", "planning")])
    programs = sharing(id="programs", schedule=[line("person.first_name", "planning")])
    license = sharing(
        id="license", tier="dul", under=["schools", "programs"], schedule=[line("person.*", "planning")]
    )
    both = [stands(schools), stands(programs)]
    shown = [
        set(g.columns) - COMMON
        for g in grants_of(stands(license), both)
        if (g.discloser, g.purpose) == ("north", "planning")
    ]
    assert shown == [{"person_id", "birthdate"}, {"person_id", "first_name"}]
    one = [stands(schools), stands(programs, AgreementState.EXPIRED)]
    assert why_not_in_effect(stands(license), one) == ()
    assert len({g.columns["person_id"] for g in grants_of(stands(license), one)}) == 1


@pytest.mark.parametrize(("wide", "narrow"), [(30, 10), (10, 30), (30, None), (None, 30)])
def test_longer_publication_review_of_two_tiers_holds(wide: int | None, narrow: int | None) -> None:
    def terms(days: int | None) -> dict[str, Any]:
        return {**sharing()["terms"], **({"publication_review_days": days} if days else {})}

    tier = sharing(id="wide", terms=terms(wide))
    license = sharing(id="license", tier="dul", under=["wide"], terms=terms(narrow))
    found = grants_of(stands(license), [stands(tier), stands(license)])
    assert {g.review_days for g in found} == {30}


@pytest.mark.parametrize(
    ("wide", "narrow", "holds"),
    [
        (None, None, None), ("nces-2011", None, "nces-2011"), (None, "edfacts", "edfacts"),
        ("nces-2011", "edfacts", "edfacts"), ("edfacts", "nces-2011", "edfacts"),
    ],
)  # fmt: skip
def test_the_strictest_publication_rule_and_the_second_person_hold(
    wide: str | None, narrow: str | None, holds: str | None
) -> None:
    def terms(rule: str | None, approval: str | None) -> dict[str, Any]:
        named = {"publication_rule": rule, "release_approval": approval}
        return {**sharing()["terms"], **{name: value for name, value in named.items() if value}}

    for above, here in ((None, None), ("two_people", None), (None, "two_people")):
        tier = sharing(id="wide", terms=terms(wide, above))
        license = sharing(id="license", tier="dul", under=["wide"], terms=terms(narrow, here))
        found = grants_of(stands(license), [stands(tier), stands(license)])
        assert {(g.publication_rule, g.needs_approval) for g in found} == {(holds, bool(above or here))}


def test_license_shows_no_code_of_a_name_that_its_tier_withholds() -> None:
    research = {"kind": "research", "form": "pseudonymous"}
    purposes = [{**p, **research} for p in sharing()["purposes"] if p["id"] == "planning"]
    wide = sharing(id="wide", purposes=purposes, schedule=[line("person.*", "planning")])
    coded = line("person.first_name", "planning", transform="pseudonym")
    license = sharing(id="license", tier="dul", under=["wide"], purposes=purposes, schedule=[coded])
    known = [stands(wide), stands(license)]
    assert all("first_name" not in g.columns for g in grants_of(stands(wide), known))
    assert all("first_name" not in g.columns for g in grants_of(stands(license), known))
    identified = sharing(
        id="wide",
        purposes=[{**p, "form": "identified"} for p in purposes],
        schedule=[line("person.*", "planning")],
    )
    shown = [
        g for g in grants_of(stands(license), [stands(identified), stands(license)]) if g.table == "person"
    ]
    assert shown
    assert all(g.columns["first_name"].name == "pseudonym" for g in shown)


@given(world=worlds())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_narrower_tier_never_releases_more(world: World) -> None:
    known = standings(world, TODAY)
    by_id = {s.document.id: s for s in known}
    for standing in known:
        for grant in grants_of(standing, known):
            ways = [by_id[id] for id, _ in grant.tiers]
            assert all(w.in_effect for w in ways)
            for tier in ways:
                _within(grant, tier, known)


def _within(grant: Grant, tier: AgreementStatus, known: list[AgreementStatus]) -> None:
    document = tier.document
    assert grant.discloser in document.partners
    assert grant.recipients <= set(document.partners)
    assert grant.expires <= document.terms.expires
    assert grant.minimum_cell >= document.terms.minimum_cell
    if document.schedule and document.purposes:
        wider = [
            g for g in grants_of(tier, known)
            if (g.discloser, g.table, g.purpose) == (grant.discloser, grant.table, grant.purpose)
            and g.recipients & grant.recipients
        ]  # fmt: skip
        assert wider
        for g in wider:
            if grant.recipients <= g.recipients:
                assert grant.columns.keys() <= g.columns.keys()
                assert all(t.coarseness >= g.columns[n].coarseness for n, t in grant.columns.items())
                assert set(grant.population) >= set(g.population[:1])


# ---- links


def test_links_need_each_partners_own_linkage() -> None:
    standing = stands(sharing())
    assert linked_partners([standing], "planning") == {"north", "harbor"}
    assert linked_partners([standing], "matching") == {"north", "harbor"}
    assert linked_partners([standing], "something-else") == frozenset()
    one = sharing(
        purposes=[p for p in sharing()["purposes"] if not (p["id"] == "matching" and p["from"] == ["harbor"])]
    )
    assert linked_partners([stands(one)], "planning") == {"north"}
    assert linked_partners([stands(sharing(), AgreementState.EXPIRED)], "planning") == frozenset()


def test_a_linkage_serves_its_document_by_default() -> None:
    document = sharing(
        purposes=[
            purpose("planning", "operations", "identified"),
            purpose("matching", "linkage", "identified", recipients=["hub"]),
        ]
    )
    assert linked_partners([stands(document)], "planning") == {"north", "harbor"}
    assert linked_partners([stands(document)], "elsewhere") == frozenset()


def test_transforms_are_ordered_from_fine_to_coarse() -> None:
    order = ["none", "band:5", "band:10", "year", "mask", "pseudonym", "suppress"]
    assert sorted(order, key=lambda t: Transform.parse(t).coarseness) == order
    assert AccessForm.AGGREGATE == "aggregate"


def matching(**changes: Any) -> dict[str, Any]:
    """An agreement on nothing but the matching of north's records for `planning`."""
    entry = purpose(
        "matching", "linkage", "identified", recipients=["hub"], serves=["planning"], **{"from": ["north"]}
    )
    return sharing(id="matching", purposes=[entry | changes], schedule=[line("person.*", "matching")])


def by_notice(purpose_id: str) -> dict[str, Any]:
    """An agreement that gives north's names under the purpose by public notice."""
    entry = purpose(purpose_id, "operations", "identified", recipients=["hub"], basis="directory",
                    basis_details={"notice": "2026", "items": ["name"]}, **{"from": ["north"]})  # fmt: skip
    return sharing(id="notice", purposes=[entry], schedule=[line("person.*", purpose_id)])


def test_what_serves_nobody_links_nobody() -> None:
    assert linked_partners([stands(matching())], "planning") == {"north"}
    assert linked_partners([stands(matching(basis="consent", basis_details={}))], "planning") == frozenset()
    assert linked_partners([stands(matching(kind="operations"))], "planning") == frozenset()
    assert linked_partners([stands(matching(serves=["counting"]))], "planning") == frozenset()
    assert linked_partners([stands(matching(recipients=[]))], "planning") == frozenset()
    # Of two entries of one name each serves what it says, for its own discloser.
    both = matching()
    both["purposes"] += [both["purposes"][0] | {"from": ["harbor"], "serves": ["counting"]}]
    assert linked_partners([stands(both)], "planning") == {"north"}


def test_a_separate_notice_keeps_its_discloser_unlinked() -> None:
    assert linked_partners([stands(matching()), stands(by_notice("planning"))], "planning") == frozenset()
    assert linked_partners([stands(matching()), stands(by_notice("counting"))], "planning") == {"north"}
    # In one agreement too, a notice for another purpose stands in nobody's way.
    both = by_notice("counting")
    both["purposes"] += matching()["purposes"]
    both["schedule"] += matching()["schedule"]
    assert linked_partners([stands(both)], "planning") == {"north"}
