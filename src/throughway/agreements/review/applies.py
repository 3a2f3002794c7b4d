"""Which uses of a document a State's or community's rule speaks of."""

from throughway.agreements.document import AgreementDocument
from throughway.agreements.review.bases_in_use import BasisInUse, uses
from throughway.agreements.review.context import ReviewContext
from throughway.agreements.review.rule_pack import RuleCondition
from throughway.partners import PartnerFacts


def matching(when: RuleCondition, document: AgreementDocument, context: ReviewContext) -> list[BasisInUse]:
    """The purposes and custodies that meet every line of `when`."""
    if when.tiers and document.tier not in when.tiers:
        return []
    return [use for use in uses(document) if _meets(when, use, context)]


def applies(when: RuleCondition, document: AgreementDocument, context: ReviewContext) -> bool:
    """Whether the rule speaks of the document at all; of one that shares nothing it does not."""
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
    return _any(when.disclosers, use.disclosers, context) and _any(when.recipients, use.recipients, context)


def _any(asked: tuple[str, ...], partners: tuple[str, ...], context: ReviewContext) -> bool:
    return not asked or any(_is(context.facts(partner), asked) for partner in partners)


def _is(facts: PartnerFacts | None, asked: tuple[str, ...]) -> bool:
    return facts is not None and bool({facts.kind.value, *(s.value for s in facts.legal)} & set(asked))
