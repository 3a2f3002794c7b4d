"""The whole life of an agreement in the register: the full process, amendments, who joins, leaves or abstains, and the end."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.agreements.documents import ABSENT, PARTNERS, STUDY, changed, text_of
from throughway.agreements import actions, apps, selectors
from throughway.agreements import selectors as agreement_selectors
from throughway.agreements.actions import versions
from throughway.agreements.approvals import Capacity, Needed
from throughway.agreements.document import read_document
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.triggers import AGREEMENTS
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner, add_user
from throughway.partners.models import User
from throughway.store import Community

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
ID = "reading-study"
SCHOOLS, LAB = "riverbend-schools", "reading-lab"


class Clock(date):
    now = TODAY

    @classmethod
    def today(cls) -> date:
        return cls.now


def who(role: str, partner: str) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock.now = TODAY
    monkeypatch.setattr(agreement_selectors, "date", Clock)
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        for role in ("leader", "privacy_officer", "data_steward"):
            add_user(email=f"{role}@{partner}.example", partner=partner, role=role, by=OPERATOR)


def refused(call: Any, **arguments: Any) -> Refused:
    events = AgreementEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        call(**arguments)
    assert AgreementEvent.objects.count() == events
    return refusal.value


def drafted(*changes: tuple[str, Any]) -> AgreementStatus:
    return actions.add(text=text_of(changed(STUDY, *changes)), by=who("privacy_officer", SCHOOLS))


def settled(*changes: tuple[str, Any]) -> AgreementStatus:
    drafted(*changes)
    for act in (actions.submit, actions.offer, actions.agree):
        found = act(id=ID, by=who("privacy_officer", SCHOOLS))
    return found


def approved(*changes: tuple[str, Any]) -> AgreementStatus:
    found = settled(*changes)
    for need in found.missing:
        role = "privacy_officer" if need.capacity is Capacity.PRIVACY_OFFICER else "data_steward"
        found = actions.approve(id=ID, capacity=need.capacity, by=who(role, need.partner))
    return found


def active(*changes: tuple[str, Any]) -> AgreementStatus:
    added = actions.add(text=text_of(changed(STUDY, *changes)), by=OPERATOR)
    for partner in added.document.partners:
        actions.sign(id=ID, by=who("leader", partner))
    return actions.activate(id=ID, by=who("data_steward", SCHOOLS))


def test_the_full_process() -> None:
    officer = who("privacy_officer", SCHOOLS)
    assert drafted().state is AgreementState.DRAFT
    assert actions.submit(id=ID, by=officer).state is AgreementState.REVIEW
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_review"
    assert actions.offer(id=ID, by=officer).state is AgreementState.NEGOTIATION
    found = actions.agree(id=ID, by=officer)
    assert found.state is AgreementState.APPROVAL
    assert found.missing == tuple(
        Needed(partner, capacity) for partner in (SCHOOLS, LAB) for capacity in (Capacity.STEWARD, Capacity.PRIVACY_OFFICER)
    )  # fmt: skip
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_approval"
    actions.approve(id=ID, capacity="steward", by=who("data_steward", SCHOOLS))
    actions.approve(id=ID, capacity="counsel", by=officer)
    actions.approve(id=ID, capacity="steward", by=who("data_steward", LAB))
    assert (
        actions.approve(id=ID, capacity="privacy_officer", by=who("privacy_officer", LAB)).state
        is AgreementState.APPROVED
    )
    assert actions.sign(id=ID, by=who("leader", LAB)).state is AgreementState.PARTLY_SIGNED
    assert actions.sign(id=ID, by=who("leader", SCHOOLS)).state is AgreementState.SIGNED
    assert actions.activate(id=ID, by=who("data_steward", SCHOOLS)).in_effect


# ---- the full process ----


def test_only_the_author_s_people_submit_offer_and_settle() -> None:
    drafted()
    for role, partner in (("leader", LAB), ("evaluator", SCHOOLS)):
        assert refused(actions.submit, id=ID, by=who(role, partner)).code == "not_allowed"
    assert refused(actions.submit, id=ID, by=OPERATOR).code == "not_allowed"
    assert actions.submit(id=ID, by=who("data_steward", SCHOOLS)).state is AgreementState.REVIEW


def test_a_text_of_the_operator_is_moved_on_by_any_party() -> None:
    actions.add(text=text_of(STUDY), by=OPERATOR)
    assert actions.submit(id=ID, by=who("leader", LAB)).state is AgreementState.REVIEW


def test_a_text_with_a_blocking_finding_is_not_offered() -> None:
    drafted(("clauses.no_identification", ABSENT))
    actions.submit(id=ID, by=who("leader", SCHOOLS))
    refusal = refused(actions.offer, id=ID, by=who("leader", SCHOOLS))
    assert (refusal.code, "cannot be offered" in refusal.message) == ("blocked", True)
    assert drafted().state is AgreementState.REVIEW  # cured, and still under review
    assert actions.offer(id=ID, by=who("leader", SCHOOLS)).state is AgreementState.NEGOTIATION


def test_another_rooms_check_stops_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    drafted()
    for act in (actions.submit, actions.offer):
        act(id=ID, by=who("leader", SCHOOLS))
    monkeypatch.setattr(apps, "checks_before_agree", [lambda id: f"{id} has an open proposal."])
    assert refused(actions.agree, id=ID, by=who("leader", SCHOOLS)).code == "held"
    monkeypatch.setattr(apps, "checks_before_agree", [lambda id: None])
    assert actions.agree(id=ID, by=who("leader", SCHOOLS)).state is AgreementState.APPROVAL


def test_approvals_count_for_exactly_the_text_that_was_settled() -> None:
    approved()
    found = drafted(("title", "Another study"))
    assert (found.state, found.approved) == (AgreementState.NEGOTIATION, ())
    assert (
        drafted().state is AgreementState.NEGOTIATION
    )  # back to the first text: it must be settled and approved again
    found = actions.agree(id=ID, by=who("leader", SCHOOLS))
    assert (found.state, len(found.missing)) == (AgreementState.APPROVAL, 4)


def test_who_approves_in_which_capacity() -> None:
    settled()
    assert refused(actions.approve, id=ID, capacity="steward", by=who("leader", LAB)).code == "not_allowed"
    assert refused(actions.approve, id=ID, capacity="clerk", by=who("leader", LAB)).code == "unknown_capacity"
    assert (
        refused(actions.approve, id=ID, capacity="board", minutes="1", by=who("leader", LAB)).code
        == "not_needed"
    )
    actions.approve(id=ID, capacity="steward", by=who("data_steward", LAB))
    twice = refused(actions.approve, id=ID, capacity="steward", by=who("data_steward", LAB))
    assert "already been given" in twice.message
    assert (
        refused(actions.approve, id=ID, capacity="steward", by=who("data_steward", "river-college")).code
        == "not_allowed"
    )


def test_the_leader_stands_in_where_nobody_holds_the_role() -> None:
    settled()
    User.objects.filter(email=f"data_steward@{LAB}.example").update(is_active=False)
    found = actions.approve(id=ID, capacity="steward", by=who("leader", LAB))
    assert Needed(LAB, Capacity.STEWARD) in found.approved


def test_a_board_approves_by_its_minutes() -> None:
    settled(("joinder", {"open_to": ["lea"]}))
    leader = who("leader", SCHOOLS)
    assert Needed(SCHOOLS, Capacity.BOARD) in selectors.one(ID).missing
    assert refused(actions.approve, id=ID, capacity="board", by=leader).code == "no_minutes"
    found = actions.approve(id=ID, capacity="board", minutes="12 May 2026, item 7", by=leader)
    assert Needed(SCHOOLS, Capacity.BOARD) not in found.missing
    assert selectors.past_acts(ID)[-1].details == {"capacity": "board", "minutes": "12 May 2026, item 7"}


def test_an_objection_takes_it_back_with_its_reason() -> None:
    approved()
    actions.sign(id=ID, by=who("leader", SCHOOLS))
    assert refused(actions.object_to, id=ID, reason=" ", by=who("leader", LAB)).code == "no_reason"
    found = actions.object_to(id=ID, reason="The scope is too wide", by=who("leader", LAB))
    assert (found.state, selectors.past_acts(ID)[-1].why) == (
        AgreementState.NEGOTIATION,
        "The scope is too wide",
    )
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_negotiation"


def test_a_community_may_require_the_full_process(community: Community) -> None:
    (community.root / "throughway.toml").write_text('[agreements]\nprocess = "full"\ndays_to_answer = 3\n')
    drafted()
    assert refused(actions.sign, id=ID, by=who("leader", SCHOOLS)).code == "is_draft"
    assert [s.kind for s in selectors.open_steps(TODAY)] == ["submit"]
    settled()
    assert {s.due for s in selectors.open_steps(TODAY)} == {TODAY + timedelta(days=3)}


# ---- signatures ----


def test_a_signature_records_its_details() -> None:
    version = actions.add(text=text_of(STUDY), by=OPERATOR).version
    actions.sign(id=ID, by=who("leader", SCHOOLS))
    actions.sign(
        id=ID,
        by=who("leader", LAB),
        title="President",
        authority="Charter 2",
        signer="Ada Reyes",
        how="by hand",
    )
    first, second = selectors.past_acts(ID)[1:]
    stands = {"stands": "by_role"}
    assert first.details == stands | {
        "title": "Director",
        "authority": "Bylaws",
        "how": "named on the command line",
    }
    assert second.details == stands | {
        "title": "President", "authority": "Charter 2", "how": "by hand", "signer": "Ada Reyes",
    }  # fmt: skip
    assert {first.version, second.version} == {version}


def test_the_full_process_needs_authority_to_sign() -> None:
    approved(("parties.0.signatory", ABSENT))
    assert refused(actions.sign, id=ID, by=who("leader", SCHOOLS)).code == "no_authority"
    assert refused(actions.sign, id=ID, by=who("leader", SCHOOLS), title="Head").code == "no_authority"
    assert actions.sign(id=ID, by=who("leader", SCHOOLS), title="Head", authority="Policy 1").signed_by == (
        SCHOOLS,
    )


def test_another_hash_is_not_signed() -> None:
    version = actions.add(text=text_of(STUDY), by=OPERATOR).version
    actions.add(text=text_of(changed(STUDY, ("title", "Another"))), by=OPERATOR)
    assert refused(actions.sign, id=ID, by=who("leader", LAB), version=version).code == "changed"


# ---- later texts ----


def later(*changes: tuple[str, Any]) -> str:
    return text_of(changed(STUDY, ("title", "A study, amended"), *changes))


def test_the_text_in_effect_stays_until_the_amendment_is_activated() -> None:
    first = active()
    amended = actions.amend(id=ID, text=later(), by=who("leader", LAB))
    assert (amended.state, amended.version) == (AgreementState.DRAFT, selectors.pending_amendment(ID).version)
    assert selectors.one(ID).version == first.version
    assert selectors.one(ID).in_effect
    actions.sign(id=ID, by=who("leader", LAB))
    assert selectors.one(ID).version == first.version
    actions.sign(id=ID, by=who("leader", SCHOOLS))
    Clock.now = TODAY + timedelta(days=10)
    found = actions.activate(id=ID, by=who("data_steward", LAB))
    assert (found.version, found.in_effect, selectors.pending_amendment(ID)) == (amended.version, True, None)
    assert [s.state for s in selectors.lifecycle_of(ID).texts] == [
        AgreementState.AMENDED,
        AgreementState.ACTIVE,
    ]
    for days, version in (
        (0, first.version),
        (9, first.version),
        (10, amended.version),
        (11, amended.version),
    ):
        (then,) = selectors.agreement_statuses(TODAY + timedelta(days=days))
        assert (then.version, then.in_effect) == (version, True)
    assert [s.version for s in selectors.in_effect(date(2025, 8, 1))] == [first.version]


def test_an_amendment_needs_an_effective_text_and_its_id() -> None:
    actions.add(text=text_of(STUDY), by=OPERATOR)
    assert refused(actions.amend, id=ID, text=later(), by=OPERATOR).code == "never_active"
    assert refused(actions.amend, id="other", text=later(), by=OPERATOR).code == "other_id"
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    actions.activate(id=ID, by=who("data_steward", SCHOOLS))
    assert refused(actions.amend, id=ID, text=text_of(STUDY), by=OPERATOR).code == "unchanged"
    assert (
        refused(actions.amend, id=ID, text=later(), by=who("leader", "river-college")).code == "not_allowed"
    )
    actions.amend(id=ID, text=later(), by=OPERATOR)
    assert refused(actions.amend, id=ID, text=later(), by=OPERATOR).code == "already_amending"
    assert refused(actions.renew, id=ID, by=OPERATOR).code == "already_amending"
    replaced = actions.add(text=later(("title", "Better")), by=OPERATOR)
    assert (selectors.pending_amendment(ID).version, len(selectors.lifecycle_of(ID).texts)) == (
        replaced.version,
        2,
    )


def test_an_amendment_has_its_own_process() -> None:
    active()
    actions.amend(id=ID, text=later(), by=who("leader", SCHOOLS))
    for act in (actions.submit, actions.offer, actions.agree):
        act(id=ID, by=who("leader", SCHOOLS))
    life = selectors.lifecycle_of(ID)
    assert (life.current.full, life.current.missing) == (False, ())
    assert (life.prepared.full, len(life.prepared.missing)) == (True, 4)


def test_a_renewal_changes_the_last_day_alone() -> None:
    first = active()
    assert refused(actions.renew, id=ID, until=date(2099, 6, 30), by=OPERATOR).code == "not_later"
    renewed = actions.renew(id=ID, until=date(2100, 6, 30), by=who("leader", SCHOOLS))
    before, after = first.signed_text.model_dump(), renewed.signed_text.model_dump()
    assert after["terms"].pop("expires") == date(2100, 6, 30)
    before["terms"].pop("expires")
    assert before == after


def test_without_a_day_it_runs_as_long_again() -> None:
    active()
    assert actions.renew(id=ID, by=OPERATOR).document.terms.expires == date(2173, 6, 30)


def test_nothing_runs_past_the_last_day_of_all() -> None:
    active(("terms.expires", "9999-12-31"))
    assert refused(actions.renew, id=ID, by=OPERATOR).code == "not_later"


def test_a_text_without_parties_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nobody = text_of(changed(STUDY, ("parties", [])))
    assert "parties is empty" in refused(actions.add, text=nobody, by=OPERATOR).message
    monkeypatch.setattr(versions, "_read", lambda text: read_document(text)[0])
    actions.add(text=nobody, by=OPERATOR)
    assert waiting() == set()


def test_a_suspension_outlasts_an_amendment() -> None:
    active()
    actions.suspend(id=ID, by=who("leader", SCHOOLS), reason="A breach")
    actions.amend(id=ID, text=later(), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    found = actions.activate(id=ID, by=who("data_steward", SCHOOLS))
    assert (found.state, found.suspended_by) == (AgreementState.SUSPENDED, (SCHOOLS,))
    assert actions.resume(id=ID, by=who("leader", SCHOOLS)).in_effect


def test_what_ends_ends_with_its_amendment() -> None:
    active()
    actions.amend(id=ID, text=later(), by=OPERATOR)
    actions.terminate(id=ID, by=who("data_steward", LAB))
    assert selectors.pending_amendment(ID) is None
    assert refused(actions.sign, id=ID, by=who("leader", LAB)).code == "is_terminated"
    assert refused(actions.amend, id=ID, text=later(), by=OPERATOR).code == "is_terminated"


def test_an_expired_agreement_may_still_be_renewed() -> None:
    active()
    Clock.now = date(2099, 7, 5)
    actions.renew(id=ID, until=date(2101, 6, 30), by=OPERATOR)
    assert selectors.one(ID).state is AgreementState.EXPIRED
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    assert actions.activate(id=ID, by=who("data_steward", SCHOOLS)).in_effect
    assert [s.state for s in selectors.agreement_statuses(date(2099, 7, 4))] == [AgreementState.EXPIRED]


# ---- who joins, leaves, abstains ----

OPEN_TO = ("joinder", {"open_to": ["lea"]})
OFFICE = {"title": "Superintendent", "authority": "Policy 1"}
ELM = "elm-schools"


@pytest.fixture
def elm() -> Actor:
    add_partner(id=ELM, name="Elm Schools", kind="lea", by=OPERATOR)
    add_user(email=f"leader@{ELM}.example", partner=ELM, role="leader", by=OPERATOR)
    return who("leader", ELM)


def test_a_partner_joins_by_signing_the_same_text(elm: Actor) -> None:
    first = active(OPEN_TO)
    Clock.now = TODAY + timedelta(days=5)
    assert refused(actions.join, id=ID, by=elm).code == "no_authority"
    assert refused(actions.join, id=ID, by=elm, version="x", **OFFICE).code == "changed"
    found = actions.join(id=ID, by=elm, **OFFICE)
    assert found.document.partners == (SCHOOLS, LAB, ELM)
    assert (found.version, found.signed_text, found.in_effect) == (first.version, first.signed_text, True)
    assert ELM in {d for entry in found.document.purposes for d in found.document.disclosers(entry)}
    assert selectors.one(ID, TODAY + timedelta(days=4)).document.partners == (SCHOOLS, LAB)
    assert refused(actions.join, id=ID, by=elm, **OFFICE).code == "not_allowed"
    assert actions.suspend(id=ID, by=elm).suspended_by == (ELM,)  # a discloser as any other


def test_who_may_not_join(elm: Actor) -> None:
    active()
    assert refused(actions.join, id=ID, by=elm, **OFFICE).code == "not_open"
    actions.amend(id=ID, text=later(OPEN_TO), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    actions.activate(id=ID, by=who("data_steward", SCHOOLS))
    assert refused(actions.join, id=ID, by=who("leader", "river-college"), **OFFICE).code == "not_open"
    assert refused(actions.join, id=ID, by=who("data_steward", ELM), **OFFICE).code == "not_allowed"
    assert refused(actions.join, id=ID, by=OPERATOR, **OFFICE).code == "not_allowed"


def test_one_who_joined_signs_an_amendment_too(elm: Actor) -> None:
    active(OPEN_TO)
    actions.join(id=ID, by=elm, **OFFICE)
    without = changed(STUDY, OPEN_TO, ("parties.0.partner", "bright-futures"),
                      ("purposes.0.basis_details.on_behalf_of", "bright-futures"))  # fmt: skip
    assert refused(actions.amend, id=ID, text=text_of(without), by=OPERATOR).code == "joined_left_out"
    actions.amend(id=ID, text=later(OPEN_TO), by=OPERATOR)
    for partner in (SCHOOLS, LAB):
        found = actions.sign(id=ID, by=who("leader", partner))
    assert (found.state, found.waits_for) == (AgreementState.PARTLY_SIGNED, (ELM,))
    assert actions.sign(id=ID, by=elm, **OFFICE).state is AgreementState.SIGNED


def test_a_partner_leaves_after_its_notice(elm: Actor) -> None:
    active(OPEN_TO, ("terms.exit_notice_days", 30))
    assert refused(actions.leave, id=ID, by=who("leader", LAB)).code == "last_two"
    actions.join(id=ID, by=elm, **OFFICE)
    out = TODAY + timedelta(days=30)
    assert refused(actions.leave, id=ID, by=elm, on=out - timedelta(days=1)).code == "too_early"
    found = actions.leave(id=ID, by=elm)
    assert found.leaving == ((ELM, out),)
    assert ELM in found.document.partners
    assert refused(actions.leave, id=ID, by=elm).code == "is_leaving"
    assert ELM in selectors.one(ID, out - timedelta(days=1)).document.partners
    after = selectors.one(ID, out)
    assert ELM not in after.document.partners
    assert (after.in_effect, after.ever_parties) == (True, (SCHOOLS, LAB))


def test_a_named_party_leaves_and_may_return(elm: Actor) -> None:
    active(OPEN_TO)
    actions.join(id=ID, by=elm, **OFFICE)
    actions.leave(id=ID, by=who("leader", SCHOOLS))
    assert selectors.one(ID).document.partners == (LAB, ELM)
    assert refused(actions.join, id=ID, by=who("leader", SCHOOLS), **OFFICE).code == "has_left"
    actions.amend(id=ID, text=later(OPEN_TO), by=OPERATOR)  # names it again
    assert set(selectors.pending_amendment(ID).waits_for) == {SCHOOLS, LAB, ELM}


def test_an_abstainer_gives_nothing_and_need_not_sign() -> None:
    actions.add(text=text_of(STUDY), by=OPERATOR)
    assert refused(actions.abstain, id=ID, partner=ELM, decision="1", by=OPERATOR).code == "unknown_party"
    assert refused(actions.abstain, id=ID, partner=SCHOOLS, decision="", by=OPERATOR).code == "no_decision"
    found = actions.abstain(id=ID, partner=SCHOOLS, decision="Vote 3", by=OPERATOR)
    assert (found.abstaining, found.waits_for) == ((SCHOOLS,), (LAB,))
    assert [found.document.disclosers(entry) for entry in found.document.purposes] == [()]
    assert (
        refused(actions.abstain, id=ID, partner=SCHOOLS, decision="1", by=OPERATOR).code == "already_abstains"
    )
    actions.sign(id=ID, by=who("leader", LAB))
    assert actions.activate(id=ID, by=who("data_steward", LAB)).in_effect
    actions.amend(id=ID, text=later(), by=OPERATOR)
    assert actions.sign(id=ID, by=who("leader", SCHOOLS)).abstaining == ()  # it signed a later text


def test_an_abstainer_with_a_second_role_signs_for_that_role() -> None:
    """Also where the text names it once for each role."""
    named = [*STUDY["parties"], {**STUDY["parties"][0], "roles": ["steward"]}]
    actions.add(text=text_of(changed(STUDY, ("parties", named))), by=OPERATOR)
    found = actions.abstain(id=ID, partner=SCHOOLS, decision="Vote 3", by=OPERATOR)
    assert (found.abstaining, found.waits_for) == ((SCHOOLS,), (SCHOOLS, LAB))


# ---- the end ----

CERTIFICATE = {"copies": "One extract", "method": "Purge"}


def test_from_the_end_to_closed() -> None:
    active()
    steward, lab = who("data_steward", SCHOOLS), who("data_steward", LAB)
    assert refused(actions.wind_down, id=ID, by=steward).code == "is_active"
    actions.terminate(id=ID, by=steward)
    assert refused(actions.close, id=ID, by=steward).code == "is_terminated"
    assert refused(actions.certify, id=ID, by=lab, **CERTIFICATE).code == "is_terminated"
    assert actions.wind_down(id=ID, by=steward).state is AgreementState.WINDING_DOWN
    assert [(s.kind, s.waits_for, s.due) for s in selectors.open_steps(TODAY)] == [
        ("certify", LAB, TODAY + timedelta(days=60))
    ]
    assert refused(actions.certify, id=ID, by=steward, **CERTIFICATE).code == "not_needed"
    assert refused(actions.certify, id=ID, by=lab, copies=" ", method="x").code == "incomplete"
    tomorrow = TODAY + timedelta(days=1)
    assert refused(actions.certify, id=ID, by=lab, on=tomorrow, **CERTIFICATE).code == "too_early"
    assert refused(actions.close, id=ID, by=steward).code == "uncertified"
    found = actions.certify(id=ID, by=lab, **CERTIFICATE)
    assert (found.state, found.certified) == (AgreementState.WINDING_DOWN, (LAB,))
    assert refused(actions.certify, id=ID, by=lab, **CERTIFICATE).code == "already_certified"
    assert refused(actions.close, id=ID, by=steward).code == "undestroyed"
    found = actions.destroyed(id=ID, by=steward, certificate="c-1")
    assert (found.state, found.certificate) == (AgreementState.DESTROYED, "c-1")
    assert "nothing was changed" in actions.destroyed(id=ID, by=steward, certificate="c-1").reason
    assert refused(actions.destroyed, id=ID, by=steward, certificate="c-2").code == "is_destroyed"
    assert actions.close(id=ID, by=steward).state is AgreementState.CLOSED
    assert refused(actions.add, text=later(), by=OPERATOR).code == "is_terminated"


def test_destroying_begins_the_winding_down() -> None:
    active()
    Clock.now = date(2099, 7, 1)
    assert (
        actions.destroyed(id=ID, by=who("data_steward", SCHOOLS), certificate="c").state
        is AgreementState.WINDING_DOWN
    )
    assert refused(actions.amend, id=ID, text=later(), by=OPERATOR).code == "is_winding_down"
    Clock.now = date(2099, 7, 9)
    found = actions.certify(id=ID, by=who("leader", LAB), **CERTIFICATE)
    assert found.state is AgreementState.DESTROYED
    assert "was destroyed by 2099-07-09." in found.reason  # the day of the last of the two
    assert [s.state for s in selectors.agreement_statuses(date(2099, 6, 30))] == [AgreementState.ACTIVE]


def test_one_that_never_took_effect_closes_at_once() -> None:
    actions.add(text=text_of(STUDY), by=OPERATOR)
    actions.terminate(id=ID, by=who("data_steward", LAB))
    assert refused(actions.wind_down, id=ID, by=who("data_steward", LAB)).code == "never_active"
    assert actions.close(id=ID, by=who("data_steward", LAB)).state is AgreementState.CLOSED


def test_one_that_left_certifies_what_it_received() -> None:
    active(("parties.2", {**STUDY["parties"][1], "partner": "river-college"}))
    leader = who("leader", LAB)
    assert refused(actions.certify, id=ID, by=leader, **CERTIFICATE).code == "is_party"
    actions.leave(id=ID, by=leader)
    (step,) = selectors.open_steps(TODAY)
    assert (step.kind, step.waits_for, step.href_args) == ("certify", LAB, (ID, "certify"))
    found = actions.certify(id=ID, by=leader, **CERTIFICATE)
    assert (found.in_effect, found.certified) == (True, (LAB,))
    assert selectors.open_steps(TODAY) == []


# ---- open steps ----


def waiting() -> set[tuple[str, str]]:
    return {(step.kind, step.waits_for) for step in selectors.open_steps(selectors.today())}


def test_each_step_of_the_full_process_has_an_owner() -> None:
    drafted()
    assert waiting() == {("sign", SCHOOLS), ("sign", LAB)}  # the short way
    actions.submit(id=ID, by=who("leader", SCHOOLS))
    assert waiting() == {("offer", SCHOOLS)}
    actions.offer(id=ID, by=who("leader", SCHOOLS))
    assert waiting() == {("agree", SCHOOLS)}
    Clock.now = TODAY + timedelta(days=2)
    actions.agree(id=ID, by=who("leader", SCHOOLS))
    steps = selectors.open_steps(Clock.now)
    assert {(s.kind, s.since, s.due) for s in steps} == {
        ("approve", Clock.now, Clock.now + timedelta(days=14))
    }
    assert sorted((s.waits_for, *s.roles) for s in steps) == [
        (LAB, "data_steward"), (LAB, "privacy_officer"), (SCHOOLS, "data_steward"), (SCHOOLS, "privacy_officer"),
    ]  # fmt: skip


def test_what_blocks_waits_for_its_author() -> None:
    drafted(("clauses.no_identification", ABSENT))
    assert waiting() == {("cure", SCHOOLS)}


def test_open_steps_of_renewal_suspension_and_end() -> None:
    active(("terms.renewal_notice_days", 10))
    assert waiting() == set()
    Clock.now = date(2099, 6, 20)
    assert waiting() == {("renew", SCHOOLS)}
    actions.suspend(id=ID, by=who("leader", SCHOOLS))
    assert waiting() == {("resume", SCHOOLS)}
    actions.renew(id=ID, by=OPERATOR)
    assert waiting() == {("resume", SCHOOLS), ("sign", SCHOOLS), ("sign", LAB)}
    for partner in (SCHOOLS, LAB):
        actions.sign(id=ID, by=who("leader", partner))
    assert ("activate", SCHOOLS) in waiting()
    actions.terminate(id=ID, by=who("data_steward", LAB))
    assert waiting() == {("wind_down", SCHOOLS)}


def test_nothing_here_is_ever_changed() -> None:
    active()
    for model in (AgreementEvent, AgreementVersion):
        row = model.objects.latest("id")
        for change in (lambda row=row: row.save(), lambda model=model: model.objects.all().delete()):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()
    assert AGREEMENTS.missing(connection) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is of SQLite alone")
def test_nothing_here_is_replaced() -> None:
    active()
    columns = "agreement, version, what, why, by, partner, role, at, day, details"
    of_texts = "agreement, version, number, text, added_at, added_by"
    for table, names in (("event", columns), ("version", of_texts)):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            connection.cursor() as cursor,
            transaction.atomic(),
        ):
            cursor.execute(
                f"INSERT OR REPLACE INTO agreements_agreement{table} ({names}) SELECT {names} "
                f"FROM agreements_agreement{table} WHERE {'what = %s' if table == 'event' else 'number = %s'} LIMIT 1",
                ["sign" if table == "event" else 1],
            )
