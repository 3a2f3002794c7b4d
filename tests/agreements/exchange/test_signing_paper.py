"""The paper to sign: every clause's words, the exact hash on every page, who signed and who has still to."""

import io
import re
from datetime import date
from unicodedata import normalize

import pypdf
import pytest
from hypothesis import Phase, given, settings

from tests.agreements.documents import BASES, CASEWORK, PARTNERS, changed, document_of
from tests.agreements.exchange.many import documents
from throughway.agreements.agreement_text import sections
from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.effective_document import Joined
from throughway.agreements.exchange.imported import as_portable_yaml
from throughway.agreements.signatures import PartySignature, given_of
from throughway.agreements.signing_pdf import signing_paper
from throughway.agreements.states import AgreementAct, LifecycleEvent

NAMES = {id: facts.name for id, facts in PARTNERS.items()}
SUPERINTENDENT = PartySignature(
    "riverbend-schools", date(2026, 5, 3), "leader@riverbend-schools.example",
    {"title": "Superintendent", "authority": "Board policy 1450", "how": "passphrase and code"},
)  # fmt: skip


def pages(data: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", normalize("NFC", text))


def body(data: bytes) -> str:
    """The text of all pages without their feet, so that what goes on over a page is one."""
    return re.sub(r"Fingerprint\(SHA-256\)[0-9a-f]{64}Page\d+of\d+", "", "".join(pages(data)))


def deed(act: AgreementAct, partner: str, version: str, day: date, **details: str) -> LifecycleEvent:
    return LifecycleEvent(act, day, version, partner, details, "leader", f"leader@{partner}.example")


@pytest.mark.parametrize("base", BASES)
def test_the_hash_of_the_text_is_on_every_page(base: str) -> None:
    document = document_of(BASES[base])
    found = pages(signing_paper(document, NAMES))
    assert len(found) >= 3
    assert all(version_of(document) in page for page in found)
    other = document_of(changed(BASES[base], ("title", "Another title")))
    assert not any(version_of(other) in page for page in found)


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(documents())
def test_the_pdf_contains_all_text(
    document: AgreementDocument,
) -> None:
    data = signing_paper(document, NAMES)
    said = body(data)
    for section in sections(document, NAMES):
        assert squeezed(section.title) in said
        for words in section.paragraphs:
            for text in (words.text, *words.items, *(text for fact in words.facts for text in fact)):
                assert squeezed(text) in said, text
    for entry in document.purposes:
        for line in document.schedule:
            if document.line_disclosers(line, entry):
                assert squeezed(line.element) in said
                assert squeezed(line.necessity) in said
    assert squeezed(as_portable_yaml(document_values(document)).split("schedule:")[0]) in said


def test_each_purpose_has_its_schedule() -> None:
    said = body(signing_paper(document_of(CASEWORK), NAMES))
    casework, matching = said.split("Workingwithastudent(casework)")[1].split(
        "Matchingrecords(match-records)"
    )
    assert "attendance_day.*all,exceptwhatmustbenamedonebyoneRiverbendSchools" in casework
    assert "service_received.*all,exceptwhatmustbenamedonebyoneBrightFutures" in casework
    assert "theyearonly" in casework
    assert "person_contact.*" in matching


def test_the_pdf_shows_signatures_and_empty_lines() -> None:
    data = signing_paper(document_of(CASEWORK), NAMES, [SUPERINTENDENT])
    (signatures,) = [page for page in pages(data) if "Signature" in page and "Eachpartysigns" in page]
    assert "Signedbyleader@riverbend-schools.exampleon3May2026;passphraseandcode." in signatures
    assert signatures.count("Name,inprint") == 2
    assert "Executivedirector" in signatures
    assert "Steeringcommitteeresolution12" in signatures


def test_one_who_joined_signs_with_the_others() -> None:
    joined = Joined("river-college", "riverbend-schools", "President", "Statute 4")
    said = {"title": "President", "authority": "Statute 4"}
    given = [
        PartySignature("river-college", date(2026, 6, 1), "leader@river-college.example", said, joined=True)
    ]
    said = body(signing_paper(document_of(CASEWORK), NAMES, given, [joined]))
    assert "RiverCollege" in said
    assert "Joinedbysigningbyleader@river-college.exampleon1June2026." in said


def test_signatures_on_another_text_do_not_count() -> None:
    deeds = [
        deed(AgreementAct.SIGN, "riverbend-schools", "old", date(2026, 1, 1), title="Clerk"),
        deed(
            AgreementAct.SIGN,
            "riverbend-schools",
            "new",
            date(2026, 5, 3),
            title="Superintendent",
            authority="Policy",
            how="code",
        ),
        deed(AgreementAct.JOIN, "river-college", "new", date(2026, 6, 1), title="President"),
        deed(AgreementAct.ACTIVATE, "riverbend-schools", "new", date(2026, 6, 1)),
    ]
    assert [(g.partner, g.title, g.authority, g.day, g.known, g.joined) for g in given_of(deeds, "new")] == [
        (
            "riverbend-schools",
            "Superintendent",
            "Policy",
            "3 May 2026",
            ("one person is signatory and data steward", "code"),
            False,
        ),
        ("river-college", "President", "", "1 June 2026", (), True),
    ]
    assert given_of(deeds, "other") == ()


def test_it_names_who_signed_and_nobody_else() -> None:
    deeds = [
        deed(
            AgreementAct.SIGN,
            "riverbend-schools",
            version_of(document_of(CASEWORK)),
            date(2026, 5, 3),
            title="Superintendent",
            signer="Dana Diaz",
            account="account added on 1 May 2026 by steward@riverbend-schools.example",
        )
    ]
    said = body(
        signing_paper(document_of(CASEWORK), NAMES, given_of(deeds, version_of(document_of(CASEWORK))))
    )
    assert "@" not in said
    assert "SignedbyDanaDiazon3May2026." in said


def test_the_same_text_and_signatures_are_the_same_file() -> None:
    document = document_of(CASEWORK)
    assert signing_paper(document, NAMES, [SUPERINTENDENT]) == signing_paper(
        document, NAMES, [SUPERINTENDENT]
    )
    assert signing_paper(document, NAMES) != signing_paper(document, NAMES, [SUPERINTENDENT])
