"""Known names that a heading is like, where it is none of them.

Words that may stand for each other count as one; words that many elements have count little; the word that a heading ends in counts most,
unless `of` or `in` follow it. What is found so is a doubt, for a person to decide.
"""

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from throughway.intake.inspection.heading_words import FILLERS, NEUTRAL, SLIGHT, TAILS, VAGUE, alike, words_of
from throughway.intake.inspection.known_names import NOTHING, KnownName, known_names

MOST = 0.78
LEAST = 0.35  # before the cells are looked at
ONE_OF_MANY = 0.85  # one word does not decide a long heading
HEAD = 0.8  # what the word weighs at least that a heading ends in
VAGUE_HEAD = 0.5
SPARE, SPARE_IN_ALL = 0.7, 1.0  # what words of a heading weigh at most that the name has not
BREAKS = r"\s(?:of|for|in|at|to|by|per|de|del|en|a)\s|\("


@dataclass(frozen=True)
class NearName:
    name: KnownName
    score: float


@dataclass(frozen=True)
class _Folded:
    """A name by its words, folded. `head`: the word that says what it is."""

    words: frozenset[str]
    head: str


@cache
def near(heading: str, common: frozenset[str]) -> tuple[NearName, ...]:
    """The known names that share telling words with a heading, each element once, the best first. `common`: words that many columns of
    the file have, and that say little of this one."""
    given = _folded(heading)
    weights = {word: _weight(word) * (0.2 if word in common else 1) for word in given.words}
    weights[given.head] = max(
        weights.get(given.head, 0.0), VAGUE_HEAD if given.head in VAGUE | SLIGHT else HEAD
    )
    telling = given.words - VAGUE - SLIGHT - NEUTRAL - FILLERS
    best: dict[str, NearName] = {}
    alike_names = {name for word in given.words - VAGUE - SLIGHT for name in _by_word().get(word, ())}
    vague = given.words & (VAGUE | SLIGHT)
    for each in [frozenset([given.head]), *map(frozenset, itertools.combinations(sorted(vague), 2))]:
        if each <= vague:
            alike_names.update(_by_words().get(each, ()))
    for name in sorted(
        alike_names.union(_by_words().get(given.words, ())), key=lambda n: (len(n.written), n.element)
    ):
        folded = _folded(name.written)
        shared = sum(weights[word] for word in given.words & folded.words)
        lacking = sum(_weight(word) for word in folded.words - given.words)
        spare = min(sum(min(weights[word], SPARE) for word in given.words - folded.words), SPARE_IN_ALL)
        score = 0.85 * shared / (shared + spare + lacking)
        if folded.head == given.head:
            score += 0.17
        elif given.head not in folded.words:
            score *= 0.75 if given.head in _elements_of() else 0.9
        if name.element == NOTHING:
            score *= 0.85
        ends_so = folded.head == given.head and given.head not in VAGUE | SLIGHT
        if len(telling) > 2 and len(telling & folded.words) < 2 and not ends_so:
            score *= ONE_OF_MANY
        if score >= LEAST and score > (best[name.element].score if name.element in best else 0):
            best[name.element] = NearName(name, min(score, MOST))
    return tuple(sorted(best.values(), key=lambda n: -n.score))


@cache
def _pairs() -> frozenset[str]:
    """Two words that say little alone and much together: `first name`."""
    pairs = (words_of(name.written) for names in known_names().values() for name in names if name.element)
    return frozenset(" ".join(words) for words in pairs if len(words) == 2 and VAGUE.issuperset(words))


def head_of(heading: str) -> str:
    """The word that says what a heading is, folded."""
    return _folded(heading).head


@cache
def _folded(heading: str) -> _Folded:
    first = words_of(re.split(BREAKS, heading.strip(), maxsplit=1)[0])
    words = [alike(word) for word in words_of(heading) if word not in FILLERS] or [
        alike(w) for w in words_of(heading)
    ]
    words += [f"{a} {b}" for a, b in itertools.pairwise(words_of(heading)) if f"{a} {b}" in _pairs()]
    head = [alike(word) for word in first if word not in TAILS | FILLERS and not word.isdigit()]
    while len(head) > 1 and re.fullmatch(r"\w{3,}ed", head[-1]):  # `Units Billed` are units
        del head[-1]
    if words and words[0] == "date":
        head = ["date"]
    ends = head or [alike(word) for word in first] or words
    return _Folded(frozenset(words), ends[-1] if ends else "")


@cache
def _by_word() -> Mapping[str, tuple[KnownName, ...]]:
    """The names by each telling word; a key of a student only where its own words tell, as in `medicaid number`."""
    found: dict[str, list[KnownName]] = {}
    for names in known_names().values():
        for name in names:
            telling = _folded(name.written).words - VAGUE - SLIGHT - NEUTRAL
            for word in telling:
                if len(word) > 1 or len(telling) == 1:  # `F&P` is no `F/R/P`
                    found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@cache
def _by_words() -> Mapping[frozenset[str], tuple[KnownName, ...]]:
    """The names by all their words, folded: `Closure Date` is an end date."""
    found: dict[frozenset[str], list[KnownName]] = {}
    for names in known_names().values():
        for name in names:
            found.setdefault(_folded(name.written).words, []).append(name)
    return {words: tuple(names) for words, names in found.items()}


@cache
def _elements_of() -> Mapping[str, int]:
    """How many elements have each word in a name, whatever their tables."""
    found: dict[str, set[str]] = {}
    for names in known_names().values():
        for name in names:
            for word in _folded(name.written).words:
                found.setdefault(word, set()).add(name.element.rpartition(".")[2])
    return {word: len(elements) for word, elements in found.items()}


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
