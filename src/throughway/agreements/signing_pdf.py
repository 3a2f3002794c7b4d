"""The PDF to sign: the agreement in words, its schedule as tables, its clauses, the signatures, and the text itself.

A signature is on one text, identified by its hash (SHA-256 of its canonical JSON). The hash is at the foot of every page, the text in
the annex, so that the paper contains nothing that the hash does not cover.
"""

from collections.abc import Iterator, Sequence

from throughway.agreements.agreement_text import AgreementParagraph, Names, sections
from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_sections import Party
from throughway.agreements.effective_document import Joined
from throughway.agreements.exchange.imported import as_portable_yaml
from throughway.agreements.labels import TIER_WORDS, day, listed, partner_labels
from throughway.agreements.signatures import PartySignature
from throughway.agreements.unenforced_fields import MARK
from throughway.core.prose import capital
from throughway.paper import (
    Block,
    Bullets,
    Facts,
    Note,
    PageBreak,
    PaperHeading,
    PaperSignature,
    PaperTable,
    Paragraph,
    SignatureBlock,
    Verbatim,
    typeset,
)

HOW_TO_CHECK = (
    "Its fingerprint is {version}. It is the SHA-256 of the agreement's canonical text: the annex as JSON, keys sorted, without "
    "spaces. Whoever holds that file can compute it with any tool (sha256sum agreement.json); the community's own command is "
    "throughway agreement show {id} --canonical agreement.json. A text that differs in one character has another "
    "fingerprint, and a signature on it is none on this one."
)


def signing_paper(
    document: AgreementDocument,
    names: Names,
    given: Sequence[PartySignature] = (),
    joined: Sequence[Joined] = (),
    page: str = "letter",
) -> bytes:
    """The PDF of the text to sign. The same text and signatures give the same bytes."""
    return typeset(
        title=document.title,
        blocks=paper_blocks(document, names, given, joined),
        fingerprint=version_of(document),
        subject=f"{capital(TIER_WORDS[document.tier])} {document.id}, version {version_of(document)}",
        page=page,
    )


def paper_blocks(
    document: AgreementDocument,
    names: Names,
    given: Sequence[PartySignature] = (),
    joined: Sequence[Joined] = (),
) -> tuple[Block, ...]:
    version = version_of(document)
    check = HOW_TO_CHECK.format(version=version, id=document.id)
    return (
        Facts(tuple(_facts(document, names))),
        Note(check, title="This paper is of one text"),
        *_text(document, names),
        PageBreak(),
        PaperHeading("Signatures"),
        SignatureBlock(
            tuple(_signatures(document, names, given, joined)),
            statement=f"Each party signs this text and no other: SHA-256 {version}. Whoever signs states the office held and "
            "the authority by which it binds the party.",
        ),
        PageBreak(),
        PaperHeading("Annex: the text itself"),
        Paragraph(
            "The agreement as it was added and as the database obeys it. All before is written from it."
        ),
        Verbatim(as_portable_yaml(document_values(document))),
    )


def _facts(document: AgreementDocument, names: Names) -> Iterator[tuple[str, str]]:
    yield "What it is", f"{capital(TIER_WORDS[document.tier])} {document.id}"
    yield "Between", listed(partner_labels(document.partners, names))
    yield "In force", f"from {day(document.terms.effective)} through {day(document.terms.expires)}"
    if document.under:
        yield "Stands under", f"{listed(document.under)}, and never allows more"


def _text(document: AgreementDocument, names: Names) -> Iterator[Block]:
    for section in sections(document, names):
        yield PaperHeading(f"{section.title} ({section.purpose})" if section.purpose else section.title)
        for paragraph in section.paragraphs:
            if section.id == "clauses":
                yield from _clauses(paragraph)
            else:
                yield from _blocks(paragraph)


def _blocks(paragraph: AgreementParagraph) -> Iterator[Block]:
    if paragraph.text:
        yield Paragraph(paragraph.text)
    if paragraph.items:
        yield Bullets(paragraph.items)
    if paragraph.facts:
        yield Facts(paragraph.facts)
    if paragraph.schedule:
        head = ("Element", "Records of", "How it is shown", f"Why it is necessary {MARK}")
        yield PaperTable(
            head,
            tuple(
                (
                    f"{each.line.element}\n{each.element}",
                    listed(each.givers),
                    each.how or "as it is",
                    each.reason,
                )
                for each in paragraph.schedule
            ),
            caption="What is shown, and why it is necessary.",
            widths=(30, 18, 15, 37),
        )


def _clauses(paragraph: AgreementParagraph) -> Iterator[Block]:
    for name, words in paragraph.facts:
        yield PaperHeading(name, level=2)
        yield Paragraph(words)


def _signatures(
    document: AgreementDocument, names: Names, given: Sequence[PartySignature], joined: Sequence[Joined]
) -> Iterator[PaperSignature]:
    by_partner = {each.partner: each for each in given}
    parties: dict[str, Party] = {}
    for party in document.parties:
        parties.setdefault(party.partner, party)
    for partner, party in parties.items():
        signs = party.signatory
        office, authority = (signs.title, signs.authority) if signs else ("", "")
        yield _signature(partner, office, authority, names, by_partner.get(partner))
    for later in joined:
        yield _signature(later.partner, later.title, later.authority, names, by_partner.get(later.partner))


def _signature(
    partner: str, office: str, authority: str, names: Names, given: PartySignature | None
) -> PaperSignature:
    (name,) = partner_labels((partner,), names)
    if given is None:
        return PaperSignature(name, office, authority)
    word = (
        f"{'Joined by signing' if given.joined else 'Signed'}{f' by {given.signer}' if given.signer else ''}"
    )
    # The office that the text names does not prove who signed: an office that was not recorded stays empty.
    return PaperSignature(
        name, given.title, given.authority, f"{'; '.join((f'{word} on {given.day}', *given.known_openly))}."
    )
