"""An agreement clause by clause: at the left what it says, at the right the whole SQL that it compiles to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.clause_rendering import RenderedParagraph, passages
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import ScheduleLine
from throughway.agreements.grant_sql import by_table
from throughway.agreements.labels import element_words, table_words, transform_words
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital

# Of clauses that are no query by themselves: where they are obeyed.
OBEYED: Mapping[str, str] = {
    "Who agrees": "No query. Who reads, and for whom, is asked before any query runs.",
    "Which students, and which days": "Stands in the WHERE of each query above, and says what may be loaded at all.",
    "Who keeps the records": "No query. Where it rests on consent, what the consent does not cover is not stored.",
    "Who may receive it next": "No query. Each passing on is written into the ledger.",
    "The end": "No query. From the day after its last day, whoever asks is refused by this agreement’s name.",
    "Rules for all of it": "Minimum cell and training stand at the head of each query; they are asked before it runs.",
}
OTHERS = "No query. People keep this promise."


@dataclass(frozen=True)
class TableWithSql:
    """One table under a purpose: why its elements are necessary, and its SQL."""

    title: str
    reasons: tuple[tuple[str, str], ...]
    sql: str


@dataclass(frozen=True)
class ClauseWithSql:
    """`tables` where the clause compiles to queries; else `obeyed` says where it is kept."""

    number: int
    title: str
    words: tuple[RenderedParagraph, ...]
    tables: tuple[TableWithSql, ...]
    obeyed: str


def clauses_with_sql(
    document: AgreementDocument, names: Mapping[str, str], sql: Mapping[str, str]
) -> tuple[ClauseWithSql, ...]:
    """`sql`: by purpose id, as the agreement compiles."""
    compiled = iter(
        [purpose for purpose in dict.fromkeys(e.id for e in document.purposes) if sql.get(purpose)]
    )
    found = []
    for passage in passages(document, names, (), sql):
        purpose = next(compiled) if passage.sql else ""
        tables = tuple(_tables(document, purpose, sql[purpose])) if purpose else ()
        words = (
            tuple(RenderedParagraph(w.text, w.items, w.facts) for w in passage.words)
            if tables
            else passage.words
        )
        found.append(
            ClauseWithSql(
                passage.number,
                passage.title,
                words,
                tables,
                "" if tables else OBEYED.get(passage.title, OTHERS),
            )
        )
    return tuple(found)


def _tables(document: AgreementDocument, purpose: str, sql: str) -> Iterator[TableWithSql]:
    for table, query in by_table(sql):
        lines = [line for line in document.schedule if line.table == table and purpose in line.purposes]
        words = table_words(table)
        yield TableWithSql(capital(words), tuple(_reasons(lines)), query)


def _reasons(lines: Sequence[ScheduleLine]) -> Iterator[tuple[str, str]]:
    for line in lines:
        what = (
            "All, save what must be named"
            if line.is_wildcard
            else element_words(line.element.partition(".")[2])
        )
        transform = Transform.parse(line.transform)
        how = "" if transform.name == "none" else f" ({transform_words(transform) or 'withheld'})"
        yield f"{capital(what)}{how}", f"{line.necessity.rstrip('.') or 'No reason is given'}."
