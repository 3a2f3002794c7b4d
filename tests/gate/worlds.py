"""Random agreements, stores and readers, in the shapes that people write."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.gate.making import CLAUSES
from tests.gate.reference import Reader, World
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.consent.consent_state import ConsentStatus, Events, status_for_purpose
from throughway.consent.right_holders import NEVER, Transfers
from throughway.gate.governed_relations import relation, relation_name
from throughway.gate.row_scope import SPELLS, served
from throughway.partners.debarment import Debarment
from throughway.partners.site_assignment import Site, SiteKind
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.links import Links
from throughway.training.validity import Completed
from throughway.vocabulary import RESTRICTING_TAGS, TABLES

TODAY = date(2026, 10, 1)
DISCLOSERS = ("north", "harbor")
READERS = ("harbor", "hub")
ROLES = ("evaluator", "case_worker")
READ = ("person", "attendance_day", "school_enrollment", "service_received", "person_status")
COLUMNS = {
    "person": ("person_id", "first_name", "birthdate", "sex"),
    "attendance_day": ("person_id", "attendance_event_date", "attendance_status", "attendance_event_reason",
                       "attendance_event_duration_minutes"),
    "school_enrollment": ("person_id", "enrollment_entry_date", "enrollment_exit_date", "entry_grade_level"),
    "service_received": ("person_id", "service_date", "service_entry_date", "service_quantity", "service_notes"),
    "person_status": ("person_id", "english_learner_status", "idea_indicator", "migrant_status"),
}  # fmt: skip
TRANSFORMS = {
    "birthdate": ("year",), "attendance_event_date": ("year",), "first_name": ("mask", "pseudonym"),
    "sex": ("mask", "pseudonym"), "person_id": ("pseudonym",), "idea_indicator": ("mask",),
    "attendance_status": ("mask", "pseudonym"), "attendance_event_duration_minutes": ("band:10", "band:25"),
    "service_quantity": ("band:2", "band:5"), "entry_grade_level": ("mask",),
}  # fmt: skip
DAYS = {name: (list(t.starts), list(t.ends)) for name, t in TABLES.items() if name in (*READ, *SPELLS)}
ELEMENTS = {name: list(TABLES[name].elements) for name in READ}
NAMING = {f"{t}.{e.name}" for t in READ for e in TABLES[t].elements.values() if "identifier" in e.law_tags}
RESTRICTED = {
    f"{t}.{e.name}" for t in READ for e in TABLES[t].elements.values() if e.law_tags & RESTRICTING_TAGS
}
CONDITIONS = {
    ("school_enrollment", "entry_grade_level IN ('06', '07')"): lambda r: (
        r["entry_grade_level"] in ("06", "07")
    ),
    ("school_enrollment", "entry_grade_level <> '06' OR enrollment_exit_date IS NULL"): lambda r: (
        (r["entry_grade_level"] is not None and r["entry_grade_level"] != "06")
        or r["enrollment_exit_date"] is None
    ),
    ("person", "sex = 'Female'"): lambda r: r["sex"] == "Female",
    ("attendance_day", "attendance_event_duration_minutes >= 30"): lambda r: (
        r["attendance_event_duration_minutes"] is not None and r["attendance_event_duration_minutes"] >= 30
    ),
}

ITEMS = {
    "name": [
        f"person.{n}" for n in ("first_name", "middle_name", "last_or_surname", "generation_code_or_suffix")
    ],
    "date of birth": ["person.birthdate"],
    "grade level": ["school_enrollment.entry_grade_level"],
    "dates of attendance": [
        "school_enrollment.enrollment_entry_date",
        "school_enrollment.enrollment_exit_date",
    ],
    "daily attendance": [],  # never directory information, so it names nothing
}

days = st.dates(date(2026, 8, 1), date(2026, 10, 20))
some_days = st.none() | days
people = st.sampled_from((11, 12, 13))


@st.composite
def spans(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first, last = draw(some_days), draw(some_days)
    return (min(first, last), max(first, last)) if first and last else (first, last)


@st.composite
def stored_rows(draw: st.DrawFn, table: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "person_record": draw(people),
        "record": draw(st.integers(0, 10**6)),
        "batch_id": "b1",
    }
    if table == "person":
        row |= {"first_name": draw(st.sampled_from(("Ada", "Émile", "", None))), "birthdate": draw(some_days),
                "sex": draw(st.sampled_from(("Female", "Male", None)))}  # fmt: skip
    elif table == "attendance_day":
        row |= {"attendance_event_date": draw(some_days), "attendance_status": draw(st.sampled_from(("P", "Abs"))),
                "attendance_event_reason": "secret",
                "attendance_event_duration_minutes": draw(st.sampled_from((None, -7.0, 0.0, 29.5, 30.0, 61.0)))}  # fmt: skip
    elif table == "school_enrollment":
        first, last = draw(spans())
        row |= {"enrollment_entry_date": first, "enrollment_exit_date": last,
                "entry_grade_level": draw(st.sampled_from(("06", "07", "08", None))),
                "organization_id": draw(st.sampled_from(("1", "1", "2", None)))}  # fmt: skip
    elif table == "person_status":
        first, last = draw(spans())
        row |= {"valid_from": first, "valid_to": last,
                "english_learner_status": draw(st.sampled_from(("Yes", None, None))),
                "migrant_status": draw(st.sampled_from(("No", None, None))),
                "idea_indicator": draw(st.sampled_from(("Yes", None)))}  # fmt: skip
    elif table == "program_participation":
        first, last = draw(spans())
        row |= {"program_participation_start_date": first, "program_participation_exit_date": last,
                "program_participation_status": draw(st.sampled_from((None, None, "Active", "Exited", "WaitingList", "Withdrew"))),
                "program_identifier": draw(st.sampled_from(("1", "1", "2", None)))}  # fmt: skip
    else:
        first, last = draw(spans())
        row |= {"service_date": draw(some_days), "service_entry_date": first, "service_exit_date": last,
                "service_quantity": draw(st.sampled_from((None, -3.5, 0.0, 1.5, 5.0))), "service_notes": "secret"}  # fmt: skip
    return row


@st.composite
def schedule_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    lines: dict[tuple[str, str | None], dict[str, Any]] = {}
    for _ in range(draw(st.integers(3, 8))):
        table = draw(st.sampled_from(READ))
        column = draw(st.sampled_from(("*", "*", *COLUMNS[table])))
        source = draw(st.sampled_from((None, None, None, *DISCLOSERS)))
        if column != "*" and any(key[0] == f"{table}.{column}" for key in lines):
            continue  # two named lines for one element are blocking
        line: dict[str, Any] = {"element": f"{table}.{column}", "purposes": ["p"], "necessity": "x"}
        if column in TRANSFORMS and draw(st.booleans()):
            line["transform"] = draw(st.sampled_from((*TRANSFORMS[column], "suppress")))
        if source:
            line["from"] = [source]
        lines[line["element"], source] = line
    return list(lines.values())


@st.composite
def populations(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2)))):
        on, where = draw(st.sampled_from(sorted(CONDITIONS)))
        entry: dict[str, Any] = {
            "on": on,
            "where": where,
            "when": draw(st.sampled_from(("fact", "reading", "ever"))),
        }
        if draw(st.booleans()):
            entry["from"] = [draw(st.sampled_from(DISCLOSERS))]
        found.append(entry)
    return found


@dataclass(frozen=True)
class Hangs:
    """The bases and reaches of one world's agreements: mostly one of each, so that its conditions come to matter."""

    bases: tuple[str, ...]
    reaches: tuple[str, ...]
    alone: bool  # nothing else stands in the way: all is scheduled, for everybody


BASES = (
    ("consent",),
    ("consent",),
    ("directory",),
    ("directory",),
    ("study", "consent"),
    ("study", "consent", "directory"),
)
REACHES = (("all",), ("all",), ("roster",), ("site",), ("caseload",), ("all", "roster", "site", "caseload"))
EVERYBODY = (11, 12, 13, 21, 22, 23)


@st.composite
def said(draw: st.DrawFn, agreements: tuple[str, ...]) -> list[dict[str, Any]]:
    """What families decided. A signer is one and the same person for a record, so signs as a parent or as the student."""
    most = draw(st.sets(st.sampled_from(EVERYBODY))) if draw(st.booleans()) else set(EVERYBODY)
    found: list[dict[str, Any]] = [
        {"partner": "north" if record < 20 else "harbor", "record": record, "holder": 1, "student": False,
         "agreement": agreement, "purpose": "*", "decision": "yes", "signed_on": date(2026, 8, 1), "expires": None}
        for record in sorted(most) for agreement in agreements
    ]  # fmt: skip
    for _ in range(draw(st.integers(2, 10))):
        partner = draw(st.sampled_from(DISCLOSERS))
        holder = draw(st.sampled_from((1, 2, 3)))
        decision = draw(st.sampled_from(("yes", "yes", "no", "no", "withdrawn")))
        expires = draw(st.sampled_from((None, None, date(2026, 9, 10), date(2026, 9, 25), TODAY)))
        found.append({
            "partner": partner, "record": draw(people) + (10 if partner == "harbor" else 0), "holder": holder,
            "student": holder == 3, "agreement": draw(st.sampled_from(agreements)),
            "purpose": draw(st.sampled_from(("p", "p", "*", "m"))), "decision": decision,
            "signed_on": draw(st.sampled_from((date(2026, 8, 1), date(2026, 9, 5), date(2026, 9, 18), TODAY, date(2026, 10, 5)))),
            "expires": expires if decision == "yes" else None,
        })  # fmt: skip
    return found


@st.composite
def caseloads(draw: st.DrawFn) -> list[tuple[str, int, date, date]]:
    found = []
    for _ in range(draw(st.integers(0, 8))):
        partner, place = draw(st.sampled_from((("north", 0), ("harbor", 10), ("hub", 20))))
        first = draw(st.sampled_from((date(2026, 8, 1), date(2026, 9, 10))))
        last = draw(st.sampled_from((date.max, date.max, date(2026, 9, 20))))
        found.append((partner, draw(people) + place, first, last))
    return found


# A school and a program may have one id: which of the two is assigned matters.
sites = st.lists(
    st.tuples(
        st.sampled_from(("school", "program")), st.sampled_from(("1", "1", "2")),
        st.sampled_from((date(2026, 8, 1), date(2026, 8, 1), date(2026, 9, 10))),
        st.sampled_from((date.max, date.max, date(2026, 9, 20))),
    ), max_size=4,
)  # fmt: skip


transfers = st.dictionaries(
    people.flatmap(lambda n: st.sampled_from((n, n + 10))),
    st.sampled_from((
        (date(2026, 9, 10),) * 2, (date(2020, 1, 1),) * 2, (date(2030, 1, 1),) * 2, (date(2026, 1, 1), date(2026, 12, 31)),
    )),
    max_size=4,
)  # fmt: skip


bars = st.tuples(
    st.sampled_from(READERS), st.sampled_from(DISCLOSERS), st.sampled_from((date(2022, 1, 1), date(2026, 9, 10))),
    st.sampled_from((date(2026, 9, 20), date(2031, 9, 20))),
)  # fmt: skip


def usually(draw: st.DrawFn, value: Any, *others: Any) -> Any:
    return draw(st.sampled_from((*(value,) * 12, *others)))


@st.composite
def documents(
    draw: st.DrawFn, name: str, above: tuple[str, ...] = (), *, mou: bool = False, hangs: Hangs | None = None,
    form: str = "identified",
) -> dict[str, Any]:  # fmt: skip
    """`hangs`: on what agreements hang beside themselves, where they are to. `form`: of the purpose, one in a community."""
    personal = hangs is not None
    bases = hangs.bases if hangs else ("study",) * 9 + ("partner_records",) * 3 + ("consent",)
    reaches = hangs.reaches if hangs else ("all",) * 12 + ("roster",)
    parties = [{"partner": "north", "roles": ["discloser"]}, {"partner": "harbor", "roles": ["discloser", "recipient"]},
               {"partner": "hub", "roles": usually(draw, ["recipient"], ["steward"])}]  # fmt: skip
    if mou:
        parties = [{**p, "roles": usually(draw, [], p["roles"])} for p in parties][: usually(draw, 3, 2)]
    entries = []
    for source in DISCLOSERS:
        entry = {"id": "p", "kind": "operations", "form": form, "interest": "i", "from": [source],
                 "roles": usually(draw, ["evaluator"], ["case_worker"], ["evaluator", "case_worker"]),
                 "basis": draw(st.sampled_from(bases)), "reach": draw(st.sampled_from(reaches)),
                 "basis_details": {"notice": "n", "items": draw(st.sampled_from((sorted(ITEMS), sorted(ITEMS), ["name"])))}}  # fmt: skip
        if draw(st.booleans()):
            entry["recipients"] = usually(draw, ["hub", "harbor"], ["hub"], ["harbor"])
        entries.append(entry)
        if draw(st.booleans()):
            entries.append({"id": "m", "kind": "linkage", "form": "identified", "interest": "i", "from": [source],
                            "recipients": ["hub"], "roles": ["evaluator"], "basis": usually(draw, "study", "consent", "directory"),
                            "basis_details": {"notice": "n", "items": ["name"]},
                            **({"serves": ["p"]} if draw(st.booleans()) else {})})  # fmt: skip
    window = {"from": draw(st.none() | days), "to": draw(st.none() | st.none() | days)}
    schedule = [*draw(schedule_lines()), {"element": "person.sex", "purposes": ["m"], "necessity": "x"}]
    made = {
        "throughway": "agreement/1", "id": name, "tier": "mou" if mou else "dul" if above else "dsa", "title": "t",
        "under": list(above), "parties": parties,
        "purposes": [] if mou else entries,
        "schedule": [] if mou and draw(st.booleans()) else schedule,
        "custody": [{"basis": "consent", "from": ["north"]}] if personal and draw(st.sampled_from((False, False, True))) else [],
        "population": draw(populations()),
        "records": {k: v for k, v in window.items() if v} if draw(st.sampled_from((True, False, False))) else {},
        "terms": {"effective": usually(draw, date(2026, 1, 1), date(2026, 9, 15)),
                  "expires": usually(draw, date(2027, 1, 1), date(2026, 9, 20)),
                  "minimum_cell": 10, "training": draw(st.sampled_from(([], [], ["ferpa"]))) if personal else usually(draw, [], ["ferpa"]),
                  "destruction": {"within_days": 60, "method": "purge"}},
        "clauses": CLAUSES,
    }  # fmt: skip
    return _opened(made) if hangs and hangs.alone else made


def _opened(made: dict[str, Any]) -> dict[str, Any]:
    """The document with no obstacle except the choices that it depends on."""
    everything = [{"element": f"{table}.*", "purposes": ["p"], "necessity": "x"} for table in READ]
    matching = {"element": "person.sex", "purposes": ["m"], "necessity": "x"}
    for entry in made["purposes"]:
        entry["roles"] = [*ROLES]
        entry.pop("recipients", None)
    days_ = {"effective": date(2026, 1, 1), "expires": date(2027, 1, 1)}
    return made | {
        "schedule": [*everything, matching] if made["schedule"] else [], "population": [], "records": {},
        "terms": made["terms"] | days_,
    }  # fmt: skip


def on_the_same_terms(world: World) -> World:
    """The same where both disclosers signed what the one signed."""

    def of_both(made: dict[str, Any]) -> dict[str, Any]:
        entries = [e | {"from": [*DISCLOSERS]} for e in made["purposes"] if e["from"] == [DISCLOSERS[0]]]
        free = {
            part: [{k: v for k, v in entry.items() if k != "from"} for entry in made[part]]
            for part in ("schedule", "population", "custody")
        }
        named = {line["element"]: line for line in free["schedule"]}
        return made | free | {"purposes": entries, "schedule": [*named.values()]}

    return replace(world, documents=[of_both(made) for made in world.documents])


_documents = documents
COMPLETED: tuple[list[tuple[str, date, date]], ...] = (
    *([("ferpa", date(2026, 1, 1), date(2027, 1, 1))],) * 6,
    [("ferpa", date(2026, 1, 1), date(2027, 1, 1))],
    [("ferpa", date(2026, 1, 1), date(2027, 1, 1)), ("other", date(2026, 1, 1), date(2027, 1, 1))],
    [("ferpa", date(2025, 9, 20), date(2026, 9, 20))],
    [("ferpa", date(2026, 9, 10), date(2027, 9, 10))],
    [("other", date(2026, 1, 1), date(2027, 1, 1))],
    [],
)


@st.composite
def worlds(draw: st.DrawFn, *, personal: bool = False) -> World:
    hangs = (
        Hangs(
            draw(st.sampled_from(BASES)),
            draw(st.sampled_from(REACHES)),
            draw(st.sampled_from((True, True, False))),
        )
        if personal
        else None
    )

    def documents(name: str, above: tuple[str, ...] = (), *, mou: bool = False) -> Any:
        return _documents(name, above, mou=mou, hangs=hangs, form=form)

    form = draw(st.sampled_from(("identified", "identified", "pseudonymous")))

    made = [draw(documents("a"))]
    shape = draw(st.sampled_from(("one", "two", "tiers", "mou", "two above")))
    if shape in ("two", "two above"):
        made.append(draw(documents("b")))
    if shape == "mou":
        made = [draw(documents("mou", mou=True)), draw(documents("a", ("mou",)))]
    if shape == "tiers":
        made.append(draw(documents("l", ("a",))))
    if shape == "two above":
        made.append(draw(documents("l", ("a", "b"))))
    rows = {
        (table, partner): draw(st.lists(stored_rows(table), min_size=1, max_size=6))
        for table in READ
        for partner in DISCLOSERS
    }
    for table, partner in (
        ("program_participation", "harbor"),
        ("program_participation", "hub"),
        ("school_enrollment", "hub"),
    ):
        if personal and (table, partner) not in rows:
            rows[table, partner] = draw(st.lists(stored_rows(table), min_size=0, max_size=3))
    for (_, partner), of_one in rows.items():
        for row in of_one:  # numbers of records are the community's: no two partners share one
            row["person_record"] += {"north": 0, "harbor": 10, "hub": 20}[partner]
    return World(
        elements=ELEMENTS, restricted=RESTRICTED, days=DAYS, rows=rows, documents=made,
        conditions={where: meaning for (_, where), meaning in CONDITIONS.items()},
        links={11: 2**41, 21: 2**41, 31: 2**41, 12: 2**41 + 1, **({13: 2**41 + 1, 22: 2**41 + 2, 32: 2**41 + 2} if personal else {})},
        completed=draw(st.sampled_from(COMPLETED)) if personal else [],
        caseload=draw(caseloads()) if personal else [],
        sites=draw(sites) if personal else [],
        said=draw(said(tuple(d["id"] for d in made))) if personal else [],
        transfers=draw(transfers) if personal else {},
        items=ITEMS, naming=NAMING, telling={"person_status"},
        bars=draw(st.lists(bars, max_size=2)) if draw(st.booleans()) else [],
    )  # fmt: skip


def standings(world: World, day: date) -> list[AgreementStatus]:
    found = []
    for made in world.documents:
        document = AgreementDocument.model_validate(made)
        active = made["terms"]["effective"] <= day <= made["terms"]["expires"]
        state = AgreementState.ACTIVE if active else AgreementState.EXPIRED
        found.append(AgreementStatus(document, version_of(document), state, f"{document.id} is {state}."))
    return found


def completed(world: World) -> list[Completed]:
    return [Completed("r@x.example", course, first, last) for course, first, last in world.completed]


def barred(world: World) -> list[Debarment]:
    return [
        Debarment(1, party, agency, "a finding", first, last) for party, agency, first, last in world.bars
    ]


def links(world: World) -> Links:
    return Links(
        np.array(list(world.links), dtype=np.int64), np.array(list(world.links.values()), dtype=np.int64)
    )


class FromWorld:
    """The gate's own reading of what a world's registers say."""

    def __init__(self, world: World, reader: Reader) -> None:
        self._world, self._reader = world, reader

    def assigned(self, on: date) -> list[tuple[str, int]]:
        return sorted({(p, r) for p, r, first, last in self._world.caseload if first <= on <= last})

    def served(self, on: date) -> NDArray[np.int64]:
        return self._served(on, None)

    def at_sites(self, on: date) -> NDArray[np.int64]:
        held = [
            Site(SiteKind(kind), id) for kind, id, first, last in self._world.sites if first <= on <= last
        ]
        return self._served(on, held)

    def _served(self, on: date, sites: list[Site] | None) -> NDArray[np.int64]:
        partner = self._reader.partner
        with DuckDBEngine(threads=1) as engine:
            for table in SPELLS:
                rows = self._world.rows.get((table, partner), [])
                full = [{name: row.get(name) for name in schemas.schema(table).names} for row in rows]
                stored = pa.Table.from_pylist(full, schema=schemas.schema(table))
                engine.register(relation_name(table, partner), stored)
            query = served(partner, relation=relation, on=on, sites=sites)
            return np.sort(engine.run(query.sql(dialect="duckdb"))["record"].to_numpy())

    def words(self, choice: RequiredFamilyChoice, discloser: str, on: date) -> ConsentStatus:
        of_both = [
            e for e in self._world.said if (e["agreement"], e["partner"]) == (choice.agreement, discloser)
        ]
        by_purpose = {
            purpose: events([e for e in of_both if e["purpose"] == purpose])
            for purpose in {e["purpose"] for e in of_both}
        }
        return status_for_purpose(by_purpose, choice.purpose, on, rights(self._world))

    def held(self, tables: Collection[str], discloser: str) -> NDArray[np.int64]:
        numbers = {
            row["person_record"] for table in tables for row in self._world.rows.get((table, discloser), [])
        }
        return np.array(sorted(numbers), dtype=np.int64)


def events(of_one: list[dict[str, Any]]) -> Events:
    return Events(
        record=np.array([e["record"] for e in of_one], dtype=np.int64),
        holder=np.array([e["holder"] for e in of_one], dtype=np.int64),
        signed=np.array([e["signed_on"].toordinal() for e in of_one], dtype=np.int64),
        until=np.array([e["expires"].toordinal() if e["expires"] else NEVER for e in of_one], dtype=np.int64),
        refuses=np.array([e["decision"] != "yes" for e in of_one], dtype=np.bool_),
        student=np.array([e["student"] for e in of_one], dtype=np.bool_),
    )


def rights(world: World) -> Transfers:
    ordered = sorted(world.transfers)
    after, by = ([world.transfers[r][side].toordinal() for r in ordered] for side in (0, 1))
    return Transfers(*(np.array(column, dtype=np.int64) for column in (ordered, after, by)))
