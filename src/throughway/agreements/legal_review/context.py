"""The data of a review besides the document, and each place of the document that states a basis (a purpose, or custody)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Basis, PartyRole
from throughway.agreements.legal_review.rule_pack import Pack, RuleCondition
from throughway.partners import LegalStatus, PartnerFacts
from throughway.partners.debarment import Debarment


@dataclass(frozen=True)
class ReviewContext:
    """The register of partners; the community's other agreements that have not been terminated, by id; barred parties; and the rules
    that a State or the community added."""

    partners: Mapping[str, PartnerFacts] = field(default_factory=dict)
    others: Mapping[str, AgreementDocument] = field(default_factory=dict)
    bars: tuple[Debarment, ...] = ()
    packs: tuple[Pack, ...] = ()

    def above(self, document: AgreementDocument) -> tuple[AgreementDocument, ...]:
        """The wider agreements, as far as known, with those above them."""
        found: dict[str, AgreementDocument] = {}
        left = [*document.under]
        while left:
            name = left.pop()
            if name in self.others and name not in found:
                found[name] = self.others[name]
                left += self.others[name].under
        return tuple(found.values())

    def facts(self, partner: str) -> PartnerFacts | None:
        return self.partners.get(partner)

    def has_status(self, partner: str, *statuses: LegalStatus) -> bool:
        """Whether the register gives the partner one of these legal statuses."""
        facts = self.partners.get(partner)
        return facts is not None and not facts.legal.isdisjoint(statuses)


@dataclass(frozen=True)
class BasisInUse:
    """One use of a basis. `path`: the section that states it; `purpose` is None for custody."""

    path: str
    basis: Basis
    details: Mapping[str, object]
    disclosers: tuple[str, ...]
    recipients: tuple[str, ...]
    purpose: Purpose | None

    @property
    def named(self) -> str:
        return f"The purpose {self.purpose.id}" if self.purpose else "The custody"

    def says(self, key: str) -> bool:
        """Whether basis_details has this key with a value."""
        value = self.details.get(key)
        return bool(value.strip()) if isinstance(value, str) else value not in (None, False, [], {})

    def at(self, key: str) -> str:
        return f"{self.path}.basis_details.{key}"


def uses(document: AgreementDocument, *bases: Basis) -> Iterator[BasisInUse]:
    """Every use of these bases (of all bases if none is named)."""
    for position, purpose in enumerate(document.purposes):
        if not bases or purpose.basis in bases:
            yield BasisInUse(f"purposes[{position}]", purpose.basis, purpose.basis_details,
                      document.disclosers(purpose), document.recipients(purpose), purpose)  # fmt: skip
    everyone = document.parties_with(PartyRole.DISCLOSER)
    stewards = document.parties_with(PartyRole.STEWARD)
    for position, custody in enumerate(document.custody):
        if not bases or custody.basis in bases:
            yield BasisInUse(custody_path(document, position), custody.basis, custody.basis_details,
                      everyone if custody.from_ is None else custody.from_, stewards, None)  # fmt: skip


def custody_path(document: AgreementDocument, position: int) -> str:
    """`custody` where one entry covers all disclosers, as in most documents; otherwise with its index."""
    alone = len(document.custody) == 1 and document.custody[0].from_ is None
    return "custody" if alone else f"custody[{position}]"


def matching(when: RuleCondition, document: AgreementDocument, context: ReviewContext) -> list[BasisInUse]:
    """The purposes and custodies that meet every line of `when`."""
    if when.tiers and document.tier not in when.tiers:
        return []
    return [use for use in uses(document) if _meets(when, use, context)]


def applies(when: RuleCondition, document: AgreementDocument, context: ReviewContext) -> bool:
    """Whether the rule applies to the document at all; false for documents that share no records."""
    return bool(matching(when, document, context))


def _meets(when: RuleCondition, use: BasisInUse, context: ReviewContext) -> bool:
    if when.bases and use.basis not in when.bases:
        return False
    if (when.kinds or when.forms) and use.purpose is None:
        return False
    if use.purpose and when.kinds and use.purpose.kind not in when.kinds:
        return False
    if use.purpose and when.forms and use.purpose.form not in when.forms:
        return False
    return _any_has_standing(when.disclosers, use.disclosers, context) and _any_has_standing(
        when.recipients, use.recipients, context
    )


def _any_has_standing(wanted: tuple[str, ...], partners: tuple[str, ...], context: ReviewContext) -> bool:
    return not wanted or any(_has_standing(context.facts(partner), wanted) for partner in partners)


def _has_standing(facts: PartnerFacts | None, wanted: tuple[str, ...]) -> bool:
    return facts is not None and bool({facts.kind.value, *(s.value for s in facts.legal)} & set(wanted))
