"""Which words of names may be one name: misspelled, sounding alike, or a nickname and its formal name, as linkage compares them.

The conditions are those of `linkage.comparisons`, on single words, because who types a name into a search or at a door does not say which
word is the given name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from threading import Lock

import duckdb
import pyarrow as pa

from throughway.core.long_work import check_no_transaction
from throughway.identity.linkage.comparisons import (
    CLOSE_FIRST,
    CLOSE_SURNAME,
    EXPRESSIONS,
    FIRST_EDITS,
    ONE_LETTER,
)
from throughway.identity.linkage.standardization import MACROS, set_words
from throughway.identity.linkage.word_lists import formal_names

SHORTEST = 3  # letters of a word that may be misspelled
SAME, NICKNAME = 1.0, 0.97
# Words that linkage calls close differ in few letters and in length by little, unless they sound alike.
FEW_LETTERS, LITTLE = 6, 5
NAMES = re.compile(r"\b(first|spelled|head)_([lr])\b")
_TURN = Lock()


def _of_words(condition: str) -> str:
    """A condition on given names or surnames as one on words, so that what several conditions measure is measured once."""
    return NAMES.sub(r"word_\2", condition).replace("first_letters_", "letters_")


PREPARED = "select word, sound(word) as sounded, letters(word) as letters from given_words"
CLOSE = f"""
with asked as materialized ({PREPARED}),
few as (
    select a.word as word_l, a.sounded as sounded_l, a.letters as letters_l, b.word as word_r, b.sounded as sounded_r, b.letters as letters_r
    from asked a, among b
    where a.word <> b.word and least(len(a.word), len(b.word)) >= {SHORTEST}
        and (a.sounded = b.sounded
            or (abs(strlen(a.word) - strlen(b.word)) <= {LITTLE} and bit_count(xor(a.letters, b.letters)) <= {FEW_LETTERS}))
),
measured as (select *, {_of_words(EXPRESSIONS[FIRST_EDITS][1])} as first_edits from few)
select word_l, word_r, jaro_winkler_similarity(word_l, word_r) as score from measured
where {_of_words(CLOSE_FIRST)} or {_of_words(ONE_LETTER)} or {_of_words(CLOSE_SURNAME)}"""

Scores = Mapping[str, float]


class CloseWords:
    """`among`: words of names as `name_index.words_of` gives them."""

    def __init__(self, among: Iterable[str]) -> None:
        self._words = frozenset(among)
        self._among = _asked(PREPARED, sorted(self._words))

    def of(self, words: Sequence[str]) -> Mapping[str, Scores]:
        """For each of the words those among them that may be the same name, with how alike they are, the word itself at 1."""
        found: dict[str, dict[str, float]] = {word: {word: SAME} for word in words}
        for word, other, score in zip(
            *_asked(CLOSE, sorted(found), self._among).to_pydict().values(), strict=True
        ):
            found[word][other] = score
        for word in found:
            found[word] |= dict.fromkeys(_short_and_formal(word) & self._words - {word}, NICKNAME)
        return found


def _short_and_formal(word: str) -> frozenset[str]:
    """The names of which it is a short form, its short forms, and other short forms of the same name."""
    formals, shorts = _nicknames()
    of_word = formals.get(word, frozenset())
    return of_word.union(shorts.get(word, ()), *(shorts[name] for name in of_word))


@cache
def _nicknames() -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    """The formal names of each short form, and the short forms of each formal name."""
    formals, shorts = defaultdict(set), defaultdict(set)
    for short, formal in formal_names():
        formals[short].add(formal)
        shorts[formal].add(short)
    return {k: frozenset(v) for k, v in formals.items()}, {k: frozenset(v) for k, v in shorts.items()}


def _asked(sql: str, words: Sequence[str], among: pa.Table | None = None) -> pa.Table:
    check_no_transaction("a comparison of names")
    with _TURN:
        engine = _engine()
        engine.register("given_words", pa.table({"word": pa.array(words, pa.string())}))
        if among is not None:
            engine.register("among", among)
        try:
            return engine.execute(sql).to_arrow_table()
        finally:
            engine.unregister("given_words")
            engine.unregister("among")


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for the process, in memory; it holds no name between two questions."""
    engine = duckdb.connect(":memory:")
    engine.execute("set temp_directory = ''; set threads = 1")
    set_words(engine)
    engine.execute(MACROS)
    return engine
