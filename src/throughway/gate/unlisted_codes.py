"""Codes that a reader's SQL compares with a coded column though its code set has none such, so that no row holds them.

The vocabulary alone decides, so a note tells nothing of any row.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from throughway.core.prose import counted
from throughway.gate.leak_prevention.safe_conditions import bare, column_kind
from throughway.vocabulary import TABLES, Element, codes_of, element, no_code

EQUALITY = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)
MOST = 5  # codes that are told one by one: to look for the nearest takes time
LONGEST = 60  # characters; what is longer was never meant as a code


def unlisted_codes(scopes: Iterable[Scope], as_it_is: Callable[[str, str], bool]) -> Iterator[str]:
    """A sentence for each of the first such codes, with the nearest of the code set, and one for all others. `as_it_is(table, column)`:
    the reader sees the codes themselves, not a blurred value or another code in their place."""
    found = list(dict.fromkeys(_unlisted(scopes, as_it_is)))
    for column, code in found[:MOST]:
        yield f"No row has this code: {no_code(column, code[:LONGEST])}."
    if (rest := len(found) - MOST) > 0:
        yield f"{counted(rest, 'more code')} in the question: in no code set, so that no row has them."


def _unlisted(scopes: Iterable[Scope], as_it_is: Callable[[str, str], bool]) -> Iterator[tuple[Element, str]]:
    def coded(table: str, name: str) -> str | None:
        found = TABLES[table].elements.get(name)
        return found.path if found is not None and codes_of(found) and as_it_is(table, name) else None

    for scope in scopes:
        for compared in scope.find_all(*EQUALITY):  # type: ignore[no-untyped-call]
            sides = [bare(side) for side in compared.iter_expressions()]
            columns = [side for side in sides if isinstance(side, exp.Column)]
            if len(columns) != 1 or (path := column_kind(columns[0], scope, coded)) is None:
                continue
            column = element(path)
            listed = codes_of(column) or {}
            yield from ((column, side.name) for side in sides if side.is_string and side.name not in listed)
