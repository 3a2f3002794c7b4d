"""Who joins, leaves or abstains: what is then granted of whose records to whom, for any document."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreements.documents import AUDIT, BASES, CLAUSES, STUDY, changed, document_of
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.effective_document import Joined, effective, model_for
from throughway.agreements.enums import Basis
from throughway.agreements.grant import own_grants
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.partners import PartnerKind

PARTNERS = ("ash", "birch", "cedar")
NEW = "dogwood"
NAMES = st.none() | st.lists(st.sampled_from(PARTNERS), min_size=1, unique=True)
ROLES = st.lists(st.sampled_from(("discloser", "recipient", "steward")), min_size=1, unique=True)
ELEMENTS = ("attendance_day.*", "attendance_day.attendance_event_date", "course_grade.*", "person.birthdate")
DETAILS = st.dictionaries(
    st.sampled_from(("on_behalf_of", "program_owner", "representative", "scope")), st.sampled_from(PARTNERS)
)


def section(**fields: Any) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


@st.composite
def documents(draw: st.DrawFn) -> AgreementDocument:
    purposes = [
        section(id=id, kind="evaluation", from_=draw(NAMES), recipients=draw(NAMES), roles=["evaluator"], interest="x",
                basis=draw(st.sampled_from(("study", "consent", "audit_evaluation"))), basis_details=draw(DETAILS),
                form="identified")
        for id in draw(st.lists(st.sampled_from(("one", "two")), min_size=1, max_size=3))
    ]  # fmt: skip
    schedule = [
        section(element=element, from_=draw(NAMES), purposes=["one", "two"], necessity="x",
                transform=draw(st.sampled_from(("none", "suppress"))))
        for element in draw(st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=4))
    ]  # fmt: skip
    population = [
        section(where=f"entry_grade_level = '{n}'", on="school_enrollment", from_=draw(NAMES))
        for n in range(draw(st.integers(0, 2)))
    ]
    custody = [section(basis="consent", from_=draw(NAMES)) for _ in range(draw(st.integers(0, 1)))]
    return document_of({
        "throughway": "agreement/1", "id": "any", "tier": "dsa", "title": "Any", "terms": STUDY["terms"], "clauses": CLAUSES,
        "parties": [{"partner": partner, "roles": draw(ROLES)} for partner in PARTNERS],
        "purposes": purposes, "schedule": schedule, "population": population, "custody": custody,
    })  # fmt: skip


Given = tuple[object, ...]  # whose, to whom, under what, and everything else that is granted


def given_by(document: AgreementDocument) -> set[Given]:
    standing = AgreementStatus(document, version_of(document), AgreementState.ACTIVE, "")
    return {
        (grant.discloser, recipient, grant.purpose, grant.basis, grant.table, column, transform, grant.bases, grant.records,
         tuple((p.where, p.on, p.when) for alternatives in grant.population for p in alternatives))
        for grant in own_grants(standing)
        for recipient in grant.recipients
        for column, transform in grant.columns.items()
    }  # fmt: skip


def in_the_place_of(model: str, found: Iterable[Given]) -> set[Given]:
    """What is given, and the same with the new partner in the model's place, wherever that stands; but what families
    consented to is for those alone whom they consented to."""

    def also(partner: object) -> tuple[object, ...]:
        return (partner, NEW) if partner == model else (partner,)

    return {
        (d, r, purpose, basis, *rest)
        for whose, whom, purpose, basis, *rest in found
        for d, r in product(also(whose), (whom,) if basis is Basis.CONSENT else also(whom))
    }


@given(documents(), st.sampled_from(PARTNERS))
def test_a_joiner_gives_and_receives_like_its_model(text: AgreementDocument, model: str) -> None:
    joined = effective(text, [Joined(NEW, model, "Director", "Bylaws")])
    assert given_by(joined) == in_the_place_of(model, given_by(text))
    assert [p.roles for p in joined.parties if p.partner == NEW] == [
        p.roles for p in text.parties if p.partner == model
    ]


@given(documents(), st.sampled_from(PARTNERS))
def test_the_entries_that_were_signed_keep_their_places(text: AgreementDocument, model: str) -> None:
    joined = effective(text, [Joined(NEW, model)])
    for before, after in zip(text.purposes, joined.purposes, strict=False):
        assert (before.id, before.basis, before.basis_details) == (after.id, after.basis, after.basis_details)
    for added in joined.purposes[len(text.purposes) :]:
        assert NEW in added.basis_details.values()


@given(documents(), st.sampled_from(PARTNERS))
def test_a_joiner_gets_its_own_entry_for_a_named_basis(text: AgreementDocument, model: str) -> None:
    joined = effective(text, [Joined(NEW, model)])
    for entry in joined.purposes:
        owners = {entry.basis_details.get(key) for key in ("on_behalf_of", "program_owner")}
        if {model, NEW} & owners and {model, NEW} & set(joined.disclosers(entry)):
            assert not (model in owners and NEW in joined.disclosers(entry))
            assert not (NEW in owners and model in joined.disclosers(entry))


@given(documents(), st.sampled_from(PARTNERS))
def test_a_leaver_neither_gives_nor_receives(text: AgreementDocument, partner: str) -> None:
    left = effective(text, left=[partner])
    assert given_by(left) == {each for each in given_by(text) if partner not in each[:2]}
    assert partner not in left.partners


@given(documents(), st.sampled_from(PARTNERS))
def test_an_abstainer_gives_nothing_and_still_receives(text: AgreementDocument, partner: str) -> None:
    abstained = effective(text, abstaining=[partner])
    assert given_by(abstained) == {each for each in given_by(text) if each[0] != partner}
    assert abstained.partners == text.partners


@given(documents(), st.sampled_from(PARTNERS))
def test_joining_and_leaving_restores_the_document(text: AgreementDocument, model: str) -> None:
    assert given_by(effective(text, [Joined(NEW, model)], left=[NEW])) == given_by(text)


@pytest.mark.parametrize("values", BASES.values(), ids=BASES)
def test_without_changes_the_document_is_the_text(values: dict[str, Any]) -> None:
    text = document_of(values)
    assert effective(text) is text


def test_named_parties_and_unknown_models_do_not_join() -> None:
    text = document_of(STUDY)
    assert effective(text, [Joined("reading-lab", "riverbend-schools")]) is text
    assert effective(text, [Joined(NEW, "bright-futures")]) is text


@pytest.mark.parametrize(
    ("title", "authority", "signs"),
    [("Director", "Bylaws", True), ("Director", "", False), ("", "Bylaws", False)],
)
def test_a_joiners_signatory_is_recorded(title: str, authority: str, signs: bool) -> None:
    joined = effective(document_of(STUDY), [Joined(NEW, "reading-lab", title, authority)])
    signatory = joined.parties[-1].signatory
    assert (signatory is not None and (signatory.title, signatory.authority)) == (
        signs and (title, authority)
    )


def test_other_basis_details_of_the_model_stay() -> None:
    """Only where it names whose study, program or designation it is does the one that joins stand in its place."""
    said = STUDY["purposes"][0]["basis_details"] | {"scope": "riverbend-schools"}
    text = document_of(changed(STUDY, ("purposes.0.basis_details", said)))
    _, added = effective(text, [Joined(NEW, "riverbend-schools")]).purposes
    assert added.basis_details == said | {"on_behalf_of": NEW}


@pytest.mark.parametrize(("basis", "entries"), [("audit_evaluation", 2), ("consent", 1)])
def test_a_joiner_is_designated_itself_never_by_consent(basis: str, entries: int) -> None:
    """An entry reads to those alone whom its own right names (34 CFR 99.35(a)(3), 99.30(b)(3))."""
    text = document_of(changed(AUDIT, ("purposes.0.basis", basis)))
    first, *added = effective(text, [Joined(NEW, "reading-lab")]).purposes
    assert (first.recipients, first.basis_details) == (
        ("reading-lab",),
        AUDIT["purposes"][0]["basis_details"],
    )
    assert [(e.recipients, e.basis_details["representative"]) for e in added] == [((NEW,), NEW)] * (
        entries - 1
    )


def test_promises_of_the_model_stay_its_own() -> None:
    service = {"partner": "riverbend-schools", "program": "Tutoring"}
    text = document_of(changed(STUDY, ("services", [service])))
    assert [s.partner for s in effective(text, [Joined(NEW, "riverbend-schools")]).services] == [
        "riverbend-schools"
    ]


def test_the_model_is_the_first_party_of_the_kind() -> None:
    kinds = {
        "riverbend-schools": PartnerKind.LEA,
        "reading-lab": PartnerKind.AGENCY,
        "elsewhere": PartnerKind.CBO,
    }
    text = document_of(STUDY)
    assert model_for(PartnerKind.LEA, kinds, text) == "riverbend-schools"
    assert model_for(PartnerKind.CBO, kinds, text) is None
