"""Which elements a column's heading may name: a known name as it is, then without the words that say little, then a name that it is like.

A heading is like a name by the words that both have. Words that may stand for each other count as one; words that many elements have count
little; the word that a heading ends in counts most, unless `of` or `in` follow it. What is found so is a doubt, for a person to decide.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from throughway.intake.inspection.abbreviated import read_together
from throughway.intake.inspection.heading_words import (
    ADULT,
    DENYING,
    DONE,
    ELSEWHERE,
    FILLERS,
    KEYED,
    LONGEST,
    NEUTRAL,
    PERSONS,
    QUALIFIERS,
    SLIGHT,
    STAFF,
    TAILS,
    VAGUE,
    alike,
    singular,
    words_of,
)
from throughway.intake.inspection.known_names import KnownName, all_names, grouped, known_names
from throughway.vocabulary import TABLES

WHOLE_NAME = "whole_name"  # a first and a last name in one cell, for which the vocabulary has no element
NOTHING = ""  # headings that are known to name no element
PERSON_KEY = "person_identifier.person_identifier"
KEYS = (PERSON_KEY, "guardian.guardian_person_id")
EXACT, NEUTRALLY, COUNTED, NEARLY, ALMOST, NEARLY_KEY, ASIDE = 1.0, 0.93, 0.9, 0.78, 0.75, 0.61, 0.55
MOST_ALIKE, LEAST_ALIKE = (
    0.78,
    0.35,
)  # the score of a heading that is like a name, before the cells are looked at
ONE_OF_MANY = 0.85  # one word does not decide a long heading
HEAD, VAGUE_HEAD = 0.8, 0.5  # what the word weighs at least that a heading ends in
SPARE, SPARE_IN_ALL = 0.7, 1.0  # what words of a heading weigh at most that the name has not
BREAKS = r"\s(?:of|for|in|at|to|by|per|de|del|en|a)\s|\("
# What follows says when, who calls it so, or names more of the same: `Low Income Status at Program Entry`, `Site Code assigned by the State`.
WHEN = re.compile(
    r"(?i)(?<=\w\w\w)(?:\s(?:at|after|upon|prior to|(?:as )?(?:assigned|issued|reported|given|recorded) (?:by|to|in))\s|,\s)"
)
# A field of an object or a form, as reports write it: `attDetail.comments`, `Intake | Referred By`.
OF_AN_OBJECT = re.compile(r"(?P<object>[^\W\d]{3,}(?: [^\W\d]+)*)(?:\.| [|>:] |::)(?P<field>[^\W\d]{3,}.*)")
EITHER = re.compile(r"(\w{2,})\s?/\s?(\w{2,})")  # `LEA/Sponsor Code`
COUNTED_CONTACT = re.compile(r"(?i)contact\s?#?\d")  # `Contact 2 Cell` is of a person who may be called


@dataclass(frozen=True)
class HeadingMatch:
    """An element that a heading may name. `score`: 0 to 1. `known_as`: the known name that fits, as it is written."""

    element: str
    score: float
    known_as: str
    standard: str = ""


@cache
def matches(heading: str, common: frozenset[str] = frozenset()) -> tuple[HeadingMatch, ...]:
    """The elements that a heading may name, each once, the best first; with the element NOTHING where it is known to name none. `common`:
    words that many columns of the file have, and that say little of this one."""
    heading = heading[:LONGEST]
    in_order = words_of(heading)
    words = frozenset(in_order)
    if not words:
        return ()
    if heading.startswith("_") and in_order[-1] == "id":  # the key of a row, as servers of forms call it
        return (HeadingMatch(NOTHING, EXACT, "a key of the system's own"),)
    found = _named(in_order, common)
    of = OF_AN_OBJECT.fullmatch(heading)
    if of:
        field = words_of(of["field"])
        named = [replace(m, score=min(m.score, NEARLY)) for m in _named(field, common)]
        if named and {*words_of(of["object"])} & {*field[:-1]}:
            found = named  # `courseSection.courseNumber` is of no section
        elif len(field) > 1 or not found:
            found = [*found, *named]
    first = WHEN.split(heading, maxsplit=1)[0]
    if not found and first != heading and (of_first := matches(first, common)):
        return tuple(replace(m, score=min(m.score, NEARLY)) for m in of_first)
    if not found and (written := EITHER.search(heading)):
        either = [_named(words_of(EITHER.sub(each, heading, count=1)), common) for each in written.groups()]
        found = [replace(m, score=min(m.score, NEARLY)) for named in either for m in named]
    if not found:
        found = [
            _match(n, NEARLY) for n in read_together(heading) or (of and read_together(of["field"])) or ()
        ]
    if words & ADULT or ("contact" in words and COUNTED_CONTACT.search(heading)):
        own = [
            m
            for m in found
            if m.element.startswith("guardian.") or (m.element == WHOLE_NAME and m.score >= COUNTED)
        ]
        rest = frozenset(w for w in words - ADULT - {"contact"} if not w.isdigit()) or words - ADULT
        own = own or (list(_of_the_adult(heading, rest)) if rest else [])
        found = own or [m for m in found if m.element in (WHOLE_NAME, NOTHING)]
    elif not found:
        found = _like(heading, words, common)
    aside = words & (ELSEWHERE | DENYING)
    if aside and not any(m.score >= COUNTED for m in found):
        ends = _folded(heading)[1] in {alike(word) for word in aside}
        score = ALMOST if ends or words & DENYING else ASIDE
        found.append(HeadingMatch(NOTHING, score, f"a column about {min(aside)}"))
    best: dict[str, HeadingMatch] = {}
    for match in sorted(found, key=lambda m: (-m.score, m.standard)):
        best.setdefault(match.element, match)
    return tuple(best.values())


def _named(in_order: tuple[str, ...], common: frozenset[str]) -> list[HeadingMatch]:
    """What a heading names whose words, or all that tell something, are a known name."""
    words = frozenset(in_order)
    if found := _known((words, EXACT)):
        return found
    if words & STAFF or (words & DONE and ("by" in words or len(words) < 4)):
        return [HeadingMatch(NOTHING, EXACT, "a column about staff")]
    plain = frozenset(w for w in words if not w.isdigit()) or words  # counted: `01 Student ID`, `Phone 2`
    one = frozenset(map(singular, plain))
    if found := _known(
        (plain, COUNTED), (plain - QUALIFIERS, NEUTRALLY), (plain - FILLERS, COUNTED), (one, COUNTED)
    ):
        return found
    if in_order[-1] == "id" and in_order[-2:-1] and in_order[-2] in PERSONS and not plain <= NEUTRAL | {"id"}:
        # `LEA Student ID`: a number of the student, not of the agency
        return [HeadingMatch(PERSON_KEY, ALMOST, "student id")]
    rest = plain - NEUTRAL - FILLERS if plain - FILLERS else plain - NEUTRAL
    names = known_names() if rest in ({"first"}, {"last"}) else _without_neutral()  # `Member First`
    # `Student School ID`: of the school, or of the student
    score = NEARLY if "id" in rest and words & PERSONS and rest & KEYED else NEUTRALLY
    if found := [_match(name, score) for name in names.get(rest, ())]:
        return found
    if not words & ADULT and (found := _keys(words)):
        return found
    shorter, kept = [(plain - common, NEARLY)] if plain & common else [], list(in_order)
    while kept and kept[-1] in TAILS:  # `Reason_Txt`
        del kept[-1]
        shorter += [(frozenset(kept) - NEUTRAL, NEARLY), (frozenset(kept) - common, NEARLY)]
    return _known(*shorter)


def _known(*tries: tuple[frozenset[str], float]) -> list[HeadingMatch]:
    """The elements known by the first of some sets of words that are a name, each with the score of its set."""
    for words, score in tries:
        if found := known_names().get(words):
            return [_match(name, score) for name in found]
    return []


def _match(name: KnownName, score: float) -> HeadingMatch:
    return HeadingMatch(name.element, score, name.written, name.standard)


def _keys(words: frozenset[str]) -> list[HeadingMatch]:
    """What a number is of: `Student Person ID`; or the number that a vendor gives: `StudentRenaissanceID`, `SchoolSourcedID`."""
    if "id" not in words or len(words) > 4 or words & ELSEWHERE:
        return []
    if words & PERSONS and not words & KEYED:
        score = NEUTRALLY if words <= NEUTRAL | {"id"} else NEARLY_KEY
        return [HeadingMatch(PERSON_KEY, score, "student id")]
    of = words & KEYED
    found = _known((of | {"id"}, NEARLY_KEY)) if of in ({"school"}, {"district"}) else []
    return [m for m in found if m.element not in KEYS and not words & PERSONS]


def _like(heading: str, words: frozenset[str], common: frozenset[str]) -> list[HeadingMatch]:
    return [
        _match(name, score)
        for name, score in _near(heading, common)
        if not (name.element.startswith("person") and (words - name.words) & (KEYED | ELSEWHERE))
        and (name.element not in KEYS or "id" in words)  # not `Language of Survey`, nor `Quiz 2`
    ]


def _of_the_adult(heading: str, words: frozenset[str]) -> Iterator[HeadingMatch]:
    """What the rest of a heading such as `Mother Cell` means, as the adult's own: the telephone of a guardian."""
    named = [(name, NEUTRALLY) for name in known_names().get(words, ())]
    for name, score in named or _near(heading, ADULT):
        table, _, column = name.element.partition(".")
        if table == "guardian" and not named:
            yield _match(name, score)
        elif table in ("person", "person_contact") and column in TABLES["guardian"].elements:
            yield replace(_match(name, score), element=f"guardian.{column}")


def _near(heading: str, common: frozenset[str]) -> list[tuple[KnownName, float]]:
    """The known names that share telling words with a heading, each element once, with how near they are, the best first."""
    given, head = _folded(heading)
    weights = {word: _weight(word) * (0.2 if word in common else 1) for word in given}
    weights[head] = max(weights.get(head, 0.0), VAGUE_HEAD if head in VAGUE | SLIGHT else HEAD)
    telling, vague = given - VAGUE - SLIGHT - NEUTRAL - FILLERS, given & (VAGUE | SLIGHT)
    names = {name for word in given - VAGUE - SLIGHT for name in _by_word().get(word, ())}
    for each in [given, frozenset([head]) & vague, *map(frozenset, itertools.combinations(vague, 2))]:
        names.update(_by_words().get(each, ()))
    best: dict[str, tuple[KnownName, float]] = {}
    for name in sorted(names, key=lambda n: (len(n.written), n.element, n.standard)):
        own, own_head = _folded(name.written)
        shared = sum(weights[word] for word in given & own)
        lacking = sum(_weight(word) for word in own - given)
        spare = min(sum(min(weights[word], SPARE) for word in given - own), SPARE_IN_ALL)
        score = 0.85 * shared / (shared + spare + lacking)
        if own_head == head:
            score += 0.17
        elif head not in own:
            score *= 0.75 if head in _elements_of() else 0.9
        if name.element == NOTHING:
            score *= 0.85
        ends_so = own_head == head and head not in VAGUE | SLIGHT
        if len(telling) > 2 and len(telling & own) < 2 and not ends_so:
            score *= ONE_OF_MANY
        score = min(
            score, MOST_ALIKE
        )  # before it is compared: of names that fit as well, the first and shortest
        if score >= LEAST_ALIKE and score > (best[name.element][1] if name.element in best else 0):
            best[name.element] = name, score
    return sorted(best.values(), key=lambda found: -found[1])


@cache
def _folded(heading: str) -> tuple[frozenset[str], str]:
    """The words of a heading, those as one that may stand for each other, with the pairs that tell much; and the word that says what it is."""
    in_order = words_of(heading)
    words = [alike(word) for word in in_order if word not in FILLERS] or [alike(word) for word in in_order]
    words += [pair for pair in map(" ".join, itertools.pairwise(in_order)) if pair in _pairs()]
    first = words_of(re.split(BREAKS, heading.strip(), maxsplit=1)[0])
    ends = [alike(word) for word in first if word not in TAILS | FILLERS and not word.isdigit()]
    while len(ends) > 1 and re.fullmatch(r"\w{3,}ed", ends[-1]):  # `Units Billed` are units
        del ends[-1]
    if words and words[0] == "date":
        ends = ["date"]
    ends = ends or [alike(word) for word in first] or words
    return frozenset(words), ends[-1] if ends else ""


@cache
def _weight(word: str) -> float:
    if word.isdigit() or word in NEUTRAL or len(word) == 1:
        return 0.12
    if word in ("start", "end"):
        return 0.5
    if word in VAGUE | SLIGHT:
        return 0.3
    if word not in _elements_of():
        return SPARE
    return max(0.5, 1.5 - 0.25 * math.log2(_elements_of()[word]))


@cache
def _without_neutral() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    """The names without whose they are; not where one word is left that says little, or had a person at its end: `English Learner`."""
    rests = ((name.words - NEUTRAL, name) for name in all_names())
    return grouped(
        (rest, name)
        for rest, name in rests
        if len(rest) > 1 or (rest and not (rest <= VAGUE or words_of(name.written)[-1] in PERSONS))
    )


@cache
def _by_words() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    """The names by all their words, folded: `Closure Date` is an end date."""
    return grouped((_folded(name.written)[0], name) for name in all_names())


@cache
def _by_word() -> Mapping[str, tuple[KnownName, ...]]:
    """The names by each telling word; a key of a student only where its own words tell, as in `medicaid number`."""
    told = ((_folded(name.written)[0] - VAGUE - SLIGHT - NEUTRAL, name) for name in all_names())
    # `F&P` is no `F/R/P`
    return grouped((word, name) for words, name in told for word in words if len(word) > 1 or len(words) == 1)


@cache
def _pairs() -> frozenset[str]:
    """Two words that say little alone and much together: `first name`."""
    pairs = (words_of(name.written) for name in all_names() if name.element)
    return frozenset(" ".join(words) for words in pairs if len(words) == 2 and VAGUE.issuperset(words))


@cache
def _elements_of() -> Mapping[str, int]:
    """How many elements have each word in a name, whatever their tables."""
    found: dict[str, set[str]] = {}
    for name in all_names():
        for word in _folded(name.written)[0]:
            found.setdefault(word, set()).add(name.element.rpartition(".")[2])
    return {word: len(elements) for word, elements in found.items()}
