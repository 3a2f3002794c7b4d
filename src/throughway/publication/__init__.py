"""What may be published: suppression, and the registry of releases."""

from throughway.publication.policy import POLICY, Policy
from throughway.publication.tables import ProtectedCell, ProtectedTable, RawCell, RawTable, Relation

__all__ = ["POLICY", "Policy", "ProtectedCell", "ProtectedTable", "RawCell", "RawTable", "Relation"]
