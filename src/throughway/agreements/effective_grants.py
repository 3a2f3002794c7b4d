"""What the agreements of a community grant: each agreement's own grants, narrowed by the tiers above it (MOU ∩ DSA ∩ DUL).

A section that the wider tier lacks does not narrow; an existing one does, element by element. The earliest end date, the larger
minimum cell and the coarser transform apply.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import AccessForm, Basis, PartyRole, PurposeKind, Reach, strictest
from throughway.agreements.family_choice import choice_of, of_custody
from throughway.agreements.grant import (
    Grant,
    by_notice,
    coarser,
    custody,
    identifies,
    own_grants,
    populations,
    scheduled,
)
from throughway.agreements.purpose_codes import codes_name
from throughway.agreements.shared_words import shows_words, withhold
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.cache import Cache
from throughway.vocabulary import TABLES

FORMS = (AccessForm.IDENTIFIED, AccessForm.PSEUDONYMOUS, AccessForm.AGGREGATE)  # from fine to coarse
REACHES = (Reach.ALL, Reach.ROSTER, Reach.SITE, Reach.CASELOAD)  # from wide to narrow

Chain = tuple[AgreementStatus, ...]

# Transforms after which a value no longer identifies a person.
CODED = frozenset({"pseudonym", "suppress"})
# Keys of incidents, households and typed entries. Each purpose has its own codes for persons; these keys would allow joining rows of
# two purposes.
JOINING = frozenset({
    "behavior_incident.incident_identifier", "disciplinary_action.incident_identifier",
    "disciplinary_action.disciplinary_action_identifier", "program_participation.household_id",
    "homeless_program_participation.household_id",
    *(f"{table.name}.entry_id" for table in TABLES.values() if "entry_id" in table.elements),
})  # fmt: skip
CODE = Transform("pseudonym")
# Load metadata: the batch and time of a row that was loaded alone could be used to join them too.
ARRIVAL = frozenset({"batch_id", "recorded_at"})


def grants_of(
    standing: AgreementStatus, wider: Sequence[AgreementStatus], purpose: str | None = None
) -> tuple[Grant, ...]:
    """The grants of an agreement in effect, narrowed by the tiers above; empty while it or one of them is not in effect.

    `wider`: at least the statuses, on the same day, of the agreements above it; additional ones are harmless. `purpose`: only this
    one.
    """
    if not standing.in_effect:
        return ()
    ways = [way for way in chains(standing, wider) if all(s.in_effect for s in way)]
    return _granted(standing, ways, purpose)


def grants_of_text(
    standing: AgreementStatus, wider: Sequence[AgreementStatus], purpose: str | None = None
) -> tuple[Grant, ...]:
    """The grants in the text, in effect or not: for those who read or sign it."""
    return _granted(standing, chains(standing, wider), purpose)


def why_not_in_effect(standing: AgreementStatus, wider: Sequence[AgreementStatus]) -> tuple[str, ...]:
    """Why the agreement is not in effect, because of itself or a tier above it; empty when it is."""
    if not standing.in_effect:
        return (standing.reason,)
    if any(all(s.in_effect for s in way) for way in chains(standing, wider)):
        return ()
    return lacking(standing, wider)


def linked_partners(standings: Sequence[AgreementStatus], purpose: str) -> frozenset[str]:
    """Disclosers whose records may show the community's person ids under the purpose.

    A linkage purpose of the discloser itself, in effect, must serve it; a linkage purpose serves itself. One whose recipients have all
    left permits no linkage, and serves no purpose. One that depends on each family's choice serves no other purpose, since links
    cannot yet be shown for some students only. A discloser that gives directory information under the purpose is not linked: such
    information may not be disclosed or confirmed by matching it with other data (34 CFR 99.37(e)).
    """
    found: set[str] = set()
    by_notice: set[str] = set()
    for standing in standings:
        document = standing.document
        places = {
            place
            for place, entry in enumerate(document.purposes)
            if entry.kind is PurposeKind.LINKAGE and serves(document, entry, purpose)
        }
        for matching in dict.fromkeys(document.purposes[place].id for place in places):
            found |= {
                g.discloser
                for g in grants_of(standing, standings, matching)
                if g.entry in places and g.recipients and not g.choices
            }
        if document.entries(purpose):
            by_notice |= {g.discloser for g in grants_of(standing, standings, purpose) if _by_notice(g)}
    return frozenset(found - by_notice)


def _by_notice(grant: Grant) -> bool:
    return any(choice.basis is Basis.DIRECTORY for choice in grant.choices)


def serves(document: AgreementDocument, entry: Purpose, purpose: str) -> bool:
    """Whether links made under the linkage entry may be shown under the purpose."""
    if entry.id == purpose:
        return True
    if entry.serves is None:
        return bool(document.entries(purpose))
    return purpose in entry.serves


def _granted(standing: AgreementStatus, ways: Sequence[Chain], purpose: str | None) -> tuple[Grant, ...]:
    """Computed once for each text: the grants depend on it and on the texts above it, not on whether they are in effect."""
    texts = tuple(tuple((s.fingerprint, s.version) for s in chain) for chain in ((standing,), *ways))

    def grants() -> tuple[Grant, ...]:
        own = own_grants(standing, purpose)
        tiers = {tier.document.id: tier.document for way in ways for tier in way}
        codes = {
            id: codes_name(standing.document, id, tiers.values()) for id in {grant.purpose for grant in own}
        }
        found = tuple(
            replace(_fit_for_form(narrower), codes=codes[grant.purpose])
            for way in ways
            for grant in own
            for narrower in narrowed(grant, way)
        )
        if not any(map(shows_words, found)):
            return found
        if purpose is not None:  # whether it shows words depends on the others
            return tuple(grant for grant in _granted(standing, ways, None) if grant.purpose == purpose)
        return withhold(found, _granted_above(ways))

    return _GRANTED.of((purpose, texts), grants)


def _granted_above(ways: Iterable[Chain]) -> Iterator[Grant]:
    """What the texts of the tiers above grant, each narrowed by those above it."""
    for way in ways:
        for place, tier in enumerate(way):
            yield from _granted(tier, chains(tier, way[place + 1 :]), None)


_GRANTED = Cache[tuple[Grant, ...]](2_048)


def _fit_for_form(grant: Grant) -> Grant:
    """In pseudonymous form, shows identifying elements as codes or not at all: a name next to a code would identify the code (34 CFR
    99.31(b)(2)). The person's id always becomes a code, and so do keys that would join two purposes' rows; the batch and time of a
    row are not shown."""
    if grant.form is not AccessForm.PSEUDONYMOUS:
        return grant
    kept = {
        name: CODE if transform.name == "none" and f"{grant.table}.{name}" in JOINING else transform
        for name, transform in grant.columns.items()
        if _shown_under_codes(grant.table, name, transform)
    }
    return replace(grant, columns=MappingProxyType(kept))


def _shown_under_codes(table: str, name: str, transform: Transform) -> bool:
    """Whether a pseudonymous purpose shows the column at all."""
    return name not in ARRIVAL and (
        name == "person_id" or transform.name in CODED or not identifies(table, name)
    )


# The tiers above an agreement ---------------------------------------------------------------------------------------


def chains(standing: AgreementStatus, wider: Sequence[AgreementStatus]) -> list[Chain]:
    """Every path from the agreement up to its widest tier, without itself.

    A use license under several agreements has several paths; an agreement under none has the empty one. A tier that is not in `wider`
    invalidates its path.
    """
    known = {s.document.id: s for s in wider}

    def ways(document: AgreementDocument, below: frozenset[str]) -> Iterator[Chain]:
        if not document.under:
            yield ()
        for name in document.under:
            if name in known and name not in below:
                for way in ways(known[name].document, below | {name}):
                    yield (known[name], *way)

    return list(ways(standing.document, frozenset({standing.document.id})))


def lacking(standing: AgreementStatus, wider: Sequence[AgreementStatus]) -> tuple[str, ...]:
    """A sentence for each tier above that is unknown or not in effect."""
    known = {s.document.id: s for s in wider}

    def missing(document: AgreementDocument, below: frozenset[str]) -> Iterator[str]:
        for name in document.under:
            if name not in known or name in below:
                yield f"{document.id} is under {name}, which is not among the community's agreements."
            elif not known[name].in_effect:
                yield f"{document.id} is under {name}: {known[name].reason}"
            else:
                yield from missing(known[name].document, below | {name})

    return tuple(dict.fromkeys(missing(standing.document, frozenset({standing.document.id}))))


def narrowed(grant: Grant, chain: Chain) -> tuple[Grant, ...]:
    """The part of the grant that every tier of the chain also grants."""
    grants: Iterable[Grant] = (grant,)
    for tier in chain:
        grants = [narrower for one in grants for narrower in _by_tier(one, tier)]
    return tuple(grants)


def _by_tier(grant: Grant, tier: AgreementStatus) -> Iterator[Grant]:
    document = tier.document
    if not _gives(document, grant.discloser) or not _lets_type(document, grant):
        return
    within = replace(
        grant,
        recipients=grant.recipients.intersection(document.partners),
        bases=grant.bases | custody(document, grant.discloser),
        choices=grant.choices | of_custody(document, grant.discloser),
        population=(*grant.population, *populations(document, grant.discloser)),
        records=both_windows(grant.records, (document.records.from_, document.records.to)),
        minimum_cell=max(grant.minimum_cell, document.terms.minimum_cell),
        review_days=max(grant.review_days, document.terms.publication_review_days or 0),
        publication_rule=strictest((grant.publication_rule, document.terms.publication_rule)),
        needs_approval=grant.needs_approval or document.terms.release_approval is not None,
        training=grant.training | frozenset(document.terms.training),
        effective=max(grant.effective, document.terms.effective),
        expires=min(grant.expires, document.terms.expires),
        tiers=(*grant.tiers, (document.id, tier.version)),
    )
    by_purposes = _by_purposes(within, document) if document.purposes else [(within, within.form)]
    for narrower, form in by_purposes:
        yield from _by_schedule(narrower, tier, form)


def _gives(document: AgreementDocument, discloser: str) -> bool:
    """Whether the partner is a disclosing party of the tier; a party without roles there is not narrowed by them."""
    roles = [role for party in document.parties if party.partner == discloser for role in party.roles]
    return discloser in document.partners and (not roles or PartyRole.DISCLOSER in roles)


def _lets_type(document: AgreementDocument, grant: Grant) -> bool:
    """Whether the tier lets the authors type such rows; a tier that says nothing of typing does not narrow it."""
    if not grant.authors or not document.writes:
        return True
    return any(
        (write.table, write.capacity) == (grant.table, grant.capacity)
        and grant.purpose in write.purposes
        and (write.by is None or grant.authors.issubset(write.by))
        and (write.for_ is None or write.for_ == grant.discloser)
        for write in document.writes
    )


def _by_purposes(grant: Grant, document: AgreementDocument) -> Iterator[tuple[Grant, AccessForm]]:
    """One grant for each of the tier's entries of the same purpose and discloser, with the form of the entry: they differ in
    their readers."""
    for entry in document.entries(grant.purpose):
        recipients = grant.recipients.intersection(document.recipients(entry))
        named = by_notice(entry, {grant.table: grant.columns}).get(grant.table)
        if grant.discloser in document.disclosers(entry) and recipients and named:
            narrower = replace(
                grant,
                recipients=recipients,
                roles=grant.roles.intersection(entry.roles),
                reach=max(grant.reach, entry.reach, key=REACHES.index),
                form=max(grant.form, entry.form, key=FORMS.index),
                bases=grant.bases | {entry.basis},
                training=grant.training.union(entry.training),
                choices=grant.choices | choice_of(document, entry),
                columns=named,
            )
            yield narrower, entry.form


def _by_schedule(grant: Grant, tier: AgreementStatus, form: AccessForm) -> Iterator[Grant]:
    """The columns in both, each under the coarser transform; empty for a table that the tier does not show. A tier of pseudonymous
    form shows no code of a name that it lists as it is, so a license below it shows none either."""
    if not tier.document.schedule:
        yield grant
        return
    wider = _wider(tier, grant.purpose, grant.discloser).get(grant.table, {})
    columns = {
        name: coarser(t, wider[name])
        for name, t in grant.columns.items()
        if name in wider
        and (form is not AccessForm.PSEUDONYMOUS or _shown_under_codes(grant.table, name, wider[name]))
    }
    if columns:
        yield replace(grant, columns=MappingProxyType(columns))


Tables = Mapping[str, Mapping[str, Transform]]


def _wider(tier: AgreementStatus, purpose: str, discloser: str) -> Tables:
    """What the tier's schedule shows, computed once for each purpose and discloser, not for each table."""

    def read() -> Tables:
        entry = Purpose.model_construct(id=purpose, from_=(discloser,))
        return scheduled(tier.document, entry, discloser)

    return _WIDER.of((tier.fingerprint, purpose, discloser), read)


_WIDER = Cache[Tables](1_024)

Window = tuple[date | None, date | None]


def both_windows(one: Window, other: Window) -> Window:
    """The days in both; None means no limit."""
    firsts = [day for day in (one[0], other[0]) if day]
    lasts = [day for day in (one[1], other[1]) if day]
    return max(firsts, default=None), min(lasts, default=None)
