"""Words in names and addresses that standardization treats specially, and short forms of given names, English and Spanish.

William is Bill, José is Pepe, Francisco is Paco: `nicknames.csv` is ours; `nicknames_english.csv` is the table of the project "nicknames"
(see NOTICE). A short form may belong to several formal names (Alex). Sharing one does not make two formal names equal: Alexander and
Alexandra stay apart.
"""

import csv
import unicodedata
from functools import cache
from importlib.resources import files

# Words entered for an unknown name; a name with only such words counts as missing.
FAKE_NAMES = (
    "baby", "boy", "girl", "infant", "newborn", "child", "student", "unknown", "unk", "declined", "refused", "refuse", "none",
    "null", "na", "nn", "test", "xxx", "xx", "x", "mother", "father", "mom", "dad", "parent", "guardian", "noname",
    "name", "no", "not", "given", "provided", "missing", "same", "anonymous", "blank", "tbd", "desconocido", "desconocida",
    "resident", "inmate", "female", "male", "wife", "husband", "son", "daughter", "brother", "sister", "person", "client",
    "patient", "adult", "minor", "respondent", "twin", "hijo", "hija",
    "nino", "nina", "bebe", "man", "woman", "lady", "gentleman", "gentelman", "house", "householder", "hhm", "owner", "grandchild",
    "nephew", "niece", "uncle", "aunt", "cousin", "youngest", "oldest", "dau", "doh", "soh", "loh", "goh", "mrs", "mister", "anon",
    "doe", "friend", "roommate", "one", "two", "three", "four", "five", "last", "first", "the", "of", "casa", "hombre", "mujer",
    "senor", "senora", "apellido", "nombre", "familia", "sin",
    "mr", "ms", "miss", "gentlemen", "adult", "granddaughter", "grandson", "grandmother", "grandfather", "respondant", "in", "at",
    "home", "and", "household", "moh", "foh", "coh", "hh", "gent", "gentle", "kid", "dont", "know",
)  # fmt: skip
# Dates that programs write for an unknown date.
NO_BIRTHDATES = (
    "1900-01-01",
    "1901-01-01",
    "1970-01-01",
    "1800-01-01",
    "1111-11-11",
    "9999-12-31",
    "1899-12-30",
    "1904-01-01",
)
PARTICLES = ("de", "del", "la", "las", "los", "el", "y", "e", "da", "das", "do", "dos", "di", "du", "von", "van", "der",
             "den", "al", "bin")  # fmt: skip
SUFFIXES = ("jr", "sr", "ii", "iii", "iv", "junior", "senior")
STREET_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct",
    "boulevard": "blvd", "place": "pl", "circle": "cir", "terrace": "ter", "parkway": "pkwy", "highway": "hwy",
    "north": "n", "south": "s", "east": "e", "west": "w", "apartment": "apt", "unit": "apt", "suite": "apt", "no": "apt",
}  # fmt: skip
MISREAD = (
    "0134589",
    "oleasbg",
)  # digits in a name, and the letters that scanners or hasty writers confuse with them
# Soundex (Russell 1918): letters that sound alike have one number, 0 is a vowel, h and w are silent.
SOUNDS = ("bfpvcgjkqsxzdtlmnraeiouyhw", "111122222222334556000000")
# Systems whose numbers mean one person everywhere (CEDS option set of 001571).
WIDE_SYSTEMS = (
    "state",
    "ssn",
    "federal",
    "medicaid",
    "canadiansin",
    "nationalmigrant",
    "statemigrant",
    "birthcertificate",
    "linkagekey",  # given to each person by the steward, in linkage without names
)
# What programs write for an unknown school.
NO_SCHOOLS = ("unknown", "none", "n a", "na", "other", "not listed", "homeschool", "home school", "homeschooled", "out of district", "no school",
              "test", "0", "00", "000", "9999", "99999", "999999", "escuela", "ninguna", "otra")  # fmt: skip
COMMON_HOME = 24  # a street or telephone of more records than this (a shelter, an office) is not evidence
USUAL = {"first": 0.004, "surname": 0.003}  # the general chance that two people have the same name
SHRINK = 200  # the records that USUAL counts for in the frequency of a name
# A birth date or name in at least this many of a source's records, and in more than this share of them, is a placeholder.
FEW_ALIKE, MOST_ALIKE = 20, 0.02
CROWD = 2_000  # a name of more records than this is a placeholder too: comparing them all would take too long


TABLES = ("nicknames.csv", "nicknames_english.csv")


def folded(name: str) -> str:
    """The letters of a name, in lower case and without accents: "María José" is "mariajose"."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if letter.isalpha())


@cache
def formal_names() -> tuple[tuple[str, str], ...]:
    """Each (short form, formal name) pair of our table and of the English one, folded and sorted."""
    texts = (files(__package__).joinpath(name).read_text(encoding="utf-8") for name in TABLES)
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    return tuple(
        sorted({(folded(short), folded(row["formal"])) for row in rows for short in row["short"].split()})
    )
