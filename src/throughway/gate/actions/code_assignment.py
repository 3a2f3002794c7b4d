"""Draws the agreements' random codes that a question needs, before it is asked."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded, coded_columns
from throughway.gate.actions.query_execution import distinct, records
from throughway.gate.actions.random_codes import draw_for_persons, draw_for_values
from throughway.gate.compiler import Compiled
from throughway.partners.actor import Actor
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import distinct as distinct_numbers
from throughway.store.selectors import Snapshot


def draw_codes(
    stored: Snapshot, grants: Sequence[Grant], linked: Collection[str], by: Actor, compiled: Compiled
) -> None:
    """For persons and values that have none yet under the agreements whose rows are asked for."""
    persons: dict[str, list[NDArray[np.int64]]] = {}
    values: dict[tuple[str, str], set[str]] = {}
    links = links_of(stored)
    for grant in grants:
        asked = {name for read in compiled.reads if read.table == grant.table for name in read.columns}
        if "person_id" in asked and coded(grant):
            held = records(stored, grant.table, grant.discloser)
            numbers = links.persons_of(held) if grant.discloser in linked else held
            persons.setdefault(grant.agreement, []).append(numbers)
        for name in asked & coded_columns(grant):
            found = distinct(stored, grant.table, grant.discloser, name)
            values.setdefault((grant.agreement, name), set()).update(found)
    for agreement, parts in persons.items():
        draw_for_persons(agreement, distinct_numbers(np.concatenate(parts)), by=by)
    for (agreement, name), texts in values.items():
        draw_for_values(agreement, name, texts, by=by)
