"""What speaks for and against two records being one person, in words: the same ladders that linkage climbs.

The engine works in memory alone, and what it says in an error is neither shown nor kept: it may hold a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from throughway.identity.linkage.candidate_pairs import record_numbers
from throughway.identity.linkage.comparison_levels import levels_of_pairs
from throughway.identity.linkage.comparisons import level_names
from throughway.identity.linkage.standardization import connection, prepare

# comparison → level → what a person would say; a level that is not here says nothing.
WORDS: Mapping[str, Mapping[str, str]] = {
    "first": {
        "same": "the same first name",
        "swapped": "first name and surname swapped",
        "formal": "a short form, or a part, of one first name",
        "misspelled": "a first name spelled almost alike",
        "close": "first names almost alike",
        "middle": "one's first name is the other's middle name",
        "alike": "first names somewhat alike",
        "another of one home": "another first name, and a birth date that two of one address have",
        "another name": "another first name",
        "different": "different first names",
    },
    "family": {
        "same, one home": "the same surname, with one address, telephone or guardian",
        "partly, one home": "surnames that share a part, with one address, telephone or guardian",
        "other, one home": "one address, telephone or guardian, other surnames",
        "same": "the same surname",
        "partly": "surnames that share a part",
        "close": "surnames almost alike",
        "other": "different surnames",
        "same, moved": "the same surname, another address",
        "partly, moved": "surnames that share a part, another address",
        "close, moved": "surnames almost alike, another address",
        "other, moved": "different surnames, another address",
    },
    "birth": {
        "same": "the same birth date",
        "day and month swapped": "the same birth date with day and month swapped",
        "one digit": "birth dates one digit apart",
        "one part": "birth dates that share two parts of three",
        "two digits": "birth dates two digits apart",
        "of a housemate": "different birth dates, of which one is a housemate's too",
        "different": "different birth dates",
    },
    "sex": {"different": "another sex"},
    "middle": {
        "same": "the same middle name",
        "rare initial": "a middle name, or its initial, that few have",
        "initial": "a middle name and its initial",
        "different": "different middle names",
    },
    "email": {"same": "the same e-mail address"},
    "identifier": {
        "same, statewide": "the same statewide number",
        "same, local": "the same local number",
        "different, statewide": "different statewide numbers",
    },
    "school": {"same": "the same school in the same year", "another": "another school in the same year"},
    "class": {
        "same": "a grade that fits",
        "next": "another grade, a year apart",
        "another": "another grade, two years apart or more",
    },
}
AGAINST = ("different", "other", "another")


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against two records being one person, in words."""

    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


@dataclass(frozen=True)
class Similarities(Evidence):
    """The evidence on the records of these numbers."""

    one: int
    other: int


def evidence(levels: Mapping[str, str]) -> Evidence:
    """The evidence of one pair, from the level (by name) that it stands on in each comparison. A level without words says nothing."""
    said = [words for name, level in levels.items() if (words := WORDS.get(name, {}).get(level, ""))]
    against = tuple(words for words in said if words.startswith(AGAINST))
    return Evidence(tuple(words for words in said if words not in against), against)


def compare_records(tables: Mapping[str, pa.Table]) -> list[Similarities]:
    """Compares every two of a person's records, shown as linkage reads them (see `standardization.prepare`)."""
    try:
        with connection() as engine:
            count = prepare(engine, tables)
            asked = "select person_record from comparable order by unique_id"
            numbers = record_numbers(engine.execute(asked).to_arrow_table()).tolist()
            left, right = np.triu_indices(count, k=1)
            rungs = levels_of_pairs(engine, "comparable", left, right)
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None
    pairs = zip(left.tolist(), right.tolist(), map(level_names, rungs.tolist()), strict=True)
    return [
        Similarities(**vars(evidence(levels)), one=numbers[one], other=numbers[other])
        for one, other, levels in pairs
    ]
