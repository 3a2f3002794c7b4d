"""Families' statements on contested parts of a record, which accompany every disclosure of those parts (34 CFR 99.21(c))."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import CODES, coded
from throughway.consent.amendment import STATEMENT, covers
from throughway.consent.selectors.decisions import statements
from throughway.consent.selectors.rights import FamilyStatement
from throughway.gate.actions.random_codes import codes_of
from throughway.gate.row_scope import RowScope
from throughway.store.actions.links import links_of
from throughway.store.selectors import Snapshot

ID = "person_id"


@dataclass(frozen=True)
class AmendmentStatement:
    """One statement. `person`: the student's id as this answer shows it; `element`: what is contested."""

    code: str
    person: int | str
    element: str
    statement: str
    on: date

    def to_json(self) -> dict[str, object]:
        return {"person_id": self.person, "element": self.element, "statement": self.statement, "on": self.on}

    @property
    def note(self) -> Mapping[str, str]:
        """The statement as the ledger entry records it."""
        return {
            "sentence": f"The family's statement {self.code} on {self.element} went along.",
            "citation": STATEMENT,
        }


def statements_on(
    stored: Snapshot,
    grants: Sequence[Grant],
    linked: Collection[str],
    people: RowScope,
    read: Collection[str],
    seen: Mapping[tuple[str, str], NDArray[np.int64]],
    answer: pa.Table | None,
) -> tuple[AmendmentStatement, ...]:
    """The statements of families on contested parts that an answer shows. `read`: the elements (table.column) that were read;
    `seen`: by table and discloser, the records whose rows can be in the answer. An answer with person ids gets only the statements
    of these persons; protected figures get none."""
    found: dict[str, AmendmentStatement] = {}
    for statement in statements({g.discloser for g in grants}):
        if not covers(statement.element, read):
            continue
        table = statement.element.partition(".")[0]
        for grant in grants:
            if not _gives(grant, table, statement):
                continue
            record = np.array([statement.record], dtype=np.int64)
            if (
                not np.isin(record, seen.get((table, statement.partner), ())).any()
                or not people.allowed(grant, record).size
            ):
                continue
            person = _shown(stored, grant, linked, statement)
            if person is not None and _is_in(answer, person):
                found.setdefault(
                    statement.code,
                    AmendmentStatement(
                        statement.code, person, statement.element, statement.text, statement.on
                    ),
                )
    return tuple(found.values())


def _gives(grant: Grant, table: str, statement: FamilyStatement) -> bool:
    column = statement.element.partition(".")[2]
    return (
        (grant.table, grant.discloser) == (table, statement.partner)
        and grant.form is not AccessForm.AGGREGATE
        and (column == "*" or column in grant.columns)
    )


def _shown(
    stored: Snapshot, grant: Grant, linked: Collection[str], statement: FamilyStatement
) -> int | str | None:
    """The id under which the grant shows the student."""
    record = np.array([statement.record], dtype=np.int64)
    person = int(links_of(stored).persons_of(record)[0]) if grant.discloser in linked else statement.record
    if not coded(grant):
        return person
    codes = codes_of(stored, CODES, grant.codes)
    at = np.flatnonzero(codes["person"].to_numpy() == person)
    return str(codes["code"][int(at[0])].as_py()) if at.size else None


def _is_in(answer: pa.Table | None, person: int | str) -> bool:
    if answer is None or ID not in answer.column_names:
        return True
    return str(person) in {str(each) for each in answer[ID].unique().to_pylist()}
