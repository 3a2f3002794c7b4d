"""Reads where the community stands on the way to its first published figure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.agreement_list import count_blocking, may_see
from throughway.agreements.available_acts import acts
from throughway.agreements.document_sections import Purpose
from throughway.agreements.effective_grants import grants_of_text, linked_partners, why_not_in_effect
from throughway.agreements.enums import AccessForm, Basis, PurposeKind, Tier
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import agreement_statuses, findings_of_open
from throughway.agreements.states import AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.consent.selectors.decisions import consents, in_force
from throughway.core.prose import day, listed
from throughway.gate.actions.decisions import current_decision
from throughway.identity.review.selectors import purposes, undecided
from throughway.identity.selectors import last_run
from throughway.intake.selectors import last_landing, stored_tables
from throughway.intake.uploads.actions import crosswalks
from throughway.ledger.selectors import any_answer
from throughway.partners import Actor, PartnerFacts, Role
from throughway.partners.permissions import sees_people
from throughway.partners.selectors import own_kind, partners, users
from throughway.partners.signatories.selectors import signing_registers
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseState
from throughway.site.readiness.steps import QuestionFacts, ReadinessFacts, ReadinessStep, steps
from throughway.training.selectors import all_of, library
from throughway.training.validity import Completed, valid_courses

# The act that brings an agreement in each state closer to effect, by the name of its command.
NEXT_ACT: Mapping[AgreementState, str] = {
    AgreementState.DRAFT: "sign",
    AgreementState.REVIEW: "offer",
    AgreementState.NEGOTIATION: "agree",
    AgreementState.APPROVAL: "approve",
    AgreementState.APPROVED: "sign",
    AgreementState.PARTLY_SIGNED: "sign",
    AgreementState.SIGNED: "activate",
    AgreementState.SUSPENDED: "resume",
    AgreementState.EXPIRED: "renew",
}
ENDED = frozenset({
    AgreementState.TERMINATED, AgreementState.WINDING_DOWN, AgreementState.DESTROYED, AgreementState.CLOSED, AgreementState.AMENDED,
})  # fmt: skip


def readiness(by: Actor, on: date) -> list[ReadinessStep]:
    """The steps as far as this reader may know them: agreements that the reader may open, and releases that the reader may read."""
    return steps(facts(by, on))


@dataclass(frozen=True)
class _Register:
    """What several agreements ask: the statuses, partners and people, and what has come in."""

    reader: Actor
    on: date
    statuses: Sequence[AgreementStatus]
    known: Mapping[str, PartnerFacts]
    people: Sequence[Actor]
    completed: Sequence[Completed]
    stored: Mapping[str, frozenset[str]]
    findings: Mapping[str, Sequence[ReviewFinding]]

    def names(self, ids: Collection[str]) -> tuple[str, ...]:
        return tuple(self.known[id].name if id in self.known else id for id in ids)

    def completed_by(self, email: str) -> list[Completed]:
        return [each for each in self.completed if each.email == email]


def facts(by: Actor, on: date) -> ReadinessFacts:
    known, people = partners(), users()
    statuses = agreement_statuses(on)
    register = _Register(by, on, statuses, known, people, all_of(), stored_tables(), findings_of_open(on))
    seen = [
        s for s in statuses
        if s.state not in ENDED and s.document.tier is not Tier.MOU and s.document.purposes
        and (by.is_operator or may_see(by, s.document, known))
    ]  # fmt: skip
    found = sorted(
        (_question(each, purpose, register) for each in seen for purpose in _aggregate(each)),
        key=_open_points,
    )
    landing, run = last_landing(), last_run()
    parties = [p for s in seen if not s.in_effect for p in s.document.partners if p not in s.signed_by]
    release, waiting = _release(by)
    registers = signing_registers()
    signing = {p.partner for p in people if p.role == Role.LEADER and p.partner not in registers}
    signing |= {p.partner for p in people if (own := registers.get(p.partner or "")) and own.of(p.email, on)}
    return ReadinessFacts(
        partners=len(known),
        stewards=sum(person.role == Role.DATA_STEWARD for person in people),
        signless=register.names([p for p in dict.fromkeys(parties) if p not in signing]),
        written=len(seen),
        other=seen[0].document.id if seen else "",
        question=found[0] if found else None,
        mapped=len(crosswalks()),
        linked=run is not None and (landing is None or run.at >= landing),
        asked=any_answer(_questions(statuses)),
        release=release,
        waiting=waiting,
        undecided=undecided().sentence,
        decides=bool(purposes(by)),
    )


def _aggregate(status: AgreementStatus) -> Iterator[str]:
    """The purposes for figures, each once."""
    yield from dict.fromkeys(
        p.id for p in status.document.purposes if p.form is AccessForm.AGGREGATE and p.kind is not PurposeKind.LINKAGE
    )  # fmt: skip


def _questions(statuses: Sequence[AgreementStatus]) -> frozenset[str]:
    return frozenset(p.id for s in statuses for p in s.document.purposes if p.kind is not PurposeKind.LINKAGE)


def _open_points(found: QuestionFacts) -> tuple[int, str]:
    """How far a purpose still is from a figure: fewest first."""
    points = (
        found.waits,
        found.blocking,
        found.unlinked,
        found.empty,
        not found.readers,
        found.courses,
        found.refused,
    )
    return sum(map(bool, points)) + (found.consents == 0), found.agreement


def _question(status: AgreementStatus, purpose: str, register: _Register) -> QuestionFacts:
    document, statuses = status.document, register.statuses
    entries = document.entries(purpose)
    givers = dict.fromkeys(giver for entry in entries for giver in document.disclosers(entry))
    waits = " ".join(why_not_in_effect(status, statuses))
    findings = [] if status.in_effect else register.findings.get(document.id, ())
    counted: dict[str, set[str]] = {}
    choices: set[tuple[str, str]] = set()
    for grant in grants_of_text(status, statuses, purpose):
        counted.setdefault(grant.discloser, set()).add(grant.table)
        choices |= {(c.agreement, c.purpose) for c in grant.choices if c.basis is Basis.CONSENT}
    linked = linked_partners(statuses, purpose) if len(givers) > 1 and not waits else frozenset(givers)
    readers = [person for person in register.people if _is_named(person, status, entries)]
    courses, refused = _kept_out(readers, status, purpose, register)
    may_ask = _is_named(register.reader, status, entries)
    lacks = sorted(set(courses) - valid_courses(register.completed_by(register.reader.email), register.on))
    return QuestionFacts(
        own_course=lacks[0] if lacks and may_ask and lacks[0] in library() else "",
        agreement=document.id, title=document.title, purpose=purpose, waits=waits,
        act=NEXT_ACT.get(status.state, ""), blocking=count_blocking(findings),
        givers=register.names(givers),
        unlinked=register.names([giver for giver in givers if giver not in linked]),
        empty=register.names([g for g in givers if not counted.get(g, set()) & register.stored.get(g, frozenset())]),
        recipients=register.names(dict.fromkeys(r for entry in entries for r in document.recipients(entry))),
        roles=tuple(dict.fromkeys(str(role) for entry in entries for role in entry.roles)),
        readers=tuple(_called(person, register) for person in readers),
        may_activate=AgreementAct.ACTIVATE in acts(register.reader, status, count_blocking(findings), register.on),
        may_ask=register.reader.is_operator or may_ask, courses=courses, refused=refused,
        consents=_consents(choices, register.on) if choices else None,
    )  # fmt: skip


def _is_named(person: Actor, status: AgreementStatus, entries: Sequence[Purpose]) -> bool:
    return any(person.partner in status.document.recipients(e) and person.role in e.roles for e in entries)


def _called(person: Actor, register: _Register) -> str:
    """The address of a person whose account the reader may see, otherwise the office."""
    own = own_kind(register.reader)
    if sees_people(register.reader, own, person.partner or ""):
        return person.email
    return f"the {str(person.role).replace('_', ' ')} of {listed(register.names([person.partner or '']))}"


def _kept_out(
    readers: Sequence[Actor], status: AgreementStatus, purpose: str, register: _Register
) -> tuple[tuple[str, ...], str]:
    """The courses that keep every reader out, and any other reason of the gate's; both empty where one of them may enter."""
    needed = frozenset(status.document.courses(*status.document.entries(purpose)))
    lacking = [needed - valid_courses(register.completed_by(r.email), register.on) for r in readers]
    if lacking and all(lacking):
        return tuple(sorted(min(lacking, key=lambda needed: len(list(needed))))), ""
    if not status.in_effect or not readers:
        return (), ""
    reasons = []
    for reader, courses in zip(readers, lacking, strict=True):
        if courses:
            continue
        found = current_decision(reader, purpose, register.on, status.document.id)
        if found.allowed:
            return (), ""
        reasons += [reason.sentence for reason in found.reasons]
    return (), reasons[0] if reasons else ""


def _consents(choices: Collection[tuple[str, str]], on: date) -> int:
    """How many consents in force answer one of these choices."""
    given = [c for c in consents() if (c.agreement, c.purpose) in choices]
    return len(in_force(given, on)) if given else 0


def _release(by: Actor) -> tuple[str, str]:
    """The newest release that the reader may read and that was not withdrawn, in a sentence, a public one first; and its id while it is not
    public."""
    found = [each for each in releases(by) if each["state"] != ReleaseState.WITHDRAWN]
    for release in found:
        if release["state"] == ReleaseState.PUBLIC:
            return f"“{release['title']}” is published.", ""
    for release in found:
        public = release["public_on"]
        until = (
            f"until {day(date.fromisoformat(public))}, or until each partner whose records it counts agrees"
            if public
            else "until its partners agree"
        )
        return f"“{release['title']}” is registered, and waits {until}.", release["id"]
    return "", ""
