"""Any order of landings, replacements and sweeps against a slow, obvious account of them."""

from collections.abc import Iterable
from contextlib import ExitStack
from itertools import count

import pyarrow.parquet as pq
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.store.making import parquet, rows
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.maintenance import check
from throughway.store.actions.removal import sweep
from throughway.store.selectors import Snapshot, current_community, snapshot

PLAIN, SEALED = "attendance_day", "person"
PARTNERS = count()
PERSONS = st.sets(st.integers(1, 30), max_size=4)


def read(view: Snapshot, partner: str) -> dict[str, list[int]]:
    """The learners of every row of a partner, by table."""
    plain = [p for f in view.files(PLAIN, partner) for p in pq.read_table(f)["person_record"].to_pylist()]
    return {PLAIN: sorted(plain), SEALED: sorted(view.sealed(SEALED, partner)["person_record"].to_pylist())}


class Store(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.partner = f"partner-{next(PARTNERS)}"  # the store is shared by all runs
        self.live: dict[str, tuple[str, list[int]]] = {}  # id → table, learners
        self.retired: set[str] = set()
        self.views: list[tuple[ExitStack, Snapshot, dict[str, list[int]]]] = []

    def expected(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {PLAIN: [], SEALED: []}
        for table, persons in self.live.values():
            found[table] += persons
        return {table: sorted(persons) for table, persons in found.items()}

    def new(self, folder, table: str, persons: Iterable[int]) -> NewFile:
        given = {"record": list(persons), "person_record": list(persons)}
        if table == SEALED:
            return NewFile(table, self.partner, 0, arrow=rows(table, **given), agreements=("dsa",))
        return NewFile(table, self.partner, 0, path=parquet(folder, table, **given))

    @rule(new=st.lists(st.tuples(st.sampled_from([PLAIN, SEALED]), PERSONS), max_size=3), data=st.data())
    def land(self, new: list[tuple[str, set[int]]], data: st.DataObject) -> None:
        there = sorted(self.live)
        replaces = data.draw(st.sets(st.sampled_from(there))) if there else set()
        with staging() as folder:
            files = [self.new(folder, table, persons) for table, persons in new]
            ids = land(batch="b", files=files, replaces=replaces, by=OPERATOR)
        for gone in replaces:
            del self.live[gone]
        self.retired |= replaces
        self.live |= {id: (table, sorted(persons)) for id, (table, persons) in zip(ids, new, strict=True)}

    @rule(data=st.data())
    def land_too_late(self, data: st.DataObject) -> None:
        if self.retired:
            old = data.draw(st.sampled_from(sorted(self.retired)))
            with staging() as folder, pytest.raises(Refused):
                land(
                    batch="b", files=[self.new(folder, PLAIN, {99})], replaces=[old, *self.live], by=OPERATOR
                )

    @rule()
    def land_and_fail(self) -> None:
        def fails() -> None:
            raise ZeroDivisionError

        with staging() as folder:
            files = [self.new(folder, table, {99}) for table in (PLAIN, SEALED)]
            with pytest.raises(ZeroDivisionError):
                land(batch="b", files=files, replaces=list(self.live), by=OPERATOR, within=fails)

    @rule()
    def sweep(self) -> None:
        swept = sweep(by=OPERATOR)
        assert swept.orphans == 0
        assert self.views or swept.in_use == 0

    @rule()
    def open_a_view(self) -> None:
        stack = ExitStack()
        self.views.append((stack, stack.enter_context(snapshot()), self.expected()))

    @rule(data=st.data())
    def close_a_view(self, data: st.DataObject) -> None:
        if self.views:
            stack, _, _ = self.views.pop(data.draw(st.integers(0, len(self.views) - 1)))
            stack.close()

    @invariant()
    def every_view_shows_what_was_there_when_it_was_opened(self) -> None:
        with snapshot() as view:
            assert read(view, self.partner) == self.expected()
            for table, persons in self.expected().items():
                assert view.records(table, self.partner).tolist() == sorted(set(persons))
        for _, old, expected in self.views:
            assert read(old, self.partner) == expected

    def teardown(self) -> None:
        assert check() == []
        for stack, _, _ in self.views:
            stack.close()
        sweep(by=OPERATOR)
        assert len(list(current_community().store.glob("*.parquet"))) == _live_plain_files()


def _live_plain_files() -> int:
    with snapshot() as view:
        return len(view.stored(PLAIN))


@pytest.mark.django_db
def test_any_order_of_changes_is_read_as_it_was_made(community: Community) -> None:
    run_state_machine_as_test(
        Store, settings=settings(max_examples=15, stateful_step_count=12, deadline=None, database=None)
    )
