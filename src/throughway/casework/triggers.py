"""Keeps the versions of what people typed: none is changed; they go with the records that they are about."""

from throughway.partners.triggers import AppendOnly

VERSIONS = AppendOnly({"casework_contactnote": ("id",), "casework_referralevent": ("id",)}, may_go=True)
