"""The vocabulary for people to look things up: tables, elements and code sets by name, by a search, and as a page of the manual.

`python -m throughway.vocabulary.reference` prints the page, `docs/vocabulary.md`.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from throughway.core.refusals import Refused, nearest
from throughway.vocabulary.codes import CODE_SETS, code_set
from throughway.vocabulary.labels import element_words, table_words
from throughway.vocabulary.tables import COMMON, TABLES, Element, Table

LONG = 80  # a code set with more codes is not printed in the manual
MOST = 50  # results of each kind that a search gives


@dataclass(frozen=True)
class CodeSet:
    """`elements`: those that take the codes, as table.column; none where the vocabulary keeps the list for formats alone."""

    name: str
    elements: tuple[str, ...]

    @property
    def codes(self) -> Sequence[tuple[str, str]]:
        """Each code with its label."""
        return list(CODE_SETS[self.name].items())

    @property
    def words(self) -> str:
        """What its codes describe, such as `sex`."""
        names = dict.fromkeys(element_words(path.partition(".")[2]) for path in self.elements)
        return ", ".join(names)


@cache
def code_sets() -> dict[str, CodeSet]:
    """Every code set by its name, in the order of the tables; those that no element takes last."""
    taken: dict[str, list[str]] = {}
    for table in TABLES.values():
        for found in table.elements.values():
            if name := code_set(found):
                taken.setdefault(name, []).append(found.path)
    return {
        name: CodeSet(name, tuple(taken.get(name, ())))
        for name in (*taken, *(n for n in CODE_SETS if n not in taken))
    }


def columns_of(table: Table) -> list[Element]:
    """All columns that a query on the table can name, in the order of its answer."""
    return [*table.elements.values(), *table.derived.values(), *COMMON.values()]


def look_up(name: str) -> Table | CodeSet | Element:
    """The table, the code set or the element (table.column) of this name; Refused (unknown_name) with the nearest names."""
    wanted = name.strip().casefold()
    if wanted in TABLES:
        return TABLES[wanted]
    for each in code_sets().values():
        if each.name.casefold() == wanted:
            return each
    paths = _paths()
    if wanted in paths:
        return paths[wanted]
    near = nearest_names(name)
    cure = f"did you mean {' or '.join(near)}?" if near else "`throughway vocabulary` lists them."
    raise Refused(
        f"The vocabulary has no table, element or code set of that name; {cure}", code="unknown_name"
    )


def nearest_names(name: str) -> list[str]:
    """The tables, code sets and elements (table.column) that are spelled most like a name, the best first."""
    of_column = {found.name: found.path for found in _paths().values()}
    known = [*TABLES, *code_sets(), *of_column]
    return [of_column.get(each, each) for each in nearest("_".join(name.split()), known)]


def _paths() -> dict[str, Element]:
    """Every element of a table, the derived ones too, by its path."""
    return {
        found.path: found for table in TABLES.values() for found in columns_of(table) if found.table != "*"
    }


@dataclass(frozen=True)
class VocabularySearchResult:
    """What a search finds; `more` where there is more than is given."""

    tables: Sequence[Table]
    elements: Sequence[Element]
    code_sets: Sequence[CodeSet]
    codes: Sequence[tuple[CodeSet, str, str]]
    more: bool

    @property
    def anything(self) -> bool:
        return bool(self.tables or self.elements or self.code_sets or self.codes)


def search(words: str) -> VocabularySearchResult:
    """Everything that contains each of the words: in names, descriptions, codes and their labels."""
    wanted = words.casefold().replace("_", " ").split()

    def fits(*texts: str) -> bool:
        whole = " ".join(texts).casefold().replace("_", " ")
        return all(word in whole for word in wanted)

    tables = [t for t in TABLES.values() if fits(t.name, t.grain, table_words(t.name))]
    elements = [
        e for t in TABLES.values() for e in (*t.elements.values(), *t.derived.values())
        if fits(e.path, e.description, element_words(e.name), e.ceds_global_id)
    ]  # fmt: skip
    sets = [s for s in code_sets().values() if fits(s.name, s.words)]
    codes = [(s, code, label) for s in code_sets().values() for code, label in s.codes if fits(code, label)]
    more = any(len(found) > MOST for found in (elements, sets, codes))
    return VocabularySearchResult(tables, elements[:MOST], sets[:MOST], codes[:MOST], more)


def type_words(found: Element) -> str:
    """`code`, `date` …; for a column that is computed in reading, also its source."""
    return f"{found.type}, from {found.derived_from}" if found.derived_from else found.type


def markdown() -> str:
    """The page of the manual."""
    return "\n".join(_page()) + "\n"


INTRODUCTION = """# The vocabulary

<!-- Made by: python -m throughway.vocabulary.reference > docs/vocabulary.md -->

The words in which files are loaded, agreements are written and questions are asked: tables, their elements, and the codes that elements take. On the command line:
[`throughway vocabulary`](commands/vocabulary.md). On the site: [Vocabulary](screens/vocabulary.md), with a search.

An element is named `table.column`, in an agreement's schedule and in a crosswalk alike. **By name**: an agreement covers it only where its schedule names it; no
wildcard does. **Tags**: of the laws that restrict it, or that inform the review; **free text** may name anybody and rests in the vault. Where a code set is named after CEDS (`C000255`), so are its codes; others are the
vocabulary's own. In a [question](commands/query.md), `SHOW TABLES` and `DESCRIBE` tell which of these your purpose shows you.

Every table also carries:
"""


def _page() -> Iterator[str]:
    yield INTRODUCTION
    yield from _grid(COMMON.values())
    yield "\n## Tables\n"
    yield from (
        f"- [{table.name}](#{table.name}): {table.grain[0].lower()}{table.grain[1:]}"
        for table in TABLES.values()
    )
    for table in TABLES.values():
        yield f"\n### {table.name}\n\n{table.grain}.\n"
        yield from _grid([*table.elements.values(), *table.derived.values()])
    yield "\n## Code sets\n"
    for each in code_sets().values():
        yield f"\n### {each.name}\n"
        yield (
            f"Of {', '.join(f'`{path}`' for path in each.elements)}.\n"
            if each.elements
            else "No element uses this code set. It is kept for files that do.\n"
        )
        if len(each.codes) > LONG:
            yield f"{len(each.codes):,} codes: `throughway vocabulary {each.name}` lists them."
            continue
        yield "| code | label |\n|---|---|"
        yield from (f"| `{code}` | {_cell(label)} |" for code, label in each.codes)


def _grid(elements: Iterable[Element]) -> Iterator[str]:
    yield "| element | type | code set | what it is | by name | tags | NDPA category |\n|---|---|---|---|---|---|---|"
    for found in elements:
        name = code_set(found)
        link = f"[{name}](#{name.lower()})" if name else ""
        by_name = "yes" if found.restricted else ""
        tags = ", ".join(
            [*sorted(found.law_tags - {"name_only"}), *(["free text"] if found.free_text else [])]
        )
        cells = (
            f"`{found.name}`",
            type_words(found),
            link,
            _cell(found.description),
            by_name,
            tags,
            _cell(found.ndpa_category),
        )
        yield f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(markdown())
