"""What stands for a table by which populations are told, and for those who consented, while a plan is made."""

from collections.abc import Callable, Iterable

import pyarrow as pa
from sqlglot import exp

from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.row_filter import PERSONAL
from throughway.consent import selectors as consents
from throughway.destruction.actions.rewriting import Workshop
from throughway.destruction.retention import RetentionRule
from throughway.store import schemas


def relation_of(
    shop: Workshop, partner: str, rules: Iterable[RetentionRule]
) -> Callable[[str, str], exp.Table]:
    """What stands for a table by which populations are told, and for those who consented to custody."""
    for choice in _choices(rules):
        rights = consents.transfers(shop.stored, partner)
        given = consents.consent_status(choice.agreement, choice.purpose, partner, shop.on, rights).given
        shop.engine.register(
            _consent_name(choice.of(partner)), pa.table({"record": pa.array(given, pa.int64())})
        )
    known: dict[str, str] = {}

    def relation(table: str, discloser: str) -> exp.Table:
        if table in PERSONAL:
            return exp.Table(this=exp.to_identifier(_consent_name(discloser), quoted=True))
        if table not in known:
            known[table] = f"population_{table}_{len(known)}"
            _population(shop, table, partner, known[table])
        return exp.to_table(known[table])

    return relation


def _choices(rules: Iterable[RetentionRule]) -> set[RequiredFamilyChoice]:
    return {
        choice
        for rule in rules
        for need in (rule.own, rule.beside, rule.others)
        if need is not None
        for judge_ in need.judges
        if judge_.grant is not None
        for choice in judge_.grant.choices
    }


def _consent_name(choice: str) -> str:
    return f"consented:{choice}"


def _population(shop: Workshop, table: str, partner: str, name: str) -> None:
    files = shop.stored.stored(table, partner)
    if not files:
        shop.engine.register(name, schemas.empty(table))
    elif files[0].sealed:
        shop.engine.register(name, pa.concat_tables([shop.vault.open(file.path) for file in files]))
    else:
        shop.engine.register(name, [file.path for file in files], columns=schemas.columns(table))
