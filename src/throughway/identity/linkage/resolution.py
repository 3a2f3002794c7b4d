"""A full run in memory: from the values that the agreements show to the records of each person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.identity.linkage import blocking
from throughway.identity.linkage.blocking import Keyed
from throughway.identity.linkage.candidate_pairs import (
    CandidatePairs,
    ChanceAgreement,
    Integers,
    compare,
    compare_by_chance,
    record_numbers,
)
from throughway.identity.linkage.clustering import LinkageDecision, Rulings, decide, doubles
from throughway.identity.linkage.comparisons import Rungs
from throughway.identity.linkage.data_warnings import data_warnings
from throughway.identity.linkage.label_model import LabelFit, corrected, fit_label_model
from throughway.identity.linkage.match_weights import (
    Floats,
    Rivals,
    Weighed,
    WeighingInputs,
    records_in,
    weigh,
)
from throughway.identity.linkage.names_alone import NamesAlone, Two, name_pairs
from throughway.identity.linkage.own_numbers import lists_of_entries, own_numbers
from throughway.identity.linkage.standardization import connection, prepare

# Takes the engine with `comparable`, its number of rows and their blocking keys; returns the compared pairs.
Find = Callable[[duckdb.DuckDBPyConnection, int, Keyed], CandidatePairs]


@dataclass(frozen=True, eq=False)
class ComparedRecords:
    """`rows`: the table `comparable`, by rising record number. `records`: the inputs for weighing them. `pairs`: the compared pairs that share a key of
    `keys`. `chance`: the compared random pairs. `no_evidence`: values that are too common to be evidence."""

    rows: pa.Table
    records: WeighingInputs
    keys: Keyed
    pairs: CandidatePairs
    chance: ChanceAgreement
    no_evidence: pa.Table


def compare_all(tables: Mapping[str, pa.Table], find: Find = compare, salt: int = 0) -> ComparedRecords:
    """Standardizes and compares the records of `tables` (see `standardization.prepare`). `find` finds and compares the pairs; `salt` is
    that of the blocking keys. Raises RuntimeError without the engine's message, which may hold a name or a birth date."""
    try:
        with connection() as engine:
            count = prepare(engine, tables)
            rows = engine.execute("select * from comparable order by unique_id").to_arrow_table()
            no_evidence = engine.execute("select * from no_evidence order by all").to_arrow_table()
            keys = Keyed(salt, *blocking.keys_of(engine, "comparable", salt, blocking.rules(count)))
            records = records_in(rows, sorted(set(rows["source"].to_pylist())))
            pairs, chance = find(engine, count, keys), compare_by_chance(engine, count)
            return ComparedRecords(rows, records, keys, pairs, chance, no_evidence)
    except Refused:
        raise
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None


@dataclass(frozen=True, eq=False)
class Scored:
    """Every compared pair, by record numbers (`one` < `other`): its weight in bits, its posterior (with rivals; from the weight alone if
    the pair may not be joined without a reader), and its levels."""

    one: Integers
    other: Integers
    weight: Floats
    posterior: Floats
    rungs: Rungs


@dataclass(frozen=True, eq=False)
class Learned:
    """The results of learning in a full run. `weighed`: its pairs before the label model. `labels`: the changes by readers' answers. `doubled`: for each
    source, in the order of their names, the share of its records that are surely duplicates. `lists`: systems that number entries, not
    students."""

    weighed: Weighed
    labels: LabelFit
    doubled: Floats
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Resolved:
    """`record` (record numbers, rising) with `person` (the number of its person, from 0). `review`: record numbers of pairs for a reader.
    `scored`: the compared pairs. `learned`, `rows` (the table `comparable`), `keys` and `no_evidence`: for an incremental run, to decide as
    this one did. `warnings`: oddities of the records, a sentence each, without a person's values. `by_name`: record numbers of pairs that a
    name settles or may settle, with their sources (see `names_alone`)."""

    record: Integers
    person: Integers
    review: tuple[tuple[int, int], ...]
    scored: Scored
    learned: Learned
    rows: pa.Table
    keys: Keyed
    no_evidence: pa.Table
    warnings: tuple[str, ...] = ()
    by_name: tuple[tuple[int, int, Two], ...] = ()

    @property
    def shares(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """The m and u of each level."""
        return self.learned.weighed.shares


def resolve(
    tables: Mapping[str, pa.Table],
    *,
    together: Sequence[Sequence[int]] = (),
    apart: Sequence[Mapping[int, int]] = (),
    labels: Sequence[tuple[int, int, bool]] = (),
    find: Find = compare,
    salt: int = 0,
    names: NamesAlone | None = None,
) -> Resolved:
    """Resolves the records of `tables` (see `standardization.prepare`).

    `together` and `apart` are people's rulings, by record number, and are binding. `labels` (two record numbers, and whether a reader found
    them to be one person) teach how to judge doubtful pairs, and are not binding. `find`, `salt`, errors: see `compare_all`. `names`: what is
    known of the rule of `names_alone`; without it, no name settles anything.
    """
    compared = compare_all(tables, find, salt)
    record, records, pairs = record_numbers(compared.rows), compared.records, compared.pairs
    at = {number: row for row, number in enumerate(record.tolist())}
    lists = lists_of_entries(compared.rows, pairs)
    numbers = own_numbers(compared.rows, lists)
    plain = weigh(pairs, compared.chance, records, numbers.two_students(pairs))
    fit = fit_label_model(
        pairs, plain, records, [(at[a], at[b], same) for a, b, same in labels if a in at and b in at]
    )
    weighed = corrected(pairs, plain, records, fit.model)
    doubled = doubles(pairs, weighed, records.source)
    decision = decide(
        pairs, weighed, records.source, rulings_by_row(record, together, apart), doubled, numbers,
        name_pairs(compared.rows, names or NamesAlone()),
    )  # fmt: skip
    return Resolved(
        record,
        decision.person,
        tuple((int(record[left]), int(record[right])) for left, right in decision.review),
        scored_pairs(record, pairs, weighed, records.source),
        Learned(plain, fit, doubled, lists),
        compared.rows,
        compared.keys,
        compared.no_evidence,
        (*data_warnings(tables), *pairs.warnings),
        numbered_pairs(record, decision),
    )


def numbered_pairs(record: Integers, decision: LinkageDecision) -> tuple[tuple[int, int, Two], ...]:
    """The pairs that a name settles, by record number instead of row."""
    return tuple((int(record[left]), int(record[right]), two) for left, right, two in decision.by_name)


def rulings_by_row(
    record: Integers, together: Sequence[Sequence[int]], apart: Sequence[Mapping[int, int]]
) -> Rulings:
    """The rulings by row instead of record number, without missing records."""
    at = {number: row for row, number in enumerate(record.tolist())}
    return Rulings(
        [[at[number] for number in ruled if number in at] for ruled in together],
        [{at[number]: side for number, side in ruled.items() if number in at} for ruled in apart],
    )


def scored_pairs(record: Integers, pairs: CandidatePairs, weighed: Weighed, source: Integers) -> Scored:
    """The weighed pairs of rows, by record numbers."""
    posterior = Rivals(pairs.left, pairs.right, source).posterior(weighed.weight, ~weighed.never)
    return Scored(record[pairs.left], record[pairs.right], weighed.weight, posterior, pairs.rungs)
