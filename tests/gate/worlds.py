"""Random agreements, stores and readers, in the shapes that people write."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.gate.making import CLAUSES
from tests.gate.reference import World
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.lifecycle import Standing, State
from throughway.vocabulary import RESTRICTING_TAGS, TABLES

TODAY = date(2026, 10, 1)
DISCLOSERS = ("north", "harbor")
READERS = ("harbor", "hub")
ROLES = ("evaluator", "case_worker")
READ = ("person", "attendance_day", "school_enrollment", "service_received")
COLUMNS = {
    "person": ("person_id", "first_name", "birthdate", "sex"),
    "attendance_day": ("person_id", "attendance_event_date", "attendance_status", "attendance_event_reason",
                       "attendance_event_duration_minutes"),
    "school_enrollment": ("person_id", "enrollment_entry_date", "enrollment_exit_date", "entry_grade_level"),
    "service_received": ("person_id", "service_date", "service_entry_date", "service_quantity", "service_notes"),
}  # fmt: skip
TRANSFORMS = {
    "birthdate": ("year",), "attendance_event_date": ("year",), "first_name": ("mask",), "sex": ("mask",),
    "attendance_status": ("mask",), "attendance_event_duration_minutes": ("band:10", "band:25"),
    "service_quantity": ("band:2", "band:5"), "entry_grade_level": ("mask",),
}  # fmt: skip
DAYS = {name: (list(t.starts), list(t.ends)) for name, t in TABLES.items() if name in READ}
ELEMENTS = {name: list(TABLES[name].elements) for name in READ}
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
                "entry_grade_level": draw(st.sampled_from(("06", "07", "08", None)))}  # fmt: skip
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


def usually(draw: st.DrawFn, value: Any, *others: Any) -> Any:
    return draw(st.sampled_from((*(value,) * 12, *others)))


@st.composite
def documents(
    draw: st.DrawFn, name: str, above: tuple[str, ...] = (), *, mou: bool = False
) -> dict[str, Any]:
    parties = [{"partner": "north", "roles": ["discloser"]}, {"partner": "harbor", "roles": ["discloser", "recipient"]},
               {"partner": "hub", "roles": usually(draw, ["recipient"], ["steward"])}]  # fmt: skip
    if mou:
        parties = [{**p, "roles": usually(draw, [], p["roles"])} for p in parties][: usually(draw, 3, 2)]
    entries = []
    for source in DISCLOSERS:
        entry = {"id": "p", "kind": "operations", "form": "identified", "interest": "i", "from": [source],
                 "roles": usually(draw, ["evaluator"], ["case_worker"], ["evaluator", "case_worker"]),
                 "basis": usually(draw, "study", "consent"), "reach": usually(draw, "all", "roster")}  # fmt: skip
        if draw(st.booleans()):
            entry["recipients"] = usually(draw, ["hub", "harbor"], ["hub"], ["harbor"])
        entries.append(entry)
        if draw(st.booleans()):
            entries.append({"id": "m", "kind": "linkage", "form": "identified", "interest": "i", "from": [source],
                            "recipients": ["hub"], "roles": ["evaluator"], "basis": usually(draw, "study", "consent"),
                            **({"serves": ["p"]} if draw(st.booleans()) else {})})  # fmt: skip
    window = {"from": draw(st.none() | days), "to": draw(st.none() | st.none() | days)}
    schedule = [*draw(schedule_lines()), {"element": "person.sex", "purposes": ["m"], "necessity": "x"}]
    return {
        "throughway": "agreement/1", "id": name, "tier": "mou" if mou else "dul" if above else "dsa", "title": "t",
        "under": list(above), "parties": parties,
        "purposes": [] if mou else entries,
        "schedule": [] if mou and draw(st.booleans()) else schedule,
        "population": draw(populations()),
        "records": {k: v for k, v in window.items() if v} if draw(st.sampled_from((True, False, False))) else {},
        "terms": {"effective": usually(draw, date(2026, 1, 1), date(2026, 9, 15)),
                  "expires": usually(draw, date(2027, 1, 1), date(2026, 9, 20)),
                  "minimum_cell": 10, "training": usually(draw, [], ["ferpa"]),
                  "destruction": {"within_days": 60, "method": "purge"}},
        "clauses": CLAUSES,
    }  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
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
    for (_, partner), of_one in rows.items():
        for row in of_one:  # numbers of records are the community's: no two partners share one
            row["person_record"] += 10 if partner == "harbor" else 0
    return World(
        elements=ELEMENTS, restricted=RESTRICTED, days=DAYS, rows=rows, documents=made,
        conditions={where: meaning for (_, where), meaning in CONDITIONS.items()},
        links={11: 2**41, 21: 2**41, 12: 2**41 + 1},
    )  # fmt: skip


def standings(world: World, day: date) -> list[Standing]:
    found = []
    for made in world.documents:
        document = AgreementDocument.model_validate(made)
        active = made["terms"]["effective"] <= day <= made["terms"]["expires"]
        state = State.ACTIVE if active else State.EXPIRED
        found.append(Standing(document, version_of(document), state, f"{document.id} is {state}."))
    return found
