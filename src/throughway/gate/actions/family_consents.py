"""Which consents of a family are in force for a reader, student by student: the gate's own answer, without a row of any record."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from throughway.agreements.enums import Basis
from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.row_filter import CONSENTED
from throughway.gate.actions.governed_access import GovernedAccess
from throughway.store.actions.links import links_of


@dataclass(frozen=True)
class FamilyConsents:
    """One student's person id and record numbers; the choices that the purpose requires (`asked`), and those of them with a consent
    in force (`consented`), each with the discloser whose records it opens."""

    person: int
    records: tuple[int, ...]
    consented: frozenset[tuple[RequiredFamilyChoice, str]]
    asked: frozenset[tuple[RequiredFamilyChoice, str]]


def families(access: GovernedAccess, ids: Sequence[int]) -> dict[int, FamilyConsents]:
    """The family of each of these students, named by a record number or a person's id."""
    asked = frozenset(
        (choice, grant.discloser)
        for grant in access.grants
        for choice in grant.choices
        if choice.basis is Basis.CONSENT
    )
    with access.one_state() as stored:
        links, people = links_of(stored), access.people(stored)
        open_to = {each: people.records(CONSENTED, each[0].of(each[1])) for each in asked}
        persons = links.persons_of(np.array(ids, dtype=np.int64))
        found = {}
        for id, person in zip(ids, persons.tolist(), strict=True):
            records = links.records_of((person,))
            given = frozenset(each for each, numbers in open_to.items() if np.isin(records, numbers).any())
            found[id] = FamilyConsents(int(person), tuple(int(r) for r in records), given, asked)
    return found
