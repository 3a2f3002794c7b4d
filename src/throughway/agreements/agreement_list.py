"""The list of agreements as one reader sees it: which, in which order, and one line about each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from throughway.agreements.available_acts import ALONE, Setting, waits_for
from throughway.agreements.community_grants import shortfall
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PurposeKind
from throughway.agreements.findings import Finding
from throughway.agreements.labels import TIER_WORDS, called, day, listed
from throughway.agreements.lifecycle import BEGUN, Life, Standing, State
from throughway.agreements.status_summary import Tag, held_by, tag, urgency
from throughway.partners import Actor, PartnerFacts, PartnerKind


@dataclass(frozen=True)
class Line:
    """One agreement in the list. `waits_for_reader`: the reader may do what moves it on. `stage`: under which heading it stands."""

    id: str
    title: str
    tier: str
    tag: Tag
    parties: str
    about: str
    until: str
    held_by: str
    waits_for_reader: bool
    in_effect: bool
    stage: str = ""


def may_see(actor: Actor, document: AgreementDocument, partners: Mapping[str, PartnerFacts]) -> bool:
    """A party's people see their agreement; the backbone's people see every one."""
    if actor.partner in document.partners:
        return True
    own = partners.get(actor.partner or "")
    return own is not None and own.kind is PartnerKind.BACKBONE


def sees(actor: Actor, found: Standing, partners: Mapping[str, PartnerFacts]) -> bool:
    """As `may_see`; so does a partner that has left, and, of one in effect that is open, a partner of a kind that may join."""
    if actor.partner in found.ever_parties or may_see(actor, found.document, partners):
        return True
    own = partners.get(actor.partner or "")
    return found.in_effect and own is not None and own.kind in found.document.joinder.open_to


def sees_later(actor: Actor, found: Standing, later: Standing, partners: Mapping[str, PartnerFacts]) -> bool:
    """A later text is for its parties and those of the one in effect: not for one that left or might join."""
    return any(may_see(actor, text.document, partners) for text in (found, later))


def shows(actor: Actor, life: Life, partners: Mapping[str, PartnerFacts]) -> bool:
    """Whether an agreement is in the list of one reader at all."""
    later = life.pending is not None and sees_later(actor, life.current, life.pending, partners)
    return later or sees(actor, life.current, partners)


def lines(
    actor: Actor,
    found: Sequence[Standing],
    findings: Mapping[str, Sequence[Finding]],
    partners: Mapping[str, PartnerFacts],
    on: date,
    later: Mapping[str, Standing] | None = None,
    settings: Mapping[str, Setting] | None = None,
) -> list[Line]:
    """Most urgent first. `findings`: by id, of texts that are being prepared; `later`: by id, those of them that stand beside
    one in effect."""
    names = {id: facts.name for id, facts in partners.items()}
    ranked = []
    for standing in found:
        id = standing.document.id
        beside = (later or {}).get(id)
        if beside is not None and not sees_later(actor, standing, beside, partners):
            beside = None
        if beside is None and not sees(actor, standing, partners):
            continue
        setting = (settings or {}).get(id, ALONE)
        blocking = count_blocking(findings.get(id, ()))
        own = 0 if beside else blocking
        lacking = shortfall(standing, found) if standing.in_effect else ()
        mine = waits_for(actor, standing, own, on, setting)
        also = beside is not None and waits_for(actor, beside, blocking, on, setting)
        line = _line(standing, own, lacking, mine or also, names, on)
        if beside is not None and not line.held_by:
            line = replace(line, held_by=f"A later text: {held_by(beside, blocking, (), names, on)}")
        ranked.append(
            (urgency(standing, own, lacking, mine or also, on), standing.document.terms.expires, line)
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
        in_effect=standing.in_effect,
        stage=_stage(standing, mine),
    )


WAITS, PREPARED, IN_EFFECT, HELD, OVER = STAGES = (
    "Waits for you", "Being prepared", "In effect", "Suspended or ended", "Closed",
)  # fmt: skip


def _stage(standing: Standing, mine: bool) -> str:
    if mine:
        return WAITS
    if standing.in_effect:
        return IN_EFFECT
    if standing.state in (State.CLOSED, State.AMENDED):
        return OVER
    return HELD if standing.state in BEGUN else PREPARED


def staged(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under their headings, what waits for the reader first; each heading keeps their order."""
    found = list(lines)
    groups = [(stage, [line for line in found if line.stage == stage]) for stage in STAGES]
    return [(stage, held) for stage, held in groups if held]


def _parties(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= 4 else listed([*names[:3], f"{len(names) - 3} others"])


def about(document: AgreementDocument) -> str:
    """What it is for, in a line: the interests of its purposes, matching records apart."""
    own = [p for p in document.purposes if p.kind is not PurposeKind.LINKAGE] or list(document.purposes)
    interests = list(dict.fromkeys(purpose.interest.rstrip(".") for purpose in own))
    if not interests:
        return "The frame in which other agreements stand; it gives no records by itself."
    return " ".join(i if i.endswith(("?", "!")) else f"{i}." for i in interests[:2])
