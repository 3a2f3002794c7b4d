"""SHOW TABLES and DESCRIBE: which tables and columns the grants of a purpose show a reader, and how.

What is not granted is not listed. The answer is made only from the agreements, which the reader may open anyway, so it discloses no
record and writes no ledger entry. A refused request is recorded like any other.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded, columns_of, shown_under, types_of
from throughway.agreements.labels import transform_words
from throughway.core.refusals import Refused
from throughway.gate.sql_grammar import SQL
from throughway.vocabulary import COMMON, TABLES, Element, code_set

Answered = tuple[list[str], list[tuple[object, ...]]]  # names of columns, rows

# Of a text without blanks around it: a pattern would try each run of blanks again and again.
QUESTION = re.compile(r"(describe|desc|show)\b(.*)", re.IGNORECASE | re.DOTALL)
TABLE = re.compile(r'(?:table\s+|columns\s+(?:from|in)\s+)?"?([a-z_][a-z0-9_]*)"?', re.IGNORECASE)
TABLES_SHOWN = ["table", "a_row_is", "columns", "form", "given_by"]
COLUMNS_SHOWN = ["column", "type", "shown", "code_set", "what_it_is"]
EMPTY = "empty"
PERSON = "One student, the same in every table; another number or code than in the partner's systems"
NUMBERED = {
    "person_record": ("BIGINT", "One partner's record of a student, as a number"),
    "partner": ("VARCHAR", "The partner whose row it is"),
    "own_number": (
        "BOOLEAN",
        "Whether the partner numbers the student, and does not use a name or birth date as the key",
    ),
}


def asked_about(sql: str) -> str | None:
    """The table that DESCRIBE names, `tables` for SHOW TABLES, None for any other SQL. Refused (sql) where the text begins like one of
    these and is not valid."""
    found = QUESTION.fullmatch(sql.strip().removesuffix(";"))
    if found is None:
        return None
    verb, rest = found[1].lower(), found[2].strip()
    if verb == "show" and rest.lower() in ("tables", "all tables"):
        return "tables"
    if named := TABLE.fullmatch(rest):
        return named[1].lower()
    raise Refused(
        "Write SHOW TABLES, or DESCRIBE and the name of one table, such as DESCRIBE person.",
        code="sql",
        citations=[SQL],
    )


def tables(grants: Iterable[Grant], *, numbered: bool) -> Answered:
    """Each table that the grants show: what one row is, its columns, in which form, and from which partners."""
    by_table: dict[str, list[Grant]] = {}
    for grant in grants:
        by_table.setdefault(grant.table, []).append(grant)
    rows = [
        (
            name, TABLES[name].grain, len(columns_of(by_table[name], numbered=numbered)),
            ", ".join(sorted({str(g.form) for g in by_table[name]})),
            ", ".join(sorted({g.discloser for g in by_table[name]})),
        )
        for name in TABLES
        if name in by_table
    ]  # fmt: skip
    return list(TABLES_SHOWN), list(rows)


def columns(table: str, grants: Sequence[Grant], *, numbered: bool) -> Answered:
    """Each column of one table that the grants show: its type in an answer, and how it is shown, by partner where they differ.

    `grants`: at least one, all of this table.
    """
    names = columns_of(grants, numbered=numbered)
    types = types_of(grants, [name for name in names if name not in NUMBERED])
    rows: list[tuple[object, ...]] = []
    for name in names:
        if name in NUMBERED:
            kind, what = NUMBERED[name]
            rows.append((name, kind, "as it is", "", what))
            continue
        found = _element(table, name)
        as_it_is = any((way := shown_under(g, name)) is not None and way.name == "none" for g in grants)
        codes = code_set(found) if as_it_is else ""
        what = PERSON if name == "person_id" else found.description
        shown = by_discloser(grants, partial(_way, name))
        rows.append((name, types[name] or found.stored_as, shown, codes, what))
    return list(COLUMNS_SHOWN), rows


def _element(table: str, name: str) -> Element:
    known = TABLES[table]
    return COMMON.get(name) or known.derived.get(name) or known.elements[name]


def by_discloser(grants: Iterable[Grant], way: Callable[[Grant], str]) -> str:
    """How grants show one column, each as `way` says: in one phrase where all disclosers agree, otherwise by discloser."""
    ways: dict[str, dict[str, None]] = {}
    for grant in sorted(grants, key=lambda g: g.discloser):
        ways.setdefault(grant.discloser, {})[way(grant)] = None
    phrases = {who: " or ".join(sorted(of, key=lambda way: way == EMPTY)) for who, of in ways.items()}
    if len(set(phrases.values())) == 1:
        return next(iter(phrases.values()))
    return "; ".join(f"{discloser}: {phrase}" for discloser, phrase in phrases.items())


def _way(name: str, grant: Grant) -> str:
    """How one grant shows a column: unchanged, masked, as a random code, or empty."""
    transform = shown_under(grant, name)
    if transform is None or transform.name == "suppress":
        return EMPTY
    if name == "person_id" and coded(grant):
        return "as a random code"
    return transform_words(transform) or "as it is"
