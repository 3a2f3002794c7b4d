"""One set of rules says which records are worth comparing, in a full run and as keys in a small one."""

import numpy as np
import pytest

from tests.identity.fictional_community import community
from throughway.identity.linkage import blocking
from throughway.identity.linkage.blocking import keys_of
from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.standardization import connection, prepare


@pytest.mark.parametrize("many", [False, True])
def test_keys_cover_the_pairs_of_a_full_run(many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if many:
        monkeypatch.setattr(blocking, "MANY", 10)
    made = community(150, seed=5)
    with connection() as engine:
        prepare(engine, made.tables)
        [(records,)] = engine.execute("select count(*) from comparable").fetchall()
        pairs = compare(engine, records)
        keys, rows = keys_of(engine, "comparable", 11, blocking.rules(records))
    cuts = np.flatnonzero(np.diff(keys)) + 1
    met = {
        (int(one), int(other))
        for held in np.split(rows, cuts)
        for one in held
        for other in held
        if one < other
    }
    compared = {
        (min(pair), max(pair)) for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    }
    assert compared
    assert compared <= met
    # A key stands for its rule whole: beyond what was compared are those alone that share both columns in one order.
    assert len(met - compared) <= len(compared) // 10


def test_unknown_values_make_no_key() -> None:
    with connection() as engine:
        engine.execute(
            "create table comparable as select * from (values (0, 'ana', null::varchar), (1, 'ana', null), (2, 'rios', 'ana'),"
            " (3, 'ana', 'rios')) as t(unique_id, first, spelled)"
        )
        keys, rows = keys_of(engine, "comparable", 11, [("first|spelled",)])
    assert rows.tolist() == [2, 3]
    assert len(set(keys.tolist())) == 1
