"""Access through the gate: who asks under which purpose, what is asked, and the entry in the ledger before anything leaves."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import numpy as np
import pyarrow as pa
from django.db import transaction
from numpy.typing import NDArray

from throughway.agreements.effective_grants import FORMS
from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded, coded_columns
from throughway.core.refusals import Refused
from throughway.gate import describe
from throughway.gate.actions.access_basis import AccessBasis, access_basis
from throughway.gate.actions.amendment_statements import AmendmentStatement, statements_on
from throughway.gate.actions.clock_check import check_clock
from throughway.gate.actions.code_assignment import draw_codes
from throughway.gate.actions.current_row_scope import current_row_scope
from throughway.gate.actions.decisions import compiled, current_decision, open_reasons
from throughway.gate.actions.ledger_entries import (
    by_form,
    digest,
    joined,
    not_reached,
    onward,
    recipients,
    record_refusal,
)
from throughway.gate.actions.linkage_coverage import count_unlinked as joined_records
from throughway.gate.actions.query_execution import present_records, records, records_by_grant, run
from throughway.gate.actions.query_limits import one_question
from throughway.gate.actions.query_result import GrantedTables, QueryResult, ReleasedResult, plain
from throughway.gate.actions.student_record import WholeRecord, combined_query, gather
from throughway.gate.compiler import Compiled, NotGranted, not_granted_table
from throughway.gate.decision import Decision, Reason, agreements_of, refusal_text
from throughway.gate.linkage_coverage import LinkageCoverage
from throughway.gate.linkage_coverage import sentences as on_joining
from throughway.gate.linkage_recall import recall
from throughway.gate.row_scope import RowScope
from throughway.gate.sql_grammar import SQL
from throughway.gate.student_list import ListedStudent, lines, question
from throughway.ledger.access_channels import EXTRACT, LINKAGE, REPORT, for_output
from throughway.ledger.entry import Entry, exempt
from throughway.ledger.recording import append
from throughway.partners.actor import Actor
from throughway.partners.request_cache import without_request_cache
from throughway.partners.selectors import partner_names
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import distinct as distinct_numbers
from throughway.store.selectors import Snapshot, snapshot
from throughway.vocabulary import TABLES

READERS = "34 CFR 99.31(c)"  # who receives records is known
CODED = "34 CFR 99.31(b)(2)"  # student by student, under codes
AGGREGATE = "34 CFR 99.31(b)(1)"  # without anything that identifies, judged over all releases
MOST_ROWS = 500_000


def enter(*, actor: Actor, purpose: str, on: date | None = None, under: str = "") -> "GovernedAccess":
    """Opens the gate for a reader; `under` one agreement alone, where one is named. Refused (not_allowed) with every condition
    that fails, after recording it."""
    today = date.today()
    day = on or today
    check_clock(actor, purpose, day)
    decision = current_decision(actor, purpose, day, under)
    if not decision.allowed:
        reasons = open_reasons(actor, decision.reasons, purpose)
        record_refusal(actor, purpose, day, reasons)
        raise Refused(
            refusal_text(reasons),
            code="not_allowed",
            citations=[reason.citation for reason in reasons],
        )
    return GovernedAccess(actor, purpose, day, decision, under)


class GovernedAccess:
    """One reader under one purpose, for one day. Each question is decided again before its answer is handed out."""

    def __init__(self, actor: Actor, purpose: str, on: date, decision: Decision, under: str = "") -> None:
        self.actor, self.purpose, self.on, self._decision, self._under = actor, purpose, on, decision, under
        self.grants = decision.grants
        self.linked = decision.linked
        self.form = str(max((g.form for g in self.grants), key=FORMS.index))
        self.minimum_cell = max(g.minimum_cell for g in self.grants)
        self.review_days = max(g.review_days for g in self.grants)
        self.agreements = [id for id, _ in agreements_of(self.grants)]
        self._held: Snapshot | None = None
        self._said: dict[str, AmendmentStatement] = {}

    @property
    def statements(self) -> tuple[AmendmentStatement, ...]:
        """What families say about contested parts of all that this gate has handed out; it goes along wherever that is shown."""
        return tuple(self._said.values())

    @contextmanager
    def one_state(self) -> Iterator[Snapshot]:
        """One state of the store for `record_of`, `why` and `families` in the block. Nothing else reads by it: codes that a
        question draws must be seen by that question."""
        if self._held is not None:
            yield self._held
            return
        with snapshot() as stored:
            self._held = stored
            try:
                yield stored
            finally:
                self._held = None

    def query(self, sql: str) -> QueryResult:
        """The rows that `sql` asks for, of what is granted. Refused in a sentence, recorded, where it is not.

        SHOW TABLES and DESCRIBE are answered under any form, from the grants alone: no student data, so no entry.
        """
        if (described := self._described(sql)) is not None:
            return described
        table, disclosure, used, statements, joins, unlisted = self._rows(sql, most=MOST_ROWS)
        columns = [plain(column) for column in table.columns]
        asked = {grant.table for grant in used}
        return QueryResult(
            columns=list(table.column_names),
            rows=list(zip(*columns, strict=True)),
            disclosure=disclosure,
            agreements=[id for id, _ in agreements_of(used)],
            notes=[
                *(reason.sentence for reason, tables in self._decision.ended if tables & asked),
                *unlisted,
                *(on_joining(joins, partner_names(), recall()) if joins else ()),
            ],
            statements=statements,
        )

    def _described(self, sql: str) -> QueryResult | None:
        with self._recorded(sql):
            table = describe.asked_about(sql)
            if table is None:
                return None
            if self.actor.is_operator:
                raise by_form("The operator links records and reads none; say who asks.", READERS)
            used = self.grants if table == "tables" else [g for g in self.grants if g.table == table]
            if not used:
                raise not_granted_table(table, {g.table for g in self.grants})
        numbered = all(g.kind is PurposeKind.LINKAGE for g in self.grants)
        if table == "tables":
            columns, rows = describe.tables(used, numbered=numbered)
        else:
            columns, rows = describe.columns(table, used, numbered=numbered)
        asked = {grant.table for grant in used}
        notes = [reason.sentence for reason, tables in self._decision.ended if tables & asked]
        return QueryResult(columns, rows, "", [id for id, _ in agreements_of(used)], notes)

    def record_of(self, person: int) -> WholeRecord:
        """Everything that the purpose shows of one student, named by the id that queries show. Refused unless the purpose
        shows who the students are."""
        asked = f"the whole record of one student under {self.purpose}"
        if self.actor.is_operator or self.form != AccessForm.IDENTIFIED:
            raise self._refused(
                asked, by_form(f"Purpose {self.purpose} does not show who a student is.", AGGREGATE)
            )
        with self.one_state() as stored:
            numbers = [int(n) for n in links_of(stored).records_of((person,))]
            of_whom = self.people(stored)
            found = gather(stored, self._decision, person, numbers, of_whom, on=self.on, today=self._past())
            if not found.students.size and self._decision.personal:
                raise self._refused(asked, not_reached())
            statements = statements_on(
                stored, found.used, self.linked, of_whom, found.compiled.elements, found.seen, None
            )
            try:
                disclosure = self._release(
                    stored, of_whom, found.compiled.sql or asked, found.compiled, found.used, found.rows, found.students,
                    statements,
                )  # fmt: skip
            except Refused as refused:
                raise self._refused(asked, refused) from None
        return WholeRecord(found.tables, disclosure, [id for id, _ in agreements_of(found.used)], statements)

    def last_days(self, table: str) -> dict[str, date | None]:
        """The day to which the rows of a table go, by discloser, as far as the purpose's agreements show them; None where none
        came in. It is said of a partner's records as a whole, never of one student's."""
        found: dict[str, date | None] = {}
        with self.one_state() as stored:
            for grant in (g for g in self.grants if g.table == table):
                first, last = grant.records
                day = stored.last_day(table, grant.discloser, min(self.on, last or self.on))
                known = found.setdefault(grant.discloser, None)
                if day is not None and day >= (first or day):
                    found[grant.discloser] = max(day, known or day)
        return found

    def joining(self, tables: Collection[str]) -> LinkageCoverage | None:
        """How far the records of several partners in these tables can be joined, in counts; None where they are of one. For
        a room that says it beside what it made of them."""
        with snapshot() as stored:
            return joined_records(
                stored, self._decision, tables, self.people(stored), on=self.on, today=self._past()
            )

    def students(self) -> list[ListedStudent]:
        """Every student whom the purpose shows the reader, by name, under one entry of the ledger. Refused unless it shows
        who they are."""
        if self.form != AccessForm.IDENTIFIED:
            raise self._refused(
                f"the students under {self.purpose}",
                by_form(f"Purpose {self.purpose} does not show who a student is.", AGGREGATE),
            )
        sql = question(self.grants)
        if not sql:
            return []
        answer = self.query(sql)
        return lines(answer.columns, answer.rows, self.on)

    def why(self, person: int) -> AccessBasis:
        """Why the reader may open this student: agreements, role, reach, consent, training. Refused (unknown_student) where
        the reader may not. What it says is of the agreements and registers, not of the student's records."""
        with self.one_state() as stored:
            of_whom = self.people(stored)
            numbers = np.array(links_of(stored).records_of((person,)), dtype=np.int64)
            shown = [
                (
                    g,
                    of_whom.allowed(
                        g, present_records(records(stored, g.table, g.discloser), numbers.tolist())
                    ),
                )
                for g in self.grants
            ]
            held = [(g, found.tolist()) for g, found in shown if found.size]
        if not held:
            raise self._refused(f"why one student is open under {self.purpose}", not_reached())
        return access_basis(held, numbers.tolist(), self.actor, self.on)

    @for_output(LINKAGE)
    def table(self, sql: str) -> tuple[pa.Table, str]:
        """The same as an Arrow table of any length, for linkage, with the ledger's id of the disclosure; statements are in
        `statements`."""
        table, disclosure, *_ = self._rows(sql, most=None)
        return table, disclosure

    @for_output(LINKAGE)
    def few(self, questions: Mapping[str, str], records: Sequence[int]) -> tuple[dict[str, pa.Table], str]:
        """The answers to several questions about the learners of these record numbers and no others, over one state of the
        store and under one entry of the ledger, for linkage; families' statements on them are in `statements`. Refused under a
        purpose of form aggregate."""
        asked = ";\n".join(questions.values())
        if self.form == AccessForm.AGGREGATE:
            raise self._refused(
                asked, by_form(f"Purpose {self.purpose} gives protected figures, never rows.", AGGREGATE)
            )
        with self._recorded(asked), snapshot() as stored:
            taken = self._taken(stored, questions, asked, lambda disclosure: None, tuple(records))
        return dict(taken.tables), taken.disclosure

    def admitted(self, table: str, stored: Snapshot) -> list[tuple[Grant, NDArray[np.int64]]]:
        """Whom each grant of the table shows now: numbers alone, for rooms that keep what they made of rows, and for no one
        to see."""
        of_whom = self.people(stored)
        grants = [grant for grant in self.grants if grant.table == table]
        compiled = self._compiled(f"SELECT person_record FROM {table}", stored, of_whom, None)
        numbers = records_by_grant(stored, compiled, grants, of_whom, on=self.on, today=self._past())
        return list(zip(grants, numbers, strict=True))

    @for_output(REPORT)
    def figures(self, sql: str) -> tuple[pa.Table, str]:
        """Under a purpose of form aggregate: true figures, for the room that protects and publishes them and for no
        person to see."""
        if self.form != AccessForm.AGGREGATE:
            raise self._refused(
                sql, by_form("Figures for a report need a purpose of form aggregate.", AGGREGATE)
            )
        with one_question(actor=self.actor, purpose=self.purpose, asked=sql):
            table, disclosure, *_ = self._asked(sql, most=None)
        return table, disclosure

    @for_output(EXTRACT)
    def take(self, questions: Mapping[str, str], *, within: Callable[[str], None]) -> GrantedTables:
        """The answers to several questions, of any length, over one state of the store and under one entry; `within(its id)`
        joins the transaction that writes it. Refused unless the purpose shows students under codes alone."""
        asked = ";\n".join(questions.values())
        if self.form != AccessForm.PSEUDONYMOUS:
            raise self._refused(
                asked, by_form(f"Purpose {self.purpose} does not show students under codes alone.", CODED)
            )
        with self._recorded(asked):
            with snapshot() as stored:
                of_whom = self.people(stored)
                for sql in questions.values():
                    self._draw(stored, self._compiled(sql, stored, of_whom, None))
            with snapshot() as stored:
                return self._taken(stored, questions, asked, within)

    def _taken(
        self,
        stored: Snapshot,
        questions: Mapping[str, str],
        asked: str,
        within: Callable[[str], None],
        records: Sequence[int] | None = None,
    ) -> GrantedTables:
        """`asked`: all questions as one text, for the entry."""
        of_whom = self.people(stored)
        tables, statements, read = dict[str, pa.Table](), dict[str, AmendmentStatement](), []
        students, used = [np.empty(0, dtype=np.int64)], dict[int, Grant]()
        for name, sql in questions.items():
            compiled = self._compiled(sql, stored, of_whom, None)
            of_these = [g for g in self.grants if g.table in compiled.tables]
            held = run(stored, compiled, of_these, of_whom, on=self.on, today=self._past(), records=records)
            said = statements_on(
                stored, of_these, self.linked, of_whom, compiled.elements, held.seen, held.answer
            )
            tables[name] = held.answer
            statements |= {each.code: each for each in said}
            used |= {id(g): g for g in of_these}
            students.append(held.students)
            read.append(compiled)
        grants, all_of_them = tuple(used.values()), distinct_numbers(np.concatenate(students))
        disclosure = self._release(
            stored, of_whom, asked, combined_query(read), grants,
            sum(table.num_rows for table in tables.values()), all_of_them, tuple(statements.values()), within,
        )  # fmt: skip
        return GrantedTables(tables, disclosure, grants, tuple(statements.values()))

    def _rows(self, sql: str, most: int | None) -> ReleasedResult:
        if self.actor.is_operator and most is not None:
            raise self._refused(
                sql, by_form("The operator links records and reads none; say who asks.", READERS)
            )
        if self.form == AccessForm.AGGREGATE:
            raise self._refused(
                sql,
                by_form(
                    f"Purpose {self.purpose} gives protected figures, never rows; ask for a report: `throughway report "
                    f"pipeline --purpose {self.purpose}`.",
                    AGGREGATE,
                ),
            )
        return self._asked(sql, most)

    def _asked(self, sql: str, most: int | None) -> ReleasedResult:
        with self._recorded(sql):
            return self._answered(sql, most)

    @contextmanager
    def _recorded(self, asked: str) -> Iterator[None]:
        """A refusal of what is asked within is written down before it goes on."""
        try:
            yield
        except NotGranted as refused:
            raise self._refused(asked, self._naming_what_ended(refused)) from None
        except Refused as refused:
            raise self._refused(asked, refused) from None

    def _naming_what_ended(self, refused: NotGranted) -> Refused:
        """Says too which agreements gave the table and no longer do."""
        ended = [reason for reason, tables in self._decision.ended if refused.table in tables]
        return Refused(
            f"{refused.message} {refusal_text(ended)}".strip(),
            code=refused.code,
            citations=[*refused.citations, *(reason.citation for reason in ended)],
        )

    def _answered(self, sql: str, most: int | None) -> ReleasedResult:
        if any(coded(g) or coded_columns(g) for g in self.grants):
            with snapshot() as stored:
                self._draw(stored, self._compiled(sql, stored, self.people(stored), most))
        with snapshot() as stored:
            of_whom = self.people(stored)
            compiled = self._compiled(sql, stored, of_whom, most)
            used = [g for g in self.grants if g.table in compiled.tables]
            held = run(stored, compiled, used, of_whom, on=self.on, today=self._past())
            rows = held.answer.num_rows
            if most is not None and rows > most:
                raise Refused(
                    f"The answer has more than {most:,} rows; ask for fewer, or for a report.",
                    code="too_large", citations=["34 CFR 99.31(a)(1)(ii)"],
                )  # fmt: skip
            statements = statements_on(
                stored, used, self.linked, of_whom, compiled.elements, held.seen, held.answer
            )
            joins = self._joins(stored, compiled, of_whom) if most is not None else None
            disclosure = self._release(stored, of_whom, sql, compiled, used, rows, held.students, statements)
        return held.answer, disclosure, used, statements, joins, compiled.notes

    def _joins(self, stored: Snapshot, compiled: Compiled, of_whom: RowScope) -> LinkageCoverage | None:
        """What the answer can join, where it tells students apart; of few who are named, each row shows it."""
        reads = [read for read in compiled.reads if TABLES[read.table].of_person]
        if not any("person_id" in read.columns for read in reads) or all(
            r.records is not None for r in reads
        ):
            return None
        tables = {read.table for read in reads}
        return joined_records(stored, self._decision, tables, of_whom, on=self.on, today=self._past())

    def _draw(self, stored: Snapshot, compiled: Compiled) -> None:
        draw_codes(stored, self.grants, self.linked, self.actor, compiled)

    def people(self, stored: Snapshot) -> RowScope:
        """Whose rows may be seen, by what the registers say at this moment."""
        return current_row_scope(stored, self._decision, self.actor, self.on, self._past())

    def _compiled(self, sql: str, stored: Snapshot, of_whom: RowScope, most: int | None) -> Compiled:
        return compiled(sql, self._decision, self.on, self._past(), links_of(stored), most, of_whom.without)

    def _past(self) -> date | None:
        """Today, where the gate stands open for a day before it."""
        today = date.today()
        return today if self.on < today else None

    def _release(
        self,
        stored: Snapshot,
        of_whom: RowScope,
        sql: str,
        compiled: Compiled,
        used: Sequence[Grant],
        rows: int,
        students: NDArray[np.int64],
        statements: Sequence[AmendmentStatement] = (),
        within: Callable[[str], None] = lambda disclosure: None,
    ) -> str:
        """Decides once more and writes the entry, in one transaction that ends before anything is handed out."""
        with without_request_cache(), transaction.atomic(durable=True):
            again = current_decision(self.actor, self.purpose, self.on, self._under)
            stands = again is self._decision or (
                all(g in again.grants for g in used) and self.linked <= again.linked
            )
            if not (stands and of_whom.stands_by(self.people(stored), used, students)):
                reasons = open_reasons(self.actor, again.reasons, self.purpose) if again.reasons else ()
                raise Refused(
                    f"What was granted when the query began no longer stands; nothing was handed out. {refusal_text(reasons)}".strip(),
                    code="not_allowed", citations=[r.citation for r in reasons] or ["34 CFR 99.30(a)"],
                )  # fmt: skip
            disclosure = append(
                Entry(
                    outcome="released",
                    actor=self.actor,
                    purpose=self.purpose,
                    interest=joined(g.interest for g in used),
                    basis=joined(g.basis for g in used),
                    on=self.on,
                    agreements=agreements_of(used),
                    disclosers=tuple(sorted({g.discloser for g in used})),
                    recipients=(self.actor.partner,) if self.actor.partner else recipients(used),
                    onward=onward(used),
                    elements=compiled.elements,
                    question=digest(sql),
                    rows=rows,
                    students=students,
                    exempt=exempt(used),
                    threat=joined(g.threat for g in used if g.threat),
                    reasons=tuple(each.note for each in statements),
                )
            )
            within(disclosure)
        self._said |= {each.code: each for each in statements}
        return disclosure

    def _refused(self, sql: str, refused: Refused) -> Refused:
        """Records the refusal of a question; gives it back to be raised, with a citation where it has none of its own."""
        if not refused.citations:
            refused = Refused(refused.message, code=refused.code, citations=[SQL])
        reasons = [Reason(refused.message, "; ".join(refused.citations))]
        record_refusal(self.actor, self.purpose, self.on, reasons, sql=sql, grants=self.grants)
        return refused
