"""Who must approve a settled text before anyone signs it, in which capacity, and why a board must.

A data steward and a privacy officer (or counsel) of each party approve it; for a memorandum, under which no records are shared, only
the privacy officer. The board of a discloser decides where the text concerns matters reserved to boards: see `TOUCHED`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Basis, PartyRole
from throughway.partners import Role
from throughway.vocabulary import covered

Touches = Callable[[AgreementDocument, str], bool]  # whether the text concerns a matter, for one discloser

HEALTH = frozenset({"HIPAA"})
SURVEY = frozenset({"PPRA"})  # protection of pupil rights: surveys about students themselves


class Capacity(StrEnum):
    STEWARD = "steward"
    PRIVACY_OFFICER = "privacy_officer"
    COUNSEL = "counsel"  # may replace the privacy officer
    BOARD = "board"


# The role that exercises each capacity at a partner. A board's approval is recorded by the leader.
EXERCISED_BY: Mapping[Capacity, Role] = {
    Capacity.STEWARD: Role.DATA_STEWARD,
    Capacity.PRIVACY_OFFICER: Role.PRIVACY_OFFICER,
    Capacity.COUNSEL: Role.PRIVACY_OFFICER,
    Capacity.BOARD: Role.LEADER,
}

CAPACITY_WORDS: Mapping[Capacity, str] = {
    Capacity.STEWARD: "data steward",
    Capacity.PRIVACY_OFFICER: "privacy officer",
    Capacity.COUNSEL: "counsel",
    Capacity.BOARD: "board",
}


class Needed(NamedTuple):
    partner: str
    capacity: Capacity


@dataclass(frozen=True)
class ApprovalPolicy:
    """How a community makes its agreements: `[agreements]` of `throughway.toml`.

    `process`: `short` lets parties sign a draft directly, `full` requires review, negotiation and approval. `days_to_answer`: days
    within which an approval or signature is expected.
    """

    process: str
    days_to_answer: int

    @property
    def full(self) -> bool:
        return self.process == "full"


def required(document: AgreementDocument) -> tuple[Needed, ...]:
    """Every approval that this text needs, in the order of its parties."""
    boards = {partner for partner, _ in board_matters(document)}
    found: list[Needed] = []
    for partner in document.partners:
        roles = {role for party in document.parties if party.partner == partner for role in party.roles}
        if roles:
            found.append(Needed(partner, Capacity.STEWARD))
        found.append(Needed(partner, Capacity.PRIVACY_OFFICER))
        if partner in boards:
            found.append(Needed(partner, Capacity.BOARD))
    return tuple(found)


def board_matters(document: AgreementDocument) -> tuple[tuple[str, str], ...]:
    """Each discloser whose board must decide, with the reason; one pair for each matter."""
    return tuple(
        (discloser, matter)
        for discloser in document.parties_with(PartyRole.DISCLOSER)
        for matter, touches in TOUCHED.items()
        if touches(document, discloser)
    )


def _by(basis: Basis) -> Touches:
    def touches(document: AgreementDocument, discloser: str) -> bool:
        housed = any(c.basis is basis and (c.from_ is None or discloser in c.from_) for c in document.custody)
        return housed or any(entry.basis is basis for entry in _entries(document, discloser))

    return touches


def _shows(tags: frozenset[str]) -> Touches:
    def touches(document: AgreementDocument, discloser: str) -> bool:
        return any(
            element.law_tags & tags
            for line in document.schedule
            for entry in _entries(document, discloser)
            if discloser in document.line_disclosers(line, entry)
            for element in covered(line.element)
        )

    return touches


def _entries(document: AgreementDocument, discloser: str) -> list[Purpose]:
    return [entry for entry in document.purposes if discloser in document.disclosers(entry)]


# Matters reserved to boards, by the words that explain the request.
TOUCHED: Mapping[str, Touches] = {
    "its public notice of directory information": _by(Basis.DIRECTORY),
    "whom its annual notice calls a school official": _by(Basis.SCHOOL_OFFICIAL),
    "that further partners may join": lambda document, discloser: bool(document.joinder.open_to),
    "who may receive the records next": lambda document, discloser: bool(document.onward),
    "health records": _shows(HEALTH),
    "what students answer in surveys": _shows(SURVEY),
}
