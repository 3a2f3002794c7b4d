"""What the agreements of a community grant, whoever asks: by purpose entry, discloser and table."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import AccessForm, Basis, PurposeKind
from throughway.agreements.grant import Grant, identifies, own_grants
from throughway.agreements.status import AgreementStatus
from throughway.agreements.tiers import Chain, chains, lacking, narrowed
from throughway.agreements.transforms import Transform
from throughway.core.cache import Cache

__all__ = ["Grant", "grants_of", "grants_of_text", "linked_partners", "why_not_in_effect"]

# Transforms after which a value no longer names anybody.
CODED = frozenset({"pseudonym", "suppress"})
# Keys by which a partner knows an incident or a household: beside codes that are each agreement's own they would join what
# two agreements give, row by row.
JOINING = frozenset({
    "behavior_incident.incident_identifier", "disciplinary_action.incident_identifier",
    "disciplinary_action.disciplinary_action_identifier", "program_participation.household_id",
})  # fmt: skip
CODE = Transform("pseudonym")
# How a row came to the platform: the batch and the moment of a row that came alone would join them too.
ARRIVAL = frozenset({"batch_id", "recorded_at"})


def grants_of(
    standing: AgreementStatus, wider: Sequence[AgreementStatus], purpose: str | None = None
) -> tuple[Grant, ...]:
    """The grants of an agreement in effect, narrowed by the tiers above; none while it or they are not in effect.

    `wider`: at least the standings, on the same day, of the agreements that it stands under; more do no harm. `purpose`: only
    those of this one.
    """
    if not standing.in_effect:
        return ()
    ways = [way for way in chains(standing, wider) if all(s.in_effect for s in way)]
    return _granted(standing, ways, purpose)


def grants_of_text(
    standing: AgreementStatus, wider: Sequence[AgreementStatus], purpose: str | None = None
) -> tuple[Grant, ...]:
    """The grants that the text gives, in effect or not: for those who read or sign it."""
    return _granted(standing, chains(standing, wider), purpose)


def why_not_in_effect(standing: AgreementStatus, wider: Sequence[AgreementStatus]) -> tuple[str, ...]:
    """Why the agreement is not in effect, itself or for a tier above it; empty when it is."""
    if not standing.in_effect:
        return (standing.reason,)
    if any(all(s.in_effect for s in way) for way in chains(standing, wider)):
        return ()
    return lacking(standing, wider)


def linked_partners(standings: Sequence[AgreementStatus], purpose: str) -> frozenset[str]:
    """Disclosers whose records may show the community's person ids under the purpose.

    A linkage purpose of the discloser itself, in effect, must serve it; a linkage purpose serves itself. One whose recipients
    have all left lets nobody match, and serves nobody. One that hangs on
    each family's choice serves nobody else: whose matches may be seen cannot be told student by student yet. Nor is one
    linked that gives directory information under the purpose: it may not be given or confirmed of a student whom other data
    helped to find (34 CFR 99.37(e)).
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
    """Whether matches made under the linkage entry may be seen under the purpose."""
    if entry.id == purpose:
        return True
    if entry.serves is None:
        return bool(document.entries(purpose))
    return purpose in entry.serves


def _granted(standing: AgreementStatus, ways: Sequence[Chain], purpose: str | None) -> tuple[Grant, ...]:
    """Worked out once for each text: the grants depend on it and on the texts above it, not on whether they are in effect."""
    texts = tuple(tuple((s.fingerprint, s.version) for s in chain) for chain in ((standing,), *ways))

    def grants() -> tuple[Grant, ...]:
        own = own_grants(standing, purpose)
        return tuple(
            _fit_for_form(narrower) for way in ways for grant in own for narrower in narrowed(grant, way)
        )

    return _GRANTED.of((purpose, texts), grants)


_GRANTED = Cache[tuple[Grant, ...]](2_048)


def _fit_for_form(grant: Grant) -> Grant:
    """Under pseudonymous form, what names a person by itself is shown as a code or not at all: a name beside a code
    would undo the code (34 CFR 99.31(b)(2)). The person's id always becomes the code, and so do keys that would join two
    agreements' rows; how a row came is not shown."""
    if grant.form is not AccessForm.PSEUDONYMOUS:
        return grant
    kept = {
        name: CODE if transform.name == "none" and f"{grant.table}.{name}" in JOINING else transform
        for name, transform in grant.columns.items()
        if name not in ARRIVAL
        and (name == "person_id" or transform.name in CODED or not identifies(grant.table, name))
    }
    return replace(grant, columns=MappingProxyType(kept))
