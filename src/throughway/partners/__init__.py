"""Organisations that share data, with their legal statuses, and the users who act for them."""

from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.kinds import LegalStatus, PartnerFacts, PartnerKind
from throughway.partners.roles import Role

__all__ = ["OPERATOR", "Actor", "LegalStatus", "PartnerFacts", "PartnerKind", "Role"]
