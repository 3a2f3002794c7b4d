"""Agreements in the formats of others, and back: ODCS, ODRL, and the National Data Privacy Agreement."""

from throughway.agreements.exchange.imported import ImportedDraft
from throughway.agreements.exchange.ndpa_import import read_ndpa
from throughway.agreements.exchange.odcs_export import odcs
from throughway.agreements.exchange.odcs_import import read_odcs
from throughway.agreements.exchange.odrl_export import odrl
from throughway.agreements.exchange.odrl_import import read_odrl

__all__ = ["ImportedDraft", "odcs", "odrl", "read", "read_ndpa", "read_odcs", "read_odrl"]

READERS = {"odcs": read_odcs, "odrl": read_odrl, "ndpa": read_ndpa}


def read(form: str, text: str) -> ImportedDraft:
    """A file of one of READERS as a draft; Refused when it is none."""
    return READERS[form](text)
