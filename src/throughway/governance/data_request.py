"""A data request as other modules see it: what is asked, for what, by what right, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway.agreements.enums import AccessForm, Basis
from throughway.governance.request_states import ANSWERS, STATES, DiscloserAnswerKind, RequestState, due


@dataclass(frozen=True)
class RequestedData:
    """What the asker wants. Elements are `table.column` or `table.*`; `necessity` says by table why. `of`: partners whose
    records are asked for. `outside`: the organisation and project that the asker speaks for, where it is not its own."""

    title: str
    question: str
    why: str
    elements: tuple[str, ...]
    necessity: Mapping[str, str]
    of: tuple[str, ...]
    form: AccessForm
    under: tuple[str, ...]  # agreements
    purpose: str  # the id of a purpose of these agreements
    basis: Basis
    details: Mapping[str, str]  # of the basis, in the asker's words
    method: str
    publication: str
    irb: str
    irb_expires: date | None
    until: date
    outside: str = ""
    project: str = ""


@dataclass(frozen=True)
class DiscloserReply:
    """What one discloser said about its records."""

    partner: str
    answer: DiscloserAnswerKind
    reason: str
    day: date

    @property
    def words(self) -> str:
        return ANSWERS[self.answer]


@dataclass(frozen=True)
class DataRequest:
    """One request. `since`: the day on which its state began; `missing`: what the desk asked the asker to add."""

    number: int
    asker: str  # e-mail
    partner: str
    role: str
    wanted: RequestedData
    state: RequestState
    asked_on: date
    since: date
    missing: str
    reason: str
    citations: tuple[str, ...]
    license: str
    answers: tuple[DiscloserReply, ...] = ()

    @property
    def tag(self) -> tuple[str, str]:
        return STATES[self.state]

    @property
    def due(self) -> date | None:
        return due(self.state, self.since)

    @property
    def unanswered(self) -> tuple[str, ...]:
        said = {answered.partner for answered in self.answers}
        return tuple(p for p in self.wanted.of if p not in said)

    @property
    def giving(self) -> tuple[str, ...]:
        """Disclosers that said yes."""
        said = {a.partner: a.answer for a in self.answers}
        return tuple(p for p in self.wanted.of if said.get(p) is DiscloserAnswerKind.YES)

    def to_json(self) -> dict[str, object]:
        return {
            "number": self.number, "title": self.wanted.title, "state": str(self.state), "partner": self.partner,
            "asked_on": self.asked_on.isoformat(), "due": self.due.isoformat() if self.due else None,
            "of": list(self.wanted.of), "waits_for": list(self.unanswered) if self.state is RequestState.WITH_DISCLOSERS else [],
            "reason": self.reason, "citations": list(self.citations), "license": self.license or None,
        }  # fmt: skip
