"""The texts of an agreement in the order in which they were or may come into effect; and the effective document: the signed text, with
those who joined, without those who left, and without an abstainer's data.

Until a text is activated, a revision replaces it; an amendment is a version of its own, and the one in effect remains.

A partner that joins is added wherever the first party of its kind, its model, is named: among the parties, in `from` and `recipients`
of purposes, in `from` of schedule, population and custody. Where a basis names the model itself (a study on its behalf, a program of
its own, its designation as representative), the joining partner gets a separate entry, after all others, in which it is named instead;
the positions of signed entries do not change. What the model promises to provide or deliver binds only the model.

Consent covers only the parties that it names (34 CFR 99.30(b)(3)): under it, a joining partner gives its own records and reads
nobody's.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import (
    Custody,
    Party,
    PopulationEntry,
    Purpose,
    ScheduleLine,
    SigningOffice,
)
from throughway.agreements.enums import Basis, PartyRole
from throughway.agreements.states import SIGNING_ACTS, TEXT_ACTS, AgreementAct, LifecycleEvent
from throughway.partners import PartnerKind


@dataclass(frozen=True)
class TextVersion:
    """`begun` and `texted`: the indexes of the events of its first and its present text; `until`: the index of the next text after it.

    `begins`: the day from which the text applies, once activated; None for the first text, which applies from the day that it names.
    """

    version: str
    document: AgreementDocument
    begun: int
    texted: int
    until: int
    activated: bool = False
    begins: date | None = None


def text_versions(
    documents: Mapping[str, AgreementDocument], versions: Sequence[str], events: Sequence[LifecycleEvent]
) -> tuple[TextVersion, ...]:
    """Never empty: where no event added a text, the newest one counts."""
    found: list[list[tuple[int, str]]] = []
    activations: dict[int, LifecycleEvent] = {}
    for place, event in enumerate(events):
        if event.act in TEXT_ACTS:
            if event.act is not AgreementAct.ADD or not found or len(found) - 1 in activations:
                found.append([])
            found[-1].append((place, event.version))
        elif event.act is AgreementAct.ACTIVATE and (not found or event.version == found[-1][-1][1]):
            activations.setdefault(max(len(found) - 1, 0), event)
    if not found:
        found = [[(-1, versions[-1])]]
        activations = {n: e for n, e in activations.items() if e.version == versions[-1]}
    until = [*(texts[0][0] for texts in found[1:]), len(events)]
    return tuple(
        _text_version(documents[texts[-1][1]], texts, end, activations.get(n), is_first=n == 0)
        for n, (texts, end) in enumerate(zip(found, until, strict=True))
    )


def _text_version(
    document: AgreementDocument, texts: Sequence[tuple[int, str]], until: int, activation: LifecycleEvent | None, *, is_first: bool
) -> TextVersion:  # fmt: skip
    (begun, _), (texted, version) = texts[0], texts[-1]
    begins = max(activation.day, document.terms.effective) if activation and not is_first else None
    return TextVersion(version, document, begun, texted, until, activation is not None, begins)


Names = tuple[str, ...] | None  # None: all
Also = Callable[[Names], Names]
Section = TypeVar("Section", ScheduleLine, PopulationEntry, Custody)

# Keys of `basis_details` that name a party, and the side of the entry that the party is on.
OF_DISCLOSER = ("on_behalf_of", "program_owner")
OF_RECIPIENT = ("representative",)


@dataclass(frozen=True)
class Joined:
    """A partner that joined, its model, and the office and authority that signed for it."""

    partner: str
    model: str
    title: str = ""
    authority: str = ""


def model_for(kind: PartnerKind, kinds: Mapping[str, PartnerKind], text: AgreementDocument) -> str | None:
    """The first party of this kind that the text names."""
    return next((p for p in text.partners if kinds.get(p) is kind), None)


def effective(
    text: AgreementDocument,
    joined: Iterable[Joined] = (),
    left: Collection[str] = (),
    abstaining: Collection[str] = (),
) -> AgreementDocument:
    document = text
    for one in joined:
        if one.partner not in document.partners and one.model in document.partners:
            document = _with(document, one)
    for partner in left:
        document = _without(document, partner, receives=False)
    for partner in abstaining:
        document = _without(document, partner, receives=True)
    return document


def _with(document: AgreementDocument, new: Joined) -> AgreementDocument:
    def also(names: Names) -> Names:
        return (*names, new.partner) if names is not None and new.model in names else names

    modelled = [p for p in document.parties if p.partner == new.model]
    signatory = (
        SigningOffice(title=new.title, authority=new.authority) if new.title and new.authority else None
    )
    party = Party(
        partner=new.partner,
        roles=tuple(dict.fromkeys(role for p in modelled for role in p.roles)),
        signatory=signatory,
    )

    def readers(entry: Purpose) -> Names:
        return document.recipients(entry) if entry.basis is Basis.CONSENT else also(entry.recipients)

    entries, own = [], []
    for entry in document.purposes:
        side = _named(document, entry, new.model)
        if side is None or (side is PartyRole.RECIPIENT and entry.basis is Basis.CONSENT):
            entries.append(
                entry.model_copy(update={"from_": also(entry.from_), "recipients": readers(entry)})
            )
            continue
        kept, added = _split(document, entry, side, new, also, readers)
        entries.append(kept)
        own.append(added)
    return _changed(document, (*document.parties, party), (*entries, *own), also)


def _named(document: AgreementDocument, entry: Purpose, partner: str) -> PartyRole | None:
    """The side of the entry on which its basis names the partner; None where it does not."""
    sides = (
        (OF_DISCLOSER, PartyRole.DISCLOSER, document.disclosers(entry)),
        (OF_RECIPIENT, PartyRole.RECIPIENT, document.recipients(entry)),
    )
    for keys, side, there in sides:
        if partner in there and any(entry.basis_details.get(key) == partner for key in keys):
            return side
    return None


def _split(
    document: AgreementDocument,
    entry: Purpose,
    side: PartyRole,
    new: Joined,
    also: Also,
    readers: Callable[[Purpose], Names],
) -> tuple[Purpose, Purpose]:
    """The signed entry for its own parties, and a second one for the partner that joins."""
    details = {
        key: new.partner if key in (*OF_DISCLOSER, *OF_RECIPIENT) and value == new.model else value
        for key, value in entry.basis_details.items()
    }
    if side is PartyRole.DISCLOSER:
        kept = {"from_": document.disclosers(entry), "recipients": readers(entry)}
        added = {"from_": (new.partner,), "recipients": readers(entry)}
    else:
        kept = {"from_": also(entry.from_), "recipients": document.recipients(entry)}
        added = {"from_": also(entry.from_), "recipients": (new.partner,)}
    return entry.model_copy(update=kept), entry.model_copy(update={**added, "basis_details": details})


def _without(document: AgreementDocument, partner: str, *, receives: bool) -> AgreementDocument:
    """Without the partner or, with `receives`, without only its records."""

    def apart(names: Names) -> Names:
        return tuple(name for name in names if name != partner) if names is not None else None

    if receives:
        parties = tuple(
            p.model_copy(update={"roles": tuple(r for r in p.roles if r is not PartyRole.DISCLOSER)})
            if p.partner == partner
            else p
            for p in document.parties
        )
    else:
        parties = tuple(p for p in document.parties if p.partner != partner)
    purposes = tuple(
        entry.model_copy(
            update={"from_": apart(entry.from_)}
            | ({} if receives else {"recipients": apart(entry.recipients)})
        )
        for entry in document.purposes
    )
    # A purpose without disclosers or recipients keeps its position and grants nothing.
    return _changed(document, parties, purposes, apart)


def _changed(
    document: AgreementDocument, parties: tuple[Party, ...], purposes: tuple[Purpose, ...], change: Also
) -> AgreementDocument:
    """The document with these parties and purposes; `change`: applied to the names in `from` of every other section."""

    def sections(own: tuple[Section, ...]) -> tuple[Section, ...]:
        return tuple(section.model_copy(update={"from_": change(section.from_)}) for section in own)

    return document.model_copy(
        update={
            "parties": parties,
            "purposes": purposes,
            "schedule": sections(document.schedule),
            "writes": tuple(entry.model_copy(update={"by": change(entry.by)}) for entry in document.writes),
            "population": sections(document.population),
            "custody": sections(document.custody),
        }
    )


Leaving = tuple[str, date]  # a partner, and the first day on which it is not a party


@dataclass(frozen=True)
class Membership:
    joined: tuple[Joined, ...]
    left: tuple[Leaving, ...]
    leaving: tuple[Leaving, ...]
    abstaining: tuple[str, ...]


def membership(text: TextVersion, events: Sequence[LifecycleEvent], on: date) -> Membership:
    """Membership for one text. A partner that left is a party again under a later text that names it; an abstention applies until that
    partner signs a later text."""
    joined: dict[str, Joined] = {}
    left: dict[str, date] = {}
    abstaining: dict[str, None] = {}
    for place, event in enumerate(events):
        if event.day > on:
            continue
        later_text = text.texted > place
        if event.act is AgreementAct.JOIN and event.partner and event.partner not in text.document.partners:
            left.pop(event.partner, None)
            joined[event.partner] = Joined(
                event.partner, event.detail("model"), event.detail("title"), event.detail("authority")
            )
        elif (
            event.act is AgreementAct.LEAVE
            and event.partner
            and not (later_text and event.partner in text.document.partners)
        ):
            left[event.partner] = date.fromisoformat(event.detail("out"))
        elif event.act is AgreementAct.ABSTAIN:
            partner = event.detail("partner")
            if not (later_text and signed(text.version, partner, events)):
                abstaining[partner] = None
    out = {partner for partner, day in left.items() if day <= on}
    return Membership(
        tuple(one for one in joined.values() if one.partner not in out),
        tuple((partner, day) for partner, day in left.items() if partner in out),
        tuple((partner, day) for partner, day in left.items() if partner not in out),
        tuple(abstaining),
    )


def ever_joined(events: Sequence[LifecycleEvent]) -> tuple[Joined, ...]:
    return tuple(
        Joined(e.partner, e.detail("model")) for e in events if e.act is AgreementAct.JOIN and e.partner
    )


def signed(version: str, partner: str, events: Sequence[LifecycleEvent]) -> bool:
    """Whether the partner signed; one that joined did so by signing."""
    return any(e.act in SIGNING_ACTS and e.version == version and e.partner == partner for e in events)
