"""PDF documents for signing and archiving."""

from throughway.paper.blocks import (
    Block,
    Bullets,
    Facts,
    Note,
    PageBreak,
    PaperHeading,
    PaperSignature,
    PaperTable,
    Paragraph,
    SignatureBlock,
    SigningLines,
    Verbatim,
)
from throughway.paper.typesetting import PAGES, fingerprint_of, typeset

__all__ = [
    "PAGES",
    "Block",
    "Bullets",
    "Facts",
    "Note",
    "PageBreak",
    "PaperHeading",
    "PaperSignature",
    "PaperTable",
    "Paragraph",
    "SignatureBlock",
    "SigningLines",
    "Verbatim",
    "fingerprint_of",
    "typeset",
]
