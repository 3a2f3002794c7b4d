"""Which elements a column's heading may name: a known name as it is, then without the words that say little, then a name that it is like."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from throughway.intake.inspection.heading_words import (
    ADULT,
    DENYING,
    ELSEWHERE,
    FILLERS,
    KEYED,
    NEUTRAL,
    PERSONS,
    QUALIFIERS,
    STAFF,
    TAILS,
    VAGUE,
    alike,
    words_of,
)
from throughway.intake.inspection.known_names import NOTHING, PERSON_KEY, WHOLE_NAME, KnownName, known_names
from throughway.intake.inspection.near_names import head_of, near
from throughway.vocabulary import TABLES

EXACT, NEUTRALLY, COUNTED, NEARLY, ALMOST, NEARLY_KEY, ASIDE = 1.0, 0.93, 0.9, 0.78, 0.75, 0.61, 0.55
# What follows says when, or names more of the same: `Low Income Status at Program Entry`.
WHEN = re.compile(r"(?i)(?<=\w\w\w)(?:\s(?:at|after|upon|prior to)\s|,\s)")
COUNTED_CONTACT = re.compile(r"(?i)contact\s?#?\d")  # `Contact 2 Cell` is of a person who may be called
KEYS = (PERSON_KEY, "guardian.guardian_person_id")


@dataclass(frozen=True)
class HeadingMatch:
    """An element that a heading may name. `score`: 0 to 1. `known_as`: the known name that fits, as it is written."""

    element: str
    score: float
    known_as: str
    standard: str = ""  # whose name it is; empty for a common heading


@cache
def matches(heading: str, common: frozenset[str] = frozenset()) -> tuple[HeadingMatch, ...]:
    """The elements that a heading may name, each once, the best first; with the element NOTHING where it is known to name none. `common`:
    words that many columns of the file have."""
    in_order = words_of(heading)
    words = frozenset(in_order)
    if not words:
        return ()
    found = _named(in_order, common)
    first = WHEN.split(heading, maxsplit=1)[0]
    if not found and first != heading and (of_first := matches(first, common)):
        return tuple(replace(m, score=min(m.score, NEARLY)) for m in of_first)
    adult = words & ADULT or ("contact" in words and COUNTED_CONTACT.search(heading) is not None)
    if adult:
        own = [m for m in found if m.element.startswith("guardian.")]
        rest = frozenset(w for w in words - ADULT - {"contact"} if not w.isdigit()) or words - ADULT
        own = own or (list(_of_the_adult(heading, rest)) if rest else [])
        found = own or [m for m in found if m.element in (WHOLE_NAME, NOTHING)]
    elif not found:
        found = _near(heading, words, common)
    aside = words & (ELSEWHERE | DENYING)
    if aside and not any(m.score >= COUNTED for m in found):
        ends = head_of(heading) in {alike(word) for word in aside}
        score = ALMOST if ends or words & DENYING else ASIDE
        found.append(HeadingMatch(NOTHING, score, f"a column about {min(aside)}"))
    return _best(found)


def _named(in_order: tuple[str, ...], common: frozenset[str]) -> list[HeadingMatch]:
    """What a heading names whose words, or all that tell something, are a known name."""
    words = frozenset(in_order)
    if found := _known(words, EXACT):
        return found
    if words & STAFF:
        return [HeadingMatch(NOTHING, EXACT, "a column about staff")]
    plain = frozenset(w for w in words if not w.isdigit()) or words
    if found := _known(plain, COUNTED):  # columns that are counted: `01 Student ID`, `Phone 2`
        return found
    if found := _known(plain - QUALIFIERS, NEUTRALLY) or _known(plain - FILLERS, COUNTED):
        return found
    named = len(in_order) > 1 and in_order[-1] == "id" and in_order[-2] in PERSONS
    if named and not plain <= NEUTRAL | {"id"}:
        # `LEA Student ID`: a number of the student, not of the agency
        return [HeadingMatch(PERSON_KEY, ALMOST, "student id")]
    rest = plain - NEUTRAL - FILLERS if plain - FILLERS else plain - NEUTRAL
    names = known_names() if rest in ({"first"}, {"last"}) else _without_neutral()  # `Member First`
    # `Student School ID`: of the school, or of the student
    score = NEARLY if "id" in rest and words & PERSONS and rest & KEYED else NEUTRALLY
    if found := [HeadingMatch(n.element, score, n.written, n.standard) for n in names.get(rest, ())]:
        return found
    if plain & common and (found := _known(plain - common, NEARLY)):
        return found
    kept = list(in_order)
    while kept and kept[-1] in TAILS:  # `Reason_Txt`
        del kept[-1]
        if found := _known(frozenset(kept) - NEUTRAL, NEARLY) or _known(frozenset(kept) - common, NEARLY):
            return found
    return []


def _known(words: frozenset[str], score: float) -> list[HeadingMatch]:
    return [HeadingMatch(n.element, score, n.written, n.standard) for n in known_names().get(words, ())]


def _near(heading: str, words: frozenset[str], common: frozenset[str]) -> list[HeadingMatch]:
    if "id" in words and words & PERSONS and not words & KEYED and len(words) <= 4:
        # `Student Person ID`, or the number that a vendor gives: `StudentRenaissanceID`
        score = NEUTRALLY if words <= NEUTRAL | {"id"} else NEARLY_KEY
        return [HeadingMatch(PERSON_KEY, score, "student id")]
    return [
        HeadingMatch(n.name.element, n.score, n.name.written, n.name.standard)
        for n in near(heading, common)
        if not (n.name.element.startswith("person") and (words - n.name.words) & (KEYED | ELSEWHERE))
        and (n.name.element not in KEYS or "id" in words)  # not `Language of Survey`, nor `Quiz 2`
    ]


@cache
def _without_neutral() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    found: dict[frozenset[str], list[KnownName]] = {}
    for words, names in known_names().items():
        rest = words - NEUTRAL
        if rest and not (len(rest) == 1 and rest <= VAGUE):
            found.setdefault(rest, []).extend(names)
    return {words: tuple(names) for words, names in found.items()}


def _of_the_adult(heading: str, words: frozenset[str]) -> Iterator[HeadingMatch]:
    """What the rest of a heading such as `Mother Cell` means, as the adult's own: the telephone of a guardian."""
    named = [(name, NEUTRALLY) for name in known_names().get(words, ())]
    for name, score in named or [(n.name, n.score) for n in near(heading, ADULT)]:
        table, _, column = name.element.partition(".")
        if table == "guardian" and not named:
            yield HeadingMatch(name.element, score, name.written, name.standard)
        elif table in ("person", "person_contact") and column in TABLES["guardian"].elements:
            yield HeadingMatch(f"guardian.{column}", score, name.written, name.standard)


def _best(found: list[HeadingMatch]) -> tuple[HeadingMatch, ...]:
    best: dict[str, HeadingMatch] = {}
    for match in sorted(found, key=lambda m: (-m.score, m.standard)):
        best.setdefault(match.element, match)
    return tuple(best.values())
