"""A ledger entry before it is written, and why the law would not require it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import Basis
from throughway.agreements.grant import Grant
from throughway.ledger.access_channels import current_channel
from throughway.partners.actor import Actor
from throughway.vocabulary import COMMON, TABLES

# Asking who saw a record is not a disclosure of it (34 CFR 99.3); it is recorded anyway.
LOOKED = "looked"
# A row that somebody typed about a student (`GovernedAccess.write`).
WRITTEN = "written"
# An authority's record of further disclosures, the discloser's request for a copy, and the answer (34 CFR 99.32(b)(2)).
PASSED_ON, REQUESTED, ANSWERED = "passed_on", "requested", "answered"
OUTCOMES = ("released", "refused", "published", WRITTEN, LOOKED, PASSED_ON, REQUESTED, ANSWERED)
# In place of what was asked for, where nobody here has defined it (`known_words.py`).
UNKNOWN_PURPOSE, UNKNOWN_AGREEMENT = "unknown purpose", "unknown agreement"
UNKNOWN_ADDRESS, UNKNOWN_ROLE = "unknown address", "unknown"
SHA256 = re.compile(r"[0-9a-f]{64}")
# Disclosures that 34 CFR 99.32(d) does not require to be recorded. They are recorded anyway, and marked.
EXEMPT: Mapping[str, str] = {
    Basis.SCHOOL_OFFICIAL: "34 CFR 99.32(d)(2)",
    Basis.CONSENT: "34 CFR 99.32(d)(3)",
    Basis.DIRECTORY: "34 CFR 99.32(d)(4)",
    Basis.PARTNER_RECORDS: "outside FERPA",
    OWN_RECORDS: "34 CFR 99.3, no disclosure",
}
NOBODY: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Entry:
    """One request or disclosure, before it is written (34 CFR 99.32(a)(3); 300.614 for the day and the purpose).

    `students`: the numbers (person_record) of everyone whose rows can have contributed; may include too many, never too few. `rows` is
    None where nothing was returned. `exempt` cites why 99.32(d) does not require the entry, or says 'outside FERPA'. `onward`: who may
    receive the records next, each as `party`, `interest`, `basis` (99.32(b)(1)). `threat`: the threat that 99.32(a)(5) requires to be
    recorded for an emergency. `question`: digest under the community's key. `way`: the access channel. `reasons` are sentences, or
    mappings of text such as a sentence with its citation. ValueError for contradictory fields.
    """

    outcome: str
    actor: Actor
    purpose: str
    on: date
    interest: str = ""
    basis: str = ""
    agreements: tuple[tuple[str, str], ...] = ()
    disclosers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    onward: tuple[str | Mapping[str, str], ...] = ()
    elements: tuple[str, ...] = ()
    question: str = ""
    rows: int | None = None
    students: npt.NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    exempt: str = ""
    threat: str = ""
    reasons: tuple[str | Mapping[str, str], ...] = ()
    way: str = field(default_factory=current_channel)

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"{self.outcome!r} is no outcome; the ledger knows {', '.join(OUTCOMES)}")
        if self.question and not SHA256.fullmatch(self.question):
            raise ValueError("question is 64 small hexadecimal digits: the digest, never the question itself")
        if self.rows is not None and self.rows < 0:
            raise ValueError("an entry cannot hand out fewer than no rows")
        for path in self.elements:
            _known(path)


def _known(path: str) -> None:
    """Refuses anything but names of the vocabulary, so that no value of a record can enter the ledger."""
    table, _, column = path.partition(".")
    if table in TABLES and (
        column in TABLES[table].elements or column in COMMON or column == "person_record"
    ):
        return
    raise ValueError(f"{path!r} is no element of the vocabulary (table.column)")


def exempt(grants: Iterable[Grant]) -> str:
    """Why none of these grants' rows needs an entry; empty as soon as one grant does."""
    found = {EXEMPT.get(grant.basis, "") for grant in grants}
    return "" if "" in found else "; ".join(sorted(found))
