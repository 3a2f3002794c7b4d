"""The page of an agreement, clause by clause: its words, the review's findings, and the SQL compiled from it."""

from collections.abc import Mapping, Sequence
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

SQL_LINES = 80  # shown with a clause; a separate page shows all

# Where clauses are enforced that have no query of their own.
OBEYED: Mapping[str, str] = {
    "parties": "No query. Who reads, and for whom, is checked before any query runs.",
    "scope": "It is in the WHERE of each query above, and limits what may be loaded.",
    "custody": "No query. Where it rests on consent, what the consent does not cover is not stored.",
    "onward": "No query. Each redisclosure is recorded in the ledger.",
    "end": "No query. From the day after its last day, requests are refused, naming this agreement.",
    "rules": "Minimum cell and training are at the head of each query; they are checked before it runs.",
}
OTHERS = "No query. People keep this promise."


@dataclass(frozen=True)
class TableWithSql:
    """One table under a purpose: the lines of the schedule that show it, and its SQL."""

    title: str
    schedule: tuple[ScheduledElement, ...]
    sql: str


@dataclass(frozen=True)
class Clause:
    """A section of the agreement with the review's findings about it, and the SQL compiled from it; empty where there is none."""

    number: int
    section: AgreementSection
    findings: tuple[ReviewFinding, ...]
    whole_sql: str

    @property
    def title(self) -> str:
        return self.section.title

    @property
    def paragraphs(self) -> tuple[AgreementParagraph, ...]:
        return self.section.paragraphs

    @property
    def grave(self) -> tuple[ReviewFinding, ...]:
        """Findings that must be fixed or decided."""
        return tuple(f for f in self.findings if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[ReviewFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ADVICE)

    @property
    def sql(self) -> str:
        """Its first lines."""
        return "\n".join(self.whole_sql.split("\n")[:SQL_LINES])

    @property
    def more_lines(self) -> int:
        return max(0, self.whole_sql.count("\n") + 1 - SQL_LINES)

    @property
    def obeyed(self) -> str:
        """Where it is enforced, if not by a query of its own."""
        return "" if self.whole_sql else OBEYED.get(self.section.id, OTHERS)

    @property
    def tables(self) -> tuple[TableWithSql, ...]:
        shown = {each.line: each for paragraph in self.paragraphs for each in paragraph.schedule}
        return tuple(
            TableWithSql(
                capital(table_words(table)),
                tuple(each for line, each in shown.items() if line.table == table),
                query,
            )
            for table, query in (by_table(self.whole_sql) if self.whole_sql else ())
        )


def clauses(
    document: AgreementDocument, names: Names, sql: Mapping[str, str], findings: Sequence[ReviewFinding] = ()
) -> tuple[Clause, ...]:
    """`sql`: by purpose id, as the agreement compiles. `findings`: of the review, most severe first.

    Every finding is listed at exactly one clause: the first that it concerns, otherwise the last.
    """
    parts = sections(document, names)
    found: list[list[ReviewFinding]] = [[] for _ in parts]
    for finding in findings:
        at = next((n for n, part in enumerate(parts) if part.is_about(finding.element)), -1)
        found[at].append(finding)
    return tuple(
        Clause(n, part, tuple(own), sql.get(part.purpose, ""))
        for n, (part, own) in enumerate(zip(parts, found, strict=True), 1)
    )
