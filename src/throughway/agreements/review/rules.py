"""The rules of the review, by id: what each asks, where it stands in the law, and what it cannot see."""

from throughway.agreements.law import PARTS, RULES, LegalRule, LegalText

__all__ = ["PARTS", "RULES", "LegalRule", "LegalText"]
