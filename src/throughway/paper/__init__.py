"""Papers to sign and to keep, set as PDF."""

from throughway.paper.blocks import (
    Block,
    Bullets,
    Facts,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Signature,
    SignatureBlock,
    Table,
    Verbatim,
)
from throughway.paper.typesetting import PAGES, fingerprint_of, typeset

__all__ = [
    "PAGES",
    "Block",
    "Bullets",
    "Facts",
    "Heading",
    "Note",
    "PageBreak",
    "Paragraph",
    "Signature",
    "SignatureBlock",
    "Table",
    "Verbatim",
    "fingerprint_of",
    "typeset",
]
