"""The agreement as a paper that people sign: its words, its schedule as tables, its clauses, who signs, and the text itself.

What is signed is one text, named by its hash (SHA-256 of its canonical JSON). The hash is at the foot of every page, the text
in the annex, so that no paper says anything that the hash does not cover.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_sections import Party, Purpose, ScheduleLine
from throughway.agreements.effective_document import Joined
from throughway.agreements.exchange.imported import as_yaml
from throughway.agreements.labels import (
    day,
    element_words,
    listed,
    partner_labels,
    table_words,
    transform_words,
)
from throughway.agreements.plain_text import TIERS, sections
from throughway.agreements.signatures import PartySignature
from throughway.agreements.transforms import Transform
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

Names = Mapping[str, str]
PURPOSE = "Purpose: "
SCHEDULE = "What is shown, and why it is necessary"

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
    """The PDF of the text as it is signed. The same text and signatures give the same bytes."""
    return typeset(
        title=document.title,
        blocks=paper_blocks(document, names, given, joined),
        fingerprint=version_of(document),
        subject=f"{TIERS[document.tier]} {document.id}, version {version_of(document)}",
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
        Verbatim(as_yaml(document_values(document))),
    )


def _facts(document: AgreementDocument, names: Names) -> Iterator[tuple[str, str]]:
    yield "What it is", f"{TIERS[document.tier]} {document.id}"
    yield "Between", listed(partner_labels(document.partners, names))
    yield "In force", f"from {day(document.terms.effective)} through {day(document.terms.expires)}"
    if document.under:
        yield "Stands under", f"{listed(document.under)}, and never allows more"


def _text(document: AgreementDocument, names: Names) -> Iterator[Block]:
    entries = iter(document.purposes)  # one section each, in their order
    for title, lines in sections(document, names):
        if not title:
            continue  # the head stands on top of the paper
        yield PaperHeading(title)
        if title == "Clauses":
            yield from _clauses(lines)
            continue
        tabled = title.startswith(PURPOSE)
        yield from _as_blocks(line for line in lines if not (tabled and _is_scheduled(line)))
        if tabled:
            yield from _schedule(document, next(entries), names)


def _is_scheduled(line: str) -> bool:
    return line.startswith(("  - ", SCHEDULE))


def _as_blocks(lines: Iterable[str]) -> Iterator[Block]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line.removeprefix("- "))
            continue
        if items:
            yield Bullets(tuple(items))
            items = []
        yield Paragraph(line)
    if items:
        yield Bullets(tuple(items))


def _clauses(lines: Iterable[str]) -> Iterator[Block]:
    for line in lines:
        name, _, words = line.removeprefix("- ").partition(": ")
        yield PaperHeading(name, level=2)
        yield Paragraph(words)


def _schedule(document: AgreementDocument, entry: Purpose, names: Names) -> Iterator[Block]:
    """Each line of the schedule that shows something under this entry."""
    rows = []
    for line in document.schedule:
        givers = document.line_disclosers(line, entry)
        if givers:
            why = line.necessity or "No reason is given"
            rows.append(
                (f"{line.element}\n{_words(line)}", listed(partner_labels(givers, names)), _shown(line), why)
            )
    if rows:
        head = ("Element", "Records of", "How it is shown", "Why it is necessary")
        yield PaperTable(head, tuple(rows), caption=f"{SCHEDULE}.", widths=(30, 18, 15, 37))


def _words(line: ScheduleLine) -> str:
    if line.is_wildcard:
        return f"all {table_words(line.table)}, save what must be named one by one"
    return element_words(line.element.partition(".")[2])


def _shown(line: ScheduleLine) -> str:
    transform = Transform.parse(line.transform)
    return "As it is" if transform.name == "none" else transform_words(transform) or "withheld"


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
    word = "Joined by signing" if given.joined else "Signed"
    # What the text names for the partner is nobody's word on who signed: an office that was not said stays empty.
    return PaperSignature(
        name, given.title, given.authority, f"{'; '.join((f'{word} on {given.day}', *given.known_openly))}."
    )
