"""Agreements in the formats of others, and back: ODCS, ODRL, and the National Data Privacy Agreement."""

from throughway.agreements.exchange.imported import ImportedDraft
from throughway.agreements.exchange.ndpa import read_ndpa
from throughway.agreements.exchange.odcs import read_odcs
from throughway.agreements.exchange.odrl import read_odrl

READERS = {"odcs": read_odcs, "odrl": read_odrl, "ndpa": read_ndpa}


def read(form: str, text: str) -> ImportedDraft:
    """A file in one of the formats READERS as a draft; Refused when it is invalid."""
    return READERS[form](text)
