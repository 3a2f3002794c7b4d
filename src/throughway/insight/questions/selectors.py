"""What a purpose shows to those who build a question."""

from collections.abc import Iterable

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import columns_of, shown_under
from throughway.core.prose import counted, listed
from throughway.gate.actions import enter
from throughway.insight.questions.builder import PROGRAM, Columns
from throughway.partners import Actor
from throughway.partners.selectors import partner_names


def whose_programs(grants: Iterable[Grant]) -> str:
    """The partners whose programs these grants count, by name; empty where they count none."""
    names = partner_names()
    found = [names.get(id, id) for id in sorted({g.discloser for g in grants if g.table == PROGRAM})]
    return listed(found) if len(found) <= 3 else counted(len(found), "partner")


def shown_columns(actor: Actor, purpose: str) -> tuple[Columns, str]:
    """The columns that the purpose shows the actor unchanged, by table, and whose programs it counts; Refused where the actor may not
    enter. Reads no record."""
    grants = enter(actor=actor, purpose=purpose).grants
    return columns_under(grants), whose_programs(grants)


def columns_under(grants: Iterable[Grant]) -> Columns:
    """The columns that these grants show unchanged, by table."""
    by_table: dict[str, list[Grant]] = {}
    for grant in grants:
        by_table.setdefault(grant.table, []).append(grant)
    return {table: frozenset(_plain(found)) for table, found in by_table.items()}


def _plain(grants: list[Grant]) -> list[str]:
    return [
        name
        for name in columns_of(grants)
        if any((way := shown_under(grant, name)) is not None and way.name == "none" for grant in grants)
    ]
