"""Short forms of given names, English and Spanish: William is Bill, José is Pepe, Francisco is Paco.

`nicknames.csv` is ours; `nicknames_english.csv` is the table of the project "nicknames" (see NOTICE).
A short form may belong to several formal names (Alex). Two formal names are never made equal by sharing one:
Alexander and Alexandra stay apart.
"""

import csv
import unicodedata
from functools import cache
from importlib.resources import files

TABLES = ("nicknames.csv", "nicknames_english.csv")


def folded(name: str) -> str:
    """The letters of a name alone, small and without accents: "María José" is "mariajose"."""
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
