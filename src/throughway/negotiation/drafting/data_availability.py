"""Asked and held: what a schedule asks for that nobody holds, and what partners hold that it does not ask for.

Example: a draft asks Oak Schools for `course_grade.*`, and Oak Schools' systems hold attendance alone. Then every mark is asked
for and held by nobody, and attendance is held and asked for by nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.vocabulary import TABLES, covered

Held = Mapping[
    str, frozenset[str]
]  # partner → paths of elements; a partner without an entry has no register yet


@dataclass(frozen=True)
class Unheld:
    """An element that is asked of these partners, none of which holds it."""

    element: str
    asked_of: tuple[str, ...]


@dataclass(frozen=True)
class Gaps:
    """`unheld`: asked for and held by nobody. `lacking`: by partner, what it is asked for and lacks, while another that is
    asked holds it. `unasked`: by partner, what it holds and is not asked for. `unknown`: partners that give records and
    have listed no system, so that nothing can be said of them."""

    unheld: tuple[Unheld, ...]
    lacking: Mapping[str, tuple[str, ...]]
    unasked: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]


def elements(pattern: str) -> tuple[str, ...]:
    """The paths that `table.column` or `table.*` covers, by the vocabulary's rule; none for what it does not know.

    `person_id` comes with every table and is nobody's choice.
    """
    try:
        found = covered(pattern)
    except KeyError:
        return ()
    return tuple(element.path for element in found if element.name != "person_id")


def asked(document: AgreementDocument) -> dict[str, frozenset[str]]:
    """Partner → the paths that the schedule asks of it, under any purpose."""
    found: dict[str, set[str]] = {}
    for line in document.schedule:
        paths = elements(line.element)
        for purpose in document.purposes:
            for discloser in document.line_disclosers(line, purpose):
                found.setdefault(discloser, set()).update(paths)
    return {partner: frozenset(paths) for partner, paths in found.items()}


def gaps(asked_of: Held, held: Held, givers: Iterable[str]) -> Gaps:
    """`givers`: the partners that give records here, in order."""
    known = [partner for partner in dict.fromkeys(givers) if partner in held]
    own = {partner: frozenset(path for each in held[partner] for path in elements(each)) for partner in known}
    wanted = {partner: asked_of.get(partner, frozenset()) for partner in known}
    nowhere: dict[str, list[str]] = {}
    lacking: dict[str, list[str]] = {}
    for path in in_order({path for paths in wanted.values() for path in paths}):
        asked_there = [partner for partner in known if path in wanted[partner]]
        without = [partner for partner in asked_there if path not in own[partner]]
        unsure = any(path in asked_of.get(partner, ()) for partner in asked_of if partner not in held)
        if without == asked_there and not unsure:
            nowhere[path] = without
        else:
            for partner in without:
                lacking.setdefault(partner, []).append(path)
    return Gaps(
        unheld=tuple(Unheld(path, tuple(partners)) for path, partners in nowhere.items()),
        lacking={partner: tuple(paths) for partner, paths in lacking.items()},
        unasked={p: more for p in known if (more := tuple(in_order(own[p] - wanted[p])))},
        unknown=tuple(partner for partner in dict.fromkeys(givers) if partner not in held),
    )


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths in the order of the vocabulary."""
    return sorted(paths, key=lambda path: _POSITIONS.get(path, len(_POSITIONS)))


_POSITIONS = {
    element.path: n
    for n, element in enumerate(e for table in TABLES.values() for e in table.elements.values())
}


def by_table(paths: Iterable[str]) -> dict[str, list[str]]:
    """Table → names of its elements among the paths, in the order of the vocabulary."""
    found: dict[str, list[str]] = {}
    for path in in_order(paths):
        table, _, name = path.partition(".")
        found.setdefault(table, []).append(name)
    return found
