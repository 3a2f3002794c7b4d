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
    words = _kept(written_words(heading))
    numbers = frozenset(word for word in written_words(heading) if word.isdigit())
    return _read(words, numbers) or _read(_telling(words), numbers)


def _read(written: tuple[str, ...], numbers: frozenset[str]) -> tuple[KnownName, ...]:
    if len(written) < 2:
        return ()
    names = _by_place()
    found = set.intersection(
        *(
            {
                *names.get((place, len(written), alike(_said(word))), ()),
                *names.get((place, len(written), word[0]), ()),
            }
            for place, word in enumerate(written)
        )
    )
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


def _kept(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not word.isdigit() and word not in LINKING)


def _telling(words: Sequence[str]) -> tuple[str, ...]:
    """The words without whose record it is, and which one."""
    return tuple(word for word in words if meaning(word) not in NEUTRAL)


def _said(word: str) -> str:
    return "id" if meaning(word) == "number" else meaning(word)


@cache
def _distance(short: str, word: str) -> float:
    """0 where a word is written out, a little where it is written in two letters or more of its beginning, or in all its consonants; more
    for some of them; else FAR."""
    if alike(_said(short)) == alike(word):
        return 0
    if not 2 <= len(short) < len(word) or short[0] != word[0] or short in WHOLE_WORDS:
        return FAR
    bare = not {*short[1:]} & {*"aeiou"}
    if len(short) == 2 and not bare and meaning(short) != short:  # `No.` begins no `notes`
        return FAR
    if word.startswith(short) or (bare and consonants(word) == consonants(short)):
        return ABBREVIATED
    letters = iter(word)
    if bare and consonants(word).startswith(consonants(short)) and len(short) > 2:
        return 1
    return (
        2 if len(short) > 3 and short[-1] == word[-1] and all(letter in letters for letter in short) else FAR
    )


@cache
def _by_place() -> Mapping[tuple[int, int, str], Set[tuple[KnownName, tuple[str, ...]]]]:
    """The known names with their telling words: by the place of a word among so many, and the word or its first letter."""
    found: defaultdict[tuple[int, int, str], set[tuple[KnownName, tuple[str, ...]]]] = defaultdict(set)
    for name in all_names():
        whole = _kept(words_of(name.written))
        telling = _telling(whole)
        for words in {whole, telling, telling[:-1] if telling and telling[-1] in VAGUE | SLIGHT else whole}:
            for place, word in enumerate(words if len(words) > 1 else ()):
                found[place, len(words), alike(word)].add((name, words))
                found[place, len(words), word[0]].add((name, words))
    return found
