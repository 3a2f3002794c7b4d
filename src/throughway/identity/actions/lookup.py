"""Looking somebody up while they wait: a description against all known records, under a purpose of kind linkage.

What was described is kept nowhere. What is said of known records is read through the gate at that moment and stands in the
ledger; what linkage keeps between its runs only tells where to look.
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
from throughway.identity.actions.granted_records import as_text, questions
from throughway.identity.actions.state_loading import load_state, silent
from throughway.identity.incremental.candidate_search import (
    LIKELY,
    NUMBER,
    ComparedCandidates,
    against,
    nearest,
    probabilities,
)
from throughway.identity.incremental.incoming_records import batch_of, with_nearby_frequencies
from throughway.identity.incremental.linkage_state import LinkageState
from throughway.identity.linkage.candidate_pairs import Integers, record_numbers
from throughway.identity.linkage.comparisons import level_names
from throughway.identity.linkage.evidence_text import Evidence, evidence
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.partners import Actor

MOST = 10  # records that one look-up reads and shows
FIELDS = ("first", "middle", "last", "birthdate", "sex", "street", "phone", "email", "school", "grade")
NAMED = {"first", "last", "birthdate", "phone", "email", "street"}


@dataclass(frozen=True)
class LookupMatch(Evidence):
    """One record that may be of the person described, with the evidence on it."""

    record: int
    partner: str


@dataclass(frozen=True)
class Candidate:
    """One person who may be the one described; `probability` from 0 to 1, rivals counted."""

    person: int
    probability: float
    records: tuple[LookupMatch, ...]


@dataclass(frozen=True)
class LookedUp:
    """Who it may be, the likeliest first, the ledger's id of the disclosure, and families' statements on what was read."""

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
    """Who of all known persons may be the one described. `school`: its number or name, as partners write it; `grade`: of this school
    year, `KG` or `5`.

    Refused for the operator, who reads nobody; under a purpose that is none of linkage or that the reader may not enter (which is
    recorded); when less than two things are described; and where linkage keeps nothing: before its first run, and after a destruction
    until the next.
    """
    described = {
        "first": first, "middle": middle, "last": last, "birthdate": birthdate.isoformat() if birthdate else "", "sex": sex,
        "street": street, "phone": phone, "email": email, "school": school, "grade": grade,
    }  # fmt: skip
    if by.is_operator:
        raise Refused("The operator links records and reads none; say who asks.", code="not_allowed")
    if purpose not in linkage_purposes(date.today()):
        raise Refused(
            "Somebody is looked up under a purpose of kind linkage alone; choose one.", code="not_linkage"
        )
    if sum(bool(described[name].strip()) for name in NAMED) < 2:
        raise Refused(
            "Describe at least two of name, birth date, address, telephone and e-mail.", code="too_little"
        )
    access = gate.enter(actor=by, purpose=purpose)
    asked = questions(
        access.grants, without=() if school.strip() or grade.strip() else ("school_enrollment",)
    )
    if "person" not in asked:
        raise Refused(
            f"The purpose {purpose} does not show names; grant the table person.", code="not_granted"
        )
    kept = load_state()
    if kept is None:
        raise Refused(
            "Nobody can be looked up before the next run of linkage: none has run yet, or records were destroyed or the program "
            "changed since; run `throughway link`.",
            code="not_linked",
        )
    sources = sorted({grant.discloser for grant in access.grants if grant.table == "person"})
    with silent():
        row = rows_of(_tables(described), kept.no_evidence).cast(kept.index.layers[0].rows.schema)
        where = _where(kept, row, sources)
    tables, disclosure = access.few(asked, where.tolist())
    with silent():
        compared = _compared(kept, row, tables)
    return LookedUp(_candidates(compared, tables), disclosure, access.statements)


def _where(kept: LinkageState, row: pa.Table, sources: Sequence[str]) -> Integers:
    """The records to read: those that are likeliest by what linkage keeps. `row`: the description as it is compared."""
    batch = batch_of(row, kept.salt, kept.rules, np.array([NUMBER], np.int64))
    found = nearest(kept.index, batch, kept.weights, sources)
    return found.record[:MOST][found.weight[:MOST] > -8.0]


def _compared(kept: LinkageState, row: pa.Table, tables: Mapping[str, pa.Table]) -> ComparedCandidates:
    """What was read, held against the description; of that, too, only what the gate shows of others speaks."""
    read = rows_of({name: as_text(table) for name, table in tables.items()}, kept.no_evidence)
    rows = pa.concat_tables([row, read.cast(row.schema)])
    places = kept.index.places_of(record_numbers(read))
    if len(places):
        rows = with_nearby_frequencies(rows, kept.index.rows(places, rows.column_names))
    right = np.arange(1, rows.num_rows)
    return against(rows, np.zeros(len(right), np.int64), right, kept.weights)


def _candidates(compared: ComparedCandidates, tables: Mapping[str, pa.Table]) -> tuple[Candidate, ...]:
    partner_of = dict(
        zip(
            tables["person"]["person_record"].to_pylist(),
            tables["person"]["partner"].to_pylist(),
            strict=True,
        )
    )
    persons = gate.links_in_force().persons_of(compared.record)
    likely = probabilities(compared.weight, persons)
    records: dict[int, list[LookupMatch]] = {}
    for at, (record, person) in enumerate(zip(compared.record.tolist(), persons.tolist(), strict=True)):
        records.setdefault(person, []).append(
            LookupMatch(
                **vars(evidence(level_names(compared.pairs.rungs[at].tolist()))),
                record=record,
                partner=partner_of[record],
            )
        )
    found = [
        Candidate(person, round(likely[person], 4), tuple(held))
        for person, held in records.items()
        if likely[person] >= LIKELY
    ]
    return tuple(sorted(found, key=lambda candidate: -candidate.probability))


def _tables(described: Mapping[str, str]) -> dict[str, pa.Table]:
    """The description as the gate would show a record."""
    told = {name: value.strip() or None for name, value in described.items()}
    person = {
        "person_record": NUMBER, "partner": "", "first_name": told["first"], "middle_name": told["middle"],
        "last_or_surname": told["last"], "birthdate": told["birthdate"], "sex": told["sex"],
    }  # fmt: skip
    contact = {
        "person_record": NUMBER, "partner": "", "address_street_number_and_name": told["street"],
        "telephone_number": told["phone"], "electronic_mail_address": told["email"],
    }  # fmt: skip
    enrollment = {
        "person_record": NUMBER, "partner": "", "organization_id": told["school"], "entry_grade_level": _grade(told["grade"]),
        "enrollment_entry_date": date.today().isoformat(),
    }  # fmt: skip
    return {
        name: pa.table({column: pa.array([value], pa.int64() if column == "person_record" else pa.string())
                        for column, value in row.items()})
        for name, row in (("person", person), ("person_contact", contact), ("school_enrollment", enrollment))
    }  # fmt: skip


def _grade(said: str | None) -> str | None:
    """The code of a grade: `05` for `5` or `5th`, `KG` for `K`."""
    digits = re.match(r"[0-9]+", said or "")
    if digits:
        return digits[0].zfill(2)
    return "KG" if said and said[0] in "Kk" else None
