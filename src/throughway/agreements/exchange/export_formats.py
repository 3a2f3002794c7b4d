"""Export formats of an agreement: file ending, media type, and writer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.document import canonical, document_values
from throughway.agreements.exchange.imported import as_portable_yaml, as_yaml_stream
from throughway.agreements.exchange.ndpa import as_csv, elements_of, ticked
from throughway.agreements.exchange.odcs import odcs_contracts
from throughway.agreements.exchange.odrl import odrl_policy
from throughway.agreements.plain_text import plain
from throughway.agreements.signatures import PartySignature
from throughway.agreements.signing_pdf import signing_paper
from throughway.agreements.status import AgreementStatus

Names = Mapping[str, str]
Write = Callable[[AgreementStatus, Names, Sequence[PartySignature]], bytes]


@dataclass(frozen=True)
class ExportFormat:
    """`about`: its audience."""

    title: str
    about: str
    ending: str
    type: str
    write: Write


# Formats of the signed text; the key is part of the URL.
FORMS: Mapping[str, ExportFormat] = {
    "pdf": ExportFormat(
        "Paper to sign", "The words, schedule, clauses and a signatures page, with the text’s fingerprint "
            "on every page.",
        ".pdf", "application/pdf",
        lambda found, names, given: signing_paper(found.signed_text, names, given, found.joined),
    ),
    "plain": ExportFormat(
        "Plain English", "Only the words, for reading and mailing.", ".txt", "text/plain; charset=utf-8",
        lambda found, names, given: plain(found.signed_text, names, given).encode(),
    ),
    "schedule-b": ExportFormat(
        "Schedule B", "What is shared, in the words of the National Data Privacy Agreement.",
        ".schedule-b.csv", "text/csv; charset=utf-8",
        lambda found, names, given: as_csv(ticked(elements_of(found.signed_text))).encode(),
    ),
    "odcs": ExportFormat(
        "Data contracts", "The schedule as ODCS 3.1, one contract for each partner that gives records.",
        ".odcs.yaml", "application/yaml",
        lambda found, names, given: as_yaml_stream(odcs_contracts(found.signed_text, names, found.state.value)).encode(),
    ),
    "odrl": ExportFormat(
        "Policy", "Permissions, prohibitions and duties as ODRL 2.2 in JSON-LD.", ".odrl.jsonld", "application/ld+json",
        lambda found, names, given: json.dumps(odrl_policy(found.signed_text), ensure_ascii=False, indent=2).encode(),
    ),
    "yaml": ExportFormat(
        "The document", "The text as people write and change it.", ".yaml", "application/yaml",
        lambda found, names, given: as_portable_yaml(document_values(found.signed_text)).encode(),
    ),
    "canonical": ExportFormat(
        "The text that is hashed", "sha256sum of this file is the fingerprint that people sign.",
        ".json", "application/json",
        lambda found, names, given: canonical(found.signed_text).encode(),
    ),
}  # fmt: skip


def file_of(form: str, found: AgreementStatus, names: Names, given: Sequence[PartySignature]) -> bytes:
    """The agreement in one of the FORMS (KeyError for another)."""
    return FORMS[form].write(found, names, given)
