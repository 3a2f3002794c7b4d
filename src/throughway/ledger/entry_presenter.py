"""Presents a ledger entry to a reader: its facts, the ledger's terms in words, and partners and agreements by their names."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import Basis
from throughway.agreements.labels import BASIS_WORDS
from throughway.core.prose import counted, listed
from throughway.ledger.access_channels import way_words
from throughway.ledger.entry import UNKNOWN_PURPOSE
from throughway.partners.actor import Role
from throughway.vocabulary import COMMON
from throughway.vocabulary.labels import element_words, table_words

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "released": ("ok", "released"),
    "refused": ("stop", "refused"),
    "published": ("tip", "published"),
    "passed_on": ("tip", "passed on"),
    "requested": ("wait", "asked for"),
    "answered": ("ok", "answered"),
    "looked": ("past", "looked up"),
    "written": ("ok", "written"),
}
STRANGERS: Mapping[str, str] = {"operator": "Operator of the folder", "unknown": "Somebody unknown"}
# The platform's own record and person numbers.
PLATFORM = frozenset({"person_id", "person_record"})
CODES: Mapping[str, str] = {"iso_639_2_language_code": "language", "iso_639_3_language_code": "language"}
# Purposes that are in no agreement.
KNOWN_PURPOSES: Mapping[str, str] = {
    OWN_RECORDS: "To read back their own records",
    "ledger": "To learn who saw a record",
    "further_disclosures": "To learn to whom records were passed on",
    UNKNOWN_PURPOSE: "A purpose that no agreement knows",
}


def role_words(role: str) -> str:
    return Role(role).label if role in set(Role) else STRANGERS.get(role, "Somebody unknown")


def column_words(column: str) -> str:
    """A column in words; empty for technical columns of the store."""
    if column in COMMON or column in PLATFORM:
        return ""
    return CODES.get(column) or element_words(column).removesuffix(" identifier")


@dataclass(frozen=True)
class EntryFacts:
    """The facts of an entry that the reader may see; `email` is empty where the reader may not see who it was."""

    id: str
    at: datetime
    outcome: str
    email: str
    partner: str | None
    role: str
    purpose: str
    interest: str
    agreements: tuple[str, ...]
    students: int
    rows: int | None
    on: date
    disclosers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    onward: tuple[Mapping[str, str], ...] = ()
    elements: tuple[str, ...] = ()
    basis: str = ""
    exempt: str = ""
    reasons: tuple[Mapping[str, str], ...] = ()
    threat: str = ""
    way: str = ""

    @property
    def tag(self) -> str:
        return OUTCOMES[self.outcome][0]

    @property
    def outcome_words(self) -> str:
        return OUTCOMES[self.outcome][1]

    @property
    def basis_words(self) -> str:
        """The bases of the disclosure, in words."""
        return "; ".join(found for b in self.basis.split("; ") if (found := right_words(b)))

    @property
    def way_words(self) -> str:
        return way_words(self.way)

    @property
    def tables(self) -> list[tuple[str, str]]:
        return tables_text(self.elements)


def tables_text(elements: Iterable[str]) -> list[tuple[str, str]]:
    """Each table of some elements (table.column) with its columns in words, without technical columns of the store."""
    found: dict[str, dict[str, None]] = {}
    for path in elements:
        table, _, column = path.partition(".")
        found.setdefault(table, {}).update(dict.fromkeys(filter(None, [column_words(column)])))
    return [(table_words(table), listed(columns)) for table, columns in sorted(found.items())]


def purpose_text(purpose: str, interest: str, interests: Mapping[str, str]) -> str:
    """The purpose in words: the interest in the entry, otherwise that of a purpose with this name today."""
    known = interest or interests.get(purpose) or KNOWN_PURPOSES.get(purpose, "")
    return known or f"A purpose that no agreement knows ({purpose[:60]})"


def reader_text(role: str, partner: str) -> str:
    """A role and, where there is one, the name of its partner."""
    return f"{role_words(role)}, {partner}" if partner else role_words(role)


def right_words(basis: str) -> str:
    """A basis in words; empty for an unknown one."""
    return BASIS_WORDS[Basis(basis)] if basis in set(Basis) else ""


def onward_of(stated: object) -> Mapping[str, str]:
    """A possible next recipient as the ledger stores it (a name or a mapping), as an object."""
    if isinstance(stated, Mapping):
        return {name: str(stated.get(name, "")) for name in ("party", "interest", "basis")}
    return {"party": str(stated), "interest": "", "basis": ""}


def reason_of(stated: object) -> Mapping[str, str]:
    """A reason as the ledger stores it (a sentence or a mapping), as sentence and citation."""
    if isinstance(stated, Mapping):
        return {
            "sentence": str(stated.get("sentence", "")),
            "citation": str(stated.get("citation", "")),
            "agreement": str(stated.get("agreement", "")),
        }
    return {"sentence": str(stated), "citation": "", "agreement": ""}


@dataclass(frozen=True)
class PresentedAgreement:
    """An agreement that an entry names; `open` says whether the reader may open its page."""

    id: str
    title: str
    open: bool


@dataclass(frozen=True)
class PresentedEntry:
    """`who` is a role and a partner; `address` their e-mail, empty where the reader may not see it. `purposes`: each in its own words."""

    line: EntryFacts
    who: str
    address: str
    purposes: Sequence[str]
    agreements: Sequence[PresentedAgreement]
    disclosers: str
    recipients: str
    onward: Sequence[str]
    students: str

    @property
    def somebody(self) -> str:
        """The reader as the subject of a sentence: A case worker of Bright Futures."""
        role, _, partner = self.who.partition(", ")
        if not partner:
            return role
        return f"{'An' if role[:1] in 'AEIOU' else 'A'} {role[:1].lower()}{role[1:]} of {partner}"

    @property
    def sentence(self) -> str:
        """The entry in one sentence."""
        acts = {
            "released": f"saw {self.students}",
            "published": "published figures",
            "written": f"wrote about {self.students}",
            "looked": "asked who saw a record",
            "passed_on": f"passed records on to {self.recipients}",
            "requested": f"asked {self.recipients} to whom it passed records on",
            "answered": f"told {self.recipients} to whom records were passed on",
        }
        return f"{self.somebody} {acts.get(self.line.outcome, 'was refused')}"

    @property
    def title(self) -> str:
        """What an entry about one student is called: the purpose of a reading, else what was done."""
        titles = {
            "looked": "Asked who saw this student",
            "written": f"Wrote about this student: {self.purpose}",
            "passed_on": f"Passed on to {self.recipients}: {self.purpose}",
            "requested": f"{self.recipients} was asked who received the records it passed on",
            "answered": f"{self.recipients} was told to whom records were passed on",
        }
        return titles.get(self.line.outcome, self.purpose)

    @property
    def is_reading(self) -> bool:
        return self.line.outcome in ("released", "published")

    @property
    def purpose(self) -> str:
        """The first purpose, and the number of others in the same request."""
        first, *others = self.purposes
        return f"{first}, and {counted(len(others), 'other purpose')}" if others else first


def present(
    line: EntryFacts,
    *,
    names: Mapping[str, str],
    interests: Mapping[str, str],
    titles: Mapping[str, str],
    open: Container[str],
) -> PresentedEntry:
    """The entry with names in place of ids: of partners, purposes (`interests`) and agreements (`titles`). `open`: ids of the
    agreements that the reader may open."""

    def called(ids: Sequence[str]) -> str:
        return listed(names.get(id, id) for id in ids)

    purpose = purpose_text(line.purpose, line.interest, interests)
    return PresentedEntry(
        line=line,
        who=reader_text(line.role, names.get(line.partner, line.partner) if line.partner else ""),
        address=line.email if "@" in line.email else "",
        purposes=purpose.split("; "),  # of one request, joined in one line
        agreements=[PresentedAgreement(id, titles.get(id, id), id in open) for id in line.agreements],
        disclosers=called(line.disclosers),
        recipients=called(line.recipients),
        onward=[_next(step, names) for step in line.onward],
        # Each partner has a record of its own of a student, and the ledger counts these.
        students=counted(line.students, "student record") if line.students else "no student",
    )


def _next(step: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Who may receive the records next, what for, and by what right."""
    party = names.get(step["party"], step["party"])
    right = right_words(step["basis"]) or step["basis"]
    stated = f"{party}: {step['interest']}" if step["interest"] else party
    return f"{stated} ({right})" if right else stated
