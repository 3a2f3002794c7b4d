"""Reads names under a purpose of kind linkage: to look up a described person, and to show the records of one known person.

A description is not stored. Known records are read through the gate and recorded in the ledger at that moment; the data that linkage
keeps between runs only says which records to read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from throughway.agreements.selectors import linkage_purposes
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.gate.actions import AmendmentStatement
from throughway.identity.actions.granted_records import as_text, queries, without_engine_messages
from throughway.identity.actions.run_record import load_state
from throughway.identity.incremental.incoming_records import (
    DESCRIPTION,
    ComparedCandidates,
    compare_with_description,
    incoming,
    nearest,
    probabilities,
    with_nearby_frequencies,
)
from throughway.identity.incremental.linkage_state import LinkageState
from throughway.identity.linkage.candidate_pairs import Integers, record_numbers
from throughway.identity.linkage.comparisons import level_names
from throughway.identity.linkage.evidence_text import Evidence, Similarities, compare_records, evidence
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.partners import Actor

MOST = 10  # the most records that one look-up reads and shows
LEAST_WEIGHT = -8.0  # bits; a known record below it is not read
LEAST_PROBABILITY = 0.01  # a candidate below it is not shown
UNLIKE_PERSONS = ("program_participation",)  # read by no comparison of two records
IDENTIFYING = {"first", "last", "birthdate", "phone", "email", "street"}


@dataclass(frozen=True)
class LookupMatch(Evidence):
    """One record that may belong to the described person, with its evidence."""

    record: int
    partner: str


@dataclass(frozen=True)
class Candidate:
    """One person who may be the described one. `probability`: from 0 to 1, taking rivals into account."""

    person: int
    probability: float
    records: tuple[LookupMatch, ...]


@dataclass(frozen=True)
class LookedUp:
    """The candidates, most likely first; the ledger's id of the disclosure; and families' statements on the records that were read."""

    candidates: tuple[Candidate, ...]
    disclosure: str
    statements: tuple[AmendmentStatement, ...] = ()


def look_up(
    *,
    first: str = "",
    last: str = "",
    birthdate: date | None = None,
    middle: str = "",
    sex: str = "",
    street: str = "",
    phone: str = "",
    email: str = "",
    school: str = "",
    grade: str = "",
    purpose: str,
    by: Actor,
) -> LookedUp:
    """Finds the known persons who may be the one described. `school`: its number or name, as partners write it; `grade`: of this school
    year, `KG` or `5`.

    Refused for the operator, who reads nobody; under a purpose that is not of kind linkage or that the reader may not enter (which is
    recorded); where less than two things are described; and where linkage keeps nothing: before its first run, and after a destruction
    until the next.
    """
    described = {
        "first": first, "middle": middle, "last": last, "birthdate": birthdate.isoformat() if birthdate else "", "sex": sex,
        "street": street, "phone": phone, "email": email, "school": school, "grade": grade,
    }  # fmt: skip
    if by.is_operator:
        raise Refused(
            "The operator links records but cannot read them; name the reader with --as.", code="not_allowed"
        )
    if purpose not in linkage_purposes(date.today()):
        raise Refused(
            "A person can be looked up only under a purpose of kind linkage; choose one.", code="not_linkage"
        )
    if sum(bool(described[name].strip()) for name in IDENTIFYING) < 2:
        raise Refused(
            "Enter at least two of name, birth date, address, telephone and e-mail.", code="too_little"
        )
    access = gate.enter(actor=by, purpose=purpose)
    unused = () if school.strip() or grade.strip() else ("school_enrollment",)
    wanted = queries(access.grants, without=(*unused, *UNLIKE_PERSONS))
    if "person" not in wanted:
        raise _no_names(purpose)
    state = load_state()
    if state is None:
        raise Refused(
            "Nobody can be looked up before the next run of linkage: none has run yet, or records were destroyed or the program "
            "changed since; run `throughway link`.",
            code="not_linked",
        )
    sources = sorted({grant.discloser for grant in access.grants if grant.table == "person"})
    with without_engine_messages():
        row = rows_of(_tables(described), state.no_evidence).cast(state.known.rows.schema)
        numbers = _records_to_read(state, row, sources)
    tables, disclosure = access.few(wanted, numbers.tolist())
    with without_engine_messages():
        compared = _compared(state, row, tables)
    return LookedUp(_candidates(compared, tables), disclosure, access.statements)


def _no_names(purpose: str) -> Refused:
    return Refused(f"The purpose {purpose} does not show names; grant the table person.", code="not_granted")


def _records_to_read(state: LinkageState, row: pa.Table, sources: Sequence[str]) -> Integers:
    """The most likely known records. `row`: the description, standardized for comparison."""
    description = incoming(row, state.salt, state.rules, np.array([DESCRIPTION], np.int64))
    found = nearest(state.known, description, state.weights, sources)
    return found.record[:MOST][found.weight[:MOST] > LEAST_WEIGHT]


def _compared(state: LinkageState, row: pa.Table, tables: Mapping[str, pa.Table]) -> ComparedCandidates:
    """The records that were read, compared with the description; only values that the gate shows are evidence."""
    read = rows_of({name: as_text(table) for name, table in tables.items()}, state.no_evidence)
    rows = pa.concat_tables([row, read.cast(row.schema)])
    places = state.known.places_of(record_numbers(read))
    if len(places):
        rows = with_nearby_frequencies(rows, state.known.take(places, rows.column_names))
    right = np.arange(1, rows.num_rows)
    return compare_with_description(rows, np.zeros(len(right), np.int64), right, state.weights)


def _candidates(compared: ComparedCandidates, tables: Mapping[str, pa.Table]) -> tuple[Candidate, ...]:
    people = tables["person"]
    partners = dict(zip(people["person_record"].to_pylist(), people["partner"].to_pylist(), strict=True))
    persons = gate.links_in_force().persons_of(compared.record)
    likely = probabilities(compared.weight, persons)
    records: dict[int, list[LookupMatch]] = {}
    for at, (record, person) in enumerate(zip(compared.record.tolist(), persons.tolist(), strict=True)):
        found = evidence(level_names(compared.pairs.rungs[at].tolist()))
        records.setdefault(person, []).append(
            LookupMatch(**vars(found), record=record, partner=partners[record])
        )
    candidates = [
        Candidate(person, round(likely[person], 4), tuple(held))
        for person, held in records.items()
        if likely[person] >= LEAST_PROBABILITY
    ]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.probability))


def _tables(described: Mapping[str, str]) -> dict[str, pa.Table]:
    """The description as the gate would show a record."""
    known = {name: value.strip() or None for name, value in described.items()}
    rows = {
        "person": {
            "first_name": known["first"], "middle_name": known["middle"], "last_or_surname": known["last"],
            "birthdate": known["birthdate"], "sex": known["sex"],
        },
        "person_contact": {
            "address_street_number_and_name": known["street"], "telephone_number": known["phone"],
            "electronic_mail_address": known["email"],
        },
        "school_enrollment": {
            "organization_id": known["school"], "entry_grade_level": _grade_code(known["grade"]),
            "enrollment_entry_date": date.today().isoformat(),
        },
    }  # fmt: skip
    return {
        name: pa.table(
            {"person_record": pa.array([DESCRIPTION], pa.int64())}
            | {column: pa.array([value], pa.string()) for column, value in ({"partner": ""} | row).items()}
        )
        for name, row in rows.items()
    }


def _grade_code(text: str | None) -> str | None:
    """The code of a grade: `05` for `5` or `5th`, `KG` for `K`."""
    digits = re.match(r"[0-9]+", text or "")
    if digits:
        return digits[0].zfill(2)
    return "KG" if text and text[0] in "Kk" else None


@dataclass(frozen=True)
class NamedRecord:
    """One record with the values that the purpose shows, by column of the table `person`."""

    record: int
    partner: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class PersonNames:
    """A person's records with names, the evidence on every two of them, and the ledger's ids of the disclosures."""

    records: Sequence[NamedRecord]
    alike: Sequence[Similarities]
    disclosures: Sequence[str]
    statements: Sequence[AmendmentStatement] = ()


def names_of(*, person: int, records: Sequence[int], purpose: str, by: Actor) -> PersonNames:
    """Reads names, contacts and identifiers of these records under a linkage purpose.

    Refused where the purpose is not of kind linkage, may not be entered, or does not show the table `person`.
    """
    if purpose not in linkage_purposes(date.today()):
        raise Refused(
            "Names are shown here only under a purpose of kind linkage; choose one.", code="not_linkage"
        )
    access = gate.enter(actor=by, purpose=purpose)
    # Under the person's id where links may be shown, else under each record's own number.
    ids = ", ".join(str(int(number)) for number in (person, *records))
    tables: dict[str, pa.Table] = {}
    disclosures = []
    for name, sql in queries(access.grants, without=UNLIKE_PERSONS, where=f"person_id IN ({ids})").items():
        table, disclosure = access.table(sql)
        tables[name] = as_text(table)
        disclosures.append(disclosure)
    if "person" not in tables:
        raise _no_names(purpose)
    named = [_named(row) for row in tables["person"].to_pylist()]
    return PersonNames(named, compare_records(tables), disclosures, access.statements)


def _named(row: Mapping[str, object]) -> NamedRecord:
    values = {name: str(value) for name, value in row.items() if value not in (None, "")}
    record, partner = int(values.pop("person_record")), values.pop("partner", "")
    return NamedRecord(record, partner, values)
