"""What a reader learns of a purpose without a row of it, and so without an entry of the ledger: how far the records reach, whom the purpose
may show, and why a student is open."""

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from throughway.gate import program_group
from throughway.gate.actions.access_basis import AccessBasis, access_basis
from throughway.gate.actions.current_row_scope import records, records_among
from throughway.gate.actions.empty_cells import hidden_rows
from throughway.gate.actions.governed_writing import GovernedWriting
from throughway.gate.actions.student_record import not_reached
from throughway.gate.hidden_rows import HiddenRows
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import NOBODY
from throughway.store.record_numbers import distinct as distinct_numbers
from throughway.vocabulary import TABLES

EIGHT_WEEKS = timedelta(weeks=8)


class GovernedFacts(GovernedWriting):
    """Facts about the records of the purpose."""

    def last_days(self, table: str) -> dict[str, date | None]:
        """The day of the newest row of a table that the purpose shows, by discloser; None where there is none. It describes all
        records of a partner, never a single student's."""
        found: dict[str, date | None] = {}
        with self.one_state() as stored:
            for grant in (g for g in self.grants if g.table == table):
                first, last = grant.records
                day = stored.last_day(table, grant.discloser, min(self.on, last or self.on))
                known = found.setdefault(grant.discloser, None)
                if day is not None and day >= (first or day):
                    found[grant.discloser] = max(day, known or day)
        return found

    def hidden(
        self, records: Collection[int], *, since: date, tables: Collection[str] = tuple(TABLES)
    ) -> dict[int, frozenset[HiddenRows]]:
        """By record number, the rows of the tables since that day that came in about these learners and that the purpose does not show,
        because a cell that its agreement's rule reads is empty. Ask only about learners of whom the same page shows rows, so that its entry names them."""
        with self.one_state() as stored:
            scope = self.people(stored)
            among = distinct_numbers(np.array(sorted(records), dtype=np.int64))
            grants = [grant for grant in self.grants if grant.table in tables]
            return hidden_rows(stored, grants, scope, among, since=since, on=self.on)

    def last_fed(self, program: str) -> date | None:
        """The last day for which a feed brought attendance of one program of the reader's own partner; None where none did. It
        describes what the partner itself sends, never a single student."""
        if not self._is_own(program):
            return None
        with self.one_state() as stored:
            days = [
                stored.last_day(table, self.actor.partner or "", self.on, of=(column, program))
                for table, column in program_group.FEEDS
            ]
        return max((day for day in days if day is not None), default=None)

    def fed_days(self, program: str) -> tuple[date, ...]:
        """The days of the eight weeks up to the last one for which a feed marked attendance of one program of the reader's own partner.
        It describes what the partner itself sends, never a single student. Hours that are sent by the week name no day."""
        last = self.last_fed(program)
        if last is None:
            return ()
        table, column = program_group.DAYS
        with self.one_state() as stored:
            return stored.days_between(
                table, self.actor.partner or "", last - EIGHT_WEEKS, last, of=(column, program)
            )

    def _is_own(self, program: str) -> bool:
        """Whether the program is of the reader's own partner, by its identifier, `partner/program`."""
        return not self.actor.is_operator and program.partition("/")[0] == self.actor.partner

    def reached(self, table: str) -> NDArray[np.int64]:
        """The record numbers of whom the purpose may show the reader a row of the table, by reach and families' choices; to read few
        of them. Never show them to a user."""
        with self.one_state() as stored:
            scope = self.people(stored)
            found = [
                scope.allowed(g, records(stored, table, g.discloser)) for g in self.grants if g.table == table
            ]
        return distinct_numbers(np.concatenate([NOBODY, *found]))

    def why(self, person: int) -> AccessBasis:
        """Why the reader may open this student: agreements, role, reach, consent, training. Refused (unknown_student) where the reader
        may not. Reads the agreements and registers, not the student's records."""
        with self.one_state() as stored:
            scope, numbers = self.people(stored), [int(n) for n in links_of(stored).records_of((person,))]
            shown = [
                (
                    g,
                    scope.allowed(g, records_among(stored, g.table, g.discloser, numbers)).tolist(),
                )
                for g in self.grants
            ]
        held = [(grant, found) for grant, found in shown if found]
        if not held:
            raise self._refused(f"why one student is open under {self.purpose}", not_reached())
        return access_basis(held, numbers, self.actor, self.on)
