"""Headings of abbreviations, read together: `Mil Conn` is `military connected`, and `LAW_ENF_NOTIF` is `law enforcement notified`.

One abbreviation may stand for many words. All of a heading together stand for few names: those whose words they begin or write without vowels.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from functools import cache

from throughway.intake.inspection.heading_words import (
    LINKING,
    NEUTRAL,
    ROLES,
    SLIGHT,
    VAGUE,
    alike,
    consonants,
    meaning,
    words_of,
    written_words,
)
from throughway.intake.inspection.known_names import KnownName, all_names

ABBREVIATED, FAR = 0.01, 9
WHOLE_WORDS = frozenset(itertools.chain.from_iterable(ROLES.values())) - ROLES["shortened"]


def read_together(heading: str) -> tuple[KnownName, ...]:
    """The known names that a heading abbreviates, of each element the shortest."""
    written = _telling(written_words(heading))
    if len(written) < 2:
        return ()
    names = _by_place()
    found = set.intersection(
        *(
            {
                *names.get((place, len(written), alike(meaning(word))), ()),
                *names.get((place, len(written), word[0]), ()),
            }
            for place, word in enumerate(written)
        )
    )
    numbers = {word for word in written_words(heading) if word.isdigit()}
    far = {
        each: sum(map(_distance, written, each[1]))
        for each in found
        if numbers.issuperset(word for word in each[0].words if word.isdigit())
    }
    least = min((each for each in far.values() if each >= ABBREVIATED), default=FAR)
    best: dict[str, KnownName] = {}
    for name, words in sorted(far, key=lambda each: (len(each[0].written), each[0].written, each[0].element)):
        if far[name, words] == least < FAR:
            best.setdefault(name.element, name)
    return tuple(best.values())


def _telling(words: Sequence[str]) -> tuple[str, ...]:
    """The words without numbers and without whose record it is."""
    return tuple(w for w in words if not w.isdigit() and w not in LINKING and meaning(w) not in NEUTRAL)


@cache
def _distance(short: str, word: str) -> float:
    """0 where a word is written out, a little where it is written in two letters or more of its beginning, or in all its consonants; more
    for some of them; else FAR."""
    if alike(meaning(short)) == alike(word):
        return 0
    if not 2 <= len(short) < len(word) or short[0] != word[0] or short in WHOLE_WORDS:
        return FAR
    bare = consonants(short) == short
    if len(short) == 2 and not bare and meaning(short) != short:  # `No.` begins no `notes`
        return FAR
    if word.startswith(short) or (bare and consonants(word) == short):
        return ABBREVIATED
    letters = iter(word)
    if bare and consonants(word).startswith(short) and len(short) > 2:
        return 1
    return (
        2 if len(short) > 3 and short[-1] == word[-1] and all(letter in letters for letter in short) else FAR
    )


@cache
def _by_place() -> Mapping[tuple[int, int, str], Set[tuple[KnownName, tuple[str, ...]]]]:
    """The known names with their telling words: by the place of a word among so many, and the word or its first letter."""
    found: defaultdict[tuple[int, int, str], set[tuple[KnownName, tuple[str, ...]]]] = defaultdict(set)
    for name in all_names():
        whole = _telling(words_of(name.written))
        short = whole[:-1] if whole and whole[-1] in VAGUE | SLIGHT else ()
        for words in (whole, short):
            for place, word in enumerate(words if len(words) > 1 else ()):
                found[place, len(words), alike(word)].add((name, words))
                found[place, len(words), word[0]].add((name, words))
    return found
