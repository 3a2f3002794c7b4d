"""The schedule of a draft: its lines, the available elements with the laws on them, and what partners hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.labels import element_words, listed, table_words
from throughway.agreements.transforms import Transform
from throughway.core.prose import capital
from throughway.core.refusals import Refused
from throughway.vocabulary import RESTRICTING_TAGS, TABLES, Element, covered

Held = Mapping[
    str, frozenset[str]
]  # partner → paths of elements; a partner without an entry has no register yet


@dataclass(frozen=True)
class Unheld:
    """A requested element that none of these partners holds."""

    element: str
    asked_of: tuple[str, ...]


@dataclass(frozen=True)
class Gaps:
    """`unheld`: requested and held by nobody. `lacking`: by partner, what is requested of it and it lacks, while another such
    partner holds it. `unasked`: by partner, what it holds and nobody requests. `unknown`: partners that give records and have
    listed no data system."""

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
    """Partner → the paths that the schedule requests of it, under any purpose."""
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


# tag → its label, and why an element under it is listed by itself.
WORDS: Mapping[str, tuple[str, str]] = {
    "NSLP": (
        "school meals",
        "Who receives school meals may be disclosed only to those directly connected with the meal programs or a few others that the "
        "law names; a program outside needs the family’s consent (42 U.S.C. 1758(b)(6)).",
    ),
    "IDEA": (
        "special education",
        "Disability and individual education programs have rules of confidentiality of their own (34 CFR 300.610 to 300.627).",
    ),
    "MV": (
        "homelessness",
        "A student’s living situation is an education record and never directory information (42 U.S.C. 11432(g)(3)(G)).",
    ),
    "FOSTER": (
        "foster care",
        "Placement in care is confidential under State child-welfare law and FERPA (20 U.S.C. 1232g(b)(1)(L)).",
    ),
    "HMIS": (
        "housing services",
        "Providers that serve victims may not disclose whom they serve (42 U.S.C. 11363), and each system "
        "has its own notice.",
    ),
    "HIPAA": ("health", "A clinic’s notes are under health privacy law, with an authorization of its own (45 CFR 164.508)."),
    "P2": ("substance use treatment", "Only with a written consent that names the receiver (42 CFR 2.31)."),
    "PPRA": (
        "protected survey topics",
        "Surveys on eight topics need a parent’s consent, or notice with a way to opt out (20 U.S.C. 1232h).",
    ),
    "COPPA": ("collected online under 13", "Needs verifiable consent of a parent (15 U.S.C. 6502(b))."),
    "AID": ("financial aid", "Information from an aid application may be used only for aid (34 CFR "
        "99.31(a)(4))."),
    "UI": ("wages", "Wage records are confidential and come from the State under its own agreement (20 CFR part 603)."),
    "EARLY": ("early childhood", "Head Start and early intervention have their own privacy rules (45 CFR part 1303)."),
    "STATE": ("State law", "A rule of this State restricts it."),
    "name_only": (
        "named one by one",
        "Free text, or a fact that can cause harm: our own rule never includes it with a whole table.",
    ),
}  # fmt: skip
# Tags that restrict nothing, and that a reader should know of.
QUIET: Mapping[str, str] = {
    "identifier": "identifies the student",
    "quasi_identifier": "can help to identify the student",
    "directory": "can be directory information",
    "discipline": "discipline",
}


def restricting(tags: Iterable[str]) -> list[str]:
    return sorted(tag for tag in tags if tag in RESTRICTING_TAGS)


def called(tag: str) -> str:
    """The label of a tag."""
    return WORDS[tag][0] if tag in WORDS else QUIET.get(tag, tag)


def reason(tag: str) -> str:
    """Why an element under a restricting tag is listed by itself."""
    return WORDS[tag][1]


Line = Mapping[str, Any]


def added(schedule: Sequence[Line], lines: Iterable[Line]) -> list[Line]:
    """The schedule with these lines, each placed with those of its table; Refused for an element that is listed already."""
    whole = list(schedule)
    for new in lines:
        if any(_overlap(new, old) for old in whole):
            raise Refused(
                f"{new['element']} is listed already for that purpose and partner; change its line, or take it out first.",
                code="listed",
            )
        table = new["element"].partition(".")[0]
        same = [n for n, old in enumerate(whole) if str(old.get("element", "")).partition(".")[0] == table]
        whole.insert(same[-1] + 1 if same else len(whole), new)
    return whole


def removed(schedule: Sequence[Line], lines: Iterable[Line]) -> list[Line]:
    """The schedule without these lines."""
    gone = list(lines)
    return [old for old in schedule if old not in gone]


def _overlap(new: Line, old: Line) -> bool:
    """Whether both name the same element for some purpose and discloser; a line without `from` is of every one."""
    return (
        new["element"] == old.get("element")
        and bool(set(new["purposes"]) & set(old.get("purposes") or ()))
        and (not new.get("from") or not old.get("from") or bool(set(new["from"]) & set(old["from"])))
    )


def listed_elements(schedule: Iterable[Line]) -> frozenset[str]:
    """Every path that any line covers."""
    return frozenset(path for each in schedule for path in elements(str(each.get("element", ""))))


def of_table(schedule: Sequence[Line], table: str) -> list[tuple[int, Line]]:
    """The lines of one table, with their positions."""
    return [
        (n, each)
        for n, each in enumerate(schedule)
        if str(each.get("element", "")).partition(".")[0] == table
    ]


def tables_in_order(schedule: Sequence[Line]) -> list[str]:
    """The tables of which any line speaks, in the order of the vocabulary."""
    named = {str(each.get("element", "")).partition(".")[0] for each in schedule}
    return [table for table in TABLES if table in named]


Names = Mapping[str, str]


@dataclass(frozen=True)
class ElementChoice:
    """One element. `laws`: labels of its restricting tags; `notes`: labels of its other tags."""

    path: str
    words: str
    about: str
    laws: tuple[str, ...]
    notes: tuple[str, ...]
    holders: tuple[str, ...]
    is_listed: bool


@dataclass(frozen=True)
class TableChoice:
    """One table: `together` are the elements that its wildcard covers, `apart` those that are named one by one. `reasons`:
    each restricting law there, and why."""

    name: str
    words: str
    grain: str
    together: tuple[ElementChoice, ...]
    apart: tuple[ElementChoice, ...]
    holders: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]

    @property
    def listed(self) -> int:
        return sum(choice.is_listed for choice in (*self.together, *self.apart))

    @property
    def count(self) -> int:
        return len(self.together) + len(self.apart)


def tables(
    schedule: Sequence[Line], held: Held, givers: Sequence[str], names: Names
) -> tuple[TableChoice, ...]:
    """Every table; first those that a discloser here holds, or that are already listed."""
    listed_here = listed_elements(schedule)
    found = [_table(name, listed_here, held, givers, names) for name in TABLES]
    return tuple(sorted(found, key=lambda table: not (table.holders or table.listed)))


def table(
    name: str, schedule: Sequence[Line], held: Held, givers: Sequence[str], names: Names
) -> TableChoice | None:
    """One table; None when the vocabulary has none of that name."""
    if name not in TABLES:
        return None
    return _table(name, listed_elements(schedule), held, givers, names)


def _table(
    name: str, listed_here: frozenset[str], held: Held, givers: Sequence[str], names: Names
) -> TableChoice:
    own = [e for e in TABLES[name].elements.values() if e.name != "person_id"]
    choices = [(e, _choice(e, listed_here, held, givers, names)) for e in own]
    apart = [choice for e, choice in choices if e.restricted]
    laws = dict.fromkeys(tag for e, _ in choices for tag in restricting(e.law_tags))
    return TableChoice(
        name=name,
        words=capital(table_words(name)),
        grain=TABLES[name].grain,
        together=tuple(choice for e, choice in choices if not e.restricted),
        apart=tuple(apart),
        holders=tuple(dict.fromkeys(holder for _, choice in choices for holder in choice.holders)),
        reasons=tuple((called(tag), reason(tag)) for tag in laws),
    )


def _choice(
    element: Element, listed_here: frozenset[str], held: Held, givers: Sequence[str], names: Names
) -> ElementChoice:
    return ElementChoice(
        path=element.path,
        words=capital(element_words(element.name)),
        about=element.description,
        laws=tuple(called(tag) for tag in restricting(element.law_tags)),
        notes=tuple(QUIET[tag] for tag in sorted(element.law_tags) if tag in QUIET),
        holders=tuple(names.get(p, p) for p in givers if element.path in held.get(p, ())),
        is_listed=element.path in listed_here,
    )


def misfits(transform: Transform, pattern: str) -> list[str]:
    """The elements, in words, that the pattern covers and on which the transform has no meaning."""
    found = [path.partition(".") for path in elements(pattern)]
    return [
        element_words(name)
        for table, _, name in found
        if not transform.fits(TABLES[table].elements[name].type)
    ]


def line_words(line: Line) -> str:
    """What a line lists, in words: all of a table that may go together, or one element."""
    table, _, name = str(line.get("element", "")).partition(".")
    if name == "*":
        return f"All of {table_words(table)} that may go together"
    return (
        f"{capital(element_words(name))}, of {table_words(table)}"
        if table in TABLES
        else str(line.get("element"))
    )


def element_list_words(paths: Sequence[str]) -> str:
    """Elements in a row of words, at most eight of them."""
    words = [element_words(path.partition(".")[2]) for path in paths]
    return listed(words) if len(words) <= 8 else f"{', '.join(words[:7])} and {len(words) - 7} more"
