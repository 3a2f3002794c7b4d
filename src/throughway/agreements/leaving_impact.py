"""The effect on others when a partner leaves an agreement, displayed before it gives notice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose, Service
from throughway.agreements.effective_document import effective
from throughway.agreements.effective_grants import linked_partners, serves
from throughway.agreements.enums import PartyRole, PurposeKind
from throughway.agreements.grant import accompanying, scheduled
from throughway.agreements.states import OVER, AgreementState
from throughway.agreements.status import AgreementStatus

ENDED = OVER | {AgreementState.EXPIRED, AgreementState.AMENDED}


@dataclass(frozen=True)
class LostPurpose:
    """A purpose id that no discloser or no recipient remains for."""

    purpose: str
    kind: PurposeKind
    interest: str
    no_giver: bool
    no_reader: bool


@dataclass(frozen=True)
class LostElements:
    """Elements of one table that no discloser gives any more under the purpose; `whole`: nothing else of the table remains."""

    purpose: str
    table: str
    elements: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class EndedLinks:
    """Under the purpose, links between the partner's records and those of these others are no longer shown."""

    purpose: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """`out`: the first day on which the partner is not a party; `destroy_by`: the last day to destroy what must be.

    `gave`, `received`: tables of its records that others have, and tables of theirs that it has, each with whom. `under`: ids of
    narrower agreements that have the partner as a party. `alone`: fewer than two parties would remain, so the agreement ends instead.
    """

    agreement: str
    partner: str
    notice_days: int
    out: date
    purposes: tuple[LostPurpose, ...]
    elements: tuple[LostElements, ...]
    links: tuple[EndedLinks, ...]
    under: tuple[str, ...]
    services: tuple[Service, ...]
    gave: tuple[tuple[str, tuple[str, ...]], ...]
    received: tuple[tuple[str, tuple[str, ...]], ...]
    destroy_by: date
    method: str
    houses: bool  # it stores the data for the others, which then need another steward
    alone: bool

    @property
    def quiet(self) -> bool:
        """Whether nothing changes for others."""
        return not (
            self.purposes or self.elements or self.links or self.under or self.services or self.gave
            or self.received or self.houses or self.alone
        )  # fmt: skip


def leaving(found: AgreementStatus, partner: str, standings: Sequence[AgreementStatus], on: date) -> Leaving:
    """The effect of giving notice on that day; ValueError when the partner is not a party.

    `standings`: the status of every agreement on that day, including this one; links depend on all of them.
    """
    document = found.document
    if partner not in document.partners:
        raise ValueError(f"{partner} is not a party")
    after = effective(document, left=[partner])
    terms, notice = document.terms, document.terms.exit_notice_days or 0
    out = on + timedelta(days=notice)
    return Leaving(
        agreement=document.id,
        partner=partner,
        notice_days=notice,
        out=out,
        purposes=tuple(_purposes(document, after)),
        elements=tuple(_elements(document, after)),
        links=tuple(_links(found, after, partner, standings)),
        under=_under(document.id, partner, standings),
        services=tuple(service for service in document.services if service.partner == partner),
        gave=_passed(document, partner, gives=True),
        received=_passed(document, partner, gives=False),
        destroy_by=out + timedelta(days=terms.destruction.within_days),
        method=terms.destruction.method,
        houses=partner in document.parties_with(PartyRole.STEWARD)
        and not after.parties_with(PartyRole.STEWARD),
        alone=len(set(after.partners) - dict(found.leaving).keys()) < 2,
    )


def _purposes(before: AgreementDocument, after: AgreementDocument) -> Iterator[LostPurpose]:
    """For each purpose, the pairs of giver and reader that had something; lost where none remains."""
    for purpose in dict.fromkeys(entry.id for entry in before.purposes):
        was = before.entries(purpose)
        if not _meets(before, was) or _meets(after, after.entries(purpose)):
            continue
        givers = {p for entry in after.entries(purpose) for p in after.disclosers(entry)}
        readers = {p for entry in after.entries(purpose) for p in after.recipients(entry)}
        # Where both remain, but in different entries, no entry has both: each lacks what the other has.
        neither = bool(givers and readers)
        yield LostPurpose(
            purpose, was[0].kind, was[0].interest, not givers or neither, not readers or neither
        )


def _meets(document: AgreementDocument, entries: Sequence[Purpose]) -> bool:
    return any(document.disclosers(entry) and document.recipients(entry) for entry in entries)


def _elements(before: AgreementDocument, after: AgreementDocument) -> Iterator[LostElements]:
    """Leaves out purposes that are lost entirely."""
    for purpose in dict.fromkeys(entry.id for entry in before.purposes):
        if not _meets(after, after.entries(purpose)):
            continue
        was, left = _given(before, purpose), _given(after, purpose)
        for table, columns in was.items():
            gone = tuple(sorted(columns - left.get(table, set())))
            if gone:
                yield LostElements(purpose, table, gone, not left.get(table))


def _given(document: AgreementDocument, purpose: str) -> dict[str, set[str]]:
    """Table to elements that somebody gives somebody under the purpose, without the columns included with any table."""
    given: dict[str, set[str]] = {}
    for entry in document.entries(purpose):
        for discloser in document.disclosers(entry) if document.recipients(entry) else ():
            for table, columns in scheduled(document, entry, discloser).items():
                given.setdefault(table, set()).update(columns.keys() - accompanying(table).keys())
    return given


def _links(
    found: AgreementStatus, after: AgreementDocument, partner: str, standings: Sequence[AgreementStatus]
) -> Iterator[EndedLinks]:
    """For each purpose that a linkage entry of this agreement serves, or that has one of its own, in any agreement."""
    before = [s for s in standings if s.document.id != found.document.id] + [found]
    then = [s for s in standings if s.document.id != found.document.id] + [replace(found, document=after)]
    linkage = [entry for entry in found.document.purposes if entry.kind is PurposeKind.LINKAGE]
    purposes = dict.fromkeys(
        entry.id for s in before for entry in s.document.purposes if entry.kind is not PurposeKind.LINKAGE
    )
    for purpose in purposes:
        if not any(serves(found.document, entry, purpose) for entry in linkage):
            continue
        was, left = linked_partners(before, purpose), linked_partners(then, purpose)
        gone = was - left
        if partner in gone and (others := sorted(was - {partner})):
            yield EndedLinks(purpose, tuple(others))
        elif gone and len(was) > 1:  # the leaving partner did the linkage, and nobody does it any more
            yield EndedLinks(purpose, tuple(sorted(gone)))


def _under(id: str, partner: str, standings: Sequence[AgreementStatus]) -> tuple[str, ...]:
    """Agreements below it, at any depth, that have the partner as a party and have not ended."""
    found: dict[str, None] = {}
    above = [id]
    while above:
        wider = above.pop()
        for standing in standings:
            document = standing.document
            if wider in document.under and document.id not in found and document.id != id:
                above.append(document.id)
                if partner in document.partners and standing.state not in ENDED:
                    found[document.id] = None
    return tuple(sorted(found))


def _passed(
    document: AgreementDocument, partner: str, *, gives: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Tables of the partner's records with those who read them, or tables of others' records that it reads with their disclosers."""
    passed: dict[str, dict[str, None]] = {}
    for entry in document.purposes:
        givers, readers = document.disclosers(entry), document.recipients(entry)
        pairs = [
            (giver, reader)
            for giver in givers
            for reader in readers
            if giver != reader and (giver if gives else reader) == partner
        ]
        for giver, reader in pairs:
            for table in scheduled(document, entry, giver):
                passed.setdefault(table, {})[reader if gives else giver] = None
    if gives:
        for steward in document.parties_with(PartyRole.STEWARD):
            if steward != partner and partner in document.parties_with(PartyRole.DISCLOSER):
                for line in document.schedule:
                    if line.from_ is None or partner in line.from_:
                        passed.setdefault(line.table, {})[steward] = None
    return tuple((table, tuple(whom)) for table, whom in sorted(passed.items()))
