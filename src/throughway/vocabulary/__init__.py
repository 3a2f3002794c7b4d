"""The vocabulary: tables, elements and code sets, with CEDS id, NDPA category and law tags."""

from throughway.vocabulary.codes import CODE_SETS, code_set, codes_of, no_code
from throughway.vocabulary.tables import COMMON, RESTRICTING_TAGS, TABLES, Element, Table, covered, element

__all__ = [
    "CODE_SETS",
    "COMMON",
    "RESTRICTING_TAGS",
    "TABLES",
    "Element",
    "Table",
    "code_set",
    "codes_of",
    "covered",
    "element",
    "no_code",
]
