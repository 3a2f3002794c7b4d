"""Who may enter: truth tables of every condition, each with the law or the place in the agreement that decides."""

from datetime import date
from typing import Any

import pytest

from tests.agreements.test_grants import stands
from tests.gate.making import OFFICIAL, line, purpose, sharing
from throughway.agreements.lifecycle import Standing, State
from throughway.gate.decision import Decision, decide, granted_on_both
from throughway.gate.exempt import exempt
from throughway.partners import OPERATOR, Actor

TODAY = date(2026, 10, 1)
GOOD = Actor("e@harbor.example", "harbor", "evaluator")


def decided(
    *standings: Standing,
    actor: Actor = GOOD,
    purpose: str = "planning",
    on: date = TODAY,
    now: list[Standing] | None = None,
) -> Decision:
    then = list(standings)
    return decide(
        then=then, now=then if now is None else now, actor=actor, purpose=purpose, on=on, today=TODAY
    )


def planning(**changes: Any) -> dict[str, Any]:
    """One purpose entry only, so that each reason is of that entry."""
    entry = (
        purpose("planning", "operations", "identified", **{"from": ["north"]}, recipients=["harbor"])
        | changes
    )
    return sharing(purposes=[entry], schedule=[line("attendance_day.*", "planning")])


def test_a_reader_for_whom_all_holds() -> None:
    decision = decided(stands(sharing()))
    assert decision.allowed
    assert decision.reasons == ()
    assert {g.discloser for g in decision.grants} == {"north"}
    assert decision.linked == {"north", "harbor"}


@pytest.mark.parametrize(
    ("changes", "actor", "said", "citation"),
    [
        ({}, Actor("x", "hub", "evaluator"), "hub is not among the recipients", "34 CFR 99.33(a)(1)"),
        ({}, Actor("x", "harbor", "case_worker"), "case_worker may not read", "34 CFR 99.31(a)(1)(ii)"),
        ({"roles": []}, GOOD, "no role may", "34 CFR 99.31(a)(1)(ii)"),
        ({"reach": "roster"}, GOOD, "students of their roster", "reach"),
        ({"reach": "caseload"}, GOOD, "students of their caseload", "reach"),
        ({"basis": "consent", "basis_details": {}}, GOOD, "by consent", "34 CFR 99.30"),
        ({"basis": "directory"}, GOOD, "opt-outs", "34 CFR 99.37"),
        ({}, OPERATOR, "reads no student data", "recipients"),
    ],
)
def test_each_failing_condition_is_named(
    changes: dict[str, Any], actor: Actor, said: str, citation: str
) -> None:
    decision = decided(stands(planning(**changes)), actor=actor)
    assert not decision.allowed
    (reason,) = decision.reasons
    assert said in reason.sentence
    assert citation in reason.citation
    assert reason.agreement == "sharing-2026"


def test_all_failing_conditions_are_named_at_once() -> None:
    document = planning(reach="caseload", basis="consent", basis_details={})
    document["terms"] = {**document["terms"], "training": ["ferpa-basics"]}
    decision = decided(stands(document, State.SUSPENDED), actor=Actor("x", "hub", "leader"))
    said = " ".join(r.sentence for r in decision.reasons)
    for part in ("is suspended", "hub is not", "leader may not", "caseload", "by consent", "ferpa-basics"):
        assert part in said
    assert len(decision.reasons) == 6


def test_training_that_nobody_can_show_yet() -> None:
    document = planning()
    document["terms"] = {**document["terms"], "training": ["ferpa-basics"]}
    (reason,) = decided(stands(document)).reasons
    assert "ferpa-basics" in reason.sentence
    assert "terms.training" in reason.citation


def test_custody_by_consent_is_not_judged_yet() -> None:
    document = planning() | {"custody": [{"basis": "consent", "from": ["north"]}]}
    assert "by consent" in decided(stands(document)).reasons[0].sentence
    document = planning() | {
        "custody": [{"basis": "consent", "from": ["harbor"]}, {**OFFICIAL, "from": ["north"]}]
    }
    assert decided(stands(document)).allowed


@pytest.mark.parametrize("state", [s for s in State if s is not State.ACTIVE])
def test_an_agreement_out_of_effect_is_named_with_its_reason(state: State) -> None:
    (reason,) = decided(stands(sharing(), state), actor=Actor("x", "hub", "evaluator")).reasons
    assert reason.sentence == f"sharing-2026 is {state}."
    assert "34 CFR 99.30(a)" in reason.citation


def test_unknown_purposes_and_days_to_come() -> None:
    assert "purpose of that name" in decided(stands(sharing()), purpose="planing").reasons[0].sentence
    assert "future" in decided(stands(sharing()), on=date(2026, 10, 2)).reasons[0].sentence


def test_a_day_after_the_end_names_the_agreement_too() -> None:
    reasons = decided(stands(sharing(), State.EXPIRED), on=date(2040, 1, 1)).reasons
    assert {reason.agreement for reason in reasons} == {"", "sharing-2026"}


def test_what_one_agreement_refuses_another_may_grant() -> None:
    other = planning() | {"id": "other"}
    decision = decided(stands(sharing(), State.EXPIRED), stands(other))
    assert {g.agreement for g in decision.grants} == {"other"}


def test_a_purpose_without_schedule_says_so() -> None:
    document = planning() | {"schedule": [line("person.*", "something")]}
    assert "schedules no element" in decided(stands(document)).reasons[0].sentence


def test_the_operator_enters_linkage_alone_and_needs_no_training() -> None:
    document = sharing()
    document["terms"] = {**document["terms"], "training": ["ferpa-basics"]}
    assert decided(stands(document), actor=OPERATOR, purpose="matching").allowed
    assert not decided(stands(document), actor=OPERATOR, purpose="planning").allowed
    assert not decided(stands(document), actor=OPERATOR, purpose="own_records").allowed


def test_own_records_need_no_agreement() -> None:
    decision = decided(actor=GOOD, purpose="own_records")
    assert {g.discloser for g in decision.grants} == {"harbor"}
    assert all("source_record_id" in g.columns for g in decision.grants)
    assert decision.linked == frozenset()


def test_a_past_day_must_be_allowed_then_and_today() -> None:
    day, active, ended = date(2026, 9, 1), stands(sharing()), stands(sharing(), State.EXPIRED)
    assert decided(active, on=day).allowed
    assert not decided(ended, on=day, now=[active]).allowed
    assert not decided(active, on=day, now=[ended]).allowed
    assert not decided(on=day, now=[active]).allowed


def test_a_past_day_says_what_stands_against_it_on_which_day() -> None:
    day, active, ended = date(2026, 9, 1), stands(sharing()), stands(sharing(), State.EXPIRED)
    for decision in (decided(ended, on=day, now=[active]), decided(active, on=day, now=[ended])):
        assert "sharing-2026 is expired." in {r.sentence for r in decision.reasons}


def test_on_a_past_day_links_must_have_been_served_then_and_now() -> None:
    day, whole = date(2026, 9, 1), sharing()
    without = sharing(purposes=[p for p in whole["purposes"] if p["kind"] != "linkage"])
    for then, now in ((whole, without), (without, whole)):
        assert decided(stands(then), on=day, now=[stands(now)]).linked == frozenset()


def test_a_linkage_by_directory_notice_serves_nobody_yet() -> None:
    document = sharing()
    document["purposes"] = [
        p | {"basis": "directory"} if p["kind"] == "linkage" else p for p in document["purposes"]
    ]
    assert decided(stands(document)).linked == frozenset()


def test_of_two_versions_both_populations_hold() -> None:
    sixth = {"on": "school_enrollment", "where": "entry_grade_level = '06'"}
    before, after = (stands(sharing(population=[p])) for p in (sixth, sixth | {"when": "ever"}))
    (grant, *_) = decided(before, on=date(2026, 9, 1), now=[after]).grants
    assert len(grant.population) == 2


def test_of_two_versions_a_past_day_shows_what_both_grant() -> None:
    before = stands(
        sharing(schedule=[line("person.first_name", "planning"), line("person.birthdate", "planning")])
    )
    after = stands(
        sharing(
            schedule=[line("person.birthdate", "planning", transform="year"), line("person.sex", "planning")]
        )
    )
    decision = decided(before, on=date(2026, 9, 1), now=[after])
    (grant,) = decision.grants
    assert str(grant.columns["birthdate"]) == "year"
    assert not {"first_name", "sex"} & grant.columns.keys()
    assert (grant.version, grant.tiers) == (after.version, (("sharing-2026", before.version),))


def test_what_stood_unchanged_is_not_weakened_by_what_came_since() -> None:
    first, second = stands(sharing()), stands(planning() | {"id": "other"})
    both = decided(first, second).grants
    assert granted_on_both(both, both) == list(both)
    shared = granted_on_both(decided(first).grants, both)
    assert set(decided(first).grants[0].columns) <= set(shared[0].columns)


def test_an_entry_is_exempt_only_where_every_grant_is() -> None:
    official, study = (
        decided(stands(planning())).grants,
        decided(stands(planning(basis="study", basis_details={}))).grants,
    )
    own = decided(actor=GOOD, purpose="own_records").grants
    assert exempt(official) == "34 CFR 99.32(d)(2)"
    assert exempt(own) == "34 CFR 99.3, no disclosure"
    assert exempt([*official, *study]) == ""
