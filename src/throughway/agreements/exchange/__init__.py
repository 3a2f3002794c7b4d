"""Agreements as other forms have them, and back: a paper to sign, ODCS, ODRL, and the National Data Privacy Agreement."""

from throughway.agreements.exchange.draft import Draft
from throughway.agreements.exchange.ndpa_reading import read_ndpa
from throughway.agreements.exchange.odcs import odcs
from throughway.agreements.exchange.odcs_reading import read_odcs
from throughway.agreements.exchange.odrl import odrl
from throughway.agreements.exchange.odrl_reading import read_odrl
from throughway.agreements.exchange.signing_paper import signing_paper

__all__ = ["Draft", "odcs", "odrl", "read", "read_ndpa", "read_odcs", "read_odrl", "signing_paper"]

READERS = {"odcs": read_odcs, "odrl": read_odrl, "ndpa": read_ndpa}


def read(form: str, text: str) -> Draft:
    """A file of one of READERS as a draft; Refused when it is none."""
    return READERS[form](text)
