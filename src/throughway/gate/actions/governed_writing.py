"""Writing through the gate: rows that people type, about one student, several, or nobody whose record is known, and what is sent to
another partner. Each is decided again, and entered in the ledger, in the transaction that writes the row."""

from collections.abc import Callable, Collection, Mapping, Sequence

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.core.refusals import Refused
from throughway.gate.actions.decided_access import DecidedAccess
from throughway.gate.actions.ledger_entries import written
from throughway.gate.actions.sending import (
    ReceivingBasis,
    Sending,
    admitted_answer,
    check_may_send,
    receiving_basis,
)
from throughway.gate.actions.writing import (
    RowPlace,
    SeveralWritten,
    admitted_of_nobody_known,
    admitted_row,
    admitted_rows,
    may_type,
)
from throughway.ledger.recording import append
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import NOBODY
from throughway.store.selectors import Snapshot


class GovernedWriting(DecidedAccess):
    """What the reader may type under the purpose."""

    def may_write(self, table: str) -> bool:
        """Whether the reader may type rows of the table under this purpose, about whomever the reader may open."""
        return may_type(self._decision, self.actor, table)

    def write(
        self,
        table: str,
        person: int,
        *,
        within: Callable[[RowPlace, str], None],
        to: Sending | None = None,
    ) -> str:
        """Lets a room write one row of a typed table about a student, named by the id that queries show; returns the id of the
        ledger entry. `within(place, entry id)` writes the row in the transaction that writes the entry. `to`: the partner to which the
        row is sent. Refused, and recorded, where the reader may not type it, the receiver may not read it, or `within` refuses."""
        asked = f"to type {table} about one student under {self.purpose}"
        self._check_writes(asked)
        with self.one_state() as stored, self._recorded(asked):
            scope = self.people(stored)
            row = admitted_row(stored, self._decision, self.actor, table, person, links_of(stored), scope)
            shown: tuple[Grant, ...] = ()

            def decide_on_sending() -> None:
                nonlocal shown
                if to is not None:
                    basis = self._basis(stored, table, row.place, to.receiver)
                    check_may_send(basis, to, table)
                    shown = basis.grants

            with self._while_it_stands(stored, scope, row.used, row.students, decide_on_sending):
                entry = append(
                    written(
                        self.actor, self.purpose, self.on, (row.used[0], *shown), table=table,
                        records=[row.place.record], receiver=to.receiver if to else None,
                    )
                )  # fmt: skip
                within(row.place, entry)
        return entry

    def receiving_basis(self, table: str, person: int, receiver: str) -> tuple[RowPlace, ReceivingBasis]:
        """Where a row about the student would belong, and what agreements show the receiver of it. Refused, and recorded, as `write` is.
        Reads the agreements and registers, not the student's records."""
        asked = f"what {table} may share about one student under {self.purpose}"
        with self.one_state() as stored, self._recorded(asked):
            scope = self.people(stored)
            row = admitted_row(stored, self._decision, self.actor, table, person, links_of(stored), scope)
            return row.place, self._basis(stored, table, row.place, receiver)

    def _basis(self, stored: Snapshot, table: str, place: RowPlace, receiver: str) -> ReceivingBasis:
        return receiving_basis(stored, table, place.partner, place.record, receiver, self.on)

    def answer(
        self, table: str, discloser: str, record: int, entry_id: str, *, protected: bool = False, within: Callable[[RowPlace, str], None]
    ) -> str:  # fmt: skip
        """Lets a room write an answer to an entry that was sent to the reader's partner about this record; otherwise as `write`."""
        asked = f"to answer {table} about one student under {self.purpose}"
        self._check_writes(asked)
        with self.one_state() as stored, self._recorded(asked):
            scope = self.people(stored)
            row = admitted_answer(
                stored, self._decision, self.actor, table, discloser, record, scope, entry=entry_id, protected=protected
            )  # fmt: skip
            with self._while_it_stands(stored, scope, row.used, row.students):
                entry = append(
                    written(self.actor, self.purpose, self.on, row.used[:1], table=table, records=[record])
                )
                within(row.place, entry)
        return entry

    def write_several(
        self,
        table: str,
        persons: Sequence[int],
        *,
        choose: Callable[[Mapping[int, RowPlace]], Collection[int]],
        within: Callable[[Mapping[int, RowPlace], str], None],
    ) -> SeveralWritten:
        """Lets a room write one row of a typed table about each of several students in one act, under one ledger entry.

        Each student is decided on: those about whom the reader may not type are left out, counted in the answer, and recorded as
        refused, by number and not by name. `choose(places)` gives those of the others about whom there is something to write, and the
        entry names them alone; `within(their places, entry id)` writes the rows. Both run in the transaction that writes the entry.
        Refused, and recorded, where the reader may type about none of them, or where one of the two refuses.
        """
        of = "one student" if len(persons) == 1 else f"{len(persons)} students"
        asked = f"to type {table} about {of} under {self.purpose}"
        self._check_writes(asked)
        with self.one_state() as stored, self._recorded(asked):
            scope = self.people(stored)
            rows = admitted_rows(stored, self._decision, self.actor, table, persons, links_of(stored), scope)
            with self._while_it_stands(stored, scope, rows.used, rows.students):
                chosen = {person: rows.places[person] for person in choose(rows.places)}
                entry = self._written(table, rows.typed_under, chosen) if chosen else ""
                if chosen:
                    within(chosen, entry)
        for why, count in rows.refused.values():
            self._refused(asked, Refused(f"{count} of {of}: {why.message}", code=why.code, citations=why.citations))  # fmt: skip
        return SeveralWritten(entry, sum(count for _, count in rows.refused.values()))

    def write_of_nobody_known(self, table: str, *, within: Callable[[RowPlace, str], None]) -> str:
        """The same for one row of a table about nobody whose record is known; the entry names no student."""
        asked = f"to type {table} under {self.purpose}"
        self._check_writes(asked)
        with self.one_state() as stored, self._recorded(asked):
            place, grant = admitted_of_nobody_known(self._decision, self.actor, table)
            scope = self.people(stored)
            with self._while_it_stands(stored, scope, [grant], NOBODY):
                entry = self._written(table, [grant], {})
                within(place, entry)
        return entry

    def _written(self, table: str, grants: Sequence[Grant], places: Mapping[int, RowPlace]) -> str:
        """Appends the entry for rows of a typed table about to be written."""
        records = [place.record for place in places.values()]
        return append(written(self.actor, self.purpose, self.on, grants, table=table, records=records))

    def _check_writes(self, asked: str) -> None:
        """Refused unless the purpose shows who students are, to a person, today."""
        self._check_form(
            AccessForm.IDENTIFIED, asked, met=not self.actor.is_operator and self._past() is None
        )
