"""Many small days: nobody's id changes without an event that says why, none is given out twice, and who is who is as a run over
all would have it."""

from copy import copy
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.identity import fictional_community
from tests.identity.incremental_community import Community, differ
from throughway.identity.incremental.linkage_state import pack_state, unpack_state
from throughway.identity.person_ids import PersonEventKind

FIRST = 300


@cache
def fiction() -> tuple[fictional_community.Community, list[int]]:
    made = fictional_community.community(400, seed=23)
    return made, sorted(made.truth)


@cache
def start() -> Community:
    """What a full run over the first records found, and what it keeps, sealed and opened again."""
    made, numbers = fiction()
    begun = Community(made.tables, set(numbers[:FIRST]))
    begun.whole()
    opened = unpack_state([pack_state(begun.state)])
    assert opened is not None
    begun.state = opened
    return begun


class Days(RuleBasedStateMachine):
    @initialize()
    def full(self) -> None:
        begun = start()
        self.town = copy(begun)
        self.town.links, self.town.given_out = dict(begun.links), list(begun.given_out)
        self.town.left, self.town.settled = {}, []
        self.next = FIRST

    @rule(many=st.integers(1, 12))
    def a_day(self, many: int) -> None:
        """New records come."""
        self.run(fiction()[1][self.next : self.next + many], [])
        self.next += many

    @rule(which=st.integers(0, FIRST - 1))
    def again(self, which: int) -> None:
        """A record is sent once more, as it was; it may be seen again."""
        self.run([fiction()[1][which]], [])

    @rule(which=st.integers(0, FIRST - 1))
    def gone(self, which: int) -> None:
        """A record may be seen no more."""
        self.run([], [fiction()[1][which]])

    @rule(one=st.integers(0, FIRST - 1), other=st.integers(0, FIRST - 1))
    def ruled(self, one: int, other: int) -> None:
        """Readers overturn what linkage held of two records."""
        pair = fiction()[1][one], fiction()[1][other]
        links = self.town.links
        if one == other or not links.keys() >= set(pair) or {*pair} & self.spoken_of:
            return
        self.town.say(*pair, same=links[pair[0]] != links[pair[1]])
        self.run([], [], stirred=pair)

    @property
    def spoken_of(self) -> set[int]:
        return {n for each in self.town.settled for n in (each.one, each.other)}

    def run(self, came: list[int], went: list[int], stirred: tuple[int, ...] = ()) -> None:
        town, links = self.town, dict(self.town.links)
        given_out = set(town.given_out)
        town.run(came, went, stirred)
        assert not set(town.made.new) & given_out, "an id was given out twice"
        moved = {n for n, p in town.made.links.items() if links.get(n, p) != p}
        told = {
            n
            for e in town.made.events
            if e.kind in (PersonEventKind.MERGED, PersonEventKind.SPLIT)
            for held in e.before.values()
            for n in held
        }
        assert moved <= told, "an id changed and no event says why"
        if set(came) <= links.keys() and not went and not stirred:
            assert not moved, "an id changed though nothing did"

    @invariant()
    def every_record_is_known_once(self) -> None:
        if hasattr(self, "town"):
            assert self.town.state.known.numbers.tolist() == sorted(self.town.links)

    def teardown(self) -> None:
        if hasattr(self, "town"):
            opened = unpack_state([pack_state(self.town.state)])
            assert opened is not None
            assert opened.known.numbers.tolist() == self.town.state.known.numbers.tolist()
            assert len(opened.known.pairs) == len(self.town.state.known.pairs)
            assert differ(self.town.persons, self.town.with_the_same_weights()) == 0


TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=3, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
