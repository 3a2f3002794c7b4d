"""One student's whole record as a purpose shows it, with what let the reader see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from throughway.agreements.grant import Grant
from throughway.casework.attendance import Feeds
from throughway.casework.consent_banner import Consents
from throughway.consent.contested_parts import StatementFields
from throughway.gate.open_purposes import OpenPurpose
from throughway.partners.caseload import Assigned


@dataclass(frozen=True)
class StudentRecord:
    """`tables`: rows by table, those without any left out. `grants`: all of the purpose; `shown`: those of tables that hold
    rows. `feeds`: see `attendance_of`. `disclosure`: the ledger's id of this reading. `assigned`: the
    caseload's line, where there is one. `statements`: what the family says about contested parts of it. `orders`: by partner
    whose records are shown, or the reader's own, the days since which orders limit an adult of the student (34 CFR 99.4)."""

    person: int
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    disclosure: str
    grants: Sequence[Grant]
    openings: Sequence[OpenPurpose]
    shown: Sequence[Grant]
    feeds: Feeds
    consents: Consents
    assigned: Assigned | None
    statements: Sequence[StatementFields] = ()
    orders: Mapping[str, date] = field(default_factory=dict)
