"""The list of agreements as one reader sees it: which, in which order, and one line about each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.findings import Finding
from throughway.agreements.grants import shortfall
from throughway.agreements.lifecycle import Standing
from throughway.agreements.naming import TIER_WORDS, called, day, listed
from throughway.agreements.progress import Tag, acts, held_by, moves_on, tag, urgency
from throughway.agreements.words import PurposeKind
from throughway.partners import Actor, PartnerFacts, PartnerKind


@dataclass(frozen=True)
class Line:
    """One agreement in the list. `waits_for_reader`: the reader may do what moves it on."""

    id: str
    title: str
    tier: str
    tag: Tag
    parties: str
    about: str
    until: str
    held_by: str
    waits_for_reader: bool


def may_see(actor: Actor, document: AgreementDocument, partners: Mapping[str, PartnerFacts]) -> bool:
    """A party's people see their agreement; the backbone's people see every one."""
    if actor.partner in document.partners:
        return True
    own = partners.get(actor.partner or "")
    return own is not None and own.kind is PartnerKind.BACKBONE


def lines(
    actor: Actor,
    found: Sequence[Standing],
    findings: Mapping[str, Sequence[Finding]],
    partners: Mapping[str, PartnerFacts],
    on: date,
) -> list[Line]:
    """Most urgent first. `findings`: by id, for the agreements whose text is still open."""
    names = {id: facts.name for id, facts in partners.items()}
    seen = [standing for standing in found if may_see(actor, standing.document, partners)]
    ranked = []
    for standing in seen:
        blocking = count_blocking(findings.get(standing.document.id, ()))
        lacking = shortfall(standing, found) if standing.in_effect else ()
        mine = any(moves_on(act) for act in acts(actor, standing, blocking, on))
        ranked.append(
            (
                urgency(standing, blocking, lacking, mine, on),
                standing.document.terms.expires,
                _line(standing, blocking, lacking, mine, names, on),
            )
        )
    return [line for _, _, line in sorted(ranked, key=lambda one: (one[0], one[1], one[2].title))]


def count_blocking(findings: Iterable[Finding]) -> int:
    return sum(finding.blocks for finding in findings)


def _line(
    standing: Standing,
    blocking: int,
    lacking: Sequence[str],
    mine: bool,
    names: Mapping[str, str],
    on: date,
) -> Line:
    document = standing.document
    return Line(
        id=document.id,
        title=document.title,
        tier=TIER_WORDS[document.tier],
        tag=tag(standing, blocking, lacking, on),
        parties=_parties(called(document.partners, names)),
        about=about(document),
        until=day(document.terms.expires),
        held_by=held_by(standing, blocking, lacking, names, on),
        waits_for_reader=mine,
    )


def _parties(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= 4 else listed([*names[:3], f"{len(names) - 3} others"])


def about(document: AgreementDocument) -> str:
    """What it is for, in a line: the interests of its purposes, matching records apart."""
    own = [p for p in document.purposes if p.kind is not PurposeKind.LINKAGE] or list(document.purposes)
    interests = list(dict.fromkeys(purpose.interest.rstrip(".") for purpose in own))
    if not interests:
        return "The frame in which other agreements stand; it gives no records by itself."
    return " ".join(f"{interest}." for interest in interests[:2])
