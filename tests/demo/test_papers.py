"""Riverbend's papers: each is reviewed as it is meant to be, and together they need what the partners send."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

import throughway.demo
from tests.demo.fills import FILLS
from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.enums import Basis, PurposeKind, Tier
from throughway.agreements.extract_permission import is_license, term_against_extracts
from throughway.agreements.legal_review.findings import Severity
from throughway.agreements.legal_review.review import ReviewContext, review_text
from throughway.agreements.legal_review.rule_pack import read_pack
from throughway.demo.partners import PARTNERS, PEOPLE
from throughway.demo.simulate import write_papers
from throughway.partners import LegalStatus, PartnerFacts, PartnerKind, Role
from throughway.vocabulary import covered

TODAY = date(2026, 11, 25)
PAPERS = Path(str(throughway.demo.__file__)).parent / "papers"
REGISTER = {
    p.id: PartnerFacts(p.id, p.name, PartnerKind(p.kind), frozenset(map(LegalStatus, p.legal)))
    for p in PARTNERS
}
OWN_RULES = (
    read_pack(
        (PAPERS / "rules" / "riverbend.yaml").read_text("utf-8").replace("$last", "2025"), "riverbend.yaml"
    ),
)
# File → the rules that block it, and those that warn. Advice is not told here.
FINDINGS: dict[str, tuple[set[str], set[str]]] = {
    "01-riverbend-mou": (set(), set()),
    "02-riverbend-data": (set(), {"PPRA"}),
    "03-state-wage-records": (set(), set()),
    "04-riverbend-casework": (set(), set()),
    "05-riverbend-supports": (set(), set()),
    "06-riverbend-counselors": (set(), set()),
    "07-after-school-invitations": (set(), set()),
    "08-foster-care-education": (set(), {"G18"}),
    "09-next-step-advising": (set(), set()),
    "10-district-transfers": (set(), set()),
    "11-tutoring-study": (set(), set()),
    "12-tutoring-study-license": (set(), set()),
    "13-referral-outcomes": (set(), set()),
    "14-college-aid": (set(), {"G18"}),
    "15-bus-routes": (set(), set()),
    "16-river-flood": (set(), {"G12"}),
    "17-summer-bridge-attendance": (set(), set()),
    "18-tutoring-progress": (set(), set()),
    "19-shared-attendance": (set(), set()),
    "20-restorative-circles": (set(), set()),
    "21-book-votes": (set(), set()),
    "22-after-school-groups": (set(), set()),
    "23-riverbend-referrals": (set(), set()),
    "24-evening-reading": (set(), set()),
    "25-riverbend-principals": (set(), set()),
    "26-feelings-survey": (set(), set()),
    "draft-homework-help": ({"D2", "D3"}, {"X4"}),
    "draft-tutors-see-scores": (
        {"A5", "G1", "G2", "G4", "G17", "G19", "G20", "NSLP", "O2", "S3", "S7"}, {"A4", "G23", "R1", "S2"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("papers")
    write_papers(folder, TODAY)
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted((folder / "agreements").iterdir())}


@pytest.fixture(scope="module")
def documents(papers: dict[str, str]) -> Mapping[str, AgreementDocument]:
    read = (read_document(text)[0] for name, text in papers.items() if not name.startswith("draft-"))
    return {d.id: d for d in read if d is not None}


def test_every_document_is_in_the_table(papers: dict[str, str]) -> None:
    assert papers.keys() == FINDINGS.keys()


@pytest.mark.parametrize("name", FINDINGS)
def test_each_document_has_its_intended_findings(
    papers: dict[str, str], documents: Mapping[str, AgreementDocument], name: str
) -> None:
    earlier = [n for n in papers if n < name and not n.startswith("draft-")]
    others = {d.id: d for n in earlier if (d := read_document(papers[n])[0])}
    found = review_text(papers[name], ReviewContext(REGISTER, others))
    blocking, warnings = FINDINGS[name]
    assert {f.id for f in found if f.severity is Severity.BLOCKING} == blocking
    assert {f.id for f in found if f.severity is Severity.WARNING} == warnings


def test_only_drafts_break_the_community_rules(papers: dict[str, str]) -> None:
    others: dict[str, AgreementDocument] = {}
    lacking: dict[str, set[str]] = {}
    for name, text in papers.items():
        context = ReviewContext(REGISTER, dict(others), packs=OWN_RULES)
        if own := {f.id for f in review_text(text, context) if f.id.startswith("RF-")}:
            lacking[name] = own
        document = read_document(text)[0]
        if document is not None:
            others[document.id] = document
    assert lacking == {"draft-homework-help": {"RF-9"}, "draft-tutors-see-scores": {"RF-9", "RF-14"}}


def test_study_license_allows_extracts(
    documents: Mapping[str, AgreementDocument],
) -> None:
    license = documents["tutoring-study-license"]
    assert is_license(license)
    assert [term_against_extracts(d) for d in (license, *(documents[id] for id in license.under))] == ["", ""]


def test_no_placeholder_is_left(papers: dict[str, str]) -> None:
    assert [name for name, text in papers.items() if "$" in text] == []


def test_every_basis_and_tier_occurs(documents: Mapping[str, AgreementDocument]) -> None:
    assert {p.basis for d in documents.values() for p in d.purposes} == set(Basis)
    assert {d.tier for d in documents.values()} == set(Tier)


def test_one_ends_soon_and_one_begins_later(documents: Mapping[str, AgreementDocument]) -> None:
    ends = {d.id: d.terms.expires for d in documents.values() if d.terms.expires > TODAY}
    assert [id for id, day in ends.items() if day <= TODAY + timedelta(days=90)] == [
        "after-school-invitations"
    ]
    assert [d.id for d in documents.values() if d.terms.effective > TODAY] == [
        "college-aid", "summer-bridge-attendance",
    ]  # fmt: skip


def test_reporting_partners_are_linked(
    documents: Mapping[str, AgreementDocument],
) -> None:
    reporting, linked = set(), set()
    for document in documents.values():
        for purpose in document.purposes:
            if purpose.id == "community-report":
                reporting |= {*document.disclosers(purpose)}
            if purpose.kind is PurposeKind.LINKAGE and "community-report" in (purpose.serves or ()):
                linked |= {*document.disclosers(purpose)}
    assert reporting == linked == {p.id for p in PARTNERS} - {"riverbend-backbone"}


def test_casework_readers_exist(documents: Mapping[str, AgreementDocument]) -> None:
    people = {(person.partner, person.role) for person in PEOPLE}
    for id, reader in (
        ("casework", ("bright-futures", Role.CASE_WORKER)),
        ("school-casework", ("riverbend-schools", Role.CASE_WORKER)),
        ("evaluation", ("riverbend-backbone", Role.EVALUATOR)),
        ("community-report", ("riverbend-backbone", Role.DATA_STEWARD)),
    ):
        entries = [(d, p) for d in documents.values() for p in d.entries(id)]
        assert entries
        assert all(reader[0] in d.recipients(p) and reader[1] in p.roles for d, p in entries)
        assert reader in people


@pytest.mark.parametrize("partner", FILLS)
def test_every_sent_column_is_needed(documents: Mapping[str, AgreementDocument], partner: str) -> None:
    """Columns that nothing needs are refused at the door; a feed written for these papers has none of them."""
    needed = {
        element.path
        for document in documents.values()
        for line in document.schedule
        for purpose in document.purposes
        if partner in document.line_disclosers(line, purpose)
        for element in covered(line.element)
    }
    assert FILLS[partner] - needed == set()
