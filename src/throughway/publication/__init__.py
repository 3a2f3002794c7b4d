"""What may be published: suppression, and the registry of releases."""

from throughway.publication.policy import POLICY, SuppressionPolicy
from throughway.publication.tables import ProtectedCell, ProtectedTable, RawCell, RawTable, Relation

__all__ = [
    "POLICY",
    "ProtectedCell",
    "ProtectedTable",
    "RawCell",
    "RawTable",
    "Relation",
    "SuppressionPolicy",
]
