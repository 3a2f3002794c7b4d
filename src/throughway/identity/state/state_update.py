"""From what was known and what came since to what is known now, and who is who among all whom it touches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers, compare_these
from throughway.identity.state.batch import among, batch_of, remembered, with_known_frequencies
from throughway.identity.state.housemate_birthdates import seen_with_housemates
from throughway.identity.state.index import NOBODY, Layer, LinkageIndex
from throughway.identity.state.linkage_state import LinkageState
from throughway.identity.state.local_decision import LinksInForce, NearbyDecision, Ruled, decide_near
from throughway.identity.state.neighborhood import Compare, Neighbourhood


@dataclass(frozen=True, eq=False)
class RecordChanges:
    """`rows`: the records that came or changed, as `preparing` makes them. `touched`: their numbers, and of those that can be seen
    no more. `stirred`: of those about whom people ruled since. Both rising."""

    rows: pa.Table
    touched: Integers
    stirred: Integers


def update_state(
    known: LinkageState, came: RecordChanges, held: LinksInForce, rulings: Ruled
) -> tuple[NearbyDecision, LinkageState, dict[int, str]]:
    """Who is who, what is known then, and whose each record is that was decided about."""
    rows = came.rows.cast(known.index.layers[0].rows.schema)
    batch = with_known_frequencies(known.index, batch_of(rows, known.salt, known.rules, came.touched))
    batch = seen_with_housemates(known.index, batch, known.salt, known.rules)
    sources = sorted({*known.sources, *rows["source"].to_pylist()})
    found = remembered(known.index, batch, known.weights, sources)
    compare = _comparing(known.salt, known.rules)
    around = Neighbourhood(known.index, batch, known.weights, sources, found, compare)
    near = decide_near(around, np.union1d(came.stirred, batch.touched), held, rulings)
    layer = Layer(batch.rows, batch.keys, batch.asking, found, batch.touched)
    later = replace(known, index=LinkageIndex([*known.index.layers, layer]))
    return near, later, around.partner_of(near.groups)


def former_companions(records: Integers, left: Mapping[int, int], links: Mapping[str, Integers]) -> Integers:
    """Who is linked now (`links`: `record` beside `person`) to the persons that returning ones of these records had when they left.

    A returning record finds its person again only where it is decided about both: without them it would join them unseen."""
    persons = [left[record] for record in records.tolist() if record in left]
    return links["record"][np.isin(links["person"], persons)]


def _comparing(salt: int, rules: Sequence[Sequence[str]]) -> Compare:
    def compare(rows: pa.Table, left: Integers, right: Integers) -> CandidatePairs:
        """The pairs of rows (by place, the lower first) that share a key, on their rungs."""
        one, other = among(batch_of(rows, salt, rules, NOBODY))
        wanted = np.isin(left * rows.num_rows + right, one * rows.num_rows + other)
        return compare_these(rows, left[wanted], right[wanted])

    return compare
