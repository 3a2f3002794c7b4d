"""What a purpose shows to those who build a question."""

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import columns_of, shown_under
from throughway.gate.actions import enter
from throughway.insight.questions.builder import Columns
from throughway.partners import Actor


def shown_columns(actor: Actor, purpose: str) -> Columns:
    """The columns that the purpose shows the actor unchanged, by table; Refused where the actor may not enter. Reads no record."""
    by_table: dict[str, list[Grant]] = {}
    for grant in enter(actor=actor, purpose=purpose).grants:
        by_table.setdefault(grant.table, []).append(grant)
    return {table: frozenset(_plain(grants)) for table, grants in by_table.items()}


def _plain(grants: list[Grant]) -> list[str]:
    return [
        name
        for name in columns_of(grants)
        if any((way := shown_under(grant, name)) is not None and way.name == "none" for grant in grants)
    ]
