"""What a leave does to others: a truth table on small documents, and Riverbend's own papers."""

from dataclasses import replace
from datetime import date, timedelta
from string import Template
from typing import Any

import pytest

import throughway.demo.papers
from tests.agreements.documents import CASEWORK, CLAUSES, STUDY, changed, document_of
from throughway.agreements.document import AgreementDocument, read_document, version_of
from throughway.agreements.leaving_impact import Leaving, leaving
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.demo.simulate import PROMISED_SEATS

TODAY = date(2026, 9, 1)
A, B, C, D = "district-a", "district-b", "program", "backbone"


def standing(document: AgreementDocument, state: AgreementState = AgreementState.ACTIVE) -> AgreementStatus:
    return AgreementStatus(document, version_of(document), state, "", text=document)


def entry(id: str, kind: str, givers: list[str], readers: list[str], **other: Any) -> dict[str, Any]:
    return {
        "id": id, "kind": kind, "from": givers, "recipients": readers, "roles": ["evaluator"], "interest": f"To do {id}",
        "basis": "partner_records", "basis_details": {"regime": "own", "authority": "own"}, "form": "identified", "reach": "all",
        **other,
    }  # fmt: skip


def agreement(id: str = "shared", **changes: Any) -> dict[str, Any]:
    """Two districts give attendance and one of them scores to a program, and a backbone matches all three."""
    parties = [
        (A, ["discloser"]),
        (B, ["discloser"]),
        (C, ["discloser", "recipient"]),
        (D, ["recipient", "steward"]),
    ]
    return {
        **STUDY, "id": id, "clauses": CLAUSES,
        "parties": [{"partner": p, "roles": r, "signatory": {"title": "Head", "authority": "Law"}} for p, r in parties],
        "purposes": [
            entry("help", "casework", [A, B], [C]),
            entry("scores", "research", [A], [D]),
            entry("match", "linkage", [A, B, C], [D], serves=["help", "scores"]),
            entry("help", "casework", [C], [C]),
        ],
        "schedule": [
            {"element": "attendance_day.*", "purposes": ["help"], "necessity": "x"},
            {"element": "course_grade.*", "from": [A], "purposes": ["help"], "necessity": "x"},
            {"element": "assessment_result.*", "purposes": ["scores"], "necessity": "x"},
            {"element": "person.first_name", "purposes": ["match"], "necessity": "x"},
        ],
        "services": [{"partner": C, "program": "Homework Club", "seats": 20}],
        "terms": {**STUDY["terms"], "exit_notice_days": 30},
        **changes,
    }  # fmt: skip


def of(
    partner: str, *others: dict[str, Any], states: dict[str, AgreementState] | None = None, **changes: Any
) -> Leaving:
    found = standing(document_of(agreement(**changes)))
    rest = [standing(document_of(o), (states or {}).get(o["id"], AgreementState.ACTIVE)) for o in others]
    return leaving(found, partner, [found, *rest], TODAY)


@pytest.mark.parametrize(
    ("partner", "lost"),
    [
        (A, [("scores", True, False)]),  # its only discloser
        (B, []),  # another district still gives for it
        (C, [("help", False, True)]),  # its only reader
        (D, [("scores", False, True), ("match", False, True)]),
    ],
)
def test_purpose_ends_with_its_only_discloser_or_reader(
    partner: str, lost: list[tuple[str, bool, bool]]
) -> None:
    found = of(partner)
    assert [(p.purpose, p.no_giver, p.no_reader) for p in found.purposes] == lost


def test_element_ends_with_its_only_giver() -> None:
    assert [(e.purpose, e.table, e.whole) for e in of(A).elements] == [("help", "course_grade", True)]
    assert of(B).elements == ()


def test_partly_lost_table_names_the_lost_elements() -> None:
    schedule = [
        {"element": "attendance_day.attendance_event_date", "purposes": ["help"], "necessity": "x"},
        {"element": "attendance_day.attendance_status", "from": [A], "purposes": ["help"], "necessity": "x"},
    ]
    (lost,) = of(A, schedule=schedule).elements
    assert (lost.elements, lost.whole) == (("attendance_status",), False)


def test_matches_of_the_partner_end_for_each_purpose() -> None:
    links = {x.purpose: x.others for x in of(A).links}
    assert links == {"help": (B, C), "scores": (B, C)}
    assert {x.purpose: x.others for x in of(B).links} == {"help": (A, C), "scores": (A, C)}


def test_matches_end_when_the_matching_partner_leaves() -> None:
    assert {x.purpose: x.others for x in of(D).links} == {"help": (A, B, C), "scores": (A, B, C)}


def test_matches_under_another_agreement_go_on() -> None:
    other = agreement("other", purposes=[entry("match-too", "linkage", [A], [D], serves=["help"])],
                      schedule=[{"element": "person.first_name", "purposes": ["match-too"], "necessity": "x"}])  # fmt: skip
    assert [x.purpose for x in of(A, other).links] == ["scores"]
    assert [x.purpose for x in of(A, other, states={"other": AgreementState.EXPIRED}).links] == [
        "help",
        "scores",
    ]


def below(id: str, under: str, *partners: str) -> dict[str, Any]:
    parties = [
        {"partner": p, "roles": ["discloser"], "signatory": {"title": "x", "authority": "x"}}
        for p in partners
    ]
    return {
        **agreement(id),
        "tier": "dul",
        "under": under,
        "parties": parties,
        "project": {"method": "x"},
        "services": [],
    }


def test_agreements_below_are_named_at_any_depth() -> None:
    others = [below("one", "shared", A, D), below("two", "one", A, D), below("not-party", "shared", B, D),
              below("over", "shared", A, D)]  # fmt: skip
    assert of(A, *others, states={"over": AgreementState.TERMINATED}).under == ("one", "two")
    assert of(C, *others).under == ()


def test_promised_services_end_on_counted_days() -> None:
    found = of(C)
    assert [s.program for s in found.services] == ["Homework Club"]
    assert of(A).services == ()
    assert (found.notice_days, found.out) == (30, TODAY + timedelta(days=30))
    assert found.destroy_by == found.out + timedelta(days=60)
    none = of(C, terms=STUDY["terms"])
    assert (none.notice_days, none.out) == (0, TODAY)


def test_given_and_received_data_must_be_destroyed() -> None:
    gave, received = dict(of(A).gave), dict(of(A).received)
    assert set(gave) == {"attendance_day", "course_grade", "assessment_result", "person"}
    assert set(gave["attendance_day"]) == {C, D}  # D keeps it for the others
    assert received == {}
    assert dict(of(C).received) == {"attendance_day": (A, B), "course_grade": (A,)}


@pytest.mark.parametrize(("partner", "houses"), [(A, False), (D, True)])
def test_leaving_steward_is_reported(partner: str, houses: bool) -> None:
    assert of(partner).houses is houses


def test_the_last_two_parties_cannot_leave() -> None:
    two = document_of(changed(STUDY))
    found = standing(two)
    assert leaving(found, "reading-lab", [found], TODAY).alone
    three = standing(document_of(agreement()))
    assert not leaving(three, A, [three], TODAY).alone
    going = replace(three, leaving=((B, TODAY),))
    assert not leaving(going, A, [going], TODAY).alone
    going = replace(three, leaving=((B, TODAY), (C, TODAY)))  # who has given notice is as good as gone
    assert leaving(going, A, [going], TODAY).alone


def test_party_without_a_role_leaves_without_effect() -> None:
    parties = [
        *agreement()["parties"],
        {"partner": "friend", "roles": [], "signatory": {"title": "x", "authority": "x"}},
    ]
    assert of("friend", parties=parties).quiet
    assert not of(A).quiet


def test_only_a_party_can_leave() -> None:
    with pytest.raises(ValueError, match="not a party"):
        of("nobody")


def test_two_way_purpose_ends_when_no_pair_is_left() -> None:
    """The school still gives, and the school still reads, but neither has anybody on the other side."""
    found = standing(document_of(CASEWORK))
    effects = leaving(found, "bright-futures", [found], TODAY)
    assert [(p.purpose, p.no_giver, p.no_reader) for p in effects.purposes] == [("casework", True, True)]
    assert dict(effects.gave)["service_received"] == ("riverbend-schools", "riverbend-backbone")


# ---------- Riverbend ----------


def riverbend() -> dict[str, AgreementStatus]:
    from importlib.resources import files

    years = {"before": 2023, "last": 2024, "start": 2025, "year": 2026, "next": 2027, "first": 2020}
    years |= PROMISED_SEATS
    found = {}
    for paper in sorted((files(throughway.demo.papers) / "agreements").iterdir(), key=lambda p: p.name):
        if paper.name.startswith("draft-"):
            continue
        document, _ = read_document(Template(paper.read_text(encoding="utf-8")).safe_substitute(years))
        if document is not None:
            found[document.id] = standing(document)
    return found


@pytest.fixture(scope="module")
def papers() -> dict[str, AgreementStatus]:
    return riverbend()


def effects(papers: dict[str, AgreementStatus], id: str, partner: str) -> Leaving:
    return leaving(papers[id], partner, list(papers.values()), TODAY)


def test_a_district_leaves_the_demo_casework(papers: dict[str, AgreementStatus]) -> None:
    found = effects(papers, "riverbend-casework", "lakeside-schools")
    assert found.purposes == ()  # the other district still gives
    assert found.elements == ()
    (links,) = (
        found.links
    )  # the same purpose stands in agreements with other programs, and its matches are one
    assert links.purpose == "casework"
    assert {"bright-futures", "riverbend-schools", "page-by-page"} <= set(links.others)
    assert not found.alone
    assert found.notice_days == 30


def test_a_program_leaves_the_demo_casework(papers: dict[str, AgreementStatus]) -> None:
    found = effects(papers, "riverbend-casework", "bright-futures")
    assert [(p.purpose, p.no_reader) for p in found.purposes] == [("casework", True)]
    assert {service.program for service in found.services} == {"Homework Club", "Career Start"}
    assert "attendance_day" in dict(found.received)


def test_leaving_the_study_leaves_its_license(papers: dict[str, AgreementStatus]) -> None:
    found = effects(papers, "tutoring-study", "riverbend-schools")
    assert found.under == ("tutoring-study-license",)


def test_leaving_the_memorandum_leaves_all_below_it(
    papers: dict[str, AgreementStatus],
) -> None:
    found = effects(papers, "riverbend-mou", "page-by-page")
    assert "tutoring-study" in found.under
    assert "tutoring-study-license" in found.under
    assert "riverbend-casework" not in found.under


@pytest.mark.parametrize("id", sorted(riverbend()))
def test_effects_of_leaving_for_every_party(papers: dict[str, AgreementStatus], id: str) -> None:
    for partner in papers[id].document.partners:
        found = effects(papers, id, partner)
        assert found.out <= found.destroy_by
        assert partner not in {whom for _, others in (*found.gave, *found.received) for whom in others}
