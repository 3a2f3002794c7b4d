"""What a destruction does to the store, planned on one snapshot: what each file loses, and what replaces it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.purpose_codes import agreement_of
from throughway.agreements.row_filter import PERSONAL
from throughway.consent.selectors.decisions import consent_status, consents
from throughway.consent.selectors.rights import transfers
from throughway.destruction.actions.rewriting import (
    BESIDE,
    CODES,
    KEYS,
    VALUES,
    DestructionPlan,
    Workshop,
    plan_codes,
    plan_keys,
    plan_links,
    plan_value_codes,
)
from throughway.destruction.retention import Grounds, Judged, RetentionRule, judge
from throughway.destruction.terms import RetentionTerms
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.schemas import HISTORY, base
from throughway.store.selectors import Snapshot, StoredFileFacts
from throughway.vocabulary import TABLES


def plan_of_terms(
    stored: Snapshot, terms: RetentionTerms, *, agreement: str | None, folder: Path | None, on: date
) -> DestructionPlan:
    """Plans what these rules destroy; `agreement`: the one whose keys are destroyed too."""
    with DuckDBEngine(temp_directory=folder) as engine:
        shop = Workshop(stored, engine, folder, on)
        for partner in terms.rules:
            _of_partner(shop, terms, partner, agreement)
        shop.plan.empty = frozenset(p for p in terms.rules if not terms.keepers[p])
        if agreement is not None:
            codes = [*stored.stored(CODES), *stored.stored(VALUES)]
            for file in (each for each in codes if agreement_of(each.partner) == agreement):
                shop.count(file, file.rows)
                shop.gone(file, 0)
        plan_links(shop, terms, shop.plan.gone)
        plan_codes(shop, agreement)
        plan_value_codes(shop, agreement)
        return shop.plan


def plan_of_records(
    stored: Snapshot, records: Mapping[str, frozenset[int]], *, folder: Path | None, on: date
) -> DestructionPlan:
    """Plans the destruction of these learners' records, whatever agreements still cover them."""
    with DuckDBEngine(temp_directory=folder) as engine:
        shop = Workshop(stored, engine, folder, on)
        for partner, numbers in sorted(records.items()):
            guardians = Guardians()
            for file, held in shop.held_of(partner):
                if file.table not in BESIDE and not numbers.isdisjoint(held.tolist()):
                    _without(shop, file, numbers, guardians)
            shop.plan.gone[partner] = numbers
            plan_keys(shop, partner, numbers, guardians.only_gone(), lambda file: shop.openers(file))
        plan_links(shop, None, shop.plan.gone)
        plan_codes(shop, None)
        plan_value_codes(shop, None)
        return shop.plan


@dataclass
class Guardians:
    """Numbers of guardians in rows that go, and in rows that stay."""

    gone: set[int] = field(default_factory=set)
    remaining: set[int] = field(default_factory=set)

    def only_gone(self) -> frozenset[int]:
        return frozenset(self.gone - self.remaining)


def _without(shop: Workshop, file: StoredFileFacts, numbers: frozenset[int], guardians: Guardians) -> None:
    """The file without the rows of these learners."""
    if file.table.removesuffix(HISTORY) == "guardian":
        gone = f"coalesce(person_record IN ({_listed(numbers)}), false)"
        guardians.gone |= guardians_in(shop, f"SELECT * FROM {shop.source(file)} WHERE {gone}")
        guardians.remaining |= guardians_in(shop, f"SELECT * FROM {shop.source(file)} WHERE NOT {gone}")
    left, text = shop.without(file, numbers)
    if left == file.rows:
        return
    shop.count(file, file.rows - left)
    shop.gone(file, left, text)


def guardians_in(shop: Workshop, select: str) -> set[int]:
    found = shop.engine.run(
        f"SELECT DISTINCT guardian_person_id AS g FROM ({select}) WHERE guardian_person_id IS NOT NULL"
    )
    return {int(number) for number in found["g"].to_pylist()}


def _of_partner(shop: Workshop, terms: RetentionTerms, partner: str, agreement: str | None) -> None:
    rules, keepers = terms.rules[partner], terms.keepers[partner]
    held = [(f, set(numbers.tolist())) for f, numbers in shop.held_of(partner) if f.table not in BESIDE]
    before: set[int] = set()
    after: set[int] = set()
    guardians = Guardians()
    grounds = Grounds(relation_of(shop, partner, rules.values()), shop.on)
    judged = _alike(shop, [file for file, _ in held], rules, grounds)
    for file, numbers in held:
        rule = rules.get(file.table.removesuffix(HISTORY))
        before |= numbers
        if rule is None or (rule.of is not None and rule.of.isdisjoint(numbers)):
            shop.count(file, 0)
            after |= numbers
            shop.save(file, agreement, keepers)
            continue
        if not rule.whole and file.id not in judged:
            judged[file.id] = judge(
                shop.engine, file.table, shop.source(file), rule, rows=file.rows, grounds=grounds
            )
        after |= _judge(shop, file, numbers, rule, judged.get(file.id), guardians, agreement)
    signed = _consented(partner, before - after, terms.staying) if before - after else set()
    gone = frozenset(before - after - signed) if keepers else frozenset(before)
    shop.plan.gone[partner] = gone
    for table, rule in rules.items():
        shop.plan.keepers[partner, table] = rule.keepers

    def openers(file: StoredFileFacts) -> frozenset[str]:
        return frozenset((shop.openers(file) - {agreement}) & terms.opening) | (
            keepers if file.table == KEYS else frozenset()
        )

    plan_keys(shop, partner, gone if keepers else None, guardians.only_gone() if keepers else None, openers)


def _alike(
    shop: Workshop, files: Sequence[StoredFileFacts], rules: Mapping[str, RetentionRule], grounds: Grounds
) -> dict[str, Judged]:
    """Judges the files of each table together, by id: those of a table whose rows all stay as they are, or are all destroyed."""
    found: dict[str, Judged] = {}
    for table in sorted({file.table for file in files}):
        rule, same = rules.get(table.removesuffix(HISTORY)), [file for file in files if file.table == table]
        # Guardians are needed file by file.
        if rule is None or rule.whole or len(same) < 2 or table.removesuffix(HISTORY) == "guardian":
            continue
        rows = sum(file.rows for file in same)
        all_of_them = judge(shop.engine, table, shop.sources(same), rule, rows=rows, grounds=grounds)
        if all_of_them.untouched:
            found |= {file.id: Judged(file.rows, 0, {}, "") for file in same}
        elif all_of_them.lost == all_of_them.rows:
            found |= {file.id: Judged(file.rows, file.rows, {}, "") for file in same}
    return found


def _judge(
    shop: Workshop,
    file: StoredFileFacts,
    numbers: set[int],
    rule: RetentionRule,
    judged: Judged | None,
    guardians: Guardians,
    agreement: str | None,
) -> set[int]:
    """Adds the file's judgment to the plan (None: it is destroyed whole); returns the learners who still have a row in it."""
    is_guardian = file.table.removesuffix(HISTORY) == "guardian"
    if judged is None:
        if is_guardian:
            guardians.gone |= guardians_in(shop, f"SELECT * FROM {shop.source(file)}")
        shop.count(file, file.rows)
        shop.gone(file, 0)
        return set()
    shop.count(file, judged.lost, judged.emptied)
    if is_guardian:
        remaining = guardians_in(shop, judged.select)
        guardians.remaining |= remaining
        guardians.gone |= guardians_in(shop, f"SELECT * FROM {shop.source(file)}") - remaining
    if judged.untouched:
        shop.save(file, agreement, rule.keepers)
        return numbers
    if judged.lost == judged.rows:
        shop.gone(file, 0)
        return set()
    # Where one learner's rows are destroyed, the others stay under every key that opened them.
    text = shop.write(file, judged.select, shop.openers(file) if rule.of_some else rule.keepers)
    shop.gone(file, judged.rows - judged.lost, text)
    if not judged.lost or not TABLES[file.table.removesuffix(HISTORY)].of_person:
        return numbers
    left = shop.engine.run(f"SELECT DISTINCT person_record AS p FROM ({judged.select}) WHERE p IS NOT NULL")
    return set(left["p"].to_pylist())


def _consented(partner: str, numbers: set[int], staying: frozenset[str]) -> set[int]:
    """The learners with a family's decision under an agreement that stays."""
    decided = consents(partner=partner)
    return {c.record for c in decided if c.record in numbers and c.agreement in staying}


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in sorted(numbers))


def tables_of(stored: Snapshot, partner: str) -> Sequence[str]:
    """The tables of the vocabulary for which the partner has files."""
    return sorted({base(f.table) for f in stored.stored(None, partner)} - BESIDE)


def relation_of(
    shop: Workshop,
    partner: str,
    rules: Iterable[RetentionRule],
    population: Callable[[str, str], exp.Table] | None = None,
) -> Callable[[str, str], exp.Table]:
    """The relations in conditions on populations: a table, or the records whose families consented to custody. `population`: the tables
    otherwise than they are stored."""
    for choice in _family_choices(rules):
        changed = transfers(shop.stored, partner)
        given = consent_status(choice.agreement, choice.purpose, partner, shop.on, changed).given
        shop.engine.register(
            _consent_name(choice.of(partner)), pa.table({"record": pa.array(given, pa.int64())})
        )
    known: dict[str, str] = {}

    def relation(table: str, discloser: str) -> exp.Table:
        if table in PERSONAL:
            return exp.Table(this=exp.to_identifier(_consent_name(discloser), quoted=True))
        if population is not None:
            return population(table, discloser)
        if table not in known:
            known[table] = f"population_{table}_{len(known)}"
            _population(shop, table, partner, known[table])
        return exp.to_table(known[table])

    return relation


def _family_choices(rules: Iterable[RetentionRule]) -> set[RequiredFamilyChoice]:
    return {
        choice
        for rule in rules
        for need in (rule.own, rule.keep_own, rule.keep_brought)
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
        shop.engine.run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {shop.sources(files)}")
