"""The counts of a study as tables to be protected: whom it compared, who had other help, how far students came, and who only asked."""

from collections.abc import Iterator, Mapping

import numpy as np

from throughway.evidence.program_participants import ASKED, DECLINED
from throughway.evidence.registered_study import STUDENT, TREATMENT
from throughway.evidence.student_rows import StudyRows
from throughway.publication import RawCell, RawTable
from throughway.store.record_numbers import Numbers

COMPARED, ASKED_TITLE = "Students compared", "Students who asked for the program and did not begin"
GROUP, ELSEWHERE, STEP, STANDING = "group", "other programs", "how far they came", "standing"
PARTICIPANTS, COMPARISON, LEFT_OUT = "participants compared", "comparison students", "left out"
YES, NO = "in another program too", "in no other program"


def compared(rows: StudyRows, used: np.ndarray) -> Mapping[str, Numbers]:
    """The persons of each group, each in one: a participant of any school year is none of the comparison students. `used`: the rows
    behind the estimate."""
    people, treated = rows.frame[STUDENT].to_numpy(np.int64), rows.frame[TREATMENT].to_numpy() == 1
    participants = np.unique(people[used & treated])
    comparison = np.setdiff1d(people[used], participants)
    left_out = np.setdiff1d(people, np.concatenate([participants, comparison]))
    return {PARTICIPANTS: participants, COMPARISON: comparison, LEFT_OUT: left_out}


def raw_tables(
    groups: Mapping[str, Numbers], rows: StudyRows, minimum_cell: int, *, asked_are_compared: bool
) -> tuple[RawTable, ...]:
    """Never shown: counts before protection.

    How far students came is counted of the participants compared, so that no two counts of nearly the same students stand side by side.
    Other programs are told of only where enough students of each group are in one and enough in none: else a small part would have the
    groups themselves withheld, which say more. Those of a lottery who had no place are its comparison students.
    """
    whole = [
        RawCell({GROUP: name}, count=each.size, persons=each, worth=4.0) for name, each in groups.items()
    ]
    reached = [
        RawCell({GROUP: PARTICIPANTS, STEP: step}, count=part.size, persons=part)
        for step, persons in rows.steps.items()
        if step not in (ASKED, DECLINED) and (part := np.intersect1d(persons, groups[PARTICIPANTS])).size
    ]
    told = all(cell.count >= minimum_cell for cell in reached) and len(reached) > 1
    parts = list(_elsewhere(groups, rows))
    beside = all(part.count >= minimum_cell for part in parts)
    cells = (*whole, *(reached if told else ()), *(parts if beside else ()))
    waiting = tuple(
        RawCell({STANDING: step}, count=rows.steps[step].size, persons=rows.steps[step])
        for step in (ASKED, DECLINED)
        if not asked_are_compared and rows.steps[step].size
    )
    tables = (
        RawTable(COMPARED, (GROUP, STEP, ELSEWHERE), cells),
        RawTable(ASKED_TITLE, (STANDING,), waiting),
    )
    return tuple(table for table in tables if table.cells)


def _elsewhere(groups: Mapping[str, Numbers], rows: StudyRows) -> Iterator[RawCell]:
    for name in (PARTICIPANTS, COMPARISON):
        inside, outside = (
            np.intersect1d(groups[name], rows.elsewhere),
            np.setdiff1d(groups[name], rows.elsewhere),
        )
        yield RawCell({GROUP: name, ELSEWHERE: YES}, count=inside.size, persons=inside)
        yield RawCell({GROUP: name, ELSEWHERE: NO}, count=outside.size, persons=outside)
