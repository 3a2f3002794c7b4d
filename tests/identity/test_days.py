"""Many small days: nobody's id changes without an event that says why, and none is given out twice."""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.identity.fictional import Community, community
from throughway.gate.actions import Since
from throughway.gate.linking import Links
from throughway.identity.actions.wholly import _known, _Seen
from throughway.identity.known.index import Index, Layer
from throughway.identity.known.memory import NOTHING, Known, base, layer, remembered
from throughway.identity.known.near import Neighbourhood, batch_of, decide_near
from throughway.identity.known.near import remembered as compared
from throughway.identity.linkage.preparing import connection, prepare
from throughway.identity.linkage.resolving import resolve
from throughway.identity.persons import LOWEST, Assignment, Kind, assign

FIRST = 300


@cache
def fiction() -> tuple[Community, list[int]]:
    made = community(400, seed=23)
    return made, sorted(made.truth)


def rows(records: list[int]) -> dict[str, pa.Table]:
    return {
        name: t.filter(np.isin(np.asarray(t["person_record"]), records))
        for name, t in fiction()[0].tables.items()
    }


@cache
def start() -> tuple[Known, tuple[tuple[int, int], ...]]:
    """What a full run over the first records keeps, sealed and opened again, and the links that it found."""
    seen = _Seen()
    found = resolve(rows(fiction()[1][:FIRST]), keep=seen)
    known = _known(seen, found, {}, Since({}, {}, NOTHING, lost=False), [])
    opened = remembered([base(known)])
    assert opened is not None
    return opened, tuple(zip(found.record.tolist(), (found.person + LOWEST).tolist(), strict=True))


@dataclass
class Days(RuleBasedStateMachine):
    links: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    given_out: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = object.__hash__

    @initialize()
    def full(self) -> None:
        self.known, links = start()
        self.parts = [base(self.known)]
        self.links = dict(links)
        self.given_out = sorted(set(self.links.values()))
        self.next, self.made = FIRST, Assignment(self.links)
        self.told: set[int] = set()

    @rule(many=st.integers(1, 12))
    def a_day(self, many: int) -> None:
        """New records come."""
        self.run(fiction()[1][self.next : self.next + many], [])
        self.next += many

    @rule(which=st.integers(0, FIRST - 1))
    def again(self, which: int) -> None:
        """A record is sent once more, as it was."""
        self.run([fiction()[1][which]], [])

    @rule(which=st.integers(0, FIRST - 1))
    def gone(self, which: int) -> None:
        """A record may be seen no more."""
        self.run([], [fiction()[1][which]])

    def run(self, came: list[int], went: list[int]) -> None:
        touched = np.array(sorted({*came, *went}), dtype=np.int64)
        if not len(touched):
            return
        record = np.array(sorted(self.links), dtype=np.int64)
        links = Links(record, np.array([self.links[n] for n in record.tolist()], dtype=np.int64))
        with connection() as engine:
            engine.execute("set threads = 1")
            prepare(engine, rows(came))
            fresh = engine.execute("select * from comparable order by unique_id").to_arrow_table()
            fresh = fresh.cast(self.known.index.layers[0].rows.schema)
            batch = batch_of(engine, fresh, self.known.salt, self.known.rules, touched)
            sources = self.known.sources
            found = compared(engine, self.known.index, batch, self.known.weights, sources)
            around = Neighbourhood(self.known.index, batch, self.known.weights, sources, found)
            near = decide_near(around, touched, links, ((), ()))
        concerned = {n for group in near.groups for n in group} | set(touched.tolist())
        before = {n: p for n, p in self.links.items() if n in concerned}
        draws = iter(range(max(self.given_out) + 1, max(self.given_out) + 1000))
        self.made = assign(
            near.groups, before, left={n: p for n, p in self.left.items() if n in concerned}, given_out=self.given_out,
            draw=draws.__next__,
        )  # fmt: skip
        assert not set(self.made.new) & set(self.given_out), "an id was given out twice"
        moved = {n for n, p in self.made.links.items() if self.links.get(n, p) != p}
        told = {
            n
            for e in self.made.events
            if e.kind in (Kind.MERGED, Kind.SPLIT)
            for held in e.before.values()
            for n in held
        }
        assert moved <= told, "an id changed and no event says why"
        if set(came) <= set(before):
            assert not moved, "an id changed though nothing did"
        self.left |= {n: p for n, p in before.items() if n not in self.made.links}
        self.links = {n: p for n, p in self.links.items() if n not in concerned} | dict(self.made.links)
        self.left = {n: p for n, p in self.left.items() if n not in self.links}
        self.given_out += self.made.new
        added = Layer(batch.rows, batch.keys, batch.asking, found, touched)
        later = replace(self.known, index=Index([*self.known.index.layers, added]))
        self.parts.append(layer(later, self.known))
        self.known = later

    @invariant()
    def every_record_is_known_once(self) -> None:
        if hasattr(self, "known"):
            assert self.known.index.records.tolist() == sorted(self.links)

    def teardown(self) -> None:
        if hasattr(self, "parts"):
            opened = remembered(self.parts)
            assert opened is not None
            assert opened.index.records.tolist() == self.known.index.records.tolist()
            assert len(opened.index.pairs.kept) == len(self.known.index.pairs.kept)


TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=3, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
