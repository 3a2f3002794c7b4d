"""The rules of the review, by id: what each asks, where it stands in the law, and what it cannot see."""

from throughway.agreements.law import PARTS, RULES, Rule, Text

__all__ = ["PARTS", "RULES", "Rule", "Text"]
