"""Which entries of the ledger 34 CFR 99.32(d) would not require. They are written all the same, and marked."""

from collections.abc import Iterable, Mapping

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import Basis
from throughway.agreements.grant import Grant

EXEMPT: Mapping[str, str] = {
    Basis.SCHOOL_OFFICIAL: "34 CFR 99.32(d)(2)",
    Basis.CONSENT: "34 CFR 99.32(d)(3)",
    Basis.DIRECTORY: "34 CFR 99.32(d)(4)",
    Basis.PARTNER_RECORDS: "outside FERPA",
    OWN_RECORDS: "34 CFR 99.3, no disclosure",
}


def exempt(grants: Iterable[Grant]) -> str:
    """Why none of what these grants gave needs an entry; empty as soon as one of them does."""
    found = {EXEMPT.get(grant.basis, "") for grant in grants}
    return "" if "" in found else "; ".join(sorted(found))
