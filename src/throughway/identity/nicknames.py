"""Short forms of given names, English and Spanish: William is Bill, José is Pepe, Francisco is Paco.

A short form may belong to several formal names (Alex). Two formal names are never made equal by sharing one:
Alexander and Alexandra stay apart.
"""

import csv
import unicodedata
from functools import cache
from importlib.resources import files


def folded(name: str) -> str:
    """The letters of a name alone, small and without accents: "María José" is "mariajose"."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if letter.isalpha())


@cache
def formal_names() -> tuple[tuple[str, str], ...]:
    """Each (short form, formal name) pair of `nicknames.csv`, folded and sorted."""
    text = files(__package__).joinpath("nicknames.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return tuple(
        sorted({(folded(short), folded(row["formal"])) for row in rows for short in row["short"].split()})
    )
