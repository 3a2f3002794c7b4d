"""Who may enter: truth tables of every condition, each with the law or the place in the agreement that decides."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.agreements.documents import status_on as standing
from tests.agreements.test_effective_grants import stands
from tests.gate.making import OFFICIAL, line, purpose, sharing
from throughway.agreements.enums import ANY, AccessForm, Basis, PublicationRule, Reach
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.gate.decision import Decision, agreements_of, decide, granted_on_both
from throughway.ledger.entry import exempt
from throughway.partners import OPERATOR, Actor
from throughway.partners.debarment import Debarment
from throughway.training.validity import Completed

TODAY = date(2026, 10, 1)
NCES, EDFACTS = PublicationRule
GOOD = Actor("e@harbor.example", "harbor", "evaluator")


def decided(
    *standings: AgreementStatus,
    actor: Actor = GOOD,
    purpose: str = "planning",
    on: date = TODAY,
    now: list[AgreementStatus] | None = None,
    completed: tuple[Completed, ...] = (),
) -> Decision:
    then = list(standings)
    now = then if now is None else now
    return decide(then=then, now=now, actor=actor, purpose=purpose, on=on, today=TODAY, completed=completed)


def course(name: str, first: date, last: date) -> Completed:
    return Completed("e@harbor.example", name, first, last)


FERPA = course("ferpa-basics", date(2026, 9, 20), date(2027, 9, 20))


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
        ({}, Actor("x", "harbor", "case_worker"), "case worker may not read", "34 CFR 99.31(a)(1)(ii)"),
        ({"roles": []}, GOOD, "no role may", "34 CFR 99.31(a)(1)(ii)"),
        ({"reach": "roster"}, GOOD, "which students of north these are", "purposes[0].reach"),
        ({"reach": "site"}, GOOD, "which students of north these are", "purposes[0].reach"),
        ({"reach": "caseload"}, OPERATOR, "cannot read student data", "recipients"),
        ({}, OPERATOR, "cannot read student data", "recipients"),
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
    document = planning(reach="roster", basis="consent", basis_details={})
    document["terms"] = {**document["terms"], "training": ["ferpa-basics", "secrets"]}
    decision = decided(stands(document, AgreementState.SUSPENDED), actor=Actor("x", "hub", "leader"))
    said = " ".join(r.sentence for r in decision.reasons)
    for part in ("is suspended", "hub is not", "leader may not", "hub serves", "ferpa-basics", "secrets"):
        assert part in said
    assert len(decision.reasons) == 6


def trained(*courses: str) -> dict[str, Any]:
    document = planning()
    return document | {"terms": {**document["terms"], "training": [*courses]}}


def test_training_that_was_never_taken() -> None:
    (reason,) = decided(stands(trained("ferpa-basics"))).reasons
    assert reason.sentence == (
        "You cannot open planning: you have not completed the training ferpa-basics. Take the course on the site, "
        "under Training, where it counts at once; a data steward records one that you took elsewhere."
    )
    assert reason.citation == "34 CFR 99.31(a)(1)(ii); sharing-2026, purposes[0].training and terms.training"


def test_a_purpose_asks_for_training_of_its_own_readers() -> None:
    document, hub = sharing(), Actor("e@harbor.example", "hub", "evaluator")
    entries = [
        entry | {"training": ["ferpa-basics"]} if entry["id"] == "planning" else entry
        for entry in document["purposes"]
    ]
    agreement = stands(document | {"purposes": entries, "terms": document["terms"] | {"training": []}})
    assert {
        "you have not completed the training ferpa-basics" in r.sentence
        for r in decided(agreement, actor=hub).reasons
    } == {True}
    assert decided(agreement, actor=hub, completed=(FERPA,)).allowed
    assert decided(agreement, actor=hub, purpose="counting").allowed


def test_training_that_ran_out_says_when() -> None:
    old = course("ferpa-basics", date(2025, 5, 3), date(2026, 5, 3))
    (reason,) = decided(stands(trained("ferpa-basics")), completed=(old,)).reasons
    assert reason.sentence == (
        "You cannot open planning: your training ferpa-basics ended on 3 May 2026. Take the course on the site, under "
        "Training, where it counts at once; a data steward records one that you took elsewhere."
    )
    assert decided(stands(trained("ferpa-basics")), completed=(old, FERPA)).allowed


def test_each_missing_course_is_named() -> None:
    decision = decided(stands(trained("ferpa-basics", "secrets")), completed=(FERPA,))
    (reason,) = decision.reasons
    assert "secrets" in reason.sentence
    assert len(decided(stands(trained("ferpa-basics", "secrets"))).reasons) == 2


@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [
        (date(2026, 10, 1), date(2027, 10, 1), True),  # from the very day
        (date(2025, 10, 1), date(2026, 10, 1), True),  # through its last
        (date(2025, 9, 30), date(2026, 9, 30), False),
    ],
)
def test_training_counts_from_its_day_to_its_last(first: date, last: date, allowed: bool) -> None:
    course_ = course("ferpa-basics", first, last)
    assert decided(stands(trained("ferpa-basics")), completed=(course_,)).allowed is allowed


def test_past_day_requires_training_then_and_today() -> None:
    day, document = date(2026, 9, 1), stands(trained("ferpa-basics"))
    before = course("ferpa-basics", date(2025, 9, 10), date(2026, 9, 10))
    (reason,) = decided(document, on=day, completed=(FERPA,)).reasons
    assert "on 1 September 2026 you did not hold the training ferpa-basics" in reason.sentence
    (reason,) = decided(document, on=day, completed=(before,)).reasons
    assert "ended on 10 September 2026" in reason.sentence
    assert decided(document, on=day, completed=(before, FERPA)).allowed


@pytest.mark.parametrize("reach", ["roster", "site"])
def test_a_roster_needs_links_of_both_or_the_readers_own_records(reach: str) -> None:
    whole = sharing()
    whole["purposes"] = [p | {"reach": reach} if p["kind"] == "operations" else p for p in whole["purposes"]]
    assert decided(stands(whole)).allowed
    for lacking in ("north", "harbor"):
        without = [p for p in whole["purposes"] if p["kind"] != "linkage" or p["from"] != [lacking]]
        refused = decided(stands(whole | {"purposes": without}))
        assert not refused.allowed
        assert any("no linkage purpose in effect" in r.sentence for r in refused.reasons)
    # A reader of the discloser itself needs no link, and a caseload names its students one by one.
    own = planning(reach=reach) | {"parties": whole["parties"]}
    own["purposes"][0]["recipients"] = ["north"]
    assert decided(stands(own), actor=Actor("x", "north", "evaluator")).allowed
    assert decided(stands(planning(reach="caseload"))).allowed


def test_choices_of_families_are_judged_row_by_row() -> None:
    (grant,) = decided(stands(planning(basis="consent", basis_details={}))).grants
    assert grant.choices == {RequiredFamilyChoice("sharing-2026", "planning", Basis.CONSENT)}
    by_custody = planning() | {"custody": [{"basis": "consent", "from": ["north"]}]}
    (grant,) = decided(stands(by_custody)).grants
    assert grant.choices == {RequiredFamilyChoice("sharing-2026", ANY, Basis.CONSENT)}
    of_another = planning() | {
        "custody": [{"basis": "consent", "from": ["harbor"]}, {**OFFICIAL, "from": ["north"]}]
    }
    (grant,) = decided(stands(of_another)).grants
    assert not grant.choices


def by_notice(*items: str) -> dict[str, Any]:
    document = planning(basis="directory", basis_details={"notice": "2026", "items": [*items]})
    return document | {"schedule": [line("person.*", "planning"), line("person_contact.*", "planning")]}


def test_a_notice_shows_what_it_names() -> None:
    (grant,) = decided(stands(by_notice("name", "student id"))).grants
    assert grant.table == "person"
    assert {"first_name", "last_or_surname", "person_id", "batch_id", "valid_from"} <= grant.columns.keys()
    assert not {"birthdate", "sex"} & grant.columns.keys()
    assert grant.choices == {RequiredFamilyChoice("sharing-2026", "planning", Basis.DIRECTORY)}
    assert not decided(stands(by_notice())).allowed
    listed_in_text = by_notice() | {
        "purposes": [
            by_notice()["purposes"][0] | {"basis_details": {"notice": "n", "items": "Telephone, E-mail"}}
        ]
    }
    (grant,) = decided(stands(listed_in_text)).grants
    assert {"telephone_number", "electronic_mail_address"} <= grant.columns.keys()
    (grant,) = decided(stands(by_notice("person.birthdate"))).grants
    assert "birthdate" in grant.columns
    assert "first_name" not in grant.columns


def test_directory_information_is_not_linked() -> None:
    document = sharing()
    first, *rest = document["purposes"]
    first |= {"basis": "directory", "basis_details": {"notice": "2026", "items": ["name"]}}
    assert decided(stands(document | {"purposes": [first, *rest]})).linked == {"harbor"}


@pytest.mark.parametrize("state", [s for s in AgreementState if s is not AgreementState.ACTIVE])
def test_an_agreement_out_of_effect_is_named_with_its_reason(state: AgreementState) -> None:
    (reason,) = decided(stands(sharing(), state), actor=Actor("x", "hub", "evaluator")).reasons
    assert reason.sentence == f"sharing-2026 is {state}."
    assert "34 CFR 99.30(a)" in reason.citation


def test_unknown_purposes_and_days_to_come() -> None:
    assert "purpose with that name" in decided(stands(sharing()), purpose="planing").reasons[0].sentence
    for known in {entry["id"] for entry in sharing()["purposes"]}:
        said = " ".join(reason.sentence for reason in decided(stands(sharing()), purpose=known).reasons)
        assert "purpose with that name" not in said
    assert "future" in decided(stands(sharing()), on=date(2026, 10, 2)).reasons[0].sentence


def test_a_day_after_the_end_names_the_agreement_too() -> None:
    reasons = decided(stands(sharing(), AgreementState.EXPIRED), on=date(2040, 1, 1)).reasons
    assert {reason.agreement for reason in reasons} == {"", "sharing-2026"}


@pytest.mark.parametrize(("past", "state"), [(0, AgreementState.ACTIVE), (1, AgreementState.EXPIRED)])
def test_the_last_day_is_the_last_on_which_anybody_reads(past: int, state: AgreementState) -> None:
    document = sharing()
    document["terms"] = {**document["terms"], "expires": str(TODAY - timedelta(days=past))}
    text, before = stands(document).document, TODAY - timedelta(days=9)
    acts = [*((AgreementAct.SIGN, partner) for partner in text.partners), (AgreementAct.ACTIVATE, "hub")]
    found = standing(text, "1", [LifecycleEvent(act, before, "1", partner) for act, partner in acts], TODAY)
    assert (found.state, decided(found).allowed) == (state, state is AgreementState.ACTIVE)


def test_what_one_agreement_refuses_another_may_grant() -> None:
    other = planning() | {"id": "other"}
    decision = decided(stands(sharing(), AgreementState.EXPIRED), stands(other))
    assert {g.agreement for g in decision.grants} == {"other"}


def test_a_purpose_without_schedule_says_so() -> None:
    document = planning() | {"schedule": [line("person.*", "something")]}
    assert "lists no element" in decided(stands(document)).reasons[0].sentence


def test_the_operator_enters_linkage_alone_and_needs_no_training() -> None:
    document = sharing()
    document["terms"] = {**document["terms"], "training": ["ferpa-basics"]}
    for entry in document["purposes"]:
        entered = decided(stands(document), actor=OPERATOR, purpose=entry["id"]).allowed
        assert entered == (entry["kind"] == "linkage")
    assert not decided(stands(document), actor=OPERATOR, purpose="own_records").allowed


def test_own_records_need_no_agreement() -> None:
    decision = decided(actor=GOOD, purpose="own_records")
    assert {g.discloser for g in decision.grants} == {"harbor"}
    assert all("source_record_id" in g.columns for g in decision.grants)
    assert decision.linked == frozenset()


def test_agreements_of_grants_are_listed_once() -> None:
    own, official = decided(purpose="own_records").grants, decided(stands(sharing())).grants
    assert agreements_of(own) == ()
    assert agreements_of([*official, *own, *official]) == (("sharing-2026", official[0].version),)


def test_a_past_day_must_be_allowed_then_and_today() -> None:
    day, active, ended = date(2026, 9, 1), stands(sharing()), stands(sharing(), AgreementState.EXPIRED)
    assert decided(active, on=day).allowed
    assert not decided(ended, on=day, now=[active]).allowed
    assert not decided(active, on=day, now=[ended]).allowed
    assert not decided(on=day, now=[active]).allowed


def test_a_past_day_says_what_stands_against_it_on_which_day() -> None:
    day, active, ended = date(2026, 9, 1), stands(sharing()), stands(sharing(), AgreementState.EXPIRED)
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


def test_two_versions_combine_choices_and_narrower_reach() -> None:
    before = stands(planning(basis="consent", basis_details={}))
    after = stands(planning(reach="caseload"))
    for then, now in ((before, after), (after, before)):
        (grant,) = decided(then, on=date(2026, 9, 1), now=[now]).grants
        assert grant.choices == {RequiredFamilyChoice("sharing-2026", "planning", Basis.CONSENT)}
        assert grant.reach is Reach.CASELOAD


@pytest.mark.parametrize(
    ("then", "now", "both"),
    [
        ("all", "site", "site"),
        ("roster", "site", "site"),
        ("site", "roster", "site"),
        ("site", "all", "site"),
        ("site", "site", "site"),
        ("all", "caseload", "caseload"),
        ("roster", "caseload", None),
        ("caseload", "roster", None),
        ("site", "caseload", None),
        ("caseload", "site", None),
    ],
)
def test_what_two_reaches_have_in_common(then: str, now: str, both: str | None) -> None:
    """A site is a part of the roster; a caseload holds students who are in neither."""
    linkage = [p for p in sharing()["purposes"] if p["kind"] == "linkage"]
    before, after = (planning(reach=reach) for reach in (then, now))
    for document in (before, after):
        document["purposes"] += linkage
        document["schedule"] += [line("person.*", "matching")]
    assert decided(stands(before)).allowed
    found = decided(stands(before), on=date(2026, 9, 1), now=[stands(after)])
    assert [g.reach for g in found.grants] == ([Reach(both)] * len(found.grants) if both else [])
    assert found.allowed == (both is not None)


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


def shared(then: Grant, now: Grant) -> Grant:
    """What a grant that changed gave and gives, either way round."""
    (one,), (other,) = granted_on_both([then], [now]), granted_on_both([now], [then])
    assert replace(one, version="", tiers=()) == replace(other, version="", tiers=())
    return one


def test_what_two_versions_have_in_common_is_what_both_grant() -> None:
    (grant,) = decided(stands(planning())).grants
    none, year = Transform("none"), Transform("year")
    columns = [
        {"valid_from": none, "attendance_event_date": year},
        {"batch_id": none, "attendance_event_date": none},
    ]
    then, now = (replace(grant, version=str(n), columns=c) for n, c in enumerate(columns))
    assert shared(then, now).columns == {"attendance_event_date": year}
    for changes, others, both in (
        ({"form": AccessForm.PSEUDONYMOUS}, {}, {"form": AccessForm.PSEUDONYMOUS}),
        ({"bases": frozenset({"study"})}, {"bases": frozenset({"consent"})}, {"bases": {"study", "consent"}}),
        ({"records": (TODAY, None)}, {"records": (None, TODAY)}, {"records": (TODAY, TODAY)}),
        ({"minimum_cell": 20}, {}, {"minimum_cell": 20}),
        ({"review_days": 30}, {}, {"review_days": 30}),
        ({"publication_rule": EDFACTS}, {"publication_rule": NCES}, {"publication_rule": EDFACTS}),
        ({}, {"publication_rule": NCES}, {"publication_rule": NCES}),
        ({"needs_approval": True}, {}, {"needs_approval": True}),
        # It stands under today's tiers, and under the text that was in effect then.
        ({}, {"tiers": (("wide", "2"),)}, {"tiers": (("wide", "2"), (grant.agreement, grant.version))}),
    ):
        found = shared(replace(grant, **changes), replace(grant, version="0", **others))
        assert {name: getattr(found, name) for name in both} == both


def test_grants_of_different_tables_share_nothing() -> None:
    (grant,) = decided(stands(planning())).grants
    for other in (replace(grant, discloser="harbor"), replace(grant, table="person")):
        assert granted_on_both([grant], [other]) == []
        assert granted_on_both([grant], [grant, other]) == [grant]
        assert granted_on_both([grant, other], [other]) == [other]
    apart = [replace(grant, columns={name: Transform("none")}) for name in ("valid_from", "batch_id")]
    assert granted_on_both(apart[:1], apart[1:]) == []


def test_what_hangs_on_reach_or_choices_is_personal() -> None:
    plain = stands(planning())
    by_caseload = stands(planning(reach="caseload") | {"id": "other"})
    by_consent = stands(planning(basis="consent", basis_details={}) | {"id": "other"})
    assert not decided(plain).personal
    for other in (by_caseload, by_consent):
        assert decided(other).personal
        assert decided(plain, other).personal


def test_ended_agreements_are_named_with_their_tables() -> None:
    ended = stands(sharing(id="ended"), AgreementState.EXPIRED)
    ((reason, tables),) = decided(stands(planning()), ended).ended
    assert reason.agreement == "ended"
    assert tables == {"attendance_day", "service_received", "person"}
    of_another = stands(sharing(id="ended", purposes=sharing()["purposes"][2:]), AgreementState.EXPIRED)
    assert decided(stands(planning()), of_another).ended == ()


@pytest.mark.parametrize("state", [s for s in AgreementState if s is not AgreementState.ACTIVE])
def test_never_activated_agreement_is_not_named_as_ended(state: AgreementState) -> None:
    other = stands(sharing(id="other"), state)
    for activated in (True, False):
        told = decided(stands(planning()), replace(other, activated=activated)).ended
        assert [reason.agreement for reason, _ in told] == ["other"] * activated


def test_a_roster_beside_another_reach_is_linked_too() -> None:
    whole = sharing()
    whole["purposes"][0] |= {"reach": "roster"}
    whole["purposes"].append(whole["purposes"][0] | {"reach": "all", "roles": ["leader"]})
    assert decided(stands(whole)).allowed


def test_the_operator_links_whole_tables_only() -> None:
    document = sharing()
    document["purposes"] = [
        p | {"reach": "roster"} if p["kind"] == "linkage" else p for p in document["purposes"]
    ]
    assert not decided(stands(document), actor=OPERATOR, purpose="matching").allowed


def test_ended_agreement_gives_no_schedule_reason() -> None:
    document = planning() | {"schedule": [line("person.*", "something")]}
    (reason,) = decided(stands(document, AgreementState.SUSPENDED)).reasons
    assert "is suspended" in reason.sentence


def test_the_roles_that_may_read_are_named() -> None:
    document = planning(roles=["leader", "evaluator"])
    (reason,) = decided(stands(document), actor=Actor("x", "harbor", "case_worker")).reasons
    assert "evaluator and leader may" in reason.sentence


def test_why_a_course_does_not_count_is_told_of_that_course() -> None:
    day, document = date(2026, 9, 1), stands(trained("ferpa-basics"))
    early = course("ferpa-basics", date(2024, 5, 3), date(2025, 5, 3))
    (reason,) = decided(document, on=day, completed=(early, FERPA)).reasons
    assert "on 1 September 2026 you did not hold the training ferpa-basics" in reason.sentence
    (reason,) = decided(document, on=day, completed=(early, replace(FERPA, course="secrets"))).reasons
    assert "ended on 3 May 2025" in reason.sentence


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


BAR = Debarment(1, "harbor", "north", "SPPO 26-114", date(2026, 3, 2), date(2031, 3, 2))


@pytest.mark.parametrize(
    ("bar", "changes", "allowed"),
    [
        (BAR, {}, False),
        (replace(BAR, until=date(2026, 9, 30)), {}, True),
        (replace(BAR, found_on=date(2026, 10, 2)), {}, True),
        (replace(BAR, ended="taken back"), {}, True),
        (replace(BAR, agency="south"), {}, True),
        (replace(BAR, party="south"), {}, True),
        (BAR, {"basis": "consent", "basis_details": {}}, False),
        (BAR, {"basis": "partner_records", "basis_details": {"regime": "own", "authority": "x"}}, True),
    ],
)
def test_debarred_party_is_refused_that_agencys_records(
    bar: Debarment, changes: dict[str, Any], allowed: bool
) -> None:
    standing = stands(planning(**changes))
    decision = decide(
        then=[standing], now=[standing], actor=GOOD, purpose="planning", on=TODAY, today=TODAY, bars=(bar,)
    )
    assert decision.allowed is allowed
    if not allowed:
        (reason,) = decision.reasons
        assert reason.citation == "34 CFR 99.67(c)–(e)"
        assert "north" in reason.sentence


def test_a_bar_that_began_later_closes_past_days_too() -> None:
    standing = stands(planning())
    past = date(2026, 9, 1)
    late = replace(BAR, found_on=date(2026, 9, 20))
    decision = decide(
        then=[standing], now=[standing], actor=GOOD, purpose="planning", on=past, today=TODAY, bars=(late,)
    )
    assert not decision.allowed


def test_access_under_one_agreement_ignores_the_others() -> None:
    one, other = stands(planning()), stands(planning() | {"id": "other"})

    def under(id: str, actor: Actor = GOOD, *known: AgreementStatus) -> Decision:
        then = list(known or (one, other))
        return decide(then=then, now=then, actor=actor, purpose="planning", on=TODAY, today=TODAY, under=id)

    assert {g.agreement for g in under("").grants} == {one.document.id, "other"}
    assert {g.agreement for g in under("other").grants} == {"other"}
    refused = under("other", replace(GOOD, role="leader"))
    assert {reason.agreement for reason in refused.reasons} == {"other"}
    assert not under("third").allowed
