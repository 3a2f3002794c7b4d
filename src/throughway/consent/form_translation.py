"""The words of a consent form in the language that a family reads: title, purpose and kinds of records, as the discloser wrote and approved
them beside the signed text. A consent states the purpose of the disclosure (34 CFR 99.30(b)(2)), so a form whose purpose the family
cannot read is not printed.

The text that parties signed stays as it is. A translation belongs to one version of it, by its hash, and to one discloser.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import ANY
from throughway.agreements.public_register.listing import PublicTable, disclosed_tables
from throughway.consent.rights_events import RightsRecord
from throughway.core.refusals import Refused

CITATION = "34 CFR 99.30(b)(2)"
SIGNED_IN = "en"  # the language of agreements
# Languages in which forms are printed: what the program's own sentences have.
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Spanish"}
TRANSLATED = {code: name for code, name in LANGUAGES.items() if code != SIGNED_IN}
TITLE = "title"
LONGEST = 600


@dataclass(frozen=True)
class FormTranslation:
    """What one discloser approved. `words`: by the id of a part (`form_parts`)."""

    code: str
    partner: str
    agreement: str
    version: str
    language: str
    words: Mapping[str, str]
    day: date
    by: str

    def lacks(self, parts: Iterable[str]) -> list[str]:
        return [part for part in parts if not self.words.get(part)]


def translations(events: Iterable[RightsRecord]) -> list[FormTranslation]:
    """In the order in which they were approved; the last one of a text and language counts for new forms."""
    return [
        FormTranslation(e.code, e.partner, e.other, e.facts["version"], e.step, e.words, e.day, e.by) for e in events
    ]  # fmt: skip


def asked_entries(document: AgreementDocument, discloser: str, purposes: Collection[str]) -> list[Purpose]:
    """The entries that a form about these purposes is for. `*` among them: all of this discloser's."""
    return [
        e
        for e in document.purposes
        if (ANY in purposes or e.id in purposes) and discloser in document.disclosers(e)
    ]


def form_parts(document: AgreementDocument, discloser: str, purposes: Collection[str]) -> Mapping[str, str]:
    """The parts of a form that are the agreement's own words, by id, each as the signed text has it: the title, each purpose, and each kind
    of records of which single items are named."""
    entries = asked_entries(document, discloser, purposes)
    parts = {TITLE: document.title}
    for entry in entries:
        id, interest = purpose_part(entry), entry.interest.rstrip(".")
        known = parts.get(id, "")
        parts[id] = known if interest in known else f"{known}; {interest}".removeprefix("; ")
    named: dict[str, dict[str, None]] = {}
    kinds: dict[str, str] = {}
    for entry in entries:
        for table in disclosed_tables(document, entry, discloser):
            if not table.whole:
                kinds[records_part(table)] = table.words
                named.setdefault(records_part(table), {}).update(dict.fromkeys(table.elements))
    return parts | {id: f"Some of {kinds[id]}: {', '.join(items)}" for id, items in named.items()}


def purpose_part(entry: Purpose) -> str:
    return f"purpose_{entry.id}"


def records_part(table: PublicTable) -> str:
    return f"records_{table.paths[0].partition('.')[0]}"


def newest(
    found: Sequence[FormTranslation], *, version: str, language: str, parts: Iterable[str]
) -> FormTranslation | None:
    """The last translation of that text into that language, where it has every part."""
    own = [t for t in found if (t.version, t.language) == (version, language)]
    return own[-1] if own and not own[-1].lacks(parts) else None


def no_words(partner: str, language: str) -> Refused:
    """The refusal of a form that the family could not read."""
    name = LANGUAGES.get(language, language)
    return Refused(
        f"No form is printed in {name}: the purpose of this agreement has no text in {name} that {partner} approved, and a consent must "
        f"state its purpose. Ask the privacy officer or data steward of {partner} to write it under “Words for families”.",
        code="no_words",
        citations=[CITATION],
    )
