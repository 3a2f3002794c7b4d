"""From what the agreements show of each record to who is who."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.identity.linkage.candidate_pairs import (
    CandidatePairs,
    Chance,
    Integers,
    compare,
    compare_by_chance,
    record_numbers,
)
from throughway.identity.linkage.clustering import Rulings, decide, doubles
from throughway.identity.linkage.comparisons import Rungs
from throughway.identity.linkage.data_warnings import notice
from throughway.identity.linkage.label_model import LabelFit, corrected, fit_label_model
from throughway.identity.linkage.match_weights import (
    Floats,
    Rivals,
    Weighed,
    WeighingInputs,
    records_in,
    weigh,
)
from throughway.identity.linkage.standardization import connection, prepare

# Given the engine that holds `comparable`, and its number of rows: the pairs worth comparing, compared.
Find = Callable[[duckdb.DuckDBPyConnection, int], CandidatePairs]


@dataclass(frozen=True, eq=False)
class Scored:
    """Every pair that was compared, by record numbers (`one` < `other`): its weight in bits, its posterior (rivals counted,
    and whatever may not be joined without a look judged by its weight), its rungs."""

    one: Integers
    other: Integers
    weight: Floats
    posterior: Floats
    rungs: Rungs


@dataclass(frozen=True, eq=False)
class Learned:
    """What a run over all records learned: `weighed` its pairs before readers spoke, `taught` what readers' answers did, `doubled`
    for each source (by its name's place among the sorted names) the share of its records that are surely one another."""

    weighed: Weighed
    taught: LabelFit
    doubled: Floats


@dataclass(frozen=True)
class Resolved:
    """`record` (record numbers, rising) and `person` (a number for each record's person, from 0), pair by pair;
    `review` the record numbers of pairs to look at; `scored` what was compared; `learned` what a later run needs to judge as
    this one did; `noticed` what is odd about the records, a sentence each, without a person's values."""

    record: Integers
    person: Integers
    review: tuple[tuple[int, int], ...]
    scored: Scored
    learned: Learned
    noticed: tuple[str, ...] = ()

    @property
    def shares(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """What each agreement was worth."""
        return self.learned.weighed.shares


def resolve(
    tables: Mapping[str, pa.Table],
    *,
    together: Sequence[Sequence[int]] = (),
    apart: Sequence[Mapping[int, int]] = (),
    labels: Sequence[tuple[int, int, bool]] = (),
    keep: Callable[[duckdb.DuckDBPyConnection], None] = lambda engine: None,
    find: Find = compare,
) -> Resolved:
    """Resolves the records of `tables` (see `standardization.prepare`); rulings of people name records by number.

    `labels` (two record numbers, and whether a reader said that they are one person) teach how doubtful pairs are
    judged, and bind none: what binds is `together` and `apart`. `keep` is shown the engine with the table `comparable`
    before it is gone. `find` finds the pairs and compares them."""
    record, records, pairs, chance = _compared(tables, keep, find)
    source = records.source
    at = {number: row for row, number in enumerate(record.tolist())}
    read = [(at[one], at[other], same) for one, other, same in labels if one in at and other in at]
    plain = weigh(pairs, chance, records)
    taught = fit_label_model(pairs, plain, records, read)
    weighed = corrected(pairs, plain, records, taught.lesson)
    doubled = doubles(pairs, weighed, source)
    decision = decide(pairs, weighed, source, rulings_by_row(record, together, apart), doubled)
    review = tuple((int(record[left]), int(record[right])) for left, right in decision.review)
    scored = scored_pairs(record, pairs, weighed, source)
    learned = Learned(plain, taught, doubled)
    return Resolved(record, decision.person, review, scored, learned, (*notice(tables), *pairs.noticed))


def rulings_by_row(
    record: Integers, together: Sequence[Sequence[int]], apart: Sequence[Mapping[int, int]]
) -> Rulings:
    """The rulings, which name records by number, by the records' rows; of those records alone."""
    at = {number: row for row, number in enumerate(record.tolist())}
    return Rulings(
        [[at[number] for number in ruled if number in at] for ruled in together],
        [{at[number]: side for number, side in ruled.items() if number in at} for ruled in apart],
    )


def scored_pairs(record: Integers, pairs: CandidatePairs, weighed: Weighed, source: Integers) -> Scored:
    """The pairs of rows, weighed, by record numbers."""
    posterior = Rivals(pairs.left, pairs.right, source).posterior(weighed.weight, ~weighed.never)
    return Scored(record[pairs.left], record[pairs.right], weighed.weight, posterior, pairs.rungs)


def _compared(
    tables: Mapping[str, pa.Table], keep: Callable[[duckdb.DuckDBPyConnection], None], find: Find = compare
) -> tuple[Integers, WeighingInputs, CandidatePairs, Chance]:
    """The record numbers, rising, what weighing needs of each record, the pairs worth comparing, and what chance makes agree."""
    try:
        with connection() as engine:
            count = prepare(engine, tables)
            keep(engine)
            asked = "select person_record, source, first_share, surname_share, street from comparable order by unique_id"
            rows = engine.execute(asked).to_arrow_table()
            records = records_in(rows, sorted(set(rows["source"].to_pylist())))
            return record_numbers(rows), records, find(engine, count), compare_by_chance(engine, count)
    except Refused:
        raise
    except Exception as error:
        # The engine's words may hold a name or a birth date: they are neither shown nor kept.
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None
