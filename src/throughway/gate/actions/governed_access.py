"""Reading through the gate: the reader, the purpose, the questions, and the ledger entry written before any row is returned."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded, coded_columns
from throughway.core.long_work import check_no_transaction
from throughway.core.refusals import Refused
from throughway.gate import describe, program_group
from throughway.gate.actions.amendment_statements import AmendmentStatement, statements_on
from throughway.gate.actions.decided_access import AGGREGATE, GATE
from throughway.gate.actions.decisions import check_clock, compiled, current_decision, open_reasons
from throughway.gate.actions.governed_facts import GovernedFacts
from throughway.gate.actions.ledger_entries import record_refusal, released
from throughway.gate.actions.query_execution import records_by_grant, run
from throughway.gate.actions.query_limits import one_question
from throughway.gate.actions.query_result import GrantedTables, QueryResult, UnreleasedTables, plain
from throughway.gate.actions.random_codes import draw_codes
from throughway.gate.actions.student_record import WholeRecord, gather, not_reached
from throughway.gate.actions.unlinked_count import count_unlinked
from throughway.gate.actions.writing import named_records
from throughway.gate.comparison_warning import comparison_warning
from throughway.gate.compiler import Compiled, not_granted_table, withheld_texts
from throughway.gate.decision import PRIOR_CONSENT, agreements_of, refusal_text
from throughway.gate.held_answer import HeldAnswer, digest
from throughway.gate.linkage_coverage import LinkageCoverage
from throughway.gate.linkage_coverage import sentences as on_joining
from throughway.gate.linkage_recall import recall
from throughway.gate.row_scope import RowScope
from throughway.gate.sql_grammar import SQL
from throughway.gate.student_list import ListedStudent, lines, questions
from throughway.ledger.access_channels import EXTRACT, LINKAGE, REPORT, for_output
from throughway.ledger.recording import append
from throughway.partners.actor import Actor
from throughway.partners.request_cache import own_request_cache
from throughway.partners.selectors import partner_names
from throughway.store.actions.links import links_of
from throughway.store.record_numbers import distinct as distinct_numbers
from throughway.store.selectors import Snapshot, snapshot
from throughway.vocabulary import TABLES

READERS = "34 CFR 99.31(c)"  # who receives records is known
MOST_ROWS = 500_000
ANSWER = "answer"  # the name of the only table of an answer


def enter(*, actor: Actor, purpose: str, on: date | None = None, under: str = "") -> "GovernedAccess":
    """Opens the gate for a reader, under one agreement only if `under` names it. Refused (not_allowed) with every condition that
    fails, after recording the refusal."""
    today = date.today()
    day = on or today
    check_clock(actor, purpose, day)
    with own_request_cache():
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


class GovernedAccess(GovernedFacts):
    """One reader under one purpose, for one day. Every question is decided again before its answer is returned."""

    @property
    def statements(self) -> tuple[AmendmentStatement, ...]:
        """The families' statements on contested parts of everything released so far; they must be shown with it."""
        return tuple(self._said.values())

    def query(
        self, sql: str, *, records: Collection[int] | None = None, most: int | None = None
    ) -> QueryResult:
        """The granted rows that `sql` selects, at most `most` or MOST_ROWS. Otherwise Refused, with the reason in one sentence, and recorded.

        `records`: only about the students with these record numbers, where the purpose shows who the students are. Whom a query
        is about is not in its text then, which is compiled once for all.

        SHOW TABLES and DESCRIBE are answered under any form. They read only the grants and no student data, so no entry is written.
        """
        self._check_is_reader(sql)
        with self._recorded(sql):
            described = self._described(sql)
        if described is not None:
            return described
        self._check_gives_rows(sql)
        if records is not None:
            self._check_form(AccessForm.IDENTIFIED, sql)
        about = None if records is None else sorted(records)
        taken = self._read({ANSWER: sql}, most=most or MOST_ROWS, records=about)
        answer = taken.tables[ANSWER]
        return QueryResult(
            columns=list(answer.column_names),
            rows=list(zip(*(plain(column) for column in answer.columns), strict=True)),
            disclosure=taken.disclosure,
            agreements=[id for id, _ in agreements_of(taken.grants)],
            notes=[*self._ended(taken.grants), *taken.notes],
            statements=taken.statements,
        )

    def _check_is_reader(self, sql: str) -> None:
        if self.actor.is_operator:
            message = "The operator links records but cannot read them; name the reader with --as."
            raise self._refused(sql, Refused(message, code="form", citations=[READERS]))

    def hold(self, sql: str, *, most: int, rows: int, columns: int) -> HeldAnswer:
        """Counts what `query` would answer, and releases nothing: no entry is written, and nobody may be shown any of it before `release`.
        Kept are the first `rows` and `columns` alone. Refused, and recorded, as `query`."""
        self._check_is_reader(sql)
        self._check_gives_rows(sql)
        with self._recorded(sql), self._state_with_codes([sql], most, False) as (stored, scope):
            found = self._counted(stored, scope, {ANSWER: sql}, most)
            answer = found.tables[ANSWER]
            return HeldAnswer(
                answer=answer.slice(0, rows).select(range(min(columns, answer.num_columns))),
                rows=answer.num_rows,
                width=answer.num_columns,
                elements=found.elements,
                notes=found.notes,
                shows={digest(grant): scope.allowed(grant, found.students) for grant in found.used},
                seen=found.seen,
                linked=self.linked,
            )

    def release(self, held: HeldAnswer, sql: str) -> QueryResult:
        """Hands out an answer that was held, after deciding anew about all that it shows, under an entry of its own. Refused (not_allowed),
        and recorded, where anything in it is no longer open to this reader."""
        self._check_is_reader(sql)
        self._check_gives_rows(sql)
        used = [grant for grant in self.grants if digest(grant) in held.shows]
        with self._recorded(sql), self.one_state() as stored:
            scope = self.people(stored)
            if not held.stands(used, self.linked, scope):
                raise Refused(
                    "Access changed since the question was asked, so its answer is not shown.",
                    code="not_allowed", citations=[PRIOR_CONSENT],
                )  # fmt: skip
            statements = statements_on(
                stored, used, self.linked, scope, held.elements, held.seen, held.answer
            )
            disclosure = self._release(
                stored, scope, sql, held.elements, used, held.rows, held.students, statements
            )
        return QueryResult(
            columns=list(held.answer.column_names),
            rows=list(zip(*(plain(column) for column in held.answer.columns), strict=True)),
            disclosure=disclosure,
            agreements=[id for id, _ in agreements_of(used)],
            notes=[*self._ended(used), *held.notes],
            statements=statements,
        )

    def _described(self, sql: str) -> QueryResult | None:
        table = describe.asked_about(sql)
        if table is None:
            return None
        used = self.grants if table == "tables" else [g for g in self.grants if g.table == table]
        if not used:
            raise not_granted_table(table, {g.table for g in self.grants})
        numbered = all(g.kind is PurposeKind.LINKAGE for g in self.grants)
        if table == "tables":
            columns, rows = describe.tables(used, numbered=numbered)
        else:
            columns, rows = describe.columns(table, used, numbered=numbered)
        withheld = [
            text for named in dict.fromkeys(g.table for g in used) for text in withheld_texts(used, named)
        ]
        return QueryResult(
            columns, rows, "", [id for id, _ in agreements_of(used)], [*self._ended(used), *withheld]
        )

    def _ended(self, used: Sequence[Grant]) -> list[str]:
        """The agreements that gave rows of the same tables and no longer do."""
        tables = {grant.table for grant in used}
        return [reason.sentence for reason, gave in self._decision.ended if gave & tables]

    def record_of(self, person: int) -> WholeRecord:
        """Everything that the purpose shows of one student, named by the id that queries show. Refused unless the purpose
        shows who the students are."""
        asked = f"the whole record of one student under {self.purpose}"
        self._check_form(AccessForm.IDENTIFIED, asked, met=not self.actor.is_operator)
        with self.one_state() as stored:
            numbers = [int(n) for n in links_of(stored).records_of((person,))]
            scope = self.people(stored)
            found = gather(stored, self._decision, person, numbers, scope, on=self.on, today=self._past())
            if not found.students.size and self._decision.personal:
                raise self._refused(asked, not_reached())
            statements = statements_on(
                stored, found.used, self.linked, scope, found.elements, found.seen, None
            )
            with self._recorded(asked):
                disclosure = self._release(
                    stored,
                    scope,
                    found.sql or asked,
                    found.elements,
                    found.used,
                    found.rows,
                    found.students,
                    statements,
                )
        return WholeRecord(found.tables, disclosure, [id for id, _ in agreements_of(found.used)], statements)

    def joining(self, tables: Collection[str]) -> LinkageCoverage | None:
        """For each partner in these tables, how many records are linked to another partner's; None where only one partner has
        records."""
        with snapshot() as stored:
            return self._coverage(stored, tables, self.people(stored))

    def students(self) -> list[ListedStudent]:
        """Every student whom the purpose shows the reader, by name, under one entry of the ledger. Refused unless the form is
        identified."""
        asked = f"the students under {self.purpose}"
        self._check_form(AccessForm.IDENTIFIED, asked, met=not self.actor.is_operator)
        tables = questions(self.grants)
        return lines(self._read(tables, most=MOST_ROWS).tables, self.on) if tables else []

    def few_students(self, questions: Mapping[str, str], records: Collection[int]) -> GrantedTables:
        """The answers to several questions about the students with these record numbers only, from one snapshot under one entry that
        names no others. Refused unless the form is identified."""
        asked = f"some students under {self.purpose}"
        self._check_form(AccessForm.IDENTIFIED, asked, met=not self.actor.is_operator)
        return self._read(questions, records=sorted(records))

    def group(
        self, program: str, questions: Mapping[str, str], *, also: Collection[int] = ()
    ) -> GrantedTables:
        """The answers to several questions about the students in the group of one program of the reader's own partner today, from
        one snapshot under one entry that names these students alone. `also`: record numbers of others who came. Refused unless the
        form is identified, and where the purpose does not show whom the program serves."""
        asked = f"the group of a program under {self.purpose}"
        self._check_form(AccessForm.IDENTIFIED, asked, met=self._is_own(program) and self._past() is None)
        with self._recorded(asked), self.one_state() as stored:
            scope = self.people(stored)
            own = [grant for grant in self.grants if grant.discloser == self.actor.partner]
            query = self._compiled(program_group.question(program, self.on, own), stored, scope, None)
            grants = [g for g in self.grants if g.table in query.tables]
            # Who is in the group is not returned here: only the answers about them are, by the entry.
            found = run(stored, query, grants, scope, on=self.on, today=None).answer
            persons = [int(person) for person in found["person_id"].to_pylist() if person]
            persons += [int(number) for number in also]
            numbers = named_records(stored, self._decision, persons, links_of(stored))
        return self._read(questions, records=numbers)

    @for_output(LINKAGE)
    def table(self, sql: str) -> tuple[pa.Table, str]:
        """The answer as an Arrow table of any length, for linkage, with the id of its ledger entry; statements are in `statements`."""
        self._check_gives_rows(sql)
        taken = self._read({ANSWER: sql})
        return taken.tables[ANSWER], taken.disclosure

    @for_output(LINKAGE)
    def few(self, questions: Mapping[str, str], records: Sequence[int]) -> tuple[dict[str, pa.Table], str]:
        """The answers to several questions about the learners with these record numbers only, from one snapshot under one ledger
        entry, for linkage; families' statements are in `statements`. Refused under a purpose of form aggregate."""
        self._check_gives_rows(";\n".join(questions.values()))
        taken = self._read(questions, records=tuple(records))
        return dict(taken.tables), taken.disclosure

    def admitted(self, table: str, stored: Snapshot) -> list[tuple[Grant, NDArray[np.int64]]]:
        """The record numbers that each grant of the table shows now, for packages that store what they derived from rows. Never show
        them to a user."""
        scope = self.people(stored)
        grants = [grant for grant in self.grants if grant.table == table]
        compiled = self._compiled(f"SELECT person_record FROM {table}", stored, scope, None)
        numbers = records_by_grant(stored, compiled, grants, scope, on=self.on, today=self._past())
        return list(zip(grants, numbers, strict=True))

    @for_output(REPORT)
    def figures(
        self, sql: str, *, numbered: bool = False, failing_is_empty: bool = False
    ) -> tuple[pa.Table, str]:
        """Unprotected figures under a purpose of form aggregate, only for the package that protects and publishes them. Never show
        them to a user. `numbered`: see `rows_to_code`. `failing_is_empty`: see `query_execution.run`; for SQL that somebody writes."""
        self._check_form(AccessForm.AGGREGATE, sql)
        with one_question(actor=self.actor, purpose=self.purpose, asked=sql):
            taken = self._read({ANSWER: sql}, numbered=numbered, failing_is_empty=failing_is_empty)
        return taken.tables[ANSWER], taken.disclosure

    def rows_to_code(self, sql: str, *, records: Collection[int] | None = None) -> GrantedTables:
        """Rows about which somebody will say something that is stored: `sql` may also name `person_record` and `partner`, by which
        it is stored and goes with the record. Never show these two to a user. `records`: only rows of these record numbers. Refused
        under a purpose of form aggregate."""
        self._check_gives_rows(sql)
        with one_question(actor=self.actor, purpose=self.purpose, asked=sql):
            about = None if records is None else sorted(records)
            return self._read({ANSWER: sql}, records=about, numbered=True)

    @for_output(EXTRACT)
    def take(self, questions: Mapping[str, str], *, within: Callable[[str], None]) -> GrantedTables:
        """The answers to several questions, of any length, from one snapshot under one ledger entry; `within(entry id)` runs in the
        transaction that writes the entry. Refused unless the purpose shows students only under codes."""
        self._check_form(AccessForm.PSEUDONYMOUS, ";\n".join(questions.values()))
        return self._read(questions, within=within)

    def rows_about(self, table: str, records: Sequence[int]) -> list[dict[str, object]]:
        """The rows of a table that the purpose shows about the learners with these record numbers, under one entry of the ledger that names
        them alone. Refused unless the purpose shows who the students are."""
        asked = f"SELECT * FROM {table}"
        self._check_form(AccessForm.IDENTIFIED, asked, met=not self.actor.is_operator)
        found = self._read({ANSWER: asked}, most=MOST_ROWS, records=tuple(records))
        rows: list[dict[str, object]] = found.tables[ANSWER].to_pylist()
        return rows

    def only(self, discloser: str) -> "GovernedAccess":
        """The same access to the records of one discloser alone."""
        grants = tuple(grant for grant in self.grants if grant.discloser == discloser)
        return GovernedAccess(
            self.actor, self.purpose, self.on, replace(self._decision, grants=grants), self._under
        )

    def _check_gives_rows(self, asked: str) -> None:
        if self.form == AccessForm.AGGREGATE:
            message = (
                f"Purpose {self.purpose} gives protected figures, never rows; ask for a report: `throughway report "
                f"pipeline --purpose {self.purpose}`."
            )
            raise self._refused(asked, Refused(message, code="form", citations=[AGGREGATE]))

    def _read(
        self,
        queries: Mapping[str, str],
        *,
        most: int | None = None,
        records: Sequence[int] | None = None,
        within: Callable[[str], None] = lambda disclosure: None,
        numbered: bool = False,
        failing_is_empty: bool = False,
    ) -> GrantedTables:
        """Runs the queries on one snapshot of the store and releases their answers under one entry. Refused where an answer has
        more than `most` rows. `records`: only rows of these record numbers. With `most`, notes name what cannot be joined."""
        asked = ";\n".join(queries.values())
        with (
            self._recorded(asked),
            self._state_with_codes(queries.values(), most, numbered) as (stored, scope),
        ):
            found = self._counted(stored, scope, queries, most, records, numbered, failing_is_empty)
            disclosure = self._release(
                stored, scope, asked, found.elements, found.used,
                # Of figures no row is handed out, and how many were counted is what a release withholds.
                None if self.form == AccessForm.AGGREGATE else sum(t.num_rows for t in found.tables.values()),
                found.students, found.statements, within,
            )  # fmt: skip
        return GrantedTables(found.tables, disclosure, found.used, found.statements, found.notes)

    def _counted(
        self,
        stored: Snapshot,
        scope: RowScope,
        queries: Mapping[str, str],
        most: int | None,
        records: Sequence[int] | None = None,
        numbered: bool = False,
        failing_is_empty: bool = False,
    ) -> UnreleasedTables:
        """The answers on one snapshot, before anything of them is released."""
        tables, statements, compiled = (
            dict[str, pa.Table](),
            dict[str, AmendmentStatement](),
            list[Compiled](),
        )
        seen, used = dict[tuple[str, str], NDArray[np.int64]](), dict[int, Grant]()
        for name, sql in queries.items():
            query = self._compiled(sql, stored, scope, most, few=records is not None, numbered=numbered)
            compiled.append(query)
            grants = [g for g in self.grants if g.table in query.tables]
            held = run(stored, query, grants, scope, on=self.on, today=self._past(), records=records, shown=most is not None, failing_is_empty=failing_is_empty)  # fmt: skip
            if most is not None and held.answer.num_rows > most:
                raise Refused(
                    f"The answer has more than {most:,} rows; narrow the query, or ask for a report.",
                    code="too_large", citations=[SQL],
                )  # fmt: skip
            contested = statements_on(
                stored, grants, self.linked, scope, query.elements, held.seen, held.answer
            )
            tables[name] = held.answer
            statements |= {each.code: each for each in contested}
            used |= {id(g): g for g in grants}
            for at, numbers in held.seen.items():
                seen[at] = distinct_numbers(np.concatenate([seen[at], numbers])) if at in seen else numbers
        notes = [note for query in compiled for note in query.notes]
        if most is not None:
            notes += self._joining_notes(stored, compiled, scope)
            notes += dict.fromkeys(each for sql in queries.values() for each in comparison_warning(sql))
        elements = tuple(sorted({element for query in compiled for element in query.elements}))
        return UnreleasedTables(
            tables, tuple(used.values()), tuple(statements.values()), tuple(notes), elements, seen
        )

    @contextmanager
    def _state_with_codes(
        self, questions: Iterable[str], most: int | None, numbered: bool
    ) -> Iterator[tuple[Snapshot, RowScope]]:
        """A snapshot of the store with every random code that the queries need, and the reader's row scope."""
        check_no_transaction(GATE)
        if not any(coded(g) or coded_columns(g) for g in self.grants):
            with self.one_state() as stored:
                yield stored, self.people(stored)
            return
        with snapshot() as stored:
            scope = self.people(stored)
            compiled = [self._compiled(sql, stored, scope, most, numbered=numbered) for sql in questions]
            reads = [read for query in compiled for read in query.reads]
            if not draw_codes(stored, self.grants, self.linked, self.actor, reads):
                yield stored, scope
                return
        with snapshot() as stored:
            yield stored, self.people(stored)

    def _joining_notes(self, stored: Snapshot, compiled: Iterable[Compiled], scope: RowScope) -> list[str]:
        """Notes on records that the answer cannot join; empty where it shows no person ids, or was limited to a few persons."""
        reads = [read for query in compiled for read in query.reads if TABLES[read.table].of_person]
        tells_apart = any("person_id" in read.columns for read in reads)
        if not tells_apart or all(read.records is not None for read in reads):
            return []
        coverage = self._coverage(stored, {read.table for read in reads}, scope)
        return list(on_joining(coverage, partner_names(), recall())) if coverage else []

    def _coverage(self, stored: Snapshot, tables: Collection[str], scope: RowScope) -> LinkageCoverage | None:
        return count_unlinked(stored, self._decision, tables, scope, on=self.on, today=self._past())

    def _compiled(
        self,
        sql: str,
        stored: Snapshot,
        scope: RowScope,
        most: int | None,
        *,
        few: bool = False,
        numbered: bool = False,
    ) -> Compiled:
        terms, links = self._decision.terms, links_of(stored)
        return compiled(sql, terms, self.on, self._past(), links, most, scope.without, few, numbered)

    def _release(
        self,
        stored: Snapshot,
        scope: RowScope,
        sql: str,
        elements: tuple[str, ...],
        used: Sequence[Grant],
        rows: int | None,
        students: NDArray[np.int64],
        statements: Sequence[AmendmentStatement] = (),
        within: Callable[[str], None] = lambda disclosure: None,
    ) -> str:
        """Decides once more and writes the entry, in one transaction that commits before anything is returned."""
        with self._while_it_stands(stored, scope, used, students):
            disclosure = append(
                released(
                    self.actor, self.purpose, self.on, used, elements=elements, sql=sql, rows=rows, students=students,
                    statements=statements,
                )
            )  # fmt: skip
            within(disclosure)
        self._said |= {each.code: each for each in statements}
        return disclosure
