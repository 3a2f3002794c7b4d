"""One entry of the ledger as pages tell it: plain facts, and the words for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from throughway.agreements.enums import Basis
from throughway.agreements.labels import BASIS_WORDS
from throughway.core.prose import listed
from throughway.ledger.channels import way_words
from throughway.ledger.wording import KNOWN_PURPOSES, OUTCOMES, column_words, role_words, table_words


@dataclass(frozen=True)
class EntryFacts:
    """`email` is empty where the reader is not told who it was."""

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
    def role_words(self) -> str:
        return role_words(self.role)

    @property
    def basis_words(self) -> str:
        """The rights that stand behind it, in words."""
        return "; ".join(found for b in self.basis.split("; ") if (found := right_words(b)))

    @property
    def way_words(self) -> str:
        return way_words(self.way)

    @property
    def tables(self) -> Sequence[tuple[str, str]]:
        """Each table that was read, in words, with its elements in words."""
        found: dict[str, list[str]] = {}
        for path in self.elements:
            table, _, column = path.partition(".")
            words = found.setdefault(table, [])
            if (said := column_words(column)) and said not in words:
                words.append(said)
        return [(table_words(table), listed(columns)) for table, columns in sorted(found.items())]


def purpose_words(line: EntryFacts, interests: Mapping[str, str]) -> str:
    """The interest as the agreement states it: of the entry, else of a purpose of that name that is known today."""
    said = line.interest or interests.get(line.purpose) or KNOWN_PURPOSES.get(line.purpose, "")
    return said or f"A purpose that no agreement knows ({line.purpose[:60]})"


def right_words(basis: str) -> str:
    """A right in words; empty for what is none that is known."""
    return BASIS_WORDS[Basis(basis)] if basis in set(Basis) else ""


def onward_of(stated: object) -> Mapping[str, str]:
    """One who may receive the records next, as the ledger holds it: a name, or a mapping."""
    if isinstance(stated, Mapping):
        return {name: str(stated.get(name, "")) for name in ("party", "interest", "basis")}
    return {"party": str(stated), "interest": "", "basis": ""}


def reason_of(stated: object) -> Mapping[str, str]:
    """A reason as the ledger holds it (a sentence, or a mapping) as sentence and citation."""
    if isinstance(stated, Mapping):
        return {
            "sentence": str(stated.get("sentence", "")),
            "citation": str(stated.get("citation", "")),
            "agreement": str(stated.get("agreement", "")),
        }
    return {"sentence": str(stated), "citation": "", "agreement": ""}
