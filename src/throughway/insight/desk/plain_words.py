"""The words of which the text of a saved question is made: the vocabulary's, SQL's, everyday ones, and the names of partners.

Whether a word may stand is read from these lists alone, and never from the records: so what is refused tells nothing about whose
records are here.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from throughway.gate.sql_grammar import ALLOWED, NAMED, TYPES
from throughway.vocabulary import CODE_SETS, TABLES

# Codes of a list whose words stand; of a longer one, as of languages and States, a code stands as a whole and its words do not.
LARGEST = 50
WORD = re.compile(r"[^\W\d_]+")
NUMBER = re.compile(r"\d(?:[-_./]?\d)*")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\b")
SCHOOL_YEAR = re.compile(r"20\d\d[-–/](?:20)?\d\d\b")
DIGITS_OF_SQL, DIGITS_OF_TITLE = 6, 4

EVERYDAY = """
a about above absence absences absent across after again against ages all almost alone along already also always am among amount
amounts an and another any anybody anyone april are around as ask asked asking at august average averages away back bad be became
because become been before began begin behind being below best better between big both bottom but by calendar came can change
changed changes chart check children class classes colleague colleagues come comes compare compared comparing comparison copy
correct could count counted counting counts credits cut daily dash dashes day days december delta did difference different do does
done down draft dropped during each earlier early either eleventh else end ended ends enough enroll enrolled enrolling equal ever
every everybody exactly example except expected failed failing fall falls far february few fewer fewest fifth figure figures fill
final find first five flag follow followed for found four fourth frequent from full gap gaps gave get give given go goes gone good
got group grouped groups grow growth had half has have having help helped her here high higher highest him his histogram how idea
if in into is it item items its january july june just keep kept key kid kids kind kinds large larger largest last late later
latest least left less level levels like line list listed little long longer look low lower lowest made main make many march mark
marks match matched maximum may mean means median mentored mentoring middle might mine minimum miss missed missing monday month
monthly months more most much must my name named names near need needed never new newest next nine ninth no nobody none nor normal
not nothing november now null number numbers october of off often old older oldest on once one ones only open or order other
others our ours out outcome over overall own pair part passed passing past peer per percent percentage percentile period periods
place places plan please possible previous quarter question questions quick quiet quintile random range rank ranks rare rarely
rate rates ratio reach reached ready reason recent repeat result results right rise row rows run same sample saturday saved
saw second see seen semester september set seven seventh several share shared shares she short should show showed shown shows side
since six sixth size skip small smaller smallest so some somebody somewhere soon spring start started starts step still stop
stopped such sum summary summer sunday table tables take taken takes tardy ten tenth test tested than that the their theirs them
then there these they thing things third this those three threshold thursday time times to today together too took top total
totals trend trends tried true try tuesday tutored tutoring twelfth twice two type types typical under unique until up us use used
user using usual value values version very via view was watch way we wednesday week weekly weeks well went were what when where
whether which while who whole whom whose why wide will window winter with within without word words work worked works worse worst
would year yearly years yes yesterday yet you young younger youngest your yours zero
"""


@cache
def known_words() -> frozenset[str]:
    """The words of the vocabulary, of SQL and of every day."""
    texts = [EVERYDAY, *NAMED, *TYPES, *DuckDB.Tokenizer.KEYWORDS, *DuckDB.Parser.FUNCTIONS]
    for function in ALLOWED:
        if issubclass(function, exp.Func):
            texts += function.sql_names()  # type: ignore[no-untyped-call]
    for table in TABLES.values():
        texts += [table.name, table.grain]
        for element in (*table.elements.values(), *table.derived.values()):
            texts += [element.name, element.description]
    for codes in CODE_SETS.values():
        if len(codes) <= LARGEST:
            texts += [*codes, *codes.values()]
    return words_of(texts)


def words_of(texts: Collection[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in texts for word in WORD.findall(text))


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for codes in CODE_SETS.values() for code in codes)


def strange_parts(text: str, names: Collection[str], *, title: bool) -> Iterator[tuple[int, int]]:
    """Where a word stands that is in none of the lists, or a number so long that it could be somebody's: its first character and the
    one after it. `names`: words of the partners' names. A text between quotes that is a code of the vocabulary stands as it is."""
    whole = SCHOOL_YEAR if title else DAY
    stands = [match.span() for match in whole.finditer(text)]
    if not title:
        stands += [match.span(1) for match in re.finditer(r"'([^']*)'", text) if match[1] in _codes()]
    found = [
        each.span()
        for each in WORD.finditer(text)
        if len(each[0]) > 1 and each[0].casefold() not in known_words() and each[0].casefold() not in names
    ]
    most = DIGITS_OF_TITLE if title else DIGITS_OF_SQL
    found += [each.span() for each in NUMBER.finditer(text) if sum(map(str.isdigit, each[0])) > most]
    for start, end in sorted(found):
        if not any(first <= start and end <= last for first, last in stands):
            yield start, end


def masked(text: str, names: Collection[str], *, title: bool) -> str:
    """The text with `word` in place of each strange word, and 0 of each long number."""
    for start, end in sorted(strange_parts(text, names, title=title), reverse=True):
        text = f"{text[:start]}{'0' if text[start].isdigit() else 'word'}{text[end:]}"
    return text
