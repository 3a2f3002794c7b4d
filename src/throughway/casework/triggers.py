"""Keeps the versions of what people typed: none is changed; they go with the records that they are about."""

from throughway.partners.triggers import AppendOnly

TABLES = (
    "casework_contactnote",
    "casework_task",
    "casework_studentneed",
    "casework_referralevent",
    "casework_sessionmark",
    "casework_walkinname",
)
VERSIONS = AppendOnly(dict.fromkeys(TABLES, ("id",)), may_go=True)
