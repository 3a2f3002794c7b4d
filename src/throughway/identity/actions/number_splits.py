"""What a run says of persons whom earlier runs had joined although a partner's own system numbers them as several students."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa

from throughway.core.prose import counted, listed
from throughway.identity.linkage.candidate_pairs import record_numbers
from throughway.identity.linkage.own_numbers import NO_SYSTEM, OwnNumbers, own_numbers
from throughway.identity.person_ids import Assignment, PersonEvent, PersonEventKind

MOST = 20  # persons who are named in the sentence


def split_by_numbers(assignment: Assignment, rows: pa.Table, lists: Collection[str]) -> list[PersonEvent]:
    """The splits that part two numbers of one system. `rows`: those of `comparable`; `lists`: see `own_numbers`."""
    splits = [event for event in assignment.events if event.kind is PersonEventKind.SPLIT]
    if not splits:
        return []
    numbers, known = own_numbers(rows, lists), record_numbers(rows)
    return [event for event in splits if _parts_numbers(event, numbers, known)]


def _parts_numbers(event: PersonEvent, numbers: OwnNumbers, known: np.ndarray) -> bool:
    """Whether two persons of the split have two students of one system."""
    of_student: dict[int, dict[int, int]] = {}
    for person, records in event.after.items():
        for row in np.searchsorted(known, np.array(records)).tolist():
            system, student = int(numbers.system[row]), int(numbers.student[row])
            if system != NO_SYSTEM:
                of_student.setdefault(system, {})[student] = person
    return any(len(set(persons.values())) > 1 for persons in of_student.values())


def sentence_of(splits: Sequence[PersonEvent]) -> Iterator[str]:
    """Which persons were split, and what to do where that is wrong; nothing where none was."""
    if not splits:
        return
    persons = [str(event.persons[0]) for event in splits]
    more = (
        f" and {len(persons) - MOST:,} more, which the list of changes has (throughway link events)"
        if len(persons) > MOST
        else ""
    )
    yield (
        f"{counted(len(splits), 'person')} of earlier runs {'was' if len(splits) == 1 else 'were'} split, because a partner’s own system gives "
        f"their records different student numbers: {listed(persons[:MOST]) if not more else ', '.join(persons[:MOST])}{more}. Where two numbers "
        "are one student’s, undo the split on the person’s page, or decide the pair."
    )
