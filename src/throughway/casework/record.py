"""One student's whole record as a purpose shows it, with what let the reader see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.agreements.grant import Grant
from throughway.casework.banner import Consents
from throughway.gate.contested import Said
from throughway.gate.openings import Opening
from throughway.partners.caseload import Assigned


@dataclass(frozen=True)
class Record:
    """`tables`: rows by table, those without any left out. `grants`: all of the purpose; `shown`: those of tables that hold
    rows. `disclosure`: the ledger's id of this reading. `assigned`: the
    caseload's line, where there is one. `statements`: what the family says about contested parts of it."""

    person: int
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    disclosure: str
    grants: Sequence[Grant]
    openings: Sequence[Opening]
    shown: Sequence[Grant]
    consents: Consents
    assigned: Assigned | None
    statements: Sequence[Said] = ()
