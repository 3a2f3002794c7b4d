"""Finds students by name among those whom the reader may open, and reads no others.

Linkage keeps an index of names. It only says which records to read; these are read through the gate under the reader's own purpose, with
an entry of the ledger that names them, and a student is found by the name that the purpose shows. So a name that is masked, or not
granted, finds nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from throughway.agreements.grant import Grant
from throughway.casework.selectors import CaseworkReader, summaries_of
from throughway.casework.student_facts import Row, stay_of
from throughway.casework.student_summary import PARTS, StudentIdentity, StudentSummary, identify_student
from throughway.core.refusals import Refused
from throughway.gate.actions import AmendmentStatement, GovernedAccess, enter
from throughway.identity.actions.name_search import index_of_names
from throughway.identity.close_names import CloseWords
from throughway.identity.name_index import alike, has_name, words_of
from throughway.partners.actor import Actor
from throughway.partners.selectors import partner_names
from throughway.vocabulary import TABLES

MOST = 25  # records that one search reads by the index
ALIKE = 0.6  # from this likeness on, a student is suggested: of three words two, of two both
MOST_UNINDEXED = 500  # records that the index does not have yet, which are then all read
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "person": PARTS,
    "school_enrollment": (
        "organization_id", "school_year", "enrollment_entry_date", "enrollment_exit_date", "entry_grade_level",
        "homeroom",
    ),
    "organization": ("organization_id", "organization_name"),
}  # fmt: skip


@dataclass(frozen=True)
class FoundStudents:
    """`students`: the id that queries show, and who it is, by name. `more`: others fit too, so more of the name is needed. `unindexed`:
    there are records that no search by name finds before the next run of linkage. `summaries`: of these students, as in the list, where they
    were asked for."""

    students: tuple[tuple[int, StudentIdentity], ...] = ()
    more: bool = False
    unindexed: bool = False
    statements: tuple[AmendmentStatement, ...] = ()
    summaries: Mapping[int, StudentSummary] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[int, StudentIdentity, StudentSummary | None]]:
        """Each student with the summary that the list shows."""
        return [(person, who, self.summaries.get(person)) for person, who in self.students]


def find_my_students(actor: Actor, reader: CaseworkReader, text: str, today: date) -> FoundStudents:
    """The students of a case worker or program manager, under each purpose of kind casework that they may use."""
    found: dict[int, StudentIdentity] = {}
    summaries: dict[int, StudentSummary] = {}
    parts: list[FoundStudents] = []
    for purpose in reader.purposes if reader.closed is None else ():
        try:
            access = enter(actor=actor, purpose=purpose)
            with access.one_state():
                parts.append(find_students(access, text, today))
                new = [person for person, _ in parts[-1].students if person not in found]
                read = summaries_of(access, reader, new) if new else None
        except Refused:
            continue
        found = dict(parts[-1].students) | found
        if read is not None:
            summaries = read.students | summaries
            parts.append(FoundStudents(statements=tuple(read.answer.statements)))
    return FoundStudents(
        _in_order(found, words_of(text)),
        any(part.more for part in parts),
        any(part.unindexed for part in parts),
        tuple(dict.fromkeys(statement for part in parts for statement in part.statements)),
        summaries,
    )


def find_students(access: GovernedAccess, text: str, today: date) -> FoundStudents:
    """Those whom the purpose shows the reader by a name in which each word of `text` begins a word; then those in which it is close to one
    (`identity.close_names`). Refused where the purpose does not show who the students are."""
    words, asked = words_of(text), _questions(access.grants)
    if "person" not in asked or not any(len(word) > 1 for word in words):
        return FoundStudents()
    reached = access.reached("person")
    index = index_of_names()
    fitting = np.intersect1d(index.find(words), reached, assume_unique=True) if index else reached[:0]
    others = np.setdiff1d(reached, index.known, assume_unique=True) if index else reached
    unindexed = len(others) > MOST_UNINDEXED
    read = [*fitting[:MOST].tolist(), *([] if unindexed else others.tolist())]
    if index and len(fitting) < MOST:
        close = index.find_alike(words)
        close = close[np.isin(close, reached) & ~np.isin(close, fitting)]
        read += close[: MOST - len(fitting)].tolist()
    if not read:
        return FoundStudents(unindexed=unindexed)
    found = read_students(access, read, today, words=text)
    return replace(found, more=len(fitting) > MOST, unindexed=unindexed)


def read_students(
    access: GovernedAccess, records: Sequence[int], today: date, *, words: str = "", group: str = ""
) -> FoundStudents:
    """The students with these record numbers, as far as the purpose shows their names, under one entry that names them alone. `words`:
    only those with such a name; `group`: only of this grade or homeroom today."""
    asked = _questions(access.grants)
    if not records or "person" not in asked:
        return FoundStudents()
    answer = access.few_students(asked, records)
    held = _by_person({name: table.to_pylist() for name, table in answer.tables.items()})
    schools = {
        str(row.get("organization_id")): str(row.get("organization_name") or "")
        for row in answer.tables["organization"].to_pylist()
    } if "organization" in answer.tables else {}  # fmt: skip
    partners, wanted = partner_names(), words_of(words)
    found = {
        person: identify_student(tables, schools, partners, today)
        for person, tables in held.items()
        if not group or _in_group(tables, group)
    }
    fitting = _named(found, wanted) if wanted else found
    return FoundStudents(_in_order(fitting, wanted), statements=answer.statements)


def _named(found: Mapping[int, StudentIdentity], wanted: Sequence[str]) -> dict[int, StudentIdentity]:
    """Those in whose name, as the purpose shows it, each of the words begins a word or is close to one."""
    names = {person: words_of(who.name) for person, who in found.items()}
    close = CloseWords(word for shown in names.values() for word in shown).of(wanted)
    return {
        person: found[person]
        for person, shown in names.items()
        if all(any(part.startswith(word) or part in close[word] for part in shown) for word in wanted)
    }


@dataclass(frozen=True)
class AlikeStudent:
    """`alike`: from 0 to 1; `exact`: the same words in any order, but for letter case and accents."""

    person: int
    who: StudentIdentity
    alike: float
    exact: bool


def students_alike(
    access: GovernedAccess, name: str, today: date, apart_from: Collection[int] = ()
) -> list[AlikeStudent]:
    """The students whom the purpose shows by a name like this one, in any order of words, whole or in part, the most alike first. Records
    that linkage keeps no name of are all read, so that nobody is passed over. `apart_from`: numbers of records that are not read."""
    words = words_of(name)
    if "person" not in _questions(access.grants) or not words:
        return []
    reached = np.setdiff1d(access.reached("person"), np.array(sorted(apart_from), dtype=np.int64))
    index = index_of_names()
    read = reached.tolist()
    if index:
        alike_first = index.find_alike(words, least=1)
        read = alike_first[np.isin(alike_first, reached)][:MOST].tolist()
        read += np.setdiff1d(reached, index.known, assume_unique=True).tolist()
    shown = dict(read_students(access, read, today).students) if read else {}
    names = {person: words_of(who.name) for person, who in shown.items()}
    close = CloseWords(word for each in names.values() for word in each).of(words)
    found = [
        AlikeStudent(person, shown[person], alike(own, words, close), sorted(own) == sorted(words))
        for person, own in names.items()
    ]
    return sorted(
        (each for each in found if each.alike >= ALIKE),
        key=lambda each: (not each.exact, -each.alike, each.who.name.casefold(), each.person),
    )


def _in_group(tables: Mapping[str, Sequence[Row]], group: str) -> bool:
    """Whether the student's present enrollment has that grade or homeroom."""
    stay, wanted = stay_of(tables), group.strip().casefold()
    if stay is None:
        return False
    grade, homeroom = (str(stay.get(name) or "").casefold() for name in ("entry_grade_level", "homeroom"))
    return wanted == homeroom or wanted.zfill(len(grade)) == grade


def _questions(grants: Sequence[Grant]) -> dict[str, str]:
    """The SQL for each table of which something is granted."""
    shown: dict[str, set[str]] = {}
    for grant in grants:
        if grant.table in COLUMNS:
            shown.setdefault(grant.table, set()).update(
                name for name, transform in grant.columns.items() if transform.name != "suppress"
            )
    read = {
        table: [name for name in names if name in shown.get(table, ())] for table, names in COLUMNS.items()
    }
    return {
        table: f"SELECT {', '.join([*(['person_id'] if TABLES[table].of_person else []), *names])} FROM {table}"
        for table, names in read.items()
        if names
    }


def _by_person(tables: Mapping[str, list[Row]]) -> dict[int, dict[str, list[Row]]]:
    """The rows of each person that has a row of its own name."""
    held: dict[int, dict[str, list[Row]]] = {}
    for table in ("person", "school_enrollment"):
        for row in tables.get(table, ()):
            if row["person_id"] is not None:
                held.setdefault(int(str(row["person_id"])), {}).setdefault(table, []).append(row)
    return {person: of_each for person, of_each in held.items() if "person" in of_each}


def _in_order(
    found: Mapping[int, StudentIdentity], wanted: Sequence[str]
) -> tuple[tuple[int, StudentIdentity], ...]:
    """By name; those whose name has the words as they were typed come first."""
    return tuple(
        sorted(
            found.items(),
            key=lambda each: (not has_name(each[1].name, wanted), each[1].name.casefold(), each[0]),
        )
    )
