"""The page of an agreement, clause by clause: its words, what the review found there, and the SQL that it compiles to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.agreement_text import (
    AgreementParagraph,
    AgreementSection,
    Names,
    ScheduledElement,
    sections,
)
from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant_sql import by_table
from throughway.agreements.labels import table_words
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.core.prose import capital

SQL_LINES = 80  # beside a clause; the whole stands on a page of its own

# Of clauses that are no query by themselves: where they are obeyed.
OBEYED: Mapping[str, str] = {
    "parties": "No query. Who reads, and for whom, is asked before any query runs.",
    "scope": "Stands in the WHERE of each query above, and says what may be loaded at all.",
    "custody": "No query. Where it rests on consent, what the consent does not cover is not stored.",
    "onward": "No query. Each passing on is written into the ledger.",
    "end": "No query. From the day after its last day, whoever asks is refused by this agreement’s name.",
    "rules": "Minimum cell and training stand at the head of each query; they are asked before it runs.",
}
OTHERS = "No query. People keep this promise."


@dataclass(frozen=True)
class ReviewedClause:
    """A clause with its findings and the beginning of its SQL. `sql` is empty where the clause is not compiled; `more_lines`: how
    many lines of it follow."""

    number: int
    title: str
    paragraphs: tuple[AgreementParagraph, ...]
    findings: tuple[ReviewFinding, ...]
    sql: str = ""
    more_lines: int = 0

    @property
    def grave(self) -> tuple[ReviewFinding, ...]:
        """What must be cured or decided."""
        return tuple(f for f in self.findings if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[ReviewFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ADVICE)


def reviewed_clauses(
    document: AgreementDocument, names: Names, findings: Sequence[ReviewFinding], sql: Mapping[str, str]
) -> tuple[ReviewedClause, ...]:
    """`findings`: of the review, gravest first. `sql`: by purpose id, what the database obeys.

    Every finding stands at exactly one clause: the first that it is about, else the last.
    """
    parts = sections(document, names)
    placed: dict[int, list[ReviewFinding]] = {n: [] for n in range(len(parts))}
    for finding in findings:
        at = next((n for n, part in enumerate(parts) if part.is_about(finding.element)), len(parts) - 1)
        placed[at].append(finding)
    return tuple(
        ReviewedClause(
            n + 1, part.title, part.paragraphs, tuple(placed[n]), *_beginning(sql.get(part.purpose, ""))
        )
        for n, part in enumerate(parts)
    )


def _beginning(sql: str) -> tuple[str, int]:
    """The first lines, and how many follow."""
    lines = sql.split("\n")
    return "\n".join(lines[:SQL_LINES]), max(0, len(lines) - SQL_LINES)


@dataclass(frozen=True)
class TableWithSql:
    """One table under a purpose: the lines of the schedule that show it, and its SQL."""

    title: str
    schedule: tuple[ScheduledElement, ...]
    sql: str


@dataclass(frozen=True)
class ClauseWithSql:
    """A clause with its whole SQL. `tables` where the clause compiles to queries; else `obeyed` says where it is kept."""

    number: int
    title: str
    paragraphs: tuple[AgreementParagraph, ...]
    tables: tuple[TableWithSql, ...]
    obeyed: str


def clauses_with_sql(
    document: AgreementDocument, names: Names, sql: Mapping[str, str]
) -> tuple[ClauseWithSql, ...]:
    """`sql`: by purpose id, as the agreement compiles."""
    return tuple(
        _with_sql(n, section, sql.get(section.purpose, ""))
        for n, section in enumerate(sections(document, names), 1)
    )


def _with_sql(number: int, section: AgreementSection, sql: str) -> ClauseWithSql:
    if not sql:
        obeyed = OBEYED.get(section.id, OTHERS)
        return ClauseWithSql(number, section.title, section.paragraphs, (), obeyed)
    shown = [each for paragraph in section.paragraphs for each in paragraph.schedule]
    words = tuple(AgreementParagraph(p.text, p.items, p.facts) for p in section.paragraphs)
    return ClauseWithSql(number, section.title, words, tuple(_tables(shown, sql)), "")


def _tables(shown: Sequence[ScheduledElement], sql: str) -> Iterator[TableWithSql]:
    for table, query in by_table(sql):
        lines = {id(each.line): each for each in shown if each.line.table == table}
        yield TableWithSql(capital(table_words(table)), tuple(lines.values()), query)
