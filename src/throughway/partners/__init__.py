"""Organisations that share data, with their legal statuses, and the users who act for them."""

from throughway.partners.actor import OPERATOR, Actor, Role
from throughway.partners.kinds import LegalStatus, PartnerFacts, PartnerKind

__all__ = ["OPERATOR", "Actor", "LegalStatus", "PartnerFacts", "PartnerKind", "Role"]
