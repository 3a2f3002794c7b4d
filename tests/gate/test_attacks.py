"""The attacks on the gate by SQL, each over two stores that differ in nothing but what the reader may not see.

Columns that are not granted, another partner's rows, and students who are hidden in five ways: outside the population, without
a consent, opted out, off the caseload, off the roster. Whatever comes back, rows or a refusal, must be the same for both
stores, word for word; so nothing hidden can have reached it. In one store those who are hidden are few, in the other many, so
that the gate tells them by different sides.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from math import inf, nan
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from tests.gate import making
from tests.gate.attacks import ATTACKS, READ
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.row_filter import PERSONAL
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.consent.consent_state import ConsentStatus
from throughway.core.refusals import Refused
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision, decide
from throughway.gate.governed_relations import relation_name
from throughway.gate.row_scope import RowScope
from throughway.partners.actor import Actor
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.links import Links

DAY = date(2026, 9, 1)
SHOWN = (11, 31, 32)
HIDDEN = ("Zed", "Hidden")  # what hidden cells say in the one store and in the other
MANY = ((12, 13), (12, 13, 14, 15, 16, 17))  # hidden learners of north
FAR = 2**31 - 5  # days since 1970; a day of the many hidden learners that the few do not have
# What functions fail at, of the many too: of one row after the other.
ODD = [
    {"valid_from": FAR, "recorded_at": datetime.max, "organization_id": "(", "attendance_event_duration_minutes": inf},
    {"valid_from": -FAR, "recorded_at": datetime.min, "organization_id": "\\", "attendance_event_duration_minutes": nan},
    {"valid_from": 2**31 - 1, "recorded_at": datetime(1900, 1, 1), "organization_id": "", "attendance_event_duration_minutes": -1.0},
    {"valid_from": date.min, "recorded_at": datetime(1900, 1, 1), "organization_id": "s%", "attendance_event_duration_minutes": 1e308},
]  # fmt: skip
USUAL = {
    "valid_from": DAY,
    "recorded_at": datetime(2026, 9, 1, 8),
    "organization_id": "s",
    "attendance_event_duration_minutes": 5.0,
}
OF_READER = 2**41  # a person; the reader's own records of those shown are 41, 42, 43


@dataclass(frozen=True)
class Hiding:
    """One way in which students stay hidden: what it adds to the purpose and the document; who reads."""

    entry: Mapping[str, Any]
    document: Mapping[str, Any]
    reader: str = "hub"


def _linkage(partner: str) -> dict[str, Any]:
    own = making.OWN_PROMISE if partner != "north" else {}
    return making.purpose(
        "matching", "linkage", "identified", **{"from": [partner]}, recipients=["hub"], **own
    )


HIDINGS = {
    "outside the population": Hiding({}, {"population": [
        {"on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "ever"}]}),
    "without consent": Hiding({"basis": "consent", "basis_details": {}}, {}),
    "opted out": Hiding({"basis": "directory", "basis_details": {"notice": "2026", "items": ["name", "date of birth"]}}, {}),
    "off the caseload": Hiding({"reach": "caseload"}, {}),
    "off the roster": Hiding({"reach": "roster"}, {}, reader="harbor"),
    "off the site": Hiding({"reach": "site"}, {}, reader="harbor"),
}  # fmt: skip
NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Saying:
    """What the registers say of one store: the same of those shown, of the others that they are none of them."""

    hidden: tuple[int, ...]

    def assigned(self, on: date) -> list[tuple[str, int]]:
        return [("north", n) for n in SHOWN]

    def served(self, on: date) -> NDArray[np.int64]:
        return np.array([41, 42, 43], dtype=np.int64)

    def at_sites(self, on: date) -> NDArray[np.int64]:
        return self.served(on)

    def words(self, choice: object, discloser: str, on: date) -> ConsentStatus:
        given, refused = np.array(SHOWN, dtype=np.int64), np.array(self.hidden, dtype=np.int64)
        return ConsentStatus(given=given, refused=refused, opted_out=refused)

    def held(self, tables: object, discloser: str) -> NDArray[np.int64]:
        return np.array(sorted({*SHOWN, *self.hidden}), dtype=np.int64)


class Store:
    """One store behind the gate, as one reader meets it."""

    TIMES = 1  # how often each row is there

    def __init__(
        self, decision: Decision, reader: str, place: int, engine: DuckDBEngine, folder: Any
    ) -> None:
        hidden, word = MANY[place], HIDDEN[place]
        linked = dict(zip((*SHOWN, 41, 42, 43), [OF_READER + n for n in (0, 1, 2)] * 2, strict=True))
        self._links = linked | {n: OF_READER + 100 + n for n in hidden}
        links = Links(np.array(sorted(self._links)), np.array([self._links[n] for n in sorted(self._links)]))
        self._decision, self._engine = decision, engine
        self.people = RowScope(
            decision.grants, Saying(hidden), links, linked=decision.linked, reader=reader, days=(DAY,)
        )
        self._fill(word, hidden, folder)

    def _fill(self, word: str, hidden: tuple[int, ...], folder: Any) -> None:
        files = []
        for (table, partner), rows in stored(word, hidden).items():
            path = folder / f"{table}.{partner}.parquet"
            pq.write_table(making.rows(table, rows * self.TIMES), path)
            self._engine.register(relation_name(table, partner), [path])
            files.append(path)
        for table in ("school_enrollment", "attendance_day"):
            self._engine.register(relation_name(table, "harbor"), schemas.empty(table))
        links = pa.table({"record": list(self._links), "person": list(self._links.values())})
        self._engine.register(relation_name("person_link", ""), links)
        for choice in {c.of(g.discloser) for g in self._decision.grants for c in g.choices}:
            for table in ("consented", "not_consented", "opted_out"):
                self._register_people(table, choice)
        for table in ("roster", "site", "caseload"):
            self._register_people(table, "north")
        self._engine.lock(files)

    def _register_people(self, table: str, name: str) -> None:
        try:
            numbers = self.people.records(table, name)
        except KeyError:  # a relation that no grant of the reader asks for
            return
        assert table in PERSONAL
        self._engine.register(relation_name(table, name), pa.table({"record": pa.array(numbers, pa.int64())}))

    def outcome(self, sql: str) -> object:
        try:
            compiled = compile_query(
                sql, self._decision.grants, linked=self._decision.linked, on=DAY,
                records_of=lambda persons: [n for n, p in self._links.items() if p in persons] or list(persons),
                most=1000, without=self.people.without,
            )  # fmt: skip
            answer = self._engine.run(compiled.sql)
        except Refused as refused:
            return refused.code, refused.message, refused.citations
        return answer.column_names, sorted(map(str, answer.to_pylist()))


def stored(word: str, hidden: tuple[int, ...]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Of those shown only surnames, reasons and days of birth are hidden; of the others everything."""
    extra = len(hidden)
    return {
        ("person", "north"): [
            *({"person_record": n, "first_name": name, "last_or_surname": word, "birthdate": date(2012, 3, 4 + extra),
               "source_record_id": word} for n, name in zip(SHOWN, ("Ada", "Bea", "Cyd"), strict=True)),
            *({"person_record": n, "first_name": word, "last_or_surname": word, "birthdate": date(1990 + n, 1, 1)} for n in hidden),
        ],
        ("school_enrollment", "north"): [
            {"person_record": n, "record": n, "enrollment_entry_date": date(2026, 8, 1), "entry_grade_level": "06" if n in SHOWN else word}
            for n in (*SHOWN, *hidden)
        ],
        ("attendance_day", "north"): [
            {"person_record": n, "record": n, "attendance_event_date": DAY, "attendance_status": "Present" if n in SHOWN else word,
             "attendance_event_reason": word, **(ODD[n % 4] if n in hidden[2:] else USUAL)}
            for n in (*SHOWN, *hidden)
        ],
        ("person", "harbor"): [{"person_record": 41, "first_name": word, "last_or_surname": word}],
        ("service_received", "harbor"): [
            {"person_record": 41, "record": 1, "service_date": DAY, "service_notes": word}
        ],
    }  # fmt: skip


def decided(hiding: Hiding) -> Decision:
    entry = {"from": ["north"], "recipients": ["hub", "harbor"], **hiding.entry}
    linkages = [_linkage("north"), _linkage("harbor")] if hiding.entry.get("reach") else []
    document = AgreementDocument.model_validate(making.sharing(
        purposes=[making.purpose("planning", "operations", "identified", **entry), *linkages],
        schedule=[
            making.line("attendance_day.*", "planning", **{"from": ["north"]}),
            making.line("person.first_name", "planning", **{"from": ["north"]}),
            making.line("person.birthdate", "planning", transform="year", **{"from": ["north"]}),
            *([making.line("person.sex", "matching")] if linkages else []),
        ],
        **hiding.document,
    ))  # fmt: skip
    standing = AgreementStatus(document, version_of(document), AgreementState.ACTIVE, "")
    reader = Actor(f"r@{hiding.reader}.example", hiding.reader, "evaluator")
    decision = decide(then=[standing], now=[standing], actor=reader, purpose="planning", on=DAY, today=DAY)
    assert decision.allowed, decision.reasons
    return decision


@contextmanager
def pairs(kind: type[Store], factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Store, Store]]]:
    """By way of hiding a store with few who are hidden, and one with many."""
    with ExitStack() as stack:

        def store(hiding: Hiding, place: int) -> Store:
            engine = stack.enter_context(DuckDBEngine(threads=1, memory_limit="512MB"))
            return kind(decided(hiding), hiding.reader, place, engine, factory.mktemp("store"))

        yield {name: (store(hiding, 0), store(hiding, 1)) for name, hiding in HIDINGS.items()}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Store, Store]]]:
    with pairs(Store, tmp_path_factory) as found:
        yield found


def test_there_are_many_attacks_and_there_will_be_more() -> None:
    """Raise these numbers with the table; never lower them."""
    assert len(set(ATTACKS.values())) == len(ATTACKS) >= 651
    assert len(READ) >= 445
    assert len(READ) * len(HIDINGS) >= 2670


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_hidden_reaches_the_answer(stores: dict[str, tuple[Store, Store]], name: str) -> None:
    # What the grammar refuses is refused before it is known who hides what.
    for hiding in HIDINGS if name in READ else list(HIDINGS)[:1]:
        few, many = (store.outcome(ATTACKS[name]) for store in stores[hiding])
        assert few == many, hiding
        assert not any(word in str(few).replace(ATTACKS[name], "") for word in HIDDEN), hiding


@pytest.mark.parametrize("hiding", HIDINGS)
def test_what_is_granted_is_shown(stores: dict[str, tuple[Store, Store]], hiding: str) -> None:
    """The attacks fail for the right reason: the same reader is answered where it may read."""
    sql = "SELECT p.first_name, p.birthdate FROM person p ORDER BY 1"
    shown = [{"first_name": name, "birthdate": 2012} for name in ("Ada", "Bea", "Cyd")]
    for store in stores[hiding]:
        assert store.outcome(sql) == (["first_name", "birthdate"], sorted(map(str, shown)))


def test_the_few_and_the_many_are_told_by_different_sides(stores: dict[str, tuple[Store, Store]]) -> None:
    few, many = stores["without consent"]
    assert (len(few.people.without), len(many.people.without)) == (1, 0)
