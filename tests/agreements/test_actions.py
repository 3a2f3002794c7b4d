"""The life of an agreement in the register: who did what, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.agreements.documents import ABSENT, MOU, PARTNERS, STUDY, changed, text_of
from tests.store.making import rows
from throughway.agreements import actions, selectors
from throughway.agreements import selectors as agreement_selectors
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.signing_pdf import signing_paper
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner
from throughway.store import Community
from throughway.store.actions.landing import NewFile, land
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
LEADER = Actor("leader@schools.example", "riverbend-schools", "leader")
STEWARD = Actor("steward@schools.example", "riverbend-schools", "data_steward")
OFFICER = Actor("officer@lab.example", "reading-lab", "privacy_officer")
LAB_LEADER = Actor("leader@lab.example", "reading-lab", "leader")
ID = "reading-study"


class Clock(date):
    now = TODAY

    @classmethod
    def today(cls) -> date:
        return cls.now


@pytest.fixture(autouse=True)
def house(community: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock.now = TODAY
    monkeypatch.setattr(agreement_selectors, "date", Clock)
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)


def added(*changes: tuple[str, Any]) -> AgreementStatus:
    return actions.add(text=text_of(changed(STUDY, *changes)), by=OPERATOR)


def signed(*changes: tuple[str, Any]) -> AgreementStatus:
    added(*changes)
    actions.sign(id=ID, by=LEADER)
    return actions.sign(id=ID, by=LAB_LEADER)


def active(*changes: tuple[str, Any]) -> AgreementStatus:
    signed(*changes)
    return actions.activate(id=ID, by=STEWARD)


def refused(call: Any, **arguments: Any) -> Refused:
    events = AgreementEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        call(**arguments)
    assert AgreementEvent.objects.count() == events
    return refusal.value


def test_from_text_to_effect_with_an_event_for_each_step() -> None:
    assert added().state is AgreementState.DRAFT
    assert actions.sign(id=ID, by=LEADER).state is AgreementState.PARTLY_SIGNED
    assert actions.sign(id=ID, by=LAB_LEADER).state is AgreementState.SIGNED
    assert selectors.in_effect(TODAY) == []
    standing = actions.activate(id=ID, by=STEWARD)
    assert standing.in_effect
    assert [s.document.id for s in selectors.in_effect(TODAY)] == [ID]
    events = AgreementEvent.objects.order_by("id")
    assert [(e.what, e.by, e.partner, e.day) for e in events] == [
        ("add", "operator", None, TODAY),
        ("sign", LEADER.email, "riverbend-schools", TODAY),
        ("sign", LAB_LEADER.email, "reading-lab", TODAY),
        ("activate", STEWARD.email, "riverbend-schools", TODAY),
    ]
    assert {e.version for e in events} == {standing.version}


def test_the_same_text_again_changes_nothing_and_says_so() -> None:
    first = active()
    again = actions.add(text=text_of(STUDY), by=OPERATOR)
    assert "nothing was changed" in again.reason
    assert (again.version, again.state) == (first.version, AgreementState.ACTIVE)
    assert AgreementEvent.objects.filter(what="add").count() == 1


def test_a_changed_text_is_signed_anew() -> None:
    first = signed()
    second = added(("title", "Another study"))
    assert (second.state, second.signed_by) == (AgreementState.DRAFT, ())
    assert second.version != first.version
    assert added().state is AgreementState.SIGNED  # back to exactly what was signed
    assert [text.version for text in AgreementVersion.objects.order_by("number")] == [
        first.version, second.version, first.version,
    ]  # fmt: skip


def test_after_activation_the_text_stands() -> None:
    active()
    refusal = refused(added_again, title="Another study")
    assert refusal.code == "amend"
    assert "agreement amend" in refusal.message


def added_again(title: str) -> None:
    added(("title", title))


def test_a_terminated_id_is_not_used_again() -> None:
    added()
    actions.terminate(id=ID, by=STEWARD)
    assert refused(added_again, title="x").code == "is_terminated"


def test_a_document_with_faults_is_not_added() -> None:
    refusal = refused(actions.add, text=text_of(changed(STUDY, ("titel", "x"))), by=OPERATOR)
    assert refusal.code == "blocked"
    assert "titel is not a field of an agreement" in refusal.message
    assert AgreementVersion.objects.count() == 0


def test_a_blocking_finding_keeps_everyone_from_signing() -> None:
    added(("clauses.no_identification", ABSENT))
    refusal = refused(actions.sign, id=ID, by=LEADER)
    assert refusal.code == "blocked"
    assert refusal.citations == ("34 CFR 99.31(a)(6)(iii)(C)(3)",)
    assert "S6" in refusal.message


def test_what_blocks_after_signing_keeps_it_from_effect() -> None:
    signed()
    other = changed(STUDY, ("id", "elsewhere"), ("purposes.0.kind", "evaluation"))
    AgreementVersion.objects.create(
        agreement="elsewhere", version="x", number=1, text=text_of(other), added_at=AgreementVersion.objects.get().added_at
    )  # fmt: skip
    assert "D7" in refused(actions.activate, id=ID, by=STEWARD).message


def test_a_party_signs_once() -> None:
    added()
    actions.sign(id=ID, by=LEADER)
    refusal = refused(actions.sign, id=ID, by=LEADER)
    assert (refusal.code, "already signed exactly this text" in refusal.message) == ("already_signed", True)
    assert AgreementEvent.objects.filter(what="sign").count() == 1


def test_what_has_ended_is_not_signed_again() -> None:
    active()
    actions.terminate(id=ID, by=STEWARD)
    assert refused(actions.sign, id=ID, by=LEADER).code == "is_terminated"


@pytest.mark.parametrize("day", [date(2025, 7, 1), date(2099, 6, 30)])
def test_it_is_activated_from_its_first_day_to_its_last(day: date) -> None:
    signed()
    Clock.now = day
    assert actions.activate(id=ID, by=STEWARD).in_effect


def test_it_is_not_activated_before_its_first_day_nor_after_its_last() -> None:
    signed()
    Clock.now = date(2025, 6, 30)
    assert refused(actions.activate, id=ID, by=STEWARD).code == "too_early"
    Clock.now = date(2099, 7, 1)
    assert refused(actions.activate, id=ID, by=STEWARD).code == "expired"


def test_paper_signatures_keep_their_days(community: Community) -> None:
    added(("terms.effective", "2024-07-01"), ("terms.expires", "2025-06-30"))
    spring, summer = date(2024, 5, 2), date(2024, 7, 1)
    paper = signing_paper(selectors.one(ID).signed_text, {})
    for by in (LEADER, LAB_LEADER):
        actions.sign_on_paper(
            id=ID, by=by, party=by.partner or "", paper=paper, signer="Pat Hill", title="Head", on=spring
        )
    assert refused(actions.activate, id=ID, by=STEWARD).code == "expired"
    assert refused(actions.activate, id=ID, by=STEWARD, on=spring).code == "too_early"
    assert refused(actions.activate, id=ID, by=STEWARD, on=TODAY + timedelta(days=1)).code == "too_early"
    files = [
        NewFile(
            table="person",
            partner="riverbend-schools",
            school_year=0,
            arrow=rows("person"),
            agreements=("e",),
        )
    ]
    land(batch="b", files=files, by=OPERATOR)
    assert actions.activate(id=ID, by=STEWARD, on=summer).state is AgreementState.EXPIRED
    assert [(e.what, e.day) for e in AgreementEvent.objects.exclude(what="add").order_by("id")] == [
        ("sign", spring), ("sign", spring), ("activate", summer),
    ]  # fmt: skip
    with snapshot() as live:
        assert all(ID not in Vault(community).keyring.openers(f.id) for f in live.stored())


def test_it_is_not_activated_before_every_party_has_signed() -> None:
    added()
    actions.sign(id=ID, by=LEADER)
    assert "Reading Lab must still sign" in refused(actions.activate, id=ID, by=STEWARD).message


def test_activating_once_more_changes_nothing() -> None:
    active()
    assert "nothing was changed" in actions.activate(id=ID, by=STEWARD).reason
    assert AgreementEvent.objects.filter(what="activate").count() == 1


def test_a_discloser_suspends_alone_and_lifts_it_alone() -> None:
    active()
    discloser = Actor("leader@schools.example", "riverbend-schools", "leader")
    assert refused(actions.suspend, id=ID, by=OFFICER).code == "not_allowed"
    suspended = actions.suspend(id=ID, by=discloser, reason="A breach")
    assert (suspended.state, suspended.suspended_by) == (AgreementState.SUSPENDED, ("riverbend-schools",))
    assert AgreementEvent.objects.get(what="suspend").why == "A breach"
    assert "already suspended" in actions.suspend(id=ID, by=STEWARD).reason
    assert refused(actions.resume, id=ID, by=OFFICER).code == "not_allowed"
    assert selectors.in_effect(TODAY) == []
    assert actions.resume(id=ID, by=discloser).in_effect


def test_it_ends_at_once() -> None:
    active()
    assert actions.terminate(id=ID, by=OFFICER).state is AgreementState.TERMINATED
    assert [s.in_effect for s in selectors.agreement_statuses(TODAY)] == [False]
    assert [s.in_effect for s in selectors.agreement_statuses(TODAY - timedelta(days=1))] == [True]
    assert refused(actions.suspend, id=ID, by=STEWARD).code == "is_terminated"


def test_the_operator_adds_and_binds_nobody() -> None:
    added()
    for act in (actions.sign, actions.activate, actions.suspend, actions.resume, actions.terminate):
        assert refused(act, id=ID, by=OPERATOR).code == "not_allowed"


def test_an_unknown_agreement_is_named() -> None:
    assert refused(actions.sign, id="nothing", by=LEADER).code == "unknown_agreement"


def test_the_agreements_above_are_found() -> None:
    actions.add(text=text_of(MOU), by=OPERATOR)
    narrow = added(("under", MOU["id"]))
    assert [s.document.id for s in selectors.wider(narrow, TODAY)] == [MOU["id"]]
    assert selectors.context(apart_from=ID).others.keys() == {MOU["id"]}
    assert selectors.reviewed(text_of(changed(STUDY, ("under", "nothing"))))[0].id == "G14"
    assert [f for f in selectors.findings(ID) if f.blocks] == []


def test_an_ended_agreement_is_no_longer_reviewed_against() -> None:
    active()
    actions.terminate(id=ID, by=STEWARD)
    assert selectors.context().others == {}


def test_activation_opens_the_sealed_files_that_it_covers(community: Community) -> None:
    birth = {"element": "person.birthdate", "purposes": ["study-reading"], "necessity": "Age"}
    signed(("schedule.1", birth))
    files = [
        NewFile(table=table, partner=partner, school_year=0, arrow=rows(table), agreements=("earlier",))
        for partner, table in (
            ("riverbend-schools", "person"), ("riverbend-schools", "record_key"),
            ("riverbend-schools", "guardian"), ("reading-lab", "person"),
        )
    ]  # fmt: skip
    land(batch="b", files=files, by=OPERATOR)
    actions.activate(id=ID, by=STEWARD)
    with snapshot() as live:
        opened = {(f.partner, f.table) for f in live.stored() if ID in Vault(community).keyring.openers(f.id)}
    assert opened == {("riverbend-schools", "person"), ("riverbend-schools", "record_key")}
