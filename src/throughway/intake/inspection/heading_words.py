"""The words of a column's heading, and what kinds of words there are.

All words are data: `heading_words.csv` (abbreviations), `heading_roles.csv` (what a word does in a heading), `alike_words.csv` (words that
may stand for each other), `file_words.csv` and `sensitive_words.csv`. They were collected from headings of student systems and programs.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

LONGEST = 1_000  # letters of a heading that are read: the time grows with their square


def rows_of(name: str) -> list[dict[str, str]]:
    text = files("throughway.intake.inspection").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


ROLES: Mapping[str, frozenset[str]] = {
    row["role"]: frozenset(row["words"].split(";")) for row in rows_of("heading_roles.csv")
}
LINKING = ROLES["linking"]
FILLERS = ROLES["filler"]  # words of a question: `What grade will your child be in?`
QUALIFIERS = ROLES["qualifier"]  # which one, where there are several
PERSONS = ROLES["person"]  # whose record it is, which a heading may have or lack
NEUTRAL = PERSONS | QUALIFIERS
SLIGHT = ROLES["slight"]  # words that many names have
VAGUE = ROLES["vague"]  # words that say little alone: `number` is not `student number`
STAFF, ADULT = ROLES["staff"], ROLES["adult"]
KEYED = ROLES["keyed"]  # what has keys of its own, beside persons
TESTS = ROLES["test"]
DONE = ROLES["done"]  # what staff do with a record: `Entered By`
TAILS = ROLES["tail"]  # what may follow the word that says what a column is: `Att_Cd_Descr`
DENYING = ROLES["denying"]  # what makes a column another than the one that is known: `Next School`
ELSEWHERE = ROLES["elsewhere"]  # what no element holds: `Bus Stop`, `Shirt Size`

# The first of the adults of a student, as systems count them: `F1G1 CELL`, `P2_Email`.
ADULTS_CODE = re.compile(
    r"^\W*(?:F\d\s?)?(?:G|PG|P|CG|GRDN)\s?\d[\s_.-]+"
    r"(?=(?:(?:home|work|cell)[\s_]?)?(?:first|fst|fn|fname|last|lst|ln|lname|name|nm|rel|relationship|cell|phone|ph|e?mail|mobile|custod\w*)(?![a-z]))",
    re.IGNORECASE,
)


def _each_word(name: str) -> Mapping[str, str]:
    """What each word of a file of data says, whose rows have one thing and the words that say it."""
    return {
        word: said for said, words in (row.values() for row in rows_of(name)) for word in words.split(";")
    }


ALIKE = _each_word("alike_words.csv")  # the word that stands for all that may stand for each other
FILE_WORDS = _each_word("file_words.csv")  # the table that a whole file is of, told by its name
SENSITIVE_WORDS = _each_word("sensitive_words.csv")  # why a column is sensitive, by words of its heading


@cache
def written_words(heading: str) -> list[str]:
    """The words of a heading as they are written, in small letters."""
    plain = unicodedata.normalize("NFKD", heading[:LONGEST])
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"#(?=\d)", " ", plain)  # the first of several: `Phone #1`
    plain = re.sub(
        r"^(?:(?i:number|num|no\.?)|#|N) (?=[A-Za-z]+ed\b)", "count ", plain
    )  # `Number Tested` is no key
    plain = plain.replace("#", " number ").replace("%", " percent ")
    plain = _of_objects(plain)
    plain = ADULTS_CODE.sub("Guardian ", plain)
    plain = re.sub(r"^EC\s?\d(?![^\W\d_])", "Emergency Contact ", plain)
    plain = re.sub(r"\b[A-Za-z](?:[./&-][A-Za-z])+\b\.?", _joined, plain)  # `D.O.B.`, `M-V Start`
    plain = re.sub(r"(?<=[A-Za-z])['’][sS]\b", "", plain)  # `Child's First Name`
    plain = re.sub(r"\b(\d+)(?i:st|nd|rd|th)\b", r"\1", plain)  # `1st Quarter`
    plain = re.sub(r"[A-Za-z]+", _unless_known, plain)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return re.findall(r"[a-z]+|\d+", plain.lower())


def words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading: `StuDOB`, `stu_dob` and `Stu. D.O.B` become student, birth, date."""
    found: list[str] = []
    for written in written_words(heading):
        short = meaning(written)
        for word in (short,) if short != written else _parts(written):
            found += meaning(word).split()
    found = ["id" if word == "number" else word for word in found]
    return tuple(word for word in found if word not in LINKING) or tuple(found)


@cache
def meaning(word: str) -> str:
    """What a word stands for: an abbreviation of the list, or one made as abbreviations are: the consonants of a known word, or its
    beginning where no other known word begins so."""
    listed = _abbreviations().get(word)
    if listed is not None or len(word) < 3 or word in _dictionary() or word.isdigit():
        return listed or word
    words = [w for w in _dictionary() if len(w) > len(word) and w[0] == word[0]]
    bare = len(word) > 2 and not re.search(r".[aeiou]", word)
    found = {meaning(w) for w in words if bare and consonants(w) == consonants(word)}
    if not found and 4 <= len(word) <= 7:
        found = {singular(meaning(w)) for w in words if w.startswith(word)}
    if not found and len(word) >= 7 and _parts(word) == (word,):  # a slip of the pen
        found = {meaning(w) for w in get_close_matches(word, words, n=1, cutoff=0.9)}
    return min(found) if len({alike(each) for each in found}) == 1 else word


@cache
def consonants(word: str) -> str:
    """A word without its vowels but the first letter, each consonant once: `enrllmnt` and `enrlmnt` are an enrollment."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"(?<=.)[aeiou]", "", word))


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and re.search(r"[^siu]s$", word) else word


def _of_objects(heading: str) -> str:
    """A field as Salesforce calls it, without its package and with the client that its contact is: `pmdm__Contact__r.FirstName`."""
    if not re.search(r"__[cr]\b", heading):
        return heading
    plain = re.sub(r"\b[a-z][a-z0-9]*__(?=[A-Za-z])", "", heading)
    return re.sub(r"__[cr]\b", " ", re.sub(r"\bContact(?=__[cr]\b)", "Client", plain))


def _joined(written: re.Match[str]) -> str:
    """Letters with stops between them, as the one word that they abbreviate."""
    word = re.sub("[^a-z]", "", written[0].lower())
    return word if word in _dictionary() else written[0]


def _unless_known(written: re.Match[str]) -> str:
    """In small letters what is an abbreviation as it stands, so that `SpEd` is not read as two words."""
    word = written[0].lower()
    return word if word in _abbreviations() else written[0]


@cache
def _parts(word: str, least: int = 6) -> tuple[str, ...]:
    """The known words of which a heading without blanks is made: `studentid` is student and id; else the word itself."""
    known = _dictionary()
    if len(word) < least or word in known:
        return (word,)
    for cut in range(len(word) - 2, 1, -1):
        first, rest = word[:cut], word[cut:]
        if first in known and len(first) > 2:
            if rest == "of":  # `NameofInstitution`
                return (first, rest)
            whole = rest in known and (len(rest) > 2 or rest == "id" or rest in _abbreviations())
            parts = (rest,) if whole else _parts(rest, 4)
            if all(part in known for part in parts) and (whole or len(parts) > 1):
                return (first, *parts)
    return (word,)


@cache
def _dictionary() -> frozenset[str]:
    """Every word of the data."""
    words = {word for row in rows_of("headings.csv") for word in re.findall(r"[a-z]+", row["headings"])}
    words |= {
        word for row in rows_of("alike_words.csv") for word in re.findall(r"[a-z]+", " ".join(row.values()))
    }
    words |= _abbreviations().keys() | {word for role in ROLES.values() for word in role}
    return frozenset(word for word in words if len(word) > 1 and word not in LINKING)


@cache
def _abbreviations() -> Mapping[str, str]:
    return {row["word"]: row["means"] for row in rows_of("heading_words.csv")}


@cache
def alike(word: str) -> str:
    """The word that stands for all that may stand for each other: `withdrawal` is an end."""
    return ALIKE.get(word) or ALIKE.get(singular(word)) or singular(word)
