"""The agreement as plain text for lawyers: its sections in words, with the names of elements in the schedule."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from throughway.agreements.agreement_text import SAVE, AgreementParagraph, ScheduledElement, sections
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.labels import TIER_WORDS
from throughway.agreements.signatures import PartySignature
from throughway.agreements.unenforced_fields import MARK
from throughway.core.prose import capital, listed

WIDTH = 100


def plain(
    document: AgreementDocument, names: Mapping[str, str] | None = None, signed: Sequence[PartySignature] = ()
) -> str:
    """The text. `names`: partners' names by id; without it the ids are used. `signed`: signatures to list at the end."""
    called = names or {}
    parts = [
        ("", [*_head(document)]),
        *(
            (
                f"{section.title} ({section.purpose})" if section.purpose else section.title,
                [line for paragraph in section.paragraphs for line in _lines(paragraph)],
            )
            for section in sections(document, called)
        ),
    ]
    if signed:
        parts.append(("Signatures", [_signature(each, called) for each in signed]))
    return "\n\n".join(_section(title, lines) for title, lines in parts) + "\n"


def _head(document: AgreementDocument) -> Iterator[str]:
    terms, tier = document.terms, capital(TIER_WORDS[document.tier])
    yield document.title
    yield f"{tier} {document.id}, in force from {terms.effective} through {terms.expires}."
    yield f"Version {version_of(document)}."


def _lines(paragraph: AgreementParagraph) -> Iterator[str]:
    if paragraph.text:
        yield paragraph.text
    yield from (f"- {item}" for item in paragraph.items)
    yield from (f"{name}: {value}" for name, value in paragraph.facts)
    if paragraph.schedule:
        yield f"What is shown, and why it is necessary {MARK.replace('words', 'the reasons are words')}:"
    yield from (f"  - {_scheduled(each)}" for each in paragraph.schedule)


def _scheduled(each: ScheduledElement) -> str:
    """person.birthdate (the year only) of Riverbend Schools: Age decides eligibility."""
    what = f"all of {each.line.table}, {SAVE}" if each.line.is_wildcard else each.line.element
    how = f" ({each.how})" if each.how else ""
    whose = "" if each.of_all else f" of {listed(each.givers)}"
    return f"{what}{how}{whose}: {each.reason}"


def _signature(given: PartySignature, names: Mapping[str, str]) -> str:
    """- Riverbend Schools, Dana Diaz, as Superintendent (Board policy 1450), on 3 May 2026: on paper; signed paper, SHA-256 …"""
    office = f", {given.signer}" if given.signer else ""
    office += f", as {given.title}" if given.title else ""
    bound = f" ({given.authority})" if given.authority else ""
    known = f": {'; '.join(given.known_openly)}" if given.known_openly else ""
    return f"- {names.get(given.partner, given.partner)}{office}{bound}, on {given.day}{known}."


def _section(title: str, lines: list[str]) -> str:
    body = "\n".join(_wrapped(line) for line in lines)
    return f"{title}\n{'-' * len(title)}\n{body}" if title else body


def _wrapped(line: str) -> str:
    indent = "    " if line.startswith("  - ") else "  " if line.startswith("- ") else ""
    return "\n".join(
        wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )
