"""What the records of one person have in common, pair by pair, in words: the same ladders that linkage climbs.

The engine works in memory alone, and what it says in an error is neither shown nor kept: it may hold a name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from throughway.identity.linkage.comparisons import COMPARISONS, Comparison
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
class Similarities:
    """What speaks for and against two records (record numbers) being one person."""

    one: int
    other: int
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def compare_records(tables: Mapping[str, pa.Table]) -> list[Similarities]:
    """Compares every two of a person's records, shown as linkage reads them (see `preparing.prepare`)."""
    try:
        with connection() as engine:
            prepare(engine, tables)
            columns = [row[0] for row in engine.execute("describe comparable").fetchall()]
            found = engine.execute(_question(columns)).fetchall()
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None
    return [_told(row) for row in found]


def _question(columns: Sequence[str]) -> str:
    """Every two records side by side, as the ladders' conditions read them, each on its rung."""
    ladders = ", ".join(_ladder(comparison) for comparison in COMPARISONS)
    sides = ", ".join(f"l.{n} as {n}_l, r.{n} as {n}_r" for n in columns if n != "person_record")
    return (
        f"with pair as (select l.person_record as one, r.person_record as other, {sides} from comparable l"
        f" join comparable r on l.unique_id < r.unique_id) select one, other, {ladders} from pair order by one, other"
    )


def _ladder(comparison: Comparison) -> str:
    rungs = " ".join(
        f"when {'true' if level.condition == 'else' else level.condition} then '{level.name}'"
        for level in comparison.levels
    )
    return f"case when {comparison.unknown} then null {rungs} end"


def _told(row: Sequence[object]) -> Similarities:
    said = [
        WORDS[comparison.name].get(str(level), "")
        for comparison, level in zip(COMPARISONS, row[2:], strict=True)
        if level is not None
    ]
    found = [words for words in said if words]
    against = tuple(words for words in found if words.startswith(AGAINST))
    return Similarities(
        int(str(row[0])), int(str(row[1])), tuple(w for w in found if w not in against), against
    )
