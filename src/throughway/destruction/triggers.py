"""The register of legal holds is append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

HOLDS = AppendOnly({"destruction_holdevent": ("id",)})
