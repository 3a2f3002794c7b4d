"""Each rule: a document that passes, and the same document failing by that rule alone."""

from typing import Any

import pytest

from tests.agreements.documents import (
    ABSENT,
    AUDIT,
    BASES,
    CASEWORK,
    EXAMPLE,
    LICENSE,
    MOU,
    STUDY,
    changed,
    context,
    document_of,
    text_of,
)
from throughway.agreements.legal_review.findings import ReviewFinding, Severity, status
from throughway.agreements.legal_review.review import review, review_text

Change = tuple[str, Any]
DETAILS = "purposes.0.basis_details"


def found(values: dict[str, Any], *others: dict[str, Any]) -> list[ReviewFinding]:
    apart = [other for other in others if other["id"] != values["id"]]
    known = context(*apart)
    known = type(known)(known.partners, {k: v for k, v in known.others.items() if k != values["id"]})
    return review_text(text_of(values), known)


@pytest.mark.parametrize("base", BASES)
def test_the_good_documents_are_ready(base: str) -> None:
    assert [f for f in found(BASES[base]) if f.severity is not Severity.ADVICE] == []


def test_the_example_is_ready() -> None:
    findings = review_text(EXAMPLE, context())
    assert status(findings) == "ready"
    assert {f.severity for f in findings} == {Severity.ADVICE}


# rule, base document, element of the finding, changes that break the rule
BLOCKING: list[tuple[str, str, str, list[Change]]] = [
    # studies
    ("S1", "study", "purposes[0].basis_details.purpose", [(f"{DETAILS}.purpose", ABSENT)]),
    ("S1", "study", "purposes[0].basis_details.purpose", [(f"{DETAILS}.purpose", "  ")]),
    ("S2", "study", "purposes[0].basis_details.scope", [(f"{DETAILS}.scope", ABSENT)]),
    ("S3", "study", "purposes[0].basis_details.duration", [(f"{DETAILS}.duration", ABSENT)]),
    ("S4", "study", "schedule", [("schedule", ABSENT)]),
    ("S5", "study", "clauses.use_only_for_purpose", [("clauses.use_only_for_purpose", ABSENT)]),
    ("S6", "study", "clauses.no_identification", [("clauses.no_identification", ABSENT)]),
    ("S7", "study", "clauses.destroy_when_no_longer_needed", [("clauses.destroy_when_no_longer_needed", " ")]),
    ("S8", "study", "terms.destruction.within_days", [("terms.destruction.within_days", ABSENT)]),
    ("S8", "study", "terms.destruction.within_days", [("terms.destruction.within_days", None)]),
    ("S8", "study", "terms.destruction.within_days", [("terms.destruction.within_days", "soon")]),
    ("G4", "study", "purposes[0].basis_details.aim", [(f"{DETAILS}.aim", "marketing")]),
    ("G4", "study", "purposes[0].basis_details.aim", [(f"{DETAILS}.aim", ABSENT)]),
    ("G4", "study", "purposes[0].basis_details.on_behalf_of", [(f"{DETAILS}.on_behalf_of", "reading-lab")]),
    # audits and evaluations
    ("A1", "audit", "purposes[0].basis_details.representative", [(f"{DETAILS}.representative", ABSENT)]),
    ("A1", "audit", "purposes[0].basis_details.representative", [(f"{DETAILS}.representative", [])]),
    ("A2", "audit", "schedule", [("schedule", ABSENT)]),
    ("A3", "audit", "purposes[0].basis_details.program", [(f"{DETAILS}.program", ABSENT)]),
    ("A4", "audit", "purposes[0].basis_details.activity", [(f"{DETAILS}.activity", ABSENT)]),
    ("A5", "audit", "clauses.destroy_when_no_longer_needed", [("clauses.destroy_when_no_longer_needed", ABSENT)]),
    ("A6", "audit", "terms.destruction.within_days", [("terms.destruction.within_days", ABSENT)]),
    ("A7", "audit", "clauses.protect_from_further_disclosure", [("clauses.protect_from_further_disclosure", "")]),
    ("G1", "audit", "purposes[0].basis_details.program_owner", [(f"{DETAILS}.program_owner", ABSENT)]),
    ("G1", "audit", "purposes[0].basis_details.program_owner", [(f"{DETAILS}.program_owner", "reading-lab")]),
    ("G5", "audit", "purposes[0].basis",
     [(f"{DETAILS}.program_owner", "child-services"), ("parties.0.partner", "river-college")]),
    # school officials
    ("O1", "casework", "purposes[2].basis_details.function", [("purposes.2.basis_details.function", ABSENT)]),
    ("O2", "casework", "purposes[2].basis_details.direct_control", [("purposes.2.basis_details.direct_control", False)]),
    ("O2", "casework", "custody.basis_details.direct_control", [("custody.basis_details.direct_control", ABSENT)]),
    ("O3", "casework", "clauses.no_redisclosure", [("clauses.no_redisclosure", ABSENT)]),
    ("O4", "casework", "custody.basis_details.annual_notice_criteria",
     [("custody.basis_details.annual_notice_criteria", ABSENT)]),
    ("O5", "casework", "purposes[2].roles", [("purposes.2.roles", [])]),
    ("G19", "casework", "purposes[0].reach", [
        ("purposes.0.basis", "school_official"), ("purposes.0.reach", "all"),
        ("purposes.0.basis_details", CASEWORK["purposes"][2]["basis_details"])]),
    ("O5", "casework", "purposes[0].reach", [
        ("purposes.0.basis", "school_official"), ("purposes.0.reach", ABSENT),
        ("purposes.0.basis_details", CASEWORK["purposes"][2]["basis_details"])]),
    # tiers
    ("G14", "casework", "under", [("under", "no-such-mou")]),
    ("G14", "casework", "under", [("under", "reading-study")]),
    ("G14", "license", "under", [("under", ABSENT)]),
    ("G14", "license", "under", [("under", ["reading-study", "riverbend-mou-2025"])]),
    ("G14", "mou", "under", [("under", "reading-study")]),
    # custody, linkage
    ("G17", "casework", "custody", [("custody", ABSENT)]),
    ("G17", "casework", "custody", [("custody", [{**CASEWORK["custody"], "from": ["riverbend-schools"]}])]),
    ("G17", "casework", "custody[1]", [("custody", [CASEWORK["custody"], {**CASEWORK["custody"], "from": ["bright-futures"]}])]),
    ("G17", "casework", "custody.basis",
     [("custody", {"basis": "deidentified", "basis_details": {"determination": {"by": "a", "on": "b", "method": "c"}}})]),
    ("G18", "casework", "purposes[2].serves", [("purposes.2.serves", ["caswork"])]),
    # the schedule
    ("G2", "study", "schedule[0].necessity", [("schedule.0.necessity", ABSENT)]),
    ("G20", "study", "schedule[1].necessity",
     [("schedule.1", {"element": "person_status.idea_indicator", "purposes": ["study-reading"]})]),
    ("D8", "study", "schedule[0].element", [("schedule.0.element", "assesment_result.*")]),
    ("D8", "study", "schedule[0].element", [("schedule.0.element", "assessment_result.score")]),
    ("D8", "study", "schedule[0].element", [("schedule.0.element", "assessment_result")]),
    ("D8", "study", "schedule[0].element", [("schedule.0.element", "assessment_result.batch_id")]),
    ("D8", "casework", "schedule[0].purposes", [("schedule.0.purposes", ["casework", "caseload"])]),
    ("D8", "audit", "schedule[1].element", [("schedule.1", AUDIT["schedule"][0])]),
    ("D8", "casework", "schedule[5].element", [("schedule.5", {**CASEWORK["schedule"][0], "transform": "suppress"})]),
    ("D8", "casework", "schedule[2].transform", [("schedule.2.transform", "band:5")]),
    ("D8", "casework", "schedule[3].transform", [("schedule.3.transform", "mask")]),
    # purposes
    ("D7", "study", "purposes[0].id", [("purposes.0.id", "own_records"), ("schedule.0.purposes", ["own_records"])]),
    ("D7", "study", "id", [("id", "own_records")]),
    ("D7", "casework", "purposes[1].form", [("purposes.1.form", "aggregate"), ("purposes.1.kind", "casework")]),
    ("D7", "casework", "purposes[1].kind", [("purposes.1.kind", "operations")]),
    ("D7", "study", "purposes[0].form", [("purposes.0.kind", "linkage")]),
    ("D7", "casework", "purposes[4]", [("purposes.4", {**CASEWORK["purposes"][0], "reach": "roster"})]),
    ("D2", "casework", "purposes[0].reach", [("purposes.0.reach", ABSENT)]),
    ("F31b1", "study", "purposes[0].form", [
        ("purposes.0.basis", "deidentified"), ("purposes.0.form", "identified"),
        (DETAILS, {"determination": {"by": "Privacy office", "on": "2026-01-01", "method": "k"}})]),
    ("D3", "study", "purposes[0].basis_details.aims", [(f"{DETAILS}.aims", "student_aid")]),
    # parties and directions
    ("D5", "study", "parties[0].partner", [
        ("parties.0.partner", "riverbend-school"), (f"{DETAILS}.on_behalf_of", "riverbend-school")]),
    ("D5", "study", "parties[2].partner", [("parties.2", STUDY["parties"][0])]),
    ("D6", "study", "parties", [("parties.1.roles", ["discloser"]), ("purposes.0.recipients", ABSENT)]),
    ("D6", "study", "purposes[0].from", [("purposes.0.from", ["bright-futures"]), (f"{DETAILS}.on_behalf_of", "bright-futures")]),
    ("D6", "study", "purposes[0].recipients", [("purposes.0.recipients", ["riverbend-schools"])]),
    ("D6", "study", "purposes[0].recipients", [("purposes.0.recipients", [])]),
    ("D6", "casework", "population[0].from", [("population.0.from", ["riverbend-backbone"])]),
    ("D6", "casework", "services[0].partner", [("services.0.partner", "reading-lab")]),
    # scope
    ("D9", "casework", "population[0].on", [("population.0.on", "calendar_day")]),
    ("D9", "casework", "population[0].where", [("population.0.where", "entry_grade_level IN (SELECT 1)")]),
    ("D9", "casework", "population[0].where", [("population.0.where", "grade = '06'")]),
    ("D10", "study", "terms.expires", [("terms.expires", "2025-06-30")]),
    ("D10", "casework", "records.to", [("records.to", "2022-06-30")]),
    # other bases
    ("F31a11", "study", "schedule[0].element", [
        ("purposes.0.basis", "directory"), (DETAILS, {"notice": "Handbook", "items": ["dates"]}),
        ("schedule.0.element", "attendance_day.attendance_event_date")]),
    ("FUSA", "study", "purposes[0].recipients", [
        ("purposes.0.basis", "child_welfare"),
        (DETAILS, {"evidence_of_placement": "Court order", "agency_responsible": "child-services"})]),
    ("L2", "study", "purposes[0].interest", [("purposes.0.interest", ABSENT)]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "base", "element", "changes"), BLOCKING)
def test_a_document_fails_by_one_rule_alone(
    rule: str, base: str, element: str, changes: list[Change]
) -> None:
    blocking = [f for f in found(changed(BASES[base], *changes)) if f.blocks]
    assert [(f.id, f.element) for f in blocking] == [(rule, element)]
    assert blocking[0].citation
    assert blocking[0].message.endswith((".", "?"))


WARNINGS: list[tuple[str, str, str, list[Change]]] = [
    ("G18", "casework", "purposes[1]", [("purposes.3", ABSENT)]),
    ("G19", "casework", "purposes[0].reach", [("purposes.0.reach", "all")]),
    ("A4", "audit", "purposes[0].basis_details.activity", [(f"{DETAILS}.activity", "An evaluation")]),
    ("R1", "audit", "clauses.reasonable_methods", [("clauses.reasonable_methods", ABSENT)]),
    ("D5", "study", "parties[1].signatory", [("parties.1.signatory", ABSENT)]),
    ("D7", "study", "purposes[0].roles", [("purposes.0.roles", ABSENT)]),
    ("D7", "study", "purposes[0].serves", [("purposes.0.serves", ["study-reading"])]),
    ("K3", "casework", "purposes[0].basis", [
        ("purposes.0.basis", "partner_records"), ("purposes.0.basis_details", {"regime": "none", "authority": "x"})]),
    ("K8", "casework", "purposes[1].basis", [
        ("purposes.1.basis", "school_official"),
        ("purposes.1.basis_details", CASEWORK["purposes"][2]["basis_details"])]),
    ("P11", "license", "project", [("project", ABSENT)]),
    ("P11", "license", "project.irb.expires", [("project.irb.expires", "soon")]),
    ("P11", "license", "project.irb.expires", [("project.irb.expires", "2026-01-01")]),
    ("L4", "casework", "onward[0].basis", [("onward", [{"party": "State", "interest": "x", "basis": "because"}])]),
    ("D8", "casework", "schedule", [("purposes.4", {**CASEWORK["purposes"][0], "id": "other"})]),
    # what goes beyond the tier above
    ("G14", "license", "terms.expires", [("terms.expires", "2099-07-01")]),
    ("G14", "license", "terms.effective", [("terms.effective", "2025-06-30")]),
    ("G14", "license", "terms.minimum_cell", [("terms.minimum_cell", 9)]),
    ("G14", "license", "parties[2].partner", [("parties.2", {**STUDY["parties"][1], "partner": "bright-futures"})]),
    ("G14", "license", "purposes[0].roles", [("purposes.0.roles", ["evaluator", "leader"])]),
    ("G14", "license", "purposes[0].id", [
        ("purposes.0.id", "other"), ("schedule.0.purposes", ["other"])]),
    ("G14", "license", "schedule[1].element", [
        ("schedule.1", {"element": "course_grade.*", "purposes": ["study-reading"], "necessity": "Marks"})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("above", "here", "weaker"),
    [
        ("edfacts", "nces-2011", True), ("edfacts", "edfacts", False), ("nces-2011", "edfacts", False), ("edfacts", None, False),
        (None, "nces-2011", False),
    ],
)  # fmt: skip
def test_a_weaker_publication_rule_than_above_is_a_warning(
    above: str | None, here: str | None, weaker: bool
) -> None:
    """Without one of its own, an agreement takes the rule of the one above it."""
    wider, license = (
        changed(base, *([("terms.publication_rule", rule)] if rule else []))
        for base, rule in ((STUDY, above), (LICENSE, here))
    )
    known = [f for f in found(license, wider) if f.element == "terms.publication_rule"]
    assert [(f.id, f.severity) for f in known] == ([("G14", Severity.WARNING)] if weaker else [])
    assert not weaker or "the stricter rule edfacts" in known[0].message


@pytest.mark.parametrize(("rule", "base", "element", "changes"), WARNINGS)
def test_a_person_must_look(rule: str, base: str, element: str, changes: list[Change]) -> None:
    findings = found(changed(BASES[base], *changes))
    assert status(findings) == "ready"
    assert [(f.id, f.element) for f in findings if f.severity is Severity.WARNING][:1] == [(rule, element)]


@pytest.mark.parametrize("without", [[("purposes.2.serves", []), ("purposes.3.serves", [])],
                                     [("purposes.2.basis", "consent"), ("purposes.3.basis", "consent")]])  # fmt: skip
def test_a_joint_purpose_without_linkage_warns(without: list[Change]) -> None:
    apart = changed(CASEWORK, *without)
    (said,) = [f for f in found(apart) if "finds nobody" in f.message]
    assert (said.id, said.element, said.severity) == ("G18", "purposes[0]", Severity.WARNING)
    assert "casework reads students of bright-futures and riverbend-schools" in said.message
    linking = changed(CASEWORK, ("id", "elsewhere"))
    for document in (CASEWORK, changed(apart, ("purposes.1", ABSENT)), changed(apart, ("schedule", []))):
        assert not [f for f in found(document) if "finds nobody" in f.message]
    assert not [f for f in found(apart, linking) if "finds nobody" in f.message]


def test_another_meaning_elsewhere_in_the_community_blocks() -> None:
    other = changed(STUDY, ("id", "elsewhere"), ("purposes.0.kind", "evaluation"))
    blocking = [f for f in found(STUDY, other) if f.blocks]
    assert [(f.id, f.element) for f in blocking] == [("D7", "purposes[0].kind")]
    assert "elsewhere" in blocking[0].message


def test_a_finer_transform_than_the_wider_tier_warns() -> None:
    wide = changed(STUDY, ("id", "wide"), ("schedule.0", {
        "element": "assessment_result.assessment_administration_start_date", "transform": "year",
        "purposes": ["study-reading"], "necessity": "x"}))  # fmt: skip
    narrow = changed(
        LICENSE,
        ("under", "wide"),
        ("project.method", "Compare two groups"),
        ("schedule", [{**wide["schedule"][0], "transform": "none"}]),
    )
    grave = [f for f in found(narrow, wide) if f.severity is not Severity.ADVICE]
    assert [(f.id, f.element) for f in grave] == [("G14", "schedule[0].transform")]


def test_a_wildcard_lists_what_it_leaves_out() -> None:
    assert [f.id for f in found(CASEWORK) if "attendance_event_reason" in f.message] == ["G20"]
    line = {
        "element": "attendance_day.attendance_event_reason",
        "purposes": ["casework"],
        "necessity": "Safety",
    }
    named = changed(CASEWORK, ("schedule.5", line))
    assert [f.id for f in found(named) if "attendance_event_reason" in f.message] == []


def test_a_steward_of_its_own_records_alone_needs_no_custody() -> None:
    alone = changed(STUDY, ("parties.0.roles", ["discloser", "steward"]))
    assert [f for f in found(alone) if f.blocks] == []


def test_a_possible_joiner_stays_within_the_wider_tier() -> None:
    wide = changed(STUDY, ("id", "wide"), ("joinder", {"open_to": ["cbo"]}))
    joined = {**STUDY["parties"][1], "partner": "bright-futures", "roles": []}
    narrow = changed(LICENSE, ("under", "wide"), ("parties.2", joined))
    assert "G14" not in {f.id for f in found(narrow, wide)}


def test_an_authority_may_use_records_of_others() -> None:
    of_college = changed(AUDIT, ("parties.0.partner", "river-college"))
    assert [f for f in found(of_college) if f.blocks] == []


def test_both_rules_of_two_bases_are_named() -> None:
    both = changed(STUDY, ("purposes.1", AUDIT["purposes"][0]), ("terms.destruction", ABSENT),
                   ("schedule.1", AUDIT["schedule"][0]))  # fmt: skip
    assert {f.id for f in found(both) if f.blocks} == {"S8", "A6", "D2"}


def test_the_law_is_reviewed_in_what_a_broken_document_says() -> None:
    broken = changed(
        STUDY, ("terms", ABSENT), ("clauses", ABSENT), ("purposes.0.kind", "researchs"), ("titel", "x"),
        (f"{DETAILS}.scope", ABSENT), ("parties.0.roles", ["discloser", "boss"]),
    )  # fmt: skip
    findings = [f for f in found(broken) if f.blocks]
    assert sorted((f.id, f.element) for f in findings) == [
        ("D2", "clauses"),
        ("D2", "terms"),
        ("D3", "titel"),
        ("D4", "parties[0].roles[1]"),
        ("D4", "purposes[0].kind"),
        ("S2", "purposes[0].basis_details.scope"),
        ("S5", "clauses.use_only_for_purpose"),
        ("S6", "clauses.no_identification"),
        ("S7", "clauses.destroy_when_no_longer_needed"),
        ("S8", "terms.destruction.within_days"),
    ]


def test_an_mou_needs_neither_purposes_nor_schedule() -> None:
    assert found(MOU) == []
    assert review(document_of(MOU), context()) == []
